"""Spectral contrast: how far the peaks of a band stand above its valleys.

Seven bands: below 200 Hz, then six octaves from 200 Hz up, the last reaching to half the rate. A peak is the mean of
the greatest 2 % of a band's magnitudes, a valley the mean of the smallest 2 %, one bin at least; contrast is the
difference of their levels in dB. High for clear tones, low for noise, 0 in digital silence.

References:
    D.-N. Jiang, L. Lu, H.-J. Zhang, J.-H. Tao, L.-H. Cai, "Music type classification by spectral contrast feature",
    2002. librosa 0.11, `librosa.feature.spectral_contrast`: the same bands, bins and quantile.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from cueline.errors import TimelineError
from cueline.features.sound.mel import decibels
from cueline.features.sound.spectra import BINS, Floats, frequencies

BANDS = 7

_LOWEST_HZ = 200.0
_QUANTILE = 0.02


class Band(NamedTuple):
    """Bins `[first, end)` of a band, and how many of them make a peak or a valley."""

    first: int
    end: int
    extreme: int


@lru_cache(maxsize=16)
def contrast_bands(rate_hz: int) -> tuple[Band, ...]:
    """The seven bands.

    Raises:
        TimelineError: If the rate is so low that the last band would be empty.
    """
    edges = np.concatenate(([0.0], _LOWEST_HZ * 2.0 ** np.arange(BANDS)))
    if rate_hz <= 2 * edges[-2]:
        raise TimelineError(
            f"spectral contrast needs a rate above {2 * edges[-2]:.0f} Hz for its {BANDS} bands, got {rate_hz} Hz. "
            "Resample first."
        )
    hertz = frequencies(rate_hz)
    bands = []
    for band, (low, high) in enumerate(pairwise(edges.tolist())):
        inside = np.flatnonzero((hertz >= low) & (hertz <= high))
        # Each band but the first begins one bin early, and each but the last leaves its last bin to the next
        first = int(inside[0]) - (band > 0)
        end = BINS if band == BANDS - 1 else int(inside[-1]) + 1
        extreme = max(1, int(np.rint(_QUANTILE * (end - first))))
        bands.append(Band(first, end - (band < BANDS - 1), extreme))
    return tuple(bands)


def peaks_and_valleys(magnitude: Floats, bands: tuple[Band, ...]) -> tuple[Floats, Floats]:
    """Levels in dB of the peaks and of the valleys of each band, each of shape (T, 7)."""
    peaks = np.empty((len(magnitude), len(bands)), np.float32)
    valleys = np.empty_like(peaks)
    for column, (first, end, extreme) in enumerate(bands):
        inside = magnitude[:, first:end]
        if extreme == 1:
            peaks[:, column], valleys[:, column] = inside.max(axis=1), inside.min(axis=1)
        else:
            ordered = np.sort(inside, axis=1)  # faster than a partition at two places, being vectorised
            peaks[:, column] = ordered[:, -extreme:].mean(axis=1)
            valleys[:, column] = ordered[:, :extreme].mean(axis=1)
    return decibels(peaks), decibels(valleys)
