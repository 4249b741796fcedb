"""Packets of one stream to frames with spans; damage is counted, told and survived.

A packet that cannot be decoded is skipped. A stream is given up, with a `MediaError` in plain words,
when `PATIENCE` packets in a row cannot be decoded, or when none of its packets could.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, cast

import av.error
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from cueline.errors import MediaError
from cueline.media import containers
from cueline.media.clock import Clock, Placed
from cueline.media.containers import in_words

Frame = VideoFrame | AudioFrame
MediaStream = VideoStream | AudioStream

PATIENCE = 1000
KEPT_FAULTS = 20
_USUAL_SECONDS = Fraction(1, 25)


class Fault(NamedTuple):
    """Something that is broken in a file and was survived.

    Attributes:
        time: Seconds of the asset, as near as known.
        text: What, in words.
    """

    time: float
    text: str


@dataclass(slots=True)
class Faults:
    """The first faults of a pass, and how many there were."""

    first: list[Fault] = field(default_factory=list)
    count: int = 0

    def tell(self, time: float, text: str) -> None:
        """Note one more."""
        self.count += 1
        if len(self.first) < KEPT_FAULTS:
            self.first.append(Fault(time, text))


class Decoder:
    """Decodes one stream of an open file."""

    def __init__(self, stream: MediaStream, zero: Fraction, faults: Faults) -> None:
        """Start at wherever the container stands.

        Args:
            stream: An open video or audio stream.
            zero: Seconds on the container's clock that are 0 of the asset.
            faults: Where broken things are noted.

        Raises:
            MediaError: If no decoder knows the stream.
        """
        if stream.codec_context is None:
            raise MediaError(f"the {stream.type} cannot be decoded: no decoder for this codec")
        self.kind = "picture" if isinstance(stream, VideoStream) else "sound"
        self.time = 0.0
        self.frames = 0
        self._codec = stream.codec_context
        self._faults = faults
        rate = stream.average_rate if isinstance(stream, VideoStream) else None
        time_base = stream.time_base or Fraction(1, av.time_base)
        self.clock: Clock[Frame] = Clock(
            time_base, zero, usual=1 / rate if rate else _USUAL_SECONDS, tell=self._faults.tell
        )
        self._failed = 0
        self._reason = ""

    def decode(self, packet: Packet[Stream]) -> Iterator[Placed[Frame]]:
        """Frames whose spans are known now, in order.

        Raises:
            MediaError: If `PATIENCE` packets in a row could not be decoded.
        """
        try:
            frames = self._codec.decode(packet)
        except (av.error.FFmpegError, MemoryError) as error:
            self._skip(packet, error)
            return
        if frames:
            self._failed = 0
        yield from self._placed(frames)

    def end(self) -> Iterator[Placed[Frame]]:
        """The frames that the decoder still holds.

        Raises:
            MediaError: If the stream had packets and not one could be decoded.
        """
        try:
            frames = self._codec.decode(None)
        except (av.error.FFmpegError, MemoryError) as error:
            self._skip(None, error)
            frames = []
        yield from self._placed(frames)
        for placed in self.clock.end():
            self.time = placed.start
            yield placed
        if self._failed and not self.frames:
            raise MediaError(f"no {self.kind} could be decoded: {self._reason}")

    def _placed(self, frames: Sequence[Frame]) -> Iterator[Placed[Frame]]:
        for frame in frames:
            self.frames += 1
            stamp = frame.pts if frame.pts is not None else frame.dts
            if frame.is_corrupt:
                self._faults.tell(self.time, f"a damaged {self.kind}")
            for placed in self.clock.put(stamp, frame.duration or 0, frame):
                self.time = placed.start
                yield placed

    def _skip(self, packet: Packet[Stream] | None, error: Exception) -> None:
        stamp = None if packet is None else packet.dts if packet.pts is None else packet.pts
        time = self.time if stamp is None else self.clock.seconds(stamp)
        self._reason = in_words(error)
        self._faults.tell(time, f"a packet of {self.kind} could not be decoded: {self._reason}")
        self._failed += 1
        if self._failed >= PATIENCE:
            raise MediaError(
                f"the {self.kind} cannot be decoded from {self.time:.3f} s on: {self._reason}", time=self.time
            )


def packets(container: InputContainer, streams: list[MediaStream], faults: Faults) -> Iterator[Packet[Stream]]:
    """Packets with data, in the order of the file; where the file breaks off, that is a fault and the end.

    Args:
        container: An open file.
        streams: Whose packets.
        faults: Where broken things are noted.
    """
    dts, time_base = 0, Fraction(0)
    try:
        for packet in containers.packets(container, streams):
            if packet.size:
                dts, time_base = packet.dts or dts, packet.time_base
                yield cast("Packet[Stream]", packet)
    except (av.error.FFmpegError, MemoryError) as error:
        faults.tell(float(dts * time_base), f"the file cannot be read any further: {in_words(error)}")
