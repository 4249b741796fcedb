"""Do two people mark the same ranges: spans paired by how much they overlap, and what is left over.

Two spans fit when their intersection over union is at least a limit. Pairs are one to one; of all ways to pair, one
with the most pairs is taken, and of those one whose overlaps add up to most. Nobody's spans are the truth: precision is
the share of the second person's spans that the first has too, recall the other way round, and F1 is the same whoever
is called first.

    interval_agreement   precision, recall, F1 and the mean IoU of the pairs, of one asset
    matched_spans        the pairs themselves
    pooled_intervals     many assets as one: counts are added

Nothing to count is as in `cueline.evaluation.boundaries.matching`: NaN.

References:
    M. Everingham et al., 2010, The Pascal Visual Object Classes Challenge: overlap as intersection over union.
    H. W. Kuhn, 1955, The Hungarian method for the assignment problem; here scipy's linear_sum_assignment.
    G. Hripcsak and A. S. Rothschild, 2005, Agreement, the F-measure, and reliability in information retrieval: with
    many places that nobody marks, kappa tends to F1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.boundaries.matching import BoundaryScores, pooled
from cueline.timeline.spans import SLACK, Spans, as_spans, durations

Pairs = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class IntervalAgreement:
    """How alike the spans of two people are.

    Attributes:
        scores: Precision, recall and F1, with their counts.
        mean_iou: Mean intersection over union of the pairs, in [limit, 1]; NaN without one.
    """

    scores: BoundaryScores
    mean_iou: float


def interval_agreement(reference: Spans, estimated: Spans, *, iou: float = 0.5) -> IntervalAgreement:
    """How well two people's spans of one class in one asset fit.

    Args:
        reference: Of one person, seconds, shape (N, 2), any order.
        estimated: Of the other, seconds, shape (M, 2), any order.
        iou: Least intersection over union of a pair, in (0, 1].

    Returns:
        Scores; see the head of this module for empty input.

    Raises:
        TimelineError: If spans or the limit cannot be.

    Example:
        >>> found = interval_agreement(np.array([[0.0, 10.0], [20.0, 30.0]]), np.array([[1.0, 10.0]]))
        >>> found.scores.f1, found.mean_iou
        (0.66..., 0.9)
    """
    pairs, overlaps = matched_spans(reference, estimated, iou=iou)
    scores = BoundaryScores.of(len(pairs), reference=len(reference), estimated=len(estimated))
    return IntervalAgreement(scores, float(overlaps.mean()) if len(pairs) else math.nan)


def matched_spans(reference: Spans, estimated: Spans, *, iou: float = 0.5) -> tuple[Pairs, Floats]:
    """Pair spans one to one: as many as can be, and so that their overlaps add up to most.

    Args:
        reference: Seconds, shape (N, 2), any order.
        estimated: Seconds, shape (M, 2), any order.
        iou: Least intersection over union of a pair, in (0, 1].

    Returns:
        Rows of both, shape (K, 2), in order of the reference, and the IoU of each pair, shape (K,).

    Raises:
        TimelineError: If spans or the limit cannot be.
    """
    if not 0 < iou <= 1:
        raise TimelineError(f"the least overlap of a pair must lie above 0 and at most at 1, got {iou}")
    reference, estimated = as_spans(reference, what="reference spans"), as_spans(estimated, what="estimated spans")
    fitting, overlaps = _fitting(reference, estimated, iou)
    chosen = _best(fitting, overlaps, len(reference), len(estimated))
    chosen = chosen[np.argsort(fitting[chosen, 0], kind="stable")]
    return fitting[chosen], overlaps[chosen]


def pooled_intervals(agreements: Iterable[IntervalAgreement]) -> IntervalAgreement:
    """The agreement on many assets as on one: counts are added, pairs weigh the same wherever they lie.

    Example:
        >>> whole = interval_agreement(np.array([[0.0, 1.0]]), np.array([[0.0, 1.0]]))
        >>> pooled_intervals([whole, interval_agreement(np.array([[0.0, 1.0]]), np.empty((0, 2)))]).scores.recall
        0.5
    """
    files = list(agreements)
    scores = pooled(file.scores for file in files)
    total = math.fsum(file.mean_iou * file.scores.matched for file in files if file.scores.matched)
    return IntervalAgreement(scores, total / scores.matched if scores.matched else math.nan)


def _fitting(reference: Spans, estimated: Spans, limit: float) -> tuple[Pairs, Floats]:
    """Rows of spans that fit, shape (K, 2), and their IoU; only those that start near one another are looked at.

    Spans that fit start at most (1 - limit) of their union apart, and the union is at most 1 / limit of either length.
    """
    order = np.argsort(estimated[:, 0], kind="stable")
    starts, reach = estimated[order, 0], durations(reference) * (1 - limit) / limit + SLACK
    first = np.searchsorted(starts, reference[:, 0] - reach, side="left")
    counts = np.searchsorted(starts, reference[:, 0] + reach, side="right") - first
    rows = np.repeat(np.arange(len(reference)), counts)
    columns = order[np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(len(rows))]
    one, two = reference[rows], estimated[columns]
    shared = np.clip(np.minimum(one[:, 1], two[:, 1]) - np.maximum(one[:, 0], two[:, 0]), 0, None)
    union = durations(one) + durations(two) - shared
    overlaps = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    enough = overlaps >= limit - SLACK
    return np.column_stack((rows, columns))[enough], overlaps[enough]


def _best(pairs: Pairs, overlaps: Floats, references: int, estimates: int) -> npt.NDArray[np.intp]:
    """Which pairs to take; what hangs together is settled apart from the rest, for it is small."""
    if not len(pairs):
        return np.empty(0, np.intp)
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = references + estimates
    edges = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], references + pairs[:, 1])), shape=(size, size))
    part = connected_components(edges, directed=False)[1][pairs[:, 0]]
    order = np.argsort(part, kind="stable")
    borders = np.flatnonzero(np.diff(part[order])) + 1
    return np.concatenate([own[_assigned(pairs[own], overlaps[own])] for own in np.split(order, borders)])


def _assigned(pairs: Pairs, overlaps: Floats) -> npt.NDArray[np.intp]:
    """Which of the pairs of one part to take: another pair outweighs all overlaps together."""
    if len(pairs) == 1:
        return np.zeros(1, np.intp)
    from scipy.optimize import linear_sum_assignment

    rows, row = np.unique(pairs[:, 0], return_inverse=True)
    columns, column = np.unique(pairs[:, 1], return_inverse=True)
    number = np.full((len(rows), len(columns)), -1, np.intp)
    number[row, column] = np.arange(len(pairs))
    worth = np.where(number >= 0, min(number.shape) + 1 + overlaps[number], 0.0)
    taken = number[linear_sum_assignment(worth, maximize=True)]
    return np.asarray(taken[taken >= 0], np.intp)
