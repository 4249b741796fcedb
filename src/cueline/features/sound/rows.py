"""From frames to rows: mean and standard deviation over windows of equal length, as frames come.

A frame belongs to the row in which its centre lies; the one centred on the very end of the sound belongs to the last
row. Rows lie edge to edge from the first sample to the last. So the last may be shorter than the others; a rest
shorter than the distance of frames (512 samples) makes the row before it longer instead. Every row holds a frame.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from cueline.features.sound.harmonics import ratio_db
from cueline.features.sound.measures import MEANS, STDS
from cueline.features.sound.spectra import HOP
from cueline.ports import Rows
from cueline.timeline.spans import as_spans

Lane = npt.NDArray[np.generic]
Numbers = npt.NDArray[np.float64]


def row_columns(bands: int, *, harmonics: bool) -> tuple[str, ...]:
    """Names of the numbers of a row."""
    mel = tuple(f"mel_{band}" for band in range(bands))
    spread = tuple(f"mel_std_{band}" for band in range(bands))
    pace = ("onset_rate", "modulation", "persistence")
    return ("frames", *MEANS, *STDS, *mel, *spread, *pace, *(("harmonic_to_noise",) if harmonics else ()))


class RowMaker:
    """Gathers what is known of frames, lane by lane, and gives each row when all of its frames are there."""

    def __init__(self, *, start: float, rate_hz: int, seconds: float, columns: tuple[str, ...]) -> None:
        """Stand before the first frame."""
        self._start = start
        self._rate = rate_hz
        self._seconds = Fraction(seconds).limit_denominator(1_000_000)
        self._columns = columns
        self._first = 0
        self._lanes: dict[str, Lane] = {}

    def add(self, **lanes: Lane) -> None:
        """Take what is known of the next frames; a lane may lag behind the others.

        Args:
            lanes: `measures` of shape (T, 39), `levels` (log-mel) of shape (T, bands), `onsets` of shape (T,),
                `paces` (modulation and persistence) of shape (T, 2), and `energies` of shape (T, 2) where the
                harmonic-to-noise ratio is wanted.
        """
        for name, lane in lanes.items():
            self._lanes[name] = np.concatenate([self._lanes[name], lane]) if name in self._lanes else lane

    def complete(self) -> Rows | None:
        """The rows after which a later one has begun, or None; the sound goes on beyond the last frame."""
        rows = self._rows(min(map(len, self._lanes.values())))
        return self._give(rows[: np.searchsorted(rows, rows[-1])]) if len(rows) else None

    def end(self, samples: int) -> Rows | None:
        """The rows that are left of a sound of so many samples, or None; all lanes are equally long."""
        last = int(Fraction(max(0, samples - HOP), self._rate) / self._seconds)
        return self._give(np.minimum(self._rows(len(self._lanes["measures"])), last), end=samples / self._rate)

    def _rows(self, frames: int) -> npt.NDArray[np.int64]:
        """Which row each of the frames at hand belongs to."""
        hop = Fraction(HOP, self._rate) / self._seconds
        return (self._first + np.arange(frames)) * hop.numerator // hop.denominator

    def _give(self, rows: npt.NDArray[np.int64], end: float | None = None) -> Rows | None:
        if not len(rows):
            return None
        firsts = np.flatnonzero(np.diff(rows, prepend=-1))
        spans = self._start + float(self._seconds) * np.column_stack((rows[firsts], rows[firsts] + 1))
        if end is not None:
            spans[-1, 1] = self._start + end
        given = {name: lane[: len(rows)].astype(np.float64) for name, lane in self._lanes.items()}
        self._lanes = {name: lane[len(rows) :] for name, lane in self._lanes.items()}
        self._first += len(rows)
        values = _pooled(given, firsts, np.diff(firsts, append=len(rows)), spans[:, 1] - spans[:, 0])
        return Rows(as_spans(spans), values.astype(np.float32), self._columns)


def _pooled(
    lanes: dict[str, Numbers], firsts: npt.NDArray[np.intp], counts: npt.NDArray[np.intp], seconds: Numbers
) -> Numbers:
    """Numbers of each row, in the order of `row_columns`."""
    sums = {name: np.add.reduceat(lane, firsts) for name, lane in lanes.items()}
    means, stds = _spread(lanes["measures"], firsts, counts)
    levels, level_stds = _spread(lanes["levels"], firsts, counts)
    paces = sums["paces"] / counts[:, None]
    columns = [counts, means, stds, levels, level_stds, sums["onsets"] / seconds, paces]
    if "energies" in sums:
        columns.append(ratio_db(sums["energies"]))
    return np.column_stack(columns)


def _spread(lane: Numbers, firsts: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation of each row."""
    means = np.add.reduceat(lane, firsts) / counts[:, None]
    squares = (lane - np.repeat(means, counts, axis=0)) ** 2
    return means, np.sqrt(np.add.reduceat(squares, firsts) / counts[:, None])
