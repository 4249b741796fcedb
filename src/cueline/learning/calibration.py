"""Scores that mean what they say: log-odds bent to the chances that rows kept apart show, and thresholds from them.

First one slope and one offset for all classes (Platt, 1999), held near 1 and 0, so that a handful of rows changes
little; then one of each for every class, held near the common ones by a Gaussian prior: a class with three positives
hardly moves, one with three hundred goes where its rows are.

A threshold is the chance from which on a class is said to be there: that of the best F1 on the rows kept apart, for
classes with enough positives; the common one, of the best F1 over all pairs, for the others.

References:
    J. Platt, 1999, Probabilistic outputs for support vector machines.
    Z. C. Lipton, C. Elkan and B. Naryanaswamy, 2014, Thresholding classifiers to maximize F1 score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.timeline.examples import LabelLists

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ROUNDS = 8  # of Newton's method; it has settled after about six
COMMON_PRECISION = np.array([0.5, 1.0]) ** -2.0  # of slope and offset of all classes around 1 and 0
CLASS_PRECISION = np.array([0.15, 0.4]) ** -2.0  # of those of a class around all classes
ENOUGH = 10  # positives for a threshold of its own
BLOCK = 256  # classes at a time
LEAST_CHANCE = 0.01  # pairs below do not take part in the common threshold
FARTHEST = 30.0  # log-odds beyond are as sure as a float can say
LEAST_SLOPE = 0.05  # a class is never turned upside down
LEAST_THRESHOLD = np.float32(1e-6)
TINY = 1e-9
HALF = np.float32(0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Calibrated log-odds are `slopes * log_odds + offsets`.

    Attributes:
        slopes: Above 0, shape (C,).
        offsets: Shape (C,).
    """

    slopes: Floats
    offsets: Floats

    def apply(self, log_odds: Floats) -> Floats:
        """Calibrated log-odds, shape (N, C)."""
        return log_odds * self.slopes + self.offsets


def fit_calibration(log_odds: Floats, reference: LabelLists, unknown: LabelLists | None = None) -> Calibration:
    """Slopes and offsets from rows that the model did not learn from.

    Args:
        log_odds: What the model says, shape (N, C).
        reference: What the rows have.
        unknown: What nobody judged, for each row; takes no part.

    Raises:
        TimelineError: If the shapes differ, or there is not one positive.
    """
    flags = _checked(log_odds, reference)
    known = np.ones(flags.shape, np.bool_) if unknown is None else ~unknown.dense()
    start = np.array([[1.0], [0.0]])
    common = _newton(log_odds.reshape(1, -1), flags.reshape(1, -1), known.reshape(1, -1), start, COMMON_PRECISION)
    slopes, offsets = np.empty(reference.width, np.float32), np.empty(reference.width, np.float32)
    for first in range(0, reference.width, BLOCK):
        block = slice(first, first + BLOCK)
        odds = np.ascontiguousarray(log_odds[:, block].T)
        slopes[block], offsets[block] = _newton(odds, flags[:, block].T, known[:, block].T, common, CLASS_PRECISION)
    return Calibration(slopes, offsets)


def fit_thresholds(chances: Floats, reference: LabelLists, unknown: LabelLists | None = None) -> Floats:
    """For each class the chance from which on it is said to be there.

    Args:
        chances: Calibrated, of rows that the model did not learn from, shape (N, C).
        reference: What the rows have.
        unknown: What nobody judged, for each row; takes no part.

    Returns:
        Shape (C,), each in (0, 1).

    Raises:
        TimelineError: If the shapes differ, or there is not one positive.
    """
    flags = _checked(chances, reference)
    judged = np.ones(flags.shape, np.bool_) if unknown is None else ~unknown.dense()
    likely = judged & (chances >= min(LEAST_CHANCE, chances[flags].max()))
    common = _best_f1(chances[likely], flags[likely], int(flags.sum()))
    thresholds = np.full(reference.width, common, np.float32)
    counts = reference.counts()
    for column in np.flatnonzero(counts >= ENOUGH).tolist():
        known = judged[:, column]
        thresholds[column] = _best_f1(chances[known, column], flags[known, column], int(counts[column]))
    return np.clip(thresholds, LEAST_THRESHOLD, 1 - LEAST_THRESHOLD)


def _newton(log_odds: Floats, flags: Flags, known: Flags, start: Numbers, precision: Numbers) -> Numbers:
    """Slope and offset of each row with the greatest posterior chance, shape (2, C), by Newton's method.

    Args:
        log_odds: Shape (C, N).
        flags: Shape (C, N).
        known: Which of them count, shape (C, N).
        start: Middle of the prior, shape (2, 1).
        precision: Of the prior, shape (2,).
    """
    found = np.repeat(start, len(log_odds), axis=1)
    x, count = np.clip(log_odds, -FARTHEST, FARTHEST), known.astype(np.float32)
    for _ in range(ROUNDS):
        slope, offset = found.astype(np.float32)[:, :, None]
        chances = np.tanh((slope * x + offset) * HALF) * HALF + HALF
        wrong = (chances - flags) * count
        chances *= 1 - chances
        chances *= count
        gradient = np.stack((np.einsum("cn,cn->c", wrong, x), wrong.sum(axis=1))) + precision[:, None] * (found - start)
        a = np.einsum("cn,cn,cn->c", chances, x, x) + precision[0] + TINY
        b = np.einsum("cn,cn->c", chances, x).astype(np.float64)
        c = chances.sum(axis=1) + precision[1] + TINY
        determinant = a * c - b * b
        step = np.stack((c * gradient[0] - b * gradient[1], a * gradient[1] - b * gradient[0])) / determinant
        found = found - np.clip(step, -1.0, 1.0)
        found[0] = np.maximum(found[0], LEAST_SLOPE)
    return found


def _best_f1(chances: Floats, flags: Flags, positives: int) -> float:
    """The chance half-way below the last one that the best F1 takes in."""
    order = np.argsort(-chances, kind="stable")
    ordered, hits = chances[order], np.cumsum(flags[order])
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + positives)
    ends = np.append(ordered[:-1] > ordered[1:], True)[: len(ordered)]  # equal chances are taken in together
    best = int(np.argmax(np.where(ends, f1, -1.0)))
    below = ordered[best + 1] if best + 1 < len(ordered) else 0.0
    return float((ordered[best] + below) / 2)


def _checked(scores: Floats, reference: LabelLists) -> Flags:
    if scores.shape != (len(reference), reference.width):
        raise TimelineError(
            f"scores must have the shape of the answers, {(len(reference), reference.width)}, got {scores.shape}"
        )
    if not len(reference.ids):
        raise TimelineError("calibration needs rows that have a class, got none. Keep more rows apart.")
    return reference.dense()
