"""Rows with one class each, and what the shipped model says of them."""

from dataclasses import replace

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.learning.clips.problems import CURVE, Problem, kind_of, problem_hash, shipped_chances
from tests.learning.clips.made import CHANCES, SOUND, made_problem


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[("Dialogue", "speech"), ("D", "speech"), ("speech", "speech"), ("MUSIC", "music"), ("m", "music")],
        *[("Both", "both"), ("speech + music", "both"), ("Speech_over_Music", "both"), ("jingle", ""), ("", "")],
    ],
)
def test_a_class_is_a_kind_where_its_name_says_so(name, kind):
    assert kind_of(name) == kind


def test_two_classes_of_one_kind_are_neither():
    problem = replace(made_problem(), classes=("Dialogue", "speech", "Both"))
    assert problem.kinds == ("", "", "both")
    assert shipped_chances(problem) is None


def test_the_shipped_verdict_is_shared_out_over_the_classes_that_it_knows():
    problem = made_problem(4)
    said = shipped_chances(problem)
    raw = problem.values[:, problem.columns(CURVE)][:, :3].astype(float)
    np.testing.assert_allclose(said, raw / raw.sum(axis=1, keepdims=True))
    own = replace(problem, classes=("Dialogue", "Music", "jingle"))
    assert (shipped_chances(own)[:, 2] == 0).all()
    np.testing.assert_allclose(shipped_chances(own).sum(axis=1), 1)
    assert shipped_chances(made_problem(4, curve=False)) is None


def test_columns_of_a_track_are_those_of_its_inputs():
    problem = made_problem(4)
    assert problem.columns("sound").tolist() == list(range(8))
    assert problem.columns(CURVE).tolist() == list(range(8, 13))
    assert problem.columns("color").tolist() == []
    assert problem.only(["sound"]).inputs == (SOUND,)
    assert problem.only([CURVE]).values.shape == (8, 5)


def test_the_hash_changes_with_a_number_a_label_a_group_and_a_name():
    problem = made_problem(4)
    others = [
        replace(problem, values=problem.values + 1),
        replace(problem, labels=problem.labels[::-1]),
        replace(problem, groups=problem.groups[::-1]),
        replace(problem, classes=("a", "b", "c")),
    ]
    assert len({problem_hash(one) for one in (problem, *others)}) == 5
    assert problem_hash(problem) == problem_hash(made_problem(4))


def test_rows_that_do_not_fit_are_refused():
    problem = made_problem(4)
    with pytest.raises(TimelineError, match="one label and one group"):
        replace(problem, groups=("a",))
    with pytest.raises(TimelineError, match="labels must lie in 0 to 2"):
        replace(problem, labels=problem.labels + 1)
    with pytest.raises(TimelineError, match="must have 13 numbers"):
        replace(problem, values=problem.values[:, :4])
    assert repr(problem) == "Problem(8 clips in 4 groups: Dialogue 4, Music 2, Both 2)"
    assert Problem(np.empty((0, 5), np.float32), np.empty(0, np.int64), (), ("a", "b"), (CHANCES,)).counts.sum() == 0
