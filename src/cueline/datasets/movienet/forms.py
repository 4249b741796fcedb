"""The forms in which a film's arrays lie in a file: pickle, torch archive, npz, safetensors, JSON.

Whatever the form, a file is a mapping from names to values, and a value is read when it is asked for: the boundaries
of a film are a few kilobytes, its features forty megabytes. No form runs code, and none is trusted with sizes.
"""

from __future__ import annotations

import errno
import json
import math
import mmap
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cueline.datasets.movienet.pickles import DataFault, PickleReader, Steps
from cueline.datasets.movienet.tensors import (
    MAGIC,
    Array,
    Bytes,
    Numbers,
    Tensor,
    archived,
    constructors,
    read_legacy,
)

Values = Mapping[str, Callable[[], Any]]

_PICKLED = (".pkl", ".pickle", ".pt", ".pth")
_MOST_BYTES = 2**30  # of one array that is packed in an npz, where a file of a megabyte may claim any size
_ZIP = b"PK\x03\x04"
_STUMBLES = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    EOFError,
    ValueError,
    RuntimeError,  # and NotImplementedError: of what is encrypted or packed in a way that nobody knows
    OverflowError,
    struct.error,
    zlib.error,
    SyntaxError,  # of the head of an array, which numpy reads as Python's literals
)


def values_of(path: Path) -> Values:
    """What is in a film's file, by name.

    Args:
        path: Its ending tells the form, and for pickles its first bytes do.

    Returns:
        For each name a function that reads its value: an array, a text, or whatever else stands there.

    Raises:
        DataFault: If the file is damaged, of another form, or would run code.
        OSError: If it cannot be read.
    """
    return FORMS[path.suffix.lower()](path)


@contextmanager
def _archive(path: Path, what: str = "it") -> Iterator[zipfile.ZipFile]:
    """An archive; the many ways in which zipfile stumbles over damage become one."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except DataFault:
        raise
    except _STUMBLES as error:
        raise DataFault(f"{what} is damaged: {type(error).__name__} {error!s:.120}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # what a place before the beginning of a file gives
            raise
        raise DataFault(f"{what} is damaged: {error}") from error


def _pickled(path: Path) -> Values:
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise DataFault("it is empty")
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if data[:4] == _ZIP:
        return _archived(path, len(data))
    steps = Steps()
    reader = PickleReader(data, constructors(steps, len(data)), steps=steps)
    value = reader.read()
    if isinstance(value, int) and value == MAGIC:
        reader.at = 0
        value = read_legacy(reader)
    return _named(value)


def _archived(path: Path, size: int) -> Values:
    """What `torch.save` writes: a pickle, and each storage as an entry beside it."""
    with _archive(path) as archive:
        entries = archive.namelist()
    names = [name for name in entries if name == "data.pkl" or name.endswith("/data.pkl")]
    if len(names) != 1:
        raise DataFault("it is an archive without a data.pkl, so no file of torch")
    root = names[0].removesuffix("data.pkl")
    if f"{root}byteorder" in entries and _entry(path, f"{root}byteorder", size) != b"little":
        raise DataFault("it was written by a machine that puts the highest byte first")
    steps = Steps()
    find = archived(lambda key: _entry(path, f"{root}data/{key}", size))
    data = memoryview(_entry(path, names[0], size))
    return _named(PickleReader(data, constructors(steps, len(data)), persistent=find, steps=steps).read())


def _entry(path: Path, name: str, size: int) -> Bytes:
    """An entry of an archive, which torch never packs."""
    with _archive(path) as archive:
        if name not in archive.namelist():
            raise DataFault(f"a tensor's numbers are not in the file: no entry {name!r:.80}")
        entry = archive.getinfo(name)
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > size or entry.flag_bits & 1:
            raise DataFault(f"the entry {name!r:.80} is packed, encrypted or larger than the file")
        return archive.read(name)


def _named(value: Any) -> Values:
    if not isinstance(value, dict):
        raise DataFault(f"it must hold a dict of arrays by name, got a {type(value).__name__}")
    return {str(name): partial(_unpacked, inner) for name, inner in value.items()}


def _unpacked(value: Any) -> Any:
    return value.array() if isinstance(value, Array | Tensor) else value


def _npz(path: Path) -> Values:
    with _archive(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".npy")]
    return {name.removesuffix(".npy"): partial(_npy, path, name) for name in names}


def _npy(path: Path, name: str) -> Numbers:
    """One array; its header is held against the bytes before memory is taken for it."""
    with _archive(path, f"the array {name!r}") as archive, archive.open(name) as entry:
        version = np.lib.format.read_magic(entry)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = header(entry)
        size = math.prod(shape) * dtype.itemsize
        if dtype.kind not in "biufU" or size > min(_MOST_BYTES, archive.getinfo(name).file_size):
            raise DataFault(f"the array {name!r} must hold numbers, and as many as it says, got {dtype} {shape}")
        return np.frombuffer(entry.read(size), dtype).reshape(shape, order="F" if fortran else "C")


def _safetensors(path: Path) -> Values:
    from safetensors import SafetensorError, safe_open

    def fetch(name: str) -> Any:
        try:
            with safe_open(path, framework="np") as file:
                return file.get_tensor(name)
        except (SafetensorError, TypeError, AttributeError) as error:  # of a dtype that numpy has not
            raise DataFault(f"the array {name!r} cannot be read: {error}") from error

    try:
        with safe_open(path, framework="np") as file:
            texts = {name: partial(str, text) for name, text in (file.metadata() or {}).items()}
            return {**texts, **{name: partial(fetch, name) for name in file.keys()}}  # noqa: SIM118  # no mapping
    except SafetensorError as error:
        raise DataFault(f"it is no safetensors file: {error}") from error


def _json(path: Path) -> Values:
    try:
        return _named(json.loads(path.read_bytes()))
    except RecursionError as error:
        raise DataFault("it is nested too deep") from error
    except ValueError as error:
        if isinstance(error, DataFault):
            raise
        raise DataFault(f"it is no JSON: {error!s:.120}") from error


FORMS: Mapping[str, Callable[[Path], Values]] = {
    **dict.fromkeys(_PICKLED, _pickled),
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".json": _json,
}
