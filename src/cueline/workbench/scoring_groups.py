"""Groups of rows from a file: rows of one film, show or speaker, which resamples never part.

.npy   one label a row, numbers or text, shape (N,)
.csv   a column `group`, a line a row; with a column `id` too, lines may come in any order
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cueline.errors import FormatError
from cueline.timeline.examples import Indices


def read_groups(path: Path, *, items: Sequence[str], rows: int) -> Indices:
    """A number for the group of each row.

    Args:
        path: A .npy of shape (N,), or a CSV with a column `group`; where it has a column `id` too, and the reference
            has ids, its rows may come in any order and be more.
        items: Ids of the reference, or empty.
        rows: N.

    Raises:
        FormatError: If the file is neither, or lacks a row.
    """
    if path.suffix.lower() == ".npy":
        try:
            groups = np.load(path, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise FormatError(f"groups must be a .npy of numbers or text, whole: {error} in '{path}'") from error
    elif path.suffix.lower() == ".csv":
        groups = np.array(_group_column(path, items))
    else:
        raise FormatError(f"groups are .npy or .csv, got '{path}'", path=path)
    if groups.shape != (rows,):
        raise FormatError(f"groups must have one label for each of {rows:,} rows, got shape {groups.shape} in '{path}'")
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)


def _group_column(path: Path, items: Sequence[str]) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if "group" not in (reader.fieldnames or ()):
            raise FormatError(f"groups need a column group, got {reader.fieldnames} in '{path}'", path=path)
        found = [(row.get("id"), row["group"] or "") for row in reader]
    if not items or (found and found[0][0] is None):
        return [group for _, group in found]
    known = dict(found)
    missing = [item for item in items if item not in known]
    if missing:
        raise FormatError(f"{len(missing):,} rows of the reference have no group in '{path}', first {missing[0]!r}")
    return [known[item] for item in items]
