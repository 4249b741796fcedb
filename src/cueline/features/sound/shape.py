"""The shape of a spectrum in one number each: centroid, bandwidth, rolloff, flatness.

- centroid: mean frequency in Hz, weighted by magnitude; what is heard as brightness.
- bandwidth: deviation from the centroid in Hz, root of the mean square weighted by magnitude.
- rolloff: frequency in Hz below which 85 % of the magnitude lies.
- flatness: geometric over arithmetic mean of the power; 0 to 1: near 0 for a tone, about 0.56 for white noise.

In digital silence the first three are 0 and flatness is 1, as power is never taken to be less than 1e-10.

References:
    G. Peeters, "A large set of audio features for sound description", CUIDADO project, 2004. A. Gray, J. Markel, "A
    spectral-flatness measure for studying the autocorrelation method of linear prediction", 1974. librosa 0.11,
    `librosa.feature.spectral_centroid`, `spectral_bandwidth`, `spectral_rolloff`, `spectral_flatness`: the same.
"""

from __future__ import annotations

import numpy as np

from cueline.features.sound.spectra import BINS, Floats

ROLLOFF_SHARE = 0.85

_RUN = 32
_LEAST_POWER = np.float32(1e-10)
_TINY = np.finfo(np.float32).tiny


def centroid(magnitude: Floats, hertz: Floats) -> Floats:
    """Mean frequency in Hz, shape (T, 1025) to (T,)."""
    return _share(magnitude @ hertz, magnitude.sum(axis=1))


def bandwidth(magnitude: Floats, hertz: Floats, centre: Floats) -> Floats:
    """Deviation from the centroid in Hz, shape (T, 1025) and (T,) to (T,)."""
    away = hertz - centre[:, None]
    away *= away
    spread: Floats = np.sqrt(_share(np.einsum("tf,tf->t", away, magnitude), magnitude.sum(axis=1)))
    return spread


def rolloff(magnitude: Floats, hertz: Floats) -> Floats:
    """Lowest frequency in Hz at or below which 85 % of the magnitude lies, shape (T, 1025) to (T,)."""
    frames = np.arange(len(magnitude))
    runs = magnitude[:, : BINS - 1].reshape(len(frames), -1, _RUN)
    # Sums of runs tell in which run it lies, so that only that one is summed bin by bin
    reached = np.cumsum(runs.sum(axis=2), axis=1)
    wanted = np.float32(ROLLOFF_SHARE) * (reached[:, -1] + magnitude[:, -1])
    run = (reached >= wanted[:, None]).argmax(axis=1)
    before = np.where(run > 0, reached[frames, run - 1], 0)
    inside = before[:, None] + np.cumsum(runs[frames, run], axis=1)
    within = np.minimum((inside < wanted[:, None]).sum(axis=1), _RUN - 1)
    found: Floats = np.where(reached[:, -1] >= wanted, hertz[run * _RUN + within], hertz[-1])
    return found


def flatness(power: Floats) -> Floats:
    """Geometric over arithmetic mean of the power, in (0, 1], shape (T, 1025) to (T,)."""
    raised = np.maximum(power, _LEAST_POWER)
    ratio: Floats = np.exp(np.log(raised).mean(axis=1)) / raised.mean(axis=1)
    return ratio


def _share(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > _TINY)
