"""Labels looked at again."""

import pytest

from cueline.errors import OptionError, TimelineError
from cueline.workbench.labelling.reviewing import doubtful_labels, label_gain
from tests.workbench.labelling.kinds import CLIPS, library_of_kinds, say


@pytest.fixture
def library(tmp_path):
    return library_of_kinds(tmp_path)


def test_slips_are_found(library):
    say(library, range(CLIPS), wrong=(10, 23))
    found = doubtful_labels(library, "kinds", ["looks"])
    assert {(one.asset, one.label, one.said) for one in found.labels[:2]} == {
        ("film10", "red", "no"),
        ("film23", "red", "yes"),
    }
    assert found.judged == 2 * CLIPS
    assert found.expected["red"] == pytest.approx(2, abs=1)
    assert "loud" not in found.expected
    assert any("loud" in note for note in found.notes)


def test_what_people_see_differently_is_not_looked_at_and_told(library):
    say(library, range(CLIPS))
    say(library, [5], wrong=(5,), who="bob")
    found = doubtful_labels(library, "kinds", ["looks"], classes=["red"])
    assert found.judged == CLIPS - 1
    assert "1 labels are not looked at: people are tied, or cannot say" in found.notes


def test_answers_without_slips_are_hardly_doubted(library):
    say(library, range(CLIPS))
    assert len(doubtful_labels(library, "kinds", ["looks"], classes=["red"]).labels) <= 2


def test_a_class_that_is_known_well_gains_little(library):
    say(library, range(CLIPS))
    found = label_gain(library, "kinds", ["looks"], more=20, classes=["red"], draws=4)
    assert found.gain.labelled == CLIPS
    assert "only 60 labels" in found.gain.gain.note
    assert found.gain.now > 0.9
    assert 0 <= found.gain.gain.value < 0.05
    assert found.flattery.groups == 12
    assert found.flattery.mean.second_value > 0.9


def test_too_few_groups_and_one_sided_classes_are_explained(library):
    say(library, [0, 1, 2])
    with pytest.raises((OptionError, TimelineError), match="group"):
        doubtful_labels(library, "kinds", ["looks"], classes=["red"])
    with pytest.raises(TimelineError, match="loud"):
        doubtful_labels(library, "kinds", ["looks"], classes=["loud"])
