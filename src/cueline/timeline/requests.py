"""What an extractor may ask of a decode pass: every frame, instants, windows, or sound.

Times are seconds from the start of the asset. Pictures come RGB, uint8, full range and upright,
whatever the file holds; sound comes as float32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from cueline.errors import OptionError, near_miss
from cueline.timeline.spans import Spans, as_spans

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
        scaling: "fast" averages 4 x 2 points of each pixel, "area" all of it at three times the cost,
            "bilinear" and "bicubic" as usual.
    """

    width: int
    height: int
    fit: Fit = "stretch"
    scaling: Scaling = "area"

    def __post_init__(self) -> None:
        """Refuse a picture without pixels, and ways to fit or scale that do not exist."""
        if self.width < 1 or self.height < 1:
            raise OptionError(f"a picture needs 1 x 1 pixels or more, got {self.width} x {self.height}")
        for what, value, known in (("fit", self.fit, get_args(Fit)), ("scaling", self.scaling, get_args(Scaling))):
            if value not in known:
                raise OptionError(f"{what} is one of {', '.join(known)}, got {value!r}.{near_miss(str(value), known)}")


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
        """Refuse both, a negative distance, and times that are not finite or out of order."""
        if not 0 <= self.every < math.inf or (self.every and self.times):
            raise OptionError(
                f"instants are given by times or by a distance above 0 s, got {self.times} and {self.every}"
            )
        times = np.asarray(self.times, dtype=np.float64)
        wrong = np.flatnonzero(~(np.isfinite(times) & (times >= np.maximum.accumulate(times))))
        if wrong.size:
            raise OptionError(f"instants must be finite and in order of time, got {times[wrong[0]]} at row {wrong[0]}")


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Some frames of each window, evenly spread: one batch a window.

    Attributes:
        picture: How.
        spans: The windows in seconds, shape (N, 2), in order of start.
        frames: Pictures of each window; the i-th is the frame shown at start + (i + 0.5) / frames of it, or the
            nearest frame where the window reaches beyond the video. A window wholly outside gives nothing.
    """

    picture: Picture
    spans: Spans
    frames: int

    def __post_init__(self) -> None:
        """Check the windows; refuse windows without pictures, and out of order."""
        object.__setattr__(self, "spans", as_spans(self.spans, what="windows"))
        if self.frames < 1:
            raise OptionError(f"a window needs 1 picture or more, got {self.frames}")
        late = np.flatnonzero(np.diff(self.spans[:, 0]) < 0)
        if late.size:
            row = late[0] + 1
            raise OptionError(f"windows must be in order of start, got {self.spans[row].tolist()} at row {row}")


@dataclass(frozen=True, slots=True)
class Sound:
    """The chosen audio stream.

    Attributes:
        rate_hz: Samples a second, resampled; 0 keeps the rate of the file.
        mono: Mix every layout down to one channel (the mean after a standard downmix to stereo); otherwise stereo.
    """

    rate_hz: int = 16000
    mono: bool = True

    def __post_init__(self) -> None:
        """Refuse a negative rate."""
        if self.rate_hz < 0:
            raise OptionError(f"sound needs a rate above 0 Hz, or 0 for the rate of the file, got {self.rate_hz}")


Request = EveryFrame | Instants | Windows | Sound
