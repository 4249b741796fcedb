"""Ranges of two people: perfect, empty, refusal, worked by hand, oracle."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.evaluation.boundaries.matching import BoundaryScores
from cueline.evaluation.span_agreement import interval_agreement, matched_spans, pooled_intervals
from cueline.timeline.spans import as_spans, iou

NONE = np.empty((0, 2))
spans = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), max_size=5).map(
    lambda rows: as_spans([(start, start + length) for start, length in rows])
)
limits = st.sampled_from([0.05, 0.25, 0.5, 0.75, 1.0])


def best_by_hand(reference, estimated, limit):
    """The most pairs, and the greatest sum of their overlaps, of all ways to pair."""
    overlaps = iou(reference, estimated)
    if len(reference) > len(estimated):
        overlaps = overlaps.T
    few, many = overlaps.shape
    best = (0, 0.0)
    for columns in permutations(range(many), few):
        values = [overlaps[row, column] for row, column in enumerate(columns)]
        fitting = [value for value in values if value >= limit - 1e-9]
        best = max(best, (len(fitting), sum(fitting)))
    return best


class TestPerfect:
    @given(spans, limits)
    def test_a_person_agrees_with_themselves(self, own, limit):
        lasting = own[own[:, 1] > own[:, 0]]
        found = interval_agreement(lasting, lasting[::-1], iou=limit)
        assert found.scores.matched == len(lasting)
        if len(lasting):
            assert (found.scores.f1, found.mean_iou) == (1, 1)


class TestEmpty:
    def test_nobody_marked_anything(self):
        found = interval_agreement(NONE, NONE)
        assert all(map(math.isnan, (found.scores.precision, found.scores.recall, found.scores.f1, found.mean_iou)))

    def test_one_person_marked_nothing(self):
        found = interval_agreement(np.array([[0.0, 1.0]]), NONE)
        assert (found.scores.recall, found.scores.f1) == (0, 0)
        assert math.isnan(found.scores.precision)

    def test_an_instant_overlaps_nothing(self):
        assert interval_agreement(np.array([[1.0, 1.0]]), np.array([[1.0, 1.0]])).scores.matched == 0

    def test_nothing_pooled_is_nothing(self):
        assert math.isnan(pooled_intervals([]).scores.f1)
        assert math.isnan(pooled_intervals([]).mean_iou)


class TestRefusal:
    @pytest.mark.parametrize("limit", [0.0, -0.1, 1.5, math.nan])
    def test_a_limit_that_is_none(self, limit):
        with pytest.raises(TimelineError, match="above 0 and at most at 1, got"):
            interval_agreement(NONE, NONE, iou=limit)

    def test_spans_that_cannot_be(self):
        with pytest.raises(TimelineError, match=r"estimated spans must have shape \(N, 2\)"):
            interval_agreement(NONE, np.array([1.0]))


class TestByHand:
    def test_one_long_span_pairs_with_one_of_its_parts(self):
        found = interval_agreement(np.array([[0.0, 10.0]]), np.array([[0.0, 6.0], [6.0, 10.0]]))
        assert found.scores == BoundaryScores.of(1, reference=1, estimated=2)
        assert found.mean_iou == 0.6

    def test_more_pairs_count_more_than_better_ones(self):
        # The greatest overlap, of the second with the first, would leave the others alone.
        one = np.array([[0.0, 10.0], [4.0, 14.0]])
        two = np.array([[1.0, 12.0], [-6.0, 6.0]])
        pairs, overlaps = matched_spans(one, two, iou=0.3)
        assert pairs.tolist() == [[0, 1], [1, 0]]
        assert overlaps.tolist() == pytest.approx([6 / 16, 8 / 13])

    def test_pooled_files_are_counted_together(self):
        one = interval_agreement(np.array([[0.0, 10.0]]), np.array([[0.0, 6.0]]))
        two = interval_agreement(np.array([[0.0, 10.0]] * 2), np.array([[0.0, 10.0]] * 2))
        found = pooled_intervals([one, two, interval_agreement(NONE, np.array([[0.0, 1.0]]))])
        assert found.scores == BoundaryScores.of(3, reference=3, estimated=4)
        assert found.mean_iou == pytest.approx(2.6 / 3)

    def test_tracks_of_many_spans_that_touch_are_paired_at_once(self):
        edges = np.cumsum(np.random.default_rng(0).uniform(1, 9, 20_001))
        shots = np.column_stack((edges[:-1], edges[1:]))
        found = interval_agreement(shots, shots + 0.2, iou=0.5)
        assert found.scores.matched == 20_000


class TestOracle:
    @given(spans, spans, limits)
    def test_no_way_to_pair_is_better(self, one, two, limit):
        _, overlaps = matched_spans(one, two, iou=limit)
        count, total = best_by_hand(one, two, limit)
        assert (len(overlaps), overlaps.sum()) == (count, pytest.approx(total))

    @given(spans, spans, limits)
    def test_pairs_are_one_to_one_and_fit(self, one, two, limit):
        pairs, overlaps = matched_spans(one, two, iou=limit)
        assert all(len(set(column)) == len(pairs) for column in pairs.T.tolist())
        assert overlaps == pytest.approx(iou(one, two)[tuple(pairs.T)])
        assert (overlaps >= limit - 1e-9).all()

    @given(spans, spans, limits)
    def test_it_does_not_matter_who_is_first(self, one, two, limit):
        there, back = interval_agreement(one, two, iou=limit), interval_agreement(two, one, iou=limit)
        assert there.scores.f1 == pytest.approx(back.scores.f1, nan_ok=True)
        assert there.scores.precision == pytest.approx(back.scores.recall, nan_ok=True)
        assert there.mean_iou == pytest.approx(back.mean_iou, nan_ok=True)
