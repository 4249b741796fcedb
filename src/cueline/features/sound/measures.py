"""What is measured of every frame, and the names it goes by.

The names are those of the 68 descriptors of a clip, `<what>_<mean or std>` and a number from 0 where there are
several: `mfcc_mean_0`, `zcr_mean`, `spectral_contrast_std_6`. Rows of the track use the same ones.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy.sparse

from cueline.features.sound.chroma import CLASSES, chroma, chroma_filters
from cueline.features.sound.contrast import BANDS, Band, contrast_bands, peaks_and_valleys
from cueline.features.sound.mel import CEPSTRAL_BANDS, COEFFICIENTS, log_mel, mel_filters, mfcc
from cueline.features.sound.shape import centroid, rolloff
from cueline.features.sound.spectra import Block, Floats, frequencies
from cueline.features.sound.waveform import crossing_rate, rms

OF_CLIPS = {
    "mfcc": COEFFICIENTS,
    "zcr": 1,
    "spectral_contrast": BANDS,
    "chroma": CLASSES,
    "spectral_rolloff": 1,
    "spectral_centroid": 1,
    "rms": 1,
}
SIZES = OF_CLIPS | {"spectral_bandwidth": 1, "spectral_flatness": 1, "flux": 1}
_ALSO_SPREAD = ("mfcc", "spectral_contrast", "chroma")


def columns(what: str, statistic: str) -> tuple[str, ...]:
    """Names of one statistic of one measure, such as ("chroma_std_0", ..., "chroma_std_11")."""
    size = SIZES[what]
    return tuple(f"{what}_{statistic}" if size == 1 else f"{what}_{statistic}_{i}" for i in range(size))


MEANS = tuple(name for what in SIZES for name in columns(what, "mean"))
STDS = tuple(name for what in SIZES for name in columns(what, "std"))
DESCRIPTORS = tuple(
    name
    for what in OF_CLIPS
    for statistic in (("mean", "std") if what in _ALSO_SPREAD else ("mean",))
    for name in columns(what, statistic)
)


class Bank(NamedTuple):
    """What measuring needs to know of a rate."""

    hertz: Floats
    mel: scipy.sparse.csr_array
    bands: tuple[Band, ...]
    chroma: Floats


@lru_cache(maxsize=16)
def bank(rate_hz: int, tuning: float = 0.0) -> Bank:
    """Filters for a rate, made once.

    Raises:
        TimelineError: If the rate is too low for spectral contrast.
    """
    bands = contrast_bands(rate_hz)
    return Bank(frequencies(rate_hz), mel_filters(rate_hz, CEPSTRAL_BANDS), bands, chroma_filters(rate_hz, tuning))


class Measured(NamedTuple):
    """What the 68 descriptors are made of, T frames.

    Attributes:
        levels: 128 log-mel bands in dB, shape (T, 128).
        crossings: Zero-crossing rate, shape (T,).
        peaks: Of the seven contrast bands in dB, shape (T, 7).
        valleys: Of the same, shape (T, 7).
        chroma: Shape (T, 12).
        rolloff: Hz, shape (T,).
        centroid: Hz, shape (T,).
        rms: Shape (T,).
    """

    levels: Floats
    crossings: Floats
    peaks: Floats
    valleys: Floats
    chroma: Floats
    rolloff: Floats
    centroid: Floats
    rms: Floats


def measure(block: Block, bank: Bank) -> Measured:
    """Measure the frames of a block."""
    return Measured(
        log_mel(block.power, bank.mel),
        crossing_rate(block),
        *peaks_and_valleys(block.magnitude, bank.bands),
        chroma(block.power, bank.chroma),
        rolloff(block.magnitude, bank.hertz),
        centroid(block.magnitude, bank.hertz),
        rms(block),
    )


def table(measured: Measured) -> Floats:
    """One row a frame, in the order of `OF_CLIPS`, shape (T, 36)."""
    contrast = measured.peaks - measured.valleys
    return np.column_stack(
        [
            mfcc(measured.levels),
            measured.crossings,
            contrast,
            measured.chroma,
            measured.rolloff,
            measured.centroid,
            measured.rms,
        ]
    )
