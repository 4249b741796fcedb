"""Modulation: how much the level of the voice's band beats at the pace of syllables.

Speech is made of about four syllables a second, so that its level rises and falls 2 to 8 times a second, by many
decibels; held notes do not, noise does so by little. The band is 300 to 3,400 Hz. Its level in dB passes a filter
(Butterworth, second order, 2 to 8 Hz); the square of what comes out is the modulation, in dB squared. A change of
volume does not change it. The filter looks back only, so that what it tells comes about 0.15 s late.

References:
    E. Scheirer, M. Slaney, "Construction and evaluation of a robust multifeature speech/music discriminator", 1997:
    4 Hz modulation energy.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.signal

from cueline.features.sound.mel import decibels
from cueline.features.sound.spectra import HOP, Floats, frequencies

VOICE_HZ = (300.0, 3400.0)
SYLLABLES_HZ = (2.0, 8.0)

Numbers = npt.NDArray[np.float64]


class Modulation:
    """Follows the level of the voice's band, block after block."""

    def __init__(self, rate_hz: int) -> None:
        """Stand before the first frame."""
        low, high = np.searchsorted(frequencies(rate_hz), VOICE_HZ)
        self._band = slice(int(low), int(high))
        self._filter = scipy.signal.butter(2, SYLLABLES_HZ, "bandpass", fs=rate_hz / HOP, output="sos")
        self._state: Numbers | None = None

    def put(self, power: Floats) -> Numbers:
        """Take the power of the next frames, shape (T, 1025); give their modulation, 0 or more, shape (T,)."""
        level = decibels(power[:, self._band].mean(axis=1)).astype(np.float64)
        if self._state is None:  # as if the first level had stood for ever
            self._state = scipy.signal.sosfilt_zi(self._filter) * level[0]
        beats, self._state = scipy.signal.sosfilt(self._filter, level, zi=self._state)
        modulation: Numbers = beats**2
        return modulation
