"""Sums held near a prior agree with what others fit, and stay where nothing speaks against it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cueline.learning.clips.softmax import fit_calibration, fit_softmax
from cueline.models.clip_models import log_softmax


def rows(count=120, classes=3, seed=0):
    chance = np.random.default_rng(seed)
    labels = chance.integers(classes, size=count)
    return chance.normal(size=(count, 5)) + np.eye(5)[labels], labels


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0])
def test_without_a_prior_it_is_logistic_regression(strength):
    x, labels = rows()
    own = LogisticRegression(C=strength, max_iter=5000, tol=1e-8).fit(x, labels)
    weights, bias = fit_softmax(x, labels, classes=3, precision=np.full(5, 1 / strength), bias_precision=1e-6)
    np.testing.assert_allclose(np.exp(log_softmax(x @ weights + bias)), own.predict_proba(x), atol=2e-3)


def test_weights_held_for_ever_stay_at_the_prior():
    x, labels = rows()
    prior = np.random.default_rng(1).normal(size=(5, 3))
    weights, bias = fit_softmax(x, labels, classes=3, precision=np.full(5, np.inf), prior=prior, bias_precision=np.inf)
    np.testing.assert_array_equal(weights, prior)
    np.testing.assert_array_equal(bias, np.zeros(3))


def test_the_dearer_it_is_to_leave_the_prior_the_nearer_weights_stay():
    x, labels = rows()
    prior = np.zeros((5, 3))
    prior[0, 0] = 3.0
    away = [
        np.abs(fit_softmax(x, labels, classes=3, precision=np.full(5, cost), prior=prior)[0] - prior).sum()
        for cost in (0.1, 10.0, 1000.0)
    ]
    assert away[0] > away[1] > away[2]


def test_a_class_without_a_row_gets_little_and_finite_chance():
    x, labels = rows(classes=2)
    weights, bias = fit_softmax(x, labels, classes=3, precision=np.ones(5))
    chances = np.exp(log_softmax(x @ weights + bias))
    assert np.isfinite(chances).all()
    assert chances[:, 2].max() < 0.1


def test_rows_that_count_twice_are_as_rows_given_twice():
    x, labels = rows(30)
    twice = np.concatenate([x, x[:10]]), np.concatenate([labels, labels[:10]])
    counted = np.ones(30)
    counted[:10] = 2
    first, _ = fit_softmax(x, labels, classes=3, precision=np.ones(5), counted=counted)
    second, _ = fit_softmax(*twice, classes=3, precision=np.ones(5))
    np.testing.assert_allclose(first, second, atol=1e-3)


def test_a_model_that_is_too_sure_of_itself_is_calmed():
    chance = np.random.default_rng(0)
    true = chance.normal(size=(2000, 3))
    labels = np.array([chance.choice(3, p=p) for p in np.exp(log_softmax(true))])
    slope, offsets = fit_calibration(3 * true, labels)
    assert slope[0] == pytest.approx(1 / 3, abs=0.05)
    assert np.abs(offsets - offsets.mean()).max() < 0.2


def test_few_rows_move_a_calibration_little_and_never_turn_it_round():
    slope, _ = fit_calibration(np.log(np.array([[0.9, 0.1]])), np.array([0]))
    assert 0.7 < slope[0] < 1.3
    wrong = np.log(np.tile([[0.999, 0.001]], (500, 1)))
    slope, _ = fit_calibration(wrong, np.ones(500, np.int64))
    assert slope[0] >= 0.05
