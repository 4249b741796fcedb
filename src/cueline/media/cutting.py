"""Spans of a file's sound, each encoded as a file of its own, exact to the sample.

One decode pass does, whatever the number of spans; `cueline.media.copying` copies packets instead.

Times are seconds of the asset. What is written lasts as long as its span, give or take half a sample: where the file
has no sound, as before a stream that begins late, there is silence; a span that reaches beyond the end of the sound
ends there. Sound of more than two channels becomes stereo. A rate stays as it is unless the format does not have it,
then it is 48 kHz. What is to be small has one channel of at most 24 kHz, if the format has that. WAV and FLAC have 16
bits: a file of 16 bits comes out bit by bit, what is deeper is rounded. M4A states its length exactly; decoders that
pass over that give up to 1,024 samples of padding after it.

Files are written where the caller says and are replaced; write aside and rename where others look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, cast

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer

from cueline.errors import MediaError, OptionError, near_miss
from cueline.media.containers import in_words
from cueline.media.reader import Consumer, PassReport, read
from cueline.ports import Batch, Progress
from cueline.timeline.assets import Asset
from cueline.timeline.batches import SoundBatch
from cueline.timeline.requests import Sound
from cueline.timeline.spans import Span

Form = Literal["mp3", "wav", "flac", "opus", "m4a"]

MOST_OPEN = 64
SMALL_HZ = 24_000
_USUAL_HZ = 48_000
_AAC_HZ = frozenset((96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000))
_MP3_HZ = frozenset((48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000))


@dataclass(frozen=True)
class _Encoding:
    """How a form is written."""

    container: str
    codec: str
    samples: str
    rates: frozenset[int] = frozenset()  # empty: any
    bits_per_sample: float = 0.0  # of one channel, for codecs that are told a bit rate
    options: Mapping[str, str] = field(default_factory=dict)


_ENCODINGS: Mapping[str, _Encoding] = {
    "mp3": _Encoding("mp3", "libmp3lame", "fltp", _MP3_HZ, 2.0, {"compression_level": "7"}),  # 2.3 times as fast
    "wav": _Encoding("wav", "pcm_s16le", "s16"),
    "flac": _Encoding("flac", "flac", "s16"),
    "opus": _Encoding("opus", "libopus", "flt", frozenset((_USUAL_HZ,)), 2.0),
    "m4a": _Encoding("ipod", "aac", "fltp", _AAC_HZ, 2.5),
}
FORMS = tuple(_ENCODINGS)


@dataclass(frozen=True, slots=True)
class Cut:
    """A span to write, and where.

    Attributes:
        span: Seconds of the asset.
        target: The file to be written, in a folder that exists; its ending is the caller's choice.
    """

    span: Span
    target: Path


def encode_spans(
    path: Path, asset: Asset, cuts: Sequence[Cut], form: Form, *, small: bool = False, progress: Progress
) -> PassReport:
    """Write spans of a file's sound in another format, exact to the sample.

    Args:
        path: The file.
        asset: What was measured of it; its chosen audio stream is read.
        cuts: In order of start; spans that have no sound at all are not written.
        form: "mp3", "wav", "flac", "opus" or "m4a".
        small: Write one channel of at most 24 kHz, enough to hear what it is; Opus has 48 kHz whatever is asked for.
        progress: Hears of the decode pass.

    Returns:
        What the pass saw, such as how long the sound truly is.

    Raises:
        OptionError: If there is no such form, or more than 64 spans overlap at one time.
        MediaError: If the file has no sound, it cannot be decoded to its end, or a file cannot be written.
    """
    encoding = _encoding(form)
    stream = asset.stream("audio")
    if stream is None:
        raise MediaError(f"cannot cut the sound of {str(path)!r}: there is none", asset=asset.id, path=path)
    rates = (min(stream.rate_hz, SMALL_HZ), SMALL_HZ, _USUAL_HZ) if small else (stream.rate_hz, _USUAL_HZ)
    rate = next(rate for rate in rates if not encoding.rates or rate in encoding.rates)
    request = Sound(rate, mono=small or stream.channels == 1)
    with ExitStack() as files:
        cutter = _Cutter(encoding, cuts, files)
        report = read(path, asset, [Consumer("cutting", request, cutter.consume)], progress=progress)
    for error in report.errors.values():
        raise explained(error, path, asset)
    return report


def _encoding(form: str) -> _Encoding:
    if form not in _ENCODINGS:
        raise OptionError(f"sound is written as one of {', '.join(FORMS)}, got {form!r}.{near_miss(form, FORMS)}")
    encoding = _ENCODINGS[form]
    if encoding.codec not in av.codecs_available:
        raise MediaError(
            f"{form} needs a PyAV that encodes with {encoding.codec}; install the wheel: "
            "pip install --force-reinstall av"
        )
    return encoding


def explained(error: BaseException, path: Path, asset: Asset) -> BaseException:
    """Cueline's own errors as they are, others in words."""
    if isinstance(error, MediaError | OptionError) or not isinstance(error, OSError | ValueError):
        return error
    return MediaError(f"cannot cut the sound of {str(path)!r}: {in_words(error)}", asset=asset.id, path=path)


class _Cutter:
    """Takes sound in order of time and hands each piece to the files that it belongs to."""

    def __init__(self, encoding: _Encoding, cuts: Sequence[Cut], files: ExitStack) -> None:
        self._encoding, self._files = encoding, files
        self._waiting = list(reversed(cuts))
        self._open: list[_Encoder] = []

    def consume(self, batches: Iterator[Batch]) -> None:
        """Write everything; a span that reaches beyond the sound ends with it."""
        for batch in batches:
            assert isinstance(batch, SoundBatch)
            self._take(batch)
        for encoder in self._open:
            encoder.end()

    def _take(self, batch: SoundBatch) -> None:
        first = round(batch.start * batch.rate_hz)
        while self._waiting and round(self._waiting[-1].span.start * batch.rate_hz) < first + len(batch):
            if len(self._open) == MOST_OPEN:
                raise OptionError(f"at most {MOST_OPEN} chunks may overlap at one time. Take a longer hop.")
            cut, channels = self._waiting.pop(), batch.samples.shape[1]
            self._open.append(_Encoder(self._encoding, cut, batch.rate_hz, channels, self._files))
        for encoder in self._open:
            encoder.take(batch.samples, first)
        self._open = [encoder for encoder in self._open if not encoder.ended]


class _Encoder:
    """One file under way."""

    def __init__(self, encoding: _Encoding, cut: Cut, rate_hz: int, channels: int, files: ExitStack) -> None:
        self.ended, self._target = False, cut.target
        self._first, self._last = (round(time * rate_hz) for time in cut.span)
        self._next, self._origin = self._first, self._first
        self._rate, self._format = rate_hz, encoding.samples
        self._layout = "mono" if channels == 1 else "stereo"
        self._output = written(cut.target, encoding.container, files)
        self._stream = cast(
            "AudioStream",
            self._output.add_stream(encoding.codec, rate=rate_hz, layout=self._layout, options=dict(encoding.options)),
        )
        self._stream.codec_context.format = encoding.samples
        if encoding.bits_per_sample:
            self._stream.codec_context.bit_rate = round(encoding.bits_per_sample * min(rate_hz, _USUAL_HZ)) * channels

    def take(self, samples: npt.NDArray[np.float32], first: int) -> None:
        """Take what lies inside, with silence before it where the file has a hole."""
        last = min(self._last, first + len(samples))
        if last > self._next:
            begin = max(first, self._next)
            if begin > self._next:
                self._encode(np.zeros((begin - self._next, samples.shape[1]), np.float32))
            self._encode(samples[begin - first : last - first])
        if self._next >= self._last:
            self.end()

    def end(self) -> None:
        """Nothing more comes."""
        if not self.ended:
            self.ended = True
            self._write(None)

    def _encode(self, samples: npt.NDArray[np.float32]) -> None:
        frame = AudioFrame.from_ndarray(_as(self._format, samples), self._format, self._layout)
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._next - self._origin, Fraction(1, self._rate)
        self._next += len(samples)
        self._write(frame)

    def _write(self, frame: AudioFrame | None) -> None:
        """Write a frame, or what the encoder still holds."""
        try:
            self._output.mux(self._stream.encode(frame))
            if frame is None:
                self._output.close()
        except (av.error.FFmpegError, OSError) as error:
            raise unwritten(self._target, error) from error


def _as(form: str, samples: npt.NDArray[np.float32]) -> npt.NDArray[Any]:
    """Samples of shape (S, C) as PyAV takes them; integers are those that a file of 16 bits was read from."""
    samples = np.clip(np.nan_to_num(samples, posinf=0.0, neginf=0.0), -1, 1)
    if form == "s16":
        return np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16).reshape(1, -1)
    return np.ascontiguousarray(samples.T) if form == "fltp" else samples.reshape(1, -1)


def written(target: Path, container: str, files: ExitStack) -> OutputContainer:
    """A file open for writing; closed at the latest with all others."""
    try:
        return files.enter_context(av.open(f"file:{target.absolute()}", "w", format=container))
    except (av.error.FFmpegError, OSError) as error:
        raise unwritten(target, error) from error


def unwritten(target: Path, error: BaseException) -> MediaError:
    """Why a file could not be written."""
    return MediaError(f"cannot write {str(target)!r}: {in_words(error)}", path=target)
