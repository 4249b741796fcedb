"""Ranking measures of rows that count several times: AP, mAP and GAP@k on a thousand resamples at once.

A resample draws some rows twice and others never. Copying and sorting it again, for thousands of classes, takes hours;
but the order of the scores does not change, only how often each row counts. So scores are ranked once, and counts
are summed for a block of resamples together: a class with few positives by one matrix product, one with many by a
running sum along its ranking. The numbers are those of `cueline.evaluation.ranking` on the copied rows: equal
scores share one threshold.

    weighted_average_precision     of one class
    weighted_average_precisions    of each class
    average_precision_intervals    of each class and of their mean, with intervals

GAP@k and mAP@k, which see lists of the best few, are in `cueline.evaluation.weighted_lists`.

`weights` are whole numbers of shape (N, R): how often each of N rows counts, a column each resample. Where no positive
counts, average precision is NaN. Bounded: beside its result, none takes more than some 200 MB.

References:
    scikit-learn, average_precision_score with sample_weight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from cueline.errors import TimelineError
from cueline.evaluation.inputs import Flags, Scores, as_columns, as_judged, as_pair, refuse_strange
from cueline.evaluation.resampling import Indices, Numbers, Weights, interval_of, resampled_weights
from cueline.evaluation.summaries import Interval

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
    refuse_other_weights(weights, len(flags))
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


def _by_ranking(reference: Flags, scores: Scores, weights: Weights) -> Numbers:
    """One class: running sums along the ranking, read where a run of equal scores ends."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    found = np.empty(weights.shape[1])
    for columns in weight_columns(weights.shape[1], len(ranked)):
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


def weight_columns(columns: int, rows: int) -> Iterator[slice]:
    """Slices of resamples of which so many rows fit in a block."""
    step = max(1, _CELLS // max(1, rows))
    for start in range(0, columns, step):
        yield slice(start, min(start + step, columns))


def refuse_other_weights(weights: Weights, rows: int) -> None:
    """Refuse weights that are no counts of so many rows."""
    if weights.ndim != 2 or len(weights) != rows or not np.issubdtype(weights.dtype, np.integer):
        raise TimelineError(f"weights must be whole numbers of shape ({rows}, R), got {weights.dtype} {weights.shape}")
