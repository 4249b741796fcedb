"""What packets tell without decoding: where streams end, how many frames they hold, whether time runs evenly.

A packet has a time stamp, a duration and flags; reading packets costs about a hundredth of decoding
them. `tail` looks at the end of a stream, `walk` at every packet of a file.

Packets of an edit list's cut-away parts, of priming, and what ends at or before zero are not counted:
nobody sees them. One packet is taken for one frame, as it is in every file we know; a stream whose
interlaced fields come in packets of their own would count twice.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream

from cueline.media.containers import kind, packets, rate

RESTART_SECONDS = 1
EVEN_SECONDS = Fraction(3, 2000)
GAP_SECONDS = 1.0


@dataclass(slots=True)
class Tally:
    """Time stamps of one stream in the order of the file, in ticks of its time base.

    Attributes:
        time_base: Seconds of one tick.
        zero: Ticks on the container's clock that are 0 of the asset.
        usual: Ticks that one frame lasts where nothing tells.
        packets: Packets with data, shown or not.
        damaged: Packets that the container marks as damaged.
        backwards: Seconds of the asset after which the decoding clock ran backwards, once for each time.
    """

    time_base: Fraction
    zero: Fraction
    usual: int = 0
    packets: int = 0
    damaged: int = 0
    backwards: list[float] = field(default_factory=list)
    _starts: array[int] = field(default_factory=lambda: array("q"))
    _end: int | None = None
    _latest: tuple[int, int] = (0, 0)
    _clock: int | None = None
    _offset: int = 0

    def add(self, packet: Packet[Stream]) -> None:
        """Take the next packet of the file. A clock set back by over a second goes on from the end reached."""
        self.packets += 1
        self.damaged += packet.is_corrupt
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is None or packet.is_discard:
            return
        if packet.dts is not None:
            self._follow(packet.dts, stamp)
        start, duration = stamp + self._offset, packet.duration or 0
        if start + duration > self.zero or start >= self.zero:
            self._latest = max(self._latest, (start, duration)) if self._starts else (start, duration)
            self._starts.append(start)
            self._end = start + duration if self._end is None else max(self._end, start + duration)

    def _follow(self, clock: int, stamp: int) -> None:
        before, self._clock = self._clock, clock
        if before is None or clock >= before:
            return
        end = self._end_in_ticks()
        if end is None:
            return
        self.backwards.append(float((end - self.zero) * self.time_base))
        if (before - clock) * self.time_base > RESTART_SECONDS:
            self._offset = end - stamp

    def _end_in_ticks(self) -> int | None:
        """The end of the last frame; one without a duration lasts as long as frames usually do."""
        start, duration = self._latest
        if self._end is None or duration:
            return self._end
        distances = self.distances()
        return max(self._end, start + (int(np.median(distances)) if len(distances) else self.usual))

    def _ordered(self) -> npt.NDArray[np.int64]:
        return np.sort(np.array(self._starts, dtype=np.int64))

    def distances(self) -> npt.NDArray[np.int64]:
        """From each time stamp to the next, in order of presentation, in ticks; shape (frames - 1,)."""
        starts = self._ordered()
        return starts[1:] - starts[:-1]

    @property
    def frames(self) -> int:
        """Packets that are shown or heard."""
        return len(self._starts)

    @property
    def end(self) -> Fraction | None:
        """Seconds of the asset at which the last frame ends; None if there is none."""
        end = self._end_in_ticks()
        return None if end is None else (end - self.zero) * self.time_base

    @property
    def uneven(self) -> bool:
        """Whether time stamps follow at distances that rounding does not explain."""
        distances = self.distances()
        if not len(distances):
            return False
        spread = int(np.ptp(distances)) * self.time_base
        rounding = self.time_base if np.median(distances) >= 3 else Fraction(0)
        return spread > max(EVEN_SECONDS, rounding)

    def rate(self, stated: Fraction | None) -> Fraction | None:
        """Frames a second: as stated if the time stamps agree, else as they tell, an average where uneven."""
        if self.frames < 2:
            return stated
        steps = self.frames - 1
        reach = int(max(self._starts) - min(self._starts)) * self.time_base
        if not reach:
            return stated
        agrees = stated and not self.uneven and abs(steps / stated - reach) <= 2 * self.time_base
        return stated if agrees else steps / reach

    def gaps(self) -> list[tuple[float, float]]:
        """Where nothing new comes for over a second and over ten usual distances: (seconds, length)."""
        starts, distances = self._ordered(), self.distances()
        if not len(distances):
            return []
        least = max(GAP_SECONDS / float(self.time_base), 10 * float(np.median(distances)))
        return [
            (float((int(starts[i]) - self.zero) * self.time_base), float(int(distances[i]) * self.time_base))
            for i in np.flatnonzero(distances > least)
        ]


def walk(container: InputContainer, zero: Fraction) -> tuple[dict[int, Tally], BaseException | None]:
    """Read every packet of the video and audio streams.

    Args:
        container: A file just opened: a jump back to the start would miss priming and leading pictures.
        zero: Seconds on the container's clock that are 0 of the asset.

    Returns:
        A tally for each stream index, and what ended the walk before the end of the file, if anything did.
    """
    streams = [stream for stream in container.streams if kind(stream) in ("video", "audio")]
    tallies = {stream.index: _tally(stream, zero) for stream in streams}
    try:
        for packet in packets(container, streams):
            if packet.size:
                tallies[packet.stream_index].add(packet)
    except (av.error.FFmpegError, MemoryError) as error:
        return tallies, error
    return tallies, None


def tail(container: InputContainer, stream: Stream, zero: Fraction) -> Tally | None:
    """The last packets of a stream, found by jumping to the end that the header states.

    Args:
        container: An open file, wherever it stands.
        stream: Video or audio.
        zero: Seconds on the container's clock that are 0 of the asset.

    Returns:
        None if the header states no end, or nothing is there.
    """
    if not container.duration:
        return None
    tally = _tally(stream, zero)
    try:
        _jump_to_end(container, stream)
        for packet in packets(container, [stream]):
            if packet.size:
                tally.add(packet)
    except (av.error.FFmpegError, MemoryError):
        return None
    return tally if tally.frames else None


def heard_until(container: InputContainer, stream: AudioStream, zero: Fraction) -> Fraction | None:
    """Where the last sample ends, which padding makes earlier than the last packet: decodes the last packets.

    Args:
        container: An open file, wherever it stands.
        stream: Sound.
        zero: Seconds on the container's clock that are 0 of the asset.

    Returns:
        Seconds of the asset; None if nothing could be decoded there.
    """
    end: Fraction | None = None
    try:
        _jump_to_end(container, stream)
        for packet in packets(container, [stream]):
            for frame in _decoded(stream, packet):
                if frame.pts is not None and frame.time_base and frame.sample_rate:
                    end = frame.pts * frame.time_base + Fraction(frame.samples, frame.sample_rate) - zero
    except (av.error.FFmpegError, MemoryError):
        return None
    return end


def _decoded(stream: AudioStream, packet: Packet[AudioStream]) -> list[AudioFrame]:
    """Frames of a packet; none where it leans on packets before the jump."""
    try:
        return stream.decode(packet)
    except av.error.FFmpegError:
        return []


def _jump_to_end(container: InputContainer, stream: Stream) -> None:
    stated = Fraction((container.duration or 0) + (container.start_time or 0), av.time_base)
    container.seek(int(max(Fraction(0), stated - 1) / _time_base(stream)), stream=stream)


def _tally(stream: Stream, zero: Fraction) -> Tally:
    time_base, frames = _time_base(stream), rate(stream)
    return Tally(time_base, zero / time_base, round(1 / (frames * time_base)) if frames else 0)


def _time_base(stream: Stream) -> Fraction:
    return stream.time_base or Fraction(1, av.time_base)
