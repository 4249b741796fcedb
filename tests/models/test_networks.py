"""Forward passes in numpy, by hand and beside scipy; that they equal torch's is shown where networks are trained."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from cueline.errors import FormatError
from cueline.models.networks import LEAST_CHANCE, NETWORKS, experts, gelu, layer_norm, perceptron, residual, sigmoid


def zeros(*shape):
    return np.zeros(shape, np.float32)


def rows(*values):
    return np.array(values, np.float32)


def test_gelu_is_each_number_times_about_the_chance_to_be_below_it():
    x = np.linspace(-6, 6, 101, dtype=np.float32)
    np.testing.assert_allclose(gelu(x), x * norm.cdf(x), atol=1e-3)


def test_sigmoid_is_the_logistic_function_without_overflow():
    x = np.linspace(-30, 30, 301, dtype=np.float32)
    np.testing.assert_allclose(sigmoid(x), expit(x), atol=1e-7)
    assert sigmoid(rows(-1e30, 0, 1e30)).tolist() == [0, 0.5, 1]


def test_layer_norm_gives_each_row_mean_0_and_variance_1():
    x = np.random.default_rng(0).standard_normal((4, 100)).astype(np.float32) * 50 + 7
    found = layer_norm(x, np.ones(100, np.float32), zeros(100))
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=1), 1, atol=1e-5)


def test_one_layer_is_logistic_regression():
    arrays = {"layers.0.weight": rows([1], [2]), "layers.0.bias": rows(0.5)}
    assert perceptron(rows([1, 1], [0, -1]), arrays).tolist() == [[3.5], [-1.5]]
    assert NETWORKS["logistic"] is perceptron


def test_a_hidden_layer_lets_nothing_below_0_through():
    arrays = {
        "layers.0.weight": rows([1, -1]),
        "layers.0.bias": zeros(2),
        "layers.1.weight": rows([10], [1]),
        "layers.1.bias": rows(0),
    }
    assert perceptron(rows([2], [-3]), arrays).tolist() == [[20], [3]]


def test_a_block_that_says_nothing_changes_nothing():
    shallow = {
        "input.weight": np.eye(3, dtype=np.float32),
        "input.bias": zeros(3),
        "output.weight": np.eye(3, dtype=np.float32),
        "output.bias": rows(1, 2, 3),
    }
    block = {f"blocks.0.{name}.bias": zeros(3) for name in ("norm", "first", "second")}
    block |= {"blocks.0.norm.weight": np.ones(3, np.float32)}
    block |= {f"blocks.0.{name}.weight": zeros(3, 3) for name in ("first", "second")}
    x = rows([1, 2, 3], [-1, 0, 5])
    np.testing.assert_array_equal(residual(x, shallow | block), residual(x, shallow))
    np.testing.assert_allclose(residual(x, shallow), gelu(x) + rows(1, 2, 3), rtol=1e-6)


def test_experts_are_weighed_by_their_gates():
    arrays = {
        "gates.weight": zeros(1, 3),
        "gates.bias": np.log(rows(1, 2, 1)),  # of two experts, and of the one that says no
        "experts.weight": zeros(1, 2),
        "experts.bias": rows(np.log(3), 0),  # chances .75 and .5
    }
    chance = 0.25 * 0.75 + 0.5 * 0.5
    np.testing.assert_allclose(experts(rows([0]), arrays), [[np.log(chance / (1 - chance))]], rtol=1e-5)


def test_experts_that_are_sure_stay_finite():
    arrays = {
        "gates.weight": rows([0, 0]),
        "gates.bias": rows(200, -200),
        "experts.weight": rows([1]),
        "experts.bias": rows(0),
    }
    found = experts(rows([1e4], [-1e4]), arrays)
    least = np.log(LEAST_CHANCE / (1 - LEAST_CHANCE))
    np.testing.assert_allclose(found, [[-least], [least]], rtol=0.02)


def test_weights_that_are_missing_are_named():
    with pytest.raises(FormatError, match=r"the weights lack 'layers\.0\.bias'; they have: layers\.0\.weight"):
        perceptron(rows([1]), {"layers.0.weight": rows([1])})
