"""Can the scores be believed: calibration error, Brier score and the reliability curve.

Scores are chances here, in [0, 1]: of all pairs scored 0.7, seven in ten should be right. The reference is bool, of the
same shape, (N,) or (N, C); the pairs of all classes are pooled. For a model that picks one class of many, pass its
greatest score of each row, and whether that class was right, both of shape (N,).

    reliability_curve            mean score against share of positives, bin by bin
    expected_calibration_error   how far the two lie apart, each bin weighed by its pairs
    brier_score                  mean squared error, beside that of always saying the base rate

Bins of equal width leave the many pairs of rare classes all in the first; bins of equal mass hold as many pairs each. A
bin holds its upper edge, not its lower, but for the first. What is not judged does not count. Of nothing, every number
is NaN and the curve is empty.

References:
    M. H. DeGroot and S. E. Fienberg, 1983, The comparison and evaluation of forecasters: the curve.
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, 2017, On calibration of modern neural networks: ECE.
    G. W. Brier, 1950, Verification of forecasts expressed in terms of probability.
    scikit-learn, calibration_curve and brier_score_loss: what these numbers agree with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError, near_miss
from cueline.evaluation.inputs import Counts, Flags, Floats, Scores, as_table, blocks, refuse_strange
from cueline.evaluation.summaries import Curve

Binning = Literal["width", "mass"]


@dataclass(frozen=True, slots=True, eq=False)
class Brier:
    """Mean squared error of chances: 0 is perfect.

    Attributes:
        score: Mean over all judged pairs of (score - reference) squared.
        base: What one gets who always says each class's own share of positives.
        skill: 1 - score / base: 1 is perfect, 0 no better than the base, below 0 worse; NaN where the base is 0.
        classes: The score of each class, shape (C,); NaN where nothing was judged.
    """

    score: float
    base: float
    skill: float
    classes: Floats


def reliability_curve(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    name: str = "",
    bins: int = 10,
    binning: Binning = "width",
    judged: npt.ArrayLike | None = None,
) -> Curve:
    """Mean score against share of positives of each bin that holds something.

    Args:
        reference: Bool, shape (N,) or (N, C).
        scores: Chances, same shape.
        name: Of the curve.
        bins: 1 or more.
        binning: "width" for equal steps of the score, "mass" for as many pairs in each, which copies the scores.
        judged: Bool, same shape: where somebody knows; everywhere if None.

    Returns:
        Of kind "reliability"; `weights` are the pairs of each bin.

    Raises:
        TimelineError: If a dtype or shape will not do, a score that counts is not in [0, 1], or bins is below 1.
        OptionError: If there is no such binning.

    Example:
        >>> curve = reliability_curve(np.array([False, False, True, True]), np.array([0.1, 0.3, 0.9, 0.9]), bins=2)
        >>> curve.x.tolist(), curve.y.tolist(), curve.weights.tolist()
        ([0.2, 0.9], [0.0, 1.0], [2.0, 2.0])
    """
    found = _binned(reference, scores, bins, binning, judged)
    used = found.pairs > 0
    pairs = found.pairs[used].astype(np.float64)
    return Curve("reliability", name, found.scores[used] / pairs, found.positives[used] / pairs, weights=pairs)


def expected_calibration_error(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    bins: int = 10,
    binning: Binning = "width",
    judged: npt.ArrayLike | None = None,
) -> float:
    """ECE: the distance of mean score and share of positives, averaged over pairs, bin by bin.

    Args:
        reference: Bool, shape (N,) or (N, C).
        scores: Chances, same shape.
        bins: 1 or more.
        binning: As in `reliability_curve`.
        judged: Bool, same shape: where somebody knows; everywhere if None.

    Returns:
        Between 0 and 1; 0 is perfect. NaN if nothing was judged.

    Raises:
        TimelineError: As `reliability_curve`.
        OptionError: As `reliability_curve`.

    Example:
        >>> expected_calibration_error(np.array([True, False, True, True]), np.array([0.75, 0.75, 0.75, 0.75]))
        0.0
    """
    found = _binned(reference, scores, bins, binning, judged)
    total = int(found.pairs.sum())
    return float(np.abs(found.scores - found.positives).sum()) / total if total else math.nan


def brier_score(reference: npt.ArrayLike, scores: npt.ArrayLike, *, judged: npt.ArrayLike | None = None) -> Brier:
    """Mean squared error of chances, beside that of the base rates.

    Args:
        reference: Bool, shape (N,) or (N, C).
        scores: Chances, same shape.
        judged: Bool, same shape: where somebody knows; everywhere if None.

    Returns:
        Score, base and skill over all pairs, and the score of each class.

    Raises:
        TimelineError: If a dtype or shape will not do, or a score that counts is not in [0, 1].

    Example:
        >>> found = brier_score(np.array([True, False]), np.array([0.9, 0.1]))
        >>> round(found.score, 6), found.base, round(found.skill, 6)
        (0.01, 0.25, 0.96)
    """
    flags, values, known = as_table(reference, scores, judged)
    errors, positives, pairs = np.zeros((3, values.shape[1]))
    for rows in blocks(*values.shape):
        own = np.ones_like(flags[rows]) if known is None else known[rows]
        _refuse_no_chance(values[rows], own, rows.start)
        distances = np.where(own, values[rows].astype(np.float64) - flags[rows], 0.0)
        errors += (distances**2).sum(axis=0)
        positives += np.count_nonzero(flags[rows] & own, axis=0)
        pairs += np.count_nonzero(own, axis=0)
    total = float(pairs.sum())
    if not total:
        return Brier(math.nan, math.nan, math.nan, np.full(values.shape[1], np.nan))
    each = np.divide(errors, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    score = float(errors.sum()) / total
    base = float((positives - positives**2 / np.maximum(pairs, 1)).sum()) / total
    return Brier(score, base, 1 - score / base if base else math.nan, each)


class _Bins(NamedTuple):
    """Sums of each bin."""

    pairs: Counts
    scores: Floats
    positives: Counts


def _binned(
    reference: npt.ArrayLike, scores: npt.ArrayLike, bins: int, binning: str, judged: npt.ArrayLike | None
) -> _Bins:
    if bins < 1:
        raise TimelineError(f"there must be 1 bin or more, got {bins}")
    if binning not in ("width", "mass"):
        hint = near_miss(binning, ("width", "mass"))
        raise OptionError(f"bins are of equal 'width' or of equal 'mass', got {binning!r}.{hint}")
    flags, values, known = as_table(reference, scores, judged)
    for rows in blocks(*values.shape):
        _refuse_no_chance(values[rows], None if known is None else known[rows], rows.start)
    edges = np.linspace(0, 1, bins + 1) if binning == "width" else _even(values, known, bins)
    found = _Bins(np.zeros(bins, np.int64), np.zeros(bins), np.zeros(bins, np.int64))
    for rows in blocks(*values.shape):
        own = slice(None) if known is None else known[rows]
        score, right = values[rows][own].ravel(), flags[rows][own].ravel()
        at = np.searchsorted(edges[1:-1], score)
        found.pairs[:] += np.bincount(at, minlength=bins)
        found.scores[:] += np.bincount(at, weights=score, minlength=bins)
        found.positives[:] += np.bincount(at[right], minlength=bins)
    return found


def _even(values: Scores, known: Flags | None, bins: int) -> Floats:
    """Edges with as many scores between each two."""
    counted = values.ravel() if known is None else values[known]
    if not counted.size:
        return np.linspace(0, 1, bins + 1)
    return np.quantile(counted.astype(np.float64), np.linspace(0, 1, bins + 1))


def _refuse_no_chance(scores: Scores, judged: Flags | None, first_row: int) -> None:
    refuse_strange(scores, judged, first_row=first_row)
    with np.errstate(invalid="ignore"):  # NaN may stand where nobody judged
        wrong = (scores < 0) | (scores > 1)
    if judged is not None:
        wrong &= judged
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise TimelineError(
            f"chances must lie in [0, 1], got {scores[row, column]} in row {row + first_row}, column {column}. "
            "Are the scores logits? Apply a sigmoid first."
        )
