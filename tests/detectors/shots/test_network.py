"""The networks of plain numpy."""

import numpy as np
import pytest

from cueline.detectors.shots.network import Ensemble, ensemble


def logistic(weight, bias, members=1):
    """Networks without a hidden layer, of one number."""
    layer = np.full((members, 1, 1), weight, np.float32), np.full((members, 1, 1), bias, np.float32)
    return Ensemble(np.zeros(1, np.float32), np.ones(1, np.float32), (layer,))


def test_without_a_hidden_layer_it_is_a_logistic_curve():
    chances = logistic(2.0, 1.0).chances(np.array([[-0.5], [0.0]], np.float32))
    assert chances == pytest.approx([0.5, 1 / (1 + np.exp(-1.0))], abs=1e-6)


def test_hidden_layers_keep_what_is_positive():
    hidden = np.array([[[1.0, -1.0]]], np.float32), np.zeros((1, 1, 2), np.float32)
    last = np.array([[[1.0], [1.0]]], np.float32), np.zeros((1, 1, 1), np.float32)
    absolute = Ensemble(np.zeros(1, np.float32), np.ones(1, np.float32), (hidden, last))
    low, high = absolute.chances(np.array([[-2.0], [2.0]], np.float32))
    assert low == pytest.approx(high)
    assert high == pytest.approx(1 / (1 + np.exp(-2.0)))


def test_members_are_averaged():
    layer = np.zeros((2, 1, 1), np.float32), np.array([[[100.0]], [[-100.0]]], np.float32)
    pair = Ensemble(np.zeros(1, np.float32), np.ones(1, np.float32), (layer,))
    assert pair.chances(np.zeros((1, 1), np.float32)) == pytest.approx([0.5])


def test_what_is_far_from_all_that_was_learned_counts_no_more_than_six_deviations():
    model = logistic(1.0, 0.0)
    assert model.chances(np.array([[1e9]], np.float32)) == model.chances(np.array([[6.0]], np.float32))


@pytest.mark.parametrize("what", ["cut", "gradual"])
def test_the_networks_that_are_shipped_give_chances(what):
    model = ensemble(what)
    evidence = np.random.default_rng(0).normal(size=(50, len(model.mean))).astype(np.float32)
    chances = model.chances(evidence)
    assert chances.shape == (50,)
    assert ((chances >= 0) & (chances <= 1)).all()
