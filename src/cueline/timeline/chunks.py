"""Chunks: a recording cut into pieces from its end backwards, and its outro.

What ends a programme, such as its outro music, lies at a fixed distance from the end, never from the beginning. So
chunk 1 is the last piece, chunk 2 the one before it, and what does not divide evenly is left at the beginning:

    25 s in chunks of 10 s:    [0, 5) chunk 3    [5, 15) chunk 2    [15, 25) chunk 1

Nothing is lost there: the first chunk is shorter. Only where it would be shorter than `shortest` is it no chunk of its
own but part of its neighbour, which then is longer by so much. A hop below the length makes chunks overlap; the first
chunk is then the first one that reaches the beginning. A hop above the length leaves gaps, as it was asked to.

Arrays are in order of time, so the last row is chunk 1: row i of N is chunk N - i.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.timeline.spans import SLACK, Span, Spans, as_spans

OUTRO_SECONDS = 10.0
SHORTEST = 0.1  # of the length


def chunks(duration: float, *, seconds: float = 10.0, hop: float | None = None, shortest: float | None = None) -> Spans:
    """Cut a recording from its end backwards.

    Args:
        duration: Seconds that it lasts, 0 or more.
        seconds: Length of each chunk, above 0.
        hop: Seconds from the end of one chunk to the end of the next, above 0; None for `seconds`, without overlap.
        shortest: Seconds that the first chunk lasts at least, from 0 to `seconds`; what is shorter joins its neighbour,
            if there is one that it touches. None for a tenth of `seconds`.

    Returns:
        Seconds, shape (N, 2), in order of time; the last row is chunk 1. Each row lasts `seconds`, but for the first.
        Empty where the duration is 0.

    Raises:
        TimelineError: If a number is out of its range.

    Example:
        >>> chunks(25.0).tolist()
        [[0.0, 5.0], [5.0, 15.0], [15.0, 25.0]]
        >>> chunks(25.0, seconds=10.0, hop=7.5).tolist()
        [[0.0, 10.0], [7.5, 17.5], [15.0, 25.0]]
        >>> chunks(20.5).tolist()
        [[0.0, 10.5], [10.5, 20.5]]
    """
    hop = seconds if hop is None else hop
    shortest = SHORTEST * seconds if shortest is None else shortest
    _refuse(duration, seconds, hop, shortest)
    if duration == 0:
        return as_spans([])
    slack = min(SLACK, seconds / 2, hop / 2)
    reach = duration - slack
    reached = max(seconds, hop)  # chunks go on until one reaches the beginning, or a gap does
    count = 1 + max(0, math.ceil((reach - reached) / hop))
    steps = np.arange(count, dtype=np.float64)
    begun = hop * (steps + 1) if hop == seconds else hop * steps + seconds  # so that neighbours share the same border
    spans = np.column_stack((duration - begun, duration - hop * steps))[::-1]
    spans[0, 0] = 0.0 if spans[0, 0] <= slack else spans[0, 0]
    if hop <= seconds and count > 1 and spans[0, 1] < shortest - slack:
        spans = spans[1:]
        spans[0, 0] = 0.0
    return as_spans(spans)


def numbers(spans: Spans) -> npt.NDArray[np.int64]:
    """The number of each chunk, counted from the end: 1 is the last.

    Args:
        spans: Chunks in order of time, shape (N, 2).

    Returns:
        N to 1, shape (N,).

    Example:
        >>> numbers(chunks(25.0)).tolist()
        [3, 2, 1]
    """
    return np.arange(len(spans), 0, -1, dtype=np.int64)


def outro(duration: float, seconds: float = OUTRO_SECONDS) -> Span:
    """The end of a recording: its chunk 1, or all of it where it is shorter.

    Args:
        duration: Seconds that it lasts, 0 or more.
        seconds: Length of the outro, above 0.

    Raises:
        TimelineError: If a number is out of its range.

    Example:
        >>> outro(25.0), outro(4.0)
        (Span(15.0, 25.0), Span(0.0, 4.0))
    """
    _refuse(duration, seconds, seconds, 0.0)
    return Span(max(0.0, duration - seconds), duration)


def _refuse(duration: float, seconds: float, hop: float, shortest: float) -> None:
    if not 0 <= duration < math.inf:
        raise TimelineError(f"a recording lasts 0 s or more, and ends, got {duration}")
    if not 0 < seconds < math.inf:
        raise TimelineError(f"a chunk lasts more than 0 s, got seconds={seconds}")
    if not 0 < hop < math.inf:
        raise TimelineError(f"the hop between chunks is above 0 s, got hop={hop}")
    if not 0 <= shortest <= seconds:
        raise TimelineError(
            f"the shortest chunk lasts from 0 s to the length of the others, got shortest={shortest} of {seconds} s"
        )
