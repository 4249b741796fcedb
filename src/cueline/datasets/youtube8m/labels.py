"""Which classes each row has, read from a file: lists, a matrix, or a table with ids.

.npz   `label_offsets` (N + 1,) and `label_ids`, or one matrix of zeros and ones, shape (N, C)
.npy   a matrix of zeros and ones, bool or uint8
.csv   columns `id` and `labels`: numbers of classes with spaces between them, perhaps none; perhaps a column `judged`
       with the classes that somebody looked for, likewise: of those that it leaves out nobody knows; where it is empty,
       all classes were looked for, and what has a label was in any case
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.datasets.youtube8m.arrays import read_npy, read_npz
from cueline.datasets.youtube8m.files import UNREADABLE, opened
from cueline.datasets.youtube8m.rows import class_numbers, label_lists
from cueline.errors import FormatError, TimelineError
from cueline.timeline.examples import Examples, LabelLists

_LISTS = {"label_offsets", "label_ids"}
_MOST_CLASSES = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class LabelFile:
    """What a file of labels says.

    Attributes:
        labels: Of each row.
        ids: Of the rows, where the file has them; else empty.
        unknown: Which classes nobody judged, for each row; None where all were.
    """

    labels: LabelLists
    ids: Sequence[str] = ()
    unknown: LabelLists | None = None

    def examples(self, values: npt.NDArray[np.generic]) -> Examples:
        """As learners and measures see them, with their numbers, shape (N, D)."""
        unknown = LabelLists.none(len(self.labels), width=self.labels.width) if self.unknown is None else self.unknown
        return Examples(values, self.labels, unknown, assets=self.ids)


def read_labels(path: str | Path, *, classes: int | None = None, assumed: int | None = None) -> LabelFile:
    """Labels of a file.

    Args:
        path: A .npz, .npy or .csv file.
        classes: C; None for what the file shows: the columns of a matrix, or one more than the greatest class.
        assumed: C of lists, which do not tell it, where `classes` is None.

    Raises:
        FormatError: If the file is not there or none of these, or a label is out of range; names file and row.
    """
    path = Path(path)
    if not path.is_file():
        raise FormatError(f"there is no file '{path}'; labels are .npz, .npy or .csv", path=path)
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    try:
        if suffix == ".npz":
            return LabelFile(_archive(path, classes, assumed))
        if suffix == ".npy":
            return LabelFile(_matrix(read_npy(path), classes))
        if suffix == ".csv":
            return _table(path, classes or assumed)
    except TimelineError as error:
        raise FormatError(f"{error} in '{path}'", path=path) from error
    except FormatError as error:
        raise error if error.path else FormatError(f"{error} in '{path}'", path=path) from error
    raise FormatError(f"labels are .npz, .npy or .csv, got '{path}'", path=path)


def _archive(path: Path, classes: int | None, assumed: int | None) -> LabelLists:
    arrays = read_npz(path)
    if arrays.keys() >= _LISTS:
        offsets, ids = arrays["label_offsets"], arrays["label_ids"]
        if not np.issubdtype(offsets.dtype, np.integer) or (ids.size and not np.issubdtype(ids.dtype, np.integer)):
            raise FormatError(f"offsets and labels are whole numbers, got {offsets.dtype} and {ids.dtype}")
        return LabelLists(offsets.astype(np.int64), ids.astype(np.int64), _width(ids, classes or assumed))
    if len(arrays) != 1:
        have = ", ".join(sorted(arrays)) or "none"
        raise FormatError(f"labels have arrays label_offsets and label_ids, or are one matrix, got {have}")
    return _matrix(next(iter(arrays.values())), classes)


def _matrix(flags: npt.NDArray[Any], classes: int | None) -> LabelLists:
    if flags.ndim != 2 or flags.dtype.name not in ("bool", "uint8"):
        raise FormatError(f"a matrix of labels is bool or uint8 of shape (N, C), got {flags.dtype} {flags.shape}")
    if classes is not None and flags.shape[1] != classes:
        raise FormatError(f"a matrix of labels must have {classes} columns, one a class, got {flags.shape[1]}")
    if flags.size and flags.max() > 1:
        row, column = (int(at) for at in np.argwhere(np.asarray(flags) > 1)[0])
        raise FormatError(f"labels must be 0 or 1, got {flags[row, column]} in row {row}, column {column}")
    return LabelLists.of_flags(np.asarray(flags, np.bool_))


def _table(path: Path, classes: int | None) -> LabelFile:
    names, lists, judged = [], [], []
    with opened(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        reader = csv.DictReader(text)
        try:
            missing = {"id", "labels"} - set(reader.fieldnames or ())
            if missing:
                raise FormatError(
                    f"columns id and labels are needed, got {', '.join(reader.fieldnames or ()) or 'none'}"
                )
            for row in reader:
                names.append(row["id"])
                lists.append(_numbers("labels", row["labels"], classes, reader.line_num))
                judged.append(_numbers("judged", row.get("judged") or "", classes, reader.line_num))
        except (csv.Error, UnicodeDecodeError, *UNREADABLE) as error:
            raise FormatError(f"{error} near line {reader.line_num}") from error
    width = _width(np.concatenate([np.empty(0, np.int32), *lists, *judged]), classes)
    return LabelFile(label_lists(lists, width=width), names, _unknown(lists, judged, width))


def _unknown(
    lists: Sequence[npt.NDArray[np.int32]], judged: Sequence[npt.NDArray[np.int32]], width: int
) -> LabelLists | None:
    """All classes but those judged, of rows where some are named."""
    if not any(len(each) for each in judged):
        return None
    flags = np.zeros((len(lists), width), np.bool_)
    for row, (yes, looked_for) in enumerate(zip(lists, judged, strict=True)):
        if len(looked_for):
            flags[row] = True
            flags[row, np.concatenate((yes, looked_for))] = False
    return LabelLists.of_flags(flags)


def _numbers(column: str, field: str | None, classes: int | None, line: int) -> npt.NDArray[np.int32]:
    words = (field or "").split()
    wrong = [word for word in words if not (word.isascii() and word.isdecimal())]
    if field is None or wrong:
        raise FormatError(f"{column} are numbers of classes, got {wrong[0] if wrong else 'no column'!r} in line {line}")
    try:
        return class_numbers(np.array([int(word[:18]) for word in words], np.int64), classes or _MOST_CLASSES)
    except FormatError as error:
        raise FormatError(f"{error} in line {line}") from error


def _width(ids: npt.NDArray[np.integer], classes: int | None) -> int:
    if classes is not None:
        return classes
    greatest = int(ids.max()) if ids.size else -1
    if greatest >= _MOST_CLASSES:
        raise FormatError(f"classes are numbered up to {_MOST_CLASSES:,}, got {greatest:,}")
    return greatest + 1
