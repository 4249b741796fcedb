"""When to stop labelling: what more labels are expected to bring, with an interval.

The labels there are say what fewer of them would have brought (`cueline.learning.active.learning_curve`). To this curve
a - b n^-c is fitted, b not below 0, a at most 1, c between .1 and 2; its growth from all labels to as many more is the
gain. For the interval draws and groups are drawn again together, draws widened for their small number. The rule: stop
once the upper end of the gain of the next labels lies below what they are worth together.

    learning_curve   average precision by the number of labels
    expected_gain    "20 more labels: about +.01 AP (.00 to .02)"
    should_stop      the rule

What the interval does not hold: labels chosen actively are not drawn by chance from the clips there are, so that the
curve is biased. Hard clips first make the small numbers look worse, and the measure is of the labelled clips, not of
all clips. Nor does it know of clips of a kind that nobody labelled yet. All draws share the labels there are: with few
of them the whole curve may be off, and the interval with it. A curve that is nearly at its end bends faster than a
power law, and the gain is told too large: one label too many rather than one too few.

References:
    C. Cortes, L. Jackel, S. Solla, V. Vapnik and J. Denker, 1993, Learning curves: asymptotic values and rate of
    convergence: the power law.
    R. Figueroa, Q. Zeng-Treitler, S. Kandula and L. Ngo, 2012, Predicting sample size required for classification
    performance: fitted to text labelled actively and by chance, weighted towards many labels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from cueline.errors import OptionError
from cueline.evaluation.summaries import Interval
from cueline.learning.active.learning_curve import LearningCurve
from cueline.learning.active.power_law import fitted, weights_of

Numbers = npt.NDArray[np.float64]

LEAST_SIZES, LEAST_DRAWS = 4, 3  # three numbers are fitted, and a spread needs a few draws
ENOUGH_DRAWS = 10
ENOUGH_LABELS = 100  # below, intervals of made sets held the truth too seldom


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
    kept = np.asarray(~np.isnan(curve.measured).any(axis=0))
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
    again = fitted(sizes, _drawn_again(curve, kept, resamples, level, seed), weights)
    gains = again.at(curve.labelled + more) - again.at(curve.labelled)
    low, high = np.quantile(gains, [(1 - level) / 2, (1 + level) / 2]).tolist()
    notes = [f"only {draws} draws: the interval is rough"] if draws < ENOUGH_DRAWS else []
    if curve.labelled < ENOUGH_LABELS:
        notes.append(f"only {curve.labelled} labels: a curve so short tells little, and its interval is too narrow")
    gain = Interval(then - now, min(low, then - now), max(high, then - now), level, "; ".join(notes))
    return Gain(curve.labelled, more, now, then, gain)


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


def _drawn_again(curve: LearningCurve, kept: npt.NDArray[np.bool_], resamples: int, level: float, seed: int) -> Numbers:
    """Curves of draws drawn again, on groups drawn again where the curve has them, shape (resamples, S)."""
    chance = np.random.default_rng(seed)
    measured = curve.measured[:, kept]
    draws = len(measured)
    tail = (1 - level) / 2
    wider = math.sqrt(draws / (draws - 1)) * float(student.isf(tail, draws - 1) / student.isf(tail, 1e9))
    drawn = chance.integers(draws, size=(resamples, draws))
    curves = measured.mean(axis=0) + wider * (measured[drawn].mean(axis=1) - measured.mean(axis=0))
    moved = curve.resampled[:, :, kept].astype(np.float64) if len(curve.resampled) else np.empty((0, draws, 0))
    moved = moved[~np.isnan(moved).any(axis=(1, 2))]
    if len(moved):
        moved -= moved.mean(axis=0)  # small samples flatter average precision; only its spread is wanted
        curves += moved[chance.integers(len(moved), size=resamples)[:, None], drawn].mean(axis=1)
    return np.asarray(curves)
