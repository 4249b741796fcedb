"""Loudness after EBU R 128: in words, and as curves on a scale of LUFS.

References:
    EBU R 128 (2023): the target of -23 LUFS. EBU Tech 3341: momentary over 0.4 s, short-term over 3 s.
    EBU Tech 3342: loudness range. ITU-R BS.1770-5: the gate of -70 LUFS, true peak.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cueline.reports.drawing import Lane, Shape, across, every_few, polyline
from cueline.timeline.tracks import FeatureTrack

TARGET = -23.0  # LUFS
GATE = -70.0  # LUFS; what stays below it all the time has no loudness
TOP, BOTTOM = 0.0, -60.0  # LUFS at the edges of the lane
MOST_POINTS = 3_000


def loudness_words(track: FeatureTrack) -> str:
    """The row of a track `loudness` as people say it.

    Args:
        track: One row; integrated in LUFS, range in LU, true_peak in dBTP.

    Returns:
        Integrated loudness, then range and true peak where they are known; or that nothing reached the gate.
    """
    integrated, spread, peak = (float(track[name][0]) for name in ("integrated", "range", "true_peak"))
    if not integrated > GATE:
        return f"below {signed(GATE, places=0)} LUFS throughout"
    parts = [f"{signed(integrated)} LUFS"]
    if math.isfinite(spread):
        parts.append(f"range {spread:.1f} LU")
    if math.isfinite(peak):
        parts.append(f"true peak {signed(peak)} dBTP")
    return ", ".join(parts)


def signed(number: float, *, places: int = 1) -> str:
    """A number with a minus sign, not a hyphen; what rounds to nothing has no sign.

    Example:
        >>> signed(-0.8) == chr(0x2212) + "0.8", signed(-0.01), signed(1.25)
        (True, '0.0', '1.2')
    """
    rounded = round(number, places) + 0.0
    return f"{rounded:.{places}f}".replace("-", "\N{MINUS SIGN}")


def loudness_lane(name: str, track: FeatureTrack) -> Lane:
    """Momentary loudness as an area, short-term loudness as a line, and the line of -23 LUFS."""
    first, last = across(track.spans[:1, 0])[0], across(track.spans[-1:, 1])[0]
    target = polyline([first, last], _height(np.full(2, TARGET)))
    shapes = (
        Shape(_line(track, "momentary", closed=True), "momentary", "momentary"),
        Shape(_line(track, "short_term", closed=False), "short-term", "short-term"),
        Shape(f"M{target}", "target", f"{signed(TARGET, places=0)} LUFS"),
    )
    edges = f"{signed(BOTTOM, places=0)} to {signed(TOP, places=0)} LUFS"
    return Lane(name, "loudness", shapes, len(track), note=edges)


def _line(track: FeatureTrack, column: str, *, closed: bool) -> str:
    """The loudest of every few rows."""
    begins = every_few(len(track), MOST_POINTS)
    loudest = np.maximum.reduceat(np.nan_to_num(track[column].astype(np.float64), nan=BOTTOM), begins)
    places = across(track.spans[begins, 0])
    points = polyline(places, _height(loudest))
    return f"M{places[0]} 1000L{points}L{across(track.spans[-1:, 1])[0]} 1000z" if closed else f"M{points}"


def _height(level: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray((TOP - level.clip(BOTTOM, TOP)) / (TOP - BOTTOM))
