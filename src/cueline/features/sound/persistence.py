"""Persistence: how long frequencies stand out of what is around them, as notes do and voices do not.

In each frame a bin stands out where its level exceeds the mean of the 21 bins around it. How much of the last second
or so a bin stood out is followed with a mean that forgets (time constant `MEMORY_SECONDS`); a held note makes lines of
1, a voice glides through bins, in noise about half of all bins stand out at any time and none for long. Persistence is
the mean of the greatest `GREATEST` such values from 100 to 5,000 Hz, 0 to 1. It hears music beneath a voice, which
level and timbre do not tell. A change of volume does not change it.

References:
    K. Seyerlehner, T. Pohle, M. Schedl, G. Widmer, "Automatic music detection in television productions", 2007:
    continuous frequency activation, here as a running mean rather than in blocks.
"""

from __future__ import annotations

import numpy as np
import scipy.ndimage
import scipy.signal

from cueline.features.sound.mel import decibels
from cueline.features.sound.spectra import HOP, Floats, frequencies

RANGE_HZ = (100.0, 5000.0)
AROUND = 21
GREATEST = 10
MEMORY_SECONDS = 0.5

_LEAST_DB = np.float32(1.0)


class Persistence:
    """Follows which frequencies stand out, block after block."""

    def __init__(self, rate_hz: int) -> None:
        """Stand before the first frame."""
        low, high = np.searchsorted(frequencies(rate_hz), RANGE_HZ)
        self._band = slice(int(low), int(high))
        self._keep = float(np.exp(-HOP / rate_hz / MEMORY_SECONDS))
        self._state = np.zeros((1, int(high - low)), np.float32)

    def put(self, power: Floats) -> Floats:
        """Take the power of the next frames, shape (T, 1025); give their persistence, shape (T,)."""
        levels = decibels(power[:, self._band])
        around = scipy.ndimage.uniform_filter1d(levels, AROUND, axis=1, mode="nearest")
        stands = (levels > around + _LEAST_DB).astype(np.float32)
        keep = np.float32(self._keep)
        told, self._state = scipy.signal.lfilter(
            np.array([1 - keep], np.float32), np.array([1, -keep], np.float32), stands, axis=0, zi=self._state
        )
        greatest = np.partition(told, -GREATEST, axis=1)[:, -GREATEST:]
        persistence: Floats = greatest.mean(axis=1)
        return persistence
