"""Silence: the spans in which the sound is too weak to hear, from the peaks track.

A silence begins and ends with a row of peaks whose root mean square lies below a level, and holds no row that lies
3 dB above it: noise that hovers about the level does not fall to pieces. Power counts, not the highest sample, so that
a crackle of -40 dBFS does not end a silence; a word, a knock, a note does.

Peaks are of one channel, the mean of all: two channels that are each other's negative are silent in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import SLACK, Spans, as_spans, durations
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

Flags = npt.NDArray[np.bool_]

_MARGIN = 10 ** (3 / 20)


@dataclass(frozen=True)
class Silence:
    """Spans without audible sound.

    Attributes:
        level: Root mean square in dBFS (a full square wave has 0) below which a silence begins and ends.
        seconds: How long a silence must last.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("silence",)
    needs: ClassVar[tuple[str, ...]] = ("peaks",)

    level: float = -50.0
    seconds: float = 0.5

    def __post_init__(self) -> None:
        """Refuse a level that no sound or every sound has, and a negative length."""
        if not -120 <= self.level < 0:
            raise OptionError(f"level must lie in -120 to 0 dBFS, 0 left out, got {self.level}; -50 is usual")
        if not 0 <= self.seconds < float("inf"):
            raise OptionError(f"seconds must be 0 or more, got {self.seconds}; 0.5 is usual")

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `silence`: one row for each span; wherever there are peaks is judged.

        Raises:
            PluginError: If the peaks track has no column of power.
        """
        peaks = tracks["peaks"]
        if not isinstance(peaks, FeatureTrack) or ("rms" not in peaks.columns and (len(peaks) or peaks.columns)):
            raise PluginError(f"silence works on the peaks track, got {peaks!r}", asset=asset.id, plugin="silence")
        if not len(peaks):  # sound shorter than a sample of peaks; a track without rows has no columns
            return {"silence": LabelTrack(peaks.spans, (), classes=("silence",), stream=peaks.stream)}
        power, starts, ends = peaks["rms"].astype(np.float32), *peaks.spans.T
        level = 10 ** (self.level / 20)
        apart = np.append(True, starts[1:] > ends[:-1] + SLACK)[: len(peaks)]
        spans = _stretches(peaks.spans, power < level, (power >= level * _MARGIN) | apart)
        spans = spans[durations(spans) >= self.seconds - SLACK]
        judged = _stretches(peaks.spans, np.ones(len(peaks), dtype=bool), apart)
        names = ("silence",) * len(spans)
        return {"silence": LabelTrack(spans, names, classes=("silence",), judged=judged, stream=peaks.stream)}


def _stretches(spans: Spans, inside: Flags, breaks: Flags) -> Spans:
    """From the first to the last row inside, of those between two breaks; a break may be inside and begins anew."""
    rows = np.flatnonzero(inside)
    stretch = np.cumsum(breaks)[rows]
    first, last = np.flatnonzero(np.diff(stretch, prepend=0)), np.flatnonzero(np.diff(stretch, append=0))
    return as_spans(np.column_stack((spans[rows[first], 0], spans[rows[last], 1])))
