"""Chunks: the sound of an asset cut from its end backwards, as spans; no file is written.

Chunk 1 is the last one, where outro music is; it is the last row of the track. How what does not divide evenly is
left at the beginning: `cueline.timeline.chunks`. An asset with sound is cut from the end of its sound, one without
from the end of its pictures. `cueline chunk` writes the same spans as files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from cueline.errors import OptionError
from cueline.timeline.assets import Asset
from cueline.timeline.chunks import chunks
from cueline.timeline.records import Tracks
from cueline.timeline.tracks import LabelTrack, Track


@dataclass(frozen=True, slots=True)
class Chunks:
    """Spans of one length from the end backwards; the first one is shorter.

    Attributes:
        seconds: Length of each chunk.
        hop: Seconds from the end of one to the end of the next; below `seconds` they overlap. 0 for `seconds`.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("chunks",)
    needs: ClassVar[tuple[str, ...]] = ()

    seconds: float = 10.0
    hop: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a length and a hop that cannot be."""
        if not 0 < self.seconds < math.inf:
            raise OptionError(f"seconds must be above 0, got {self.seconds}; 10 is usual")
        if not 0 <= self.hop < math.inf:
            raise OptionError(f"hop must be above 0 s, or 0 for the length of a chunk, got {self.hop}")

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:  # noqa: ARG002 - the port gives tracks
        """Give `chunks`: one row a chunk, in order of time, called "chunk"."""
        sound = asset.stream("audio")
        end = sound.start + sound.duration if sound else asset.duration
        spans = chunks(end, seconds=self.seconds, hop=self.hop or None)
        names = ("chunk",) * len(spans)
        return {"chunks": LabelTrack(spans, names, classes=("chunk",), stream=sound.name if sound else "")}
