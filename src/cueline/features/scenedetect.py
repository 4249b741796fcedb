"""PySceneDetect behind our port: its cuts, frame by frame (extra `scenedetect`).

The detectors of PySceneDetect see the pictures at the size that its SceneManager would choose, the longer side 256
pixels or less, scaled bilinearly. PySceneDetect scales with OpenCV and decodes to BGR its own way, so that single
levels of single pixels differ; its cuts on its own test films come out the same.

References:
    Brandon Castellano, PySceneDetect, https://www.scenedetect.com, version 0.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

import numpy as np

from cueline.errors import MissingExtraError, OptionError, PluginError, near_miss
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import FrameBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import EveryFrame, Picture

Method = Literal["adaptive", "content", "hash", "histogram", "threshold"]
LONGER_SIDE = 256
# PySceneDetect's time codes want a rate; its lengths are given in frames here, so that any rate does
_ANY_RATE_HZ = 25.0


@dataclass(frozen=True)
class SceneDetect:
    """Cuts of one of PySceneDetect's detectors, with its own defaults.

    Attributes:
        method: Which detector.
        threshold: Its threshold; 0 takes its default.
        shortest_frames: Frames that a scene lasts at least.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "scenedetect"
    needs: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "scenedetect"
    imports: ClassVar[tuple[str, ...]] = ("scenedetect", "cv2")

    method: Method = "adaptive"
    threshold: float = 0.0
    shortest_frames: int = 15

    def __post_init__(self) -> None:
        """Refuse an unknown method and negative numbers."""
        if self.method not in get_args(Method):
            known = ", ".join(get_args(Method))
            raise OptionError(
                f"method must be one of {known}, got {self.method!r}.{near_miss(self.method, get_args(Method))}"
            )
        if self.threshold < 0 or self.shortest_frames < 0:
            raise OptionError(
                f"threshold and shortest_frames must be 0 or more, got {self.threshold} and {self.shortest_frames}"
            )

    def wants(self, asset: Asset, tracks: Tracks) -> EveryFrame | None:  # noqa: ARG002  # the port's signature
        """Every frame, as small as PySceneDetect would make it; None for an asset without video."""
        video = asset.stream("video")
        if video is None:
            return None
        factor = max(1.0, max(video.width, video.height) / LONGER_SIDE)
        width, height = max(1, round(video.width / factor)), max(1, round(video.height / factor))
        return EveryFrame(Picture(width, height, fit="stretch", scaling="bilinear"))

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """One row a frame, column `cut`: 1 for the first frame of a new scene, else 0; all at the end of the film.

        Raises:
            MissingExtraError: If PySceneDetect is not installed.
            PluginError: If the batches are not pictures.
        """
        detector, timecode = self._detector(), _scenedetect().FrameTimecode
        spans, cuts = [], []
        count = 0
        for batch in batches:
            if not isinstance(batch, FrameBatch):
                raise PluginError(f"scenedetect works on pictures, got {batch!r}", asset=asset.id, plugin="scenedetect")
            spans.append(batch.spans)
            for picture in batch.pictures:
                cuts += detector.process_frame(timecode(count, _ANY_RATE_HZ), np.ascontiguousarray(picture[:, :, ::-1]))
                count += 1
        if not count:
            return
        cuts += detector.post_process(timecode(count, _ANY_RATE_HZ))
        values = np.zeros((count, 1), dtype=np.float32)
        values[sorted({cut.frame_num for cut in cuts if cut.frame_num < count})] = 1.0
        yield Rows(np.concatenate(spans), values, ("cut",))

    def _detector(self) -> Any:
        detectors = _scenedetect().detectors
        kind = getattr(detectors, f"{self.method.capitalize()}Detector")
        name = "adaptive_threshold" if self.method == "adaptive" else "threshold"
        options = {name: self.threshold} if self.threshold else {}
        return kind(min_scene_len=self.shortest_frames, **options)


def _scenedetect() -> Any:
    try:
        import scenedetect
    except ImportError as error:
        raise MissingExtraError(
            "the scenedetect extractor needs PySceneDetect. Install it with: pip install 'cueline[scenedetect]'",
            plugin="scenedetect",
        ) from error
    return scenedetect
