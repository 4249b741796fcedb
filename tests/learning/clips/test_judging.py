"""Figures of clips agree with the field's, and say nothing that they cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from cueline.errors import TimelineError
from cueline.learning.clips.judging import compare, judge

CLASSES = ("a", "b", "c")


def chances_of(said):
    return np.eye(3)[said] * 0.8 + 0.05


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_accuracy_and_macro_f1_agree_with_scikit_learn(pairs):
    labels, said = np.array(pairs).T
    found = judge(labels, chances_of(said), [str(row) for row in range(len(labels))], classes=CLASSES)
    there = sorted(set(labels.tolist()) | set(said.tolist()))
    assert found.accuracy.value == pytest.approx(accuracy_score(labels, said))
    assert found.macro_f1.value == pytest.approx(f1_score(labels, said, labels=there, average="macro", zero_division=0))


def test_perfect_answers_are_perfect():
    labels = np.array([0, 1, 2, 0])
    found = judge(labels, chances_of(labels), list("wxyz"), classes=CLASSES)
    assert (found.accuracy.value, found.macro_f1.value) == (1.0, 1.0)
    assert [row.support for row in found.classes] == [2, 1, 1]
    assert found.confusion.amounts.trace() == 4


def test_a_class_that_is_not_there_has_no_figures():
    found = judge(np.array([0, 1]), chances_of([0, 1]), list("ab"), classes=CLASSES)
    assert np.isnan([found.classes[2].precision, found.classes[2].recall, found.classes[2].f1]).all()
    assert found.to_json()["classes"][2]["f1"] is None


def test_clips_of_one_group_have_no_interval():
    found = judge(np.array([0, 1]), chances_of([0, 1]), ["a", "a"], classes=CLASSES)
    assert np.isnan(found.accuracy.low)
    assert "one group" in found.accuracy.note


def test_no_clip_and_other_shapes_are_refused():
    with pytest.raises(TimelineError, match="one clip or more"):
        judge(np.empty(0, np.int64), np.empty((0, 3)), [], classes=CLASSES)
    with pytest.raises(TimelineError, match="chances of shape"):
        judge(np.array([0]), np.empty((1, 2)), ["a"], classes=CLASSES)


def test_a_better_model_is_better_by_what_its_figures_say():
    labels = np.tile([0, 1, 2], 20)
    groups = [str(row // 2) for row in range(60)]
    worse = labels.copy()
    worse[::4] = (worse[::4] + 1) % 3
    found = compare(labels, chances_of(labels), chances_of(worse), groups, names=("new", "old"))
    values = [judge(labels, chances_of(said), groups, classes=CLASSES).macro_f1.value for said in (labels, worse)]
    assert found.difference.value == pytest.approx(values[0] - values[1])
    assert found.difference.low > 0
    same = compare(labels, chances_of(worse), chances_of(worse), groups, names=("new", "old"))
    assert same.difference.value == same.difference.low == same.difference.high == 0
