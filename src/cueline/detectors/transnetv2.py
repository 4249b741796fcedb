"""Shots from the chances of TransNetV2, as the extractor `transnetv2` gives them.

A transition is a run of frames above the threshold; the new shot begins with the first frame after the run, as by the
network's authors. Frames of a long transition belong to the shot before it, so that shots leave no gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.errors import OptionError, PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track


@dataclass(frozen=True)
class TransNetV2Shots:
    """One row from each transition to the next, the first and the last included.

    Attributes:
        threshold: Chance, in (0, 1), above which a frame belongs to a transition.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("shots.transnetv2",)
    needs: ClassVar[tuple[str, ...]] = ("transnetv2",)

    threshold: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a chance outside of its range."""
        if not 0 < self.threshold < 1:
            raise OptionError(f"threshold is a chance between 0 and 1, got {self.threshold}; 0.5 is usual")

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `shots.transnetv2`; the score of a row is the highest chance of the transition before it.

        Raises:
            PluginError: If the track has no column `single`.
        """
        track = tracks["transnetv2"]
        if not isinstance(track, FeatureTrack) or "single" not in track.columns:
            raise PluginError(
                f"shots.transnetv2 works on the transnetv2 track, got {track!r}",
                asset=asset.id,
                plugin="shots.transnetv2",
            )
        chances = track["single"].astype(np.float64)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], chances > self.threshold, [False]])))
        runs = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a > 0 and b < len(track)]
        starts = track.spans[[0, *(end for _, end in runs)], 0] if len(track) else np.empty(0)
        ends = np.append(starts[1:], track.spans[-1:, 1])
        shots = LabelTrack(
            spans=np.column_stack([starts, ends]),
            names=("shot",) * len(starts),
            scores=np.array([1.0, *(chances[start:end].max() for start, end in runs)])[: len(starts)],
            classes=("shot",),
            stream=track.stream,
        )
        return {"shots.transnetv2": shots}
