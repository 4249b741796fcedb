"""What an extractor may ask of a decode pass: every frame, instants, windows, or sound.

Times are seconds from the start of the asset. Pictures come RGB, uint8, full range and upright,
whatever the file holds; sound comes as float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cueline.errors import OptionError
from cueline.timeline.spans import Spans

Fit = Literal["stretch", "pad", "crop", "inside", "short"]
Scaling = Literal["fast", "area", "bilinear", "bicubic"]


@dataclass(frozen=True, slots=True)
class Picture:
    """How pictures are wanted: RGB, uint8, full range, upright.

    Attributes:
        width: Pixels. For "inside" the most, for "short" the length of the shorter side.
        height: Pixels; ignored for "short".
        fit: "stretch" ignores the shape of the picture, "pad" keeps it and fills with black, "crop"
            fills and cuts the middle out, "inside" keeps it and gives what fits, "short" keeps it and
            makes the shorter side `width` long. The last two make pictures whose size depends on the asset.
        scaling: "fast" costs least and aliases, "area" averages, "bilinear" and "bicubic" as usual.
    """

    width: int
    height: int
    fit: Fit = "stretch"
    scaling: Scaling = "area"

    def __post_init__(self) -> None:
        """Refuse a picture without pixels."""
        if self.width < 1 or self.height < 1:
            raise OptionError(f"a picture needs 1 x 1 pixels or more, got {self.width} x {self.height}")


@dataclass(frozen=True, slots=True)
class EveryFrame:
    """Every frame of the chosen video stream."""

    picture: Picture


@dataclass(frozen=True, slots=True)
class Instants:
    """The frames shown at some times; a frame asked for twice is given twice.

    Attributes:
        picture: How.
        times: Seconds, in order; a time outside the video gives nothing. Or give `every`.
        every: Seconds from one instant to the next, from the first frame on; 0 means `times` are given.
    """

    picture: Picture
    times: tuple[float, ...] = ()
    every: float = 0.0

    def __post_init__(self) -> None:
        """Refuse both, a negative distance, and times out of order."""
        if self.every < 0 or (self.every and self.times):
            raise OptionError(
                f"instants are given by times or by a distance above 0 s, got {self.times} and {self.every}"
            )
        if any(b < a for a, b in zip(self.times, self.times[1:], strict=False)):
            raise OptionError("instants must be in order of time")


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Some frames of each window, evenly spread: one batch a window.

    Attributes:
        picture: How.
        spans: The windows in seconds, shape (N, 2), in order of start.
        frames: Pictures of each window; the i-th is the frame shown at start + (i + 0.5) / frames of it.
    """

    picture: Picture
    spans: Spans
    frames: int


@dataclass(frozen=True, slots=True)
class Sound:
    """The chosen audio stream.

    Attributes:
        rate_hz: Samples a second, resampled; 0 keeps the rate of the file.
        mono: Mix every layout down to one channel (the mean after a standard downmix to stereo); otherwise stereo.
    """

    rate_hz: int = 16000
    mono: bool = True


Request = EveryFrame | Instants | Windows | Sound
