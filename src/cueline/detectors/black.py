"""Black: the spans in which the picture shows nothing, from the color track.

A frame is black when neither its mean light nor the light of any of its 6 x 8 blocks reaches a level. So letters or a
small lamp in the dark are not black, the noise of a film that was scanned is.
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
class Black:
    """Spans of black pictures.

    Attributes:
        level: Light, 0 to 255, that no block of a black picture reaches.
        seconds: How long a span must last.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("black",)
    needs: ClassVar[tuple[str, ...]] = ("color",)

    level: float = 16.0
    seconds: float = 0.1

    def __post_init__(self) -> None:
        """Refuse a level that no picture or every picture has, and a negative length."""
        if not 0 < self.level <= 255:
            raise OptionError(f"level must lie above 0 and at most at 255, got {self.level}; 16 is usual")
        if not self.seconds >= 0:
            raise OptionError(f"seconds must be 0 or more, got {self.seconds}")

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `black`: one row for each span; all of the film is judged.

        Raises:
            PluginError: If the color track has no columns of light.
        """
        color = tracks["color"]
        if not isinstance(color, FeatureTrack) or "luma_0" not in color.columns:
            raise PluginError(f"black works on the color track, got {color!r}", asset=asset.id, plugin="black")
        dark = np.ones(len(color), dtype=bool)
        for name in color.columns:  # one by one, so that no copy of a long film's track is made
            if name.startswith("luma"):
                dark &= color[name].astype(np.float32) < self.level
        edges = np.flatnonzero(np.diff(np.concatenate([[False], dark, [False]])))
        spans = np.column_stack([color.spans[edges[::2], 0], color.spans[edges[1::2] - 1, 1]])
        spans = spans[spans[:, 1] - spans[:, 0] >= self.seconds]
        whole = np.array([[color.spans[0, 0], color.spans[-1, 1]]]) if len(color) else np.empty((0, 2))
        names = ("black",) * len(spans)
        return {"black": LabelTrack(spans, names, classes=("black",), judged=whole, stream=color.stream)}
