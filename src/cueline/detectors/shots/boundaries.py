"""From curves to boundaries: where a shot ends and the next begins.

A cut lies at the start of the first frame of the new shot. A dissolve or a wipe counts as one boundary in its middle;
a fade out and in as one in the middle of the blank (black or white) pictures. A blank that is cut to or from is a shot
of its own, and the fade on its other side a boundary at its edge. All at the start of a frame. A film that fades in
from blank at its beginning, or out to blank at its end, has no boundary there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Curve = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FLAT = 4.0  # levels of contrast below which a picture shows nothing
DARK, BRIGHT = 28.0, 225.0  # levels of light beyond which a flat picture is blank
BLACK, SMALL_PRINT = 4.0, 8.0  # levels of light and contrast of black with a few small letters on it
STILL = 0.03  # levels of change of what does not move at all
HALF_HEIGHT = 0.5  # a transition reaches as far as its curve stays above this part of the threshold
BRIDGED_SECONDS = 0.2
SMOOTHED_SECONDS = 0.1
LEAST_SECONDS = 0.08
EDGE_SECONDS = 0.15
APART_SECONDS = 0.2


class Boundary(NamedTuple):
    """The frame that begins a shot, and how sure that is, in [0, 1]."""

    frame: int
    score: float


class Run(NamedTuple):
    """Frames, from `first` to before `end`."""

    first: int
    end: int

    @property
    def middle(self) -> int:
        """The frame half-way."""
        return (self.first + self.end) // 2


class Hold(NamedTuple):
    """Blank frames, whether they are cut to or from, and whether they are white."""

    run: Run
    is_cut: bool
    white: bool


def blank_frames(luma: Floats, contrast: Floats, change: Floats) -> Flags:
    """Which frames are plain black, plain white, or black with small letters that stand still, shape (N,)."""
    plain = (contrast < FLAT) & ((luma < DARK) | (luma > BRIGHT))
    return plain | ((luma < BLACK) & (contrast < SMALL_PRINT) & (change < STILL))


def cuts(chances: Floats, step: float, *, threshold: float, shortest_seconds: float) -> list[Boundary]:
    """Peaks of the cut curve.

    Args:
        chances: Of each frame that a cut lies before it, shape (N,).
        step: Seconds from a frame to the next.
        threshold: What a peak must reach.
        shortest_seconds: Of two peaks that are closer than this the higher counts.
    """
    apart = max(1, round(shortest_seconds / step))
    order = np.argsort(-chances, kind="stable")
    kept: list[Boundary] = []
    taken = np.zeros(len(chances), dtype=bool)
    for frame in order[: int((chances >= threshold).sum())].tolist():
        if frame and not taken[frame]:
            kept.append(Boundary(frame, float(chances[frame])))
            taken[max(0, frame - apart + 1) : frame + apart] = True
    return sorted(kept)


def gradual(
    chances: Floats, luma: Floats, blank: Flags, known: list[Boundary], step: float, *, threshold: float
) -> list[Boundary]:
    """One boundary for each transition of the gradual curve, or for each blank within it.

    Args:
        chances: Of each frame that it lies within a transition, shape (N,).
        luma: Mean light of each frame, shape (N,).
        blank: Which frames show nothing, shape (N,).
        known: The cuts; no gradual transition spans one.
        step: Seconds from a frame to the next.
        threshold: What a transition must reach.
    """
    curve = _smoothed(chances, max(1, round(SMOOTHED_SECONDS / step)))
    high = _bridged(curve >= threshold * HALF_HEIGHT, blank, round(BRIDGED_SECONDS / step))
    for cut in known:
        high[max(0, cut.frame - 1) : cut.frame + 1] = False
    apart = APART_SECONDS / step
    holds = [Hold(run, _is_cut(run, known, apart), bool(luma[run.middle] > DARK)) for run in runs(blank)]
    found: dict[int, Boundary] = {}
    for run in runs(high):
        score = float(curve[run.first : run.end].max())
        if score >= threshold and (run.end - run.first) * step >= LEAST_SECONDS:
            found |= {frame: Boundary(frame, score) for frame in _places(run, holds, curve, step)}
    kept = list(known)
    for one in sorted(found.values(), reverse=True):
        if all(abs(one.frame - other.frame) >= apart for other in kept):
            kept.append(one)
    return kept[len(known) :]


def runs(flags: Flags) -> list[Run]:
    """The runs of true flags, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [Run(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _is_cut(run: Run, known: list[Boundary], apart: float) -> bool:
    return any(run.first - apart <= cut.frame <= run.end + apart for cut in known)


def _places(run: Run, holds: list[Hold], curve: Curve, step: float) -> list[int]:
    """Frames that part the shots of one transition.

    The middle of each blank that is faded into and out of, and of the black ones alone where there are black and white.
    A blank that is cut to, or from, is a shot of its own: there its edge counts. Without a blank it is the middle,
    weighed by the curve.
    """
    count, weights = len(curve), curve[run.first : run.end] ** 2
    edge = max(1, round(EDGE_SECONDS / step))
    near = [hold for hold in holds if hold.run.first < run.end + edge and hold.run.end > run.first - edge]
    near = [hold for hold in near if not hold.white] or near
    if not near:
        middle = run.first + round(float(np.average(np.arange(weights.size), weights=weights)))
        return [] if run.first <= edge or run.end >= count - edge else [middle]
    inner = [hold for hold in near if hold.run.first > edge and hold.run.end < count - edge]
    return [_place(run, hold) for hold in inner]


def _place(run: Run, hold: Hold) -> int:
    if not hold.is_cut:
        return hold.run.middle
    return hold.run.end if hold.run.middle < run.middle else hold.run.first


def _bridged(high: Flags, blank: Flags, frames: int) -> Flags:
    """Close gaps that are short, or that are blank throughout."""
    high = high.copy()
    for gap in runs(~high):
        inside = gap.first > 0 and gap.end < len(high)
        if inside and (gap.end - gap.first <= frames or blank[gap.first : gap.end].all()):
            high[gap.first : gap.end] = True
    return high


def _smoothed(curve: Floats, frames: int) -> Curve:
    """The mean of each value and those around it; past the ends stand the end values."""
    before, after = frames // 2, frames - 1 - frames // 2
    padded = np.pad(curve.astype(np.float64), (before + 1, after), mode="edge")
    padded[0] = 0.0
    total = np.cumsum(padded)
    return (total[frames:] - total[:-frames]) / frames
