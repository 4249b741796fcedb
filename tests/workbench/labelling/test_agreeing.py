"""Do the people of a campaign agree: classes, people, ranges, disputes, one labeller, edited classes, real labels."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from cueline.errors import OptionError, StoreError, TimelineError
from cueline.evaluation.agreement import krippendorff_alpha
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, clip_id
from cueline.timeline.spans import Span
from cueline.workbench.labelling.agreeing import agreement, chosen_classes
from cueline.workbench.library import Library

VERDICTS = {1: "yes", 0: "no", -1: "skipped", -2: "unsure"}


@pytest.fixture
def library(tmp_path):
    with LibraryStore(tmp_path / "clips.cue", create=True):
        pass
    return Library(tmp_path / "clips.cue")


def ask(library, *classes, exclusive=False):
    with library.answers() as book:
        for name in classes:
            book.put(LabelClass(name, "as it sounds"))
        book.put(Campaign("weather", classes, exclusive=exclusive))


def say(library, table, label="rain", people=("ann", "bob", "eve"), **more):
    """Keep a table of verdicts: a row a clip, a column a person."""
    said = []
    with library.answers() as book:
        for row, verdicts in enumerate(table):
            name = f"https://example.org/film{row // 5}/clip{row}.mp4"
            book.put_clips(Clip(clip_id(name), name, groups={"film": f"film{row // 5}"}))
            said += [
                Answer(clip_id(name), label, VERDICTS[verdict], who, campaign="weather", **more)
                for who, verdict in zip(people, verdicts, strict=True)
                if verdict is not None
            ]
        book.add(*said)
    return said


class TestClasses:
    def test_three_who_say_the_same_agree(self, library):
        ask(library, "rain")
        say(library, [[1, 1, 1], [0, 0, 0]] * 10)
        found = agreement(library, "weather")
        (rain,) = found.classes
        assert (rain.people, rain.judged, rain.shared, rain.base, rain.why) == (3, 20, 20, 0.5, "")
        assert (rain.percent, rain.fleiss, rain.alpha.value) == (1, 1, 1)
        assert math.isnan(rain.cohen)  # of two people only
        assert (found.items, found.groups, found.answers, found.disputes) == (20, 4, 60, 0)
        assert "only 4 groups" in rain.alpha.note

    def test_two_have_a_kappa_of_their_own(self, library):
        ask(library, "rain")
        say(library, [[1, 1], [1, 0], [0, 0], [0, 0]] * 5, people=("ann", "bob"))
        (rain,) = agreement(library, "weather").classes
        assert rain.cohen == pytest.approx(0.5)
        assert rain.pairs[0].kappa == pytest.approx(0.5)

    def test_who_cannot_say_does_not_judge_and_is_counted(self, library):
        ask(library, "rain")
        say(library, [[1, 1, -2], [0, 0, -1], [1, -2, 0]])
        (rain,) = agreement(library, "weather").classes
        assert (rain.unsure, rain.judged, rain.shared) == (2, 3, 3)
        assert rain.alpha.value == pytest.approx(krippendorff_alpha([[1, 1, -1], [0, 0, -1], [1, -1, 0]]))
        assert (rain.meanings.yes, rain.meanings.no, rain.meanings.tied) == (1, 1, 1)

    def test_fleiss_is_told_where_it_is_defined_alone(self, library):
        ask(library, "rain")
        say(library, [[1, 1, 1], [0, 1, None], [0, None, None]])
        (rain,) = agreement(library, "weather").classes
        assert math.isnan(rain.fleiss)
        assert not math.isnan(rain.alpha.value)

    def test_one_class_can_be_looked_at_alone(self, library):
        ask(library, "rain", "snow")
        say(library, [[1, 1, 1]])
        say(library, [[1, 0, 1]], "snow")
        found = agreement(library, "weather", classes=["snow"])
        assert [each.name for each in found.classes] == ["snow"]
        assert found.answers == 3

    def test_where_all_say_the_same_alpha_is_not_known(self, library):
        ask(library, "rain")
        say(library, [[0, 0, 0]] * 12)
        (rain,) = agreement(library, "weather").classes
        assert math.isnan(rain.alpha.value)
        assert rain.percent == 1
        assert rain.meanings.uncertain == 0


class TestWhy:
    def test_one_labeller_is_told_plainly(self, library):
        ask(library, "rain")
        say(library, [[1], [0]], people=("ann",))
        found = agreement(library, "weather")
        assert found.why == "only ann has judged: agreement takes two people"
        assert found.classes[0].why == found.why
        assert math.isnan(found.classes[0].alpha.value)
        assert found.classes[0].meanings.uncertain is None
        assert math.isnan(found.people[0].sensitivity)

    def test_people_who_share_no_item_cannot_be_compared(self, library):
        ask(library, "rain")
        say(library, [[1, None], [None, 0]], people=("ann", "bob"))
        assert agreement(library, "weather").why == "2 people have judged, but never the same item"

    def test_no_answer_is_no_error(self, library):
        ask(library, "rain")
        found = agreement(library, "weather")
        assert found.why == "nobody has judged anything yet"
        assert (found.items, found.people) == (0, ())

    def test_who_only_skips_has_not_judged(self, library):
        ask(library, "rain")
        say(library, [[-1, 1]], people=("ann", "bob"))
        found = agreement(library, "weather")
        assert found.why == "only bob has judged: agreement takes two people"
        assert [(each.name, each.skipped) for each in found.people] == [("ann", 1), ("bob", 0)]


class TestPeople:
    def test_one_who_guesses_is_seen(self, library):
        ask(library, "rain")
        dice = np.random.default_rng(0)
        truth = (dice.random(200) < 0.3).astype(int)
        guesses = dice.integers(0, 2, 200)
        say(library, np.column_stack((truth, truth, guesses)).tolist())
        ann, bob, eve = agreement(library, "weather").people
        assert min(ann.sensitivity, ann.specificity, bob.sensitivity, bob.specificity) > 0.9
        assert max(eve.sensitivity, eve.specificity) < 0.7
        assert eve.percent < 0.6 < ann.percent
        assert eve.classes["rain"].alpha_without == 1

    def test_the_last_answer_of_a_person_counts_and_one_taken_back_does_not(self, library):
        ask(library, "rain")
        first = say(library, [[1, 0]], people=("ann", "bob"))
        say(library, [[0]], people=("ann",))
        found = agreement(library, "weather")
        assert (found.answers, found.classes[0].percent) == (2, 1)
        with library.answers() as book:
            book.add(replace(first[1], id="undo", undoes=first[1].id))
        assert agreement(library, "weather").why == "only ann has judged: agreement takes two people"


class TestDisputes:
    def test_the_most_evenly_split_come_first(self, library):
        ask(library, "rain")
        say(library, [[1, 1, 1], [1, 0, 1], [1, 0, -2], [0, 0, 0]])
        found = agreement(library, "weather")
        assert [each.name[-9:] for each in found.disputed] == ["clip2.mp4", "clip1.mp4"]
        first = found.disputed[0]
        assert (first.yes, first.no, first.unsure, first.label) == (("ann",), ("bob",), ("eve",), "rain")
        assert 0 < first.chance < 1

    def test_no_more_than_asked_are_named_and_all_are_counted(self, library):
        ask(library, "rain")
        say(library, [[1, 0, 1]] * 9)
        found = agreement(library, "weather", most=4)
        assert (len(found.disputed), found.disputes) == (4, 9)


class TestExclusive:
    def test_which_class_it_is_has_one_alpha(self, library):
        ask(library, "rain", "snow", exclusive=True)
        say(library, [[1, 1], [0, 0], [0, 1], [0, 0]] * 5, "rain", people=("ann", "bob"))
        say(library, [[0, 0], [1, 1], [1, 0], [0, 0]] * 5, "snow", people=("ann", "bob"))
        found = agreement(library, "weather")
        assert found.exclusive.value == pytest.approx(krippendorff_alpha([[0, 0], [1, 1], [1, 0], [2, 2]] * 5))

    def test_a_campaign_of_several_right_classes_has_none(self, library):
        ask(library, "rain", "snow")
        assert agreement(library, "weather").exclusive is None

    def test_who_says_yes_to_two_classes_contradicts_themselves_and_is_told(self, library):
        ask(library, "rain", "snow", exclusive=True)
        say(library, [[1, 1], [0, 0]], "rain", people=("ann", "bob"))
        say(library, [[1, 0], [1, 1]], "snow", people=("ann", "bob"))
        assert "1 times one person said yes to several classes" in agreement(library, "weather").notes[0]

    def test_what_is_not_said_of_all_classes_is_missing(self):
        table = np.array([[[1, 0, 0, 1], [0, 0, -1, 1]]], np.int8)
        chosen, contradictory = chosen_classes(table)
        assert chosen.tolist() == [[0, 2, -1, -1]]
        assert contradictory == 1


class TestRanges:
    def mark(self, library, who, *ends, label="rain", verdict="yes"):
        with library.answers() as book:
            book.put_clips(Clip("film", "film.mp4"))
            book.add(*(Answer("film", label, verdict, who, Span(*pair), campaign="weather") for pair in ends))

    def test_ranges_are_paired_by_overlap(self, library):
        ask(library, "rain")
        self.mark(library, "ann", (0.0, 10.0), (20.0, 30.0))
        self.mark(library, "bob", (1.0, 10.0))
        (found,) = agreement(library, "weather").ranges
        assert (found.label, found.first, found.second, found.assets) == ("rain", "ann", "bob", 1)
        assert (found.found.scores.precision, found.found.scores.recall, found.found.mean_iou) == (1, 0.5, 0.9)
        (strict,) = agreement(library, "weather", iou=0.95).ranges
        assert strict.found.scores.matched == 0

    def test_who_never_looked_at_an_asset_is_not_measured_there(self, library):
        ask(library, "rain", "snow")
        self.mark(library, "ann", (0.0, 10.0))
        assert agreement(library, "weather").ranges == ()
        self.mark(library, "bob", (2.0, 3.0), label="snow")
        rain, snow = agreement(library, "weather").ranges
        assert (rain.found.scores.recall, snow.found.scores.precision) == (0, 0)

    def test_who_says_that_the_whole_has_none_has_looked(self, library):
        ask(library, "rain")
        self.mark(library, "ann", (0.0, 10.0))
        with library.answers() as book:
            book.add(Answer("film", "rain", "no", "bob", campaign="weather"))
        (found,) = agreement(library, "weather").ranges
        assert (found.found.scores.reference, found.found.scores.estimated) == (1, 0)

    def test_a_limit_that_cannot_be_is_refused(self, library):
        ask(library, "rain")
        with pytest.raises(TimelineError, match="above 0 and at most at 1, got 0"):
            agreement(library, "weather", iou=0)


class TestOdd:
    def test_answers_about_an_older_version_of_a_class_are_told(self, library):
        ask(library, "rain")
        say(library, [[1, 1, 1], [0, 0, 1]], label_version=1)
        with library.answers() as book:
            book.put(LabelClass("rain", "water that falls and is seen"))
        say(library, [[1, None, None]], label_version=2)
        found = agreement(library, "weather")
        assert found.classes[0].older == 5
        assert found.notes[0].startswith("rain: 5 answers are about an older version of the class")

    def test_answers_about_a_class_that_is_no_longer_asked_are_told(self, library):
        ask(library, "rain", "snow")
        say(library, [[1, 1, 1]], "snow")
        ask(library, "rain")
        found = agreement(library, "weather")
        assert found.notes == ("snow: 3 answers do not count, for the campaign does not ask about this class any more",)
        assert found.items == 0

    def test_answers_of_other_campaigns_take_no_part(self, library):
        ask(library, "rain")
        (said, *_) = say(library, [[1, 1, 1]])
        with library.answers() as book:
            book.add(replace(said, id="other", campaign="", verdict="no"))
        assert agreement(library, "weather").classes[0].percent == 1

    def test_what_is_unknown_is_refused_with_the_near_miss(self, library):
        ask(library, "rain")
        with pytest.raises(OptionError, match="asks about rain, got the class 'rains'. Did you mean 'rain'"):
            agreement(library, "weather", classes=["rains"])
        with pytest.raises(StoreError, match="no campaign 'wether'.*Did you mean 'weather'"):
            agreement(library, "wether")


def expected_alpha(base, rate):
    """Alpha of one who is right and two who flip each answer with some rate."""
    same = (2 * (1 - rate) + (1 - rate) ** 2 + rate**2) / 3
    flipped = base * (1 - rate) + (1 - base) * rate
    yes = (base + 2 * flipped) / 3
    return 1 - (1 - same) / (2 * yes * (1 - yes))


class TestRealLabels:
    @pytest.mark.parametrize("rate", [0.02, 0.1, 0.3])
    def test_alpha_falls_as_labels_are_flipped(self, real_data, library, rate):
        clips = json.loads((real_data / "contextual" / "labels.json").read_text())
        classes = sorted({name for clip in clips for name in clip["labels"]})
        dice = np.random.default_rng(0)
        ask(library, *classes)
        truth = np.array([[name in clip["labels"] for name in classes] for clip in clips])
        people = {
            who: truth ^ (dice.random(truth.shape) < flips) for who, flips in (("a", 0), ("b", rate), ("c", rate))
        }
        named = {clip["data"]: re.sub(r"-\d+-of-\d+\.\w+$", "", clip["data"]) for clip in clips}
        with library.answers() as book:
            book.put_clips(*(Clip(clip_id(name), name, groups={"video": video}) for name, video in named.items()))
            book.add(
                *(
                    Answer(clip_id(clip["data"]), name, "yes" if said[row, column] else "no", who, campaign="weather")
                    for who, said in people.items()
                    for row, clip in enumerate(clips)
                    for column, name in enumerate(classes)
                )
            )
        found = agreement(library, "weather", resamples=200)
        assert found.items == len(named)
        assert 10 < found.groups < 200
        for column, each in enumerate(found.classes):
            value = expected_alpha(truth[:, column].mean(), rate)
            assert each.alpha.value == pytest.approx(value, abs=0.05)
            assert each.alpha.low < each.alpha.value < each.alpha.high
            ends = found.people[1].classes[each.name]
            assert ends.specificity == pytest.approx(1 - rate, abs=0.05)
        assert [person.name for person in found.people] == ["a", "b", "c"]
        assert found.people[0].percent > found.people[1].percent
