"""How many of all are right, told from a sample: Wilson's interval, and one share over parts of different size.

    wilson_interval          right of judged, with an interval that holds even where all or none are right
    stratified_proportion    parts judged apart, such as playlists, weighted by how large each is

A sample is drawn without order and without putting back. Where the sample is a good part of the whole, less is left to
chance: pass the size of the whole, and the interval shrinks, to nothing where everything was judged.

The interval of the weighted share is put together from those of its parts by their distances from their values (MOVER),
so that parts in which everything was right still say how little that may mean.

References:
    E. B. Wilson, 1927, Probable inference, the law of succession, and statistical inference.
    L. D. Brown, T. T. Cai and A. DasGupta, 2001, Interval estimation for a binomial proportion: why Wilson's.
    W. G. Cochran, 1977, Sampling techniques, 2.6 and 5.4: finite populations, and weights of strata.
    G. Y. Zou and A. Donner, 2008, Construction of confidence limits about effect measures: MOVER.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.summaries import Interval


def wilson_interval(right: int, judged: int, *, population: int | None = None, level: float = 0.95) -> Interval:
    """The share that is right, and Wilson's interval.

    Args:
        right: How many are, from 0 to `judged`.
        judged: How many were looked at, 0 or more.
        population: How many there are to look at; None where the sample is a small part of them.
        level: How often such an interval shall hold the truth, in (0, 1).

    Returns:
        Value, low and high in [0, 1]; NaN where nothing was judged.

    Raises:
        TimelineError: If the counts cannot be, or the level.

    Example:
        >>> found = wilson_interval(39, 40)
        >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
        (0.975, 0.871, 0.996)
    """
    _refuse(right, judged, population, level)
    if judged == 0:
        return Interval(math.nan, level=level, note="nothing was judged")
    share = right / judged
    if population == judged:
        return Interval(share, share, share, level, "everything was judged")
    count = judged if population is None else judged * (population - 1) / (population - judged)
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    low = 0.0 if right == 0 else max(0.0, middle - half)
    high = 1.0 if right == judged else min(1.0, middle + half)
    return Interval(share, low, high, level)


def stratified_proportion(
    right: Sequence[int] | npt.NDArray[np.int64],
    judged: Sequence[int] | npt.NDArray[np.int64],
    population: Sequence[int] | npt.NDArray[np.int64],
    *,
    level: float = 0.95,
) -> Interval:
    """The share of the whole that is right, from samples of its parts.

    Args:
        right: How many of each part's sample are right, shape (P,).
        judged: How many of each part were looked at, shape (P,).
        population: How many there are of each part, shape (P,).
        level: As `wilson_interval`.

    Returns:
        Value, low and high in [0, 1]. A part of which nothing was judged may be all wrong or all right, so it widens
        the interval and the value is NaN; a part that is empty counts for nothing. NaN where there is nothing.

    Raises:
        TimelineError: If shapes differ, counts cannot be, or the level.

    Example:
        >>> found = stratified_proportion([18, 10], [20, 20], [900, 100])
        >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
        (0.86, 0.681, 0.927)
    """
    counts = [np.asarray(each) for each in (right, judged, population)]
    if any(each.shape != counts[0].shape or each.ndim != 1 for each in counts):
        raise TimelineError(
            f"right, judged and population must have one shape (P,), got {', '.join(str(c.shape) for c in counts)}"
        )
    rows = list(zip(*(each.tolist() for each in counts), strict=True))
    parts = [wilson_interval(hits, seen, population=size, level=level) for hits, seen, size in rows]
    total = sum(size for _, _, size in rows)
    if not total:
        return Interval(math.nan, level=level, note="there is nothing")
    weights = [size / total for _, _, size in rows]
    known = [
        (weight, part) for weight, part in zip(weights, parts, strict=True) if weight and not math.isnan(part.value)
    ]
    value = sum(weight * part.value for weight, part in known)
    below = math.sqrt(sum((weight * (part.value - part.low)) ** 2 for weight, part in known))
    above = math.sqrt(sum((weight * (part.high - part.value)) ** 2 for weight, part in known))
    unknown = max(0.0, 1 - sum(weight for weight, _ in known)) if len(known) < sum(w > 0 for w in weights) else 0.0
    low, high = max(0.0, value - below), min(1.0, value + above + unknown)
    note = f"of {unknown:.1%} of the whole nothing was judged" if unknown else ""
    return Interval(math.nan if unknown else value, low, high, level, note)


def _refuse(right: int, judged: int, population: int | None, level: float) -> None:
    if not 0 <= right <= judged:
        raise TimelineError(f"what is right must be among the judged, got {right} of {judged}")
    if population is not None and population < judged:
        raise TimelineError(f"the judged must be among the whole, got {judged} of {population}")
    if not 0 < level < 1:
        raise TimelineError(f"a level must lie between 0 and 1, got {level}. Is it a percentage?")
