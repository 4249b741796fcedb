"""The first picture and the first sound of a file, decoded: proof that a stream decodes, and what it looks like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av.error
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame

from cueline.media.containers import in_words, packets

PATIENCE = 10_000


@dataclass(slots=True)
class Beginning:
    """How a stream begins.

    Attributes:
        frame: The first frame that could be decoded, or None.
        packets: Packets tried until then.
        encrypted: Whether they are marked as encrypted.
        reason: Why the last of them could not be decoded, in words; empty if none failed.
    """

    frame: VideoFrame | AudioFrame | None = None
    packets: int = 0
    encrypted: bool = False
    reason: str = ""

    @property
    def start(self) -> Fraction | None:
        """Seconds on the container's clock; None if nothing was decoded or it has no time stamp."""
        if self.frame is None or self.frame.pts is None or self.frame.time_base is None:
            return None
        return self.frame.pts * self.frame.time_base

    @property
    def turn(self) -> int | None:
        """Clockwise turn in degrees that makes the picture upright; None if the file states nonsense."""
        if not isinstance(self.frame, VideoFrame):
            return 0
        turn = -self.frame.rotation
        return turn % 360 if abs(turn) <= 360 and turn % 90 == 0 else None

    def take(self, packet: Packet[Stream]) -> None:
        """Try the next packet of the stream, or its end."""
        if packet.size:
            self.packets += 1
            self.encrypted |= packet.has_sidedata("encryption_info")
        try:
            frames = packet.decode()
        except (av.error.FFmpegError, MemoryError) as error:
            self.reason = in_words(error)
            return
        shown = [frame for frame in frames if isinstance(frame, VideoFrame | AudioFrame)]
        self.frame = shown[0] if shown else None


def beginnings(container: InputContainer, streams: Sequence[Stream]) -> dict[int, Beginning]:
    """Decode until each stream has given a frame, or `PATIENCE` packets were read.

    Args:
        container: A file just opened.
        streams: Video and audio streams.

    Returns:
        How each begins, by index of the stream.
    """
    found = {stream.index: Beginning() for stream in streams}
    known = [stream for stream in streams if stream.codec_context is not None]
    for stream in streams:
        if stream.codec_context is None:
            found[stream.index].reason = "no decoder for its codec"
    waiting = {stream.index for stream in known}
    try:
        for count, packet in enumerate(packets(container, known)):
            if packet.stream_index in waiting:
                found[packet.stream_index].take(packet)
                if found[packet.stream_index].frame is not None:
                    waiting.remove(packet.stream_index)
            if not waiting or count >= PATIENCE:
                break
    except (av.error.FFmpegError, MemoryError) as error:
        for index in waiting:
            found[index].reason = in_words(error)
    return found
