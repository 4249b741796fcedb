"""Chroma: how much of each of the twelve pitch classes, C first, is in each frame.

Every frequency is spread over the pitch classes near it by a Gaussian about as wide as its bin, and weighed by a wide
Gaussian over octaves around 440 x 2 = 880 Hz, where pitch is heard best. The greatest class of a frame is 1; a frame
of digital silence is all 0.

Tuning is given, 0 by default: A4 is 440 Hz. librosa estimates it from the whole clip unless told otherwise; a stream
cannot, and an estimate from speech or noise is arbitrary.

References:
    D. Ellis, "Chroma feature analysis and synthesis", 2007. librosa 0.11, `librosa.filters.chroma` and
    `librosa.feature.chroma_stft(tuning=0.0)`: the same numbers.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cueline.features.sound.spectra import BINS, FRAME, Floats

CLASSES = 12

_A4_HZ = 440.0
_A4_OCTAVE = 4
_C_ABOVE_A = 3
_CENTRE_OCTAVE, _OCTAVES_WIDE = 5.0, 2.0


@lru_cache(maxsize=16)
def chroma_filters(rate_hz: int, tuning: float = 0.0) -> Floats:
    """Weight of each frequency in each pitch class.

    Args:
        rate_hz: Samples a second.
        tuning: How far A4 lies above 440 Hz, in semitones.

    Returns:
        Shape (1025, 12).
    """
    hertz = np.arange(1, BINS + 1) * (rate_hz / FRAME)
    octaves = np.log2(hertz / (_A4_HZ * 2.0 ** (tuning / CLASSES))) + _A4_OCTAVE
    # 0 Hz has no pitch: it is put one and a half octaves below the first bin
    pitches = CLASSES * np.concatenate(([octaves[0] - 1.5], octaves))
    widths = np.maximum(np.diff(pitches), 1.0)
    pitches = pitches[:-1]
    distance = (pitches[:, None] - np.arange(CLASSES) + CLASSES / 2) % CLASSES - CLASSES / 2
    weights = np.exp(-0.5 * (2.0 * distance / widths[:, None]) ** 2)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    weights *= np.exp(-0.5 * ((pitches / CLASSES - _CENTRE_OCTAVE) / _OCTAVES_WIDE) ** 2)[:, None]
    return np.ascontiguousarray(np.roll(weights, -_C_ABOVE_A, axis=1), dtype=np.float32)


def chroma(power: Floats, filters: Floats) -> Floats:
    """Share of each pitch class, the greatest 1, shape (T, 1025) to (T, 12)."""
    raw = power @ filters
    greatest = raw.max(axis=1, keepdims=True)
    shares: Floats = np.divide(raw, greatest, out=np.zeros_like(raw), where=greatest > np.finfo(np.float32).tiny)
    return shares
