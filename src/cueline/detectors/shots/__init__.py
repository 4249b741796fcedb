"""Shots: one row for each camera take, found as hard cuts, dissolves and fades.

Two small networks read the color track frame by frame: one gives the chance that a frame is the first after a cut,
the other that it lies within a gradual transition. Peaks and runs of these curves are the boundaries.

Convention: a shot begins with the start of its first frame and ends with the start of the first frame of the next;
the first shot begins with the first frame, the last ends with the end of the last frame, so a film without a
boundary is one shot. A gradual transition is one boundary in its middle, a fade in the middle of its black or white.
The score of a row is the confidence in the boundary that begins it; 1 for the first.

References:
    R. Lienhart, "Reliable transition detection in videos: a survey and practitioner's guide", 2001: features, motion
    and flash as the enemies of precision, training on made transitions. T. Soucek, J. Lokoc, "TransNet V2", 2020:
    a curve for the middle frame and one for all frames of a transition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.detectors.shots.boundaries import Boundary, blank_frames, cuts, gradual
from cueline.detectors.shots.evidence import REACH_SECONDS, cut_evidence, gradual_evidence
from cueline.detectors.shots.network import WEIGHTS, ensemble, weights_hash
from cueline.errors import OptionError, PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

CURVE_COLUMNS = ("cut", "gradual")
PIECE_FRAMES = 4096


@dataclass(frozen=True)
class Shots:
    """Hard cuts, dissolves and fades, robust to flashes, pans, zooms and fast motion.

    Attributes:
        cut: Chance, in (0, 1), that makes a cut; lower finds more and errs more.
        gradual: Chance, in (0, 1], that makes a dissolve, fade or wipe; 1 finds none.
        shortest_seconds: Of two cuts closer than this the surer counts.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("shots", "shots.curve")
    needs: ClassVar[tuple[str, ...]] = ("color",)

    cut: float = 0.5
    gradual: float = 0.9
    shortest_seconds: float = 0.08

    def __post_init__(self) -> None:
        """Refuse chances outside of their range, and a negative length."""
        if not 0 < self.cut < 1:
            raise OptionError(f"cut is a chance between 0 and 1, got {self.cut}; 0.5 is usual")
        if not 0 < self.gradual <= 1:
            raise OptionError(f"gradual is a chance above 0, at most 1, got {self.gradual}; 0.9 is usual")
        if not self.shortest_seconds >= 0:
            raise OptionError(f"shortest_seconds must be 0 or more, got {self.shortest_seconds}")

    @property
    def weights(self) -> dict[str, str]:
        """Hash of the weights it works with, for provenance."""
        return {WEIGHTS.name: weights_hash()}

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `shots`, and the chances of each frame as `shots.curve`.

        Raises:
            PluginError: If the color track has no columns of this version.
        """
        color = tracks["color"]
        if not isinstance(color, FeatureTrack) or "luma_0" not in color.columns:
            raise PluginError(f"shots works on the color track, got {color!r}", asset=asset.id, plugin="shots")
        if not len(color):
            nothing = np.empty((0, 2))
            return {
                "shots": LabelTrack(nothing, (), classes=("shot",), stream=color.stream),
                "shots.curve": FeatureTrack(nothing, np.empty((0, 2), np.float32), CURVE_COLUMNS, color.stream),
            }
        curve = FeatureTrack(color.spans, _chances(color), CURVE_COLUMNS, color.stream)
        found = self._boundaries(color, curve)
        starts = color.spans[[0, *(one.frame for one in found)], 0]
        ends = np.append(starts[1:], color.spans[-1, 1])
        shots = LabelTrack(
            spans=np.column_stack([starts, ends]),
            names=("shot",) * len(starts),
            scores=np.array([1.0, *(min(1.0, one.score) for one in found)]),
            classes=("shot",),
            stream=color.stream,
        )
        return {"shots": shots, "shots.curve": curve}

    def _boundaries(self, color: FeatureTrack, curve: FeatureTrack) -> list[Boundary]:
        step = _step(color)
        luma, contrast, change = (color[name].astype(np.float32) for name in ("luma", "contrast", "change_4"))
        blank = blank_frames(luma, contrast, change)
        chance = curve["cut"].astype(np.float32)
        hard = cuts(chance, step, threshold=self.cut, shortest_seconds=self.shortest_seconds)
        soft = gradual(curve["gradual"].astype(np.float32), luma, blank, hard, step, threshold=self.gradual)
        return sorted({*hard, *soft})


def _chances(color: FeatureTrack) -> npt.NDArray[np.float32]:
    """Both chances of each frame, shape (N, 2); piece by piece, so that memory does not grow with the film."""
    margin = int(np.ceil(REACH_SECONDS / _step(color)))
    found = []
    for first in range(0, len(color), PIECE_FRAMES):
        end = min(len(color), first + PIECE_FRAMES)
        low, high = max(0, first - margin), min(len(color), end + margin)
        piece = FeatureTrack(color.spans[low:high], color.values[low:high], color.columns, color.stream)
        both = [ensemble("cut").chances(cut_evidence(piece)), ensemble("gradual").chances(gradual_evidence(piece))]
        found.append(np.column_stack(both)[first - low : end - low])
    chances = np.concatenate(found)
    chances[0, 0] = 0.0
    return chances


def _step(color: FeatureTrack) -> float:
    """The usual distance of two frames, seconds."""
    starts = color.spans[:, 0]
    return float(np.median(np.diff(starts))) if len(starts) > 1 else float(color.spans[0, 1] - starts[0])
