"""From time stamps to spans: ascending and half-open, whatever a file claims.

A frame is on the screen from its own time stamp to the next one, so each frame waits until its
successor is known; before a gap of more than a second, until the one after that is. Time stamps are
integers in the time base of the stream, zero of the asset is an exact fraction, and each second is
rounded once, at the very end.

Broken time stamps are faults, told and mended:

    missing             the end of the frame before
    not after the last  the frame is dropped
    one far ahead       dropped, once the next frame shows that time did not move on
    set back by > 1 s   the recorder's clock restarted: time goes on from the end of the frame before
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_low
from typing import Generic, NamedTuple, TypeVar

Item = TypeVar("Item")
Tell = Callable[[float, str], None]

RESTART_SECONDS = 1
_DISTANCES = 63


class Placed(NamedTuple, Generic[Item]):
    """An item and its span, in seconds of the asset."""

    start: float
    end: float
    item: Item


@dataclass(slots=True)
class _Waiting(Generic[Item]):
    start: int
    duration: int
    item: Item


class Clock(Generic[Item]):
    """Gives each item its span, one item late; what lies before zero of the asset has seconds below 0."""

    def __init__(self, time_base: Fraction, zero: Fraction, *, usual: Fraction, tell: Tell) -> None:
        """Start before the first item.

        Args:
            time_base: Seconds of one tick.
            zero: Seconds on the container's clock that are 0 of the asset.
            usual: Seconds that one item lasts where the file does not say.
            tell: Called with seconds and words for each broken time stamp.
        """
        self._scale = time_base.numerator * zero.denominator
        self._shift = zero.numerator * time_base.denominator
        self._over = time_base.denominator * zero.denominator
        self._usual = max(1, round(usual / time_base))
        self._far = max(1, int(RESTART_SECONDS / time_base))
        self._tell = tell
        self._offset = 0
        self._waiting: deque[_Waiting[Item]] = deque()
        self._distances: deque[int] = deque(maxlen=_DISTANCES)

    def seconds(self, ticks: int) -> float:
        """Ticks on the stream's clock as seconds of the asset, rounded once."""
        return (ticks * self._scale - self._shift) / self._over

    def ticks(self, seconds: float) -> int:
        """The last tick at or before a time of the asset."""
        return int((Fraction(seconds) * self._over + self._shift) // self._scale)

    def put(self, stamp: int | None, duration: int, item: Item) -> Iterator[Placed[Item]]:
        """Take the next item; give those whose end is now known.

        Args:
            stamp: Its time stamp in ticks, or None where the file has none.
            duration: Its duration in ticks, 0 where nobody knows.
            item: A frame, or whatever stands for it.
        """
        if not self._waiting:
            if stamp is None:
                self._tell(0.0, "the first frame has no time stamp; it is taken to start at 0")
            self._waiting.append(_Waiting(self.ticks(0.0) if stamp is None else stamp, duration, item))
            return
        start = self._end_of(self._waiting[-1]) if stamp is None else stamp + self._offset
        if len(self._waiting) == 2:
            yield from self._settled(start)
        last = self._waiting[-1]
        if start <= last.start:
            mended = self._mended(start, last)
            if mended is None:
                return
            start = mended
        self._waiting.append(_Waiting(start, duration, item))
        if start - last.start <= self._far:
            yield from self._first()

    def end(self) -> Iterator[Placed[Item]]:
        """No more items: give those that wait. The last lasts for its duration, else for the usual distance."""
        while self._waiting:
            yield from self._first()

    def _settled(self, start: int) -> Iterator[Placed[Item]]:
        """Of two that wait with a long distance between them: was the second a wrong time stamp?"""
        before, after = self._waiting
        if before.start < start <= after.start:
            self._tell(self.seconds(after.start), "a time stamp runs ahead of its neighbours; its frame was dropped")
            self._waiting.pop()
        else:
            yield from self._first()

    def _mended(self, start: int, last: _Waiting[Item]) -> int | None:
        """A start that can be, for an item that does not come after the one before; None to drop it."""
        back = last.start - start
        if back <= self._far:
            self._tell(self.seconds(start), "a time stamp repeats or runs backwards; its frame was dropped")
            return None
        seconds = back * self._scale / self._over
        self._tell(self.seconds(last.start), f"time stamps were set back by {seconds:.3f} s; time goes on from here")
        resumed = self._end_of(last)
        self._offset += resumed - start
        return resumed

    def _first(self) -> Iterator[Placed[Item]]:
        first = self._waiting.popleft()
        if self._waiting:
            end = self._waiting[0].start
            self._distances.append(end - first.start)
        else:
            end = self._end_of(first)
        yield Placed(self.seconds(first.start), self.seconds(end), first.item)

    def _end_of(self, waiting: _Waiting[Item]) -> int:
        if waiting.duration > 0:
            return waiting.start + waiting.duration
        return waiting.start + (median_low(self._distances) if self._distances else self._usual)
