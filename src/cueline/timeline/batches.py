"""What the decode pass hands to extractors: pictures and sound with exact times.

A FrameBatch holds B pictures of one size, RGB, uint8, full range, upright; a SoundBatch holds S
samples of C channels, float32 in about [-1, 1]. Both are read-only and carry their own clock in
seconds from the start of the asset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.timeline.spans import Span, Spans, as_spans

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class FrameBatch:
    """Pictures in order of time.

    Attributes:
        pictures: RGB, uint8, shape (B, H, W, 3).
        spans: When each picture is on the screen, seconds, shape (B, 2).
        window: The window these pictures were sampled from, when windows were asked for.
    """

    pictures: npt.NDArray[np.uint8]
    spans: Spans
    window: Span | None = None

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit, then forbid writing."""
        if self.pictures.ndim != 4 or self.pictures.shape[3] != 3 or self.pictures.dtype != np.uint8:
            raise TimelineError(
                f"pictures must be uint8 of shape (B, H, W, 3), got {self.pictures.dtype} {self.pictures.shape}"
            )
        object.__setattr__(self, "spans", as_spans(self.spans))
        if len(self.spans) != len(self.pictures):
            raise TimelineError(f"each picture needs one span, got {len(self.pictures)} and {len(self.spans)}")
        object.__setattr__(self, "pictures", _read_only(self.pictures))

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.pictures)

    def __repr__(self) -> str:
        """Shape and time, not contents."""
        count, height, width, _ = self.pictures.shape
        return f"FrameBatch({count} pictures {width}x{height}{_when(self.spans)})"


@dataclass(frozen=True, slots=True, eq=False)
class SoundBatch:
    """Samples without a gap.

    Attributes:
        samples: float32 in about [-1, 1], shape (S, C).
        start: Seconds of the first sample.
        rate_hz: Samples a second of each channel.
    """

    samples: npt.NDArray[np.float32]
    start: float
    rate_hz: int

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit, then forbid writing."""
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            raise TimelineError(
                f"samples must be float32 of shape (S, C), got {self.samples.dtype} {self.samples.shape}"
            )
        if self.rate_hz <= 0:
            raise TimelineError(f"a sample rate must be above 0 Hz, got {self.rate_hz}")
        object.__setattr__(self, "samples", _read_only(self.samples))

    @property
    def span(self) -> Span:
        """From the first sample to the end of the last."""
        return Span(self.start, self.start + len(self.samples) / self.rate_hz)

    def __len__(self) -> int:
        """Number of samples of one channel."""
        return len(self.samples)

    def __repr__(self) -> str:
        """Shape and time, not contents."""
        return (
            f"SoundBatch({len(self)} samples x {self.samples.shape[1]} at {self.rate_hz} Hz, from {self.start:.3f} s)"
        )


def _read_only(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The same memory, seen so that it cannot be written; the caller's array stays as it was."""
    view = values.view()
    view.flags.writeable = False
    return view


def _when(spans: Spans) -> str:
    return f", {spans[0, 0]:.3f}-{spans[-1, 1]:.3f} s" if len(spans) else ""
