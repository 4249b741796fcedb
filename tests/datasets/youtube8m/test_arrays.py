"""Arrays on disk, read without trusting them."""

import contextlib
import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cueline.datasets.youtube8m import arrays
from cueline.datasets.youtube8m.arrays import read_features, read_npy, read_npz
from cueline.errors import FormatError


def saved(tmp_path, values):
    np.save(tmp_path / "f.npy", values)
    return tmp_path / "f.npy"


def declared(shape, dtype="<f4"):
    """The head of an array that claims a shape."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
def test_features_are_mapped_as_they_are(tmp_path, dtype):
    values = np.arange(6).reshape(3, 2).astype(dtype)
    found = read_features(saved(tmp_path, values))
    assert isinstance(found, np.memmap)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros(3), r"of shape \(N, D\), got float64 \(3,\)"),
        (np.zeros((2, 2), np.int64), "must be uint8, float16, float32, float64 of shape"),
        (np.zeros((0, 4)), "one row and column or more"),
        (np.zeros((4, 0)), "one row and column or more"),
        (np.array([[1], [2, 3]], object), "must be a .npy array of plain numbers"),
        (np.array([["a"]]), "must be uint8"),
    ],
)
def test_what_are_no_features_is_refused(tmp_path, values, message):
    path = saved(tmp_path, values)
    with pytest.raises(FormatError, match=message) as caught:
        read_features(path)
    assert caught.value.path == path


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_number_that_is_none_is_named_by_row_and_column(tmp_path, monkeypatch, value):
    monkeypatch.setattr(arrays, "_BLOCK_BYTES", 64)
    values = np.zeros((100, 4), np.float32)
    values[77, 2] = value
    path = saved(tmp_path, values)
    with pytest.raises(FormatError, match=f"must be finite, got {value} in row 77, column 2"):
        read_features(path)
    assert read_features(path, finite=False).shape == (100, 4)


@pytest.mark.parametrize("end", [0, 5, 60, 130, -1])
def test_a_file_that_is_cut_is_refused(tmp_path, end):
    path = saved(tmp_path, np.zeros((9, 9)))
    path.write_bytes(path.read_bytes()[:end])
    with pytest.raises(FormatError, match="must be a .npy array( of plain numbers, whole|, which begins with)"):
        read_features(path)


def test_an_archive_is_not_one_array(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.zeros(2))
    with pytest.raises(FormatError, match="must be one .npy array, got an archive"):
        read_npy(tmp_path / "a.npz")


@given(
    st.dictionaries(
        st.sampled_from("abc"),
        hnp.arrays(st.sampled_from(["i4", "f8", "?", "U3"]), hnp.array_shapes(min_dims=0, min_side=0)),
    )
)
def test_archives_are_read_as_they_were_written(tmp_path_factory, written):
    path = tmp_path_factory.mktemp("npz") / "a.npz"
    np.savez_compressed(path, **written)
    found = read_npz(path)
    assert found.keys() == written.keys()
    for name, values in written.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (declared((1 << 40,)) + bytes(40), "declares 4,398,046,511,104 bytes and holds another number"),
        (declared((2,)) + bytes(9), "declares 8 bytes"),
        (declared((2,), "|O") + bytes(16), "holds pickled objects, which are never loaded"),
        (b"\x93NUMPY\x09\x00", "arrays have version 1 or 2"),
        (b"nonsense", "whole"),
    ],
)
def test_an_archive_that_lies_is_refused_and_takes_no_memory(tmp_path, data, message):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", data)
    tracemalloc.start()
    with pytest.raises(FormatError, match=message):
        read_npz(tmp_path / "a.npz")
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_an_archive_that_is_cut_or_damaged_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, a=np.arange(1000))
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with pytest.raises(FormatError, match="must be an .npz archive of arrays, whole"):
        read_npz(path)
    path.write_bytes(whole[:2000] + b"!" + whole[2001:])
    with pytest.raises(FormatError, match="whole: Bad CRC-32"):
        read_npz(path)


@given(st.binary(max_size=200), st.integers(0, 127))
def test_no_damage_raises_anything_else(tmp_path_factory, noise, at):
    path = tmp_path_factory.mktemp("npy") / "a.npy"
    head = declared((2, 3))
    path.write_bytes(head[:at] + noise + head[at + len(noise) :] + bytes(24))
    with contextlib.suppress(FormatError):
        read_npy(path)
