"""Shots from the cuts of PySceneDetect, as the extractor `scenedetect` gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.errors import PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track


@dataclass(frozen=True)
class SceneDetectShots:
    """One row from each cut to the next, the first and the last included; scores are 1."""

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("shots.scenedetect",)
    needs: ClassVar[tuple[str, ...]] = ("scenedetect",)

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `shots.scenedetect`.

        Raises:
            PluginError: If the track has no column `cut`.
        """
        track = tracks["scenedetect"]
        if not isinstance(track, FeatureTrack) or "cut" not in track.columns:
            raise PluginError(
                f"shots.scenedetect works on the scenedetect track, got {track!r}",
                asset=asset.id,
                plugin="shots.scenedetect",
            )
        first = np.flatnonzero((track["cut"].astype(np.float32) > 0) | (np.arange(len(track)) == 0))
        starts = track.spans[first, 0]
        ends = np.append(starts[1:], track.spans[-1:, 1])
        shots = LabelTrack(
            np.column_stack([starts, ends]), ("shot",) * len(starts), classes=("shot",), stream=track.stream
        )
        return {"shots.scenedetect": shots}
