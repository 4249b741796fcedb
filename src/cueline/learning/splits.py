"""Splits that keep what belongs together on one side: films, shows, speakers, source videos.

Rows of one group look alike, so a model that has seen one of them is measured too kindly on another. Every split here
parts groups, never rows of one group. Which side a group falls on hangs on a seed and nothing else: not on labels, not
on numbers.

    split_groups    rows to learn from, and rows kept apart
    fold_groups     several such splits whose rows apart do not overlap
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows to learn from, and rows kept apart.

    Attributes:
        learn: Rising, shape (L,).
        apart: Rising, shape (A,).
    """

    learn: Rows
    apart: Rows

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Split({len(self.learn)} to learn from, {len(self.apart)} apart)"


def split_groups(groups: Rows, *, apart: int, seed: int) -> Split:
    """Keep whole groups apart until they hold about so many rows.

    Args:
        groups: The group of each row, shape (N,).
        apart: How many rows to keep apart, 1 or more.
        seed: Decides the draw.

    Raises:
        OptionError: If there are fewer than two groups, or no row would be left to learn from.

    Example:
        >>> split_groups(np.array([7, 7, 8, 8, 9, 9]), apart=2, seed=0)
        Split(4 to learn from, 2 apart)
    """
    return fold_groups(groups, folds=1, apart=apart, seed=seed)[0]


def fold_groups(groups: Rows, *, folds: int, apart: int, seed: int) -> list[Split]:
    """Several splits, each with about so many rows apart, none of them apart in two.

    Groups are drawn in an order that the seed decides, and fill one fold after the other. A group that would overshoot
    by more than it helps is left to learn from; every fold has at least one.

    Args:
        groups: The group of each row, shape (N,).
        folds: How many, 1 or more.
        apart: How many rows each keeps apart, 1 or more.
        seed: Decides the draw.

    Raises:
        OptionError: If there are fewer groups than folds and one more, or a number is below 1 or too great.
    """
    groups = np.asarray(groups)
    _, numbers, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if folds < 1 or len(sizes) <= folds:
        raise OptionError(
            f"{folds} splits need {max(folds, 1) + 1} groups or more, got {len(sizes)}. Are all rows of one film?"
        )
    if not 1 <= apart * folds < len(groups):
        most = (len(groups) - 1) // folds
        each = f" in each of {folds} splits" if folds > 1 else ""
        raise OptionError(f"of {len(groups)} rows, 1 to {most} can be kept apart{each}, got {apart}")
    order = np.random.default_rng(seed).permutation(len(sizes)).tolist()
    chosen = [_fill(order, sizes, apart, left=folds - fold) for fold in range(folds)]
    splits = []
    for mine in chosen:
        inside = np.isin(numbers, mine)
        splits.append(Split(np.flatnonzero(~inside), np.flatnonzero(inside)))
    return splits


def _fill(order: list[int], sizes: Rows, apart: int, *, left: int) -> list[int]:
    """Take groups from the order until they hold about `apart` rows; leave one for each fold to come, and one more."""
    kept, mine = 0, list[int]()
    for group in list(order):
        if mine and (kept >= apart or len(order) <= left):
            break
        if not mine or abs(kept + sizes[group] - apart) < abs(kept - apart):
            mine.append(group)
            order.remove(group)
            kept += int(sizes[group])
    return mine
