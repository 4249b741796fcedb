"""What may not stand on both sides of a split: a group, an asset, or the same numbers twice.

Who learns from one clip of a film and is measured on another is measured too kindly, and most of all where the two are
the same clip under two names. A split is looked at before anything is learned from it.

    refuse_leak     refuse a split in which something stands on both sides
    keep_together   groups so wide that no split of them leaks
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cueline.errors import TimelineError
from cueline.learning.splits import Rows, Split

_NAMED = 3  # of each kind in a message


def refuse_leak(
    split: Split,
    groups: npt.ArrayLike,
    *,
    assets: Sequence[str] | None = None,
    values: npt.NDArray[np.generic] | None = None,
) -> None:
    """Refuse a split in which a row, a group, an asset, or the same numbers stand on both sides.

    Args:
        split: Rows to learn from and rows apart; others may be in neither.
        groups: The group of each row, numbers or names, shape (N,).
        assets: The asset of each row, length N; not looked at if None.
        values: Features, shape (N, D): rows are the same if all their bytes are; not looked at if None. Rows without
            any sound may be alike and still not leak: leave these out.

    Raises:
        TimelineError: With all that stands on both sides, how often, and the first few by name.

    Example:
        >>> refuse_leak(Split(np.array([0, 1]), np.array([2])), ["film A", "film B", "film A"])
        Traceback (most recent call last):
        ...
        cueline.errors.TimelineError: nothing may stand on both sides of a split, got 1 group: 'film A' (1 row to learn
        from, 1 apart). ...
    """
    labels = np.asarray(groups)
    rows = len(labels)
    _checked(split, rows, assets, values)
    faults = [_both(split, np.arange(rows), "row")]
    faults.append(_both(split, labels, "group"))
    if assets is not None:
        faults.append(_both(split, np.asarray(assets), "asset"))
    if values is not None:
        faults.append(_twins(split, _same_rows(values)))
    if any(faults):
        raise TimelineError(
            f"nothing may stand on both sides of a split, got {'; '.join(filter(None, faults))}. A model measured so "
            "is flattered: split what keep_together() gives, with stratified_folds() or stratified_split()."
        )


def keep_together(
    groups: npt.ArrayLike, *, assets: Sequence[str] | None = None, values: npt.NDArray[np.generic] | None = None
) -> Rows:
    """Groups of rows that share a group, an asset or all of their numbers, or are bound by others that do.

    Args:
        groups: As `refuse_leak`.
        assets: As `refuse_leak`.
        values: As `refuse_leak`.

    Returns:
        Numbers from 0, shape (N,).

    Raises:
        TimelineError: If there is not one of everything a row.

    Example:
        >>> keep_together([7, 7, 8, 9], assets=["a", "b", "b", "c"]).tolist()
        [0, 0, 0, 1]
    """
    kinds = [np.asarray(groups)]
    rows = len(kinds[0])
    _counted(rows, assets, values)
    kinds += [] if assets is None else [np.asarray(assets)]
    kinds += [] if values is None else [_same_rows(values)]
    own, other, count = [], [], rows
    for labels in kinds:
        numbers = np.unique(labels, return_inverse=True)[1]
        own.append(np.arange(rows))
        other.append(numbers + count)
        count += rows
    links = (np.ones(rows * len(kinds), np.bool_), (np.concatenate(own), np.concatenate(other)))
    found = sparse.csgraph.connected_components(sparse.csr_array(links, shape=(count, count)), directed=False)[1]
    return np.unique(found[:rows], return_inverse=True)[1].astype(np.int64)


def _both(split: Split, labels: npt.NDArray[np.generic], what: str) -> str:
    """What stands on both sides, in words; empty if nothing does."""
    learned, learned_rows = np.unique(labels[split.learn], return_counts=True)
    kept, kept_rows = np.unique(labels[split.apart], return_counts=True)
    shared, first, second = np.intersect1d(learned, kept, return_indices=True)
    if not len(shared):
        return ""
    if what == "row":
        return f"{_many(len(shared), 'row')}: {_first(shared.tolist(), len(shared))}"
    most = np.argsort(-np.minimum(learned_rows[first], kept_rows[second]), kind="stable")[:_NAMED]
    counts = [(shared[i].item(), int(learned_rows[first[i]]), int(kept_rows[second[i]])) for i in most]
    named = [f"{name!r} ({_many(ours, 'row')} to learn from, {theirs} apart)" for name, ours, theirs in counts]
    return f"{_many(len(shared), what)}: {_first(named, len(shared))}"


def _twins(split: Split, same: Rows) -> str:
    """Rows apart with the numbers of another row to learn from, in words."""
    copies = split.apart[np.isin(same[split.apart], same[split.learn]) & ~np.isin(split.apart, split.learn)]
    if not len(copies):
        return ""
    origin = {int(same[row]): row for row in split.learn[::-1].tolist()}
    named = [f"row {row} equals row {origin[int(same[row])]}" for row in copies[:_NAMED].tolist()]
    return f"{_many(len(copies), 'row')} apart with the numbers of one to learn from: {_first(named, len(copies))}"


def _same_rows(values: npt.NDArray[np.generic]) -> Rows:
    """For each row the first row with the same bytes, shape (N,)."""
    first: dict[bytes, int] = {}
    found = np.empty(len(values), np.int64)
    for row in range(len(values)):
        own = np.ascontiguousarray(values[row]).tobytes()
        found[row] = first.setdefault(hashlib.blake2b(own, digest_size=16).digest(), row)
    return found


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _first(named: Sequence[object], count: int) -> str:
    shown = ", ".join(map(str, named[:_NAMED]))
    return f"{shown} and {count - _NAMED} more" if count > _NAMED else shown


def _checked(split: Split, rows: int, assets: Sequence[str] | None, values: npt.NDArray[np.generic] | None) -> None:
    _counted(rows, assets, values)
    for side in (split.learn, split.apart):
        strange = side[(side < 0) | (side >= rows)]
        if len(strange):
            raise TimelineError(f"rows of a split must lie in 0 to {rows - 1}, got {strange[0]}")


def _counted(rows: int, assets: Sequence[str] | None, values: npt.NDArray[np.generic] | None) -> None:
    for what, given in (("assets", assets), ("values", values)):
        if given is not None and len(given) != rows:
            raise TimelineError(f"there must be one of everything a row, got {rows} groups and {len(given)} {what}")
