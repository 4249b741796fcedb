"""Spans of a file's sound, each copied as a file of its own: packets as they are, without loss.

A copy takes the packets whose middles lie in the span, so that spans that touch share no packet and lose none. So it
is exact to the packet, 10 to 100 ms, and says what came of it. Decoders give nothing for the first packet, or part of
it, as it leans on one that is not there: each copy is looked at once more, and its true start is where its first
sample comes from. Copies keep every channel and all depth.

Each codec has its usual container: MP3, M4A, Opus, Ogg, WAV and AIFF; others, FLAC among them, lie in Matroska.
(A FLAC file of its own would state in its header how long the whole was.)

Files are written where the caller says and are replaced; write aside and rename where others look.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
import av.error
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from cueline.errors import MediaError, OptionError
from cueline.media.containers import audio_stream, opened, packets, zero
from cueline.media.cutting import MOST_OPEN, Cut, explained, unwritten, written
from cueline.media.probe import probe
from cueline.ports import Progress
from cueline.timeline.assets import Asset
from cueline.timeline.spans import Span

_HOMES = {
    "mp3": ("mp3", "mp3"), "aac": ("ipod", "m4a"), "alac": ("ipod", "m4a"), "opus": ("opus", "opus"),
    "vorbis": ("ogg", "ogg"), "wmav1": ("asf", "wma"), "wmav2": ("asf", "wma"), "ac3": ("ac3", "ac3"),
    "eac3": ("eac3", "eac3"), "adpcm_ms": ("wav", "wav"), "gsm_ms": ("wav", "wav"), "pcm_u8": ("wav", "wav"),
}  # fmt: skip
_ANY_HOME = ("matroska", "mka")


def copy_spans(path: Path, asset: Asset, cuts: Sequence[Cut], *, progress: Progress) -> Sequence[Span | None]:
    """Copy the packets of spans of a file's sound, without decoding them.

    Args:
        path: The file.
        asset: What was measured of it; its chosen audio stream is copied.
        cuts: In order of start.
        progress: Hears of the pass.

    Returns:
        For each cut, what can be heard of it: seconds of the asset; None where no packet was that decodes, and no file
        is.

    Raises:
        OptionError: If more than 64 spans overlap at one time.
        MediaError: If the file has no sound or cannot be read to its end, its codec has no container that keeps it, or
            a file cannot be written.
    """
    try:
        with opened(path) as container, ExitStack() as files:
            copies = _Copies(container, path, asset, cuts, files)
            copies.run(progress)
    except (av.error.FFmpegError, ValueError) as error:
        raise explained(error, path, asset) from error
    return [_heard(cut.target, span) for cut, span in zip(cuts, copies.taken, strict=True)]


def copy_ending(path: Path) -> str:
    """The ending of the file that keeps a copy of a file's sound, without a dot; it depends on the codec.

    Raises:
        MediaError: If the file cannot be opened or has no sound.
    """
    with opened(path) as container:
        return _home(_sound_of(container, path))[1]


class _Copies:
    """The packets of a file on their way to the files that they belong to."""

    def __init__(self, container: Any, path: Path, asset: Asset, cuts: Sequence[Cut], files: ExitStack) -> None:
        self.taken: list[Span | None] = [None] * len(cuts)
        self._container, self._path, self._asset, self._cuts, self._files = container, path, asset, cuts, files
        self._stream = _sound_of(container, path)
        self._zero = zero(container)
        self._home = _home(self._stream)[0]
        self._open: dict[int, tuple[OutputContainer, AudioStream, int]] = {}
        self._first = 0  # of the cuts that are not over yet

    def run(self, progress: Progress) -> None:
        for packet in packets(self._container, [self._stream]):
            if packet.size and packet.pts is not None:
                start = float(packet.pts * packet.time_base - self._zero)
                end = start + float((packet.duration or 0) * packet.time_base)
                if end > 0:
                    progress.at("decode", start)
                    self._take(packet, start, end)
        for output, _, _ in self._open.values():
            output.close()

    def _take(self, packet: Packet[AudioStream], start: float, end: float) -> None:
        middle, ticks = (start + end) / 2, packet.pts or 0
        while self._first < len(self._cuts) and self._cuts[self._first].span.end <= middle:
            if self._first in self._open:
                self._open.pop(self._first)[0].close()
            self._first += 1
        for number in range(self._first, len(self._cuts)):
            if self._cuts[number].span.start > middle:
                break
            if middle in self._cuts[number].span:
                self._put(number, packet, ticks)
                before = self.taken[number]
                self.taken[number] = Span(before.start if before else max(0.0, start), end)

    def _put(self, number: int, packet: Packet[AudioStream], ticks: int) -> None:
        if number not in self._open:
            if len(self._open) == MOST_OPEN:
                raise OptionError(f"at most {MOST_OPEN} chunks may overlap at one time. Take a longer hop.")
            output = written(self._cuts[number].target, self._home, self._files)
            self._open[number] = (output, _copied_stream(output, self._stream), ticks)
        output, stream, origin = self._open[number]
        copy = Packet(bytes(packet))
        copy.pts = copy.dts = ticks - origin
        copy.duration, copy.time_base, copy.is_keyframe, copy.stream = packet.duration, packet.time_base, True, stream
        try:
            output.mux(copy)
        except (av.error.FFmpegError, OSError) as error:
            raise unwritten(self._cuts[number].target, error) from error


def _copied_stream(output: OutputContainer, stream: AudioStream) -> AudioStream:
    try:
        return output.add_stream_from_template(stream)
    except ValueError as error:
        raise MediaError(
            f"the sound ({stream.codec_context.name}) cannot be copied to a file of its own: no container that Cueline "
            "writes keeps it. Encode it anew, for example as flac."
        ) from error


def _sound_of(container: Any, path: Path) -> AudioStream:
    stream = audio_stream(container)
    if stream is None or stream.codec_context is None:
        raise MediaError(f"cannot cut the sound of {str(path)!r}: there is none that is known", path=path)
    return stream


def _home(stream: AudioStream) -> tuple[str, str]:
    """Container and ending of a copy."""
    codec = stream.codec_context.codec.canonical_name
    if codec.startswith("pcm_") and codec.endswith("be"):
        return ("aiff", "aif")
    return _HOMES.get(codec) or (("wav", "wav") if codec.startswith("pcm_") else _ANY_HOME)


def _heard(target: Path, taken: Span | None) -> Span | None:
    """What decodes of a copy: decoders leave its beginning out, never its end. One of which nothing decodes goes."""
    if taken is None:
        return None
    told = probe(target)
    stream = told.asset.stream("audio")
    if told.fault or stream is None or not stream.duration:
        target.unlink()
        return None
    return Span(max(taken.start, taken.end - stream.duration), taken.end)
