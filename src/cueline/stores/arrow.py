"""Arrow files of a library: whole or absent, saying what they are, read and written without pandas.

PyArrow's own ways between arrays and NumPy import pandas, which takes a fifth of a second in every worker; buffers say
the same.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cueline.errors import StoreError
from cueline.stores.faults import told_plainly

VERSION = 1


def schema(name: str, fields: list[tuple[str, pa.DataType]], **facts: object) -> pa.Schema:
    """What a file of some name holds, and which version of it."""
    return pa.schema(fields, metadata={"cueline": json.dumps({"schema": name, "version": VERSION, **facts})})


@contextmanager
def appearing(path: Path) -> Iterator[Path]:
    """Another name to write under; the file gets its own when it is whole and on disk."""
    part = path.with_name(path.name + ".part")
    try:
        with told_plainly("write", path):
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def opened(source: Path | bytes, name: str) -> Iterator[tuple[pa.RecordBatchFileReader, dict[str, Any]]]:
    """An Arrow file, once it is sure that it is whole and what it should be."""
    path = source if isinstance(source, Path) else None
    named = repr(str(path)) if path else "a file in memory"
    try:
        with pa.memory_map(str(path)) if path else pa.BufferReader(source) as file:
            reader = pa.ipc.open_file(file)
            facts: dict[str, Any] = json.loads((reader.schema.metadata or {}).get(b"cueline", b"{}"))
            if (facts.get("schema"), facts.get("version")) == (name, VERSION):
                yield reader, facts
                return
    except (OSError, pa.ArrowInvalid) as error:
        reason = "it is gone" if isinstance(error, FileNotFoundError) else "it is damaged or was not written to its end"
        raise StoreError(f"cannot read {named}: {reason}. Run `cueline analyze LIBRARY`", path=path) from error
    found = f"{facts['schema']}, version {facts['version']}" if facts else "an Arrow file of another make"
    raise StoreError(f"{named} must hold {name}, version {VERSION}, got {found}. Is Cueline up to date?", path=path)


def numbers(column: pa.Array) -> npt.NDArray[Any]:
    """The numbers of a column without a copy, and without pandas, which PyArrow's own way would import."""
    data = column.buffers()[1]
    kind = np.dtype(column.type.to_pandas_dtype())
    return np.frombuffer(data or b"", kind, len(column), column.offset * kind.itemsize)


def floats(values: npt.NDArray[np.float64]) -> pa.Array:
    """A column of float64."""
    data = np.ascontiguousarray(values, dtype=np.float64)
    return pa.Array.from_buffers(pa.float64(), len(data), [None, pa.py_buffer(data)])


def blobs(values: Sequence[bytes]) -> pa.Array:
    """A column of bytes."""
    ends = np.cumsum([0, *map(len, values)], dtype=np.int32)
    return pa.Array.from_buffers(pa.binary(), len(values), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))])
