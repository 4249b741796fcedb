"""How well shot boundaries were found: precision, recall and F1 at a tolerance.

An estimated boundary counts as right when it can be paired with a reference boundary at most
`tolerance` seconds away. Pairs are one to one: a second estimate for the same cut is a mistake. Of all
ways to pair, one with the most pairs is taken. Times are seconds; a tolerance gives way by `SLACK`, so
that "one frame" means one frame in floats too. Tolerance 0 asks for the exact frame.

    boundary_scores    instants: cuts, beats, changes of scene
    shot_scores        spans: right when start and end both are
    transition_scores  reference spans: dissolves, fades and cuts that an estimate must fall into
    scene_recall       instants, the true ones alone: recall at 3 s
    pooled             many films as one: counts are added, never averages of ratios

The first shot's start and the last shot's end are no boundaries: `cueline.timeline.spans.boundaries`
leaves them out, and they would be right for free.

Nothing to find and nothing found: where a ratio has nothing to count it is NaN, not 0 and not 1. Zero
would call a detector wrong that rightly found no cut in a film without cuts; one would let it pass for
perfect. Precision is NaN when nothing was estimated, recall is NaN when there is nothing to find, F1
is NaN when both hold and 0 when only one does. Pool films before reading a ratio and it rarely happens.

References:
    J. S. Boreczky and L. A. Rowe, 1996, Comparison of video shot boundary detection techniques.
    A. F. Smeaton, P. Over and A. R. Doherty, 2010, Video shot boundary detection: Seven years of
    TRECVid activity: gradual transitions match when they share a frame, once.
    F. Glover, 1967, Maximum matching in a convex bipartite graph: the sweep that `matched` takes.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.timeline.spans import SLACK, Spans, Times, as_spans

Pairs = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class BoundaryScores:
    """Ratios in [0, 1] or NaN, and the counts they come from.

    Attributes:
        precision: Share of the estimates that are right; NaN where nothing was estimated.
        recall: Share of the references that were found; NaN where there is nothing to find.
        f1: 2 matched / (reference + estimated), the harmonic mean of the two; NaN where both counts are 0.
        matched: Pairs.
        reference: How many there are to find.
        estimated: How many were found, rightly or not.
    """

    precision: float
    recall: float
    f1: float
    matched: int
    reference: int
    estimated: int

    @classmethod
    def of(cls, matched: int, *, reference: int, estimated: int) -> BoundaryScores:
        """Ratios from counts.

        Raises:
            TimelineError: If a count is negative, or there are more pairs than things to pair.

        Example:
            >>> BoundaryScores.of(3, reference=4, estimated=6)
            BoundaryScores(precision=0.5, recall=0.75, f1=0.6, matched=3, reference=4, estimated=6)
        """
        if not 0 <= matched <= min(reference, estimated):
            raise TimelineError(
                f"matches must number from 0 to the smaller count, got {matched} of {reference} reference and "
                f"{estimated} estimated"
            )
        return cls(
            precision=matched / estimated if estimated else math.nan,
            recall=matched / reference if reference else math.nan,
            f1=2 * matched / (reference + estimated) if reference + estimated else math.nan,
            matched=matched,
            reference=reference,
            estimated=estimated,
        )


def matches(reference: Times, estimated: Times, *, tolerance: float) -> Pairs:
    """Pair as many reference and estimated times as can be paired, one to one.

    One sweep in order of time: each estimate takes, of the references within its reach that are left, the
    earliest, for that one is the first to go out of reach. No pairing has more pairs.

    Args:
        reference: Seconds, shape (N,), any order.
        estimated: Seconds, shape (M,), any order.
        tolerance: Greatest distance of a pair in seconds, 0 or more.

    Returns:
        Rows of `reference` and of `estimated`, shape (K, 2), in order of time.

    Raises:
        TimelineError: If a time is not finite, a shape is not (N,), or the tolerance is below 0.

    Example:
        >>> matches(np.array([1.0, 2.0]), np.array([1.9, 5.0]), tolerance=0.2).tolist()
        [[1, 0]]
    """
    reference, estimated = _times(reference, "reference"), _times(estimated, "estimated")
    return _sweep(np.column_stack((reference, reference)), estimated, tolerance)


def boundary_scores(reference: Times, estimated: Times, *, tolerance: float) -> BoundaryScores:
    """Precision, recall and F1 of boundaries that are instants.

    Args:
        reference: Seconds, shape (N,), any order.
        estimated: Seconds, shape (M,), any order.
        tolerance: Greatest distance of a pair in seconds, 0 or more; half a frame means the same frame.

    Returns:
        Scores; see the head of this module for empty input.

    Raises:
        TimelineError: As `matches`.

    Example:
        >>> boundary_scores(np.array([1.0, 2.0]), np.array([1.1, 1.9, 3.0, 4.0]), tolerance=0.2)
        BoundaryScores(precision=0.5, recall=1.0, f1=0.66..., matched=2, reference=2, estimated=4)
    """
    pairs = matches(reference, estimated, tolerance=tolerance)
    return BoundaryScores.of(len(pairs), reference=len(reference), estimated=len(estimated))


def transition_scores(reference: Spans, estimated: Times, *, tolerance: float) -> BoundaryScores:
    """Precision, recall and F1 where a reference transition lasts: a dissolve, a fade, a wipe.

    An estimate is right when it lies in `[start - tolerance, end + tolerance]` of a transition that no
    other estimate was paired with. A hard cut is an instant, `start == end`, the start of the new shot;
    then this is `boundary_scores`. As many pairs are made as can be made.

    Args:
        reference: Seconds, shape (N, 2), any order.
        estimated: Seconds, shape (M,), any order.
        tolerance: How far outside a transition an estimate may lie, in seconds, 0 or more.

    Returns:
        Scores; see the head of this module for empty input.

    Raises:
        TimelineError: If spans, times or tolerance cannot be.

    Example:
        >>> dissolve_and_cut = np.array([[4.0, 5.0], [9.0, 9.0]])
        >>> transition_scores(dissolve_and_cut, np.array([4.2, 4.9, 9.0]), tolerance=0.04).matched
        2
    """
    reference = as_spans(reference, what="reference transitions")
    estimated = _times(estimated, "estimated")
    pairs = _sweep(reference, estimated, tolerance)
    return BoundaryScores.of(len(pairs), reference=len(reference), estimated=len(estimated))


def shot_scores(reference: Spans, estimated: Spans, *, tolerance: float) -> BoundaryScores:
    """Precision, recall and F1 of whole shots: right when start and end both are near enough.

    Harder than boundaries: one false cut costs two shots. Unlike boundaries, the first and last shot
    take part, so a film without cuts has one shot to find.

    Args:
        reference: Shots that do not overlap, seconds, shape (N, 2), any order.
        estimated: Shots that do not overlap, seconds, shape (M, 2), any order.
        tolerance: Greatest distance of two starts, and of two ends, in seconds, 0 or more.

    Returns:
        Scores; see the head of this module for empty input.

    Raises:
        TimelineError: If spans or tolerance cannot be, or shots of one side overlap.

    Example:
        >>> film = np.array([[0.0, 4.0], [4.0, 9.0]])
        >>> shot_scores(film, np.array([[0.0, 4.0], [4.0, 7.0], [7.0, 9.0]]), tolerance=0.1).matched
        1
    """
    reference, estimated = _shots(reference, "reference"), _shots(estimated, "estimated")
    limit = _limit(tolerance)
    matched, row = 0, 0
    for start, end in reference.tolist():
        while row < len(estimated) and (estimated[row] < (start - limit, end - limit)).any():
            row += 1
        if row < len(estimated) and (estimated[row] <= (start + limit, end + limit)).all():
            matched, row = matched + 1, row + 1
    return BoundaryScores.of(matched, reference=len(reference), estimated=len(estimated))


def scene_recall(reference: Times, estimated: Times, *, tolerance: float = 3.0) -> float:
    """Recall at 3 s: share of the true boundaries with an estimated one at most so far away.

    One estimate may stand for several boundaries, and estimates that are wrong cost nothing: read it beside a
    precision, or take `boundary_scores`, which pairs one to one.

    Args:
        reference: Seconds, shape (N,), any order.
        estimated: Seconds, shape (M,), any order.
        tolerance: Greatest distance in seconds, 0 or more.

    Returns:
        Between 0 and 1; NaN where there is nothing to find.

    Raises:
        TimelineError: As `matches`.

    Example:
        >>> scene_recall(np.array([10.0, 60.0]), np.array([12.5, 40.0]))
        0.5
    """
    limit, reference, estimated = _limit(tolerance), _times(reference, "reference"), _times(estimated, "estimated")
    if not len(reference):
        return math.nan
    edges = np.concatenate(([-math.inf], np.sort(estimated), [math.inf]))
    after = np.searchsorted(edges, reference)
    nearest = np.minimum(edges[after] - reference, reference - edges[after - 1])
    return float((nearest <= limit).mean())


def pooled(scores: Iterable[BoundaryScores]) -> BoundaryScores:
    """The scores of many films as of one: counts are added, so a long film weighs more than a short one.

    Returns:
        Scores; those of nothing for no film.

    Example:
        >>> short, long = BoundaryScores.of(1, reference=1, estimated=1), BoundaryScores.of(0, reference=3, estimated=1)
        >>> pooled([short, long])
        BoundaryScores(precision=0.5, recall=0.25, f1=0.33..., matched=1, reference=4, estimated=2)
    """
    films = list(scores)
    return BoundaryScores.of(
        sum(film.matched for film in films),
        reference=sum(film.reference for film in films),
        estimated=sum(film.estimated for film in films),
    )


def _sweep(reference: Spans, estimated: Times, tolerance: float) -> Pairs:
    """Pair times with the spans they lie in, give or take the tolerance: of those open, the first to close."""
    limit = _limit(tolerance)
    waiting = np.argsort(-reference[:, 0], kind="stable").tolist()  # popped from the end: earliest start first
    opening, closing = (reference[:, 0] - limit).tolist(), (reference[:, 1] + limit).tolist()
    open_now: list[tuple[float, int]] = []
    pairs: list[tuple[int, int]] = []
    for column in np.argsort(estimated, kind="stable").tolist():
        time = estimated[column]
        while waiting and opening[waiting[-1]] <= time:
            row = waiting.pop()
            heapq.heappush(open_now, (closing[row], row))
        while open_now and open_now[0][0] < time:
            heapq.heappop(open_now)
        if open_now:
            pairs.append((heapq.heappop(open_now)[1], column))
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def _limit(tolerance: float) -> float:
    if not 0 <= tolerance < math.inf:
        raise TimelineError(f"a tolerance must be 0 s or more, got {tolerance}")
    return tolerance + SLACK


def _times(times: Times, side: str) -> Times:
    times = np.asarray(times, dtype=np.float64)
    if times.ndim != 1:
        raise TimelineError(
            f"{side} boundaries must have shape (N,), got {times.shape}. For shots pass boundaries(spans)."
        )
    wrong = np.flatnonzero(~np.isfinite(times))
    if wrong.size:
        raise TimelineError(f"{side} boundaries must be finite seconds, got {times[wrong[0]]} at row {wrong[0]}")
    return times


def _shots(spans: Spans, side: str) -> Spans:
    spans = as_spans(spans, what=f"{side} shots")
    spans = spans[np.lexsort((spans[:, 1], spans[:, 0]))]
    wrong = np.flatnonzero(spans[1:, 0] < spans[:-1, 1] - SLACK)
    if wrong.size:
        first, second = spans[wrong[0]].tolist(), spans[wrong[0] + 1].tolist()
        raise TimelineError(f"{side} shots must not overlap, got {first} and {second}. Are the ends inclusive?")
    return spans
