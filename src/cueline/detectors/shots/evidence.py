"""Evidence for a cut, or for a gradual transition, at each frame: numbers from the color track.

Two tables of one row a frame. `cut_evidence` looks at how a frame differs from the few before it, against what is
usual a quarter of a second around it, and whether the difference stays: a flash or an object that passes is gone
after a few frames. `gradual_evidence` looks at five widths, 0.1 to 1.1 s to each side: how far the picture goes
from one end to the other, whether what lies between is a mixture of the two ends (a dissolve), whether light or
contrast dips (a fade), and how much moves before, within and after.

Distances in time are seconds, so that the rate of frames matters little; only "the frame before" is a frame.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cueline.timeline.spans import Times
from cueline.timeline.tracks import FeatureTrack

Floats = npt.NDArray[np.float32]

LEVELS = ("change", "unexplained", "unexplained_color")
SHARES = ("alignment", "correlation")
NEAR_SECONDS, WIDE_SECONDS = 0.25, 0.6
HALF_WIDTHS = (0.1, 0.2, 0.4, 0.7, 1.1)
REACH_SECONDS = 1.6


def cut_evidence(track: FeatureTrack) -> Floats:
    """Numbers that tell whether a frame is the first of a new shot after a cut.

    Args:
        track: The color track, or a piece of it.

    Returns:
        Shape (N, 118), in an order that the weights know.
    """
    clock = _Clock(track.spans[:, 0])
    found: list[Floats] = []
    for name in (*LEVELS, *SHARES):
        found += _around(_column(track, f"{name}_1"), clock, worst=np.max if name in LEVELS else np.min)
        spanning = [clock.frames(_column(track, f"{name}_2"), step) for step in (0, 1)]
        spanning += [clock.frames(_column(track, f"{name}_4"), step) for step in (0, 1, 2, 3)]
        best = np.min(spanning[2:], axis=0) if name in LEVELS else np.max(spanning[2:], axis=0)
        found += [*spanning, best]
    for name in ("luma", "contrast"):
        value = _column(track, name)
        before = clock.frames(value, -1)
        found += [value, before, value - before, clock.frames(value, 2) - value]
    grid = _grid(track)
    last, first = clock.frames(grid, -1), grid
    pairs = (
        (last, first),
        (last, clock.frames(grid, 1)),
        (last, clock.frames(grid, 3)),
        (last, clock.seconds(grid, NEAR_SECONDS)),
        (clock.seconds(grid, -NEAR_SECONDS / 2), clock.seconds(grid, NEAR_SECONDS / 2)),
        (clock.seconds(grid, -NEAR_SECONDS), last),
        (first, clock.seconds(grid, NEAR_SECONDS)),
    )
    for one, other in pairs:
        found += [np.log1p(_distance(one, other)), _evenness(one, other)]
    found.append(np.full(len(track), np.log(clock.step), dtype=np.float32))
    return np.column_stack(found).astype(np.float32)


def gradual_evidence(track: FeatureTrack) -> Floats:
    """Numbers that tell whether a frame lies within a dissolve or a fade.

    Args:
        track: The color track, or a piece of it.

    Returns:
        Shape (N, 137), in an order that the weights know.
    """
    clock, grid = _Clock(track.spans[:, 0]), _grid(track)
    luma, contrast = np.log1p(track["luma"].astype(np.float32)), np.log1p(track["contrast"].astype(np.float32))
    found: list[Floats] = [luma, contrast]
    for half in HALF_WIDTHS:
        found += _mixture(grid, clock, half)
        for name in (*LEVELS, *SHARES):
            curve = _column(track, f"{name}_1")
            found.append(clock.extreme(curve, -half, half, highest=name in LEVELS))
            if name in LEVELS:
                found.append(clock.mean(curve, -half, half))
        moving = _column(track, "unexplained_1")
        found += [clock.mean(moving, -half - 0.3, -half), clock.mean(moving, half, half + 0.3)]
        for curve in (luma, contrast):
            ends = clock.seconds(curve, -half), clock.seconds(curve, half)
            found += [curve - np.minimum(*ends), curve - np.maximum(*ends)]
            found += [clock.extreme(curve, -half, half, highest=highest) for highest in (False, True)]
    return np.column_stack(found).astype(np.float32)


def _around(curve: Floats, clock: _Clock, *, worst: Callable[..., Floats]) -> list[Floats]:
    """A curve at a frame and its neighbours, and what is usual before, after and further around."""
    near, wide = clock.count(NEAR_SECONDS, least=3), clock.count(WIDE_SECONDS, least=4)
    before = np.stack([clock.frames(curve, -step) for step in range(1, near + 1)])
    after = np.stack([clock.frames(curve, step) for step in range(1, near + 1)])
    further = np.stack([clock.frames(curve, step) for step in range(-wide, wide + 1) if abs(step) > 2])
    extremes = [worst(before, axis=0), worst(after, axis=0)]
    return [
        *(clock.frames(curve, step) for step in (-2, -1, 0, 1, 2)),
        *extremes,
        before.mean(axis=0),
        after.mean(axis=0),
        worst(further, axis=0),
        further.mean(axis=0),
        curve - worst(extremes, axis=0),
    ]


def _mixture(grid: Floats, clock: _Clock, half: float) -> list[Floats]:
    """How far two ends lie apart, and how well the middle and the quarters are mixtures of them."""
    start, end = clock.seconds(grid, -half), clock.seconds(grid, half)
    way, far = end - start, _distance(start, end)
    square = (way * way).sum(axis=1) + 30.0
    found = [np.log1p(far), _evenness(start, end), _distance(grid, (start + end) / np.float32(2)) / (far + 1.5)]
    for part in (-0.5, 0.0, 0.5):
        gone = clock.seconds(grid, part * half) - start
        share = (gone * way).sum(axis=1) / square
        left = gone - share[:, None] * way
        found += [share, np.sqrt((left * left).sum(axis=1) / square)]
    return found


def _column(track: FeatureTrack, name: str) -> Floats:
    """One column; levels as logarithms, so that a dark film counts as much as a bright one."""
    values = track[name].astype(np.float32)
    return np.log1p(values) if name.startswith(LEVELS) else values


def _grid(track: FeatureTrack) -> Floats:
    first = track.columns.index("luma_0")
    return track.values[:, first:].astype(np.float32)


def _distance(one: Floats, other: Floats) -> Floats:
    distance: Floats = np.abs(one - other).mean(axis=1)
    return distance


def _evenness(one: Floats, other: Floats) -> Floats:
    """Whether all blocks changed (1) or a few (towards 0), as when something enters the picture."""
    change = np.abs(one - other)
    evenness: Floats = change.mean(axis=1) ** 2 / ((change * change).mean(axis=1) + np.float32(1.0))
    return evenness


class _Clock:
    """Looks along curves by frames or by seconds; past the ends stand the first and the last frame."""

    def __init__(self, times: Times) -> None:
        self.times = times
        self.step = float(np.median(np.diff(times))) if len(times) > 1 else 0.04

    def count(self, seconds: float, *, least: int) -> int:
        return max(least, int(np.ceil(seconds / self.step)))

    def frames(self, values: Floats, frames: int) -> Floats:
        shifted: Floats = values[np.clip(np.arange(len(values)) + frames, 0, len(values) - 1)]
        return shifted

    def seconds(self, values: Floats, seconds: float) -> Floats:
        rows = np.searchsorted(self.times, self.times + seconds - self.step / 2)
        shifted: Floats = values[np.minimum(rows, len(values) - 1)]
        return shifted

    def rows(self, start: float, end: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """First and one past the last row of a window around each row, never empty."""
        first = np.minimum(np.searchsorted(self.times, self.times + start - 1e-6), len(self.times) - 1)
        return first, np.maximum(first + 1, np.searchsorted(self.times, self.times + end + 1e-6))

    def mean(self, values: Floats, start: float, end: float) -> Floats:
        first, last = self.rows(start, end)
        total = np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)])
        means: Floats = ((total[last] - total[first]) / (last - first)).astype(np.float32)
        return means

    def extreme(self, values: Floats, start: float, end: float, *, highest: bool) -> Floats:
        """The highest or lowest value of a window, by windows of twice and twice the length."""
        first, last = self.rows(start, end)
        pick = np.maximum if highest else np.minimum
        doubling = np.log2(last - first).astype(np.intp)
        found, longer = values[first], values
        for power in range(int(doubling.max(initial=0)) + 1):
            rows = np.flatnonzero(doubling == power)
            found[rows] = pick(longer[first[rows]], longer[last[rows] - 2**power])
            longer = np.concatenate([pick(longer[: -(2**power)], longer[2**power :]), longer[-(2**power) :]])
        return found
