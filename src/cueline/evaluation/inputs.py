"""Reference and scores, checked: what every measure of classes refuses before it counts.

Shapes are (N,) or (N, C): N items, C classes. The reference is bool, or whole numbers that are all 0 or 1, so that 0.7
or a class index beyond 1 cannot pass for a flag by accident. Scores are finite numbers where they count. Work on (N, C)
goes block by block, because a copy of 50,000 x 3,862 scores is 800 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError

Flags = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Array = TypeVar("Array", bound=npt.NDArray[Any])

CELLS = 2**18  # of a block: a megabyte of float32, which a core keeps near


def as_flags(flags: npt.ArrayLike, what: str = "reference") -> Flags:
    """Flags as bool, refused where they are no flags.

    Raises:
        TimelineError: If they are neither bool nor whole numbers that are all 0 or 1; an empty list passes.
    """
    flags = np.asarray(flags)
    whole = np.issubdtype(flags.dtype, np.integer) and not ((flags != 0) & (flags != 1)).any()
    if flags.dtype != np.bool_ and flags.size and not whole:
        raise TimelineError(
            f"{what} must be bool, or 0 and 1, got {flags.dtype}. Say which value means yes, for example with `== 1`."
        )
    return flags.astype(np.bool_, copy=False)


def as_scores(scores: npt.ArrayLike, what: str = "scores") -> Scores:
    """Scores as floats; integers and float16 become wider. Whether they are finite is not looked at.

    Raises:
        TimelineError: If they are no real numbers.
    """
    scores = np.asarray(scores)
    if scores.dtype in (np.float32, np.float64):
        return scores
    if not (np.issubdtype(scores.dtype, np.floating) or np.issubdtype(scores.dtype, np.integer)):
        slip = " Do reference and scores stand in the wrong order?" if scores.dtype == np.bool_ else ""
        raise TimelineError(f"{what} must be numbers, got {scores.dtype}.{slip}")
    return scores.astype(np.float32 if scores.dtype == np.float16 else np.float64)


def as_pair(reference: npt.ArrayLike, scores: npt.ArrayLike, *, table: bool = False) -> tuple[Flags, Scores]:
    """Both, of one shape; not yet looked at for NaN.

    Args:
        reference: Bool, shape (N,) or (N, C).
        scores: Numbers of the same shape.
        table: Whether only (N, C) will do, because a row's classes compete with one another.

    Raises:
        TimelineError: If a dtype or a shape will not do.
    """
    flags, values = as_flags(reference), as_scores(scores)
    if flags.shape != values.shape:
        raise TimelineError(f"reference and scores must have one shape, got {flags.shape} and {values.shape}")
    if table and values.ndim == 1:
        raise TimelineError(
            f"reference and scores must have shape (N, C), got {values.shape}. Is it one row? Add [None]."
        )
    if values.ndim not in (1, 2):
        raise TimelineError(f"reference and scores must have shape (N,) or (N, C), got {values.shape}")
    return flags, values


def as_classes(classes: npt.ArrayLike, *, rows: int, width: int, what: str = "reference") -> npt.NDArray[np.int64]:
    """Numbers of classes, one a row.

    Raises:
        TimelineError: If they are not whole numbers of shape (rows,) from 0 to width - 1.
    """
    numbers = np.asarray(classes)
    if numbers.shape != (rows,):
        raise TimelineError(f"{what} must have one class a row, shape ({rows},), got {numbers.shape}")
    if numbers.size and not np.issubdtype(numbers.dtype, np.integer):
        raise TimelineError(f"{what} must be numbers of classes, whole ones, got {numbers.dtype}")
    strange = np.flatnonzero((numbers < 0) | (numbers >= width))
    if strange.size:
        raise TimelineError(f"{what} must lie in 0 to {width - 1}, got {numbers[strange[0]]} in row {strange[0]}")
    return numbers.astype(np.int64)


def as_judged(judged: npt.ArrayLike | None, shape: tuple[int, ...]) -> Flags | None:
    """Which pairs somebody judged, of the shape of the reference; None where all are.

    Raises:
        TimelineError: If they are not bool, or of another shape.
    """
    if judged is None:
        return None
    flags = as_flags(judged, "judged")
    if flags.shape != shape:
        raise TimelineError(f"judged must have the shape of the reference, {shape}, got {flags.shape}")
    return flags


def as_table(
    reference: npt.ArrayLike, scores: npt.ArrayLike, judged: npt.ArrayLike | None
) -> tuple[Flags, Scores, Flags | None]:
    """All three as (N, C), of one class where there is but one dimension; scores not yet looked at for NaN.

    Raises:
        TimelineError: If a dtype or a shape will not do.
    """
    flags, values = as_pair(reference, scores)
    known = as_judged(judged, flags.shape)
    return as_columns(flags), as_columns(values), None if known is None else as_columns(known)


def as_columns(values: Array) -> Array:
    """Shape (N, C): one class where there is but one dimension."""
    return values.reshape(-1, 1) if values.ndim == 1 else values  # type: ignore[return-value]  # of the same dtype


def refuse_strange(scores: Scores, judged: Flags | None = None, *, first_row: int = 0, first_column: int = 0) -> None:
    """Refuse scores that are NaN or infinite, where they were judged.

    Args:
        scores: Shape (N, C), (N,), or a block of one.
        judged: Where they count; everywhere if None.
        first_row: Where the block begins, for the message.
        first_column: Likewise.

    Raises:
        TimelineError: Naming row and column.
    """
    wrong = ~np.isfinite(scores)
    if judged is not None:
        wrong &= judged
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        where = f"row {place[0] + first_row}"
        where += f", column {place[1] + first_column}" if scores.ndim > 1 else ""
        raise TimelineError(f"scores must be finite, got {scores[place]} in {where}")


def blocks(length: int, width: int, *, cells: int = CELLS) -> Iterator[slice]:
    """Slices of `length` rows that hold about so many cells each, where a row has `width`."""
    step = max(1, cells // max(1, width))
    for first in range(0, length, step):
        yield slice(first, min(first + step, length))
