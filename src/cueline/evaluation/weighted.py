"""Ranking measures of rows that count several times: AP, mAP and GAP@k on a thousand resamples at once.

A resample draws some rows twice and others never. Copying and sorting it again, for thousands of classes, takes hours;
but the order of the scores does not change, only how often each row counts. So scores are ranked once, and counts
are summed for a block of resamples together: a class with few positives by one matrix product, one with many by a
running sum along its ranking. The numbers are those of `cueline.evaluation.ranking` on the copied rows: equal
scores share a threshold in average precision, and stand for the mean of all their orders in what follows YouTube-8M.

    weighted_average_precision            of one class
    weighted_average_precisions           of each class
    weighted_global_average_precision     GAP@k
    weighted_listed_average_precisions    of each class over the rows that list it, as mAP@k of YouTube-8M wants
    average_precision_intervals           of each class and of their mean, with intervals

`weights` are whole numbers of shape (N, R): how often each of N rows counts, a column each resample. Where no positive
counts, average precision is NaN and GAP is 0. Bounded: beside its result, none takes more than some 200 MB.

References:
    scikit-learn, average_precision_score with sample_weight.
    F. McSherry and M. Najork, 2008, Computing information retrieval performance measures efficiently in the presence
    of tied scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cueline.errors import TimelineError
from cueline.evaluation.inputs import Flags, Scores, as_columns, as_judged, as_pair, refuse_strange
from cueline.evaluation.intervals import Indices, Numbers, Weights, interval_of, resampled_weights
from cueline.evaluation.summaries import Interval
from cueline.evaluation.ties import harmonic
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import TopLists

_FEW = 100  # positives up to which a matrix product is faster than a running sum
_DENSE = 20  # a dense product does as many sums in the time of a sparse one
_CELLS = 2_000_000  # of a block of sums


@dataclass(frozen=True, slots=True)
class ClassIntervals:
    """Average precision, with intervals.

    Attributes:
        classes: Of each class.
        mean: Of the classes that have a positive.
    """

    classes: tuple[Interval, ...]
    mean: Interval


def average_precision_intervals(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    judged: npt.ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> ClassIntervals:
    """Average precision of each class and their mean, with bootstrap intervals over groups.

    Args:
        reference: Bool, shape (N, C).
        scores: Same shape.
        groups: Which group each row is of, shape (N,).
        judged: Bool, same shape: where somebody knows; everywhere if None.
        resamples: How many times groups are drawn.
        level: How often such an interval shall hold the truth, in (0, 1).
        seed: Of the draws.

    Returns:
        NaN for a class without a positive. On each resample, the mean is over the classes that have a positive in it.

    Raises:
        TimelineError: If shapes differ, or a score that counts is not finite.

    Example:
        >>> flags = np.eye(3, dtype=bool)[np.arange(60) % 3]
        >>> average_precision_intervals(flags, flags * 1.0, np.arange(60)).mean
        Interval(value=1.0, low=1.0, high=1.0, level=0.95, note='')
    """
    rows = len(np.asarray(groups))
    whole = weighted_average_precisions(reference, scores, np.ones((rows, 1), np.int32), judged=judged)[:, 0]
    drawn = [
        weighted_average_precisions(reference, scores, weights, judged=judged).astype(np.float32)
        for weights in (resampled_weights(groups, resamples=resamples, seed=seed) if rows else ())
    ]
    values = np.concatenate(drawn, axis=1) if drawn else np.empty((len(whole), 0), np.float32)
    count = len(np.unique(np.asarray(groups)))
    classes = tuple(
        interval_of(value, own, level=level, groups=count) for value, own in zip(whole.tolist(), values, strict=True)
    )
    mean = interval_of(float(mean_of_defined(whole[:, None])[0]), mean_of_defined(values), level=level, groups=count)
    return ClassIntervals(classes, mean)


def mean_of_defined(values: npt.NDArray[np.floating]) -> Numbers:
    """The mean over classes of those that are defined: shape (C, R) becomes (R,); NaN where none is."""
    defined = ~np.isnan(values)
    total, count = np.where(defined, values, 0).sum(axis=0, dtype=np.float64), defined.sum(axis=0)
    return np.asarray(np.where(count, total / np.maximum(count, 1), np.nan))


def weighted_average_precision(
    reference: npt.ArrayLike, scores: npt.ArrayLike, weights: Weights, *, judged: npt.ArrayLike | None = None
) -> Numbers:
    """Average precision of one class on each resample, shape (R,).

    Args:
        reference: Bool, shape (N,).
        scores: Same shape.
        weights: Shape (N, R).
        judged: Bool, shape (N,): where somebody knows; everywhere if None.

    Raises:
        TimelineError: If shapes differ, or a score that counts is not finite.

    Example:
        >>> reference, scores = np.array([True, False, True]), np.array([0.9, 0.8, 0.1])
        >>> weighted_average_precision(reference, scores, np.array([[1, 0], [1, 1], [1, 1]])).tolist()
        [0.83..., 0.5]
    """
    flags, values = as_pair(reference, scores)
    known = as_judged(judged, flags.shape)
    table = None if known is None else as_columns(known)
    return weighted_average_precisions(as_columns(flags), as_columns(values), weights, judged=table).ravel()


def weighted_average_precisions(
    reference: npt.ArrayLike, scores: npt.ArrayLike, weights: Weights, *, judged: npt.ArrayLike | None = None
) -> Numbers:
    """Average precision of each class on each resample, shape (C, R).

    Args:
        reference: Bool, shape (N, C).
        scores: Same shape.
        weights: Shape (N, R).
        judged: Bool, shape (N, C): where somebody knows; everywhere if None.

    Raises:
        TimelineError: If shapes differ, or a score that counts is not finite.
    """
    flags, values = as_pair(reference, scores, table=True)
    known = as_judged(judged, flags.shape)
    _as_weights(weights, len(flags))
    refuse_strange(values, known)
    counted = flags if known is None else flags & known
    positives = np.count_nonzero(counted, axis=0)
    found = np.full((flags.shape[1], weights.shape[1]), np.nan)
    for number in np.flatnonzero(positives > _FEW).tolist():
        own = slice(None) if known is None else np.flatnonzero(known[:, number])
        found[number] = _by_ranking(counted[own, number], values[own, number], weights[own])
    light = weights.astype(np.float32)  # exact for counts, and what a matrix product is fast on
    rare = np.flatnonzero((positives > 0) & (positives <= _FEW))
    for classes in _batches(rare, positives[rare], max(1, _CELLS // max(1, *weights.shape))):
        found[classes] = _by_counting(counted, values, known, light, classes)
    return found


def weighted_global_average_precision(reference: LabelLists, top: TopLists, weights: Weights) -> Numbers:
    """GAP@k on each resample, shape (R,); k is the depth of the lists.

    Args:
        reference: The classes that each row has.
        top: The best classes of each row.
        weights: Shape (N, R).

    Raises:
        TimelineError: If they are not about the same rows and classes.

    Example:
        >>> from cueline.timeline.toplists import top_classes
        >>> top = top_classes(np.array([[0.9, 0.1, 0.8, 0.3], [0.2, 0.7, 0.6, 0.4]]), 2)
        >>> reference = LabelLists.of([[0, 3], [1, 2]], width=4)
        >>> weighted_global_average_precision(reference, top, np.array([[1, 2], [1, 0]])).tolist()
        [0.60..., 0.5]
    """
    _same_rows(reference, top, weights)
    pairs = _Pairs.of(reference, top, by_class=False)
    total = reference.lengths @ weights
    return np.asarray(pairs.precision_sums(weights)[0] / np.maximum(total, 1))


def weighted_listed_average_precisions(reference: LabelLists, top: TopLists, weights: Weights) -> Numbers:
    """Average precision of each class over the rows that have it in their list, on each resample, shape (C, R).

    Positives that no list holds count as missed; a class without a positive is NaN; `mean_of_defined` makes it mAP@k.

    Args:
        reference: The classes that each row has.
        top: The best classes of each row.
        weights: Shape (N, R).

    Raises:
        TimelineError: If they are not about the same rows and classes.
    """
    _same_rows(reference, top, weights)
    pairs = _Pairs.of(reference, top, by_class=True)
    found = np.full((reference.width, weights.shape[1]), np.nan)
    order = np.argsort(reference.ids, kind="stable")
    begins = np.flatnonzero(np.diff(reference.ids[order], prepend=-1))
    for columns in _slices(weights.shape[1], max(len(reference.ids), reference.width)):
        own = weights[:, columns]
        total = np.zeros((reference.width, own.shape[1]), np.int64)
        if len(begins):
            total[reference.ids[order][begins]] = np.add.reduceat(own[reference.rows[order]], begins, axis=0)
        sums = pairs.precision_sums(own)
        found[:, columns] = np.where(total, sums / np.maximum(total, 1), np.nan)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Listed pairs, ranked within their list: one list of all, or one a class.

    Pairs of one score stand in one run. A run that holds a hit is kept; what stands between two of them is one heap,
    of which nothing but its weight is wanted.

    Attributes:
        pairs: How many pairs of each row are in each run or heap, best first within a list, shape (T, N).
        heads: The first of the same list, of each, shape (T,).
        useful: Which of them hold a hit, shape (T,).
        hits: How many hits of each row are in each useful run, shape (U, N).
        hit_heads: The first useful run of the same list, shape (U,).
        lists: Which list each useful run is of, shape (U,).
        count: How many lists there are.
    """

    pairs: sparse.csr_array
    heads: Indices
    useful: Flags
    hits: sparse.csr_array
    hit_heads: Indices
    lists: Indices
    count: int

    @classmethod
    def of(cls, reference: LabelLists, top: TopLists, *, by_class: bool) -> _Pairs:
        used = top.classes >= 0
        rows, classes, scores = np.nonzero(used)[0], top.classes[used].astype(np.int64), top.scores[used]
        hits = np.isin(rows * reference.width + classes, reference.rows * reference.width + reference.ids)
        lists = classes if by_class else np.zeros_like(classes)
        order = np.lexsort((-scores, lists))
        rows, scores, lists, hits = rows[order], scores[order], lists[order], hits[order]
        starts, useful = _runs(lists, scores, hits)
        own = lists[starts]
        run_of_hit = np.searchsorted(starts, np.flatnonzero(hits), side="right") - 1
        return cls(
            pairs=_incidence(starts, rows, len(top)),
            heads=np.searchsorted(own, own),
            useful=useful,
            hits=_incidence(np.flatnonzero(np.diff(run_of_hit, prepend=-1)), rows[hits], len(top)),
            hit_heads=np.searchsorted(own[useful], own[useful]),
            lists=own[useful],
            count=reference.width if by_class else 1,
        )

    def precision_sums(self, weights: Weights) -> Numbers:
        """The precision at each right pair, summed for each list and resample: the mean over all orders of ties."""
        sums = np.zeros((self.count, weights.shape[1]))
        if not len(self.lists):
            return sums
        begins = np.flatnonzero(np.diff(self.lists, prepend=-1))
        for columns in _slices(weights.shape[1], len(self.heads)):
            drawn = np.ascontiguousarray(weights[:, columns], np.int64)
            tied, before = _sums(self.pairs, drawn, self.heads)
            right, found = _sums(self.hits, drawn, self.hit_heads)
            each = _tied_precision(right, tied[self.useful], found, before[self.useful])
            sums[self.lists[begins], columns] = np.add.reduceat(each, begins, axis=0)
        return sums


def _runs(lists: Indices, scores: Scores, hits: Flags) -> tuple[Indices, Flags]:
    """Where runs of equal scores that hold a hit, and the heaps between them, begin; and which are which."""
    fresh = np.ones(len(lists), np.bool_)
    fresh[1:] = (lists[1:] != lists[:-1]) | (scores[1:] != scores[:-1])
    starts = np.flatnonzero(fresh)
    useful = np.logical_or.reduceat(hits, starts) if len(starts) else np.empty(0, np.bool_)
    kept = np.ones(len(starts), np.bool_)
    kept[1:] = useful[1:] | useful[:-1] | (lists[starts[1:]] != lists[starts[:-1]])
    return starts[kept], useful[kept]


def _incidence(starts: Indices, rows: Indices, width: int) -> sparse.csr_array:
    """Runs of rows as a matrix that sums the weights of each run, shape (T, N)."""
    ones = np.ones(len(rows), np.int64)
    return sparse.csr_array((ones, rows, np.append(starts, len(rows))), shape=(len(starts), width))


def _sums(runs: sparse.csr_array, drawn: Indices, heads: Indices) -> tuple[Indices, Indices]:
    """The weight of each run, and of all that stands before it in its list."""
    tied = runs @ drawn
    before = np.cumsum(tied, axis=0) - tied
    return tied, before - before[heads]


def _tied_precision(right: Indices, tied: Indices, found: Indices, before: Indices) -> Numbers:
    """As `ties.Ties.precision_sum` for each run: the sum of precisions over the places of a tie, in the mean."""
    chance = right / np.maximum(tied, 1)
    rise = (right - 1) / np.maximum(tied - 1, 1)
    return np.asarray(chance * ((found + 1 - rise * (before + 1)) * harmonic(before, tied) + rise * tied))


def _by_ranking(reference: Flags, scores: Scores, weights: Weights) -> Numbers:
    """One class: running sums along the ranking, read where a run of equal scores ends."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    found = np.empty(weights.shape[1])
    for columns in _slices(weights.shape[1], len(ranked)):
        drawn = weights[order, columns]
        every = np.cumsum(drawn, axis=0)[ends]
        right = np.cumsum(drawn * reference[order, None], axis=0)[ends]
        gained = np.diff(right, axis=0, prepend=0)
        found[columns] = _ratio((gained * (right / np.maximum(every, 1))).sum(axis=0), right[-1])
    return found


def _by_counting(
    reference: Flags, scores: Scores, judged: Flags | None, weights: npt.NDArray[np.float32], classes: Indices
) -> Numbers:
    """Several classes: for each of their positives, how much weight scores as high, by a matrix product."""
    owner, rows = np.nonzero(reference[:, classes].T)
    columns = classes[owner]
    reached = scores[:, columns] >= scores[rows, columns]
    if judged is not None:
        reached &= judged[:, columns]
    every = _weigh(reached, weights)
    found = np.empty((len(classes), weights.shape[1]))
    ends = np.searchsorted(owner, np.arange(len(classes)), side="right").tolist()
    for place, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        drawn = weights[rows[start:end]]
        right = reached[rows[start:end], start:end].T.astype(np.float32) @ drawn
        precision = right / np.maximum(every[start:end], 1)
        found[place] = _ratio((drawn * precision).sum(axis=0, dtype=np.float64), drawn.sum(axis=0))
    return found


def _weigh(reached: Flags, weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The weight that each column reaches; columns of few rows as a sparse product."""
    few = np.count_nonzero(reached, axis=0) < len(reached) / _DENSE
    every = np.empty((reached.shape[1], weights.shape[1]), np.float32)
    every[few] = sparse.csr_array(reached[:, few].T, dtype=np.float32) @ weights
    every[~few] = reached[:, ~few].T.astype(np.float32) @ weights
    return every


def _ratio(parts: npt.NDArray[np.floating], whole: npt.NDArray[np.generic]) -> Numbers:
    return np.where(whole, parts / np.maximum(whole, 1), np.nan)


def _batches(classes: Indices, positives: Indices, most: int) -> Iterator[Indices]:
    """Classes in runs of about `most` positives together."""
    if len(classes):
        yield from np.split(classes, np.flatnonzero(np.diff(np.cumsum(positives) // most)) + 1)


def _slices(columns: int, rows: int) -> Iterator[slice]:
    step = max(1, _CELLS // max(1, rows))
    for start in range(0, columns, step):
        yield slice(start, min(start + step, columns))


def _as_weights(weights: Weights, rows: int) -> None:
    if weights.ndim != 2 or len(weights) != rows or not np.issubdtype(weights.dtype, np.integer):
        raise TimelineError(f"weights must be whole numbers of shape ({rows}, R), got {weights.dtype} {weights.shape}")


def _same_rows(reference: LabelLists, top: TopLists, weights: Weights) -> None:
    _as_weights(weights, len(reference))
    mine, theirs = (len(reference), reference.width), (len(top), top.width)
    if mine != theirs:
        raise TimelineError(f"reference and lists must be about the same rows and classes, got {mine} and {theirs}")
