"""Which frames answer a request: state machines over frame spans, without a decoder.

Each is fed with the spans of frames in order and says what each frame is good for; none remembers
more than the windows that are open. A frame is shown at a time when `start <= time < end` of its span.

Seek or decode everything? Cost is counted in seconds of media to decode. One exact seek costs the way
from the key frame before, plus `SEEK_SECONDS` for the jump itself; the one pass costs the whole
duration. Seeking is chosen where it costs less than half of the pass, so that a wrong estimate loses
little.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from cueline.timeline.requests import Instants, Windows
from cueline.timeline.spans import Span

Kept = TypeVar("Kept")

SEEK_SECONDS = 0.25
KEY_SECONDS = 5.0
SEEK_SHARE = 0.5


class InstantSampler:
    """Counts how often each frame is asked for by an Instants request.

    Example:
        >>> from cueline.timeline.requests import Picture
        >>> sampler = InstantSampler(Instants(Picture(8, 8), times=(0.5, 1.0, 1.0)))
        >>> [sampler.count(0.0, 1.0), sampler.count(1.0, 2.0)]
        [1, 2]
    """

    def __init__(self, instants: Instants) -> None:
        """Start before the first frame."""
        self._times, self._every = instants.times, instants.every
        self._next = 0
        self._origin: float | None = None

    def count(self, start: float, end: float) -> int:
        """How many instants the frame shown from `start` to `end` (seconds) answers."""
        if self._origin is None:
            self._origin = start
        if self._times:
            first = bisect_left(self._times, start, lo=self._next)
            self._next = bisect_left(self._times, end, lo=first)
            return self._next - first
        first = self._next
        while self._every and self._origin + self._next * self._every < end:
            self._next += 1
        return self._next - first


class Sampled(NamedTuple, Generic[Kept]):
    """A window with what was kept of its frames, `frames` of each."""

    window: Span
    spans: list[tuple[float, float]]
    kept: list[Kept]


class _Open(Generic[Kept]):
    """A window that still waits for frames."""

    def __init__(self, window: Span, frames: int) -> None:
        self.sampled = Sampled[Kept](window, [], [])
        self._frames = frames

    def missing(self, before: float) -> int:
        """How many of its instants lie before a time and have no picture yet."""
        window, taken = self.sampled.window, len(self.sampled.kept)
        count = taken
        while count < self._frames and window.start + (count + 0.5) / self._frames * window.duration < before:
            count += 1
        return count - taken

    def take(self, span: tuple[float, float], kept: Kept, times: int) -> None:
        self.sampled.spans.extend([span] * times)
        self.sampled.kept.extend([kept] * times)

    @property
    def full(self) -> bool:
        return len(self.sampled.kept) == self._frames


class WindowSampler(Generic[Kept]):
    """Collects evenly spread frames of each window of a Windows request.

    Windows come out when they are full: in the order asked for where all are equally long. A window
    that reaches beyond the video takes the nearest frame for what lies outside; one that lies wholly
    outside gives nothing.
    """

    def __init__(self, windows: Windows) -> None:
        """Start before the first frame."""
        self._coming = deque(Span(start, end) for start, end in windows.spans.tolist())
        self._frames = windows.frames
        self._open: list[_Open[Kept]] = []

    def wants(self, start: float, end: float) -> bool:
        """Whether the frame shown from `start` to `end` (seconds) is one of those looked for."""
        while self._coming and self._coming[0].start < end:
            window = self._coming.popleft()
            if window.end > start or window.start >= start:
                self._open.append(_Open(window, self._frames))
        return any(window.missing(end) for window in self._open)

    def put(self, start: float, end: float, kept: Kept) -> Iterator[Sampled[Kept]]:
        """Take a frame that is wanted; give the windows that are full now."""
        still = []
        for window in self._open:
            window.take((start, end), kept, window.missing(end))
            if window.full:
                yield window.sampled
            else:
                still.append(window)
        self._open = still

    def end(self) -> Iterator[Sampled[Kept]]:
        """No more frames: give the windows that reach beyond the last."""
        for window in self._open:
            if window.sampled.kept:
                window.take(window.sampled.spans[-1], window.sampled.kept[-1], window.missing(float("inf")))
                yield window.sampled
        self._open, self._coming = [], deque()


def jump_cost(time: float, position: float, keys: Sequence[float] | None) -> float:
    """Seconds of media to decode after a jump to the frame shown at a time.

    Args:
        time: Seconds.
        position: Seconds reached by decoding; a jump that does not lead ahead costs infinitely much.
        keys: Seconds of the key frames, in order; None where they are not known, and one every
            `KEY_SECONDS` is assumed.
    """
    key = time - KEY_SECONDS / 2 if keys is None else keys[max(0, bisect_right(keys, time) - 1)]
    return SEEK_SECONDS + max(0.0, time - key) if key > position else float("inf")


def seek_cost(times: Iterable[float], keys: Sequence[float] | None) -> float:
    """Seconds of media to decode for the frames shown at some times (in order), jumping where that is nearer."""
    cost, position = 0.0, 0.0
    for time in times:
        cost += min(jump_cost(time, position, keys), max(0.0, time - position))
        position = max(position, time)
    return cost


def worth_seeking(times: Iterable[float], keys: Sequence[float] | None, duration: float) -> bool:
    """Whether seeking costs less than `SEEK_SHARE` of decoding the whole duration (seconds)."""
    return seek_cost(times, keys) < SEEK_SHARE * duration
