"""Resamples of groups, and the interval that the values of a measure on them make.

    resampled_weights   how often each row counts in each resample, block by block
    interval_of         percentiles, moved onto the value where the resamples are biased
    moved               the resamples themselves, moved so

Why groups, why moved, and who wrote of it: `cueline.evaluation.intervals`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.summaries import Interval

Indices = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Weights = npt.NDArray[np.int32]

FEW = 10  # groups; percentile intervals of fewer are known to be too narrow
ENOUGH = 100  # resamples, for ends that hold still
_IGNORED = 0.25  # standard errors of bias
_CELLS = 8_000_000  # of a block of weights: 32 MB


def interval_of(
    value: float, values: npt.ArrayLike, *, level: float = 0.95, groups: int, ratio: bool = True
) -> Interval:
    """The interval of a measure from its values on resamples.

    Args:
        value: On all items.
        values: On each resample, shape (R,), NaN where it was not defined; none where nothing was drawn.
        level: In (0, 1).
        groups: How many groups were drawn from, for the note.
        ratio: Whether what lies in [0, 1] must stay there; False for a difference.
    """
    given = np.asarray(values, np.float64)
    defined = given[~np.isnan(given)]
    bias = _bias(value, defined)
    if math.isnan(value):
        note = "not defined on these items" if groups else "there are no items"
    elif groups < 2:
        note = "all items are of one group: an interval needs two or more"
    elif not len(defined):
        note = "no interval: not defined on any resample"
    else:
        notes = []
        if groups < FEW:
            notes.append(f"only {groups} groups: the interval is rough, and rather too narrow")
        if len(given) < ENOUGH:
            notes.append(f"with {len(given)} resamples the interval is rough")
        if len(defined) < len(given):
            notes.append(f"not defined on {len(given) - len(defined):,} of {len(given):,} resamples")
        if bias:
            notes.append(f"moved by {-bias:+.2g}, the bias of its resamples")
            defined = moved(value, defined, ratio=ratio)
        low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]).tolist()
        return Interval(value, low, high, level, "; ".join(notes))
    return Interval(value, level=level, note=note)


def _bias(value: float, values: Numbers) -> float:
    """How far the mean over resamples lies from the value; 0 where that is within what can be ignored."""
    if len(values) < 2:
        return 0.0
    bias = float(values.mean()) - value
    return bias if abs(bias) > _IGNORED * float(values.std()) + 1e-12 else 0.0


def moved(value: float, values: Numbers, *, ratio: bool) -> Numbers:
    """Resamples about the value; what was in [0, 1] stays there if it is a ratio."""
    bias = _bias(value, values)
    if not bias:
        return values
    inside = ratio and min(values.min(), value) >= 0 and max(values.max(), value) <= 1
    return (values - bias).clip(0, 1) if inside else values - bias


def resampled_weights(groups: npt.ArrayLike, *, resamples: int = 1000, seed: int = 0) -> Iterator[Weights]:
    """How often each row counts in each resample, block by block of bounded memory.

    Args:
        groups: As `bootstrap_interval`.
        resamples: How many, 1 or more.
        seed: Of the draws.

    Yields:
        Whole numbers, shape (N, R) with R summing up to `resamples`.
    """
    numbers, count = numbered(groups)
    chance = np.random.default_rng(seed)
    most = max(1, _CELLS // max(1, len(numbers)))
    for start in range(0, resamples, most):
        columns = min(most, resamples - start)
        drawn = chance.integers(count, size=(columns, count)) + count * np.arange(columns)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=columns * count).astype(np.int32)
        yield np.ascontiguousarray(counts.reshape(columns, count).T)[numbers]


def numbered(groups: npt.ArrayLike) -> tuple[Indices, int]:
    """The number of each row's group, shape (N,), and how many groups there are.

    Raises:
        TimelineError: If groups have no shape (N,).
    """
    labels = np.asarray(groups)
    if labels.ndim != 1:
        raise TimelineError(f"groups must have shape (N,), one label a row, got {labels.shape}")
    held, numbers = np.unique(labels, return_inverse=True)
    return numbers, len(held)
