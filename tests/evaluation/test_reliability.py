"""Chances that can be believed: perfect, empty, refusal, golden, oracle."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from cueline.errors import OptionError, TimelineError
from cueline.evaluation.reliability import brier_score, expected_calibration_error, reliability_curve

MEASURES = (brier_score, expected_calibration_error, reliability_curve)
FLAGS, CHANCES = np.array([True, False, True, True]), np.array([0.75, 0.75, 0.75, 0.75])


def made(seed, shape=(200,)):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 101, shape) / 100
    return rng.random(shape) < scores**1.5, scores


class TestPerfect:
    def test_chances_that_come_true_have_no_error(self):
        assert expected_calibration_error(FLAGS, CHANCES) == 0
        assert expected_calibration_error(FLAGS, CHANCES, binning="mass") == 0
        found = brier_score(FLAGS, FLAGS + 0.0)
        assert (found.score, found.skill, found.classes.tolist()) == (0, 1, [0])

    def test_always_saying_the_base_rate_has_no_skill(self):
        found = brier_score(FLAGS, CHANCES)
        assert (found.score, found.base, found.skill) == (0.1875, 0.1875, 0)


class TestEmpty:
    @pytest.mark.parametrize("binning", ["width", "mass"])
    def test_nothing_has_no_error_and_an_empty_curve(self, binning):
        for judged in (None, np.zeros((0, 3), bool)):
            nothing = np.zeros((0, 3), bool), np.zeros((0, 3))
            assert math.isnan(expected_calibration_error(*nothing, binning=binning, judged=judged))
            curve = reliability_curve(*nothing, binning=binning, judged=judged)
            assert (len(curve.x), len(curve.y), len(curve.weights)) == (0, 0, 0)

    def test_nothing_judged_has_no_score(self):
        found = brier_score(FLAGS, CHANCES, judged=np.zeros(4, bool))
        assert np.isnan([found.score, found.base, found.skill, *found.classes]).all()

    def test_a_class_nobody_judged_has_no_score_and_one_without_doubt_no_skill(self):
        judged = np.array([[True, False], [True, False]])
        found = brier_score(np.ones((2, 2), bool), np.array([[1.0, np.nan], [0.0, np.nan]]), judged=judged)
        assert (found.score, found.base, found.classes[0]) == (0.5, 0, 0.5)
        assert math.isnan(found.skill)
        assert math.isnan(found.classes[1])


class TestRefusal:
    @pytest.mark.parametrize("measure", MEASURES)
    def test_chances_lie_between_zero_and_one(self, measure):
        table = np.full((2, 3), 0.5)
        for strange in (1.5, -0.1):
            table[1, 2] = strange
            with pytest.raises(TimelineError, match=rf"in \[0, 1\], got {strange} in row 1, column 2.*logits"):
                measure(np.zeros((2, 3), bool), table)
        table[1, 2] = np.nan
        with pytest.raises(TimelineError, match="scores must be finite, got nan in row 1, column 2"):
            measure(np.zeros((2, 3), bool), table)

    @pytest.mark.parametrize("measure", MEASURES)
    def test_shapes_and_dtypes_are_checked(self, measure):
        with pytest.raises(TimelineError, match="reference must be bool, or 0 and 1, got int64"):
            measure(np.array([2]), np.array([0.5]))
        with pytest.raises(TimelineError, match="must have one shape"):
            measure(np.array([True]), np.array([0.5, 0.5]))
        with pytest.raises(TimelineError, match="judged must have the shape"):
            measure(FLAGS, CHANCES, judged=[True])

    def test_bins_are_one_or_more_of_a_known_kind(self):
        with pytest.raises(TimelineError, match="there must be 1 bin or more, got 0"):
            expected_calibration_error(FLAGS, CHANCES, bins=0)
        with pytest.raises(OptionError, match="got 'mas'. Did you mean 'mass'"):
            reliability_curve(FLAGS, CHANCES, binning="mas")


class TestGolden:
    def test_two_bins_by_hand(self):
        """Bin 1: mean 0.2, none of 2; bin 2: mean 0.9, both: (2 x 0.2 + 2 x 0.1) / 4."""
        flags, scores = np.array([False, False, True, True]), np.array([0.1, 0.3, 0.85, 0.95])
        assert expected_calibration_error(flags, scores, bins=2) == pytest.approx(0.15)
        curve = reliability_curve(flags, scores, bins=2, name="music")
        assert (curve.kind, curve.name) == ("reliability", "music")
        assert curve.x.tolist() == pytest.approx([0.2, 0.9])
        assert (curve.y.tolist(), curve.weights.tolist()) == ([0, 1], [2, 2])

    def test_a_bin_holds_its_upper_edge(self):
        curve = reliability_curve(np.array([True, False, True]), np.array([0.0, 0.5, 1.0]), bins=2)
        assert curve.weights.tolist() == [2, 1]

    def test_the_base_of_many_classes_knows_each_class(self):
        flags = np.array([[True, False], [True, True]])
        found = brier_score(flags, np.full((2, 2), 0.5))
        assert (found.score, found.base, found.skill) == (0.25, 0.125, -1)


class TestOracle:
    @settings(max_examples=30)
    @given(st.integers(0, 10**6), st.integers(1, 20), st.sampled_from(["width", "mass"]))
    def test_the_curve_equals_that_of_scikit_learn(self, seed, bins, binning):
        flags, scores = made(seed)
        curve = reliability_curve(flags, scores, bins=bins, binning=binning)
        strategy = {"width": "uniform", "mass": "quantile"}[binning]
        share, mean = calibration_curve(flags, scores, n_bins=bins, strategy=strategy)
        assert curve.x == pytest.approx(mean)
        assert curve.y == pytest.approx(share)
        assert curve.weights.sum() == len(flags)
        error = (curve.weights * np.abs(curve.x - curve.y)).sum() / len(flags)
        assert expected_calibration_error(flags, scores, bins=bins, binning=binning) == pytest.approx(error)

    @settings(max_examples=30)
    @given(st.integers(0, 10**6))
    def test_the_score_equals_that_of_scikit_learn(self, seed):
        flags, scores = made(seed, (50, 4))
        found = brier_score(flags, scores.astype(np.float32))
        each = [brier_score_loss(flags[:, c], scores[:, c]) for c in range(4)]
        assert found.classes == pytest.approx(each, rel=1e-6)
        assert found.score == pytest.approx(np.mean(each), rel=1e-6)
        base = np.broadcast_to(flags.mean(axis=0), flags.shape)
        assert found.base == pytest.approx(brier_score(flags, base).score)

    @pytest.mark.parametrize("binning", ["width", "mass"])
    def test_what_is_not_judged_could_as_well_not_be_there(self, binning):
        flags, scores = made(3, (90, 4))
        judged = np.random.default_rng(0).random(flags.shape) < 0.6
        hidden = np.where(judged, scores, np.nan)
        assert expected_calibration_error(flags, hidden, binning=binning, judged=judged) == pytest.approx(
            expected_calibration_error(flags[judged], scores[judged], binning=binning)
        )
        assert brier_score(flags, hidden, judged=judged).score == pytest.approx(
            brier_score(flags[judged], scores[judged]).score
        )
