"""Splits that part groups and still give every side its share of every class, as far as groups allow.

A group goes as a whole to one fold. Where classes are rare a draw by chance leaves some folds without any positive of
them, and what cannot be found there cannot be measured there. So groups are dealt by need: the group that holds the
greatest share of any class goes first, to the fold that lacks most of what it holds; what holds little of anything goes
last and evens out the rest. Positives of each class are shared out, its negatives too where they are the rarer side,
and rows. What groups do not allow is said, class by class, and not hidden.

    stratified_folds   every row apart exactly once
    stratified_split   one part apart, to test on
    why_not_judged     why a class cannot be measured on rows that were not learned from

References:
    K. Sechidis, G. Tsoumakas and I. Vlahavas, 2011, On the stratification of multi-label data: rarest first, to the
    fold that wants it most. Here groups take the place of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError
from cueline.learning.dealing import LabelTable
from cueline.learning.splits import Rows, Split
from cueline.timeline.examples import Flags, LabelLists


@dataclass(frozen=True, slots=True)
class Short:
    """A class of which some folds have no positive apart.

    Attributes:
        label: Number of the class.
        name: Its name, or "class 7" where it has none.
        positives: How many rows have it.
        groups: In how many groups they are.
        folds: The folds without one, counted from 0.
    """

    label: int
    name: str
    positives: int
    groups: int
    folds: tuple[int, ...]

    def __str__(self) -> str:
        """One sentence."""
        rows = f"{self.positives} positive{'s' * (self.positives != 1)}"
        where = f" in {self.groups} group{'s' * (self.groups != 1)}" if self.positives else ""
        which = f"fold{'s' * (len(self.folds) != 1)} {', '.join(map(str, self.folds))}"
        return f"{self.name!r} has {rows}{where}: none is apart in {which}"


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """Splits of the same rows, and what is wanting in them.

    Attributes:
        splits: One a fold.
        short: Classes without a positive apart in some fold, by their number.
    """

    splits: tuple[Split, ...]
    short: tuple[Short, ...]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        rows = [len(split.apart) for split in self.splits]
        return f"Folds({len(rows)} with {min(rows)} to {max(rows)} rows apart, {len(self.short)} classes short)"


def stratified_folds(
    yes: LabelLists,
    *,
    folds: int,
    seed: int,
    unknown: LabelLists | None = None,
    groups: npt.ArrayLike | None = None,
    classes: Sequence[str] = (),
    asked: Collection[int] = (),
) -> Folds:
    """Part rows into folds: each is apart exactly once, groups stay whole, classes are shared out.

    Args:
        yes: Which classes each of N rows has.
        folds: How many, 2 or more.
        seed: Decides what needs leave open.
        unknown: Which classes nobody judged; none if None.
        groups: The group of each row, numbers or names, shape (N,); each row by itself if None.
        classes: Names of the classes, for messages.
        asked: Numbers of classes that must be judged, or the folds are of no use.

    Returns:
        As many splits as folds, none of them without rows apart.

    Raises:
        OptionError: If there are fewer groups than folds, or a class asked for can never be judged: no yes or no no, or
            all of them in one group.
        TimelineError: If there is not one group and one list of unknowns a row, or one name a class.

    Example:
        >>> yes = LabelLists.of([[0], [0], [], [], [0], []], width=1)
        >>> found = stratified_folds(yes, folds=3, seed=0, groups=["a", "a", "b", "b", "c", "d"], classes=["rain"])
        >>> found
        Folds(3 with 2 to 2 rows apart, 1 classes short)
        >>> print(found.short[0])
        'rain' has 3 positives in 2 groups: none is apart in fold ...
    """
    table = LabelTable.of(yes, unknown, groups, classes)
    if folds < 2 or table.count < folds:
        raise OptionError(
            f"{folds} folds need {max(folds, 2)} groups or more, and two folds at least; got {table.count} groups. "
            "Ask for fewer folds, or bring rows of other films."
        )
    _refuse_hopeless(table, asked)
    fold_of = table.dealt(np.full(folds, 1 / folds), seed)
    splits = tuple(Split(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds))
    return Folds(splits, _short(table, fold_of, folds))


def stratified_split(
    yes: LabelLists,
    *,
    share: float,
    seed: int,
    unknown: LabelLists | None = None,
    groups: npt.ArrayLike | None = None,
    classes: Sequence[str] = (),
    asked: Collection[int] = (),
) -> Folds:
    """Keep about such a share of rows apart, and of each class; groups stay whole.

    A class in two groups or more has a positive on either side wherever the other classes allow.

    Args:
        yes: As `stratified_folds`.
        share: Of rows apart, in (0, 1).
        seed: As `stratified_folds`.
        unknown: As `stratified_folds`.
        groups: As `stratified_folds`.
        classes: As `stratified_folds`.
        asked: As `stratified_folds`.

    Returns:
        One split; `short` are the classes without a positive apart.

    Raises:
        OptionError: If the share is none, there are fewer than two groups, or as `stratified_folds`.
        TimelineError: As `stratified_folds`.

    Example:
        >>> stratified_split(LabelLists.of([[0], [0], [], []] * 5, width=1), share=0.2, seed=0).splits[0]
        Split(16 to learn from, 4 apart)
    """
    if not 0 < share < 1:
        raise OptionError(f"the share of rows apart must lie between 0 and 1, got {share}. Is it a percentage?")
    table = LabelTable.of(yes, unknown, groups, classes)
    if table.count < 2:
        raise OptionError(f"a split needs 2 groups or more, got {table.count}. Are all rows of one film?")
    _refuse_hopeless(table, asked)
    learned = table.dealt(np.array([share, 1 - share]), seed)
    return Folds((Split(np.flatnonzero(learned == 1), np.flatnonzero(learned == 0)),), _short(table, learned, 1))


def why_not_judged(yes: Flags, no: Flags, groups: Rows) -> str:
    """Why a class cannot be measured on rows of groups that were not learned from; empty if it can.

    Args:
        yes: Rows that have it, shape (N,).
        no: Rows that somebody said not to have it, shape (N,).
        groups: The group of each row, shape (N,).

    Example:
        >>> why_not_judged(np.array([True, True, False]), np.array([False, False, True]), np.array([0, 0, 1]))
        'all 2 yes are in one group, so that none is left to learn from when it is apart'
    """
    for side, what in ((yes, "yes"), (no, "no")):
        mine = groups[side]
        if not len(mine):
            return f"nobody said {what} to it"
        if mine.min() == mine.max():
            many = f"all {len(mine)} {what} are" if len(mine) > 1 else f"its one {what} is"
            return f"{many} in one group, so that none is left to learn from when it is apart"
    return ""


def _refuse_hopeless(table: LabelTable, asked: Collection[int]) -> None:
    faults = []
    for label in sorted(asked):
        if not 0 <= label < table.yes.width:
            raise OptionError(f"classes asked for must lie in 0 to {table.yes.width - 1}, got {label}")
        yes = np.zeros(len(table.yes), np.bool_)
        yes[table.yes.rows[table.yes.ids == label]] = True
        why = why_not_judged(yes, table.no(label), table.groups)
        faults += [f"{table.name(label)!r}: {why}"] if why else []
    if faults:
        raise OptionError(
            f"classes that are asked for must have a yes and a no in two groups or more, got "
            f"{'; '.join(faults)}. Label other groups, or leave the class out."
        )


def _short(table: LabelTable, fold_of: Rows, folds: int) -> tuple[Short, ...]:
    """Classes of which one of the first folds has no positive."""
    ids, found = table.yes.ids.astype(np.int64), fold_of[table.yes.rows]
    inside = found < folds
    there = np.bincount(ids[inside] * folds + found[inside], minlength=table.yes.width * folds)
    missing = there.reshape(table.yes.width, folds) == 0
    pairs = np.unique(ids * table.count + table.groups[table.yes.rows])
    carriers = np.bincount(pairs // max(table.count, 1), minlength=table.yes.width)
    positives = table.yes.counts()
    return tuple(
        Short(
            label,
            table.name(label),
            int(positives[label]),
            int(carriers[label]),
            tuple(np.flatnonzero(missing[label]).tolist()),
        )
        for label in np.flatnonzero(missing.any(axis=1)).tolist()
    )
