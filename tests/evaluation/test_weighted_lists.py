"""GAP@k and mAP@k under weights are those of rows that are there several times."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.evaluation import weighted
from cueline.evaluation.ranking import global_average_precision, mean_average_precision
from cueline.evaluation.weighted import mean_of_defined
from cueline.evaluation.weighted_lists import weighted_global_average_precision, weighted_listed_average_precisions
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import TopLists, top_classes


def table(seed, *, rows=12):
    """Flags, scores with ties, weights with zeros."""
    chance = np.random.default_rng(seed)
    flags, scores = chance.random((rows, 5)) < 0.4, chance.integers(0, 4, (rows, 5)) / 4
    return flags, scores, chance.poisson(1, (rows, 6)).astype(np.int32)


class TestPerfect:
    def test_the_reference_itself_scores_1_on_every_resample(self):
        flags, _, weights = table(0)
        top = top_classes(flags + np.arange(5) / 100, 5)
        assert weighted_global_average_precision(LabelLists.of_flags(flags), top, weights) == pytest.approx(1)


class TestEmpty:
    def test_gap_is_0_without_positives_or_lists(self):
        none = LabelLists.none(2, width=3)
        lists = TopLists(np.full((2, 2), -1), np.zeros((2, 2)), 3)
        ones = np.ones((2, 4), int)
        assert weighted_global_average_precision(none, lists, ones).tolist() == [0] * 4
        assert weighted_global_average_precision(LabelLists.of([[0], [1]], width=3), lists, ones).tolist() == [0] * 4
        assert np.isnan(weighted_listed_average_precisions(none, lists, ones)).all()


class TestRefusal:
    def test_lists_of_other_classes(self):
        top = top_classes(np.zeros((2, 3)), 2)
        with pytest.raises(TimelineError, match=r"the same rows and classes, got \(2, 4\) and \(2, 3\)"):
            weighted_global_average_precision(LabelLists.none(2, width=4), top, np.ones((2, 1), int))

    def test_weights_that_are_no_counts(self):
        top = top_classes(np.zeros((2, 3)), 2)
        with pytest.raises(TimelineError, match=r"whole numbers of shape \(2, R\), got float64 \(2, 1\)"):
            weighted_listed_average_precisions(LabelLists.none(2, width=3), top, np.ones((2, 1)))


class TestOracle:
    @given(seed=st.integers(0, 10_000), k=st.integers(1, 5))
    @settings(max_examples=30)
    def test_gap_and_listed_map_are_those_of_copied_rows(self, seed, k):
        flags, scores, weights = table(seed)
        reference, top = LabelLists.of_flags(flags), top_classes(scores, k)
        gap = weighted_global_average_precision(reference, top, weights)
        listed = mean_of_defined(weighted_listed_average_precisions(reference, top, weights))
        for column, counts in enumerate(weights.T):
            rows = np.repeat(np.arange(12), counts)
            assert gap[column] == pytest.approx(global_average_precision(flags[rows], scores[rows], k=k))
            copied = mean_average_precision(flags[rows], scores[rows], k=k)
            assert listed[column] == pytest.approx(copied, nan_ok=True)

    def test_small_blocks_give_the_same(self, monkeypatch):
        flags, scores, weights = table(4, rows=40)
        reference, top = LabelLists.of_flags(flags), top_classes(scores, 3)
        gap = weighted_global_average_precision(reference, top, weights)
        listed = weighted_listed_average_precisions(reference, top, weights)
        monkeypatch.setattr(weighted, "_CELLS", 100)
        assert weighted_global_average_precision(reference, top, weights) == pytest.approx(gap)
        assert weighted_listed_average_precisions(reference, top, weights) == pytest.approx(listed)
