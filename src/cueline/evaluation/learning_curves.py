"""How good a model gets with how many labels: areas, labels that it takes, and how sure a difference is.

A learning curve is a measure, such as average precision, after each of several numbers of labels; one seed draws one
curve. Strategies that choose labels are compared by their curves on the same seeds, which begin with the same labels.

    area_under_learning_curve   mean height of each seed's curve, labels on a linear axis: one number for the whole race
    labels_to_reach             after how many labels each seed first gets as far as a target
    mean_over_seeds             a mean and its interval, Student's t
    difference_over_seeds       how much more the first got on the same seeds, likewise
    median_over_seeds           a median and its interval from ranks, right also where some seeds never arrive
    on_grid                     curves measured after different numbers of labels, read off at the same ones

What the intervals are about: other seeds, which means other first labels and other draws, on the same clips and the
same test set. They do not tell what another test set would show.

A curve rises unevenly, and the first time that it touches a target may be luck. All strategies have that luck, the one
that set the target as well: look at what it needs itself, often fewer labels than it was given.

References:
    I. Guyon, G. Cawley, G. Dror and V. Lemaire, 2011, Results of the active learning challenge: area under the learning
    curve, there with labels on a logarithmic axis.
    W. R. Thompson, 1936, On confidence ranges for the median: ranks alone.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from cueline.errors import TimelineError
from cueline.evaluation.summaries import Interval, Numbers


def area_under_learning_curve(labels: npt.ArrayLike, values: npt.ArrayLike) -> Numbers:
    """Mean height of each curve from the first number of labels to the last, by trapezoids.

    Args:
        labels: Rising, shape (N,).
        values: A curve a seed, shape (S, N).

    Returns:
        In the unit of the values, shape (S,): a measure in [0, 1] gives an area in [0, 1]. The value itself where N is
        1; NaN for a seed with a NaN, or where N is 0.

    Raises:
        TimelineError: If shapes do not fit, or labels do not rise.

    Example:
        >>> area_under_learning_curve([10, 20, 40], [[0.2, 0.4, 0.4], [0.5, 0.5, 0.5]]).round(3).tolist()
        [0.367, 0.5]
    """
    x, table = _curves(labels, values)
    if not len(x):
        return np.full(len(table), np.nan)
    if len(x) == 1:
        return table[:, 0].copy()
    areas: Numbers = ((table[:, 1:] + table[:, :-1]) / 2) @ np.diff(x) / (x[-1] - x[0])
    return areas


def labels_to_reach(labels: npt.ArrayLike, values: npt.ArrayLike, target: float) -> Numbers:
    """The first number of labels after which each curve has reached a target; nothing is read between two numbers.

    Args:
        labels: Rising, shape (N,).
        values: A curve a seed, shape (S, N); NaN reaches nothing.
        target: In the unit of the values.

    Returns:
        Shape (S,); infinite for a seed that never gets there, NaN for all where the target is NaN.

    Raises:
        TimelineError: As `area_under_learning_curve`.

    Example:
        >>> labels_to_reach([10, 20, 40], [[0.2, 0.4, 0.4], [0.1, 0.1, 0.3]], 0.4).tolist()
        [20.0, inf]
    """
    x, table = _curves(labels, values)
    if math.isnan(target):
        return np.full(len(table), np.nan)
    reached = np.column_stack((table >= target, np.ones(len(table), np.bool_)))
    first: Numbers = np.append(x, np.inf)[reached.argmax(axis=1)]
    return first


def mean_over_seeds(values: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """The mean of a number that each seed gave, with Student's t interval.

    Args:
        values: Shape (S,); NaN is left out.
        level: In (0, 1).

    Returns:
        NaN without a seed; no ends with one.

    Raises:
        TimelineError: If the shape or the level cannot be.

    Example:
        >>> found = mean_over_seeds([0.5, 0.6, 0.7])
        >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
        (0.6, 0.352, 0.848)
    """
    given = _of_seeds(values, level)
    count = len(given)
    if count < 2:
        note = "one seed: an interval needs two or more" if count else "no seed gave a number"
        return Interval(float(given[0]) if count else math.nan, level=level, note=note)
    mean = float(given.mean())
    half = float(special.stdtrit(count - 1, (1 + level) / 2) * given.std(ddof=1) / math.sqrt(count))
    return Interval(mean, mean - half, mean + half, level)


def difference_over_seeds(first: npt.ArrayLike, second: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """How much more the first got than the second on the same seeds: what both share cancels.

    Args:
        first: Shape (S,).
        second: Same seeds in the same order, shape (S,); a seed on which either is NaN is left out.
        level: In (0, 1).

    Raises:
        TimelineError: If shapes differ, or the level cannot be.

    Example:
        >>> found = difference_over_seeds([0.5, 0.6, 0.7], [0.4, 0.5, 0.5])
        >>> round(found.value, 3), found.low > 0
        (0.133, False)
    """
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if one.shape != other.shape:
        raise TimelineError(f"both must have one number a seed, shape (S,), got {one.shape} and {other.shape}")
    return mean_over_seeds(one - other, level=level)


def median_over_seeds(values: npt.ArrayLike, *, level: float = 0.95) -> Interval:
    """The median of a number that each seed gave; its interval reaches from one seed's number to another's.

    Of S numbers drawn alike, the median lies between the k-th least and the k-th greatest with a chance that hangs on S
    and k alone. The greatest k is taken with which that chance is the level or more.

    Args:
        values: Shape (S,); NaN is left out, what is infinite is greater than all else.
        level: In (0, 1).

    Returns:
        NaN without a seed; no ends where there are too few seeds, fewer than 6 for 95 %. Infinite where half of the
        seeds are.

    Raises:
        TimelineError: As `mean_over_seeds`.

    Example:
        >>> found = median_over_seeds([40, 60, 50, 80, np.inf, 70, 45, 55, 65, 90])
        >>> found.value, found.low, found.high
        (62.5, 45.0, 90.0)
    """
    given = np.sort(_of_seeds(values, level))
    count = len(given)
    if not count:
        return Interval(math.nan, level=level, note="no seed gave a number")
    low, high = float(given[(count - 1) // 2]), float(given[count // 2])
    middle = low if low == high else (low + high) / 2
    outside = np.cumsum([math.comb(count, k) for k in range(count // 2)]) / 2**count  # fewer than k + 1 below it
    rank = int(np.count_nonzero(2 * outside <= 1 - level))
    if not rank:
        return Interval(middle, level=level, note=f"{count} seeds are too few for an interval of a median")
    return Interval(middle, float(given[rank - 1]), float(given[count - rank]), level)


def on_grid(labels: npt.ArrayLike, values: npt.ArrayLike, grid: npt.ArrayLike) -> Numbers:
    """A curve read off at other numbers of labels, along straight lines.

    Args:
        labels: Rising, shape (N,).
        values: Shape (N,).
        grid: Rising, shape (G,).

    Returns:
        Shape (G,); NaN before the first and after the last number of labels: nothing was measured there.

    Raises:
        TimelineError: As `area_under_learning_curve`.

    Example:
        >>> on_grid([10, 20], [0.2, 0.4], [5, 10, 15]).tolist()
        [nan, 0.2, 0.30000000000000004]
    """
    x, table = _curves(labels, np.atleast_2d(values))
    at = np.asarray(grid, np.float64)
    if not len(x):
        return np.full(at.shape, np.nan)
    read: Numbers = np.interp(at, x, table[0], left=np.nan, right=np.nan)
    return read


def _curves(labels: npt.ArrayLike, values: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    x, table = np.asarray(labels, np.float64), np.asarray(values, np.float64)
    if x.ndim != 1 or table.ndim != 2 or table.shape[1] != len(x):
        raise TimelineError(f"values must have shape (S, N) for N numbers of labels, got {table.shape} and {x.shape}")
    if not (np.diff(x) > 0).all():
        raise TimelineError(f"numbers of labels must rise, got {x.tolist()}")
    return x, table


def _of_seeds(values: npt.ArrayLike, level: float) -> Numbers:
    given = np.asarray(values, np.float64)
    if given.ndim != 1:
        raise TimelineError(f"one number a seed is needed, shape (S,), got {given.shape}")
    if not 0 < level < 1:
        raise TimelineError(f"a level must lie between 0 and 1, got {level}. Is it a percentage?")
    return given[~np.isnan(given)]
