"""Curves to draw: precision against recall, ROC, and a measure against the number of labels.

    precision_recall_curve   x recall, y precision: one point for each distinct score, from the greatest down
    roc_curve                x false positive rate, y true positive rate, from (0, 0) to (1, 1)
    label_curve              x labels that were given, y the mean of a measure over seeds, with an interval
    area_under               the mean height of a curve: one number for a label curve

Equal scores share one point. A million points are thinned to a few hundred that draw the same line: of all points,
the one farthest from the line drawn so far is added, again and again. Areas and averages are taken before that,
by `cueline.evaluation.ranking`.

A class without a positive has no precision-recall curve, one without a positive or a negative no ROC: no points.

References:
    T. Fawcett, 2006, An introduction to ROC analysis.
    J. Davis and M. Goadrich, 2006, The relationship between precision-recall and ROC curves: between two points of
    recall one may not draw a straight line; `reports.plots` draws steps.
    D. Douglas and T. Peucker, 1973, Algorithms for the reduction of the number of points: the thinning, best first.
"""

from __future__ import annotations

import heapq
import math

import numpy as np
import numpy.typing as npt
from scipy import special

from cueline.errors import TimelineError
from cueline.evaluation.inputs import as_judged, as_pair, refuse_strange
from cueline.evaluation.summaries import Curve, Numbers

MOST_POINTS = 500
_UNSEEN = 1e-4  # of the height of a plot


def precision_recall_curve(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    name: str,
    judged: npt.ArrayLike | None = None,
    most: int = MOST_POINTS,
) -> Curve:
    """Precision against recall of one class.

    Args:
        reference: Bool, shape (N,).
        scores: Same shape.
        name: What the curve is of.
        judged: Bool, shape (N,): where somebody knows; everywhere if None.
        most: Points at most, 2 or more.

    Returns:
        A curve of kind "pr", recall rising from above 0 to 1; no points without a positive.

    Raises:
        TimelineError: If shapes differ, a score that counts is not finite, or `most` is below 2.

    Example:
        >>> curve = precision_recall_curve(np.array([True, False, True]), np.array([0.9, 0.8, 0.1]), name="rain")
        >>> curve.x.tolist(), curve.y.round(2).tolist()
        ([0.5, 0.5, 1.0], [1.0, 0.5, 0.67])
    """
    right, every = _steps(reference, scores, judged)
    if not right[-1:].any():
        return Curve("pr", name, np.empty(0), np.empty(0))
    return Curve("pr", name, *thinned(right / right[-1], right / every, most=most))


def roc_curve(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    name: str,
    judged: npt.ArrayLike | None = None,
    most: int = MOST_POINTS,
) -> Curve:
    """True against false positive rate of one class.

    Args:
        reference: Bool, shape (N,).
        scores: Same shape.
        name: What the curve is of.
        judged: Bool, shape (N,): where somebody knows; everywhere if None.
        most: Points at most, 2 or more.

    Returns:
        A curve of kind "roc" from (0, 0) to (1, 1); no points without a positive or without a negative.

    Raises:
        TimelineError: As `precision_recall_curve`.

    Example:
        >>> curve = roc_curve(np.array([True, False, True]), np.array([0.9, 0.8, 0.1]), name="rain")
        >>> curve.x.tolist(), curve.y.tolist()
        ([0.0, 0.0, 1.0, 1.0], [0.0, 0.5, 0.5, 1.0])
    """
    right, every = _steps(reference, scores, judged)
    wrong = every - right
    if not (right[-1:].any() and wrong[-1:].any()):
        return Curve("roc", name, np.empty(0), np.empty(0))
    x, y = np.append(0, wrong / wrong[-1]), np.append(0, right / right[-1])
    return Curve("roc", name, *thinned(x, y, most=most))


def label_curve(
    labels: npt.ArrayLike, values: npt.ArrayLike, *, name: str, measure: str = "", level: float = 0.95
) -> Curve:
    """A measure against the number of labels, over several seeds.

    Args:
        labels: How many labels were given, rising, shape (N,).
        values: The measure of each seed at each number, shape (S, N) or (N,); NaN where it was not defined.
        name: Of the strategy that chose the labels.
        measure: What the values are, such as "average precision".
        level: Of the interval of the mean over seeds, in (0, 1): Student's t.

    Returns:
        A curve of kind "labels"; low and high are NaN where fewer than two seeds are defined.

    Raises:
        TimelineError: If shapes do not fit, numbers of labels do not rise, or the level cannot be.

    Example:
        >>> curve = label_curve([10, 20], [[0.5, 0.7], [0.6, 0.7]], name="random")
        >>> curve.y.round(2).tolist(), curve.low.round(2).tolist(), curve.high.round(2).tolist()
        ([0.55, 0.7], [-0.09, 0.7], [1.19, 0.7])
    """
    x, table = np.asarray(labels, np.float64), np.atleast_2d(np.asarray(values, np.float64))
    if x.ndim != 1 or table.ndim != 2 or table.shape[1] != len(x):
        raise TimelineError(f"values must have shape (S, N) for N numbers of labels, got {table.shape} and {x.shape}")
    if not (np.diff(x) > 0).all():
        raise TimelineError(f"numbers of labels must rise, got {x.tolist()}")
    if not 0 < level < 1:
        raise TimelineError(f"a level must lie between 0 and 1, got {level}. Is it a percentage?")
    defined = ~np.isnan(table)
    seeds = defined.sum(axis=0)
    mean = np.where(seeds, np.where(defined, table, 0).sum(axis=0) / np.maximum(seeds, 1), np.nan)
    squares = np.where(defined, (table - mean) ** 2, 0).sum(axis=0)
    enough = np.maximum(seeds - 1, 1)
    half = special.stdtrit(enough, (1 + level) / 2) * np.sqrt(squares / enough / np.maximum(seeds, 1))
    half[seeds < 2] = np.nan
    spread = {"weights": seeds.astype(np.float64), "low": mean - half, "high": mean + half}
    return Curve("labels", name, x, mean, **spread, measure=measure)


def area_under(curve: Curve) -> float:
    """The mean height of a curve over its range of x, by trapezoids; NaN points are passed over.

    Returns:
        In the unit of y; the height itself of a single point, NaN of none.

    Example:
        >>> area_under(label_curve([10, 20, 40], [0.5, 0.7, 0.7], name="random"))
        0.66...
    """
    defined = ~np.isnan(curve.y)
    x, y = curve.x[defined], curve.y[defined]
    if not len(x):
        return math.nan
    width = float(x[-1] - x[0])
    return float((np.diff(x) * (y[1:] + y[:-1])).sum() / 2 / width) if width else float(y.mean())


def thinned(x: npt.ArrayLike, y: npt.ArrayLike, *, most: int = MOST_POINTS) -> tuple[Numbers, Numbers]:
    """Of a line's points, those that draw it: the first, the last, and the farthest from what is drawn, best first.

    Args:
        x: From 0 to 1 or so, shape (N,).
        y: Likewise.
        most: How many at most, 2 or more.

    Raises:
        TimelineError: If `most` is below 2.

    Example:
        >>> [part.tolist() for part in thinned([0, 0.5, 1, 1], [0, 0.5, 1, 0])]
        [[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]
    """
    if most < 2:
        raise TimelineError(f"a line keeps 2 points or more, got {most}")
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if len(across) < 3:
        return across, up
    kept = {0, len(across) - 1}
    waiting = [_farthest(across, up, 0, len(across) - 1)]
    while waiting and len(kept) < most:
        distance, at, start, end = heapq.heappop(waiting)
        if -distance < _UNSEEN:
            break
        kept.add(at)
        for first, last in ((start, at), (at, end)):
            if last - first > 1:
                heapq.heappush(waiting, _farthest(across, up, first, last))
    rows = np.array(sorted(kept))
    return across[rows], up[rows]


def _farthest(x: Numbers, y: Numbers, start: int, end: int) -> tuple[float, int, int, int]:
    """Minus the greatest distance of a point between two from the line that joins them, and which it is."""
    wide, high = x[end] - x[start], y[end] - y[start]
    apart_x, apart_y = x[start + 1 : end] - x[start], y[start + 1 : end] - y[start]
    length = math.hypot(wide, high)
    distances = abs(apart_x * high - apart_y * wide) / length if length else np.hypot(apart_x, apart_y)
    at = int(distances.argmax())
    return -float(distances[at]), start + 1 + at, start, end


def _steps(reference: npt.ArrayLike, scores: npt.ArrayLike, judged: npt.ArrayLike | None) -> tuple[Numbers, Numbers]:
    """How many right ones, and how many of all, score as high as each distinct score, from the greatest down."""
    flags, values = as_pair(reference, scores)
    if flags.ndim != 1:
        raise TimelineError(f"a curve is of one class, shape (N,), got {flags.shape}. Take a column, or ravel for all.")
    known = as_judged(judged, flags.shape)
    refuse_strange(values, known)
    if known is not None:
        flags, values = flags[known], values[known]
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], [True] * (len(ranked) > 0)))
    return np.cumsum(flags[order])[ends].astype(np.float64), (ends + 1).astype(np.float64)
