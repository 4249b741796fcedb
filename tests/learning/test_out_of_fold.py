"""Chances come from models that did not see the row, and what nobody can learn from is refused."""

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.learning.out_of_fold import answers_of, folds_of_answers, judged_classes, out_of_fold, refuse_strange
from cueline.learning.splits import Split
from cueline.timeline.examples import Examples, LabelLists
from tests.learning.fitted import Chances, made_clips, ridge


def test_no_model_has_seen_the_rows_it_judges_nor_their_groups():
    values, answers, groups = made_clips()
    values[:, -1] = np.arange(len(values))  # a row says which it is
    pairs = []

    def watched(learned, _):
        seen = learned[:, -1].astype(int)
        return Chances(lambda new: pairs.append((seen, new[:, -1].astype(int))) or np.zeros((len(new), 3)))

    out_of_fold(values, answers, folds_of_answers(answers, groups, folds=5, seed=0).splits, fit=watched)
    assert sorted(np.concatenate([apart for _, apart in pairs]).tolist()) == list(range(len(values)))
    for seen, apart in pairs:
        assert not set(seen.tolist()) & set(apart.tolist())
        assert not set(groups[seen].tolist()) & set(groups[apart].tolist())


def test_rows_that_nobody_judged_are_not_learned_from_but_get_chances():
    values, answers, groups = made_clips()
    answers[::3] = -1
    sizes = []

    def counted(learned, given):
        sizes.append(len(learned))
        assert (given != -1).any(axis=1).all()
        return ridge(learned, given)

    chances = out_of_fold(values, answers, folds_of_answers(answers, groups, folds=5, seed=0).splits, fit=counted)
    assert max(sizes) <= 200
    assert not np.isnan(chances).any()


def test_rows_apart_in_no_split_have_no_chance():
    values, answers, _ = made_clips(rows=10, films=10)
    chances = out_of_fold(values, answers, [Split(np.arange(5), np.arange(5, 8))], fit=ridge)
    assert np.isnan(chances).any(axis=1).tolist() == [True] * 5 + [False] * 3 + [True] * 2


def test_the_classifier_for_few_labels_learns_from_raw_features():
    values, answers, groups = made_clips(clear=3.0)
    raw = values * 1000 + 5_000_000
    splits = folds_of_answers(answers, groups, folds=5, seed=0).splits
    chances = out_of_fold(raw, answers, splits)
    assert np.mean((chances > 0.5) == answers) > 0.85


def test_a_fold_with_nothing_judged_to_learn_from_is_refused():
    answers = np.array([[-1], [1]], np.int8)
    with pytest.raises(TimelineError, match="must be judged rows to learn from, got none in fold 0"):
        out_of_fold(np.ones((2, 1)), answers, [Split(np.array([0]), np.array([1]))], fit=ridge)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (np.full((1, 1), 3.0), r"of shape \(1, 1\), got shape \(1, 1\), from 3 to 3. Are they logits"),
        (np.full((1, 1), np.nan), "from nan to nan"),
        (np.zeros((1, 2)), r"got shape \(1, 2\), from 0 to 0"),
        (np.zeros((0, 1)), r"got shape \(0, 1\). Are"),
    ],
)
def test_a_classifier_that_gives_no_chances_is_refused(given, what):
    with pytest.raises(TimelineError, match=what):
        out_of_fold(
            np.ones((2, 1)),
            np.ones((2, 1), np.int8),
            [Split(np.array([0]), np.array([1]))],
            fit=lambda *_: Chances(lambda _: given),
        )


def test_answers_of_examples_are_yes_no_and_unknown():
    yes, unknown = LabelLists.of([[0, 2], []], width=3), LabelLists.of([[1], [0]], width=3)
    assert answers_of(Examples(np.zeros((2, 1)), yes, unknown)).tolist() == [[1, -1, 1], [-1, 0, 0]]


@pytest.mark.parametrize("strange", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused_with_row_and_column(strange):
    values = np.zeros((70_000, 5), np.float32)
    values[69_999, 3] = strange
    with pytest.raises(TimelineError, match=f"features must be finite, got {strange} in row 69999, column 3"):
        refuse_strange(values, np.zeros((70_000, 1), np.int8), None)


def test_an_answer_that_is_none_is_refused():
    with pytest.raises(TimelineError, match="got 2 in row 1, column 0"):
        refuse_strange(np.zeros((2, 1)), np.array([[0], [2]], np.int8), None)


def test_shapes_that_differ_are_refused():
    with pytest.raises(TimelineError, match=r"a row an item, got \(2, 1\) and \(3, 1\)"):
        refuse_strange(np.zeros((2, 1)), np.zeros((3, 1), np.int8), None)
    with pytest.raises(TimelineError, match=r"groups must have shape \(2,\), one a row, got \(3,\)"):
        refuse_strange(np.zeros((2, 1)), np.zeros((2, 1), np.int8), [1, 2, 3])


def test_groups_become_numbers():
    assert refuse_strange(np.zeros((3, 1)), np.zeros((3, 1), np.int8), ["b", "a", "b"]).tolist() == [1, 0, 1]


def test_classes_that_cannot_be_measured_are_left_out_with_the_reason():
    answers = np.array([[1, 1, 1, 0], [0, 1, 0, 0], [1, 1, 0, -1], [0, 1, 0, 0]], np.int8)
    judged, left_out = judged_classes(answers, np.array([0, 0, 1, 1]), ["a", "b", "c", "d"])
    assert judged == [0]
    assert left_out == (
        "'b': nobody said no to it",
        "'c': its one yes is in one group, so that none is left to learn from when it is apart",
        "'d': nobody said yes to it",
    )


def test_no_class_that_can_be_measured_is_refused_with_all_reasons():
    with pytest.raises(TimelineError, match="got none that has: 'class 0': nobody said yes to it; 'class 1': nobody"):
        judged_classes(np.zeros((4, 2), np.int8), np.arange(4), ())
    with pytest.raises(TimelineError, match="there are no classes"):
        judged_classes(np.zeros((4, 0), np.int8), np.arange(4), ())
    with pytest.raises(TimelineError, match="a name for each of 2 classes, got 1"):
        judged_classes(np.zeros((4, 2), np.int8), np.arange(4), ["a"])
