"""Log-mel bands and MFCC: how loud sound is in bands as wide as the ear's, and the shape of that curve.

A mel band is a triangle over the power spectrum. Centres stand evenly on Slaney's mel scale, linear below 1 kHz and
logarithmic above, from 0 to half the rate; each triangle has area 1, so that white noise is as loud in a wide band as
in a narrow one. Levels are in dB of power, relative to 1, never below `FLOOR_DB`. MFCC are the first 13 of an
orthonormal discrete cosine transform (type 2) of 128 such levels.

References:
    M. Slaney, "Auditory Toolbox", Interval Research technical report 1998-010. S. Davis, P. Mermelstein, "Comparison
    of parametric representations for monosyllabic word recognition", 1980. librosa 0.11, `librosa.filters.mel`,
    `librosa.power_to_db`, `librosa.feature.mfcc`: the same numbers with their defaults, see `descriptors`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.sparse

from cueline.features.sound.spectra import BINS, FRAME, Floats

FLOOR_DB = -100.0
COEFFICIENTS = 13
CEPSTRAL_BANDS = 128

_LINEAR_HZ = 200.0 / 3.0
_BREAK_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27.0


@lru_cache(maxsize=16)
def mel_filters(rate_hz: int, bands: int) -> scipy.sparse.csr_array:
    """Weight of each frequency in each band, sparse, shape (bands, 1025); a band below one bin's width may be empty."""
    top = _mels(np.array(rate_hz / 2.0))
    edges = _hertz(np.linspace(0.0, top, bands + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = np.arange(BINS) * (rate_hz / FRAME)
    triangles = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre)).clip(min=0.0)
    return scipy.sparse.csr_array((triangles * 2.0 / (high - low)).astype(np.float32))


def log_mel(power: Floats, filters: scipy.sparse.csr_array) -> Floats:
    """Levels of the bands in dB, from `FLOOR_DB` up, shape (T, bands)."""
    return decibels((filters @ np.ascontiguousarray(power.T)).T)


def decibels(power: Floats) -> Floats:
    """Power in dB relative to 1, never below `FLOOR_DB`; any shape."""
    floor = np.float32(10.0 ** (FLOOR_DB / 10.0))
    levels: Floats = np.log(np.maximum(power, floor)) * np.float32(10.0 / np.log(10.0))
    return levels


def mfcc(levels: Floats) -> Floats:
    """Cepstral coefficients of log-mel levels, shape (T, bands) to (T, 13)."""
    coefficients: Floats = scipy.fft.dct(levels, type=2, norm="ortho", axis=1)[:, :COEFFICIENTS]
    return coefficients


def _mels(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = _BREAK_HZ / _LINEAR_HZ + np.log(np.maximum(hertz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hertz < _BREAK_HZ, hertz / _LINEAR_HZ, above)


def _hertz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    knee = _BREAK_HZ / _LINEAR_HZ
    return np.where(mels < knee, mels * _LINEAR_HZ, _BREAK_HZ * np.exp(_LOG_STEP * (mels - knee)))
