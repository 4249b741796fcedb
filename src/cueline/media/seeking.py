"""The frames shown at a few times, by jumping to the key frame before each: what the one pass would give.

A jump is good when it lands on a key frame that is not shown after the time wanted, and the first
frame decoded is not either; otherwise it is tried again from further back. So leading frames of an
open group of pictures, decoders that need some frames to recover and indexes that are a little wrong
cost time, never a wrong frame. Where a file cannot be jumped in, decoding goes on forwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from cueline.media.clock import Clock, Placed
from cueline.media.decoding import Decoder, Faults, Frame, packets
from cueline.media.sampling import jump_cost

_BACK_SECONDS = 1.0


def key_times(stream: VideoStream, clock: Clock[Frame]) -> list[float] | None:
    """Seconds of the key frames that the container's index names; None where it is not read yet, or has none."""
    if len(stream.index_entries) < 2 or not any(entry.is_keyframe for entry in stream.index_entries):
        return None
    return sorted(clock.seconds(entry.timestamp) for entry in stream.index_entries if entry.is_keyframe)


class Seeker:
    """Gives the frame shown at each of some times, asked for in order."""

    def __init__(self, container: InputContainer, stream: VideoStream, zero: Fraction, faults: Faults) -> None:
        """Start before the first frame.

        Args:
            container: An open file that nobody else reads meanwhile.
            stream: Its chosen video stream.
            zero: Seconds on the container's clock that are 0 of the asset.
            faults: Where broken things are noted.
        """
        self._container, self._stream, self._zero, self._faults = container, stream, zero, faults
        self.decoder = Decoder(stream, zero, faults)
        self._keys = key_times(stream, self.decoder.clock)
        self._key: float | None = None
        self._ended = False
        self._coming = self._decoded()
        self._shown: Placed[Frame] | None = None

    def first(self) -> Placed[Frame] | None:
        """The first frame that is shown after zero; ask before any other."""
        self._shown = next((placed for placed in self._coming if placed.end > 0), None)
        return self._shown

    def at(self, time: float) -> Placed[Frame] | None:
        """The frame shown at a time, or None outside the video.

        Args:
            time: Seconds, not before the last time asked for.
        """
        if self._shown is None or self.after(time) or time < self._shown.start:
            return None
        if jump_cost(time, self._shown.start, self._keys) < time - self._shown.start:
            self._jump(time)
        while self._shown is not None and self._shown.end <= time:
            placed = next(self._coming, None)
            if placed is None:
                return None
            self._shown = placed
        return self._shown if self._shown is not None and self._shown.start <= time else None

    def after(self, time: float) -> bool:
        """Whether a time is known to lie after the last frame."""
        return self._ended and (self._shown is None or self._shown.end <= time)

    def _jump(self, time: float) -> None:
        """Go where the frame shown at a time is decoded next, or stay where no jump is possible."""
        clock = self.decoder.clock
        begin = self._stream.start_time or 0
        frames, target, back = self.decoder.frames, clock.ticks(time), clock.ticks(_BACK_SECONDS) - clock.ticks(0.0)
        while True:
            try:
                self._container.seek(target, stream=self._stream)
            except av.error.FFmpegError:
                return
            self.decoder = Decoder(self._stream, self._zero, self._faults)
            self.decoder.frames = frames
            self._key, self._ended = None, False
            self._coming = self._decoded()
            self._shown = next(self._coming, None)
            key, shown = self._key, self._shown
            if target <= begin or (shown is not None and key is not None and max(key, shown.start) <= time):
                return
            frames, target, back = self.decoder.frames, target - back, back * 2

    def _decoded(self) -> Iterator[Placed[Frame]]:
        for packet in packets(self._container, [self._stream], self._faults):
            if self._key is None and packet.is_keyframe:
                stamp = packet.pts if packet.pts is not None else packet.dts
                self._key = None if stamp is None else self.decoder.clock.seconds(stamp)
            yield from self.decoder.decode(packet)
        yield from self.decoder.end()
        self._ended = True
