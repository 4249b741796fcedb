"""Tracks as shapes on a time axis: SVG path data, x in seconds, y from 0 (top) to 1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cueline.timeline.spans import Spans, durations
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

MOST_POINTS = 6000  # of a curve: more columns than a screen has, so that it can be zoomed
MOST_TICKS = 300  # at full strength; more would run into one block
COLOURS = 7  # classes that have a colour of their own; further ones begin again


@dataclass(frozen=True, slots=True)
class Shape:
    """One path of one colour.

    Attributes:
        path: SVG path data.
        tone: Class of the style sheet that gives its colour.
        name: What it stands for; empty where a lane has one class.
    """

    path: str
    tone: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One track, drawn.

    Attributes:
        name: Of the track.
        kind: Spans as blocks, instants as ticks, numbers as a curve.
        shapes: What is drawn.
        rows: Rows of the track.
    """

    name: str
    kind: Literal["blocks", "ticks", "curve"]
    shapes: tuple[Shape, ...]
    rows: int


def lane(name: str, track: Track) -> Lane:
    """Draw a track: spans of one class that touch in two tones, several classes in colours, instants as ticks."""
    if isinstance(track, FeatureTrack):
        columns = track.columns or tuple(str(column) for column in range(track.values.shape[1]))
        curves = (
            Shape(_curve(track.spans, track.values[:, row]), _colour(row), column if len(columns) > 1 else "")
            for row, column in enumerate(columns)
        )
        return Lane(name, "curve", tuple(curves), len(track))
    if len(track) and not durations(track.spans).any():
        tone = "tick" if len(track) <= MOST_TICKS else "tick-dense"
        return Lane(name, "ticks", (Shape(_ticks(track.spans[:, 0]), tone),), len(track))
    return Lane(name, "blocks", tuple(_blocks_of(track)), len(track))


def rhythm(spans: Spans, duration: float, *, columns: int = 240) -> str:
    """Borders of shots as ticks, x in columns from 0: how fast a film is cut, at a glance.

    Args:
        spans: Shots, shape (N, 2).
        duration: Seconds of the whole.
        columns: Width; borders in one column become one tick.
    """
    if not duration > 0:
        return ""
    return _ticks(np.unique((spans[1:, 0] / duration * columns).round()))


def _blocks_of(track: LabelTrack) -> Iterable[Shape]:
    if len(track.classes) == 1:
        touching = bool((track.spans[1:, 0] <= track.spans[:-1, 1]).any())
        if touching:
            yield Shape(_blocks(track.spans[::2]), "odd")
            yield Shape(_blocks(track.spans[1::2]), "even")
        else:
            yield Shape(_blocks(track.spans), "lone")
        return
    names = np.array(track.names, dtype=object)
    for row, name in enumerate(track.classes):
        if (mine := names == name).any():
            yield Shape(_blocks(track.spans[mine]), _colour(row), name)


def _blocks(spans: Spans) -> str:
    return "".join(f"M{_short(start)} 0H{_short(end)}V1H{_short(start)}z" for start, end in spans.tolist())


def _ticks(times: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    return "".join(f"M{_short(time)} 0V1" for time in times.tolist())


def _curve(spans: Spans, values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    """The highest value of every few rows, so that a peak of one row is seen."""
    if not len(spans):
        return ""
    starts = np.unique(
        (np.arange(min(MOST_POINTS, len(spans))) * len(spans) / min(MOST_POINTS, len(spans))).astype(int)
    )
    highest = np.maximum.reduceat(np.nan_to_num(values.astype(np.float64), nan=0.0), starts).clip(0, 1)
    times = spans[starts, 0].tolist()
    points = "L".join(
        f"{_short(time)} {_short(1 - value)}" for time, value in zip(times, highest.tolist(), strict=True)
    )
    return f"M{_short(times[0])} 1L{points}L{_short(float(spans[-1, 1]))} 1z"


def _colour(row: int) -> str:
    return f"c{row % COLOURS}"


def _short(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")
