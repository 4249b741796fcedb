"""Do people agree: percent agreement, Cohen's and Fleiss' kappa, Krippendorff's alpha, each with an interval.

Ratings are a table of whole numbers, shape (I, P): what each of P people called each of I items, from 0; a number below
0 is no judgement (`cueline.timeline.votes`: -1 was not asked, -2 cannot say). Categories have no order: two are the
same or not.

    percent_agreement     share of pairs of people who say the same, of the items of two judgements or more
    cohen_kappa           of two people, each with a base rate of their own
    fleiss_kappa          of as many judgements an item, whoever gave them, with one base rate for all
    krippendorff_alpha    any number of people and judgements an item, missing ones too: the one to report
    agreement_interval    any of them with a bootstrap interval over groups of items

1 is perfect, 0 is what people reach who guess with the same base rates, below 0 they avoid one another. Percent
agreement alone flatters rare classes: two who say no to everything agree on 98 of 100 where 2 are there.

Nothing to compare: where no item has two judgements everything is NaN. Where all judgements are the same one, kappa and
alpha are NaN, for chance explains everything and 0 / 0 is left: neither 0 nor 1 would be known. Percent agreement is 1.

References:
    J. Cohen, 1960, A coefficient of agreement for nominal scales.
    J. L. Fleiss, 1971, Measuring nominal scale agreement among many raters.
    K. Krippendorff, 2011, Computing Krippendorff's alpha-reliability: the coincidence matrix, with missing values.
    statsmodels 0.15, inter_rater.fleiss_kappa and cohens_kappa; krippendorff 0.9: what these numbers agree with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError, near_miss
from cueline.evaluation.intervals import bootstrap_of_sums
from cueline.evaluation.summaries import Interval

Ratings = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Measure = Literal["percent", "cohen", "fleiss", "krippendorff"]


def percent_agreement(ratings: npt.ArrayLike) -> float:
    """Share of pairs of people who say the same of an item, averaged over the items of two judgements or more.

    Args:
        ratings: Whole numbers, shape (I, P), below 0 for no judgement.

    Returns:
        Between 0 and 1; NaN if no item has two judgements.

    Raises:
        TimelineError: If the table has another shape or holds no whole numbers.

    Example:
        >>> percent_agreement([[1, 1, 1], [1, 0, -1], [0, -1, -1]])
        0.5
    """
    return _whole("percent", ratings)


def cohen_kappa(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Agreement of two people beyond what their own base rates give, over the items that both judged.

    Args:
        first: Whole numbers, shape (I,), below 0 for no judgement.
        second: Likewise.

    Returns:
        From -1 to 1; NaN if nothing was judged by both, or both only ever said one and the same.

    Raises:
        TimelineError: If the two have other shapes or hold no whole numbers.

    Example:
        >>> cohen_kappa([1, 1, 0, 0], [1, 0, 0, 0])
        0.5
    """
    one, two = np.asarray(first), np.asarray(second)
    if one.ndim != 1 or one.shape != two.shape:
        raise TimelineError(f"two people must rate the same items, shape (I,), got {one.shape} and {two.shape}")
    return _whole("cohen", np.column_stack((one, two)))


def fleiss_kappa(ratings: npt.ArrayLike) -> float:
    """Agreement of as many judgements an item beyond what one base rate gives; it does not matter who gave them.

    Args:
        ratings: Whole numbers, shape (I, P), below 0 for no judgement; items without any do not count.

    Returns:
        At most 1; NaN if there is no item, or only one category was ever said.

    Raises:
        TimelineError: If the table has another shape or holds no whole numbers, items have different numbers of
            judgements, or one each.

    Example:
        >>> round(fleiss_kappa([[1, 1, 1], [1, 1, 0], [0, 0, 0]]), 4)
        0.55
    """
    return _whole("fleiss", ratings)


def krippendorff_alpha(ratings: npt.ArrayLike) -> float:
    """Agreement of any number of people with any number of missing judgements, nominal.

    Args:
        ratings: Whole numbers, shape (I, P), below 0 for no judgement; items of one judgement do not count.

    Returns:
        At most 1; NaN if no item has two judgements, or all of those that count are the same.

    Raises:
        TimelineError: If the table has another shape or holds no whole numbers.

    Example:
        >>> round(krippendorff_alpha([[1, 1, -1], [0, 0, 0], [0, 1, 0], [1, -1, -1]]), 4)
        0.5333
    """
    return _whole("krippendorff", ratings)


def agreement_interval(
    ratings: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    measure: Measure = "krippendorff",
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """A measure of agreement and how far it may be off: whole groups of items are drawn.

    Items that the measure does not look at, such as those of one judgement, take no part in the draw.

    Args:
        ratings: Whole numbers, shape (I, P), below 0 for no judgement; two people for "cohen".
        groups: Which group each item is of, such as its source video, shape (I,).
        measure: "percent", "cohen", "fleiss" or "krippendorff".
        resamples: As `cueline.evaluation.intervals.bootstrap_interval`.
        level: Likewise.
        seed: Likewise.

    Raises:
        OptionError: If there is no such measure.
        TimelineError: As the measure and as `bootstrap_interval`.

    Example:
        >>> found = agreement_interval([[1, 1], [0, 0], [0, 1], [1, 1]] * 10, np.arange(40))
        >>> round(found.value, 3), found.low < found.value < found.high
        (0.473, True)
    """
    if measure not in _MEASURES:
        hint = near_miss(measure, _MEASURES)
        raise OptionError(f"a measure of agreement is one of {', '.join(_MEASURES)}, got {measure!r}.{hint}")
    table, labels = as_ratings(ratings), np.asarray(groups)
    if labels.shape != (len(table),):
        raise TimelineError(f"groups must have one label an item, shape ({len(table)},), got {labels.shape}")
    parts_of, value_of = _MEASURES[measure]
    parts = parts_of(table)
    drawn = bootstrap_of_sums(value_of, parts.numbers, labels[parts.rows], resamples=resamples, level=level, seed=seed)
    return replace(drawn, high=min(drawn.high, 1.0))  # resamples moved onto the value may pass what is possible


def as_ratings(ratings: npt.ArrayLike) -> Ratings:
    """A table of ratings, checked.

    Raises:
        TimelineError: If it is no table of whole numbers of shape (I, P).
    """
    table = np.asarray(ratings)
    if table.ndim != 2:
        raise TimelineError(f"ratings must have shape (I, P), items x people, got {table.shape}")
    if table.size and table.dtype.kind not in "iub":
        raise TimelineError(f"ratings must be whole numbers, with -1 for what is missing, got {table.dtype}")
    return table.astype(np.int64)


def counted(ratings: Ratings) -> tuple[Floats, Ratings]:
    """How often each item was called each category, shape (I, K), and which K categories there are, rising."""
    rows, people = np.nonzero(ratings >= 0)
    names, numbers = np.unique(ratings[rows, people], return_inverse=True)
    counts = np.bincount(rows * len(names) + numbers, minlength=len(ratings) * len(names))
    return counts.reshape(len(ratings), len(names)).astype(np.float64), names


class _Parts(NamedTuple):
    """What a measure sums over items: the numbers of each, shape (N, L), and which items they are, shape (N,)."""

    numbers: Floats
    rows: Rows


def _whole(measure: Measure, ratings: npt.ArrayLike) -> float:
    parts_of, value_of = _MEASURES[measure]
    sums = parts_of(as_ratings(ratings)).numbers.sum(axis=0)
    return float(value_of(sums[:, None])[0])


def _pairable(ratings: Ratings) -> tuple[Floats, Rows]:
    """Counts of the items with two judgements or more, and which these are."""
    counts, _ = counted(ratings)
    rows = np.flatnonzero(counts.sum(axis=1) > 1)
    return counts[rows], rows


def _percent_parts(ratings: Ratings) -> _Parts:
    counts, rows = _pairable(ratings)
    return _Parts(np.column_stack((_agreeing(counts), np.ones(len(rows)))), rows)


def _percent(sums: Floats) -> Floats:
    return _ratio(sums[0], sums[1])


def _cohen_parts(ratings: Ratings) -> _Parts:
    if ratings.shape[1] != 2:
        raise TimelineError(f"Cohen's kappa is of two people, got {ratings.shape[1]}. Take 'krippendorff'.")
    rows = np.flatnonzero((ratings >= 0).all(axis=1))
    first, second = ratings[rows].T
    names = np.union1d(first, second)
    each = [(side[:, None] == names).astype(np.float64) for side in (first, second)]
    return _Parts(np.column_stack((first == second, *each)), rows)


def _cohen(sums: Floats) -> Floats:
    same, width = sums[0], (len(sums) - 1) // 2
    first, second = sums[1 : 1 + width], sums[1 + width :]
    count, chance = first.sum(axis=0), (first * second).sum(axis=0)
    return _ratio(count * same - chance, count**2 - chance)


def _fleiss_parts(ratings: Ratings) -> _Parts:
    counts, _ = counted(ratings)
    each = counts.sum(axis=1)
    rows = np.flatnonzero(each)
    odd = rows[(each[rows] != each[rows[:1]]) | (each[rows] < 2)]
    if odd.size:
        raise TimelineError(
            "Fleiss' kappa needs as many judgements of every item, two or more, got "
            f"{each[rows[0]]:.0f} in row {rows[0]} and {each[odd[0]]:.0f} in row {odd[0]}. Take Krippendorff's alpha, "
            "which does with missing ones."
        )
    return _Parts(np.column_stack((_agreeing(counts[rows]), np.ones(len(rows)), counts[rows])), rows)


def _fleiss(sums: Floats) -> Floats:
    same, total = _ratio(sums[0], sums[1]), sums[2:].sum(axis=0)
    chance = (sums[2:] ** 2).sum(axis=0)
    return _ratio(total**2 * same - chance, total**2 - chance)


def _krippendorff_parts(ratings: Ratings) -> _Parts:
    counts, rows = _pairable(ratings)
    each = counts.sum(axis=1)
    apart = (each**2 - (counts**2).sum(axis=1)) / (each - 1)  # off the diagonal of the coincidence matrix
    return _Parts(np.column_stack((apart, counts)), rows)


def _krippendorff(sums: Floats) -> Floats:
    total = sums[1:].sum(axis=0)
    chance = total**2 - (sums[1:] ** 2).sum(axis=0)
    return 1 - _ratio((total - 1) * sums[0], chance)


def _agreeing(counts: Floats) -> Floats:
    """Share of the pairs of judgements of each item that are the same, shape (N,)."""
    each = counts.sum(axis=1)
    same: Floats = ((counts**2).sum(axis=1) - each) / (each * (each - 1))
    return same


def _ratio(above: Floats, below: Floats) -> Floats:
    shares: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)
    return shares


_MEASURES: Mapping[str, tuple[Callable[[Ratings], _Parts], Callable[[Floats], Floats]]] = {
    "percent": (_percent_parts, _percent),
    "cohen": (_cohen_parts, _cohen),
    "fleiss": (_fleiss_parts, _fleiss),
    "krippendorff": (_krippendorff_parts, _krippendorff),
}
