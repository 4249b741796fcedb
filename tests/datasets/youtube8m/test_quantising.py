"""Bytes and the numbers they stand for."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.youtube8m.quantising import STEP, TABLE, dequantised, quantised
from cueline.errors import OptionError, TimelineError


@pytest.fixture
def cases(golden):
    return json.loads((golden / "youtube8m_metrics.json").read_text())


def test_all_256_bytes_stand_for_the_published_numbers(cases):
    np.testing.assert_allclose(TABLE, cases["dequantize"]["all_256"], rtol=0, atol=1e-9)
    found = dequantised(np.arange(256, dtype=np.uint8).reshape(2, 128))
    assert found.shape == (2, 128)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.ravel(), TABLE.astype(np.float32))


def test_the_published_rounding_gives_the_published_bytes(cases):
    found = quantised(np.array(cases["quantize"]["inputs"]), rounding="published")
    assert found.tolist() == cases["quantize"]["expected"]


@given(st.floats(-1.9921875, 2.0078125))
def test_the_nearest_byte_is_off_by_at_most_half_a_step(value):
    found = TABLE[quantised(np.array([value]))[0]]
    assert abs(found - value) <= STEP / 2 + 1e-12
    assert abs(found - value) <= np.abs(TABLE - value).min() + 1e-12


def test_every_byte_comes_back_from_its_number():
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(quantised(dequantised(every)), every)


def test_what_lies_beyond_is_the_first_or_the_last_byte():
    assert quantised(np.array([-9.0, 9.0])).tolist() == [0, 255]


def test_floats_are_not_dequantised_twice():
    with pytest.raises(TimelineError, match="quantised features are uint8, got float64"):
        dequantised(np.zeros(2))


def test_what_is_no_number_has_no_byte():
    with pytest.raises(TimelineError, match="must be finite, got NaN or infinity"):
        quantised(np.array([0.0, np.nan]))


def test_an_unknown_rounding_is_refused_with_the_near_miss():
    with pytest.raises(OptionError, match="got 'neares'. Did you mean 'nearest'"):
        quantised(np.zeros(1), rounding="neares")
