"""Features are made comparable without a look at labels."""

import numpy as np
import pytest

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.preparing import prepare


def raw(rows=200, width=5):
    rng = np.random.default_rng(0)
    return rng.standard_normal((rows, width)) * [1, 10, 100, 0.1, 1] + [0, 5, -3, 1e3, 7]


def test_rows_are_standardised_and_of_length_one():
    values = raw()
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    expected = standard / np.linalg.norm(standard, axis=1, keepdims=True)
    np.testing.assert_allclose(prepare(values)(values), expected, atol=1e-3)


def test_columns_that_are_constant_become_nothing():
    values = raw()
    values[:, 1], values[:, 3] = 4, 1e6
    prepared = prepare(values)(values)
    assert not prepared[:, [1, 3]].any()
    np.testing.assert_allclose(np.linalg.norm(prepared, axis=1), 1, atol=1e-5)


def test_rows_that_are_all_the_same_stay_nothing():
    assert not prepare(np.ones((4, 3)))(np.ones((4, 3))).any()


def test_only_the_rows_of_the_pool_are_looked_at():
    values = raw()
    looked = prepare(values, rows=np.arange(100))
    np.testing.assert_array_equal(looked(values), prepare(values[:100])(values))


def test_components_keep_the_directions_that_vary_most():
    rng = np.random.default_rng(0)
    shared = rng.standard_normal((500, 1))
    values = np.hstack([shared + 0.1 * rng.standard_normal((500, 3)), rng.standard_normal((500, 1))])
    look = prepare(values, components=2)
    assert look(values).shape == (500, 2)
    np.testing.assert_allclose(np.abs(look.directions[:3, 0]), 1 / np.sqrt(3), atol=0.05)
    np.testing.assert_allclose(np.linalg.norm(look(values), axis=1), 1, atol=1e-5)
    assert repr(look) == "Prepared(4 -> 2 numbers)"


def test_all_components_keep_all_angles():
    values = raw()
    plain, turned = prepare(values)(values), prepare(values, components=5)(values)
    np.testing.assert_allclose(turned @ turned.T, plain @ plain.T, atol=1e-3)


def test_whole_numbers_of_eight_bits_are_taken_as_they_are():
    values = np.random.default_rng(0).integers(0, 256, (50, 4)).astype(np.uint8)
    np.testing.assert_allclose(prepare(values)(values), prepare(values.astype(float))(values), atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, -np.inf, 1e39])
def test_what_is_no_number_is_refused_where_it_is(bad):
    values = raw()
    look = prepare(values)
    values[17, 3] = bad
    with pytest.raises(TimelineError, match="features must be finite, got .* in row 17, column 3"):
        prepare(values)
    with pytest.raises(TimelineError, match="features must be finite, got .* in row 17, column 3"):
        prepare(values, rows=np.arange(10, 20))
    with pytest.raises(TimelineError, match="features must be finite, got .* in row 17, column 3"):
        look(values)


def test_what_cannot_be_prepared_is_refused():
    with pytest.raises(TimelineError, match="must have 1 row or more to look at"):
        prepare(np.empty((0, 3)))
    with pytest.raises(TimelineError, match=r"features must be of shape \(N, D\), got \(3,\)"):
        prepare(np.ones(3))
    with pytest.raises(TimelineError, match=r"features must be of shape \(N, 5\), got \(200, 4\)"):
        prepare(raw())(raw()[:, :4])
    with pytest.raises(OptionError, match="components must lie in 1 to 5"):
        prepare(raw(), components=6)
