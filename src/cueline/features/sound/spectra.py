"""One transform of sound: centred frames and their spectra, block by block, whatever way the sound comes in.

A frame is 2,048 samples under a periodic Hann window; frames lie 512 samples apart, and the k-th is centred on sample
512 k. Beyond both ends of the sound stand zeros, so that S samples have 1 + S // 512 frames. Frames are worked on in
blocks of 64, counted from the first frame of the sound: a block fits a core's own cache, and because its borders do
not depend on how the sound was cut into batches, neither does a single bit of what is computed from it.

Transforms are computed in float64 and kept in float32: the valleys of a clean tone lie below the rounding of a float32
transform, and spectral contrast would measure that rounding (2.6 dB too much, or too little, for a pure tone).

References:
    librosa 0.11, `librosa.stft`: the same frames, window and padding with zeros.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.fft

Floats = npt.NDArray[np.float32]

FRAME = 2048
HOP = 512
BINS = FRAME // 2 + 1
BLOCK = 64


class Block(NamedTuple):
    """Frames that follow one another.

    Attributes:
        samples: What the frames lie on, zeros beyond the ends of the sound, shape (512 T + 1536,).
        before: How many of the samples stand before the sound.
        after: How many of them stand after it.
        power: Squared magnitude of each frequency from 0 to half the rate, shape (T, 1025).
        magnitude: Its square root, shape (T, 1025).
    """

    samples: Floats
    before: int
    after: int
    power: Floats
    magnitude: Floats


class Framing:
    """Cuts samples that come in pieces into blocks of frames.

    Attributes:
        count: Samples taken so far.
    """

    def __init__(self) -> None:
        """Stand before the first sample."""
        self._held: Floats = np.zeros(FRAME // 2, np.float32)
        self._incoming: list[Floats] = []
        self._waiting = len(self._held)
        self._first = -(FRAME // 2)
        self.count = 0

    def put(self, samples: Floats) -> Iterator[Block]:
        """Take the next samples, shape (S,); give the blocks that are complete."""
        self.count += len(samples)
        self._take(samples)
        while self._waiting >= HOP * (BLOCK - 1) + FRAME:
            yield self._block(BLOCK, after=0)

    def end(self) -> Iterator[Block]:
        """No more samples: give the frames that are left, none of a sound without samples."""
        if not self.count:
            return
        self._take(np.zeros(FRAME // 2, np.float32))
        while self._waiting >= FRAME:
            frames = min(BLOCK, 1 + (self._waiting - FRAME) // HOP)
            end = self._first + HOP * (frames - 1) + FRAME
            yield self._block(frames, after=max(0, end - self.count))

    def _take(self, samples: Floats) -> None:
        self._incoming.append(samples)
        self._waiting += len(samples)

    def _block(self, frames: int, *, after: int) -> Block:
        if self._incoming:
            self._held, self._incoming = np.concatenate([self._held, *self._incoming]), []
        samples = self._held[: HOP * (frames - 1) + FRAME]
        before = max(0, -self._first)
        self._held = self._held[HOP * frames :]
        self._waiting -= HOP * frames
        self._first += HOP * frames
        power = power_spectra(samples)
        return Block(samples, before, after, power, np.sqrt(power))


def blocks(samples: Floats) -> Iterator[Block]:
    """The blocks of a clip that is in memory, shape (S,)."""
    framing = Framing()
    yield from framing.put(samples)
    yield from framing.end()


def power_spectra(samples: Floats) -> Floats:
    """Squared magnitudes of the frames on some samples, shape (512 T + 1536,) to (T, 1025)."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP]
    spectra = scipy.fft.rfft(frames * _window(), axis=1, overwrite_x=True, workers=1).astype(np.complex64)
    power: Floats = np.square(spectra.real)
    power += np.square(spectra.imag)
    return power


def frequencies(rate_hz: int) -> Floats:
    """Frequency of each bin in Hz, shape (1025,)."""
    return (np.arange(BINS) * (rate_hz / FRAME)).astype(np.float32)


@lru_cache(maxsize=1)
def _window() -> npt.NDArray[np.float64]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
