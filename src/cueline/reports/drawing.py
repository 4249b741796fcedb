"""Tracks as shapes on a time axis: SVG path data, x in milliseconds, y from 0 (top) to 1000, in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cueline.timeline.spans import Spans, Times, durations
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

MOST_POINTS = 6000  # of a curve: more columns than a screen has, so that it can be zoomed
MOST_TICKS = 300  # at full strength; more would run into one block
COLOURS = 7  # classes that have a colour of their own; further ones begin again
MOST_CLASSES = 21  # of a lane; names beyond are too many to tell apart, such as lines of subtitles


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
        kind: Spans as blocks, instants as ticks, numbers as a curve, sound as a wave or its loudness.
        shapes: What is drawn.
        rows: Rows of the track.
        note: What its height means, or empty.
    """

    name: str
    kind: Literal["blocks", "ticks", "curve", "wave", "loudness"]
    shapes: tuple[Shape, ...]
    rows: int
    note: str = ""


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


def rhythm(spans: Spans, duration: float, *, columns: int = 240) -> tuple[int, ...]:
    """Where shots meet: how fast a film is cut, at a glance.

    Args:
        spans: Shots, shape (N, 2).
        duration: Seconds of the whole.
        columns: Width; borders in one column become one.

    Returns:
        Numbers of the columns in which a shot begins but the first, rising.
    """
    if not duration > 0:
        return ()
    return tuple(np.unique((spans[1:, 0] / duration * columns).round().clip(0, columns - 1).astype(int)).tolist())


def rhythm_path(columns: tuple[int, ...]) -> str:
    """SVG path data of a rhythm: a tick for each column, y from 0 to 1."""
    return "".join(f"M{column} 0V1" for column in columns)


def across(times: npt.NDArray[np.floating[Any]]) -> list[int]:
    """Seconds as places on the axis."""
    return list(np.rint(times * 1000).astype(np.int64).tolist())


def polyline(x: Sequence[int], y: npt.NDArray[np.floating[Any]]) -> str:
    """Points joined by lines, without the first M.

    Args:
        x: Places on the axis, N of them.
        y: From 0 at the top to 1 at the foot, shape (N,).
    """
    heights = np.rint(y * 1000).astype(np.int64).tolist()
    return "L".join([f"{place} {height}" for place, height in zip(x, heights, strict=True)])


def every_few(rows: int, most: int) -> npt.NDArray[np.intp]:
    """Rows at which at most `most` runs of about equal length begin, for `reduceat`."""
    runs = min(rows, most)
    return np.arange(runs, dtype=np.intp) * rows // max(1, runs)


def _blocks_of(track: LabelTrack) -> Iterable[Shape]:
    if not 1 < len(track.classes) <= MOST_CLASSES:
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
    edges = zip(across(spans[:, 0]), across(spans[:, 1]), strict=True)
    return "".join([f"M{start} 0H{end}V1000H{start}z" for start, end in edges])


def _ticks(times: Times) -> str:
    return "".join([f"M{place} 0V1000" for place in across(times)])


def _curve(spans: Spans, values: npt.NDArray[np.generic]) -> str:
    """The highest value of every few rows, so that a peak of one row is seen."""
    if not len(spans):
        return ""
    begins = every_few(len(spans), MOST_POINTS)
    highest = np.maximum.reduceat(np.nan_to_num(values.astype(np.float64), nan=0.0), begins).clip(0, 1)
    places = across(spans[begins, 0])
    return f"M{places[0]} 1000L{polyline(places, 1 - highest)}L{across(spans[-1:, 1])[0]} 1000z"


def _colour(row: int) -> str:
    return f"c{row % COLOURS}"
