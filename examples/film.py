"""A short film with known truth: painted scenes, cuts, dissolves, fades, a flash, fast pans, tones and silence.

Everything is drawn by formulas, so the film needs no file and no licence, and its truth is exact by
construction. `render(path)` writes it and gives the truth: where each transition begins and ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 320, 180  # painted small, encoded twice as large
RATE = Fraction(24)
SOUND_HZ = 44100

Picture = npt.NDArray[np.float32]
Colour = tuple[float, float, float]

Y, X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
U, V = X / WIDTH, Y / HEIGHT


@dataclass(frozen=True)
class Take:
    """One shot of the film.

    Attributes:
        paint: Time within the shot in seconds -> picture, float RGB in [0, 1].
        duration: Seconds, the transition into it included.
        join: How it begins: "cut", "dissolve" or "black" (fade out and in through black).
        seconds: Length of that transition.
        tone_hz: What is heard; 0 for silence.
        flash: Seconds into the shot at which two frames are nearly white; 0 for none.
    """

    paint: Callable[[float], Picture]
    duration: float
    join: str = "cut"
    seconds: float = 0.0
    tone_hz: float = 0.0
    flash: float = 0.0


@dataclass(frozen=True)
class Truth:
    """What is known of the film.

    Attributes:
        transitions: Start and end of each in seconds, shape (N, 2); a cut has no length.
        frames: How many.
        duration: Seconds.
    """

    transitions: npt.NDArray[np.float64]
    frames: int
    duration: float


def _rgb(value: str) -> Colour:
    return (int(value[0:2], 16) / 255, int(value[2:4], 16) / 255, int(value[4:6], 16) / 255)


def _sky(top: str, low: str) -> Picture:
    a, b = np.array(_rgb(top), np.float32), np.array(_rgb(low), np.float32)
    return a + (b - a) * V[..., None] ** 0.8


def _blend(picture: Picture, colour: str, mask: Picture) -> None:
    picture += (np.array(_rgb(colour), np.float32) - picture) * np.clip(mask, 0, 1)[..., None]


def _disc(picture: Picture, colour: str, x: float, y: float, radius: float, soft: float = 2.0) -> None:
    distance = np.hypot(X - x * WIDTH, Y - y * HEIGHT)
    _blend(picture, colour, (radius - distance) / soft + 0.5)


def _ridge(picture: Picture, colour: str, height: float, rough: float, shift: float, seed: int) -> None:
    waves = np.random.default_rng(seed).uniform(0.3, 1.0, 5)
    line = sum(w * np.sin((U[0] + shift) * math.tau * (k + 1) * 0.7 + seed * k) / (k + 1) for k, w in enumerate(waves))
    _blend(picture, colour, (Y - (height + rough * line[None, :]) * HEIGHT) / 2)


def dawn(t: float) -> Picture:
    """A sun that rises over hills."""
    picture = _sky("27345f", "f2a65a")
    _disc(picture, "ffe3a3", 0.62, 0.62 - 0.03 * t, 19, 3)
    for depth, colour in enumerate(("8f5c66", "5d4058", "2c2540")):
        _ridge(picture, colour, 0.62 + 0.1 * depth, 0.05, 0.01 * t * (depth + 1), depth)
    return picture


def valley(t: float) -> Picture:
    """Green hills, and a camera that sweeps across them fast."""
    picture = _sky("7ec8e3", "e8f6ef")
    pan = 0.9 * (1 - math.cos(min(t, 2.0) * math.pi / 2)) / 2
    for depth, colour in enumerate(("9bc59d", "5b9279", "2f5d50")):
        _ridge(picture, colour, 0.5 + 0.14 * depth, 0.07, pan * (depth + 1), 7 + depth)
    _disc(picture, "f7f7ff", 0.9 - pan * 0.5, 0.18, 12, 5)
    return picture


def sea(t: float) -> Picture:
    """Waves to the horizon."""
    picture = _sky("3c6e9f", "cfe8ef")
    depth = np.clip((V - 0.45) / 0.55, 0.02, 1)
    swell = np.sin(18 / depth + 4 * t + 3 * np.sin(U * 9 + t)) * 0.5 + 0.5
    _blend(picture, "12506b", (V > 0.45).astype(np.float32))
    _blend(picture, "6fb7c9", (V > 0.45) * swell * 0.55)
    return picture


def boat(t: float) -> Picture:
    """The same water, nearer, with a boat on it."""
    picture = sea(t * 0.8 + 5)
    x, y = 0.3 + 0.05 * t, 0.6 + 0.012 * math.sin(3 * t)
    hull = (np.abs(X - x * WIDTH) < 40 - (Y - y * HEIGHT)) & (Y > y * HEIGHT) & (Y < y * HEIGHT + 17)
    sail = (X - x * WIDTH > 2) & (X - x * WIDTH < (Y - (y - 0.4) * HEIGHT) * 0.6) & (Y < y * HEIGHT - 3)
    _blend(picture, "7a2e2e", hull.astype(np.float32))
    _blend(picture, "fff4e0", sail.astype(np.float32))
    return picture


def _towers(picture: Picture, seed: int, zoom: float, t: float) -> None:
    rng = np.random.default_rng(seed)
    for x, width, height in zip(
        rng.uniform(-0.1, 1, 22), rng.uniform(0.04, 0.1, 22), rng.uniform(0.2, 0.7, 22), strict=True
    ):
        left, right, top = 0.5 + (x - 0.5) * zoom, 0.5 + (x + width - 0.5) * zoom, 1 - height * zoom
        body = (U > left) & (U < right) & (V > top)
        shade = "1b2238" if height > 0.45 else "2a3350"
        _blend(picture, shade, body.astype(np.float32))
        windows = body & ((X - left * WIDTH) % 6 > 3) & ((Y - top * HEIGHT) % 8 > 4)
        lit = np.sin(np.floor((X - left * WIDTH) / 6) * 12.9 + np.floor((Y - top * HEIGHT) / 8) * 78.2 + seed) > 0.1
        _blend(picture, "f6c667", (windows & lit).astype(np.float32) * (0.85 + 0.1 * math.sin(t + x * 9)))


def city(t: float) -> Picture:
    """Towers at dusk, and a slow zoom towards them."""
    picture = _sky("3b2f63", "d1738a")
    _towers(picture, 3, 1 + 0.06 * t, t)
    return picture


def street(t: float) -> Picture:
    """The same towers from another side."""
    picture = _sky("2d2550", "b9647f")
    _towers(picture, 11, 1.6, t)
    return picture


def night(t: float) -> Picture:
    """Stars, a moon, and a dark ridge."""
    picture = _sky("050816", "17264d")
    rng = np.random.default_rng(5)
    for x, y, size in zip(rng.uniform(0, 1, 90), rng.uniform(0, 0.7, 90), rng.uniform(0.5, 1.8, 90), strict=True):
        row, column = int(y * HEIGHT), int(x * WIDTH)
        picture[row, column] = 0.35 + 0.3 * size + 0.1 * math.sin(4 * t + 40 * x)
    _disc(picture, "f4f1de", 0.25 + 0.01 * t, 0.28, 15, 2)
    _ridge(picture, "02040c", 0.8, 0.06, 0.0, 4)
    return picture


def forest(t: float) -> Picture:
    """Trunks that rush past."""
    picture = _sky("c9d8b6", "6a994e")
    shift = 1.4 * (1 - math.cos(min(t, 2.4) * math.pi / 2.4)) / 2
    for depth, colour in enumerate(("8aa37b", "55704f", "24331f")):
        rng = np.random.default_rng(20 + depth)
        for x in np.sort(rng.uniform(0, 3, 14)):
            centre = x - shift * (0.5 + 0.5 * depth)
            _blend(picture, colour, (np.abs(U - centre) < 0.008 * (depth + 1)).astype(np.float32))
    _ridge(picture, "31572c", 0.85, 0.02, shift, 9)
    return picture


def desert(t: float) -> Picture:
    """Dunes under a white sun."""
    picture = _sky("f4d58d", "f7e7c6")
    _disc(picture, "fffbea", 0.75, 0.22, 13, 8)
    for depth, colour in enumerate(("e0a458", "c57b3b", "8d4f2a")):
        _ridge(picture, colour, 0.58 + 0.13 * depth, 0.06, 0.012 * t * (depth + 1), 30 + depth)
    return picture


def letters(t: float) -> Picture:
    """An end card: three bars that slide in."""
    picture = np.full((HEIGHT, WIDTH, 3), np.array(_rgb("1d2733"), np.float32), np.float32)
    for row, (colour, length) in enumerate((("ff7a59", 0.5), ("f6c667", 0.36), ("7ec8e3", 0.44))):
        right = 0.12 + length * min(1.0, t * 1.6)
        bar = (U > 0.12) & (U < right) & (np.abs(V - 0.36 - 0.14 * row) < 0.035)
        _blend(picture, colour, bar.astype(np.float32))
    return picture


TAKES = (
    Take(dawn, 3.5, "black", 0.75, tone_hz=220.0),
    Take(valley, 3.0, tone_hz=330.0),
    Take(sea, 3.0, tone_hz=0.0),
    Take(boat, 2.5, tone_hz=262.0),
    Take(city, 4.0, "dissolve", 1.0, tone_hz=392.0, flash=2.25),
    Take(street, 1.25, tone_hz=392.0),
    Take(night, 3.5, "black", 1.25, tone_hz=0.0),
    Take(forest, 3.0, tone_hz=196.0),
    Take(desert, 3.0, "dissolve", 0.75, tone_hz=294.0),
    Take(letters, 3.0, tone_hz=440.0),
)


def render(path: Path, takes: tuple[Take, ...] = TAKES) -> Truth:
    """Write the film as H.264 and AAC in MP4.

    Args:
        path: Where; its folder must exist.
        takes: The shots; the last one fades to black.

    Returns:
        The truth.
    """
    starts = np.cumsum([0.0, *(take.duration for take in takes)])
    duration = float(starts[-1])
    frames = round(duration * RATE)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        video = container.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = 2 * WIDTH, 2 * HEIGHT, "yuv420p"
        audio = container.add_stream("aac", rate=SOUND_HZ, layout="mono")
        for number in range(frames):
            picture = _picture(takes, starts, float(number / RATE))
            frame = av.VideoFrame.from_ndarray((np.clip(picture, 0, 1) * 255).astype(np.uint8), format="rgb24")
            frame = frame.reformat(2 * WIDTH, 2 * HEIGHT, "yuv420p", interpolation="BICUBIC")
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(video.encode(frame))
        for block in _sound(takes, duration):
            container.mux(audio.encode(block))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    return Truth(_transitions(takes, starts), frames, duration)


def _transitions(takes: tuple[Take, ...], starts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Where shots join: fades and dissolves run from `seconds` before the join to `seconds` after, halved."""
    joins = [
        (start, take.seconds if take.join != "cut" else 0.0)
        for start, take in zip(starts[1:-1], takes[1:], strict=True)
    ]
    return np.array([(start - seconds / 2, start + seconds / 2) for start, seconds in joins])


def _picture(takes: tuple[Take, ...], starts: npt.NDArray[np.float64], time: float) -> Picture:
    index = min(int(np.searchsorted(starts, time, side="right")) - 1, len(takes) - 1)
    take, into, left = takes[index], time - starts[index], starts[index + 1] - time
    after = takes[index + 1] if index + 1 < len(takes) else Take(letters, 1.0, "black", 1.5)
    picture = take.paint(into + 0.5)
    if take.join == "dissolve" and into < take.seconds / 2:
        before = takes[index - 1]
        picture += (before.paint(before.duration + into + 0.5) - picture) * (0.5 - into / take.seconds)
    if after.join == "dissolve" and left < after.seconds / 2:
        picture += (after.paint(0.5 - left) - picture) * (0.5 - left / after.seconds)
    if take.join == "black" and into < take.seconds / 2:
        picture *= into / (take.seconds / 2)
    if after.join == "black" and left < after.seconds / 2:
        picture *= left / (after.seconds / 2)
    if take.flash and 0 <= into - take.flash < 2 / float(RATE):
        picture = 0.15 * picture + 0.85
    return picture


def _sound(takes: tuple[Take, ...], duration: float) -> Iterator[av.AudioFrame]:
    """One soft tone for each shot, or silence, in blocks of 1,024 samples."""
    hz = np.repeat([take.tone_hz for take in takes], [round(take.duration * SOUND_HZ) for take in takes])
    wave = 0.2 * np.sin(math.tau * np.cumsum(hz) / SOUND_HZ) * (hz > 0)
    samples = wave[: round(duration * SOUND_HZ)].astype(np.float32)
    for first in range(0, len(samples), 1024):
        block = av.AudioFrame.from_ndarray(samples[None, first : first + 1024], format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = SOUND_HZ, first, Fraction(1, SOUND_HZ)
        yield block
