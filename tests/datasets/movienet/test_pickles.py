"""Pickles are read as data: what Python writes comes back, and nothing runs."""

import builtins
import os
import pickle  # noqa: TID251  # what strangers write is made here, never read
import pickletools
import subprocess
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.movienet.pickles import DataFault, PickleReader, Steps

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.booleans()
plain = st.recursive(
    st.none() | numbers | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner, inner),
    max_leaves=20,
)


class Calls:
    """Pickles as a call of any function."""

    def __init__(self, function, *values):
        self.function, self.values = function, values

    def __reduce__(self):
        return self.function, self.values


def read(data, **known):
    return PickleReader(memoryview(data), known).read()


@given(plain, st.sampled_from(PROTOCOLS))
def test_plain_values_come_back_as_python_reads_them(value, protocol):
    data = pickle.dumps(value, protocol)
    assert read(data) == pickle.loads(data)


@given(plain)
def test_values_come_back_from_shorter_pickles_too(value):
    assert read(pickletools.optimize(pickle.dumps(value, 4))) == value


def test_bytes_are_views_of_the_file():
    data = pickle.dumps({"x": b"a" * 1000})
    found = read(data)["x"]
    assert found.obj is data
    assert bytes(found) == b"a" * 1000


def test_values_that_are_the_same_stay_the_same():
    one = [1]
    first, second = read(pickle.dumps((one, one)))
    assert first is second


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("function", [os.system, builtins.eval, subprocess.run, getattr, np.load])
def test_a_name_that_is_not_data_is_refused_and_not_called(function, protocol, tmp_path):
    data = pickle.dumps({"x": [Calls(function, f"touch {tmp_path / 'ran'}")]}, protocol)
    with pytest.raises(DataFault, match=r"it names '[\w.]+', which is not data; loading it could run code"):
        read(data)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"(S'touch ran'\nios\nsystem\n.",  # a class made and called by one instruction
        b"(cos\nsystem\nS'touch ran'\no.",
        b"\x80\x02cbuiltins\nobject\n)\x81.",
        b"\x80\x02\x82\x01.",
        b"\x80\x05\x97.",
        b"\x80\x04\x8f.",
    ],
)
def test_instructions_for_objects_are_not_there(data):
    with pytest.raises(DataFault, match="not data"):
        read(data)


def test_only_known_constructors_are_called():
    made = read(b"cmine\nlist\n(I1\nI2\ntR.", **{"mine.list": lambda *values: list(values)})
    assert made == [1, 2]
    for data in (b"I1\n(tR.", b"cmine\nlist\nI1\nR.", b"cmine\nnone\n(tR."):
        with pytest.raises(DataFault, match="damaged"):
            read(data, **{"mine.list": lambda *values: list(values), "mine.none": None})
    with pytest.raises(DataFault, match="it sets the state of dict, which has none"):
        read(b"(d(db.")


@pytest.mark.parametrize("cut", [1, 5, 20, -1])
def test_what_is_cut_off_is_refused(cut):
    with pytest.raises(DataFault, match="cut off"):
        read(pickle.dumps({"x": b"a" * 100, "y": [1.5] * 30})[:cut])


@given(st.binary(max_size=60), st.binary(max_size=30))
def test_noise_is_read_or_refused_and_nothing_else(noise, tail):
    for data in (noise, b"\x80\x04" + noise + b".", pickle.dumps({"x": [1, "a"]})[:-1] + tail):
        try:
            read(data)
        except DataFault:
            continue


@pytest.mark.parametrize(
    "data",
    [
        b"h\x05.",
        b"\x80\x02]r\xff\xff\xff\xffj\xfe\xff\xff\xff.",  # what is remembered under four billion
        b"(.",
        b"0.",
        b"t.",
        b"I1\na.",
        b"I1\nI2\na.",
        b"I1\nI2\nI3\ns.",
        b"}]I1\ns.",  # a key that is a list
        b"}(I1\nu.",
        b"Ione\n.",
        b"\x8a\xff" + b"\x01" * 300 + b".",
        b"X\x02\x00\x00\x00\xff\xff.",
        b"I1\nI2\n\x93.",
        b"I1\nQ.",
        b"",
    ],
)
def test_what_is_damaged_is_refused(data):
    with pytest.raises(DataFault):
        read(data)


def test_sizes_that_are_claimed_take_no_memory():
    tracemalloc.start()
    for data in (b"\x8e" + b"\xff" * 7 + b"\x7f.", b"B\xff\xff\xff\x7f.", b"\x80\x02]r\xff\xff\xff\x7f0N."):
        try:
            read(data)
        except DataFault:
            continue
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_pickle_has_at_most_so_many_instructions():
    assert PickleReader(memoryview(b"(" + b"N" * 90 + b"l."), {}, steps=Steps(100)).read() == [None] * 90
    with pytest.raises(DataFault, match="are arrays written as lists of numbers"):
        PickleReader(memoryview(b"(" + b"N" * 99 + b"l."), {}, steps=Steps(100)).read()


def test_values_that_are_nested_twenty_thousand_deep_do_no_harm():
    deep = b"(" * 20_000 + b"t" * 20_000
    assert isinstance(read(deep + b"."), tuple)
    with pytest.raises(DataFault, match="keys must be texts or numbers, got a tuple"):
        read(b"}" + deep + b"I1\ns.")
