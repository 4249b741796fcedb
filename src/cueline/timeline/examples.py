"""Examples: the one join of numbers and answers that learners and ranking measures see.

N rows, each with D numbers, answers about C classes, and the asset, span and group it comes from. An answer
is yes, no or unknown: `yes` lists the classes a row has, `unknown` those that nobody judged; what stands in
neither is no. Both are LabelLists, which hold a few classes a row of thousands in the memory of those few.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.timeline.spans import Spans, as_spans

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int64]
Array = TypeVar("Array", bound=npt.NDArray[Any])
_BLOCK_ROWS = 8192
# Each is replaced at birth, so that nobody meets an optional one.
_NO_LISTS, _NO_SPANS, _NO_GROUPS = cast("LabelLists", None), cast("Spans", None), cast("Indices", None)


@dataclass(frozen=True, slots=True, eq=False)
class LabelLists:
    """Which of C classes each of N rows has.

    Attributes:
        offsets: Where the classes of each row begin in `ids`, shape (N + 1,), from 0 to len(ids).
        ids: Numbers of classes, rising within a row, shape (L,).
        width: C, how many classes there are.

    Example:
        >>> labels = LabelLists.of([[2], [], [0, 1]], width=3)
        >>> labels
        LabelLists(3 rows, 3 of 3 classes, 3 labels)
        >>> labels.dense().astype(int).tolist()
        [[0, 0, 1], [0, 0, 0], [1, 1, 0]]
    """

    offsets: npt.NDArray[np.int64]
    ids: npt.NDArray[np.integer]
    width: int

    def __post_init__(self) -> None:
        """Refuse offsets that do not rise, classes beyond the last, and a class twice in a row."""
        offsets, ids = np.asarray(self.offsets, np.int64), np.asarray(self.ids)
        if ids.size and not np.issubdtype(ids.dtype, np.integer):
            raise TimelineError(f"classes are whole numbers, got {ids.dtype}")
        if offsets.ndim != 1 or ids.ndim != 1 or not offsets.size or offsets[0] != 0 or offsets[-1] != len(ids):
            raise TimelineError(f"offsets must run from 0 to the number of labels, {len(ids)}, got {_ends(offsets)}")
        falling = np.flatnonzero(np.diff(offsets) < 0)
        if falling.size:
            raise TimelineError(f"offsets must not fall, got a fall at row {falling[0]}")
        strange = np.flatnonzero((ids < 0) | (ids >= self.width))
        if strange.size:
            row = int(np.searchsorted(offsets, strange[0], side="right")) - 1
            raise TimelineError(f"classes must lie in 0 to {self.width - 1}, got {ids[strange[0]]} in row {row}")
        for name, value in (("offsets", offsets), ("ids", _sorted_rows(offsets, ids.astype(np.int32, copy=False)))):
            object.__setattr__(self, name, read_only(value))

    @classmethod
    def of(cls, rows: Iterable[Iterable[int]], *, width: int) -> LabelLists:
        """From the classes of each row."""
        lists = [sorted(row) for row in rows]
        offsets = np.cumsum([0, *map(len, lists)], dtype=np.int64)
        return cls(offsets, np.array([i for row in lists for i in row], dtype=np.int64), width)

    @classmethod
    def of_flags(cls, flags: Flags) -> LabelLists:
        """From flags, shape (N, C)."""
        flags = np.asarray(flags)
        if flags.ndim != 2 or flags.dtype != np.bool_:
            raise TimelineError(f"flags must be bool of shape (N, C), got {flags.dtype} {flags.shape}")
        offsets = np.concatenate(([0], np.cumsum(flags.sum(axis=1, dtype=np.int64))))
        return cls(offsets, np.nonzero(flags)[1], flags.shape[1])

    @classmethod
    def none(cls, rows: int, *, width: int) -> LabelLists:
        """Rows without a class."""
        return cls(np.zeros(rows + 1, np.int64), np.empty(0, np.int32), width)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> npt.NDArray[np.integer]:
        """The classes of one row, rising."""
        if not -len(self) <= row < len(self):
            raise IndexError(f"there are {len(self)} rows, got {row}")
        row %= len(self)
        return self.ids[self.offsets[row] : self.offsets[row + 1]]

    @property
    def lengths(self) -> Counts:
        """How many classes each row has, shape (N,)."""
        return np.diff(self.offsets)

    @property
    def rows(self) -> Indices:
        """The row of each label, shape (L,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def counts(self) -> Counts:
        """How many rows have each class, shape (C,)."""
        return np.bincount(self.ids, minlength=self.width).astype(np.int64)

    def take(self, rows: npt.NDArray[np.integer]) -> LabelLists:
        """Some rows, in the order asked for."""
        rows = np.asarray(rows)
        lengths = self.lengths[rows]
        offsets = np.concatenate(([0], np.cumsum(lengths)))
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return LabelLists(offsets, self.ids[np.repeat(self.offsets[:-1][rows], lengths) + within], self.width)

    def dense(self) -> Flags:
        """Flags, shape (N, C); takes N x C bytes of memory."""
        flags = np.zeros((len(self), self.width), dtype=np.bool_)
        flags[self.rows, self.ids] = True
        return flags

    def __repr__(self) -> str:
        """Sizes, not contents."""
        used = np.count_nonzero(self.counts())
        return f"LabelLists({len(self)} rows, {used} of {self.width} classes, {len(self.ids)} labels)"


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Rows to learn from, or to measure on.

    Attributes:
        values: Numbers, shape (N, D), any numeric dtype; perhaps memory-mapped.
        yes: Which classes each row has.
        unknown: Which classes nobody judged, for each row; none where it is not given.
        classes: Names of the C classes, or empty where they are known by number alone.
        assets: The asset, or video id, of each row, length N; or empty.
        spans: Which part of it, seconds, shape (N, 2); or shape (0, 2) where rows are about whole assets.
        groups: A number for each row, shape (N,): rows of one number are never parted by a split (show, film, speaker,
            source video); each row by itself where it is not given.
    """

    values: npt.NDArray[np.generic]
    yes: LabelLists
    unknown: LabelLists = _NO_LISTS
    classes: tuple[str, ...] = ()
    assets: Sequence[str] = ()
    spans: Spans = _NO_SPANS
    groups: Indices = _NO_GROUPS

    def __post_init__(self) -> None:
        """Check that all have the same rows and classes, and that no answer is yes and unknown at once."""
        values, rows = self.values, len(self.yes)
        if values.ndim != 2 or not np.issubdtype(values.dtype, np.number):
            raise TimelineError(f"values must be numbers of shape (N, D), got {values.dtype} {values.shape}")
        unknown = LabelLists.none(rows, width=self.yes.width) if self.unknown is None else self.unknown
        spans = as_spans(np.empty((0, 2)) if self.spans is None else self.spans)
        groups = np.arange(rows) if self.groups is None else np.asarray(self.groups)
        lengths = {"values": len(values), "unknown": len(unknown), "groups": len(groups)}
        lengths |= {"assets": len(self.assets) or rows, "spans": len(spans) or rows}
        wrong = [f"{count} {what}" for what, count in lengths.items() if count != rows]
        if wrong:
            raise TimelineError(f"examples need one of everything a row, got {rows} rows of labels and {wrong[0]}")
        widths = {self.yes.width, unknown.width, len(self.classes) or self.yes.width}
        if len(widths) > 1:
            raise TimelineError(f"labels, unknowns and names must be about the same classes, got {sorted(widths)}")
        if len(unknown.ids) and np.intersect1d(_keys(self.yes), _keys(unknown)).size:
            raise TimelineError("an answer is yes or unknown, not both")
        for name, value in (("unknown", unknown), ("spans", spans), ("groups", groups)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "classes", tuple(self.classes))

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.yes)

    def take(self, rows: Indices) -> Examples:
        """Some rows, in the order asked for; copies them."""
        rows = np.asarray(rows)
        return replace(
            self,
            values=self.values[rows],
            yes=self.yes.take(rows),
            unknown=self.unknown.take(rows),
            assets=[self.assets[row] for row in rows] if len(self.assets) else (),
            spans=self.spans[rows] if len(self.spans) else self.spans,
            groups=self.groups[rows],
        )

    def __repr__(self) -> str:
        """Sizes, not contents."""
        rows, width = self.values.shape
        return f"Examples({rows} x {width} {self.values.dtype}, {self.yes.width} classes, {len(self.yes.ids)} labels)"


def data_hash(examples: Examples, rows: Indices | None = None) -> str:
    """SHA-256 of rows, answers and groups, as the card of a model keeps it of what the model learned from.

    Args:
        examples: What is hashed, a block of rows in memory at a time.
        rows: Which of them, as if they were taken; None for all.
    """
    book = hashlib.sha256()
    rows = np.arange(len(examples)) if rows is None else rows
    for first in range(0, len(rows), _BLOCK_ROWS):
        book.update(np.ascontiguousarray(examples.values[rows[first : first + _BLOCK_ROWS]]).tobytes())
    for labels in (examples.yes.take(rows), examples.unknown.take(rows)):
        book.update(labels.offsets.astype("<i8").tobytes())
        book.update(labels.ids.astype("<i8").tobytes())
    book.update(examples.groups[rows].astype("<i8").tobytes())
    return book.hexdigest()


def read_only(values: Array) -> Array:
    """A view that nobody can write through."""
    view = values.view()
    view.flags.writeable = False
    return view


def _keys(labels: LabelLists) -> Indices:
    return labels.rows * labels.width + labels.ids


def _ends(offsets: npt.NDArray[np.int64]) -> str:
    return f"{offsets[0]} to {offsets[-1]}" if offsets.ndim == 1 and offsets.size else f"shape {offsets.shape}"


def _sorted_rows(offsets: npt.NDArray[np.int64], ids: npt.NDArray[np.integer]) -> npt.NDArray[np.integer]:
    """Classes in rising order within each row; refuses one that stands there twice."""
    rows = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    step = (np.diff(rows) > 0) | (np.diff(ids) > 0)
    if step.all():
        return ids
    ids = ids[np.lexsort((ids, rows))]
    twice = np.flatnonzero((np.diff(rows) == 0) & (np.diff(ids) == 0))
    if twice.size:
        raise TimelineError(f"a row has a class once, got class {ids[twice[0]]} twice in row {rows[twice[0]]}")
    return ids
