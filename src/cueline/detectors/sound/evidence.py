"""What tells kinds of sound apart, from the rows of the sound track: numbers that a change of volume does not change.

Each row of half a second tells the shape of its spectrum, how much bands vary within it, the contrast of tones and
valleys, brightness, onsets, the beat of syllables and how long tones last. Levels are left out, but for how far a row
lies below the loudest within ten seconds, which tells pauses. Rows around a row are seen by the network.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from cueline.errors import PluginError
from cueline.timeline.tracks import FeatureTrack

Floats = npt.NDArray[np.float32]

BANDS = 64
AROUND_ROWS = 20
FARTHEST_DB = 60.0
SQUARED = ("modulation",)
LOGARITHMIC = ("zcr", "spectral_rolloff", "spectral_centroid", "spectral_bandwidth", "spectral_flatness", "flux")


def _several(what: str, count: int) -> tuple[str, ...]:
    return tuple(f"{what}_{place}" for place in range(count))


LEVELS = _several("mel", BANDS)
PLAIN = (
    *_several("mel_std", BANDS),
    *_several("mfcc_std", 13),
    *_several("spectral_contrast_mean", 7),
    *_several("spectral_contrast_std", 7),
    "persistence",
)
BENT = (*(f"{what}_{how}" for what in LOGARITHMIC for how in ("mean", "std")), "onset_rate")
NEEDED = (*LEVELS, *PLAIN, *BENT, *SQUARED)


def evidence(track: FeatureTrack) -> Floats:
    """Numbers of each row, shape (N, D).

    Raises:
        PluginError: If the track lacks a column.
    """
    places = {name: place for place, name in enumerate(track.columns)}
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise PluginError(
            f"kinds of sound are told from the sound track with {BANDS} bands, got one without {missing[0]!r}. "
            "Analyse the file again.",
            plugin="sound.kinds",
        )
    levels, plain, bent, squared = (
        track.values[:, [places[name] for name in names]].astype(np.float32) for names in (LEVELS, PLAIN, BENT, SQUARED)
    )
    mean = levels.mean(axis=1, keepdims=True)
    loudest = scipy.ndimage.maximum_filter1d(mean, 2 * AROUND_ROWS + 1, axis=0, mode="nearest")
    return np.column_stack(
        [
            levels - mean,
            plain,
            np.sign(bent) * np.log1p(np.abs(bent)),
            np.sqrt(np.maximum(squared, 0)),
            np.maximum(mean - loudest, -FARTHEST_DB),
        ]
    )
