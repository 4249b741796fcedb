"""Weighted ranking measures are those of rows that are there several times."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from cueline.errors import TimelineError
from cueline.evaluation import weighted
from cueline.evaluation.ranking import average_precision
from cueline.evaluation.weighted import (
    average_precision_intervals,
    mean_of_defined,
    weighted_average_precision,
    weighted_average_precisions,
)


def table(seed, *, rows=12, classes=5, levels=4):
    """Flags, scores with ties, weights with zeros, judged."""
    chance = np.random.default_rng(seed)
    flags = chance.random((rows, classes)) < 0.4
    scores = chance.integers(0, levels, (rows, classes)) / levels
    return flags, scores, chance.poisson(1, (rows, 6)).astype(np.int32), chance.random((rows, classes)) < 0.7


class TestPerfect:
    def test_the_reference_itself_scores_1_on_every_resample(self):
        flags, _, weights, _ = table(0)
        found = weighted_average_precisions(flags, flags * 1.0, weights)
        assert np.nanmin(found) == 1


class TestEmpty:
    def test_a_class_without_a_positive_is_not_defined(self):
        flags = np.zeros((3, 2), bool)
        assert np.isnan(weighted_average_precisions(flags, flags * 1.0, np.ones((3, 2), int))).all()

    def test_a_resample_without_a_positive_is_not_defined(self):
        found = weighted_average_precision([True, False], [0.9, 0.1], np.array([[0, 1], [2, 1]]))
        assert np.array_equal(found, [math.nan, 1], equal_nan=True)

    def test_no_rows_have_no_intervals(self):
        found = average_precision_intervals(np.empty((0, 2), bool), np.empty((0, 2)), [])
        assert [each.note for each in found.classes] == ["there are no items"] * 2
        assert found.mean.note == "there are no items"

    def test_the_mean_of_nothing_is_not_defined(self):
        assert np.array_equal(
            mean_of_defined(np.array([[math.nan, 1], [math.nan, 0]])), [math.nan, 0.5], equal_nan=True
        )


class TestRefusal:
    def test_weights_of_other_rows(self):
        with pytest.raises(TimelineError, match=r"whole numbers of shape \(2, R\), got int64 \(3, 1\)"):
            weighted_average_precision([True, False], [0.9, 0.1], np.ones((3, 1), int))

    def test_weights_that_are_no_counts(self):
        with pytest.raises(TimelineError, match=r"whole numbers of shape \(2, R\), got float64 \(2, 1\)"):
            weighted_average_precision([True, False], [0.9, 0.1], np.ones((2, 1)))

    def test_scores_that_are_no_numbers(self):
        with pytest.raises(TimelineError, match="scores must be finite, got nan in row 1, column 0"):
            weighted_average_precision([True, False], [0.9, math.nan], np.ones((2, 1), int))


class TestOracle:
    @pytest.mark.parametrize("few", [0, 2, 100])
    @given(seed=st.integers(0, 10_000))
    @settings(max_examples=30)
    def test_average_precision_is_that_of_copied_rows(self, few, seed):
        before, weighted._FEW = weighted._FEW, few
        try:
            flags, scores, weights, judged = table(seed)
            for known in (None, judged):
                found = weighted_average_precisions(flags, scores, weights, judged=known)
                for column, counts in enumerate(weights.T):
                    rows = np.repeat(np.arange(12), counts)
                    copied = average_precision(flags[rows], scores[rows], judged=None if known is None else known[rows])
                    assert found[:, column] == pytest.approx(copied, nan_ok=True, rel=1e-6)
        finally:
            weighted._FEW = before

    def test_one_class_agrees_with_scikit_learn(self):
        flags, scores, weights, judged = table(3)
        found = weighted_average_precision(flags[:, 0], scores[:, 0], weights, judged=judged[:, 0])
        for value, counts in zip(found, weights.T, strict=True):
            theirs = average_precision_score(flags[:, 0], scores[:, 0], sample_weight=counts * judged[:, 0])
            assert value == pytest.approx(theirs)

    def test_small_blocks_give_the_same(self, monkeypatch):
        flags, scores, weights, _ = table(4, rows=40)

        def everything():
            return np.vstack((weighted_average_precisions(flags, scores, weights),))

        whole = everything()
        monkeypatch.setattr(weighted, "_CELLS", 100)
        assert everything() == pytest.approx(whole, rel=1e-6)


class TestIntervals:
    def test_values_are_those_of_the_measure_and_lie_in_their_intervals(self):
        flags, scores, _, judged = table(5, rows=200, classes=4, levels=50)
        found = average_precision_intervals(flags, scores, np.arange(200) // 2, judged=judged, resamples=200)
        plain = average_precision(flags, scores, judged=judged)
        assert [each.value for each in found.classes] == pytest.approx(plain, rel=1e-6)
        assert found.mean.value == pytest.approx(plain.mean(), rel=1e-6)
        assert all(each.low < each.value < each.high for each in (*found.classes, found.mean))

    def test_the_mean_of_rare_classes_lies_in_its_interval_though_resamples_are_biased(self):
        chance = np.random.default_rng(0)
        flags = chance.random((300, 200)) < 0.008
        scores = chance.random((300, 200)) + 0.5 * flags
        found = average_precision_intervals(flags, scores, np.arange(300), resamples=200)
        assert found.mean.low < found.mean.value < found.mean.high
        assert found.mean.note.startswith("moved by -0.0")
