"""Span, and functions over many spans: the arithmetic of time.

A span is `[start, end)` in seconds, half-open: spans that touch do not overlap, and a span of zero
length is an instant. Many spans are one float64 array of shape (N, 2), columns start and end; every
function here takes and gives such arrays, in any order unless it says otherwise.

An instant lies inside `[start, end)` when `start <= instant < end`; it has no length, so it overlaps
nothing and its intersection over union with anything is 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError

Spans = npt.NDArray[np.float64]
Times = npt.NDArray[np.float64]

SLACK = 1e-9  # seconds: a tolerance gives way by so much, because 0.3 - 0.2 is not 0.1 in floats


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """A stretch of time, `[start, end)` in seconds.

    Example:
        >>> Span(1.0, 3.0) & Span(2.0, 5.0)
        Span(2.0, 3.0)
        >>> 3.0 in Span(1.0, 3.0)
        False
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        """Refuse what is not finite or ends before it starts."""
        if not (math.isfinite(self.start) and math.isfinite(self.end)):
            raise TimelineError(f"a span needs finite seconds, got [{self.start}, {self.end})")
        if self.end < self.start:
            raise TimelineError(
                f"a span must not end before it starts, got [{self.start}, {self.end}). Are start and end swapped?"
            )

    @property
    def duration(self) -> float:
        """Length in seconds, zero for an instant."""
        return self.end - self.start

    @property
    def middle(self) -> float:
        """The time half-way, in seconds."""
        return self.start + self.duration / 2

    def __contains__(self, time: float) -> bool:
        """Whether `start <= time < end`; an instant contains its own time."""
        return self.start <= time < self.end or (self.start == self.end == time)

    def __and__(self, other: Span) -> Span | None:
        """What both cover, or None where they share no time."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None

    def __or__(self, other: Span) -> Span:
        """The shortest span that covers both, with the gap between them."""
        return Span(min(self.start, other.start), max(self.end, other.end))

    def overlaps(self, other: Span) -> bool:
        """Whether the two share more than a border."""
        return (self & other) is not None

    def __iter__(self) -> Iterator[float]:
        """Unpack as `start, end = span`."""
        return iter((self.start, self.end))

    def __repr__(self) -> str:
        """Short and exact."""
        return f"Span({self.start!r}, {self.end!r})"


def as_spans(values: npt.ArrayLike | list[Span], *, what: str = "spans") -> Spans:
    """Check an array of spans at the door.

    Args:
        values: Anything that makes an (N, 2) array of seconds, or a list of Span; empty is allowed.
        what: What the spans are, for the message.

    Returns:
        Read-only float64 array of shape (N, 2).

    Raises:
        TimelineError: If the shape is wrong, a value is not finite, or an end precedes its start.
    """
    pairs: Any = [tuple(v) if isinstance(v, Span) else v for v in values] if isinstance(values, list) else values
    spans = np.array(pairs, dtype=np.float64)
    if spans.size == 0:
        spans = spans.reshape(0, 2)
    if spans.ndim != 2 or spans.shape[1] != 2:
        raise TimelineError(f"{what} must have shape (N, 2), got {spans.shape}. Are the columns start, end?")
    unknown = np.flatnonzero(~np.isfinite(spans).all(axis=1))
    if unknown.size:
        raise TimelineError(f"{what} must be finite seconds, got {spans[unknown[0]].tolist()} at row {unknown[0]}")
    wrong = np.flatnonzero(spans[:, 1] < spans[:, 0])
    if wrong.size:
        got = f"{spans[wrong[0]].tolist()} at row {wrong[0]}"
        raise TimelineError(f"{what} must not end before they start, got {got}. Are the columns start, end?")
    spans.flags.writeable = False
    return spans


def durations(spans: Spans) -> Times:
    """Length of each span in seconds, shape (N,)."""
    return spans[:, 1] - spans[:, 0]


def middles(spans: Spans) -> Times:
    """The time half-way through each span in seconds, shape (N,)."""
    return spans[:, 0] + durations(spans) / 2


def overlap(first: Spans, second: Spans) -> npt.NDArray[np.float64]:
    """Seconds that each pair shares; takes N x M numbers of memory, so no track of frames against another.

    Args:
        first: Spans, shape (N, 2).
        second: Spans, shape (M, 2).

    Returns:
        Shape (N, M), zero where a pair shares nothing.
    """
    start = np.maximum(first[:, None, 0], second[None, :, 0])
    end = np.minimum(first[:, None, 1], second[None, :, 1])
    shared: npt.NDArray[np.float64] = np.clip(end - start, 0.0, None)
    return shared


def iou(first: Spans, second: Spans) -> npt.NDArray[np.float64]:
    """Intersection over union of each pair, in [0, 1]; takes memory as `overlap` does.

    Args:
        first: Spans, shape (N, 2).
        second: Spans, shape (M, 2).

    Returns:
        Shape (N, M); a pair of instants, even equal ones, has 0.
    """
    shared = overlap(first, second)
    union = durations(first)[:, None] + durations(second)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def merge(spans: Spans, *, gap: float = 0.0) -> Spans:
    """Join spans that overlap, touch, or lie at most `gap` seconds apart.

    Args:
        spans: Shape (N, 2), any order.
        gap: Greatest silence in seconds that is bridged, 0 or more.

    Returns:
        Disjoint spans in order of time, shape (M, 2), M <= N.
    """
    if not gap >= 0:
        raise TimelineError(f"merge bridges gaps of 0 s or more, got {gap}")
    if not len(spans):
        return as_spans(spans)
    ordered = spans[np.lexsort((spans[:, 1], spans[:, 0]))]
    reach = np.maximum.accumulate(ordered[:, 1])
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:, 0] > reach[:-1] + gap)))
    ends = np.append(starts[1:] - 1, len(ordered) - 1)
    return as_spans(np.column_stack((ordered[starts, 0], reach[ends])))


def subtract(spans: Spans, holes: Spans) -> Spans:
    """What the spans cover and the holes do not.

    Args:
        spans: Shape (N, 2), any order.
        holes: Shape (M, 2), any order.

    Returns:
        Disjoint spans in order of time; instants vanish.
    """
    cuts = np.unique(np.concatenate((spans.ravel(), holes.ravel())))
    pieces = np.column_stack((cuts[:-1], cuts[1:]))
    inside = _covered(pieces, merge(spans)) & ~_covered(pieces, merge(holes))
    return merge(as_spans(pieces[inside]))


def _covered(pieces: Spans, disjoint: Spans) -> npt.NDArray[np.bool_]:
    """Whether each piece lies in one of the disjoint, ordered spans (pieces never straddle a border)."""
    at = np.searchsorted(disjoint[:, 0], pieces[:, 0], side="right")
    ends = np.concatenate(([-np.inf], disjoint[:, 1]))
    covered: npt.NDArray[np.bool_] = pieces[:, 1] <= ends[at]
    return covered


def cover(spans: Spans, whole: Span) -> float:
    """Share of `whole` that the spans cover, in [0, 1]; NaN when `whole` is an instant."""
    if whole.duration == 0:
        return math.nan
    return min(1.0, float(overlap(merge(spans), as_spans([whole])).sum()) / whole.duration)


def clip(spans: Spans, whole: Span) -> tuple[Spans, npt.NDArray[np.intp]]:
    """Cut spans to a window and tell which survived.

    Args:
        spans: Shape (N, 2).
        whole: The window; a span that only touches it is dropped, an instant inside it stays. A window
            that is an instant keeps what contains it.

    Returns:
        The cut spans (M, 2), and the row each came from (M,).
    """
    starts, ends = spans.T
    begun = starts <= whole.start if whole.duration == 0 else starts < whole.end
    rows = np.flatnonzero(begun & ((ends > whole.start) | (starts == ends) & (starts >= whole.start)))
    return as_spans(np.clip(spans[rows], whole.start, whole.end)), rows


def snap(times: Times, to: Times, *, tolerance: float) -> Times:
    """Move each time to the nearest of `to`, where one lies within the tolerance.

    Args:
        times: Seconds, shape (N,).
        to: Where times may go, shape (M,), any order; of two equally near, the earlier.
        tolerance: Greatest move in seconds, give or take `SLACK`; a time with nothing so near stays.

    Returns:
        Shape (N,).
    """
    targets = np.unique(np.asarray(to, dtype=np.float64))
    times = np.asarray(times, dtype=np.float64)
    if not targets.size:
        return times.copy()
    right = np.clip(np.searchsorted(targets, times), 0, len(targets) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(times - targets[left]) <= np.abs(targets[right] - times), targets[left], targets[right])
    return np.where(np.abs(nearest - times) <= tolerance + SLACK, nearest, times)


def windows(whole: Span, *, length: float, hop: float, partial: bool = False) -> Spans:
    """Cut a span into windows of one length.

    Start times are computed as `start + i * hop`, never by adding up, so they do not drift.

    Args:
        whole: What to cut.
        length: Seconds of each window, > 0.
        hop: Seconds from one start to the next, > 0; less than `length` overlaps.
        partial: Also give a last, shorter window, so that the end is covered.

    Returns:
        Shape (N, 2), in order; empty where `whole` is shorter than one window and `partial` is off.
    """
    if not (0 < length < math.inf and 0 < hop < math.inf):
        raise TimelineError(f"windows need a length and a hop above 0 s, got length={length}, hop={hop}")
    slack = min(SLACK, length / 2)
    full = max(0, math.floor((whole.duration - length + slack) / hop) + 1)
    starts = whole.start + hop * np.arange(full)
    ends = np.minimum(starts + length, whole.end)
    rest = whole.start + hop * full
    if partial and max([rest, *ends[-1:]]) < whole.end - slack:
        starts, ends = np.append(starts, rest), np.append(ends, whole.end)
    return as_spans(np.column_stack((starts, ends)))


def boundaries(spans: Spans) -> Times:
    """Inner borders of spans that follow one another: where a new one starts, without the first.

    Args:
        spans: Shape (N, 2), in order of time, such as the shots of a film.

    Returns:
        Seconds, shape (max(N - 1, 0),).
    """
    return spans[1:, 0].copy()


def between(borders: Times, whole: Span) -> Spans:
    """Spans between borders, the first and the last included: the inverse of `boundaries`.

    Args:
        borders: Seconds, any order; those outside `whole` or on its edge are dropped.
        whole: What the spans fill.

    Returns:
        Shape (N, 2), N = inner borders + 1, in order; empty when `whole` is an instant.
    """
    borders = np.asarray(borders, dtype=np.float64)
    inner = borders[(borders > whole.start) & (borders < whole.end)]
    edges = np.unique(np.concatenate(([whole.start], inner, [whole.end])))
    return as_spans(np.column_stack((edges[:-1], edges[1:])))
