"""When to stop labelling: what more labels are expected to bring, with an interval.

The labels there are say what fewer of them would have brought: a model learns from the first n of them in an order
drawn by chance, for n larger and larger, and is measured out of fold on all of them, groups kept whole. To this curve
a - b n^-c is fitted, b not below 0, a at most 1, c between .1 and 2; its growth from all labels to as many more is the
gain. Draws are drawn again for the interval, widened for their small number. The rule: stop once the upper end of the
gain of the next labels lies below what they are worth together.

    learning_curve   average precision by the number of labels
    expected_gain    "20 more labels: about +.01 AP (.00 to .02)"
    should_stop      the rule

What the interval does not hold: labels chosen actively are not drawn by chance from the clips there are, so that the
curve is biased. Hard clips first make the small numbers look worse, and the measure is of the labelled clips, not of
all clips. Nor does it know of clips of a kind that nobody labelled yet. All draws share the labels there are: with few
of them the whole curve may be off, and the interval with it.

References:
    C. Cortes, L. Jackel, S. Solla, V. Vapnik and J. Denker, 1993, Learning curves: asymptotic values and rate of
    convergence: the power law.
    R. Figueroa, Q. Zeng-Treitler, S. Kandula and L. Ngo, 2012, Predicting sample size required for classification
    performance: fitted to text labelled actively and by chance, weighted towards many labels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from cueline.errors import OptionError, TimelineError
from cueline.evaluation.ranking import average_precision
from cueline.evaluation.summaries import Interval
from cueline.learning.active.asking import UNKNOWN, YES, Verdicts
from cueline.learning.active.power_law import fitted, weights_of
from cueline.learning.out_of_fold import (
    Fit,
    chances_apart,
    folds_of_answers,
    judged_classes,
    name_of,
    ready,
    refuse_strange,
)
from cueline.learning.splits import Rows, Split
from cueline.timeline.examples import read_only

Numbers = npt.NDArray[np.float64]

LEAST_SIZES, LEAST_DRAWS = 4, 3  # three numbers are fitted, and a spread needs a few draws
_FEWEST = 10  # labels that a default curve begins with


@dataclass(frozen=True, slots=True, eq=False)
class LearningCurve:
    """What models reach that learned from so many labels.

    Attributes:
        sizes: Labelled rows to learn from, rising, shape (S,).
        measured: Mean average precision of each draw, shape (draws, S); NaN where it is not defined.
        labelled: How many labelled rows there are in all.
        notes: Classes that were left out, or are rare, and why.
    """

    sizes: Rows
    measured: Numbers
    labelled: int
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse sizes that do not rise, and measures that are not about them."""
        sizes, measured = np.asarray(self.sizes, np.int64), np.asarray(self.measured, np.float64)
        if sizes.ndim != 1 or (np.diff(sizes, prepend=0) <= 0).any():
            raise TimelineError(f"sizes of a learning curve must rise from 1 or more, got {sizes.tolist()}")
        if measured.ndim != 2 or measured.shape[1:] != sizes.shape:
            raise TimelineError(f"a curve needs one measure a size, shape (draws, {len(sizes)}), got {measured.shape}")
        if self.labelled < 1:
            raise TimelineError(f"a learning curve needs labels, got {self.labelled}")
        object.__setattr__(self, "sizes", read_only(sizes))
        object.__setattr__(self, "measured", read_only(measured))

    def __repr__(self) -> str:
        """Sizes, not contents."""
        ends = f"{self.sizes[0]} to {self.sizes[-1]}" if len(self.sizes) else "none"
        return f"LearningCurve({ends} of {self.labelled} labels, {len(self.measured)} draws)"


@dataclass(frozen=True, slots=True)
class Gain:
    """What more labels are expected to bring.

    Attributes:
        labelled: How many labels there are.
        more: How many more.
        now: Mean average precision with the labels there are, as the fitted curve has it; NaN where there is none.
        then: With the others too.
        gain: The difference, 0 or more, and its interval; its note says why there is none.
    """

    labelled: int
    more: int
    now: float
    then: float
    gain: Interval

    def __str__(self) -> str:
        """One sentence."""
        labels = f"{self.more} more label{'s' * (self.more != 1)}"
        if math.isnan(self.gain.value):
            return f"{labels}: the gain cannot be told, {self.gain.note}"
        value, low, high = (
            f"{number:.2f}".removeprefix("0") for number in (self.gain.value, self.gain.low, self.gain.high)
        )
        return f"{labels}: about +{value} AP ({low} to {high})"


def learning_curve(
    values: npt.NDArray[np.generic],
    answers: Verdicts,
    groups: npt.ArrayLike | None = None,
    *,
    sizes: Sequence[int] | None = None,
    draws: int = 10,
    folds: int = 5,
    fit: Fit | None = None,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> LearningCurve:
    """Mean average precision of models that learned from the first n labels of a draw, measured out of fold.

    In each draw rows are parted into stratified folds and put in an order; of the rows that a fold leaves to learn
    from, the first n are learned, so that larger sizes hold the smaller ones. Chances of all folds are pooled, and each
    class is measured on every row that was judged for it.

    Args:
        values: Features, finite, shape (N, D).
        answers: YES, NO or UNKNOWN, shape (N, C); rows that nobody judged are left out.
        groups: The group of each row, numbers or names, shape (N,); each row by itself if None.
        sizes: Labels to learn from, rising; six of them up to as many as every fold leaves, if None.
        draws: How many orders, 1 or more; an interval needs three or more, ten are better.
        folds: How many, 2 or more.
        fit: The classifier; `fit_few` on prepared features if None.
        seed: Of orders and folds.
        classes: Names of the C classes, for messages.

    Raises:
        TimelineError: If a feature is not finite, shapes differ, or no class can be measured.
        OptionError: If there are fewer groups than folds, draws are below 1, or sizes beyond what a fold leaves.
    """
    numbers = refuse_strange(values, answers, groups)
    if draws < 1:
        raise OptionError(f"a learning curve needs 1 draw or more, got {draws}")
    judged, left_out = judged_classes(answers, numbers, classes)
    rows = np.flatnonzero((answers[:, judged] != UNKNOWN).any(axis=1))
    pool = _Pool(*ready(values[rows], fit), answers[rows][:, judged])
    names = [name_of(number, classes) for number in judged]
    chance = np.random.default_rng(seed)
    parted = [
        folds_of_answers(pool.answers, numbers[rows], folds=folds, seed=int(chance.integers(2**32)), names=names)
        for _ in range(draws)
    ]
    left = min(len(split.learn) for found in parted for split in found.splits)
    steps = _steps(sizes, left)
    measured = [pool.measured(found.splits, chance.permutation(len(rows)), steps) for found in parted]
    notes = (*left_out, *map(str, parted[0].short))
    return LearningCurve(np.array(steps), np.array(measured), len(rows), notes)


def expected_gain(
    curve: LearningCurve, more: int, *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> Gain:
    """What so many more labels will bring, if the curve goes on as it went.

    Args:
        curve: Of the labels there are.
        more: How many more, 1 or more.
        resamples: How many times draws are drawn again, 1 or more.
        level: How often the interval shall hold the truth, in (0, 1).
        seed: Of the resamples.

    Returns:
        NaN, and the reason in the note, where there are fewer than four sizes that all draws could be measured at, or
        fewer than three draws.

    Raises:
        OptionError: If more or resamples is below 1.

    Example:
        >>> sizes = np.array([10, 20, 40, 80, 160])
        >>> noise = np.random.default_rng(0).normal(0, 0.01, (10, 5))
        >>> print(expected_gain(LearningCurve(sizes, 0.9 - 1.5 * sizes**-0.5 + noise, 200), 100))
        100 more labels: about +.02 AP (... to ...)
    """
    if more < 1 or resamples < 1:
        raise OptionError(f"more labels and resamples must be 1 or more, got {more} and {resamples}")
    kept = ~np.isnan(curve.measured).any(axis=0)
    sizes, measured = curve.sizes[kept].astype(np.float64), curve.measured[:, kept]
    draws = len(measured)
    if len(sizes) < LEAST_SIZES or draws < LEAST_DRAWS:
        note = (
            f"a curve needs {LEAST_SIZES} sizes and {LEAST_DRAWS} draws or more that can be measured, got {len(sizes)} "
            f"and {draws}. Label more clips of each class."
        )
        return Gain(curve.labelled, more, math.nan, math.nan, Interval(math.nan, level=level, note=note))
    weights = weights_of(measured)
    whole = fitted(sizes, measured.mean(axis=0)[None], weights)
    now, then = (float(whole.at(n)[0]) for n in (curve.labelled, curve.labelled + more))
    drawn = np.random.default_rng(seed).integers(draws, size=(resamples, draws))
    again = fitted(sizes, measured[drawn].mean(axis=1), weights)
    gains = again.at(curve.labelled + more) - again.at(curve.labelled)
    return Gain(curve.labelled, more, now, then, _widened(then - now, gains, draws, level))


def should_stop(gain: Gain, *, worth: float = 0.005) -> bool:
    """Whether the next labels are not worth asking for: the upper end of their gain lies below their worth.

    Args:
        gain: Of the labels that would be asked next, together.
        worth: The gain in mean average precision that makes them worth the work, above 0.

    Returns:
        False where the gain cannot be told: nobody stops on knowing nothing.

    Raises:
        OptionError: If the worth is not above 0.

    Example:
        >>> should_stop(Gain(400, 20, 0.81, 0.811, Interval(0.001, 0.0, 0.003)))
        True
    """
    if not worth > 0:
        raise OptionError(f"labels must be worth something, above 0, got {worth}. A gain is never below 0.")
    return gain.gain.high < worth


class _Pool(NamedTuple):
    """Labelled rows, and how to learn from them."""

    values: npt.NDArray[np.generic]
    fit: Fit
    answers: Verdicts

    def measured(self, splits: Sequence[Split], order: Rows, sizes: Sequence[int]) -> list[float]:
        """Mean average precision at each size, for one order of the rows."""
        chances = np.empty((len(sizes), *self.answers.shape), np.float32)
        for split in splits:
            learn = order[np.isin(order, split.learn)]
            for place, size in enumerate(sizes):
                found = chances_apart(self.values, self.answers, learn[:size], split.apart, self.fit)
                chances[place, split.apart] = found
        reference, judged = self.answers == YES, self.answers != UNKNOWN
        return [float(np.mean(average_precision(reference, table, judged=judged))) for table in chances]


def _steps(sizes: Sequence[int] | None, left: int) -> list[int]:
    if sizes is None:
        even = np.geomspace(min(_FEWEST, left), left, 6)
        return sorted({round(size) for size in even.tolist()})
    if not len(sizes) or max(sizes) > left:
        raise OptionError(
            f"sizes of a learning curve must lie in 1 to {left}, what each fold leaves to learn from, got {list(sizes)}"
        )
    return list(sizes)


def _widened(value: float, gains: Numbers, draws: int, level: float) -> Interval:
    """Percentiles, as much wider as a mean of so few draws needs; a gain is never below 0."""
    tail = (1 - level) / 2
    factor = math.sqrt(draws / (draws - 1)) * float(student.ppf(1 - tail, draws - 1) / student.ppf(1 - tail, 1e9))
    low, high = np.quantile(gains, [tail, 1 - tail]).tolist()
    note = f"only {draws} draws: the interval is rough" if draws < 10 else ""
    low, high = max(0.0, value - factor * max(0.0, value - low)), value + factor * max(0.0, high - value)
    return Interval(value, low, high, level, note)
