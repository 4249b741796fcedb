"""Programme loudness after EBU R 128: one row of numbers for the whole sound.

- `integrated`, LUFS: loudness of what is neither silence nor far below the rest. Of blocks of 400 ms, one each
  100 ms, those at or below -70 LUFS are left out, then those at or below the mean of the rest minus 10 LU.
- `range`, LU: from the 10th to the 95th percentile of the loudness of 3 s, one each 100 ms, of what lies above
  -70 LUFS and above the mean of that minus 20 LU. Below a minute of sound it says little.
- `true_peak`, dBTP; `momentary_max` and `short_term_max`, LUFS.

Stated answers: sound shorter than a block (400 ms; for the range 3 s) has NaN, nobody can say. Where nothing passes
the gates, as in silence, the integrated loudness is -120 and the range 0. No sound gives no row.

References:
    EBU R 128 (2023); ITU-R BS.1770-5 (2023), annex 1, equations 3 to 7; EBU Tech 3342 (2023), loudness range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import SLACK
from cueline.timeline.tracks import FeatureTrack, Track

Floats = npt.NDArray[np.float64]

COLUMNS = ("integrated", "range", "true_peak", "momentary_max", "short_term_max")
SILENCE_LUFS = -120.0
_GATE_LUFS = -70.0
_NEEDED = ("momentary", "short_term", "true_peak", "momentary_max")
_ROW_SECONDS = 0.1
_FILLED_MOMENTARY, _FILLED_SHORT_TERM = 3, 29  # rows whose window reaches before the first sample
_QUIET, _LOUD = 0.10, 0.95  # percentiles of the range


@dataclass(frozen=True)
class Loudness:
    """Integrated loudness, loudness range and true peak of the whole sound, after EBU R 128."""

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("loudness",)
    needs: ClassVar[tuple[str, ...]] = ("loudness.blocks",)

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `loudness`: one row over the whole sound, float64, columns `COLUMNS`; no row where there is no sound.

        Raises:
            PluginError: If the track of blocks has other columns.
        """
        blocks = tracks["loudness.blocks"]
        if not isinstance(blocks, FeatureTrack) or not set(_NEEDED) <= set(blocks.columns):
            raise PluginError(
                f"loudness works on the loudness.blocks track, got {blocks!r}", asset=asset.id, plugin="loudness"
            )
        if not len(blocks):
            return {"loudness": FeatureTrack(np.empty((0, 2)), np.empty((0, len(COLUMNS))), COLUMNS, blocks.stream)}
        momentary, short_term, true_peak, loudest = (blocks[name].astype(np.float64) for name in _NEEDED)
        start, end = blocks.spans[-1]
        whole = len(blocks) - (end - start < _ROW_SECONDS - SLACK)
        row = (
            integrated(momentary[_FILLED_MOMENTARY:whole]),
            loudness_range(short_term[_FILLED_SHORT_TERM:whole]),
            true_peak.max(),
            loudest.max(),
            short_term.max(),
        )
        span = np.array([[blocks.spans[0, 0], end]])
        return {"loudness": FeatureTrack(span, np.array([row]), COLUMNS, blocks.stream)}


def integrated(loudness: Floats) -> float:
    """Gated loudness of a programme.

    Args:
        loudness: Of blocks of 400 ms that start every 100 ms, LUFS, shape (N,).

    Returns:
        LUFS; -120 if no block passes the gate, NaN if there is none.
    """
    if not len(loudness):
        return math.nan
    passed = loudness[loudness > _GATE_LUFS]
    if not len(passed):
        return SILENCE_LUFS
    return _mean(passed[passed > _mean(passed) - 10])


def loudness_range(loudness: Floats) -> float:
    """How far the loudness of a programme varies.

    Args:
        loudness: Of windows of 3 s that start every 100 ms, LUFS, shape (N,).

    Returns:
        LU; 0 if no window passes the gate, NaN if there is none.
    """
    if not len(loudness):
        return math.nan
    passed = loudness[loudness >= _GATE_LUFS]
    if not len(passed):
        return 0.0
    ordered = np.sort(passed[passed >= _mean(passed) - 20])
    low, high = (ordered[math.floor((len(ordered) - 1) * share + 0.5)] for share in (_QUIET, _LOUD))
    return float(high - low)


def _mean(loudness: Floats) -> float:
    """The loudness of the mean power, LUFS."""
    return float(10 * np.log10(np.mean(10 ** (loudness / 10))))
