"""Resamples are drawn group by group, and their interval lies about the value."""

import math

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.evaluation import resampling
from cueline.evaluation.resampling import interval_of, numbered, resampled_weights
from cueline.evaluation.summaries import Interval


class TestDraws:
    def test_the_size_of_a_block_changes_nothing(self, monkeypatch):
        whole = np.concatenate(list(resampled_weights(np.arange(7) // 2, resamples=20)), axis=1)
        monkeypatch.setattr(resampling, "_CELLS", 21)
        parts = list(resampled_weights(np.arange(7) // 2, resamples=20))
        assert [part.shape for part in parts] == [(7, 3)] * 6 + [(7, 2)]
        assert np.array_equal(np.concatenate(parts, axis=1), whole)

    def test_another_seed_draws_others(self):
        first, second = (next(resampled_weights(np.arange(9), resamples=5, seed=seed)) for seed in (0, 1))
        assert not np.array_equal(first, second)

    def test_names_become_numbers(self):
        numbers, count = numbered(["b", "a", "b"])
        assert (numbers.tolist(), count) == ([1, 0, 1], 2)

    def test_groups_of_another_shape_are_refused(self):
        with pytest.raises(TimelineError, match=r"groups must have shape \(N,\)"):
            numbered(np.zeros((2, 2)))


class TestBias:
    def test_resamples_that_are_all_too_high_are_moved_onto_the_value(self):
        found = interval_of(0.3, np.linspace(0.4, 0.5, 101), groups=50)
        assert found.low == pytest.approx(0.3 - 0.0475)
        assert found.high == pytest.approx(0.3 + 0.0475)
        assert found.note == "moved by -0.15, the bias of its resamples"

    def test_a_ratio_stays_between_0_and_1_and_a_difference_does_not(self):
        values = np.linspace(0.1, 0.9, 101)
        assert interval_of(0.95, values, groups=50).high == 1
        assert interval_of(0.95, values, groups=50, ratio=False).high == pytest.approx(1.33)

    def test_bias_within_a_quarter_of_a_standard_error_is_ignored(self):
        found = interval_of(0.5, np.linspace(0.4, 0.61, 101), groups=50)
        assert found.note == ""
        assert found.low == pytest.approx(np.quantile(np.linspace(0.4, 0.61, 101), 0.025))

    def test_one_resample_is_no_measure_of_bias(self):
        rough = "with 1 resamples the interval is rough"
        assert interval_of(0.5, [0.7], groups=50) == Interval(0.5, 0.7, 0.7, note=rough)


class TestEmpty:
    def test_a_measure_defined_on_no_resample_has_no_interval(self):
        found = interval_of(0.5, [math.nan, math.nan], groups=20)
        assert math.isnan(found.low)
        assert found.note == "no interval: not defined on any resample"
