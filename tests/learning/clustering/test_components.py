"""Principal components: as many as asked for, with the variance that they say."""

import numpy as np
import pytest

from cueline.errors import OptionError
from cueline.learning.clustering.components import components

ROWS = np.random.default_rng(0).normal(size=(40, 6)).astype(np.float32) * np.array([9, 5, 3, 2, 1, 0.1], np.float32)


def test_the_share_that_is_kept_is_the_least_that_is_enough():
    found = components(ROWS, keep=0.9)
    assert found.share >= 0.9
    assert found.shares[: found.kept - 1].sum() < 0.9
    assert found.shares.sum() == pytest.approx(1)


def test_a_number_of_components_is_kept_as_far_as_there_are_so_many():
    assert components(ROWS, keep=2).kept == 2
    assert components(ROWS, keep=99).kept == 6
    assert components(ROWS[:3], keep=99).kept == 3


def test_components_keep_distances():
    turned = components(ROWS, keep=6).values
    assert np.allclose(np.linalg.norm(turned[0] - turned[1]), np.linalg.norm(ROWS[0] - ROWS[1]), atol=1e-4)


def test_rows_that_do_not_differ_have_one_component_of_nothing():
    found = components(np.ones((4, 3), np.float32))
    assert (found.values.tolist(), len(found.shares), found.share) == ([[0]] * 4, 0, 1)


@pytest.mark.parametrize("keep", [0, -1, 1.5, float("nan"), float("inf")])
def test_a_cut_off_is_a_share_or_a_number(keep):
    with pytest.raises(OptionError, match=r"by a share of the variance in \(0, 1\), or by a whole number, got"):
        components(ROWS, keep=keep)
