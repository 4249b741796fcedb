"""Black: where the picture is black for a while, as between programmes and around commercials.

A frame is black when its mean light and its contrast are both low: a starry night has contrast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.errors import OptionError, PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import durations, merge
from cueline.timeline.tracks import FeatureTrack, LabelTrack


@dataclass(frozen=True, slots=True)
class Black:
    """Stretches in which the picture is black.

    Attributes:
        level: Most mean light of a black frame, of 255.
        contrast: Most standard deviation of light of a black frame, of 255.
        seconds: Shortest stretch that counts.

    Raises:
        OptionError: If a value cannot be.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("black",)
    needs: ClassVar[tuple[str, ...]] = ("color",)

    level: float = 10.0
    contrast: float = 8.0
    seconds: float = 0.1

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        if not (0 <= self.level <= 255 and 0 <= self.contrast <= 255 and self.seconds >= 0):
            raise OptionError(
                "black needs a level and a contrast from 0 to 255 and 0 seconds or more, "
                f"got {self.level}, {self.contrast} and {self.seconds}",
                plugin="black",
            )

    def detect(self, asset: Asset, tracks: Tracks) -> Tracks:
        """Find the stretches.

        Returns:
            "black": score 1 for each; judged wherever there are pictures.

        Raises:
            PluginError: If the color track has no columns of light.
        """
        color = tracks["color"]
        if not isinstance(color, FeatureTrack) or not {"luma", "contrast"} <= set(color.columns):
            raise PluginError(f"black works on the color track, got {color!r}", asset=asset.id, plugin="black")
        luma, contrast = color["luma"].astype(np.float32), color["contrast"].astype(np.float32)
        dark = (luma <= self.level) & (contrast <= self.contrast)
        stretches = merge(color.spans[dark])
        kept = stretches[durations(stretches) >= self.seconds]
        names = ("black",) * len(kept)
        return {"black": LabelTrack(kept, names, classes=("black",), judged=merge(color.spans), stream=color.stream)}
