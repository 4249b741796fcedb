"""Ranking measures chunk by chunk: sums of rows, and one pool of pairs, that grow and merge.

What fits in no memory is measured here: ten million rows give the same numbers in chunks as at once. A chunk is the
labels of some rows and the best classes that a model found for them; such lists, not the scores of all classes, are
what prediction files hold.

References:
    google/youtube-8m at e6f6bf6, eval_util.py, EvaluationMetrics: batches are weighed by their rows.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from cueline.errors import TimelineError
from cueline.evaluation.inputs import Counts, Flags, Floats, Scores, blocks
from cueline.evaluation.pooling import BUDGET, PairPool
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import TopLists, top_classes

_CELLS = 2**22  # scores that a thread looks at in one go, so that it seldom waits for the others


@dataclass(frozen=True, slots=True, eq=False)
class BestHits:
    """The best classes of some rows, and which of them are right.

    Attributes:
        top: The best classes of each row, N rows of at most K.
        hits: True where the class is right, shape (N, K).
        labels: How many right classes each row has, in the list or not, shape (N,).
    """

    top: TopLists
    hits: Flags
    labels: Counts

    @classmethod
    def of(cls, reference: LabelLists, top: TopLists) -> BestHits:
        """Look the classes up.

        Raises:
            TimelineError: If the two are not about the same rows and classes.
        """
        if (len(reference), reference.width) != (len(top), top.width):
            raise TimelineError(
                f"reference and lists must be about the same rows and classes, got {reference!r} and {top!r}"
            )
        hits = np.zeros(top.classes.shape, np.bool_)
        for rows in blocks(len(top), 1 + top.width // 8):  # flags are small, and need no copy of scores
            hits[rows] = _looked_up(reference, top, rows)
        return cls(top, hits, reference.lengths)

    def first_hits(self) -> Counts:
        """The place of the first right class, from 0; K where there is none."""
        if not self.top.depth:
            return np.zeros(len(self.top), np.int64)
        return np.where(self.hits.any(axis=1), self.hits.argmax(axis=1), self.top.depth)

    def equal_recall_precision(self) -> Floats:
        """Share of right ones among the L best with a score above 0, L = `labels`; 0 where L is; shape (N,)."""
        counted = np.arange(self.top.depth) < self.labels[:, None]
        counted &= self.hits & (self.top.scores > 0)
        return np.asarray(np.count_nonzero(counted, axis=1) / np.maximum(self.labels, 1))


def best_hits(reference: Flags, scores: Scores, k: int | None) -> Iterator[BestHits]:
    """The k best of each row, block by block in the order of rows, on all cores.

    Args:
        reference: Shape (N, C).
        scores: Shape (N, C).
        k: 1 or more; as many as the row of the block with the most labels has, if None.

    Raises:
        TimelineError: If k is below 1, or a score is not finite.
    """

    def best(rows: slice) -> BestHits:
        flags = reference[rows]
        labels = flags.view(np.uint8).sum(axis=1, dtype=small).astype(np.int64)  # three times as fast as to count flags
        depth = max(1, int(labels.max())) if k is None else k
        top = top_classes(scores[rows], depth, first_row=rows.start)
        return BestHits(top, np.take_along_axis(flags, top.classes, axis=1), labels)

    if k is not None and k < 1:
        raise TimelineError(f"a row has 1 best class or more, got k={k}")
    small = np.uint16 if scores.shape[1] < 2**16 else np.uint32
    workers = os.cpu_count() or 1
    waiting: deque[Future[BestHits]] = deque()
    with ThreadPoolExecutor(workers) as threads:  # numpy lets go of the interpreter while it sorts
        for rows in blocks(*scores.shape, cells=_CELLS):
            waiting.append(threads.submit(best, rows))
            if len(waiting) > 4 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class RankingTotals:
    """GAP, Hit@k and PERR of rows that come in chunks.

    Example:
        >>> totals = RankingTotals(k=2)
        >>> reference = LabelLists.of([[0, 3], [1, 2]], width=4)
        >>> totals.add(reference, top_classes(np.array([[0.9, 0.1, 0.8, 0.3], [0.2, 0.7, 0.6, 0.4]]), 2))
        >>> totals
        RankingTotals(2 rows, 4 labels, k=2)
        >>> totals.global_average_precision, totals.hit_at(1)
        (0.6041666666666666, 1.0)
    """

    def __init__(self, k: int = 20, *, budget: int = BUDGET) -> None:
        """Begin with no rows.

        Args:
            k: Pairs of a row that take part in GAP@k, 1 or more.
            budget: Pairs that stay in memory; the rest goes to a temporary file.

        Raises:
            TimelineError: If k or the budget is below 1.
        """
        if k < 1:
            raise TimelineError(f"a row has 1 best class or more, got k={k}")
        self._k = k
        self._pool = PairPool(budget=budget)
        self._rows = 0
        self._positives = 0
        self._depth = math.inf  # how far every list goes; without end where it holds all classes
        self._first = np.zeros(0, np.int64)  # rows by the place of their first right class
        self._precision = 0.0
        self._unseen = 0

    def add(self, reference: LabelLists, top: TopLists) -> None:
        """Add rows.

        Args:
            reference: The right classes of each row.
            top: The best classes of each row: k or more, or all there are. A row may end early with -1: the classes
                that it does not name then count as never found.

        Raises:
            TimelineError: If the two are not about the same rows and classes, or the lists are shorter than k.
        """
        self.add_hits(BestHits.of(reference, top))

    def add_hits(self, best: BestHits) -> None:
        """Add rows that were looked up.

        Raises:
            TimelineError: If the lists are shorter than k.
        """
        top, whole = best.top, best.top.depth >= best.top.width
        if top.depth < self._k and not whole:
            raise TimelineError(f"GAP@{self._k} needs the {self._k} best classes of a row, got lists of {top.depth}")
        used = top.classes[:, : self._k] >= 0
        self._pool.add(top.scores[:, : self._k][used], best.hits[:, : self._k][used])
        self._rows += len(top)
        self._positives += int(best.labels.sum())
        self._depth = self._depth if whole else min(self._depth, top.depth)
        first = best.first_hits()
        self._count(np.bincount(first[first < top.depth], minlength=top.depth))
        self._precision += float(best.equal_recall_precision().sum())
        self._unseen += 0 if whole else int(np.count_nonzero(best.labels > top.depth))

    def merge(self, other: RankingTotals) -> None:
        """Add the rows of another, which stays as it is.

        Raises:
            TimelineError: If the two have not the same k.
        """
        if other._k != self._k:
            raise TimelineError(f"totals of one k can be merged, got k={self._k} and k={other._k}")
        self._pool.merge(other._pool)
        self._rows += other._rows
        self._positives += other._positives
        self._depth = min(self._depth, other._depth)
        self._count(other._first)
        self._precision += other._precision
        self._unseen += other._unseen

    def __add__(self, other: RankingTotals) -> RankingTotals:
        """Both, as a new one."""
        total = RankingTotals(self._k, budget=self._pool.budget)
        total.merge(self)
        total.merge(other)
        return total

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self._rows

    @property
    def positives(self) -> int:
        """Number of labels, found or not."""
        return self._positives

    @property
    def global_average_precision(self) -> float:
        """GAP@k, as `ranking.global_average_precision`."""
        return self._pool.average_precision(positives=self._positives)

    def hit_at(self, k: int) -> float:
        """Hit@k, as `ranking.hit_at_k`.

        Raises:
            TimelineError: If k is below 1, or some list is shorter than k and does not hold all classes.
        """
        if k < 1:
            raise TimelineError(f"a row has 1 best class or more, got k={k}")
        if k > self._depth:
            raise TimelineError(f"Hit@{k} needs the {k} best classes of a row, got lists of {self._depth}")
        return int(self._first[:k].sum()) / self._rows if self._rows else math.nan

    @property
    def precision_at_equal_recall_rate(self) -> float:
        """PERR, as `ranking.precision_at_equal_recall_rate`; NaN if a row has more labels than its list is long."""
        return self._precision / self._rows if self._rows and not self._unseen else math.nan

    def _count(self, first: Counts) -> None:
        total = np.zeros(max(len(first), len(self._first)), np.int64)
        total[: len(self._first)] = self._first
        total[: len(first)] += first
        self._first = total

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"RankingTotals({self._rows} rows, {self._positives} labels, k={self._k})"


def _looked_up(reference: LabelLists, top: TopLists, rows: slice) -> Flags:
    """Which classes of some rows are right, by flags of those rows alone."""
    count, width = rows.stop - rows.start, top.width
    first, last = reference.offsets[rows.start], reference.offsets[rows.stop]
    own = np.repeat(np.arange(count), reference.lengths[rows])
    flags = np.zeros((count, width + 1), np.bool_)  # the last is for -1
    flags[own, reference.ids[first:last]] = True
    return np.take_along_axis(flags, top.classes[rows], axis=1)
