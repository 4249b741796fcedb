"""Films and sounds made by the tests, whose truth is known because it was written."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

MILLISECOND = Fraction(1, 1000)
Film = Callable[..., Path]


def even(count: int, *, rate: int = 25, start: float | Fraction = 0) -> list[Fraction]:
    """Times of frames at one rate."""
    return [Fraction(start) + Fraction(i, rate) for i in range(count)]


def _pictures(
    container,
    *,
    times=None,
    codec="libx264",
    size=(64, 48),
    rate=25,
    rotation=0,
    default=True,
    time_base=MILLISECOND,
    options=None,
):
    stream = container.add_stream(codec, rate=rate, options={"preset": "ultrafast", **(options or {})})
    stream.width, stream.height = size
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    stream.codec_context.time_base = time_base
    stream.codec_context.thread_count = 1
    if rotation:
        stream.set_display_rotation(rotation)
    stream.disposition = Disposition.default if default else Disposition(0)
    return stream, [_picture(i, time, size, time_base) for i, time in enumerate(even(25) if times is None else times)]


def _picture(i, time, size, time_base):
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), i * 9 % 256, np.uint8), "rgb24")
    frame.pts, frame.time_base = round(time / time_base), time_base
    return frame


def _tone(container, *, codec="aac", start=0, seconds=1, channels=1, default=True, language="", rate=48000):
    stream = container.add_stream(codec, rate=rate)
    stream.layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    stream.disposition = Disposition.default if default else Disposition(0)
    if language:
        stream.metadata["language"] = language
    form = stream.codec_context.codec.audio_formats[0].name
    resampler = av.AudioResampler(format=form, layout=stream.layout, rate=rate)
    frames, at = [], 0
    while at < seconds * rate:
        length = min(960, round(seconds * rate) - at)
        wave = 0.2 * np.sin(2 * np.pi * 440 * (at + np.arange(length)) / rate)
        frame = av.AudioFrame.from_ndarray(np.tile(wave.astype(np.float32), (channels, 1)), "fltp", stream.layout.name)
        frame.sample_rate, frame.pts, frame.time_base = rate, round(start * rate) + at, Fraction(1, rate)
        frames += resampler.resample(frame)
        at += length
    return stream, frames


def write_film(
    path: Path, *, pictures: Sequence[dict] = (), tones: Sequence[dict] = (), cover: bool = False, **options: str
) -> Path:
    """Encode streams into one file, packets in the order of their decoding times."""
    with av.open(f"file:{path}", "w", options=options) as container:
        made = [_pictures(container, **one) for one in pictures] + [_tone(container, **one) for one in tones]
        if cover:
            stream, frames = _pictures(container, codec="mjpeg", times=[Fraction(0)], options={})
            stream.disposition = Disposition.attached_pic
            made.append((stream, frames))
        packets = [packet for stream, frames in made for frame in (*frames, None) for packet in stream.encode(frame)]
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            container.mux(packet)
    return path


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Write a film: `film("a.mp4", pictures=[{"times": [...]}], tones=[{"channels": 2}])`."""
    return lambda name, **what: write_film(tmp_path_factory.mktemp("films") / name, **what)
