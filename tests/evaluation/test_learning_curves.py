"""Areas, labels to reach a target, and intervals over seeds."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cueline.errors import TimelineError
from cueline.evaluation.learning_curves import (
    area_under_learning_curve,
    difference_over_seeds,
    labels_to_reach,
    mean_over_seeds,
    median_over_seeds,
    on_grid,
)

ratios = st.floats(0, 1, width=32)


@st.composite
def curves(draw):
    labels = np.cumsum(draw(st.lists(st.integers(1, 50), min_size=1, max_size=8)))
    seeds = draw(st.integers(1, 5))
    return labels, draw(hnp.arrays(np.float64, (seeds, len(labels)), elements=ratios))


class TestPerfect:
    def test_a_curve_that_is_1_from_the_start_has_area_1(self):
        assert area_under_learning_curve([5, 10, 400], np.ones((2, 3))).tolist() == [1, 1]

    def test_what_is_there_at_the_start_is_reached_at_the_start(self):
        assert labels_to_reach([5, 10], [[0.5, 0.2]], 0.5).tolist() == [5]

    def test_a_strategy_against_itself_differs_by_0(self):
        found = difference_over_seeds([0.1, 0.9, 0.5], [0.1, 0.9, 0.5])
        assert (found.value, found.low, found.high) == (0, 0, 0)

    def test_a_grid_of_its_own_labels_is_the_curve(self):
        assert on_grid([5, 10, 20], [0.1, 0.3, 0.2], [5, 10, 20]).tolist() == [0.1, 0.3, 0.2]


class TestEmpty:
    def test_no_labels_have_no_area_and_reach_nothing(self):
        assert np.isnan(area_under_learning_curve([], np.empty((2, 0)))).all()
        assert labels_to_reach([], np.empty((2, 0)), 0.5).tolist() == [np.inf, np.inf]
        assert np.isnan(on_grid([], [], [1, 2])).all()

    def test_one_number_of_labels_is_its_own_area(self):
        assert area_under_learning_curve([7], [[0.3], [0.4]]).tolist() == [0.3, 0.4]

    def test_no_target_no_answer(self):
        assert np.isnan(labels_to_reach([5, 10], [[0.5, 0.2]], math.nan)).all()

    @pytest.mark.parametrize("measure", [mean_over_seeds, median_over_seeds])
    def test_no_seed_gives_nan_and_says_so(self, measure):
        found = measure([np.nan])
        assert math.isnan(found.value)
        assert found.note == "no seed gave a number"

    def test_one_seed_has_no_interval(self):
        found = mean_over_seeds([0.4, np.nan])
        assert found.value == 0.4
        assert math.isnan(found.low)
        assert found.note == "one seed: an interval needs two or more"

    def test_five_seeds_are_too_few_for_a_median(self):
        found = median_over_seeds([1, 2, 3, 4, 5])
        assert found.value == 3
        assert math.isnan(found.low)
        assert found.note == "5 seeds are too few for an interval of a median"


class TestRefusal:
    @pytest.mark.parametrize(
        ("labels", "values", "message"),
        [
            ([1, 2], [[0.5]], r"shape \(S, N\) for N numbers of labels, got \(1, 1\) and \(2,\)"),
            ([1, 2], [0.5, 0.5], r"got \(2,\) and \(2,\)"),
            ([2, 2], [[0.5, 0.5]], r"must rise, got \[2.0, 2.0\]"),
        ],
    )
    def test_labels_and_values_that_do_not_fit(self, labels, values, message):
        with pytest.raises(TimelineError, match=message):
            area_under_learning_curve(labels, values)
        with pytest.raises(TimelineError, match=message):
            labels_to_reach(labels, values, 0.5)

    def test_seeds_that_are_not_the_same(self):
        with pytest.raises(TimelineError, match=r"one number a seed, shape \(S,\), got \(2,\) and \(1,\)"):
            difference_over_seeds([0.1, 0.2], [0.1])

    def test_a_table_and_a_level_that_cannot_be(self):
        with pytest.raises(TimelineError, match=r"one number a seed is needed, shape \(S,\), got \(1, 2\)"):
            mean_over_seeds([[0.1, 0.2]])
        with pytest.raises(TimelineError, match=r"between 0 and 1, got 95\. Is it a percentage\?"):
            median_over_seeds([0.1, 0.2], level=95)


class TestGolden:
    def test_worked_by_hand(self):
        assert area_under_learning_curve([0, 100, 400], [[0.0, 0.4, 0.8]])[0] == pytest.approx((20 + 180) / 400)
        assert labels_to_reach([0, 100, 400], [[0.0, 0.4, 0.8], [0.7, 0.1, 0.2]], 0.5).tolist() == [400, 0]
        assert on_grid([0, 100], [0.0, 0.4], [-1, 25, 101]).tolist()[1] == pytest.approx(0.1)

    def test_of_ten_seeds_the_interval_reaches_from_the_second_to_the_ninth(self):
        found = median_over_seeds(np.arange(10.0))
        assert (found.value, found.low, found.high) == (4.5, 1, 8)

    def test_seeds_that_never_arrive_are_greater_than_all(self):
        found = median_over_seeds([10, 20, 30, 40, 50, 60] + [np.inf] * 4)
        assert (found.value, found.low, found.high) == (55, 20, np.inf)
        assert median_over_seeds([1.0, 2, np.inf, np.inf, np.inf]).value == np.inf


class TestOracle:
    @given(curves())
    def test_areas_are_numpys_trapezoids(self, drawn):
        labels, values = drawn
        found = area_under_learning_curve(labels, values)
        if len(labels) > 1:
            expected = np.trapezoid(values, labels, axis=1) / (labels[-1] - labels[0])
            np.testing.assert_allclose(found, expected, atol=1e-12)
        assert (found >= values.min(axis=1) - 1e-12).all()
        assert (found <= values.max(axis=1) + 1e-12).all()

    @given(curves(), ratios)
    def test_labels_to_reach_are_found_one_by_one(self, drawn, target):
        labels, values = drawn
        expected = [next((n for n, v in zip(labels, row, strict=True) if v >= target), np.inf) for row in values]
        assert labels_to_reach(labels, values, target).tolist() == expected

    @given(hnp.arrays(np.float64, st.integers(2, 12), elements=ratios))
    def test_means_are_scipys_paired_t(self, values):
        found = mean_over_seeds(values)
        low, high = scipy.stats.t.interval(
            0.95, len(values) - 1, values.mean(), values.std(ddof=1) / len(values) ** 0.5 or 1e-300
        )
        np.testing.assert_allclose([found.low, found.high], [low, high], atol=1e-9)

    def test_intervals_of_medians_hold_the_truth_as_often_as_they_say(self):
        rng = np.random.default_rng(0)
        found = [median_over_seeds(rng.exponential(size=12)) for _ in range(2000)]
        held = np.mean([each.low <= math.log(2) <= each.high for each in found])
        assert 0.95 <= held <= 0.99

    @given(st.integers(6, 60))
    def test_the_chance_of_ranks_is_binomial(self, count):
        found = median_over_seeds(np.arange(count, dtype=float))
        outside = 2 * scipy.stats.binom.cdf(found.low, count, 0.5)
        closer = 2 * scipy.stats.binom.cdf(found.low + 1, count, 0.5)
        assert outside <= 0.05 < closer
