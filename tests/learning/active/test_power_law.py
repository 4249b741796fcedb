"""The power law is found again on curves that follow it, and bent on those that cannot."""

import numpy as np
import pytest

from cueline.learning.active.power_law import fitted, weights_of

SIZES = np.array([10.0, 20, 40, 80, 160])
EVEN = np.full(5, 0.2)


@pytest.mark.parametrize(("a", "b", "c"), [(0.9, 1.5, 0.5), (0.8, 0.8, 0.3), (0.7, 1.0, 1.0), (0.6, 3.0, 1.5)])
def test_a_curve_without_noise_goes_on_as_it_went(a, b, c):
    law = fitted(SIZES, (a - b * SIZES**-c)[None], EVEN)
    np.testing.assert_allclose(law.at(300), a - b * 300**-c, atol=2e-3)
    np.testing.assert_allclose(law.at(40), a - b * 40**-c, atol=2e-3)


def test_many_curves_are_fitted_as_each_alone():
    curves = 0.8 - SIZES**-0.5 + np.random.default_rng(0).normal(0, 0.02, (20, 5))
    weights = np.array([0.1, 0.1, 0.2, 0.3, 0.3])
    together = fitted(SIZES, curves, weights).at(320)
    alone = [fitted(SIZES, curve[None], weights).at(320)[0] for curve in curves]
    np.testing.assert_allclose(together, alone)


def test_a_curve_that_falls_is_flat():
    law = fitted(SIZES, (0.5 + SIZES**-0.5)[None], EVEN)
    assert law.b[0] == 0
    assert law.at(10) == law.at(1000)
    np.testing.assert_allclose(law.a, (0.5 + SIZES**-0.5).mean())


def test_no_curve_ends_above_one():
    law = fitted(SIZES, (0.2 + 0.1 * np.log(SIZES))[None], EVEN)
    assert law.a[0] <= 1
    assert law.at(10**12)[0] <= 1


def test_sizes_that_scatter_count_less():
    rng = np.random.default_rng(0)
    weights = weights_of(rng.normal(0, [0.1, 0.1, 0.01, 0.01, 0.01], (20, 5)))
    assert weights.sum() == pytest.approx(1)
    assert weights[:2].max() < weights[2:].min()


def test_sizes_without_scatter_count_alike():
    np.testing.assert_allclose(weights_of(np.ones((3, 5))), EVEN)
