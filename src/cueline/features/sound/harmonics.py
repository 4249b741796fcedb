"""Harmonic-to-noise ratio: energy of what lasts against energy of what spreads.

In a spectrogram a tone is a line along time and a click or noise a line along frequency. The median of 31 frames
(0.7 s) around each point keeps the first, the median of 31 bins (334 Hz at 22,050 Hz) keeps the second; the share of
each in the sum of their squares masks the magnitudes. The ratio is that of the energies of the two parts, in dB,
within 60 of 0. Digital silence has 0. Beyond the ends of the sound, and of the spectrum, stands its mirror image.

The medians cost several times as much as all other descriptors together, so they are off unless asked for. This is
not Boersma's ratio from autocorrelation, which is defined for one voice alone.

References:
    D. Fitzgerald, "Harmonic/percussive separation using median filtering", 2010. librosa 0.11,
    `librosa.decompose.hpss`: the same parts.
"""

from __future__ import annotations

import bottleneck
import numpy as np
import numpy.typing as npt

from cueline.features.sound.spectra import BINS, Floats

REACH = 15
MOST_DB = 60.0

Energies = npt.NDArray[np.float64]

_TINY = np.finfo(np.float32).tiny


class Harmonics:
    """Splits magnitudes that come in pieces; a frame is decided when the 15 after it are known."""

    def __init__(self) -> None:
        """Stand before the first frame."""
        self._held: Floats = np.zeros((0, BINS), np.float32)
        self._begun = False

    def put(self, magnitude: Floats) -> Energies:
        """Take the next frames, shape (T, 1025); give the energies of those decided, as `energies` does."""
        self._held = np.concatenate([self._held, magnitude])
        if not self._begun and len(self._held) >= REACH:
            self._held = np.concatenate([self._held[:REACH][::-1], self._held])
            self._begun = True
        return self._decide() if self._begun else np.zeros((0, 2))

    def end(self) -> Energies:
        """No more frames: give the energies of those that are left."""
        if not len(self._held):
            return np.zeros((0, 2))
        self._held = np.pad(self._held, ((0 if self._begun else REACH, REACH), (0, 0)), mode="symmetric")
        return self._decide()

    def _decide(self) -> Energies:
        decided = max(0, len(self._held) - 2 * REACH)
        held, self._held = self._held, self._held[decided:]
        return energies(held) if decided else np.zeros((0, 2))


def energies(magnitude: Floats) -> Energies:
    """Energy of the harmonic and of the percussive part of each frame but the first and last 15.

    Args:
        magnitude: Shape (T + 30, 1025).

    Returns:
        Shape (T, 2).
    """
    window = 2 * REACH + 1
    inner = magnitude[REACH:-REACH]
    lasting = bottleneck.move_median(magnitude, window, axis=0)[window - 1 :]
    wide = np.pad(inner, ((0, 0), (REACH, REACH)), mode="symmetric")
    spread = bottleneck.move_median(wide, window, axis=1)[:, window - 1 :]
    greater = np.maximum(np.maximum(lasting, spread), _TINY)
    tone, noise = (lasting / greater) ** 2, (spread / greater) ** 2
    total = tone + noise
    share = np.divide(tone, total, out=np.full_like(tone, 0.5), where=total > 0)
    parts = inner * share, inner * (1 - share)
    return np.column_stack([np.einsum("tf,tf->t", part, part, dtype=np.float64) for part in parts])


def ratio_db(energy: Energies) -> npt.NDArray[np.float64]:
    """Harmonic-to-noise ratio in dB, -60 to 60, 0 where there is no energy; shape (N, 2) to (N,)."""
    raised = np.maximum(energy, _TINY)
    ratio: npt.NDArray[np.float64] = np.clip(10 * np.log10(raised[:, 0] / raised[:, 1]), -MOST_DB, MOST_DB)
    return ratio
