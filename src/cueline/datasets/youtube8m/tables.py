"""Rows as a Parquet table: `id`, `labels`, `mean_rgb`, `mean_audio`, a list a row, as data frames hold them.

Floats are float32, labels int32. A column of features is a list of fixed or of free size; every row must have as many
numbers as the part it stands for. `id` may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from cueline.datasets.youtube8m.files import Source, files_of, placed_whole
from cueline.datasets.youtube8m.quantising import dequantised
from cueline.datasets.youtube8m.rows import CLASSES, PARTS, ROWS_AT_ONCE, VideoRows, class_numbers, label_lists
from cueline.datasets.youtube8m.skipping import Skipped, refuse
from cueline.errors import FormatError

_BROKEN = (pa.ArrowException, OSError, ValueError)


def read_tables(
    source: Source, *, classes: int = CLASSES, parts: Mapping[str, int] = PARTS, skipped: Skipped | None = None
) -> Iterator[VideoRows]:
    """Rows of Parquet files, a thousand or so at a time.

    Args:
        source: A file, a folder or a pattern.
        classes: C.
        parts: Columns that make a row, in this order, and how many numbers each has.
        skipped: Where to note bad rows; without it the first one is an error.

    Raises:
        FormatError: If a file is no such table, or at a row with another number of features, one that is not finite,
            or a label out of range; rows are numbered from 0.
    """
    for path in files_of(source):
        try:
            with pq.ParquetFile(path) as file:
                columns = _columns(file.schema_arrow.names, {"labels", *parts}, path)
                first = 0
                for batch in file.iter_batches(ROWS_AT_ONCE, columns=columns):
                    yield _rows(batch, path, first, classes, parts, skipped)
                    first += len(batch)
        except FormatError as error:
            refuse(error, skipped, rows=0)
        except _BROKEN as error:
            told = FormatError(f"'{path}' must be a Parquet table of lists of numbers, whole: {error}", path=path)
            refuse(told, skipped, rows=0)


def write_table(path: str | Path, batches: Iterable[VideoRows], *, parts: Mapping[str, int] = PARTS) -> int:
    """A Parquet table that appears whole or not at all; bytes are dequantised.

    Args:
        path: Where; a file there is replaced.
        batches: Rows, one batch at a time.
        parts: What the columns are called, and how many numbers each has.

    Returns:
        How many rows were written.
    """
    lists = [(name, pa.list_(pa.float32())) for name in parts]
    schema = pa.schema([("id", pa.string()), ("labels", pa.list_(pa.int32())), *lists])
    edges = np.cumsum([0, *parts.values()])
    count = 0
    with placed_whole(Path(path)) as aside, pq.ParquetWriter(aside, schema) as writer:
        for batch in batches:
            values = batch.values if batch.values.dtype != np.uint8 else dequantised(batch.values)
            ids = pa.array(list(batch.ids), pa.string()) if len(batch.ids) else pa.nulls(len(batch), pa.string())
            columns = [ids]
            columns.append(pa.ListArray.from_arrays(batch.yes.offsets.astype(np.int32), batch.yes.ids.astype(np.int32)))
            for (_, width), start in zip(parts.items(), edges[:-1], strict=True):
                offsets = np.arange(len(batch) + 1, dtype=np.int32) * np.int32(width)
                piece = values[:, start : start + width].astype(np.float32)
                columns.append(pa.ListArray.from_arrays(offsets, piece.ravel()))
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += len(batch)
    return count


def _columns(have: Sequence[str], wanted: set[str], path: Path) -> list[str]:
    if wanted - set(have):
        needed = ", ".join(sorted(wanted))
        raise FormatError(f"columns {needed} are needed, got {', '.join(have)} in '{path}'", path=path)
    return [name for name in have if name in {"id", *wanted}]


def _rows(
    batch: pa.RecordBatch, path: Path, first: int, classes: int, parts: Mapping[str, int], skipped: Skipped | None
) -> VideoRows:
    reasons: dict[int, str] = {}
    pieces = [_numbers(batch.column(name), name, width, reasons) for name, width in parts.items()]
    labels = _labels(batch.column("labels"), classes, reasons)
    for row, reason in sorted(reasons.items()):
        refuse(FormatError(f"{reason} in row {first + row} of '{path}'", path=path), skipped)
    good = np.array([row for row in range(len(batch)) if row not in reasons], np.intp)
    ids = [str(each) for each in batch.column("id").to_pylist()] if "id" in batch.schema.names else []
    known = "id" in batch.schema.names and not batch.column("id").null_count
    return VideoRows(
        np.hstack(pieces)[good],
        label_lists((labels[row] for row in good), width=classes),
        [ids[row] for row in good] if known else (),
    )


def _numbers(column: Any, name: str, width: int, reasons: dict[int, str]) -> npt.NDArray[np.float32]:
    """Numbers of a column of lists, shape (N, width); what is wrong with a row is noted, and its numbers are 0."""
    kind = column.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        raise pa.ArrowTypeError(f"column {name} is {kind}")
    lengths = column.value_lengths().fill_null(-1).to_numpy(zero_copy_only=False)
    fits = lengths == width
    for row in np.flatnonzero(~fits).tolist():
        got = "none" if lengths[row] < 0 else f"{lengths[row]}"
        reasons.setdefault(row, f"{name} must hold {width} numbers, got {got}")
    table = np.zeros((len(column), width), np.float32)
    flat = column.filter(pa.array(fits)).flatten().cast(pa.float32()).to_numpy(zero_copy_only=False)
    table[fits] = flat.reshape(-1, width)
    for row in np.flatnonzero(~np.isfinite(table).all(axis=1)).tolist():
        reasons.setdefault(row, f"{name} must be finite, got NaN, infinity or nothing")
    return table


def _labels(column: Any, classes: int, reasons: dict[int, str]) -> list[npt.NDArray[np.int32]]:
    found = []
    for row, numbers in enumerate(column.to_pylist()):
        try:
            found.append(class_numbers(_whole(numbers), classes))
        except FormatError as error:
            reasons.setdefault(row, str(error))
            found.append(np.empty(0, np.int32))
    return found


def _whole(numbers: Any) -> npt.NDArray[np.int64]:
    if not isinstance(numbers, list) or not all(isinstance(each, int) for each in numbers):
        raise FormatError(f"labels are a list of whole numbers, got {numbers!r:.60}")
    return np.array(numbers, np.int64)
