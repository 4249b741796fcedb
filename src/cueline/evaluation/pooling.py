"""Average precision of pooled pairs, (score, right or wrong): any number of them, in bounded memory.

A pool keeps the scores of right and of wrong pairs apart, each by itself, for that is all a ranking needs. Up to a
budget they stay in memory; beyond it they go to a temporary file in sorted runs, and the answer is read off range by
range of scores, so that 200 million pairs take the memory of a few million. The numbers are the same.

Equal scores have their mean order (`cueline.evaluation.ties`).

References:
    google/youtube-8m at e6f6bf6, average_precision_calculator.py: what a pool without ties agrees with.
    D. E. Knuth, 1998, The Art of Computer Programming 3, section 5.4: sorted runs.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cueline.errors import TimelineError
from cueline.evaluation.inputs import Counts, Flags, Floats, Scores
from cueline.evaluation.ties import Ties

__all__ = ["BUDGET", "PairPool", "Ties"]

BUDGET = 4_000_000  # pairs in memory: 32 MB, and as much again while they are sorted
_SAMPLES = 512  # of each run, to find ranges that fit


class PairPool:
    """Pairs of a score and whether it was right, to be ranked as one list.

    Example:
        >>> pool = PairPool()
        >>> pool.add(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]))
        >>> len(pool), pool.average_precision()
        (3, 0.8333333333333333)
    """

    def __init__(self, *, budget: int = BUDGET) -> None:
        """Make an empty pool.

        Args:
            budget: How many pairs may stay in memory, 1 or more.

        Raises:
            TimelineError: If the budget is below 1.
        """
        if budget < 1:
            raise TimelineError(f"a pool keeps 1 pair or more in memory, got {budget}")
        self._budget = budget
        self._right = _Side()
        self._wrong = _Side()

    def add(self, scores: Scores, right: Flags) -> None:
        """Add pairs.

        Args:
            scores: Any shape, finite.
            right: Of the same shape.

        Raises:
            TimelineError: If the shapes differ.
        """
        if scores.shape != right.shape:
            raise TimelineError(f"scores and flags must have one shape, got {scores.shape} and {right.shape}")
        self._right.add(scores[right])
        self._wrong.add(scores[~right])
        self._spill()

    def merge(self, other: PairPool) -> None:
        """Add the pairs of another pool, which stays as it is."""
        self._right.take(other._right)
        self._wrong.take(other._wrong)
        self._spill()

    def __len__(self) -> int:
        """Number of pairs."""
        return self._right.size + self._wrong.size

    @property
    def budget(self) -> int:
        """How many pairs may stay in memory."""
        return self._budget

    @property
    def right(self) -> int:
        """Number of right pairs."""
        return self._right.size

    @property
    def in_memory(self) -> int:
        """Number of pairs that are not in a file."""
        return self._right.in_memory + self._wrong.in_memory

    def average_precision(self, *, positives: int | None = None, n: int | None = None) -> float:
        """The mean, over the right pairs there are to find, of the precision at each that was found.

        Args:
            positives: How many there are to find, also those that are in no pair; those of the pool by default.
            n: Look at the first n of the ranked list alone, and count at most n positives, as the official code does.

        Returns:
            In [0, 1]; 0 if there is nothing to find. The expected value where scores are tied.

        Raises:
            TimelineError: If there are fewer positives than right pairs, or n is below 1.
        """
        positives = self.right if positives is None else positives
        if positives < self.right:
            raise TimelineError(
                f"there are {self.right} right pairs, so there must be as many positives, got {positives}"
            )
        if n is not None and n < 1:
            raise TimelineError(f"a ranked list has 1 pair or more, got n={n}")
        if not positives:
            return 0.0
        total, before, found = 0.0, 0, 0
        for ties in self._ties():
            total += ties.precision_sum(before=before, before_right=found, n=n)
            before, found = before + ties.range_all, found + ties.range_right
        return total / (positives if n is None else min(positives, n))

    def _spill(self) -> None:
        if self.in_memory > self._budget:
            self._right.spill(self._budget)
            self._wrong.spill(self._budget)

    def _ties(self) -> Iterator[Ties]:
        """Distinct scores of right pairs, range by range from the greatest down."""
        if not (self._right.runs or self._wrong.runs):
            yield Ties.of(self._right.waiting(), self._wrong.waiting())
            return
        self._right.spill(self._budget)
        self._wrong.spill(self._budget)
        edges = _edges([*self._right.runs, *self._wrong.runs])
        right, wrong = self._right.cut(edges), self._wrong.cut(edges)
        for at in range(len(edges), -1, -1):
            yield Ties.of(right.between(at), wrong.between(at))
            if at:
                yield Ties.one(right.equal(at - 1), wrong.equal(at - 1))


class _Spool:
    """A temporary file that goes when nobody needs it any more."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(prefix="cueline-pairs-")  # noqa: SIM115 - closed with the last run of it
        weakref.finalize(self, self.file.close)

    def write(self, values: Floats) -> int:
        start = self.file.seek(0, 2)
        self.file.write(values.data)
        self.file.flush()
        return start

    def read(self, start: int, count: int) -> Floats:
        self.file.seek(start)
        return np.frombuffer(self.file.read(8 * count), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Sorted scores in a file, and some of them at even steps."""

    spool: _Spool
    start: int
    size: int
    samples: Floats

    def places(self, edges: Floats) -> tuple[Counts, Counts]:
        """Where each edge begins and ends in the run."""
        values = np.memmap(self.spool.file, np.float64, "r", self.start, (self.size,))  # read here and there
        return np.searchsorted(values, edges, side="left"), np.searchsorted(values, edges, side="right")


class _Side:
    """The scores of the right pairs, or of the wrong ones."""

    def __init__(self) -> None:
        self.runs: list[_Run] = []
        self.in_memory = 0
        self._parts: list[Floats] = []
        self._spool: _Spool | None = None

    @property
    def size(self) -> int:
        return self.in_memory + sum(run.size for run in self.runs)

    def add(self, scores: Scores) -> None:
        self._parts.append(scores.astype(np.float64))
        self.in_memory += len(scores)

    def take(self, other: _Side) -> None:
        self.runs += other.runs
        self._parts += other._parts
        self.in_memory += other.in_memory

    def waiting(self) -> Floats:
        """The scores in memory, as one array."""
        self._parts = [np.concatenate([np.empty(0), *self._parts])]
        return self._parts[0]

    def spill(self, budget: int) -> None:
        """Move what is in memory to a sorted run."""
        values = np.sort(self.waiting())
        self._parts, self.in_memory = [], 0
        if not len(values):
            return
        self._spool = self._spool or _Spool()
        step = max(1, budget // _SAMPLES)
        self.runs.append(_Run(self._spool, self._spool.write(values), len(values), values[step - 1 :: step].copy()))

    def cut(self, edges: Floats) -> _Cut:
        return _Cut(self.runs, [run.places(edges) for run in self.runs])


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """Runs, and where the edges of the ranges lie in each."""

    runs: Sequence[_Run]
    places: Sequence[tuple[Counts, Counts]]

    def between(self, at: int) -> Floats:
        """Scores strictly between two edges that follow one another; range 0 lies below the first."""
        parts = [np.empty(0)]
        for run, (begins, ends) in zip(self.runs, self.places, strict=True):
            low = int(ends[at - 1]) if at else 0
            high = int(begins[at]) if at < len(begins) else run.size
            parts.append(run.spool.read(run.start + 8 * low, high - low))
        return np.concatenate(parts)

    def equal(self, at: int) -> int:
        """How many scores equal an edge: counted, not read, for they may be all there are."""
        return sum(int(ends[at] - begins[at]) for begins, ends in self.places)


def _edges(runs: Sequence[_Run]) -> Floats:
    """Scores with about half a budget of pairs between each two: what no sample parts is short in every run."""
    samples = np.sort(np.concatenate([run.samples for run in runs]))
    return np.unique(samples[_SAMPLES // 2 - 1 :: _SAMPLES // 2])
