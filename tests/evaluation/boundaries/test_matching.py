"""Boundaries as instants and spans: perfect, empty, refusal, golden, oracle."""

import itertools
import json
import math
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from cueline.errors import TimelineError
from cueline.evaluation.boundaries.matching import (
    BoundaryScores,
    boundary_scores,
    matches,
    pooled,
    scene_recall,
    shot_scores,
    transition_scores,
)
from cueline.timeline.spans import SLACK, Span, as_spans, between

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "boundaries.json").read_text())
NONE = np.array([])
ticks = st.integers(0, 24).map(lambda n: n * 0.25)
times = st.lists(ticks, max_size=10).map(np.array)
tolerances = st.sampled_from([0.0, 0.25, 0.6, 1.0, 3.0])
transitions = st.lists(st.tuples(ticks, ticks).map(sorted), max_size=8).map(as_spans)
films = times.map(lambda borders: between(borders, Span(0.0, 6.0)))


def most_pairs(near):
    """The size of a maximum matching, by scipy (Hopcroft and Karp)."""
    near = np.asarray(near, dtype=np.int8)
    return int((maximum_bipartite_matching(csr_array(near)) >= 0).sum()) if near.any() else 0


def distance(reference, estimated):
    return np.abs(reference[:, None] - estimated[None, :])


class TestPerfect:
    @given(times, tolerances)
    def test_what_equals_the_reference_is_perfect_in_any_order(self, cuts, tolerance):
        scores = boundary_scores(cuts, cuts[::-1], tolerance=tolerance)
        if len(cuts):
            assert astuple(scores) == (1.0, 1.0, 1.0, len(cuts), len(cuts), len(cuts))

    @given(films, tolerances)
    def test_the_same_shots_are_perfect(self, shots, tolerance):
        assert astuple(shot_scores(shots, shots[::-1], tolerance=tolerance))[:3] == (1, 1, 1)

    def test_one_estimate_inside_each_transition_is_perfect(self):
        reference = as_spans([(1.0, 2.0), (5.0, 5.0), (7.0, 9.0)])
        assert transition_scores(reference, np.array([1.9, 5.04, 6.96]), tolerance=0.04).f1 == 1

    def test_one_frame_off_is_right_at_a_tolerance_of_one_frame_in_floats_too(self):
        frame = 1001 / 30000
        reference = np.arange(5000) * frame
        for tolerance, matched in ((frame, 5000), (frame * 0.9, 0)):
            shifted = 20 * reference + frame  # one frame late, neighbours far away
            assert boundary_scores(20 * reference, shifted, tolerance=tolerance).matched == matched


class TestEmpty:
    def test_nothing_to_find_and_nothing_found_has_no_ratio(self):
        for scores in (
            boundary_scores(NONE, NONE, tolerance=0.1),
            transition_scores(as_spans([]), NONE, tolerance=0.1),
            shot_scores(as_spans([]), as_spans([]), tolerance=0.1),
            pooled([]),
        ):
            assert all(math.isnan(ratio) for ratio in astuple(scores)[:3])
            assert astuple(scores)[3:] == (0, 0, 0)

    def test_nothing_found_has_no_precision(self):
        scores = boundary_scores(np.array([1.0]), NONE, tolerance=0.1)
        assert math.isnan(scores.precision)
        assert (scores.recall, scores.f1) == (0, 0)

    def test_nothing_to_find_has_no_recall(self):
        scores = boundary_scores(NONE, np.array([1.0]), tolerance=0.1)
        assert math.isnan(scores.recall)
        assert (scores.precision, scores.f1) == (0, 0)

    def test_a_film_without_cuts_has_one_shot_to_find(self):
        film = as_spans([(0, 60)])
        assert shot_scores(film, film, tolerance=0).matched == 1
        assert math.isnan(shot_scores(film, as_spans([]), tolerance=0).precision)

    def test_no_pairs_have_two_columns(self):
        assert matches(NONE, NONE, tolerance=0).shape == (0, 2)


class TestRefusal:
    @pytest.mark.parametrize("tolerance", [-0.1, math.nan, math.inf])
    def test_a_tolerance_is_zero_or_more(self, tolerance):
        nothing = as_spans([])
        for call in (
            lambda: boundary_scores(NONE, NONE, tolerance=tolerance),
            lambda: transition_scores(nothing, NONE, tolerance=tolerance),
            lambda: shot_scores(nothing, nothing, tolerance=tolerance),
        ):
            with pytest.raises(TimelineError, match="a tolerance must be 0 s or more, got"):
                call()

    def test_boundaries_are_instants(self):
        with pytest.raises(
            TimelineError, match=r"estimated boundaries must have shape \(N,\), got \(1, 2\).*boundaries"
        ):
            boundary_scores(NONE, np.array([[0.0, 1.0]]), tolerance=0.1)

    def test_boundaries_are_finite(self):
        with pytest.raises(TimelineError, match="reference boundaries must be finite seconds, got nan at row 1"):
            boundary_scores(np.array([0.0, math.nan]), NONE, tolerance=0.1)

    def test_transitions_are_spans(self):
        with pytest.raises(TimelineError, match="reference transitions must not end before they start"):
            transition_scores(np.array([[2.0, 1.0]]), NONE, tolerance=0.1)

    def test_shots_do_not_overlap(self):
        film, wrong = as_spans([(0, 4), (4, 9)]), as_spans([(4, 9), (0, 4.04)])
        with pytest.raises(
            TimelineError, match=r"estimated shots must not overlap, got .*4.04.* Are the ends inclusive\?"
        ):
            shot_scores(film, wrong, tolerance=0.1)
        with pytest.raises(TimelineError, match="reference shots must not overlap"):
            shot_scores(wrong, film, tolerance=0.1)

    @pytest.mark.parametrize("counts", [(-1, 0, 0), (2, 1, 5), (2, 5, 1)])
    def test_there_are_no_more_pairs_than_things_to_pair(self, counts):
        with pytest.raises(TimelineError, match="matches must number from 0 to the smaller count"):
            BoundaryScores.of(counts[0], reference=counts[1], estimated=counts[2])


class TestGolden:
    @pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: f"{len(case['reference'])}@{case['tolerance']}")
    def test_scores_equal_those_of_mir_eval(self, case):
        scores = boundary_scores(np.array(case["reference"]), np.array(case["estimated"]), tolerance=case["tolerance"])
        expected = (case["precision"], case["recall"], case["f1"])
        assert astuple(scores)[:3] == pytest.approx(expected, abs=1e-9)

    def test_a_worked_film(self):
        """Cuts at 2, 4 and 9 s, a dissolve from 6 to 7 s; found: 2, 4 twice, inside the dissolve twice, never 9."""
        reference = as_spans([(2, 2), (4, 4), (6, 7), (9, 9)])
        estimated = np.array([2.0, 4.0, 4.04, 6.1, 6.9])
        scores = transition_scores(reference, estimated, tolerance=0.04)
        assert scores == BoundaryScores(3 / 5, 3 / 4, 2 / 3, matched=3, reference=4, estimated=5)

    def test_one_false_cut_costs_two_shots(self):
        film, found = as_spans([(0, 4), (4, 9)]), as_spans([(0, 4), (4, 7), (7, 9)])
        assert shot_scores(film, found, tolerance=0.1) == BoundaryScores(1 / 3, 1 / 2, 2 / 5, 1, 2, 3)

    def test_counts_of_many_films_are_added_and_not_their_ratios_averaged(self):
        scores = pooled(
            iter([BoundaryScores.of(1, reference=1, estimated=1), BoundaryScores.of(9, reference=99, estimated=9)])
        )
        assert scores == BoundaryScores.of(10, reference=100, estimated=10)
        assert scores.recall == 0.1

    def test_a_film_with_nothing_to_find_does_not_spoil_the_rest(self):
        films = [BoundaryScores.of(0, reference=0, estimated=0), BoundaryScores.of(3, reference=4, estimated=3)]
        assert pooled(films) == films[1]


class TestOracle:
    @given(times, times, tolerances)
    def test_no_pairing_of_times_has_more_pairs(self, reference, estimated, tolerance):
        pairs = matches(reference, estimated, tolerance=tolerance)
        near = distance(reference, estimated) <= tolerance + SLACK
        assert len(pairs) == most_pairs(near)
        assert near[pairs[:, 0], pairs[:, 1]].all()
        assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)

    @given(st.lists(ticks, max_size=4).map(np.array), st.lists(ticks, max_size=4).map(np.array), tolerances)
    def test_no_pairing_of_a_few_times_has_more_pairs_when_all_are_tried(self, reference, estimated, tolerance):
        near = distance(reference, estimated) <= tolerance + SLACK
        if len(reference) > len(estimated):
            near = near.T
        ways = itertools.permutations(range(near.shape[1]), near.shape[0])
        best = max(sum(near[row, column] for row, column in enumerate(way)) for way in ways)
        assert len(matches(reference, estimated, tolerance=tolerance)) == best

    def test_the_nearest_first_would_lose_a_pair(self):
        reference, estimated = np.array([1.0, 2.0]), np.array([1.6, 2.4])
        assert matches(reference, estimated, tolerance=0.7).tolist() == [[0, 0], [1, 1]]

    @given(transitions, times, tolerances)
    def test_no_pairing_of_transitions_has_more_pairs(self, reference, estimated, tolerance):
        limit = tolerance + SLACK
        after = estimated[None, :] >= reference[:, :1] - limit
        before = estimated[None, :] <= reference[:, 1:] + limit
        scores = transition_scores(reference, estimated, tolerance=tolerance)
        assert scores.matched == most_pairs(after & before)

    @given(times, times, tolerances)
    def test_transitions_that_are_instants_are_boundaries(self, reference, estimated, tolerance):
        cuts = as_spans(np.column_stack((reference, reference)))
        scores = transition_scores(cuts, estimated, tolerance=tolerance)
        assert repr(scores) == repr(boundary_scores(reference, estimated, tolerance=tolerance))

    @given(films, films, tolerances)
    def test_no_pairing_of_shots_has_more_pairs(self, reference, estimated, tolerance):
        near = (distance(reference[:, 0], estimated[:, 0]) <= tolerance + SLACK) & (
            distance(reference[:, 1], estimated[:, 1]) <= tolerance + SLACK
        )
        assert shot_scores(reference, estimated, tolerance=tolerance).matched == most_pairs(near)

    @given(times, times, tolerances)
    def test_a_wider_tolerance_never_finds_less(self, reference, estimated, tolerance):
        wide = boundary_scores(reference, estimated, tolerance=tolerance + 1)
        assert wide.matched >= boundary_scores(reference, estimated, tolerance=tolerance).matched

    @given(times, times, tolerances)
    def test_swapping_the_sides_swaps_precision_and_recall(self, reference, estimated, tolerance):
        one = boundary_scores(reference, estimated, tolerance=tolerance)
        other = boundary_scores(estimated, reference, tolerance=tolerance)
        assert repr((one.precision, one.recall, one.f1)) == repr((other.recall, other.precision, other.f1))


class TestRecallOfScenes:
    def test_every_true_boundary_near_an_estimate_is_found(self):
        assert scene_recall(np.array([10.0, 12.0, 60.0]), np.array([61.0, 13.0])) == 1
        assert scene_recall(np.array([10.0, 60.0]), np.array([13.0, 63.1])) == 0.5
        assert scene_recall(np.array([0.2]), np.array([0.3]), tolerance=0.1) == 1

    def test_without_boundaries_there_is_no_recall(self):
        assert math.isnan(scene_recall(NONE, np.array([1.0])))
        assert scene_recall(np.array([1.0]), NONE) == 0

    def test_what_cannot_be_is_refused(self):
        with pytest.raises(TimelineError, match="a tolerance must be 0 s or more, got -1"):
            scene_recall(NONE, NONE, tolerance=-1)
        with pytest.raises(TimelineError, match=r"reference boundaries must have shape \(N,\)"):
            scene_recall(np.zeros((1, 2)), NONE)

    @given(times, times, tolerances)
    def test_it_is_the_share_within_reach_of_any_estimate(self, reference, estimated, tolerance):
        near = (distance(reference, estimated) <= tolerance + SLACK).any(axis=1)
        wanted = near.mean() if len(reference) else math.nan
        assert scene_recall(reference, estimated, tolerance=tolerance) == pytest.approx(wanted, nan_ok=True)
