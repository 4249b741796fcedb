"""Arrays on disk: features in .npy, labels and predictions in .npz, read without trusting them.

    features.npy   (N, D): uint8 as YouTube-8M quantises, or float16, float32, float64; read memory-mapped
    labels.npz     `label_offsets` (N + 1,) and `label_ids`: row i has label_ids[label_offsets[i]:label_offsets[i + 1]]

Pickled objects are never loaded, nothing is allocated that a file only declares, and what is broken is named.
"""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from cueline.datasets.youtube8m.files import at_most
from cueline.errors import FormatError

Array = npt.NDArray[Any]

KINDS = ("uint8", "float16", "float32", "float64")
_BLOCK_BYTES = 32 << 20
MAGIC = b"\x93NUMPY"
_BROKEN = (
    *(OSError, EOFError, ValueError, OverflowError, NotImplementedError, RuntimeError, TypeError, KeyError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError, SyntaxError),
)


def read_features(path: str | Path, *, finite: bool = True) -> Array:
    """Features, memory-mapped, shape (N, D).

    Args:
        path: A .npy file.
        finite: Whether to look at every float for NaN and infinity, which reads the whole file once.

    Raises:
        FormatError: If it is no such array, is cut off, holds no row, or has a number that is not finite; the message
            names its row and column, both from 0.
    """
    path = Path(path)
    values = read_npy(path)
    if values.ndim != 2 or values.dtype.name not in KINDS:
        raise FormatError(
            f"features must be {', '.join(KINDS)} of shape (N, D), got {values.dtype} {values.shape} in '{path}'",
            path=path,
        )
    if not values.size:
        raise FormatError(f"features must have one row and column or more, got {values.shape} in '{path}'", path=path)
    if finite:
        check_finite(values, path)
    return values


def read_npy(path: Path) -> Array:
    """One array, memory-mapped.

    Raises:
        FormatError: If the file is no array of plain values, or is cut off.
    """
    try:
        _must_begin_as_array(path)
        values: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FormatError:
        raise
    except _BROKEN as error:
        raise FormatError(f"'{path}' must be a .npy array of plain numbers, whole: {error}", path=path) from error
    if not isinstance(values, np.memmap):
        raise FormatError(f"'{path}' must be one .npy array, got an archive of several", path=path)
    return values


def _must_begin_as_array(path: Path) -> None:
    """Refuse what is neither an array nor an archive, for NumPy would speak of pickles then."""
    with path.open("rb") as stream:
        kind = stream.read(len(MAGIC))
    if kind != MAGIC and not zipfile.is_zipfile(path):
        raise FormatError(f"'{path}' must be a .npy array, which begins with {MAGIC!r}, got {kind!r}", path=path)


def read_npz(path: Path) -> dict[str, Array]:
    """All arrays of an archive, by name.

    Raises:
        FormatError: If the file is no archive of arrays of plain values, or is cut off.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".npy")]
            return {name.removesuffix(".npy"): _member(archive, name) for name in names}
    except _BROKEN as error:
        raise FormatError(f"'{path}' must be an .npz archive of arrays, whole: {error}", path=path) from error


def blocks(values: Array) -> Iterator[slice]:
    """Runs of rows that fit in memory together."""
    step = max(1, _BLOCK_BYTES // max(1, values.shape[1] * values.itemsize))
    return (slice(first, min(first + step, len(values))) for first in range(0, len(values), step))


def check_finite(values: Array, path: Path) -> None:
    """Refuse NaN and infinity in floats, block by block.

    Raises:
        FormatError: With the row and column of the first one.
    """
    if not np.issubdtype(values.dtype, np.floating):
        return
    for rows in blocks(values):
        bad = ~np.isfinite(values[rows])
        if bad.any():
            row, column = (int(at) for at in np.argwhere(bad)[0])
            raise FormatError(
                f"features must be finite, got {values[rows][row, column]} in row {rows.start + row}, column {column} "
                f"of '{path}'. `cueline datasets convert --skip-bad` leaves such rows out.",
                path=path,
            )


def _member(archive: zipfile.ZipFile, name: str) -> Array:
    """One array of an archive: as many bytes as its head declares must be there, and no more are asked for."""
    with archive.open(name) as opened:
        stream = cast("BufferedReader", opened)
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
        else:
            raise FormatError(f"arrays have version 1 or 2, got {version} of {name!r}")
        if dtype.hasobject:
            raise FormatError(f"{name!r} holds pickled objects, which are never loaded")
        size = math.prod(shape) * dtype.itemsize
        data = at_most(stream, size)
        if len(data) != size or stream.read(1):
            raise FormatError(f"{name!r} declares {size:,} bytes and holds another number")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
