"""Columns on one scale: what is left out, what is flat, and what strange rows do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from cueline.errors import OptionError, TimelineError
from cueline.learning.clustering.scaling import MOST_UNITS, scale


def test_standard_agrees_with_scikit_learn():
    rows = np.random.default_rng(0).normal(5, 9, (50, 4))
    assert np.allclose(scale(rows).values, StandardScaler().fit_transform(rows), atol=1e-5)


def test_robust_is_not_moved_by_a_strange_row():
    rows = np.random.default_rng(0).normal(size=(200, 2))
    strange = np.vstack((rows, [[1e9, 0.0]]))
    assert np.allclose(scale(strange, "robust").values[:200], scale(rows, "robust").values, atol=0.05)
    assert scale(strange, "robust").values[200, 0] == MOST_UNITS


def test_rows_with_a_number_that_is_none_are_left_out_and_counted():
    found = scale(np.array([[1.0, 2.0], [np.nan, 2.0], [3.0, 4.0], [np.inf, 0.0]]))
    assert (found.rows.tolist(), found.left_out.tolist()) == ([0, 2], [1, 3])
    assert np.isfinite(found.values).all()


@pytest.mark.parametrize("how", ["standard", "robust", "none"])
def test_a_column_that_never_changes_says_nothing(how):
    found = scale(np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 5.0]]), how)
    assert found.values[:, 0].tolist() == [0, 0, 0]
    assert found.flat == 1


@given(arrays(np.float64, (7, 3), elements=st.floats(-1e150, 1e150)), st.sampled_from(["standard", "robust"]))
def test_scaled_numbers_are_finite_and_bounded(rows, how):
    assert np.abs(scale(rows, how).values).max() <= MOST_UNITS


def test_what_cannot_be_scaled_is_refused():
    with pytest.raises(OptionError, match=r"got 'robost'\. Did you mean 'robust'\?"):
        scale(np.ones((2, 2)), "robost")
    with pytest.raises(TimelineError, match=r"1 column or more, got \(3, 0\)"):
        scale(np.ones((3, 0)))
    with pytest.raises(TimelineError, match="got none among 2"):
        scale(np.full((2, 2), np.nan))
