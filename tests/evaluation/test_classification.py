"""Yes and no at a threshold: perfect, empty, refusal, golden, oracle."""

import math
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from cueline.errors import OptionError, TimelineError
from cueline.evaluation.classification import Accuracy, accuracy, average_scores, class_scores, confusion

RATIOS = ("precision", "recall", "f1")


def made(seed, rows=12, classes=4):
    rng = np.random.default_rng(seed)
    flags = rng.random((rows, classes)) < rng.random(classes) ** 2
    return flags, rng.integers(0, 11, flags.shape) / 10, rng.random(flags.shape) < 0.7


def ratios(scores):
    return [getattr(scores, name).tolist() for name in RATIOS]


class TestPerfect:
    def test_the_reference_itself_scores_one(self):
        flags = np.array([[True, False], [True, True]])
        scores = class_scores(flags, flags + 0.0)
        assert ratios(scores) == [[1, 1]] * 3
        for average in ("macro", "micro", "weighted"):
            assert astuple(average_scores(scores, average)) == (1, 1, 1)
        found = accuracy(flags, flags + 0.0)
        assert (found.rows, found.pairs, found.classes.tolist()) == (1, 1, [1, 1])
        assert confusion([0, 1, 1], [0, 1, 1], classes="ab").amounts.tolist() == [[1, 0], [0, 2]]


class TestEmpty:
    def test_nothing_has_no_ratio(self):
        scores = class_scores(np.zeros((0, 2), bool), np.zeros((0, 2)))
        assert np.isnan(ratios(scores)).all()
        for average in ("macro", "micro", "weighted"):
            assert np.isnan(astuple(average_scores(scores, average))).all()
            assert astuple(average_scores(scores, average, undefined=0.0)) == (0, 0, 0)
        found = accuracy(np.zeros((0, 2), bool), np.zeros((0, 2)))
        assert math.isnan(found.rows)
        assert math.isnan(found.pairs)
        assert np.isnan(found.classes).all()
        assert confusion([], [], classes="ab").amounts.tolist() == [[0, 0], [0, 0]]

    def test_a_class_never_said_has_no_precision_and_one_never_there_no_recall(self):
        scores = class_scores(np.array([[True, False, False]]), np.array([[0.1, 0.9, 0.1]]))
        assert np.isnan(scores.precision).tolist() == [True, False, True]
        assert np.isnan(scores.recall).tolist() == [False, True, True]
        assert np.isnan(scores.f1).tolist() == [False, False, True]

    def test_whoever_wants_zero_says_so(self):
        flags, values = np.array([[True, False], [True, False]]), np.array([[0.9, 0.1], [0.9, 0.1]])
        assert average_scores(class_scores(flags, values)).f1 == 1
        assert average_scores(class_scores(flags, values, undefined=0.0)).f1 == 0.5


class TestRefusal:
    @pytest.mark.parametrize("measure", [class_scores, accuracy])
    def test_what_cannot_be_measured_is_refused(self, measure):
        flags, values = np.zeros((2, 3), bool), np.zeros((2, 3))
        with pytest.raises(TimelineError, match=r"one for each of 3 classes, got shape \(2,\)"):
            measure(flags, values, threshold=[0.5, 0.5])
        with pytest.raises(TimelineError, match="a threshold must be a number, got nan"):
            measure(flags, values, threshold=np.nan)
        with pytest.raises(TimelineError, match="reference must be bool"):
            measure(flags * 0.5, values)
        with pytest.raises(TimelineError, match="judged must have the shape of the reference"):
            measure(flags, values, judged=flags[:1])
        values[1, 2] = np.nan
        with pytest.raises(TimelineError, match="got nan in row 1, column 2"):
            measure(flags, values)

    def test_an_unknown_average_is_refused_with_the_near_miss(self):
        with pytest.raises(OptionError, match="got 'makro'. Did you mean 'macro'"):
            average_scores(class_scores([[True]], [[0.5]]), "makro")

    def test_confusion_wants_classes_that_exist(self):
        with pytest.raises(TimelineError, match="reference must lie in 0 to 1, got 2 in row 0"):
            confusion([2], [0], classes="ab")
        with pytest.raises(TimelineError, match="estimated must lie in 0 to 1, got -1 in row 0"):
            confusion([0], [-1], classes="ab")
        with pytest.raises(TimelineError, match=r"estimated must have one class a row, shape \(1,\), got \(2,\)"):
            confusion([0], [0, 1], classes="ab")
        with pytest.raises(TimelineError, match=r"shape \(0,\), got \(\)"):
            confusion(0, 0, classes="ab")


class TestGolden:
    def test_two_classes_by_hand(self):
        """Class 0: found 1 of 2, 1 false. Class 1: found 1 of 1, none false."""
        flags = np.array([[True, True], [True, False], [False, False]])
        scores = class_scores(flags, np.array([[0.5, 0.9], [0.4, 0.1], [0.7, 0.2]]))
        assert ratios(scores) == [[0.5, 1], [0.5, 1], [0.5, 1]]
        assert scores.right.tolist() == [1, 1]
        assert scores.positives.tolist() == scores.estimated.tolist() == [2, 1]
        assert scores.judged.tolist() == [3, 3]
        assert average_scores(scores).f1 == 0.75
        assert average_scores(scores, "micro").f1 == average_scores(scores, "weighted").f1 == pytest.approx(2 / 3)

    def test_a_threshold_of_each_class_and_one_that_is_never_reached(self):
        scores = class_scores([[True, True]], [[0.3, 0.3]], threshold=[0.3, np.inf])
        assert scores.estimated.tolist() == [1, 0]

    def test_one_dimension_is_one_class(self):
        assert class_scores([True, False], [0.9, 0.9]).precision.tolist() == [0.5]
        found = accuracy([True, False], [0.9, 0.9], judged=[True, False])
        assert (found.rows, found.pairs, found.classes.tolist()) == (1, 1, [1])

    def test_a_row_that_nobody_judged_is_left_out(self):
        judged = np.array([[True, False], [False, False]])
        found = accuracy(np.ones((2, 2), bool), np.array([[0.9, np.nan], [0.1, 0.1]]), judged=judged)
        assert isinstance(found, Accuracy)
        assert (found.rows, found.pairs, found.classes[0]) == (1, 1, 1)
        assert math.isnan(found.classes[1])


class TestOracle:
    @settings(max_examples=30)
    @given(st.integers(0, 10**6), st.sampled_from([0.0, math.nan]))
    def test_ratios_equal_those_of_scikit_learn(self, seed, undefined):
        flags, values, _ = made(seed)
        scores = class_scores(flags, values, threshold=0.6, undefined=undefined)
        expected = precision_recall_fscore_support(flags, values >= 0.6, average=None, zero_division=undefined)
        assert np.array(ratios(scores)) == pytest.approx(np.array(expected[:3]), nan_ok=True)
        assert scores.positives.tolist() == expected[3].tolist()
        for average in ("macro", "micro", "weighted"):
            wanted = precision_recall_fscore_support(flags, values >= 0.6, average=average, zero_division=undefined)
            if flags.any():
                found = astuple(average_scores(scores, average, undefined=undefined))
                assert found == pytest.approx(wanted[:3], nan_ok=True)

    @given(st.integers(0, 10**6))
    def test_what_is_not_judged_could_as_well_not_be_there(self, seed):
        flags, values, judged = made(seed)
        scores = class_scores(flags, np.where(judged, values, np.nan), judged=judged)
        shares = accuracy(flags, np.where(judged, values, np.nan), judged=judged).classes
        for column, own in enumerate(judged.T):
            alone = class_scores(flags[own, column], values[own, column])
            assert [each[column] for each in ratios(scores)] == pytest.approx(
                [each[0] for each in ratios(alone)], nan_ok=True
            )
            assert scores.judged[column] == own.sum()
            share = accuracy(flags[own, column], values[own, column]).rows
            assert shares[column] == pytest.approx(share, nan_ok=True)

    @settings(max_examples=30)
    @given(st.integers(0, 10**6))
    def test_accuracy_and_confusion_equal_those_of_scikit_learn(self, seed):
        flags, values, _ = made(seed)
        found = accuracy(flags, values)
        assert found.rows == pytest.approx(accuracy_score(flags, values >= 0.5))
        assert found.pairs == pytest.approx(accuracy_score(flags.ravel(), values.ravel() >= 0.5))
        right, said = np.random.default_rng(seed).integers(0, 4, (2, 30))
        assert (
            confusion(right, said, classes="abcd").amounts.tolist()
            == confusion_matrix(right, said, labels=range(4)).tolist()
        )
