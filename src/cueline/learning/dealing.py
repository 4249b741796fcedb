"""Groups dealt to folds one after the other, each to where what it holds is wanted most.

The mechanics beneath `cueline.learning.stratified`, which says what for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cueline.errors import TimelineError
from cueline.learning.splits import Rows
from cueline.timeline.examples import Flags, LabelLists

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LabelTable:
    """Labels and groups of the same N rows.

    Attributes:
        yes: Which classes each row has.
        unknown: Which classes nobody judged.
        groups: Number of each row's group, shape (N,).
        count: How many groups there are.
        names: Of the classes, or none.
    """

    yes: LabelLists
    unknown: LabelLists
    groups: Rows
    count: int
    names: Sequence[str]

    @classmethod
    def of(
        cls, yes: LabelLists, unknown: LabelLists | None, groups: npt.ArrayLike | None, names: Sequence[str]
    ) -> LabelTable:
        """Check that all are about the same rows and classes, and number the groups.

        Raises:
            TimelineError: If they are not.
        """
        unknown = LabelLists.none(len(yes), width=yes.width) if unknown is None else unknown
        labels = np.arange(len(yes)) if groups is None else np.asarray(groups)
        if labels.shape != (len(yes),):
            raise TimelineError(f"groups must have shape ({len(yes)},), one a row of labels, got {labels.shape}")
        if (len(unknown), unknown.width) != (len(yes), yes.width):
            raise TimelineError(
                f"unknowns must be about the same rows and classes as labels, got {len(unknown)} x {unknown.width} and "
                f"{len(yes)} x {yes.width}"
            )
        if len(names) not in (0, yes.width):
            raise TimelineError(f"there must be a name for each of {yes.width} classes, got {len(names)}")
        held, numbers = np.unique(labels, return_inverse=True)
        return cls(yes, unknown, numbers.astype(np.int64), len(held), names)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"LabelTable({len(self.yes)} rows in {self.count} groups, {self.yes.width} classes)"

    def name(self, label: int) -> str:
        """What a class is called."""
        return self.names[label] if self.names else f"class {label}"

    def no(self, label: int) -> Flags:
        """Rows that were judged and do not have a class."""
        flags = np.ones(len(self.yes), np.bool_)
        for lists in (self.yes, self.unknown):
            flags[lists.rows[lists.ids == label]] = False
        return flags

    def dealt(self, shares: Numbers, seed: int) -> Rows:
        """The fold of each row, shape (N,): groups one after the other, each to where it is wanted most.

        With t what a fold ought to have of a class and h what it has, the cost of n more of them is the growth of
        (h - t)^2 / t, as a part of all there are.
        """
        held = self._held()
        counts, totals = held.data, np.asarray(held.sum(axis=0))
        carriers = np.bincount(held.indices, minlength=held.shape[1])
        each = totals / np.maximum(carriers, 1)
        wanted = np.maximum(totals[:, None] * shares, each[:, None])  # so that a class in few groups is apart too
        scale = 1 / np.maximum(wanted * totals[:, None], 1e-12)
        slope = -2 * wanted * scale
        greatest = np.maximum.reduceat(counts / totals[held.indices], held.indptr[:-1])
        order = np.lexsort((np.random.default_rng(seed).permutation(self.count), -greatest)).tolist()
        fold_of, ends, empty = np.empty(self.count, np.int64), held.indptr.tolist(), set(range(len(shares)))
        for place, group in enumerate(order):
            mine = slice(ends[group], ends[group + 1])
            ids, n = held.indices[mine], counts[mine]
            cost = n @ slope[ids] + (n * n) @ scale[ids]
            if self.count - place <= len(empty):  # no fold stays without rows
                cost[[fold for fold in range(len(shares)) if fold not in empty]] = np.inf
            fold = int(cost.argmin())
            empty.discard(fold)
            fold_of[group] = fold
            slope[ids, fold] += 2 * n * scale[ids, fold]
        dealt: Rows = fold_of[self.groups]
        return dealt

    def _held(self) -> sparse.csr_array:
        """How much each group holds of what is shared out, shape (G, S): rows, positives, and negatives if rarer."""
        positives = self.yes.counts()
        scarce = np.flatnonzero(2 * positives > len(self.yes) - self.unknown.counts()).tolist()
        against = [np.flatnonzero(self.no(label)) for label in scarce]
        rows = np.concatenate([np.arange(len(self.yes)), self.yes.rows, *against])
        first = np.concatenate([np.zeros(len(self.yes), np.int64), self.yes.ids + 1])
        stratum = np.concatenate(
            [first, np.repeat(self.yes.width + 1 + np.arange(len(scarce)), list(map(len, against)))]
        )
        shape = (self.count, self.yes.width + 1 + len(scarce))
        held = sparse.csr_array((np.ones(len(rows)), (self.groups[rows], stratum)), shape=shape)
        held.sum_duplicates()
        return held
