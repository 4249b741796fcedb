"""The course's CSV: a row a video, a zero or one for each class, then the features as text.

A row of YouTube-8M is 3,862 labels, 1,024 numbers of pictures, 128 of sound, and a comma at the end: 5,015 fields, the
last one empty. There are no ids and no head. 41,393 rows are 860 MB of text, which are read once, in blocks, and
turned into the compact form; learning never touches text.

Rows as they are published hold each label in one character, so that labels are compared as bytes, and features are
parsed by Arrow a block at a time. What looks otherwise (spaces, "1.0" for 1) is read field by field, to the same
numbers. The comma at the end may be missing; where rows have it, a last line without it was cut off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cueline.datasets.youtube8m.files import UNREADABLE, Source, at_most, files_of, opened
from cueline.datasets.youtube8m.rows import CLASSES, PARTS, VideoRows, label_lists
from cueline.datasets.youtube8m.skipping import Skipped, refuse
from cueline.errors import FormatError

BLOCK_BYTES = 8 << 20
_FIELD_BYTES = 64  # of the longest number that somebody may write


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """Labels of one line, and its features as text."""

    number: int
    labels: npt.NDArray[np.integer]
    text: bytes


def read_course(
    source: Source,
    *,
    classes: int = CLASSES,
    parts: Mapping[str, int] = PARTS,
    skipped: Skipped | None = None,
) -> Iterator[VideoRows]:
    """Rows of CSV files, a block at a time.

    Args:
        source: A file, plain or gzip; a folder or a pattern of batches such as "train_*.csv".
        classes: C, how many labels a row begins with.
        parts: How many numbers of each kind follow.
        skipped: Where to note bad rows; without it the first one is an error.

    Raises:
        FormatError: At a row with another number of columns, a label that is neither 0 nor 1, or a feature that is no
            finite number; the message names file, line and column, both from 1.
    """
    width = sum(parts.values())
    for path in files_of(source):
        for first, lines in _blocks(path, (classes + width) * _FIELD_BYTES, skipped):
            good = []
            for number, line in enumerate(lines, first):
                try:
                    good.append(_split(line, number, classes, width))
                except FormatError as error:
                    refuse(_told(error, path, number), skipped)
            if good:
                yield _rows(good, path, classes, width, skipped)


def _blocks(path: Path, longest: int, skipped: Skipped | None) -> Iterator[tuple[int, list[bytes]]]:
    """The number of the first line, and whole lines without their ends; a blank line at the end is none."""
    number, rest, comma = 1, b"", False
    with opened(path) as stream:
        while block := _block(stream, path, number, skipped):
            lines = [line.removesuffix(b"\r") for line in (rest + block).split(b"\n")]
            rest = lines.pop()
            if lines:
                yield number, lines
                comma = lines[-1].endswith(b",")
            number += len(lines)
            if len(rest) > longest:
                error = FormatError(f"a line must end within {longest:,} bytes, got none that does")
                refuse(_told(error, path, number), skipped, bytes_lost=len(rest))
                return
    if comma and not rest.endswith(b",") and rest.strip():
        error = FormatError("a row must end with a comma like those before, got the file's end: it is cut off")
        refuse(_told(error, path, number), skipped, bytes_lost=len(rest))
    elif rest.strip():
        yield number, [rest]


def _block(stream: BufferedReader, path: Path, number: int, skipped: Skipped | None) -> bytes:
    try:
        return at_most(stream, BLOCK_BYTES)
    except UNREADABLE as error:
        told = f"'{path}' cannot be read beyond line {number}: {error}; the rest of the file is lost"
        refuse(FormatError(told, path=path), skipped)
        return b""


def _split(line: bytes, number: int, classes: int, width: int) -> _Line:
    """Labels and features of a line.

    Raises:
        FormatError: If it has other columns, or a label is neither 0 nor 1.
    """
    line = line.removesuffix(b",")
    columns = line.count(b",") + 1
    if columns != classes + width:
        raise FormatError(f"a row must have {classes} labels and {width} features, got {columns} columns")
    head = np.frombuffer(line, np.uint8, min(2 * classes, len(line)))
    digits = head[::2] - np.uint8(ord("0"))
    if len(head) == 2 * classes and (head[1::2] == ord(",")).all() and (digits <= 1).all():
        return _Line(number, np.flatnonzero(digits), line[2 * classes :])
    *fields, text = line.split(b",", classes)
    flags = np.array([_flag(field, column) for column, field in enumerate(fields, 1)])
    return _Line(number, np.flatnonzero(flags), text)


def _flag(field: bytes, column: int) -> bool:
    value = _number(field)
    if value not in (0, 1):
        raise FormatError(f"a label must be 0 or 1, got {field[:20].decode(errors='replace')!r} in column {column}")
    return value == 1


def _rows(lines: Sequence[_Line], path: Path, classes: int, width: int, skipped: Skipped | None) -> VideoRows:
    values = _parsed([line.text for line in lines], width)
    bad = ~np.isfinite(values)
    for row in np.flatnonzero(bad.any(axis=1)).tolist():
        column = int(np.flatnonzero(bad[row])[0])
        field = lines[row].text.split(b",")[column][:20].decode(errors="replace")
        error = FormatError(f"a feature must be a finite number, got {field!r} in column {classes + column + 1}")
        refuse(_told(error, path, lines[row].number), skipped)
    kept = np.flatnonzero(~bad.any(axis=1))
    labels = label_lists((lines[row].labels for row in kept.tolist()), width=classes)
    return VideoRows(values if len(kept) == len(lines) else values[kept], labels)


def _parsed(texts: Sequence[bytes], width: int) -> npt.NDArray[np.float32]:
    """Numbers of each text, shape (N, width); NaN where there is none."""
    try:
        fields = pc.split_pattern(pa.array(texts, pa.string()), ",").flatten()
        values: npt.NDArray[Any] = pc.cast(fields, pa.float32()).to_numpy(zero_copy_only=False)
        return values.reshape(len(texts), width)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return np.array([[_number(field) for field in text.split(b",")] for text in texts], np.float32)


def _number(field: bytes) -> float:
    try:
        return float(field)
    except ValueError:
        return float("nan")


def _told(error: FormatError, path: Path, number: int) -> FormatError:
    return FormatError(f"{error} in line {number} of '{path}'", path=path)
