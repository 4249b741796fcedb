"""Lists of predictions beside the rows of a reference: by id where both have ids, else by the number of the row.

Predictions that were written without ids go by row numbers, "0", "1", ...: where a reference has no ids, those are its
rows, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cueline.datasets.youtube8m import Predictions
from cueline.errors import FormatError
from cueline.evaluation.judging import Alignment, aligned, aligned_scores
from cueline.timeline.examples import Examples, Indices
from cueline.timeline.toplists import Scores, TopLists


def alignment_of(
    path: Path, found: Predictions, examples: Examples, part: Indices | None = None
) -> tuple[Alignment, list[str]]:
    """Which prediction belongs to each row, and what is doubtful about that.

    Args:
        path: Of the predictions, for messages.
        found: What it holds.
        examples: The reference, N rows.
        part: Which of them are wanted; None for all.

    Raises:
        TimelineError: If ids stand twice, or are all of other items.
        FormatError: If rows go by their number, and there are more or fewer predictions.
    """
    rows = len(examples)
    items = list(examples.assets) or [str(row) for row in range(rows)]
    by_number = not len(examples.assets) and set(found.ids).issubset(items)
    if len(found.ids) and (len(examples.assets) or by_number):
        alignment = aligned(items, found.ids)
        alignment = alignment if part is None else _of_part(alignment, items, part)
        return alignment, [f"{path.name}: {alignment.note}."] if alignment.note else []
    if len(found.top) != rows:
        raise FormatError(
            f"predictions without ids that the reference knows must be as many as its rows, {rows:,}, got "
            f"{len(found.top):,} in '{path}'. Give both sides ids, or predict all rows.",
            path=path,
        )
    notes = [f"{path.name} has ids and the reference has none: row by row, in the order of both."]
    return Alignment(np.arange(rows) if part is None else part, (), ()), notes if len(found.ids) else []


def complete_scores(top: TopLists, alignment: Alignment) -> Scores | None:
    """Scores of all classes for each row of the reference, shape (N, C), where lists name them all; else None.

    Args:
        top: Lists of predictions, as they were read.
        alignment: Which of them each row has; one that has none scores lower than any that has, as `aligned_scores`.
    """
    there = np.flatnonzero(alignment.rows >= 0)
    used = top.take(alignment.rows[there])
    if not len(used) or used.depth < used.width or (used.classes < 0).any():
        return None
    scores = np.empty(used.classes.shape, used.scores.dtype)
    np.put_along_axis(scores, used.classes.astype(np.int64), used.scores, axis=1)
    places = np.full(len(alignment.rows), -1)
    places[there] = np.arange(len(there))
    return aligned_scores(scores, replace(alignment, rows=places))


def _of_part(alignment: Alignment, items: Sequence[str], part: Indices) -> Alignment:
    """The same of some rows."""
    rows = alignment.rows[part]
    return Alignment(rows, tuple(items[row] for row in part[rows < 0].tolist()), alignment.extra)
