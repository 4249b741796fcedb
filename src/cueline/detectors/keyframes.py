"""Key frames: the one picture that stands for each shot.

Of the thumbnails taken inside a shot, the best is the one that is neither black nor white, has contrast, is sharp and
keeps away from the shot's borders, where transitions and half-opened eyes of the camera are. Among pictures about as
good as the best, the one nearest to the middle of the shot is taken.

A key frame is an instant: the start of the frame it shows, or of the shot where that begins within the frame. So it
lies in its shot, and a store finds its picture by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import Spans, middles
from cueline.timeline.tracks import FeatureTrack, LabelTrack, concatenate

_FULL_CONTRAST = 0.25  # of the column "contrast": from here on, more of it makes no better picture
_FULL_SHARPNESS = 0.25  # of the column "sharpness", likewise
_DARK, _LIGHT = 0.06, 0.94  # mean luma at which a picture starts to count as black, and as white

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """The best thumbnail of each shot, as an instant; a shot without any thumbnail has no key frame.

    Attributes:
        border: Seconds at either end of a shot in which a picture counts for less; at most a quarter of the shot.
        tie: Difference of quality, in [0, 1], below which the picture nearer to the middle wins.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("keyframes",)
    needs: ClassVar[tuple[str, ...]] = ("shots", "thumbnails", "thumbnails.short")

    border: float = 0.4
    tie: float = 0.05

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            OptionError: If `border` is negative or `tie` is outside [0, 1].
        """
        if not self.border >= 0:
            raise OptionError(f"the border of a shot must be 0 s or more, got {self.border}")
        if not 0 <= self.tie <= 1:
            raise OptionError(f"the tie between two qualities must lie in [0, 1], got {self.tie}")

    def detect(self, asset: Asset, tracks: Tracks) -> Tracks:  # noqa: ARG002 - the port gives the asset
        """Choose one thumbnail for each shot.

        Args:
            asset: Whose tracks these are.
            tracks: "shots" and "thumbnails"; "thumbnails.short" where a second pass took some.

        Returns:
            "keyframes": instants called "keyframe", scored by quality in [0, 1]; every shot was judged.
        """
        shots = tracks["shots"]
        taken = [tracks[name] for name in ("thumbnails", "thumbnails.short") if name in tracks]
        thumbnails = concatenate([track for track in taken if isinstance(track, FeatureTrack)])
        base = _quality(thumbnails)
        centres = middles(thumbnails.spans)
        instants, scores = [], []
        for (start, end), (first, last) in zip(shots.spans.tolist(), _inside(centres, shots.spans), strict=True):
            if first == last:
                continue
            quality = base[first:last] * _calm(centres[first:last], start, end, border=self.border)
            far = np.where(quality >= quality.max() - self.tie, abs(centres[first:last] - (start + end) / 2), np.inf)
            best = int(far.argmin())
            instants.append(max(start, float(thumbnails.spans[first + best, 0])))
            scores.append(float(quality[best]))
        keyframes = LabelTrack(
            spans=np.column_stack((instants, instants)),
            names=("keyframe",) * len(instants),
            scores=np.array(scores),
            classes=("keyframe",),
            judged=shots.spans,
            stream=shots.stream,
        )
        return {"keyframes": keyframes}


def _quality(thumbnails: FeatureTrack) -> Numbers:
    """How good each picture is in itself, in [0, 1], shape (N,)."""
    brightness, contrast, sharpness = (
        thumbnails[column].astype(np.float64) for column in ("brightness", "contrast", "sharpness")
    )
    exposed = np.minimum(brightness / _DARK, (1 - brightness) / (1 - _LIGHT)).clip(0, 1)
    lively: Numbers = np.sqrt((contrast / _FULL_CONTRAST).clip(0, 1))
    sharp: Numbers = np.sqrt((sharpness / _FULL_SHARPNESS).clip(0, 1))
    quality: Numbers = exposed * lively * sharp
    return quality


def _calm(times: Numbers, start: float, end: float, *, border: float) -> Numbers:
    """1 away from the borders of a shot, falling to 0.5 at them, shape (N,)."""
    border = min(border, (end - start) / 4)
    if border == 0:
        return np.ones(len(times))
    away = np.minimum(times - start, end - times)
    calm: Numbers = 0.5 + 0.5 * (away / border).clip(0, 1)
    return calm


def _inside(centres: Numbers, shots: Spans) -> list[tuple[int, int]]:
    """First row and row after the last of the thumbnails inside each shot."""
    first, last = np.searchsorted(centres, shots[:, 0]), np.searchsorted(centres, shots[:, 1])
    return list(zip(first.tolist(), last.tolist(), strict=True))
