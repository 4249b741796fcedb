"""Clips with known truth: frame i is a flat grey that spells i, tones start at known samples."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from cueline.timeline.assets import Asset, Stream

STEPS = 16
DARK, STEP = 20, 13  # greys of a clip: 20, 33, ... 215: far enough apart to survive any codec


def grey(index: int) -> tuple[int, int]:
    """The greys of the left and the right half of frame `index`: two digits to the base of 16."""
    return DARK + STEP * (index // STEPS % STEPS), DARK + STEP * (index % STEPS)


def read_back(picture: np.ndarray) -> int:
    """Which frame a picture shows, modulo 256."""
    width = picture.shape[1]
    left, right = picture[:, : width // 2 - 2].mean(), picture[:, width // 2 + 2 :].mean()
    return round((left - DARK) / STEP) * STEPS + round((right - DARK) / STEP)


def picture_of(index: int, width: int = 64, height: int = 48) -> np.ndarray:
    picture = np.empty((height, width, 3), dtype=np.uint8)
    picture[:, : width // 2], picture[:, width // 2 :] = grey(index)
    return picture


def write_frames(
    path: Path,
    stamps: list[int],
    time_base: Fraction,
    *,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    size: tuple[int, int] = (64, 48),
    rate: Fraction = Fraction(25),
    container_options: dict[str, str] | None = None,
) -> None:
    """A clip whose frame i has the time stamp stamps[i] in `time_base`."""
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = 1_000_000  # greys must survive
        stream.codec_context.time_base = stream.time_base = time_base
        for index, stamp in enumerate(stamps):
            frame = av.VideoFrame.from_ndarray(picture_of(index, *size), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts, frame.time_base = stamp, time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def write_even(path: Path, count: int, rate: Fraction = Fraction(25), **how) -> None:
    """A clip of `count` frames at an even rate."""
    write_frames(path, list(range(count)), 1 / rate, rate=rate, **how)


@dataclass(frozen=True)
class Sounds:
    """What to write into an audio stream: samples (S, C) float32 and where each block of them is due."""

    samples: np.ndarray
    rate_hz: int = 48000
    layout: str = "stereo"
    starts: tuple[int, ...] = (0,)


def tone(seconds: float, rate_hz: int = 48000, *, hertz: float = 1000.0, channels: int = 2) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate_hz)) / rate_hz)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def audio_frame(samples: np.ndarray, rate_hz: int, layout: str, stamp: int | None) -> av.AudioFrame:
    """A float frame of samples (S, C)."""
    packed = np.ascontiguousarray(samples, dtype=np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate_hz, stamp, Fraction(1, rate_hz)
    return frame


def write_sound(
    path: Path, samples: np.ndarray, rate_hz: int, layout: str, *, codec: str = "flac", at: int = 0
) -> None:
    """An audio file; its first sample has the time stamp `at` in samples."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate_hz)
        for begin in range(0, len(samples), 4800):
            frame = audio_frame(samples[begin : begin + 4800], rate_hz, layout, at + begin)
            for each in resampler.resample(frame):
                container.mux(stream.encode(each))
        for each in resampler.resample(None):
            container.mux(stream.encode(each))
        container.mux(stream.encode(None))


def asset_of(path: Path) -> Asset:
    """What a probe would say of a clip, as far as the reader asks."""
    with av.open(str(path)) as container:
        streams = [
            Stream(
                f"{stream.type}:0",
                stream.type,
                stream.index,
                stream.codec_context.name,
                duration=float((stream.duration or 0) * stream.time_base) or (container.duration or 0) / av.time_base,
            )
            for stream in (*container.streams.video, *container.streams.audio)
        ]
    return Asset("0" * 32, max((s.duration for s in streams), default=0.0), tuple(streams))


class Silent:
    """Progress that nobody watches."""

    def at(self, phase: str, seconds: float = 0.0) -> None:
        pass


class Diary:
    """Progress that is remembered."""

    def __init__(self) -> None:
        self.phases: list[tuple[str, float]] = []

    def at(self, phase: str, seconds: float = 0.0) -> None:
        self.phases.append((phase, seconds))


class Collect:
    """A consumer's function that keeps every batch."""

    def __init__(self) -> None:
        self.batches = []

    def __call__(self, batches) -> None:
        self.batches.extend(batches)

    @property
    def spans(self) -> np.ndarray:
        return np.concatenate([batch.spans for batch in self.batches]) if self.batches else np.empty((0, 2))

    @property
    def pictures(self) -> list[np.ndarray]:
        return [picture for batch in self.batches for picture in batch.pictures]

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate([batch.samples for batch in self.batches])
