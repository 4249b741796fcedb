"""Protocol buffers by hand: what is read, stepped over and refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.youtube8m.messages import (
    _field,
    _map_entry,
    _varint_bytes,
    example_bytes,
    frames,
    read_message,
    sequence_bytes,
)
from cueline.errors import FormatError

numbers = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=6)
floats = st.lists(st.floats(width=32, allow_nan=False), max_size=6)


def feature(data):
    """An Example with one feature `x` of these bytes."""
    return _field(10, _map_entry("x", data))


def read(data):
    return read_message(feature(data)).features["x"]


@given(st.lists(st.binary(max_size=9), max_size=4), numbers, floats)
def test_what_is_written_is_read(texts, wholes, broken):
    data = example_bytes({"a": texts, "b": np.array(wholes, np.int64), "c": np.array(broken, np.float32)})
    found = read_message(data).features
    assert found["a"] == texts
    assert found["b"].tolist() == wholes
    assert found["c"].tolist() == np.array(broken, np.float32).tolist()


@given(numbers, floats)
def test_lists_may_come_unpacked(wholes, broken):
    whole = b"".join(b"\x08" + _varint_bytes(each) for each in wholes)
    assert read(_field(26, whole)).tolist() == wholes
    single = np.array(broken, "<f4")
    assert read(_field(18, b"".join(b"\x0d" + each.tobytes() for each in single))).tolist() == single.tolist()


def test_packed_and_unpacked_may_alternate():
    assert read(_field(26, b"\x08\x05" + _field(10, b"\x06\x07") + b"\x08\x08")).tolist() == [5, 6, 7, 8]


def test_unknown_fields_are_stepped_over():
    strange = b"\x38\x96\x01" + b"\x39" + bytes(8) + b"\x3d" + bytes(4) + _field(58, b"what")  # field 7, wire 0 1 5 2
    data = (
        strange + _field(10, strange + _map_entry("x", strange + _field(26, strange + _field(10, b"\x05")))) + strange
    )
    assert read_message(data).features["x"].tolist() == [5]


def test_of_a_key_that_stands_twice_the_last_counts():
    two = _map_entry("x", _field(10, _field(10, b"1"))) + _map_entry("x", _field(10, _field(10, b"2")))
    assert read_message(_field(10, two)).features["x"] == [b"2"]


def test_a_feature_may_hold_nothing():
    assert read(b"") == []
    assert read_message(b"").features == {}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x08\x01", "field 1 of an Example must have wire type 2, got 0"),
        (b"\x0a\x05ab", "field 1 must hold 5 bytes, got 2"),
        (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "field 1 must hold 9,223,372,036,854,775,807 bytes, got 0"),
        (b"\x0a" + b"\xff" * 10, "must end within ten bytes"),
        (b"\x0a" + b"\xff" * 9 + b"\x7f", "must fit 64 bits"),
        (b"\x80", "must end within ten bytes"),
        (b"\x0b", "wire types are 0, 1, 2 and 5, got 3 in field 1"),
        (b"\x02\x01a", "fields are numbered from 1, got 0"),
        (b"\x09" + bytes(3), "field 1 must hold 8 bytes, got 3"),
        (feature(_field(18, _field(10, bytes(5)))), "floats have 4 bytes each, got 5"),
        (feature(_field(18, b"\x08\x01")), "floats must have wire type 2 or 5, got 0"),
        (feature(_field(26, b"\x0d" + bytes(4))), "whole numbers must have wire type 0 or 2, got 5"),
        (feature(b"\x08\x01"), "field 1 of a feature must have wire type 2, got 0"),
        (feature(_field(10, b"\x08\x01")), "field 1 of a list of bytes must have wire type 2, got 0"),
        (_field(10, _field(10, _field(10, b"\xff"))), "keys must be UTF-8"),
        (_field(10, b"\x08\x01"), "field 1 of a map must have wire type 2"),
    ],
)
def test_what_is_broken_is_refused(data, message):
    with pytest.raises(FormatError, match=message):
        read_message(data)


@given(st.binary(max_size=60))
def test_no_bytes_at_all_raise_anything_else(data):
    try:
        message = read_message(data)
        for each in message.lists.values():
            frames(each, 2)
    except FormatError:
        pass


@given(st.lists(st.binary(min_size=3, max_size=3), max_size=5))
def test_frames_are_read_at_once_or_one_by_one_to_the_same(steps):
    data = read_message(sequence_bytes({}, {"rgb": steps})).lists["rgb"]
    slow = data + b"\x38\x01"  # an unknown field: no longer a table
    for each in (data, slow):
        found = frames(each, 3)
        assert found.shape == (len(steps), 3)
        assert found.tobytes() == b"".join(steps)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([b"abc", b"ab"], "each frame must be 3 bytes, got 2 bytes in frame 1"),
        ([b"abcd"], "got 4 bytes in frame 0"),
        ([b""], "got 0 bytes in frame 0"),
    ],
)
def test_a_frame_of_another_size_is_refused(steps, message):
    with pytest.raises(FormatError, match=message):
        frames(read_message(sequence_bytes({}, {"rgb": steps})).lists["rgb"], 3)


def test_a_frame_of_numbers_is_refused():
    with pytest.raises(FormatError, match="got float32 numbers in frame 0"):
        frames(_field(10, _field(18, _field(10, bytes(4)))), 3)
