"""Verbs about what is worth labelling."""

import json

import pytest

from tests.workbench.labelling.kinds import CLIPS, library_of_kinds, say


@pytest.fixture
def library(tmp_path):
    return library_of_kinds(tmp_path)


class TestNext:
    def test_clips_come_with_the_chances_of_each_class(self, cueline, library):
        say(library, range(20))
        _, out, told = cueline("label", "next", library.path, "--campaign", "kinds", "--tracks", "looks", "--count", 3)
        lines = out.splitlines()
        assert lines[0].split() == ["file", "from", "to", "red"]
        assert len(lines) == 4
        assert "nothing is learned yet of loud: a yes or a no is wanting" in told
        assert "3 clips chosen by batches; 20 answered, 40 not" in told

    def test_json_has_everything(self, cueline, library):
        say(library, range(20))
        _, out, _ = cueline("label", "next", library.path, "--campaign", "kinds", "--tracks", "looks", "--json")
        found = json.loads(out)
        assert (found["strategy"], found["answered"], found["left"]) == ("batches", 20, 40)
        assert len(found["clips"]) == 20
        assert set(found["clips"][0]) == {"asset", "file", "start", "end", "chances"}

    def test_a_campaign_that_is_done_ends_with_one(self, cueline, library):
        say(library, range(CLIPS))
        code, _, _ = cueline("label", "next", library.path, "--campaign", "kinds", "--tracks", "looks")
        assert code == 1


class TestDoubts:
    def test_slips_are_listed_first(self, cueline, library):
        say(library, range(CLIPS), wrong=(10,))
        _, out, told = cueline(
            "label", "doubts", library.path, "--campaign", "kinds", "--tracks", "looks", "--limit", 1
        )
        assert out.splitlines()[1].split()[:3] == ["film10.mp4", "red", "no"]
        assert "120 labels looked at" in told

    def test_json_counts_what_is_expected_to_be_wrong(self, cueline, library):
        say(library, range(CLIPS), wrong=(10,))
        _, out, _ = cueline("label", "doubts", library.path, "--campaign", "kinds", "--tracks", "looks", "--json")
        found = json.loads(out)
        assert found["labels"][0]["class"] == "red"
        assert set(found["expected"]) == {"red"}


class TestGain:
    def test_a_sentence_and_a_verdict(self, cueline, library):
        say(library, range(CLIPS))
        asked = ("--campaign", "kinds", "--tracks", "looks", "--class", "red", "--draws", 4, "--more", 20)
        _, _, told = cueline("label", "gain", library.path, *asked)
        assert "20 more labels: about +.0" in told
        assert "12 groups; a random split would have said" in told

    def test_json(self, cueline, library):
        say(library, range(CLIPS))
        asked = ("--campaign", "kinds", "--tracks", "looks", "--class", "red", "--draws", 4)
        found = json.loads(cueline("label", "gain", library.path, *asked, "--json")[1])
        assert (found["labelled"], found["more"]) == (CLIPS, 50)
        assert set(found["random_split"]) == {"ap", "grouped_ap"}
        assert found["curve"][0]["labels"] < found["curve"][-1]["labels"]
