"""Intervals hold the truth as often as they say, draw whole groups, and say when they cannot be given."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cueline.errors import TimelineError
from cueline.evaluation.intervals import (
    bootstrap_interval,
    bootstrap_of_sums,
    bootstrap_of_weights,
    by_rows,
    paired_difference,
)
from cueline.evaluation.summaries import Interval


def mean_of(values):
    return lambda rows: float(np.mean(values[rows]))


def ratio(sums):
    return sums[0] / sums[1]


class TestPerfect:
    def test_a_measure_that_never_changes_has_an_interval_without_width(self):
        found = bootstrap_interval(lambda rows: 1.0, np.arange(30))
        assert found == Interval(1.0, 1.0, 1.0)

    def test_runs_that_are_the_same_differ_by_nothing(self):
        values = np.random.default_rng(0).random(40)
        found = paired_difference(by_rows(mean_of(values)), by_rows(mean_of(values)), np.arange(40))
        assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
        assert (found.share_below, found.p_value) == (0, 1)


class TestFewItems:
    def test_without_items_there_is_neither_value_nor_interval(self):
        found = bootstrap_interval(lambda rows: 1.0, [])
        assert math.isnan(found.value)
        assert math.isnan(found.low)
        assert found.note == "there are no items"

    def test_one_group_has_a_value_and_no_interval(self):
        values = np.arange(5.0)
        found = bootstrap_interval(mean_of(values), ["film"] * 5)
        assert found.value == 2
        assert math.isnan(found.low)
        assert math.isnan(found.high)
        assert found.note == "all items are of one group: an interval needs two or more"

    def test_few_groups_have_an_interval_that_is_called_rough(self):
        found = bootstrap_interval(mean_of(np.arange(12.0)), np.arange(12) // 3)
        assert found.low < found.value < found.high
        assert found.note == "only 4 groups: the interval is rough, and rather too narrow"

    def test_a_measure_that_is_not_defined_has_no_interval(self):
        found = bootstrap_interval(lambda rows: math.nan, np.arange(20))
        assert math.isnan(found.value)
        assert found.note == "not defined on these items"

    def test_resamples_without_a_number_are_counted(self):
        there = np.arange(40) == 0
        found = bootstrap_interval(lambda rows: 0.5 if there[rows].any() else math.nan, np.arange(40))
        assert (found.low, found.high) == (0.5, 0.5)
        assert found.note.startswith("not defined on 3")
        assert found.note.endswith(" of 1,000 resamples")

    def test_runs_on_one_group_have_a_difference_without_interval(self):
        found = paired_difference(by_rows(mean_of(np.ones(3))), by_rows(mean_of(np.zeros(3))), [7, 7, 7])
        assert (found.first_value, found.second_value, found.difference.value) == (1, 0, 1)
        assert math.isnan(found.difference.low)
        assert math.isnan(found.p_value)
        assert math.isnan(found.share_below)


class TestRefusal:
    def test_groups_of_another_shape(self):
        with pytest.raises(TimelineError, match=r"groups must have shape \(N,\), one label a row, got \(2, 2\)"):
            bootstrap_interval(len, np.zeros((2, 2)))

    def test_no_resample(self):
        with pytest.raises(TimelineError, match="a bootstrap draws 1 resample or more, got 0"):
            bootstrap_interval(len, np.arange(3), resamples=0)

    @pytest.mark.parametrize("level", [0, 1, 95])
    def test_a_level_that_is_none(self, level):
        with pytest.raises(TimelineError, match=f"a level must lie between 0 and 1, got {level}. Is it a percentage?"):
            bootstrap_interval(len, np.arange(3), level=level)

    def test_parts_without_one_row_a_label(self):
        with pytest.raises(TimelineError, match=r"parts must have shape \(N, K\) .* got \(3, 1\) and 2"):
            bootstrap_of_sums(ratio, [1, 2, 3], [0, 1])

    def test_a_measure_of_another_shape(self):
        with pytest.raises(TimelineError, match=r"one value a resample, \(1,\), got \(\)"):
            bootstrap_of_weights(lambda weights: 0.5, np.arange(3))

    def test_runs_on_other_items(self):
        same = by_rows(mean_of(np.ones(2)))
        with pytest.raises(TimelineError, match="got 'b' of 'ours' and 'c' of 'theirs' in row 1. Align them first"):
            paired_difference(same, same, [0, 1], items=(["a", "b"], ["a", "c"]), names=("ours", "theirs"))

    def test_runs_on_fewer_items(self):
        same = by_rows(mean_of(np.ones(2)))
        with pytest.raises(TimelineError, match="'second' must have one item for each of 2 rows, got 1"):
            paired_difference(same, same, [0, 1], items=(["a", "b"], ["a"]))


class TestGroups:
    def test_rows_of_a_group_are_drawn_together(self):
        seen = []
        bootstrap_interval(lambda rows: seen.append(np.bincount(rows, minlength=6)) or 0.0, [5, 5, 5, 2, 2, 9])
        for counts in seen:
            assert counts[0] == counts[1] == counts[2]
            assert counts[3] == counts[4]
            assert counts[[0, 3, 5]].sum() == 3

    def test_rows_that_resemble_one_another_give_a_wider_interval(self):
        films = np.repeat(np.random.default_rng(3).random(20), 50)
        alone = bootstrap_interval(mean_of(films), np.arange(1000))
        together = bootstrap_interval(mean_of(films), np.arange(1000) // 50)
        assert together.high - together.low > 5 * (alone.high - alone.low)

    def test_names_and_numbers_are_groups_alike(self):
        values = np.random.default_rng(1).random(12)
        numbers = np.arange(12) % 6
        named = bootstrap_interval(mean_of(values), [f"film {number}" for number in numbers])
        assert named == bootstrap_interval(mean_of(values), numbers)


class TestPaired:
    def test_what_two_runs_share_cancels(self):
        chance = np.random.default_rng(5)
        hard = chance.random(200)
        first, second = hard + 0.02 + chance.normal(0, 0.01, 200), hard
        found = paired_difference(
            by_rows(mean_of(first)),
            by_rows(mean_of(second)),
            np.arange(200),
            items=(list(map(str, range(200))), list(map(str, range(200)))),
            names=("ours", "theirs"),
            measure="mean",
        )
        assert (found.measure, found.first, found.second) == ("mean", "ours", "theirs")
        assert 0.015 < found.difference.low < found.difference.value < found.difference.high < 0.025
        assert found.share_below == 0
        assert found.p_value == pytest.approx(2 / 1001)

    def test_the_other_way_round_is_the_opposite(self):
        chance = np.random.default_rng(6)
        first, second = chance.random((2, 50))
        one = paired_difference(by_rows(mean_of(first)), by_rows(mean_of(second)), np.arange(50))
        other = paired_difference(by_rows(mean_of(second)), by_rows(mean_of(first)), np.arange(50))
        assert one.difference.value == -other.difference.value
        assert one.difference.low == pytest.approx(-other.difference.high)
        assert one.p_value == other.p_value
        assert one.share_below == pytest.approx(1 - other.share_below)

    def test_a_run_that_is_not_defined_gives_no_difference(self):
        found = paired_difference(by_rows(lambda rows: math.nan), by_rows(mean_of(np.ones(20))), np.arange(20))
        assert math.isnan(found.difference.value)
        assert found.difference.note == "not defined on these items"

    def test_chance_alone_is_significant_as_often_as_it_should_be(self):
        chance, found = np.random.default_rng(7), []
        for _ in range(200):
            apart = chance.normal(size=(40, 1))
            measures = [lambda weights, v=apart: (v * weights).sum(axis=0) / weights.sum(axis=0)]
            measures.append(lambda weights: np.zeros(weights.shape[1]))
            found.append(paired_difference(*measures, np.arange(40), resamples=200).p_value)
        assert 0.02 <= np.mean(np.array(found) <= 0.05) <= 0.1


class TestOracle:
    def test_singletons_agree_with_scipy(self):
        values = np.random.default_rng(0).gamma(2, size=60)
        ours = bootstrap_interval(mean_of(values), np.arange(60), resamples=4000)
        theirs = stats.bootstrap(
            (values,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(1)
        ).confidence_interval
        width = theirs.high - theirs.low
        assert ours.low == pytest.approx(theirs.low, abs=0.05 * width)
        assert ours.high == pytest.approx(theirs.high, abs=0.05 * width)

    def test_nineteen_of_twenty_intervals_hold_the_truth(self):
        chance, held = np.random.default_rng(2), 0
        for _ in range(300):
            films = chance.normal(0.7, 0.1, 40)
            rows = np.repeat(films, 5) + chance.normal(0, 0.05, 200)
            found = bootstrap_of_sums(ratio, np.column_stack((rows, np.ones(200))), np.arange(200) // 5, resamples=300)
            held += found.low <= 0.7 <= found.high
        assert 0.9 <= held / 300 <= 0.98

    @given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=12))
    def test_sums_weights_and_rows_give_one_interval(self, rows):
        groups, found, there = np.array(rows).T
        parts = np.column_stack((found, there)).astype(float)
        sums = bootstrap_of_sums(ratio, parts, groups, resamples=50)
        weights = bootstrap_of_weights(lambda w: ratio(parts.T @ w), groups, resamples=50)
        plain = bootstrap_interval(lambda r: found[r].sum() / there[r].sum(), groups, resamples=50)
        for other in (weights, plain):
            assert other.value == pytest.approx(sums.value)
            assert (other.low, other.high) == pytest.approx((sums.low, sums.high), nan_ok=True)
            assert other.note.split(" by ")[0] == sums.note.split(" by ")[0]
