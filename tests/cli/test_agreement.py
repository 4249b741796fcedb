"""Whether people agree, and what their answers amount to, from the command line."""

import json

import pytest

from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass
from cueline.timeline.spans import Span


@pytest.fixture
def library(tmp_path):
    with LibraryStore(tmp_path / "clips.cue", create=True):
        pass
    with AnswerBook(tmp_path / "clips.cue") as book:
        book.put(LabelClass("rain"))
        book.put(LabelClass("snow"))
        book.put(Campaign("weather", ("rain", "snow"), exclusive=True))
        book.put_clips(*(Clip(f"c{i}", f"clip{i}.mp4", groups={"film": f"film{i // 2}"}) for i in range(24)))
    return tmp_path / "clips.cue"


def say(library, who, verdicts, label="rain", span=None):
    with AnswerBook(library) as book:
        book.add(*(Answer(f"c{i}", label, said, who, span, campaign="weather") for i, said in enumerate(verdicts)))


TRUTH = ["yes", "no", "no", "yes", "no", "no"] * 4


class TestAgreement:
    def test_people_who_agree_and_one_who_does_not(self, cueline, library):
        say(library, "ann", TRUTH)
        say(library, "bob", TRUTH)
        say(library, "eve", ["no", "yes"] * 12)
        code, out, err = cueline(
            "agreement", library, "--campaign", "weather", "--class", "rain", "--limit", "3", "--pairs"
        )
        assert code == 0
        for word in ("alpha", "eve", "sensitivity", "clip0.mp4", "Disputed: ", "kappa", "over which class"):
            assert word in out
        assert "72 answers of 3 people about 24 items in 12 groups" in err

    def test_json_has_everything_by_its_name(self, cueline, library):
        say(library, "ann", TRUTH)
        say(library, "bob", [*TRUTH[:22], "yes", "unsure"])
        code, out, _ = cueline("agreement", library, "--campaign", "weather", "--json", "--resamples", "200")
        found = json.loads(out)
        rain, snow = found["classes"]
        assert code == 0
        assert (found["items"], found["groups"], found["answers"], found["why"]) == (24, 12, 48, None)
        assert (rain["people"], rain["judged"], rain["shared"], rain["unsure"], rain["older"]) == (2, 24, 23, 1, 0)
        assert rain["percent"] == pytest.approx(22 / 23)
        assert rain["cohen"] == pytest.approx(rain["pairs"][0]["kappa"])
        assert (rain["pairs"][0]["first"], rain["pairs"][0]["second"]) == ("ann", "bob")
        assert rain["alpha"]["low"] < rain["alpha"]["value"] <= rain["alpha"]["high"]
        assert rain["consensus"] == {"yes": 8, "no": 15, "tied": 1, "uncertain": rain["consensus"]["uncertain"]}
        assert (snow["alpha"]["value"], snow["why"]) == (None, "nobody has judged anything yet")
        assert found["disputes"] == 1
        disputed = {key: found["disputed"][0][key] for key in ("name", "class", "start", "yes", "no")}
        assert disputed == {"name": "clip22.mp4", "class": "rain", "start": None, "yes": ["bob"], "no": ["ann"]}
        assert [person["name"] for person in found["people"]] == ["ann", "bob"]
        assert found["people"][0]["classes"]["rain"]["shared"] == 23
        assert set(found["exclusive"]) == {"value", "low", "high", "level", "note"}

    def test_one_labeller_is_no_error_and_is_told_why(self, cueline, library):
        say(library, "ann", TRUTH)
        code, out, err = cueline("agreement", library, "--campaign", "weather", "--json")
        found = json.loads(out)
        assert code == 0
        assert found["why"] == "only ann has judged: agreement takes two people"
        assert found["classes"][0]["alpha"]["value"] is None
        assert found["people"][0]["sensitivity"] is None
        assert found["classes"][0]["consensus"] == {"yes": 8, "no": 16, "tied": 0, "uncertain": None}
        assert "agreement takes two people" in err
        assert "24 answers of one person" in err

    def test_ranges_are_compared(self, cueline, library):
        say(library, "ann", ["yes"], span=Span(0.0, 10.0))
        say(library, "bob", ["yes"], span=Span(0.0, 8.0))
        code, out, _ = cueline("agreement", library, "--campaign", "weather")
        assert code == 0
        assert "mean IoU" in out
        _, out, _ = cueline("agreement", library, "--campaign", "weather", "--json")
        (ranges,) = json.loads(out)["ranges"]
        assert (ranges["class"], ranges["first"], ranges["f1"], ranges["mean_iou"]) == ("rain", "ann", 1.0, 0.8)
        _, out, _ = cueline("agreement", library, "--campaign", "weather", "--iou", "0.9", "--json")
        assert json.loads(out)["ranges"][0]["f1"] == 0

    def test_nothing_answered_is_nothing_done(self, cueline, library):
        code, out, err = cueline("agreement", library, "--campaign", "weather", "--json")
        assert (code, json.loads(out)["classes"][0]["base"]) == (1, None)
        assert "nobody has judged anything yet" in err

    def test_what_is_unknown_is_refused(self, cueline, library):
        code, out, err = cueline("agreement", library, "--campaign", "wether")
        assert (code, out) == (2, "")
        assert "Did you mean 'weather'?" in err
        code, _, err = cueline("agreement", library, "--campaign", "weather", "--class", "rian")
        assert code == 2
        assert "Did you mean 'rain'?" in err
        code, _, err = cueline("agreement", library, "--campaign", "weather", "--iou", "2")
        assert code == 2
        assert "above 0 and at most at 1" in err


class TestConsensus:
    def test_rows_say_the_chance_and_who_voted(self, cueline, library):
        say(library, "ann", TRUTH)
        say(library, "bob", ["no", "no", "unsure"])
        code, out, err = cueline("label", "consensus", library, "--campaign", "weather", "--limit", "2")
        assert code == 0
        assert "0.500" in out
        assert "clip2.mp4" not in out
        assert "2 of 24 rows; --limit shows more" in err
        assert "24 judged by majority; 24 that nobody could judge" in err

    def test_json_lists_all(self, cueline, library):
        say(library, "ann", TRUTH)
        say(library, "bob", TRUTH)
        say(library, "eve", ["yes"] * 24)
        words = ("label", "consensus", library, "--campaign", "weather", "--method", "dawid-skene", "--limit", "1")
        code, out, _ = cueline(*words, "--json")
        found = json.loads(out)
        assert code == 0
        assert (found["method"], found["unjudged"], len(found["rows"])) == ("dawid-skene", 24, 24)
        first = found["rows"][1]
        assert (first["name"], first["class"], first["yes"], first["no"], first["start"]) == (
            "clip1.mp4",
            "rain",
            1,
            2,
            None,
        )
        assert first["chance"] < 0.1

    def test_one_labeller_is_told(self, cueline, library):
        say(library, "ann", TRUTH)
        _, out, err = cueline(
            "label", "consensus", library, "--campaign", "weather", "--method", "dawid-skene", "--json"
        )
        assert json.loads(out)["notes"] == ["rain: no item has two judgements, so that people are taken at their word"]
        assert "taken at their word" in err

    def test_nothing_answered_is_nothing_done_and_an_unknown_method_is_refused(self, cueline, library):
        code, _, _ = cueline("label", "consensus", library, "--campaign", "weather")
        assert code == 1
        code, _, err = cueline("label", "consensus", library, "--campaign", "weather", "--method", "vote")
        assert code == 2
        assert "a consensus is majority or dawid-skene, got 'vote'" in err
