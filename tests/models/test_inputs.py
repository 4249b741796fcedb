"""Raw rows on their way to a network."""

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.models.cards import Input
from cueline.models.inputs import Preparation
from tests.models.made import UINT8, WIDTH, made_rows

TWO = (Input("rgb", 5), Input("audio", 1, ("mean", "max", "std")))


def preparation(*, inputs=TWO, mean=0.0, scale=1.0, unit=False):
    return Preparation(inputs, UINT8, np.full(WIDTH, mean, np.float32), np.full(WIDTH, scale, np.float32), unit)


def test_rows_are_moved_and_scaled():
    rows = made_rows()
    np.testing.assert_allclose(preparation(mean=3.0, scale=0.5)(rows), (rows - 3) / 2, rtol=1e-6)


def test_bytes_and_the_floats_they_stand_for_come_out_alike():
    quantised = np.random.default_rng(0).integers(0, 256, (40, WIDTH), dtype=np.uint8)
    floats = quantised * UINT8[0] + UINT8[1]
    prepare = preparation(mean=0.25, scale=2.0, unit=True)
    np.testing.assert_allclose(prepare(quantised), prepare(floats), atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32"])
def test_other_numbers_are_taken_as_they_are(dtype):
    rows = np.arange(2 * WIDTH).reshape(2, WIDTH).astype(dtype)
    found = preparation()(rows)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, rows)


def test_each_track_is_brought_to_the_length_of_the_root_of_its_width():
    found = preparation(unit=True)(made_rows() * [[1, 1, 1, 1, 1, 100, 100, 100]])
    np.testing.assert_allclose(np.linalg.norm(found[:, :5], axis=1), 5**0.5, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(found[:, 5:], axis=1), 3**0.5, rtol=1e-5)


def test_a_row_of_zeros_stays_one():
    np.testing.assert_array_equal(preparation(unit=True)(np.zeros((2, WIDTH), np.float32)), 0)


def test_what_was_handed_in_is_left_as_it_was():
    rows = made_rows()
    before = rows.copy()
    preparation(mean=1.0, unit=True)(rows)
    np.testing.assert_array_equal(rows, before)


def test_no_rows_give_no_rows():
    assert preparation(unit=True)(np.empty((0, WIDTH), np.float32)).shape == (0, WIDTH)


@pytest.mark.parametrize("shape", [(3, WIDTH - 1), (3, WIDTH + 1), (WIDTH,), (1, 3, WIDTH)])
def test_another_width_is_refused_by_the_names_of_the_tracks(shape):
    with pytest.raises(TimelineError, match=r"rows must have 8 numbers \(5 of rgb \+ 3 of audio\), got shape"):
        preparation()(np.zeros(shape, np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused_with_row_and_column(value):
    rows = made_rows()
    rows[7, 2] = value
    with pytest.raises(TimelineError, match=f"features must be finite, got {value} in row 7 of the block, column 2"):
        preparation()(rows)


def test_a_number_too_great_for_a_float_is_refused():
    rows = made_rows().astype(np.float64)
    rows[3, 1] = 1e300
    with pytest.raises(TimelineError, match="features must be finite, got inf in row 3 of the block, column 1"):
        preparation()(rows)
