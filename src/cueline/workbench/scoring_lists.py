"""Lists of predictions beside the rows of a reference: by id where both have ids, else by the number of the row.

Predictions that were written without ids go by row numbers, "0", "1", ...: where a reference has no ids, those are its
rows, in whatever order they come.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cueline.datasets.youtube8m import Predictions
from cueline.errors import FormatError
from cueline.evaluation.judging import Alignment, aligned
from cueline.timeline.examples import Examples
from cueline.timeline.toplists import Scores, TopLists


def alignment_of(path: Path, found: Predictions, examples: Examples) -> tuple[Alignment, list[str]]:
    """Which prediction belongs to each row, and what is doubtful about that.

    Args:
        path: Of the predictions, for messages.
        found: What it holds.
        examples: The reference, N rows.

    Raises:
        TimelineError: If ids stand twice, or are all of other items.
        FormatError: If rows go by their number, and there are more or fewer predictions.
    """
    rows = len(examples)
    items = list(examples.assets) or [str(row) for row in range(rows)]
    by_number = not len(examples.assets) and set(found.ids).issubset(items)
    if len(found.ids) and (len(examples.assets) or by_number):
        alignment = aligned(items, found.ids)
        return alignment, [f"{path.name}: {alignment.note}."] if alignment.note else []
    if len(found.top) != rows:
        raise FormatError(
            f"predictions without ids that the reference knows must be as many as its rows, {rows:,}, got "
            f"{len(found.top):,} in '{path}'. Give both sides ids, or predict all rows.",
            path=path,
        )
    notes = [f"{path.name} has ids and the reference has none: row by row, in the order of both."]
    return Alignment(np.arange(rows), (), ()), notes if len(found.ids) else []


def scattered(top: TopLists) -> Scores:
    """All scores of lists that are complete, shape (N, C)."""
    scores = np.empty(top.classes.shape, top.scores.dtype)
    np.put_along_axis(scores, top.classes.astype(np.int64), top.scores, axis=1)
    return scores
