"""Sound as a shape: peaks reduced to columns, drawn as a waveform, packed for scripts.

A track `peaks` has a row for every 20 ms or so: lowest and highest sample and root mean square, full scale 1. Rows
become columns of one width in time: the lowest of the lows, the highest of the highs, the root of the mean square.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.reports.drawing import Lane, Shape, across, polyline
from cueline.timeline.tracks import FeatureTrack

DRAWN = 2_000  # columns of the whole: more than a screen has
FINE = 16_000  # columns for the script, which draws a part of the film from them
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"  # one for each of 64 heights

Levels = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """Sound in columns of one width; a column without sound is 0.

    Attributes:
        start: Seconds of the first column.
        step: Seconds from one column to the next.
        low: Lowest sample, in [-1, 1], shape (N,).
        high: Highest sample, in [-1, 1], shape (N,).
        rms: Root mean square, in [0, 1], shape (N,).
    """

    start: float
    step: float
    low: Levels
    high: Levels
    rms: Levels

    def __len__(self) -> int:
        """Number of columns."""
        return len(self.low)


def wave(track: FeatureTrack, most: int) -> Wave:
    """Reduce peaks to at most `most` columns.

    Args:
        track: One row or more, columns low, high and rms; samples beyond full scale are cut, unknown ones are 0.
        most: 1 or more.
    """
    starts = track.spans[:, 0]
    first = float(starts[0])
    row = float(np.median(np.diff(starts))) if len(track) > 1 else float(track.spans[0, 1] - first)
    row = row if row > 0 else 1.0  # rows that share one instant: one column
    # Rows are counted, not timed: a row that starts a nanosecond early must not leave its column empty.
    places = np.rint((starts - first) / row).astype(np.int64)
    each = math.ceil((int(places[-1]) + 1) / most)
    held, begins = np.unique(places // each, return_index=True)
    low, high, rms = (np.nan_to_num(track[name].astype(np.float32)) for name in ("low", "high", "rms"))
    counts = np.diff([*begins, len(track)])
    columns = np.zeros((3, int(held[-1]) + 1), np.float32)
    columns[0, held] = np.minimum.reduceat(low, begins).clip(-1, 1)
    columns[1, held] = np.maximum.reduceat(high, begins).clip(-1, 1)
    columns[2, held] = np.sqrt(np.add.reduceat(rms * rms, begins) / counts).clip(0, 1)
    return Wave(first, row * each, *columns)


def wave_lane(name: str, track: FeatureTrack) -> Lane:
    """A waveform: from the lowest to the highest sample, and darker what lies within the root mean square."""
    drawn = wave(track, DRAWN)
    shapes = (
        Shape(_outline(drawn, drawn.low, drawn.high), "peak", "peaks"),
        Shape(_outline(drawn, -drawn.rms, drawn.rms), "rms", "mean level (RMS)"),
    )
    return Lane(name, "wave", shapes, len(track), note="full scale from top to bottom")


def packed(sound: Wave) -> dict[str, Any]:
    """A wave for the script: a byte for each level, -127 to 127 with 128 added, in base64."""
    levels = {"low": sound.low, "high": sound.high, "rms": sound.rms}
    return {"start": round(sound.start, 6), "step": round(sound.step, 9)} | {
        name: base64.b64encode(np.rint(values * 127 + 128).astype(np.uint8).tobytes()).decode()
        for name, values in levels.items()
    }


def silhouette(track: FeatureTrack, columns: int = 120) -> str:
    """The loudest sample of each column as a letter, `A` for none to `/` for the loudest of this very sound."""
    drawn = wave(track, columns)
    loudest = np.maximum(-drawn.low, drawn.high).clip(0)
    scale = float(loudest.max()) or 1.0
    return "".join(LETTERS[level] for level in np.rint(loudest / scale * 63).astype(int).tolist())


def silhouette_path(letters: str) -> str:
    """SVG path data of a silhouette: a bar for each column, y from -63 to 63."""
    heights = [max(1, LETTERS.index(letter)) for letter in letters]
    return "".join(f"M{column} {-height}V{height}" for column, height in enumerate(heights))


def _outline(drawn: Wave, low: Levels, high: Levels) -> str:
    places = across(drawn.start + drawn.step * (np.arange(len(drawn)) + 0.5))
    return f"M{polyline(places, (1 - high) / 2)}L{polyline(places[::-1], (1 - low[::-1]) / 2)}z"
