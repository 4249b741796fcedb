"""Calibration and thresholds, beside scipy and brute force."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from cueline.errors import TimelineError
from cueline.learning import calibration
from cueline.learning.calibration import fit_calibration, fit_thresholds
from cueline.timeline.examples import LabelLists


def drawn(rows=4000, classes=6, *, seed=0, middle=-1.5):
    """Log-odds that are true, and what came of them."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(middle, 1.5, (rows, classes)).astype(np.float32)
    return odds, rng.random(odds.shape) < expit(odds)


def lists(flags):
    return LabelLists.of_flags(flags)


def test_what_is_calibrated_already_stays():
    odds, flags = drawn()
    found = fit_calibration(odds, lists(flags))
    np.testing.assert_allclose(found.slopes, 1, atol=0.1)
    np.testing.assert_allclose(found.offsets, 0, atol=0.15)


def test_log_odds_that_were_scaled_and_moved_are_brought_back():
    odds, flags = drawn()
    found = fit_calibration(odds / 3 + 0.7, lists(flags))
    np.testing.assert_allclose(found.slopes, 3, rtol=0.1)
    back = found.apply(odds / 3 + 0.7)
    assert np.abs(expit(back) - expit(odds)).mean() < 0.02


def test_a_class_that_is_off_is_bent_more_than_the_others():
    odds, flags = drawn()
    wrong = odds.copy()
    wrong[:, 2] += 1.0
    found = fit_calibration(wrong, lists(flags))
    assert found.offsets[2] < found.offsets[[0, 1, 3, 4, 5]].min() - 0.5


def test_a_class_without_positives_hardly_moves():
    odds, flags = drawn()
    rare = np.full((len(odds), 1), -9.0, np.float32) + odds[:, :1] * 0.2
    found = fit_calibration(np.hstack([odds, rare]), lists(np.hstack([flags, np.zeros_like(flags[:, :1])])))
    pooled = fit_calibration(odds, lists(flags))
    assert found.slopes[-1] == pytest.approx(pooled.slopes.mean(), abs=0.1)
    assert abs(found.offsets[-1] - pooled.offsets.mean()) < 0.4


def test_pairs_that_nobody_judged_take_no_part():
    odds, flags = drawn()
    unknown = np.random.default_rng(1).random(flags.shape) < 0.5
    kept = flags & ~unknown
    found = fit_calibration(odds, lists(kept), lists(unknown))
    strange = np.where(unknown, 25.0, odds).astype(np.float32)
    again = fit_calibration(strange, lists(kept), lists(unknown))
    np.testing.assert_allclose(found.slopes, again.slopes, rtol=1e-4)
    np.testing.assert_allclose(found.offsets, again.offsets, atol=1e-4)
    as_no = fit_calibration(odds, lists(kept))
    assert (found.offsets > as_no.offsets + 0.3).all()


def test_one_class_under_a_loose_prior_is_plain_logistic_regression(monkeypatch):
    monkeypatch.setattr(calibration, "CLASS_PRECISION", np.array([1e-8, 1e-8]))
    odds, flags = drawn(classes=1)
    x, y = odds[:, 0] / 2 - 0.4, flags[:, 0]

    def loss(found):
        return np.logaddexp(0, found[0] * x + found[1]).sum() - (found[0] * x + found[1])[y].sum()

    wanted = minimize(loss, [1.0, 0.0], method="BFGS").x
    found = fit_calibration((odds / 2 - 0.4).astype(np.float32), lists(flags))
    assert [found.slopes[0], found.offsets[0]] == pytest.approx(wanted, abs=2e-3)


def test_each_class_has_the_greatest_posterior_chance():
    odds, flags = drawn(rows=300, classes=3)
    flags[:, 1] = flags[:, 1] & (np.arange(300) < 60)
    pooled = fit_pooled(odds, flags)
    found = fit_calibration(odds, lists(flags))
    for column in range(3):
        x, y = odds[:, column].astype(float), flags[:, column]

        def loss(mine, x=x, y=y):
            bent = mine[0] * x + mine[1]
            prior = ((mine[0] - pooled[0]) / 0.15) ** 2 + ((mine[1] - pooled[1]) / 0.4) ** 2
            return np.logaddexp(0, bent).sum() - bent[y].sum() + prior / 2

        wanted = minimize(loss, pooled, method="BFGS").x
        assert [found.slopes[column], found.offsets[column]] == pytest.approx(wanted, abs=2e-3)


def fit_pooled(odds, flags):
    def loss(mine):
        bent = mine[0] * odds.ravel().astype(float) + mine[1]
        prior = ((mine[0] - 1) / 0.5) ** 2 + mine[1] ** 2
        return np.logaddexp(0, bent).sum() - bent[flags.ravel()].sum() + prior / 2

    return minimize(loss, [1.0, 0.0], method="BFGS").x


def test_classes_that_are_perfectly_told_stay_finite_and_upright():
    flags = np.arange(200)[:, None] % 4 == np.arange(4)
    odds = np.where(flags, 500, -500).astype(np.float32)
    found = fit_calibration(odds, lists(flags))
    assert np.isfinite(found.apply(odds)).all()
    assert (found.slopes > 0).all()
    upside_down = fit_calibration(-odds / 100, lists(flags))
    assert (upside_down.slopes > 0).all()


def test_a_handful_of_rows_that_are_all_told_right_makes_nobody_sure():
    odds = np.array([[2.0, -2, -2], [-2, 2, -2], [-2, -2, 2]], np.float32)
    found = fit_calibration(odds, lists(np.eye(3, dtype=bool)))
    bent = found.apply(odds)
    assert abs(bent).max() < 6
    assert ((bent > 0) == np.eye(3, dtype=bool)).all()


def test_many_classes_are_worked_on_block_by_block(monkeypatch):
    odds, flags = drawn(rows=200, classes=7)
    whole = fit_calibration(odds, lists(flags))
    monkeypatch.setattr(calibration, "BLOCK", 3)
    parts = fit_calibration(odds, lists(flags))
    np.testing.assert_array_equal(whole.slopes, parts.slopes)
    np.testing.assert_array_equal(whole.offsets, parts.offsets)


@pytest.mark.parametrize("fit", [fit_calibration, fit_thresholds])
def test_rows_without_any_class_and_other_shapes_are_refused(fit):
    with pytest.raises(TimelineError, match="calibration needs rows that have a class, got none"):
        fit(np.zeros((3, 2), np.float32), LabelLists.none(3, width=2))
    with pytest.raises(TimelineError, match=r"scores must have the shape of the answers, \(3, 2\), got \(2, 3\)"):
        fit(np.zeros((2, 3), np.float32), LabelLists.of([[0], [1], []], width=2))


def f1(chances, flags, threshold):
    said = chances >= threshold
    return 2 * (said & flags).sum() / max(said.sum() + flags.sum(), 1)


@given(st.integers(0, 2**32), st.integers(30, 80), st.sampled_from([5, 1000]))
def test_a_threshold_of_its_own_gives_the_best_f1(seed, rows, levels):
    rng = np.random.default_rng(seed)
    chances = (rng.integers(1, levels, (rows, 2)) / levels).astype(np.float32)  # few levels: many are equal
    flags = rng.random((rows, 2)) < 0.2 + 0.6 * chances
    flags[:10] = True
    thresholds = fit_thresholds(chances, lists(flags))
    for column in range(2):
        scores, truth = chances[:, column], flags[:, column]
        best = max(f1(scores, truth, threshold) for threshold in [0, *scores])
        assert f1(scores, truth, thresholds[column]) == pytest.approx(best)


def test_rare_classes_share_the_threshold_of_the_best_f1_over_all_pairs():
    odds, flags = drawn(rows=400, classes=4, middle=-2)
    chances = expit(odds)
    flags[:, 2:] &= (np.cumsum(flags[:, 2:], axis=0) <= 9) & flags[:, 2:]
    thresholds = fit_thresholds(chances, lists(flags))
    assert thresholds[2] == thresholds[3] != thresholds[0]
    best = max(f1(chances, flags, threshold) for threshold in np.unique(chances))
    assert f1(chances, flags, thresholds[2]) == pytest.approx(best)


def test_pairs_that_nobody_judged_move_no_threshold():
    odds, flags = drawn(rows=400, classes=3)
    chances = expit(odds)
    unknown = ~flags & (np.random.default_rng(1).random(flags.shape) < 0.5)
    found = fit_thresholds(chances, lists(flags), lists(unknown))
    sure = np.where(unknown, 0.999, chances).astype(np.float32)
    np.testing.assert_array_equal(fit_thresholds(sure, lists(flags), lists(unknown)), found)
    assert (fit_thresholds(sure, lists(flags)) != found).any()


@pytest.mark.parametrize("chance", [0.0, 1e-4, 1.0])
def test_thresholds_are_chances_where_all_pairs_are_as_likely(chance):
    flags = np.eye(4, dtype=bool)
    found = fit_thresholds(np.full((4, 4), chance, np.float32), lists(flags))
    assert ((found > 0) & (found < 1)).all()
