"""A small copy of a file that every browser plays and can jump in, with the times of the original.

Pictures are H.264 and sound is AAC in MP4, or VP9 and Opus in WebM where this build of PyAV has no H.264 encoder; sound
alone is AAC in M4A or Opus in WebM. There is a key frame each second, and the table of contents comes first.

Time t of the proxy is time t of the asset: each frame keeps its own time, be the rate even or not, rounded to
1/90,000 s (in WebM 1/1,000 s). Sound keeps its offset, its gaps are silence, and what lies before zero is not there.
Pictures come as the decode pass gives them: upright, with square pixels, of an even size.

Damage is survived as in the decode pass. A stream that breaks off ends there; sound that cannot be decoded at all is
left out. Only if no picture comes out (of a file without pictures, no sample) is there no proxy.

The file is written aside and renamed when complete. Memory is bounded whatever the length.
"""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar, cast

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from cueline.errors import MediaError, OptionError
from cueline.media.containers import in_words, opened
from cueline.media.reader import Consumer, read
from cueline.ports import Batch, Progress
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.requests import EveryFrame, Picture, Request, Sound

TICK = Fraction(1, 90_000)
RATE_HZ = 48000

_BT709 = 1  # of ISO/IEC 23091-2 (H.273): primaries, transfer and matrix have one number
_FRAMES_RATE = 30  # what the encoder is told; time stamps count


@dataclass(frozen=True)
class _Form:
    """A format that browsers play, and how to write it."""

    name: str
    suffix: str
    sound_suffix: str
    video: str
    audio: str
    options: Mapping[str, str] = field(default_factory=dict)
    video_options: Mapping[str, str] = field(default_factory=dict)


_FORMS = (
    _Form(
        "mp4",
        ".mp4",
        ".m4a",
        "libx264",
        "aac",
        {"movflags": "+faststart", "movie_timescale": str(TICK.denominator)},
        {"preset": "superfast", "crf": "26", "bf": "0", "g": "600", "forced-idr": "1"},
    ),
    _Form(
        "webm",
        ".webm",
        ".webm",
        "libvpx-vp9",
        "libopus",
        {"cues_to_front": "1"},
        {"deadline": "realtime", "cpu-used": "8", "crf": "36", "b": "0", "g": "600", "lag-in-frames": "0"},
    ),
)


def make_proxy(path: Path, asset: Asset, target: Path, *, height: int = 480, progress: Progress | None = None) -> Path:
    """Write a copy of a file for browsers.

    Args:
        path: The file.
        asset: What was measured of it; its chosen streams are copied.
        target: Where the proxy is to lie, in a folder that exists; its ending becomes that of the format. What is
            there is replaced.
        height: Pixels of its pictures at most, even or made so; smaller pictures stay as they are.
        progress: Hears of the decode pass, as in `reader.read`.

    Returns:
        Where the proxy lies: .mp4 or .webm, for sound alone .m4a or .webm.

    Raises:
        OptionError: If the height is below 2.
        MediaError: If the file cannot be opened, nothing of it could be decoded, the proxy cannot be written, or
            PyAV has no encoder for any format.
    """
    if height < 2:
        raise OptionError(f"the pictures of a proxy are 2 pixels high or more, got height={height}")
    if asset.stream("video") is None and asset.stream("audio") is None:
        raise MediaError(f"a proxy shows video or sound, {str(path)!r} has neither", asset=asset.id, path=path)
    form = _form(av.codecs_available)
    done = target.with_suffix(form.suffix if asset.stream("video") else form.sound_suffix)
    aside = done.with_name(f"{done.name}.part")
    try:
        _write(path, asset, aside, form, height=height, progress=progress or _Unwatched())
        aside.replace(done)
    except MediaError:
        raise
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(f"cannot write the proxy {str(done)!r}: {in_words(error)}", path=done) from error
    finally:
        aside.unlink(missing_ok=True)
    return done


def _form(available: Collection[str]) -> _Form:
    """The first format whose encoders are there."""
    form = next((form for form in _FORMS if {form.video, form.audio} <= set(available)), None)
    if form is None:
        raise MediaError(
            "a proxy needs a PyAV that encodes H.264 and AAC, or VP9 and Opus; install the wheel: "
            "pip install --force-reinstall av"
        )
    return form


def _write(path: Path, asset: Asset, aside: Path, form: _Form, *, height: int, progress: Progress) -> None:
    video, audio = asset.stream("video"), asset.stream("audio")
    with av.open(f"file:{aside.absolute()}", "w", format=form.name, options=dict(form.options)) as output:
        tracks: list[_Track] = []
        lock = threading.Lock()
        if video is not None:
            tracks.append(_PictureTrack(output, lock, form, _size(path, asset, video, height)))
        if audio is not None:
            tracks.append(_SoundTrack(output, lock, form, channels=1 if audio.channels == 1 else 2))
        output.start_encoding()
        consumers = [Consumer(track.name, track.request, track.consume) for track in tracks]
        report = read(path, asset, consumers, progress=progress, queue_batches=1)
        for error in report.errors.values():
            raise error
        if not tracks[0].count:
            raise tracks[0].broken or MediaError(
                f"a proxy of {str(path)!r} needs {tracks[0].what}, none came out of the file", asset=asset.id, path=path
            )


def _size(path: Path, asset: Asset, video: Stream, height: int) -> tuple[int, int]:
    """Even width and height of the proxy, in square pixels, not larger than the original."""
    if not (video.width and video.height):
        raise MediaError(
            f"a proxy of {str(path)!r} needs the size of its pictures, and none was measured; probe it again",
            asset=asset.id,
            path=path,
        )
    with opened(path) as container:
        aspect = cast("VideoStream", container.streams[video.index]).sample_aspect_ratio or Fraction(1)
    shown = (
        (video.width, video.height * aspect) if video.rotation in (90, 270) else (video.width * aspect, video.height)
    )
    scale = min(Fraction(1), Fraction(height) / Fraction(shown[1]))
    across, down = (max(2, 2 * round(side * scale / 2)) for side in shown)
    return across, down


class _Unwatched:
    """Progress that nobody hears of."""

    def at(self, phase: str, seconds: float = 0.0) -> None:
        pass


class _Track(ABC):
    """One stream of the proxy: takes what the decode pass gives, in a thread of its own."""

    name: ClassVar[str]
    what: ClassVar[str]
    request: Request

    def __init__(self, output: OutputContainer, lock: threading.Lock, stream: VideoStream | AudioStream) -> None:
        """Keep where packets go; the lock is for all streams of the file."""
        self.count = 0
        self.broken: MediaError | None = None
        self._output, self._lock = output, lock
        self._lengths: dict[int, int] = {}  # ticks of each frame under way, by its time; encoders drop them
        self._encode = cast("Callable[[VideoFrame | AudioFrame | None], list[Packet[Any]]]", stream.encode)

    def consume(self, batches: Iterator[Batch]) -> None:
        """Encode everything; a stream that breaks off ends where it broke off."""
        try:
            for batch in batches:
                for frame in self._frames(batch):
                    self.count += 1
                    self._write(frame)
        except MediaError as error:
            self.broken = error
        if self.count:
            self._write(None)

    def _write(self, frame: VideoFrame | AudioFrame | None) -> None:
        """Encode a frame, or the end, and write what comes out."""
        for packet in self._encode(frame):
            packet.duration = self._lengths.pop(packet.pts or 0, packet.duration)
            with self._lock:
                self._output.mux(packet)

    @abstractmethod
    def _frames(self, batch: Batch) -> Iterator[VideoFrame | AudioFrame]:
        """Frames to encode, with their times."""


class _PictureTrack(_Track):
    """Pictures of one size, a key frame at the beginning of each second."""

    name = "proxy pictures"
    what = "pictures"

    def __init__(self, output: OutputContainer, lock: threading.Lock, form: _Form, size: tuple[int, int]) -> None:
        stream = cast("VideoStream", output.add_stream(form.video, rate=_FRAMES_RATE, options=dict(form.video_options)))
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        codec = stream.codec_context
        codec.time_base = stream.time_base = TICK
        codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
        codec.color_range = ColorRange.MPEG
        super().__init__(output, lock, stream)
        self.request = EveryFrame(Picture(*size, fit="stretch"))
        self._colours = VideoReformatter()
        self._last, self._next_key = -1, -math.inf

    def _frames(self, batch: Batch) -> Iterator[VideoFrame]:
        assert isinstance(batch, FrameBatch)
        for picture, (start, end) in zip(batch.pictures, batch.spans.tolist(), strict=True):
            frame = self._colours.reformat(
                VideoFrame.from_ndarray(picture, "rgb24"), format="yuv420p", dst_colorspace=Colorspace.ITU709, threads=1
            )
            self._last = frame.pts = max(self._last + 1, round(start / TICK))
            frame.time_base = TICK
            self._lengths[frame.pts] = max(1, round(end / TICK) - frame.pts)
            if start >= self._next_key:
                frame.pict_type, self._next_key = PictureType.I, math.floor(start) + 1
            yield frame


class _SoundTrack(_Track):
    """One channel or two."""

    name = "proxy sound"
    what = "sound"

    def __init__(self, output: OutputContainer, lock: threading.Lock, form: _Form, *, channels: int) -> None:
        self._layout = "mono" if channels == 1 else "stereo"
        stream = cast("AudioStream", output.add_stream(form.audio, rate=RATE_HZ, layout=self._layout))
        stream.codec_context.bit_rate = 64_000 * channels
        super().__init__(output, lock, stream)
        self.request = Sound(RATE_HZ, mono=channels == 1)

    def _frames(self, batch: Batch) -> Iterator[AudioFrame]:
        assert isinstance(batch, SoundBatch)
        samples = np.nan_to_num(batch.samples, posinf=0.0, neginf=0.0)  # encoders refuse what is no number
        frame = AudioFrame.from_ndarray(np.clip(samples, -1, 1).reshape(1, -1), "flt", self._layout)
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, round(batch.start * RATE_HZ), Fraction(1, RATE_HZ)
        yield frame
