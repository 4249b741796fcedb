"""Peaks of the sound: lowest, highest and mean power of every 20 ms, and the same for larger steps.

What a waveform is drawn from, and where silence is looked for. Full scale is 1.0; a row's `rms` is the root of its
mean square, so that a full sine has 0.707. Numbers are float16, true to 0.005 dB.

A pyramid holds the same columns for steps 4, 16, 64 ... times as long: whatever stretch is drawn, a few
thousand rows of one level tell it.

Sound comes without gaps: the decode pass fills those of the file with silence. A last row may be shorter than the
others; no sound gives no row. A sample that is no number counts as 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, cast

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, PluginError, TimelineError
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import SoundBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import Sound
from cueline.timeline.spans import durations
from cueline.timeline.tracks import FeatureTrack

Samples = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]

RATE_HZ = 22050
COLUMNS = ("low", "high", "rms")
_MOST = float(np.finfo(np.float16).max)


@dataclass(frozen=True)
class Peaks:
    """Lowest and highest sample and mean power of each 20 ms of sound.

    Attributes:
        seconds: Length of a row, rounded to whole samples at 22,050 Hz; from 0.001 to 1.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "peaks"
    needs: ClassVar[tuple[str, ...]] = ()

    seconds: float = 0.02

    def __post_init__(self) -> None:
        """Refuse rows of a few samples, and rows too long to draw."""
        if not 0.001 <= self.seconds <= 1:
            raise OptionError(f"seconds must lie in 0.001 to 1, got {self.seconds}; 0.02 is usual")

    def wants(self, asset: Asset, tracks: Tracks) -> Sound | None:  # noqa: ARG002  # the port's signature
        """One channel at 22,050 Hz; None for an asset without sound."""
        return None if asset.stream("audio") is None else Sound(RATE_HZ, mono=True)

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """One row for each step: float16, shape (N, 3), columns `COLUMNS`.

        Raises:
            PluginError: If the batches are not one channel of sound at 22,050 Hz.
        """
        step = round(self.seconds * RATE_HZ)
        rest, start, given = np.empty(0, np.float32), 0.0, 0
        for batch in batches:
            if not isinstance(batch, SoundBatch) or (batch.rate_hz, batch.samples.shape[1]) != (RATE_HZ, 1):
                raise PluginError(
                    f"peaks works on one channel at {RATE_HZ} Hz, got {batch!r}; hand it what `wants` asks for",
                    asset=asset.id,
                    plugin="peaks",
                )
            if not (given or len(rest)):
                start = batch.start
            samples = np.concatenate((rest, batch.samples[:, 0]))
            whole = len(samples) // step * step
            rest = samples[whole:]
            if whole:
                yield _rows(samples[:whole].reshape(-1, step), start, given)
                given += whole
        if len(rest):
            yield _rows(rest[None], start, given)


def _rows(samples: Samples, start: float, given: int) -> Rows:
    """A row for each row of samples, the first of them `given` samples after the start."""
    count, step = samples.shape
    edges = start + (given + step * np.arange(count + 1)) / RATE_HZ
    power = np.einsum("ns,ns->n", samples, samples, dtype=np.float64)
    if not np.isfinite(power).all():
        return _rows(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), start, given)
    values = np.column_stack((samples.min(axis=1), samples.max(axis=1), np.sqrt(power / step)))
    spans = np.column_stack((edges[:-1], edges[1:]))
    return Rows(spans, np.clip(values, -_MOST, _MOST).astype(np.float16), COLUMNS)


def coarser(track: FeatureTrack, factor: int = 4) -> FeatureTrack:
    """Each `factor` rows of peaks as one: the lowest low, the highest high, the root of the mean square.

    Values may be memory-mapped: they are read once, in order.

    Args:
        track: Peaks, columns `COLUMNS`, rows that follow one another.
        factor: 2 or more. A last row may stand for fewer.

    Returns:
        Float16, shape (ceil(N / factor), 3).

    Raises:
        TimelineError: If the track has other columns.
        OptionError: If the factor is below 2.
    """
    if track.columns != COLUMNS:
        raise TimelineError(f"peaks have the columns {', '.join(COLUMNS)}, got {track!r}")
    if factor < 2:
        raise OptionError(f"a coarser level joins 2 rows or more, got factor={factor}")
    if not len(track):
        return track
    values, last = cast("Halves", track.values), (len(track) - 1) // factor * factor
    starts = track.spans[::factor, 0]
    spans = np.column_stack((starts, np.append(starts[1:], track.spans[-1, 1])))
    groups = _joined(values[:last].reshape(-1, factor, 3), np.ones(factor))
    # The last row may be a short one: time counts, not rows
    end = _joined(values[None, last:], durations(track.spans[last:]))
    return FeatureTrack(spans, np.concatenate((groups, end)), COLUMNS, track.stream)


def _joined(values: Halves, lengths: npt.NDArray[np.float64]) -> Halves:
    """Groups of rows (M, factor, 3), each row of a group so long (factor,), as one row each (M, 3)."""
    members = range(len(lengths))
    joined = np.empty((len(values), 3), np.float16)
    joined[:, 0] = reduce(np.minimum, (values[:, i, 0].astype(np.float32) for i in members))
    joined[:, 1] = reduce(np.maximum, (values[:, i, 1].astype(np.float32) for i in members))
    shares = (lengths / lengths.sum()).astype(np.float32)
    power = sum(shares[i] * np.square(values[:, i, 2], dtype=np.float32) for i in members)
    joined[:, 2] = np.sqrt(power)
    return joined


def pyramid(track: FeatureTrack, *, factor: int = 4, rows: int = 1000) -> tuple[FeatureTrack, ...]:
    """Peaks at ever larger steps, the finest first.

    Args:
        track: Peaks, columns `COLUMNS`; it is the first level.
        factor: How many rows of a level make one of the next.
        rows: The last level is the first that has fewer.
    """
    levels = [track]
    while len(levels[-1]) >= rows:
        levels.append(coarser(levels[-1], factor))
    return tuple(levels)
