"""From curves to boundaries, on curves made by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.detectors.shots.boundaries import Boundary, Run, blank_frames, cuts, gradual, runs

STEP = 0.04


def peaks(chances, *, threshold=0.5, shortest_seconds=0.08):
    return cuts(np.array(chances, np.float32), STEP, threshold=threshold, shortest_seconds=shortest_seconds)


def fades(high, count=200, *, black=(), white=(), known=(), level=1.0):
    """Boundaries of a gradual curve that is high over some frames."""
    chances, luma = np.zeros(count, np.float32), np.full(count, 100, np.float32)
    for first, end in high:
        chances[first:end] = level
    for first, end in black:
        luma[first:end] = 0
    for first, end in white:
        luma[first:end] = 250
    blank = (luma < 28) | (luma > 225)
    found = gradual(chances, luma, blank, [Boundary(frame, 1.0) for frame in known], STEP, threshold=0.9)
    return sorted(one.frame for one in found)


def test_a_peak_above_the_threshold_is_a_cut():
    assert peaks([0, 0, 0.9, 0, 0.4]) == [Boundary(2, pytest.approx(0.9))]


def test_the_first_frame_is_never_a_cut():
    assert peaks([1.0, 0, 0]) == []


def test_of_two_peaks_too_close_the_higher_counts():
    assert [cut.frame for cut in peaks([0, 0, 0.8, 0.9, 0, 0])] == [3]
    assert [cut.frame for cut in peaks([0, 0, 0.8, 0.9, 0, 0], shortest_seconds=0.04)] == [2, 3]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.floats(0.01, 1.0))
def test_cuts_stand_in_order_and_apart(chances, shortest):
    found = [cut.frame for cut in peaks(chances, shortest_seconds=shortest)]
    assert all(b - a >= max(1, round(shortest / STEP)) for a, b in itertools.pairwise(found))


def test_a_dissolve_is_one_boundary_in_its_middle():
    assert fades([(80, 100)]) == [pytest.approx(90, abs=1)]


def test_a_transition_that_stays_below_the_threshold_is_none():
    assert fades([(80, 100)], level=0.8) == []


def test_a_fade_through_black_is_one_boundary_in_the_black():
    assert fades([(60, 120)], black=[(80, 90)]) == [85]


def test_a_long_black_between_two_fades_is_one_boundary():
    assert fades([(40, 60), (140, 160)], black=[(58, 142)]) == [100]


def test_where_there_is_black_white_parts_nothing():
    assert fades([(40, 160)], black=[(50, 60), (140, 150)], white=[(90, 100)]) == [55, 145]


def test_white_alone_parts():
    assert fades([(60, 120)], white=[(80, 90)]) == [85]


def test_a_film_that_fades_in_and_out_has_no_boundary_there():
    assert fades([(0, 30), (170, 200)], black=[(0, 10), (190, 200)]) == []


def test_a_film_that_begins_within_a_transition_has_no_boundary_there():
    assert fades([(0, 20), (185, 200)]) == []


def test_black_that_is_cut_to_is_a_shot_and_the_fade_in_begins_the_next():
    assert fades([(85, 120)], black=[(60, 90)], known=[60]) == [90]


def test_a_fade_out_to_black_that_is_cut_from_ends_where_black_begins():
    assert fades([(60, 95)], black=[(90, 110)], known=[110]) == [90]


def test_a_short_gap_does_not_part_a_transition():
    assert len(fades([(80, 95), (98, 110)])) == 1


def test_no_boundary_stands_beside_a_cut():
    assert fades([(78, 84)], known=[81]) == []


def test_two_cuts_and_a_dissolve_are_told_apart():
    assert fades([(80, 110)], known=[40, 160]) == [pytest.approx(95, abs=1)]


def test_blank_is_plain_black_or_plain_white_or_still_black_with_letters():
    luma = np.array([5, 240, 120, 2, 2, 5], np.float32)
    contrast = np.array([1, 1, 1, 6, 6, 30], np.float32)
    change = np.array([0, 0, 0, 0, 1, 0], np.float32)
    assert blank_frames(luma, contrast, change).tolist() == [True, True, False, True, False, False]


@given(st.lists(st.booleans(), max_size=50))
def test_runs_cover_what_is_true_and_nothing_else(flags):
    covered = np.zeros(len(flags), dtype=bool)
    for run in runs(np.array(flags, dtype=bool)):
        assert run.first < run.end
        covered[run.first : run.end] = True
    assert covered.tolist() == flags


def test_the_middle_of_a_run_is_half_way():
    assert Run(10, 20).middle == 15
