"""Ties: closed form against every order, harmonic numbers against fractions."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.evaluation.ties import Ties, harmonic

scores = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=6)


def all_orders(right, wrong, n=None):
    """The precision at each right pair, summed, averaged over all orders that the scores allow."""
    pairs = [(score, True) for score in right] + [(score, False) for score in wrong]
    sums = []
    for order in itertools.permutations(pairs):
        if any(a[0] < b[0] for a, b in itertools.pairwise(order)):
            continue
        hits = np.cumsum([hit for _, hit in order])
        sums.append(sum(hits[at] / (at + 1) for at, pair in enumerate(order[:n]) if pair[1]))
    return float(np.mean(sums))


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=3), st.lists(st.sampled_from([0.0, 0.5, 1.0]), max_size=3))
def test_the_mean_over_orders_is_that_of_every_order(right, wrong):
    ties = Ties.of(np.array(right), np.array(wrong))
    assert ties.precision_sum() == pytest.approx(all_orders(right, wrong), abs=1e-12)
    assert ties.precision_sum(n=2) == pytest.approx(all_orders(right, wrong, 2), abs=1e-12)


@given(scores, scores)
def test_ranges_of_scores_add_up(right, wrong):
    right, wrong = np.array(right), np.array(wrong)
    high = Ties.of(right[right > 0.25], wrong[wrong > 0.25])
    edge = Ties.one(int((right == 0.25).sum()), int((wrong == 0.25).sum()))
    low = Ties.of(right[right < 0.25], wrong[wrong < 0.25])
    total, before, found = 0.0, 0, 0
    for ties in (high, edge, low):
        total += ties.precision_sum(before=before, before_right=found)
        before, found = before + ties.range_all, found + ties.range_right
    assert total == pytest.approx(Ties.of(right, wrong).precision_sum(), abs=1e-12)
    assert (before, found) == (len(right) + len(wrong), len(right))


def test_a_perfect_order_is_exact_even_among_millions():
    right = np.repeat(np.arange(10.0), 1000)
    assert Ties.of(right, np.empty(0)).precision_sum() == 10_000
    assert Ties.one(5_000_000, 0).precision_sum(before=10**9, before_right=10**9) == pytest.approx(5_000_000, rel=1e-14)


@pytest.mark.parametrize(
    ("start", "count"), [(0, 0), (0, 1), (0, 64), (5, 200), (63, 1), (63, 2), (64, 1), (64, 500), (100, 1), (1000, 3)]
)
def test_harmonic_numbers_are_exact(start, count):
    exact = sum((Fraction(1, place) for place in range(start + 1, start + count + 1)), Fraction(0))
    assert harmonic(np.array([start]), np.array([count]))[0] == pytest.approx(float(exact), rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("start", [10**3, 10**6, 10**9, 10**12])
def test_harmonic_numbers_keep_their_digits_far_out(start):
    assert harmonic(np.array([start]), np.array([2]))[0] == pytest.approx(
        1 / (start + 1) + 1 / (start + 2), rel=1e-14, abs=0
    )
    wide = harmonic(np.array([start]), np.array([start]))[0]
    assert wide == pytest.approx(math.log(2) - 1 / (4 * start), rel=1e-6)
