"""Simulations: parted the same always, the same numbers however they are run, and nothing lost when one is ended."""

import json
import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from cueline.errors import CuelineError, FormatError, OptionError, StoreError
from cueline.learning.active.schedules import Adaptive, Sizes
from cueline.learning.active.strategies import STRATEGIES
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, LabelClass
from cueline.timeline.examples import Examples, LabelLists
from cueline.timeline.spans import Span
from cueline.workbench.library import Library
from cueline.workbench.simulating import Choice, simulate, strategies_of
from cueline.workbench.simulating_material import material_of_files, material_of_library, parted
from cueline.workbench.simulating_runs import RUNS
from tests.workbench.library_of_looks import RED, SNOW, keep, looks, shots

SIZES = Sizes((5, 10))
FIRST, SECOND = Span(0.0, 3.0), Span(3.0, 6.0)


@dataclass(frozen=True)
class Breaks:
    """A strategy that breaks on one class of the three."""

    name: ClassVar[str] = "breaks"
    when: float = 0.3

    def study(self, values, *, seed):
        return self

    def choose(self, known, count, rng):
        if (known.answers == 1).mean() < self.when:
            raise RuntimeError("it broke")
        return known.open[:count]


@dataclass(frozen=True)
class Blind:
    name: ClassVar[str] = "blind"

    def study(self, values, *, seed):
        raise ValueError("it sees nothing")


@dataclass(frozen=True)
class Ends:
    """A person who presses Ctrl-C in the second run."""

    name: ClassVar[str] = "ends"

    def study(self, values, *, seed):
        if seed == 1:
            raise KeyboardInterrupt
        return strategies_of(["random"])["random"]


def rows(count=300, classes=3, seed=0):
    rng = np.random.default_rng(seed)
    flags = rng.random((count, classes)) < [0.5, 0.2, 0.1][:classes]
    values = rng.normal(size=(count, 6)) + flags @ np.random.default_rng(9).normal(scale=2, size=(classes, 6))
    return values.astype(np.float32), flags


def examples(**options):
    values, flags = rows(**options)
    return Examples(values, LabelLists.of_flags(flags), classes=("cat", "dog", "owl"))


@pytest.fixture
def material():
    return parted(examples(), [], title="tiny")


def played(material, names=("random", "margin"), *, out=None, jobs=1, strategies=None, told=None, **options):
    choice = Choice(**({"budget": 40, "schedule": SIZES, "seeds": 2} | options))
    chosen = strategies or strategies_of(list(names))
    extra = {"told": told} if told else {}
    return simulate(material, chosen, choice, out=out, jobs=jobs, **extra)


def numbers(race):
    """Everything but times."""
    values = race.to_json()
    return {name: values[name] for name in ("classes", "curves", "areas", "reach")}


class TestMaterial:
    def test_the_test_set_is_the_same_whatever_is_simulated(self, material):
        one = parted(examples(), ["owl"], title="tiny")
        np.testing.assert_array_equal(one.test, material.test)
        assert len(material.test) == pytest.approx(75, abs=8)
        assert repr(material).endswith("3 classes)")

    def test_groups_stay_whole(self):
        groups = np.arange(300) // 10
        values, flags = rows()
        found = parted(Examples(values, LabelLists.of_flags(flags), groups=groups), ["0"], title="tiny")
        assert not set(groups[found.pool]) & set(groups[found.test])

    def test_a_class_without_positives_is_left_out_and_the_others_go_on(self):
        values, flags = rows()
        flags[:, 1] = False
        flags[:, 2] = np.arange(300) == 7
        found = parted(Examples(values, LabelLists.of_flags(flags), classes=("cat", "dog", "owl")), [], title="tiny")
        assert [entrant.name for entrant in found.entrants] == ["cat"]
        assert found.notes[0] == "dog is left out: it has 0 positives, and none of them is in the pool or the test set."
        assert found.notes[1].startswith("owl is left out: it has 1 positive in 1 group, and none of them is in the ")
        assert found.answers.shape == (300, 1)

    def test_a_class_that_all_have_is_left_out(self):
        values, flags = rows()
        flags[:, 0] = True
        found = parted(Examples(values, LabelLists.of_flags(flags)), ["0", "1"], title="tiny")
        assert found.notes == (
            "class 0 is left out: it has 0 negatives, and none of them is in the pool or the test set.",
        )

    def test_rows_that_nobody_judged_are_left_out_and_counted(self):
        values, flags = rows()
        silent = np.zeros_like(flags)
        silent[:40] = True
        flags &= ~silent
        found = parted(
            Examples(values, LabelLists.of_flags(flags), LabelLists.of_flags(silent)), ["0", "1"], title="tiny"
        )
        assert min(found.pool.min(), found.test.min()) >= 40
        assert found.notes == ("40 rows are left out: nobody judged any of the classes.",)

    def test_of_exclusive_classes_rows_with_none_or_several_are_left_out(self):
        found = parted(examples(), [], title="tiny", exclusive=True)
        _, flags = rows()
        other = np.count_nonzero(flags.sum(axis=1) != 1)
        assert f"{other} rows are left out: they have none or several of the classes" in found.notes[0]
        assert len(found.pool) + len(found.test) == 300 - other

    @pytest.mark.parametrize(
        ("classes", "message"),
        [
            (["3"], "classes are numbered from 0 to 2, got 3"),
            (["dogg"], r"no class is called 'dogg'\. Did you mean 'dog'\?"),
            (["dog", "1"], "each class is simulated once, got '1' twice"),
        ],
    )
    def test_classes_that_are_not_there(self, classes, message):
        with pytest.raises(OptionError, match=message):
            parted(examples(), classes, title="tiny")

    def test_names_need_a_vocabulary(self):
        values, flags = rows()
        with pytest.raises(OptionError, match=r"Name classes by number, or give --vocabulary\."):
            parted(Examples(values, LabelLists.of_flags(flags)), ["dog"], title="tiny")

    def test_many_classes_must_be_named(self):
        with pytest.raises(OptionError, match="there are 50 classes; name those to simulate"):
            parted(Examples(np.ones((9, 2)), LabelLists.none(9, width=50)), [], title="tiny")

    def test_one_group_cannot_be_parted(self):
        values, flags = rows()
        with pytest.raises(OptionError, match="a split needs 2 groups or more, got 1"):
            parted(Examples(values, LabelLists.of_flags(flags), groups=np.zeros(300, int)), [], title="tiny")

    def test_no_class_left_is_an_error_that_says_why(self):
        with pytest.raises(OptionError, match=r"no class can be simulated\. cat is left out: it has 0 positives"):
            parted(Examples(rows()[0], LabelLists.none(300, width=1), classes=("cat",)), [], title="tiny")


class TestFiles:
    @pytest.fixture
    def files(self, tmp_path):
        values, flags = rows()
        np.save(tmp_path / "f.npy", values)
        np.save(tmp_path / "l.npy", flags)
        np.save(tmp_path / "g.npy", np.arange(300) // 3)
        return tmp_path

    def test_features_labels_and_groups(self, files):
        found = material_of_files(files / "f.npy", files / "l.npy", classes=["2"], groups=files / "g.npy")
        assert found.title == "f.npy"
        assert found.entrants[0].number == 2
        assert found.entrants[0].name == "class 2"
        assert len(np.unique(found.examples.groups)) == 100

    def test_lists_of_labels(self, files):
        labels = LabelLists.of_flags(rows()[1])
        np.savez(files / "l.npz", label_offsets=labels.offsets, label_ids=labels.ids)
        first = material_of_files(files / "f.npy", files / "l.npz", classes=["0", "1"])
        second = material_of_files(files / "f.npy", files / "l.npy", classes=["0", "1"])
        np.testing.assert_array_equal(first.answers, second.answers)

    def test_a_feature_that_is_no_number_is_named(self, files):
        values = rows()[0].copy()
        values[17, 3] = np.nan
        np.save(files / "f.npy", values)
        with pytest.raises(FormatError, match="got nan in row 17, column 3"):
            material_of_files(files / "f.npy", files / "l.npy", classes=[])

    def test_features_and_labels_of_different_length(self, files):
        np.save(files / "l.npy", rows()[1][:-1])
        with pytest.raises(FormatError, match="299"):
            material_of_files(files / "f.npy", files / "l.npy", classes=[])

    def test_a_file_that_is_not_there(self, files):
        with pytest.raises((FormatError, OSError), match=r"nothing\.npy"):
            material_of_files(files / "nothing.npy", files / "l.npy", classes=[])


class TestSimulate:
    def test_every_class_strategy_and_seed_is_played(self, material):
        race = played(material)
        assert [contest.name for contest in race.contests] == ["cat", "dog", "owl"]
        assert all([racer.seeds for racer in contest.racers] == [2, 2] for contest in race.contests)
        assert race.baseline == "random"
        assert not race.failed
        assert all(seconds > 0 for seconds in race.query_seconds.values())
        assert race.contests[0].racers[0].curve.x.tolist() == [6, 11, 21, 31, 40]
        assert "With 2 seeds intervals are wide or missing" in race.notes[0]

    def test_processes_give_the_same_numbers_as_one(self, material):
        assert numbers(played(material, jobs=2)) == numbers(played(material, jobs=1))

    def test_an_ended_run_goes_on_where_it_was_and_gives_the_same_numbers(self, material, tmp_path):
        names = {"random": strategies_of(["random"])["random"], "ends": Ends()}
        with pytest.raises(KeyboardInterrupt):
            played(material, strategies=names, out=tmp_path, seeds=3)
        before = (tmp_path / RUNS).read_text().splitlines()
        assert len(before) == 9
        assert sorted(path.name for path in tmp_path.iterdir()) == [RUNS]
        heard = []
        resumed = played(
            material, ["random"], out=tmp_path, seeds=3, told=lambda done, total: heard.append((done, total))
        )
        assert heard[0] == (6, 9)
        assert len((tmp_path / RUNS).read_text().splitlines()) == len(before) + 3
        assert numbers(resumed) == numbers(played(material, ["random"], seeds=3))

    def test_nothing_is_played_twice(self, material, tmp_path):
        first = played(material, out=tmp_path)
        size = (tmp_path / RUNS).stat().st_size
        second = played(material, out=tmp_path)
        assert (tmp_path / RUNS).stat().st_size == size
        assert numbers(first) == numbers(second)
        assert first.query_seconds == second.query_seconds

    @pytest.mark.parametrize(
        "other", [{"budget": 35}, {"start": 7}, {"positives": 2}, {"schedule": Sizes((7,))}, {"components": 3}]
    )
    def test_another_plan_is_played_anew(self, material, tmp_path, other):
        played(material, ["random"], out=tmp_path, seeds=1)
        played(material, ["random"], out=tmp_path, **{"seeds": 1, **other})
        assert len((tmp_path / RUNS).read_text().splitlines()) == 6

    def test_a_line_that_was_cut_off_is_played_again(self, material, tmp_path):
        first = played(material, ["random"], out=tmp_path)
        whole = (tmp_path / RUNS).read_bytes()
        (tmp_path / RUNS).write_bytes(whole[:-40])
        assert numbers(played(material, ["random"], out=tmp_path)) == numbers(first)
        assert len([json.loads(line) for line in (tmp_path / RUNS).read_text().splitlines()]) == 6

    def test_a_file_of_something_else_is_refused(self, material, tmp_path):
        (tmp_path / RUNS).write_text('{"key": "a"}\n[1]\n')
        with pytest.raises(FormatError, match=r"runs\.jsonl' must be a run with its key, got another thing in line 2"):
            played(material, out=tmp_path)

    def test_a_place_where_no_folder_can_be_is_refused(self, material, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(CuelineError, match="runs are kept in a folder, got"):
            played(material, out=tmp_path / "file" / "folder")

    def test_a_contest_that_fails_is_told_and_the_rest_goes_on(self, material, tmp_path):
        names = {"random": strategies_of(["random"])["random"], "breaks": Breaks(), "blind": Blind()}
        race = played(material, strategies=names, out=tmp_path, seeds=1)
        assert [len(contest.racers) for contest in race.contests] == [1, 1, 1]
        assert {(each["strategy"], each["class"]) for each in race.failed} == {
            (name, number) for name in ("breaks", "blind") for number in range(3)
        }
        assert race.failed[0]["reason"].startswith("RuntimeError: it broke (")
        assert race.notes[-1].startswith("6 of the runs failed, first: breaks, RuntimeError: it broke")
        assert len((tmp_path / RUNS).read_text().splitlines()) == 3

    def test_a_process_that_cannot_play_costs_its_own_game(self, material):
        names = {"random": strategies_of(["random"])["random"], "local": type("Local", (), {})()}
        race = played(material, strategies=names, jobs=2, seeds=1)
        assert {each["strategy"] for each in race.failed} == {"local"}
        assert all(len(contest.racers) == 1 for contest in race.contests)

    def test_without_chance_nothing_is_compared(self, material):
        race = played(material, ["margin"])
        assert race.baseline == ""
        assert "Nothing is compared: random is not among the strategies." in race.notes
        assert math.isnan(race.contests[0].target)

    def test_one_question_for_all_classes_gives_the_mean_first(self, material):
        race = played(material, together=True)
        assert [contest.name for contest in race.contests] == ["mean of 3 classes", "cat", "dog", "owl"]
        assert race.contests[0].number is None
        assert race.contests[0].racers[0].curve.x[0] == 5 + 3
        each = [contest.racers[0].curve.y for contest in race.contests[1:]]
        np.testing.assert_allclose(race.contests[0].racers[0].curve.y, np.mean(each, axis=0))
        assert race.to_json()["curves"][0]["class"] is None

    def test_exclusive_classes_have_f1_and_accuracy_too(self):
        material = parted(examples(), [], title="tiny", exclusive=True)
        race = played(material, together=True, exclusive=True)
        assert [contest.measure for contest in race.contests[:3]] == ["average precision", "macro F1", "accuracy"]
        assert race.contests[2].base_rate == max(entrant.base_rate for entrant in material.entrants)

    def test_an_adaptive_schedule_is_read_off_on_one_grid(self, material):
        race = played(material, schedule=Adaptive(), budget=100)
        curve = race.contests[0].racers[0].curve
        assert curve.x[-1] == 100
        assert np.isfinite(curve.y).all()

    def test_doubts_are_told(self, material):
        race = played(material, positives=0)
        assert any(note.startswith("Few positives in the test set") for note in race.notes)
        assert any(note.startswith("Runs begin without a known positive") for note in race.notes)

    @pytest.mark.parametrize("budget", [5, 299])
    def test_a_budget_beyond_the_pool_is_refused(self, material, budget):
        with pytest.raises(
            OptionError, match=rf"6 labels that a run begins with and the .* rows of the pool, got {budget}"
        ):
            played(material, budget=budget)

    def test_choices_that_cannot_be(self):
        with pytest.raises(OptionError, match="a simulation needs 1 seed or more, got 0"):
            Choice(40, SIZES, seeds=0)
        with pytest.raises(OptionError, match="add --together to --exclusive"):
            Choice(40, SIZES, exclusive=True)


class TestLibrary:
    @pytest.fixture
    def library(self, tmp_path):
        """Thirty films of two shots, red and of snow, and what one person said of most of them."""
        store = LibraryStore(tmp_path / "films.cue", create=True)
        names = [f"film{number}" for number in range(30)]
        for number, name in enumerate(names):
            keep(store, name, looks(RED, SNOW, seed=number), cuts=shots(2))
        keep(store, "blank", cuts=shots(2))
        store.close()
        library = Library(tmp_path / "films.cue")
        with library.answers() as book:
            for thing in (LabelClass("red"), LabelClass("snow"), Campaign("colours", ("red", "snow"))):
                book.put(thing)
            book.add(
                *(
                    Answer(
                        name,
                        label,
                        "yes" if (label == "red") == (span == FIRST) else "no",
                        "ann",
                        span=span,
                        campaign="colours",
                    )
                    for name in [*names, "blank"]
                    for span in (FIRST, SECOND)
                    for label in ("red", "snow")
                    if (name, label) != ("film3", "snow")
                )
            )
        return library

    def test_a_campaign_is_played_on_the_tracks_of_its_clips(self, library):
        material = material_of_library(library, "colours", ["looks"])
        assert material.title == "colours in films.cue"
        assert [entrant.name for entrant in material.entrants] == ["red", "snow"]
        assert len(material.pool) + len(material.test) == 60
        assert material.notes[0].startswith("blank")
        assert not set(material.examples.groups[material.pool]) & set(material.examples.groups[material.test])
        race = played(material, budget=20)
        assert not race.failed
        assert race.contests[0].target > 0.9

    def test_a_campaign_that_is_not_there(self, library):
        with pytest.raises(StoreError, match="colour"):
            material_of_library(library, "colour", ["looks"])


class TestStrategies:
    def test_all_of_them(self):
        assert list(strategies_of(["all"])) == list(strategies_of([])) == list(STRATEGIES)

    def test_those_that_know_of_exclusive_classes_are_told(self):
        found = strategies_of(["margin", "random"], exclusive=True)
        assert found["margin"].exclusive
        assert not strategies_of(["margin"])["margin"].exclusive

    def test_a_misspelt_one(self):
        with pytest.raises(OptionError, match=r"got 'margins'\. ?Did you mean 'margin'\?"):
            strategies_of(["random", "margins"])

    @pytest.mark.parametrize("name", list(STRATEGIES))
    def test_each_can_be_played(self, material, name):
        race = played(material, [name], seeds=1, budget=30)
        assert not race.failed, race.failed
