"""How far a measure may be off: bootstrap intervals that draw whole groups, and two runs compared on the same items.

Clips of one film resemble one another. Whoever draws rows as if they were independent gets an interval that is too
narrow; here groups are drawn: films, shows, speakers, source videos. A group that is drawn twice counts twice, with
all of its rows. The ends are percentiles of the measure over the resamples.

    bootstrap_interval     any measure, called with the rows that were drawn
    bootstrap_of_weights   a measure that takes how often each row counts, for all resamples of a block at once: fast
    bootstrap_of_sums      a measure of sums over rows, such as a mean or a ratio: fastest
    paired_difference      two runs on the same items: both see the same resamples, so what they share cancels
    by_rows                a measure of rows as one of weights

`cueline.evaluation.resampling` draws; `cueline.evaluation.weighted` has ranking measures of weights.

The same seed and groups give the same resamples, in all of them and however large a block is.

Few groups: with one there is no interval. With fewer than ten the interval is rough and rather too narrow, and its
note says so. A resample on which the measure is not defined, such as one without a positive, is left out and counted.

Biased resamples: a positive that is drawn twice ranks beside itself, so that the average precision of a rare class,
and a mean over thousands of such, is higher on nearly every resample than on the items themselves. Where the mean over
resamples lies off the value by more than a quarter of a standard error, the resamples are moved onto it, and the note
says how far.

References:
    B. Efron, 1979, Bootstrap methods: another look at the jackknife: the percentile interval.
    B. Efron and R. J. Tibshirani, 1993, An introduction to the bootstrap, 10.2: bias below a quarter of a standard
    error can be ignored.
    C. A. Field and A. H. Welsh, 2007, Bootstrapping clustered data: whole groups are drawn.
    A. C. Davison and D. V. Hinkley, 1997, Bootstrap methods and their application, 4.2: (b + 1) / (R + 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.resampling import Indices, Numbers, Weights, interval_of, moved, numbered, resampled_weights
from cueline.evaluation.summaries import Comparison, Interval

RowMeasure: TypeAlias = Callable[[Indices], float]
WeightMeasure: TypeAlias = Callable[[Weights], npt.NDArray[np.floating]]


def bootstrap_interval(
    measure: RowMeasure, groups: npt.ArrayLike, *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """A measure of rows and its interval.

    Args:
        measure: Called with row numbers, rising, a row as often as it was drawn; gives a number, or NaN where it is not
            defined.
        groups: Which group each row is of, numbers or names, shape (N,); rows by themselves: `np.arange(N)`.
        resamples: How many times groups are drawn, 1 or more.
        level: How often such an interval shall hold the truth, in (0, 1).
        seed: Of the draws.

    Returns:
        Value on all rows, low and high; low and high are NaN where no interval can be given, and the note says why.

    Raises:
        TimelineError: If groups have no shape (N,), or resamples or level cannot be.

    Example:
        >>> hits = np.array([True, True, False, True] * 10)
        >>> found = bootstrap_interval(lambda rows: float(hits[rows].mean()), np.arange(40))
        >>> found.value, round(found.low, 2), round(found.high, 2)
        (0.75, 0.6, 0.88)
    """
    return bootstrap_of_weights(by_rows(measure), groups, resamples=resamples, level=level, seed=seed)


def bootstrap_of_weights(
    measure: WeightMeasure, groups: npt.ArrayLike, *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """A measure of weighted rows and its interval.

    Args:
        measure: Called with weights, how often each row counts, whole numbers of shape (N, R): a column each resample;
            gives values of shape (R,).
        groups: As `bootstrap_interval`.
        resamples: As `bootstrap_interval`.
        level: As `bootstrap_interval`.
        seed: As `bootstrap_interval`.

    Returns:
        As `bootstrap_interval`.

    Raises:
        TimelineError: As `bootstrap_interval`, or if the measure gives another shape.
    """
    _checked(resamples, level)
    numbers, count = numbered(groups)
    value = _whole(measure, len(numbers))
    if count < 2 or math.isnan(value):
        return interval_of(value, np.empty(0), level=level, groups=count)
    return interval_of(value, _resampled(measure, numbers, resamples, seed), level=level, groups=count)


def bootstrap_of_sums(
    measure: Callable[[Numbers], npt.NDArray[np.floating]],
    parts: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """A measure of sums over rows and its interval; rows are summed once a group, so millions cost nothing.

    Args:
        measure: Called with sums of each column, shape (K, R); gives values of shape (R,).
        parts: What is summed: shape (N, K), or (N,) for K = 1. Counts of right, reference and estimated, say.
        groups: As `bootstrap_interval`.
        resamples: As `bootstrap_interval`.
        level: As `bootstrap_interval`.
        seed: As `bootstrap_interval`.

    Returns:
        As `bootstrap_interval`.

    Raises:
        TimelineError: As `bootstrap_interval`, or if there is not one part a row.

    Example:
        >>> found, there = np.array([3, 0, 5]), np.array([4, 1, 5])  # of three films
        >>> bootstrap_of_sums(lambda sums: sums[0] / sums[1], np.column_stack((found, there)), ["a", "b", "c"]).value
        0.8
    """
    numbers, count = numbered(groups)
    table = np.asarray(parts, np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or len(table) != len(numbers):
        raise TimelineError(
            f"parts must have shape (N, K) with one row a group label, got {table.shape} and {len(numbers)}"
        )
    sums = np.column_stack([np.bincount(numbers, column, count) for column in table.T])
    alone = np.arange(count)
    return bootstrap_of_weights(
        lambda w: measure(np.asarray(sums.T @ w, np.float64)), alone, resamples=resamples, level=level, seed=seed
    )


def paired_difference(
    first: WeightMeasure,
    second: WeightMeasure,
    groups: npt.ArrayLike,
    *,
    items: tuple[Sequence[str], Sequence[str]] | None = None,
    names: tuple[str, str] = ("first", "second"),
    measure: str = "",
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """How much better the first run is than the second, both measured on the same rows and the same resamples.

    Args:
        first: Of weights, as for `bootstrap_of_weights`; `by_rows` makes one of a measure of rows.
        second: Likewise, of the other run.
        groups: As `bootstrap_interval`.
        items: Ids of the rows of each run, to prove that they are the same in the same order.
        names: Of the runs.
        measure: Its name.
        resamples: As `bootstrap_interval`.
        level: As `bootstrap_interval`.
        seed: As `bootstrap_interval`.

    Returns:
        Both values, first minus second with its interval, the share of resamples in which the first is worse, and the
        two-sided p value: how often chance alone would give a difference as far from 0. NaN without an interval.

    Raises:
        TimelineError: As `bootstrap_interval`, or if the items differ.

    Example:
        >>> a, b = np.array([1.0, 0.9, 0.8, 0.7]), np.array([0.9, 0.7, 0.7, 0.6])
        >>> mean = lambda values: by_rows(lambda rows: float(values[rows].mean()))
        >>> found = paired_difference(mean(a), mean(b), np.arange(4))
        >>> round(found.difference.value, 3), found.difference.low > 0, found.share_below
        (0.125, True, 0.0)
    """
    _checked(resamples, level)
    numbers, count = numbered(groups)
    if items is not None:
        _same_items(items, names, len(numbers))
    values = (_whole(first, len(numbers)), _whole(second, len(numbers)))
    apart = np.empty(0)
    if count > 1 and not any(map(math.isnan, values)):
        apart = _resampled(lambda weights: first(weights) - second(weights), numbers, resamples, seed)
    difference = interval_of(values[0] - values[1], apart, level=level, groups=count, ratio=False)
    defined = moved(difference.value, apart[~np.isnan(apart)], ratio=False)
    below, p_value = math.nan, math.nan
    if len(defined):
        below = float(np.mean(defined < 0))
        rarer = min(np.count_nonzero(defined <= 0), np.count_nonzero(defined >= 0))
        p_value = min(1.0, 2 * (rarer + 1) / (len(defined) + 1))
    return Comparison(measure, names[0], names[1], values[0], values[1], difference, below, p_value)


def by_rows(measure: RowMeasure) -> WeightMeasure:
    """A measure of row numbers as one of weights: called once a resample."""

    def weighed(weights: Weights) -> Numbers:
        every = np.arange(len(weights))
        return np.array([measure(np.repeat(every, column)) for column in weights.T], np.float64)

    return weighed


def _resampled(measure: WeightMeasure, groups: Indices, resamples: int, seed: int) -> Numbers:
    blocks = resampled_weights(groups, resamples=resamples, seed=seed)
    return np.concatenate([_measured(measure, weights) for weights in blocks])


def _whole(measure: WeightMeasure, rows: int) -> float:
    return float(_measured(measure, np.ones((rows, 1), np.int32))[0]) if rows else math.nan


def _measured(measure: WeightMeasure, weights: Weights) -> Numbers:
    values = np.asarray(measure(weights), np.float64)
    if values.shape != weights.shape[1:]:
        raise TimelineError(f"a measure must give one value a resample, {weights.shape[1:]}, got {values.shape}")
    return values


def _checked(resamples: int, level: float) -> None:
    if resamples < 1:
        raise TimelineError(f"a bootstrap draws 1 resample or more, got {resamples}")
    if not 0 < level < 1:
        raise TimelineError(f"a level must lie between 0 and 1, got {level}. Is it a percentage?")


def _same_items(items: tuple[Sequence[str], Sequence[str]], names: Sequence[str], rows: int) -> None:
    for ids, name in zip(items, names, strict=True):
        if len(ids) != rows:
            raise TimelineError(f"{name!r} must have one item for each of {rows} rows, got {len(ids)}")
    for row, (mine, theirs) in enumerate(zip(*items, strict=True)):
        if mine != theirs:
            raise TimelineError(
                f"runs can be compared on the same items in the same order alone, got {mine!r} of {names[0]!r} and "
                f"{theirs!r} of {names[1]!r} in row {row}. Align them first."
            )
