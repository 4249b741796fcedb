"""Shares told from samples, against scipy, and by how often their intervals hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cueline.errors import TimelineError
from cueline.evaluation.proportions import stratified_proportion, wilson_interval

COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_scipy(counts, level):
    right, judged = counts
    found = wilson_interval(right, judged, level=level)
    oracle = binomtest(right, judged).proportion_ci(level, method="wilson")
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=1e-9)
    assert found.low <= found.value <= found.high


def test_all_right_is_not_certain():
    found = wilson_interval(20, 20)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.839, abs=0.001)


def test_nothing_judged_says_nothing():
    found = wilson_interval(0, 0)
    assert math.isnan(found.value)
    assert math.isnan(found.low)
    assert found.note == "nothing was judged"


@given(COUNTS, st.integers(0, 1000))
def test_the_more_of_the_whole_is_judged_the_less_is_left_to_chance(counts, rest):
    right, judged = counts
    some, all_of_it = wilson_interval(right, judged, population=judged + rest), wilson_interval(right, judged)
    assert all_of_it.low - 1e-12 <= some.low <= some.value <= some.high <= all_of_it.high + 1e-12


def test_everything_judged_leaves_nothing_to_chance():
    found = wilson_interval(3, 4, population=4)
    assert (found.low, found.value, found.high) == (0.75, 0.75, 0.75)


@given(COUNTS)
def test_one_part_is_the_whole(counts):
    right, judged = counts
    whole, part = stratified_proportion([right], [judged], [1000]), wilson_interval(right, judged, population=1000)
    assert (whole.value, whole.low, whole.high) == pytest.approx((part.value, part.low, part.high))


def test_parts_count_by_their_size():
    found = stratified_proportion([18, 10], [20, 20], [900, 100])
    assert found.value == pytest.approx(0.9 * 0.9 + 0.1 * 0.5)


def test_a_part_of_which_nothing_was_judged_may_be_all_right_or_all_wrong():
    found = stratified_proportion([10, 0], [10, 0], [10, 10])
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0.5, 1.0)
    assert found.note == "of 50.0% of the whole nothing was judged"


def test_an_empty_part_counts_for_nothing_and_nothing_at_all_says_nothing():
    assert stratified_proportion([5, 0], [5, 0], [5, 0]).value == 1.0
    assert math.isnan(stratified_proportion([], [], []).value)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    sizes, shares = np.array([300, 100, 60]), np.array([0.97, 0.8, 0.5])
    hits = np.round(sizes * shares).astype(int)
    truth, held = hits.sum() / sizes.sum(), 0
    for _ in range(600):
        right = rng.hypergeometric(hits, sizes - hits, 20)
        found = stratified_proportion(right, [20, 20, 20], sizes)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 600 <= 0.99


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: wilson_interval(3, 2), "among the judged, got 3 of 2"),
        (lambda: wilson_interval(-1, 2), "among the judged, got -1 of 2"),
        (lambda: wilson_interval(1, 5, population=4), "among the whole, got 5 of 4"),
        (lambda: wilson_interval(1, 2, level=95), "between 0 and 1, got 95"),
        (lambda: stratified_proportion([1], [2, 3], [4]), r"one shape \(P,\), got \(1,\), \(2,\), \(1,\)"),
    ],
)
def test_what_cannot_be_is_refused(call, text):
    with pytest.raises(TimelineError, match=text):
        call()
