"""Curves are scikit-learn's, thin ones look the same, and label curves carry their spread."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from cueline.errors import TimelineError
from cueline.evaluation.curves import area_under, label_curve, precision_recall_curve, roc_curve, thinned

PAIRS = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=30)


class TestPerfect:
    def test_a_perfect_ranking_goes_through_the_corner(self):
        flags = np.array([True, True, False, False])
        curve = precision_recall_curve(flags, flags * 1.0, name="rain")
        assert (curve.kind, curve.name, curve.x.tolist(), curve.y.tolist()) == ("pr", "rain", [1, 1], [1, 0.5])
        curve = roc_curve(flags, flags * 1.0, name="rain")
        assert (curve.kind, curve.x.tolist(), curve.y.tolist()) == ("roc", [0, 0, 1], [0, 1, 1])


class TestEmpty:
    @pytest.mark.parametrize("flags", [[], [False, False]])
    def test_without_a_positive_there_are_no_points(self, flags):
        scores = np.arange(len(flags)) * 1.0
        assert len(precision_recall_curve(flags, scores, name="x").x) == 0
        assert len(roc_curve(flags, scores, name="x").x) == 0

    def test_without_a_negative_there_is_no_roc(self):
        assert len(roc_curve([True], [0.5], name="x").x) == 0

    def test_nothing_has_no_area(self):
        assert math.isnan(area_under(label_curve([], np.empty((3, 0)), name="x")))


class TestRefusal:
    def test_many_classes_at_once(self):
        with pytest.raises(TimelineError, match=r"a curve is of one class, shape \(N,\), got \(2, 2\)"):
            roc_curve(np.ones((2, 2), bool), np.ones((2, 2)), name="x")

    def test_scores_that_are_no_numbers(self):
        with pytest.raises(TimelineError, match="scores must be finite, got nan in row 1"):
            precision_recall_curve([True, False], [0.5, math.nan], name="x")

    def test_a_line_of_one_point(self):
        with pytest.raises(TimelineError, match="a line keeps 2 points or more, got 1"):
            thinned([0, 1], [0, 1], most=1)

    @pytest.mark.parametrize("values", [[0.5], np.ones((2, 2, 2))])
    def test_values_of_other_numbers_of_labels(self, values):
        with pytest.raises(TimelineError, match=r"values must have shape \(S, N\)"):
            label_curve([1, 2], values, name="x")

    def test_labels_that_do_not_rise(self):
        with pytest.raises(TimelineError, match=r"numbers of labels must rise, got \[2.0, 2.0\]"):
            label_curve([2, 2], [0.5, 0.5], name="x")

    def test_a_level_that_is_none(self):
        with pytest.raises(TimelineError, match="a level must lie between 0 and 1, got 95"):
            label_curve([1, 2], [0.5, 0.5], name="x", level=95)


class TestOracle:
    @given(PAIRS)
    def test_precision_recall_is_that_of_scikit_learn(self, pairs):
        flags, scores = np.array(pairs).T[0].astype(bool), np.array(pairs).T[1] * 1.0
        if not flags.any():
            return
        curve = precision_recall_curve(flags, scores, name="x")
        precision, recall, _ = metrics.precision_recall_curve(flags, scores)
        theirs = thinned(recall[-2::-1], precision[-2::-1])  # without the point (0, 1) that no score has
        assert curve.x == pytest.approx(theirs[0])
        assert curve.y == pytest.approx(theirs[1])

    @given(PAIRS)
    def test_roc_is_that_of_scikit_learn(self, pairs):
        flags, scores = np.array(pairs).T[0].astype(bool), np.array(pairs).T[1] * 1.0
        if flags.all() or not flags.any():
            return
        curve = roc_curve(flags, scores, name="x")
        x, y, _ = metrics.roc_curve(flags, scores)
        assert np.trapezoid(curve.y, curve.x) == pytest.approx(np.trapezoid(y, x))

    def test_what_nobody_judged_takes_no_part(self):
        flags, judged = np.array([True, False, True, False]), np.array([True, True, True, False])
        scores = np.array([0.9, 0.8, 0.1, math.nan])
        found = precision_recall_curve(flags, scores, judged=judged, name="x")
        plain = precision_recall_curve(flags[:3], scores[:3], name="x")
        assert found.y.tolist() == plain.y.tolist()


class TestThinned:
    def test_a_few_hundred_points_draw_a_hundred_thousand(self):
        chance = np.random.default_rng(0)
        flags = chance.random(100_000) < 0.1
        scores = chance.normal(size=100_000) + flags
        whole = roc_curve(flags, scores, name="x", most=200_000)
        thin = roc_curve(flags, scores, name="x")
        assert len(thin.x) <= 500 < len(whole.x)
        assert np.interp(whole.x, thin.x, thin.y) == pytest.approx(whole.y, abs=0.003)

    def test_points_on_a_line_are_not_needed(self):
        x, y = thinned(np.linspace(0, 1, 1001), np.linspace(0, 1, 1001))
        assert x.tolist() == y.tolist() == [0, 1]

    def test_a_line_that_returns_to_its_start_is_kept(self):
        x, y = thinned([0, 1, 0], [0, 1, 0])
        assert x.tolist() == y.tolist() == [0, 1, 0]

    def test_the_farthest_come_first(self):
        x, _ = thinned([0, 0.2, 0.5, 0.8, 1], [0, 0.01, 1, 0.01, 0], most=3)
        assert x.tolist() == [0, 0.5, 1]


class TestLabelCurve:
    def test_mean_and_interval_are_students(self):
        values = np.random.default_rng(1).random((5, 3))
        curve = label_curve([10, 20, 40], values, name="random")
        low, high = stats.t.interval(0.95, 4, loc=values.mean(axis=0), scale=stats.sem(values))
        assert curve.y == pytest.approx(values.mean(axis=0))
        assert curve.low == pytest.approx(low)
        assert curve.high == pytest.approx(high)
        assert curve.weights.tolist() == [5, 5, 5]

    def test_seeds_without_a_number_are_passed_over(self):
        curve = label_curve([10, 20, 40], [[math.nan, 0.5, math.nan], [0.4, 0.7, math.nan]], name="random")
        assert curve.y == pytest.approx([0.4, 0.6, math.nan], nan_ok=True)
        assert np.isnan(curve.low).tolist() == [True, False, True]
        assert area_under(curve) == pytest.approx(0.5)

    def test_one_seed_has_no_interval(self):
        curve = label_curve([10, 20], [0.4, 0.6], name="random")
        assert np.isnan(curve.low).all()
        assert area_under(curve) == pytest.approx(0.5)

    def test_the_area_of_one_point_is_its_height(self):
        assert area_under(label_curve([10], [0.4], name="random")) == 0.4
