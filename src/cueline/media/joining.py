"""Frames of sound that follow one another, joined to blocks of about a second.

A codec gives some fifty frames a second, and each costs as much Python as a second of samples costs arithmetic; so
what is done with samples is done once a block. Frames follow one another while rate, layout and format stay the same
and time stamps agree with the count of samples within `TOLERANCE_SECONDS`; what is done where they do not is up to
`SoundTap`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from cueline.errors import MediaError

Samples = npt.NDArray[np.float32]

TOLERANCE_SECONDS = 0.025
BLOCK_SECONDS = 1

_MOST_PLANES = 7


class Block(NamedTuple):
    """Samples without a gap.

    Attributes:
        samples: float32 in about [-1, 1], shape (S, channels of the file).
        start: Seconds of the asset at which the first is due, perhaps below 0.
        rate_hz: Samples a second.
        channels: Names as FFmpeg writes them.
        follows: Whether `start` is only a guess, and the block just follows the one before.
    """

    samples: Samples
    start: float
    rate_hz: int
    channels: tuple[str, ...]
    follows: bool


class _Run(NamedTuple):
    """Frames that follow one another: what they share, where the first one starts."""

    rate_hz: int
    layout: str
    form: str
    planar: bool
    channels: tuple[str, ...]
    start: float
    follows: bool


class SoundJoiner:
    """Joins the frames of one audio stream.

    Attributes:
        broken: How many samples were no numbers, as damaged files of floats have them; silence stands for them.
        broken_from: Seconds of the first block that had some.
    """

    def __init__(self) -> None:
        """Start before the first frame."""
        self.broken = 0
        self.broken_from = 0.0
        self._run: _Run | None = None
        self._counted = 0  # samples of the run, those that wait included
        self._waiting: list[npt.NDArray[np.generic]] = []
        self._waits = 0

    def put(self, frame: AudioFrame, start: float, *, follows: bool = False) -> Iterator[Block]:
        """Take the next frame.

        Args:
            frame: Decoded sound.
            start: Seconds of the asset at which its first sample is due, perhaps below 0.
            follows: Whether `start` is only a guess, and the frame just follows the one before.

        Raises:
            MediaError: If the sample format is one that PyAV does not hand out.
        """
        if not self._continues(frame, start, follows=follows):
            yield from self.end()
            names = tuple(channel.name for channel in frame.layout.channels)
            kind = (frame.sample_rate, frame.layout.name, frame.format.name, frame.format.is_planar)
            self._run, self._counted = _Run(*kind, names, start, follows), 0
        raw = _raw(frame)
        self._waiting.append(raw)
        self._waits += frame.samples
        self._counted += frame.samples
        if self._waits >= frame.sample_rate * BLOCK_SECONDS:
            yield from self.end()

    def end(self) -> Iterator[Block]:
        """Give what waits, as no more frames follow it or enough of them have come."""
        run, count = self._run, self._counted - self._waits
        if run is None or not self._waits:
            return
        start = float(Fraction(run.start) + Fraction(count, run.rate_hz))
        samples = self._mended(_as_float(np.concatenate(self._waiting, axis=1), run), start)
        self._waiting, self._waits = [], 0
        yield Block(samples, start, run.rate_hz, run.channels, run.follows and not count)

    def _continues(self, frame: AudioFrame, start: float, *, follows: bool) -> bool:
        run = self._run
        if run is None or (frame.sample_rate, frame.layout.name, frame.format.name) != run[:3]:
            return False
        return follows or abs(start - run.start - self._counted / run.rate_hz) <= TOLERANCE_SECONDS

    def _mended(self, samples: Samples, start: float) -> Samples:
        with np.errstate(invalid="ignore", over="ignore"):
            if np.isfinite(samples.sum()):
                return samples
        wrong = ~np.isfinite(samples)
        if not self.broken:
            self.broken_from = start
        self.broken += int(wrong.sum())
        return np.where(wrong, np.float32(0), samples)


def _raw(frame: AudioFrame) -> npt.NDArray[np.generic]:
    """The numbers of a frame as they are, shape (C, S) for planes, else (1, S * C)."""
    if frame.format.is_planar and frame.layout.nb_channels > _MOST_PLANES:  # PyAV reads behind the last of 8 or more
        packed = AudioResampler(format=frame.format.packed, layout=frame.layout).resample(frame)
        return packed[0].to_ndarray().reshape(-1, frame.layout.nb_channels).T
    try:
        raw: npt.NDArray[np.generic] = frame.to_ndarray()
    except (ValueError, KeyError) as error:
        raise MediaError(f"sound must be in a sample format that can be read, got {frame.format.name}") from error
    return raw


def _as_float(raw: npt.NDArray[np.generic], run: _Run) -> Samples:
    """float32 in about [-1, 1], shape (S, C)."""
    samples = raw.T if run.planar else raw.reshape(-1, len(run.channels))
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - np.float32(128)) / np.float32(128)
    if np.issubdtype(samples.dtype, np.integer):
        return samples.astype(np.float32) / np.float32(1 << (8 * samples.dtype.itemsize - 1))
    return samples.astype(np.float32, copy=False)
