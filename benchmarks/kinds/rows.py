"""Windows as numbers: for each way that each is sent, its sound track, the 68 descriptors, silero's share of speech."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.kinds import silero
from benchmarks.kinds.hearing import descriptor_row, rows_of
from benchmarks.kinds.keeping import Arrays, kept
from benchmarks.kinds.windows import WAYS, Window, ways_of
from cueline.timeline.tracks import FeatureTrack

MAKERS = ("hearing", "noises", "recordings", "rows", "silero", "spoiling", "tunes", "windows")

Row = tuple[str, np.ndarray, np.ndarray, np.ndarray, float]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Windows as they were sent, N of them.

    Attributes:
        windows: Of each.
        ways: How each was sent.
        tracks: The sound track of each; empty where nobody asked.
        descriptors: Shape (N, 68).
        speech: silero's share of speech, shape (N,); NaN where it is not there or nobody asked.
    """

    windows: Sequence[Window]
    ways: Sequence[str]
    tracks: Sequence[FeatureTrack]
    descriptors: np.ndarray
    speech: np.ndarray

    @property
    def labels(self) -> list[str]:
        """What each is."""
        return [one.label for one in self.windows]


def measured(name: str, windows: Sequence[Window], ways: int, *, whole: bool, jobs: int) -> Rows:
    """Make all windows and measure them.

    Args:
        name: Under which the numbers are kept.
        windows: Which.
        ways: How many ways each is sent, the clear among them.
        whole: Whether sound tracks and silero are asked for too, or the descriptors alone.
        jobs: Processes.
    """
    asked = [(one.name, ways_of(one, ways)) for one in windows], whole, silero.installed()
    found = kept(name, asked, MAKERS, partial(_arrays, windows, ways, whole, jobs))
    sent = [(one, way) for one in windows for way in ways_of(one, ways)]
    columns, ends = tuple(found["columns"].tolist()), np.cumsum(found["lengths"])
    tracks = [
        FeatureTrack(found["spans"][end - length : end], found["values"][end - length : end], columns)
        for end, length in zip(ends, found["lengths"], strict=True)
    ]
    return Rows([one for one, _ in sent], [way for _, way in sent], tracks, found["descriptors"], found["speech"])


def _arrays(windows: Sequence[Window], ways: int, whole: bool, jobs: int) -> Arrays:  # noqa: FBT001  # a partial
    work = partial(_measure, ways=ways, whole=whole)
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            rows = [row for some in pool.map(work, windows, chunksize=4) for row in some]
    else:
        rows = [row for window in windows for row in work(window)]
    heard = [row for row in rows if len(row[2])]
    return {
        "columns": np.array(rows_of(np.zeros(22050, np.float32)).columns),
        "lengths": np.array([len(row[1]) for row in heard], np.intp),
        "spans": np.concatenate([row[1] for row in heard]) if heard else np.empty((0, 2)),
        "values": np.concatenate([row[2] for row in heard]) if heard else np.empty((0, 0), np.float32),
        "descriptors": np.stack([row[3] for row in rows]),
        "speech": np.array([row[4] for row in rows]),
    }


def _measure(window: Window, *, ways: int, whole: bool) -> list[Row]:
    clear, found = window.make(), []
    for way in ways_of(window, ways):
        sent = WAYS[way](clear)
        spans, values, speech = np.empty((0, 2)), np.empty((0, 0), np.float32), np.nan
        if whole:
            track = rows_of(sent)
            spans, values = track.spans, track.values
            speech = silero.speech_share(sent) if silero.installed() else np.nan
        found.append((way, spans, values, descriptor_row(sent), float(speech)))
    return found
