"""Tables of clips: the files they are of, when they are in them, and their numbers.

The numbers of a clip are the 68 descriptors of its sound, or the means and deviations of all columns of the tracks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from cueline.detectors.tags import pooled
from cueline.errors import OptionError, near_miss
from cueline.features.sound import clip_descriptors
from cueline.models.cards import Input
from cueline.timeline.spans import Span, Spans, as_spans
from cueline.timeline.tracks import FeatureTrack

Numbers = npt.NDArray[np.float64]
Features = Literal["descriptors", "pooled"]

SOUND = "sound"


@dataclass(frozen=True, slots=True)
class ClipSource:
    """A file that clips are of.

    Attributes:
        name: What people call it.
        path: Where it lies.
        asset: Id of its asset in the library; the path where there is none.
        groups: Kind to name: what binds it to other files.
    """

    name: str
    path: Path
    asset: str
    groups: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, eq=False)
class ClipTable:
    """Clips and their numbers.

    Attributes:
        title: What they are, in a few words.
        sources: The files.
        owner: Which source each clip is of, shape (N,).
        spans: Seconds, shape (N, 2).
        values: Shape (N, D); NaN where a track has nothing.
        columns: Names of the D numbers, or empty.
        left_out: Files that give no clip, and why.
    """

    title: str
    sources: tuple[ClipSource, ...]
    owner: npt.NDArray[np.int64]
    spans: Spans
    values: Numbers
    columns: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.owner)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"ClipTable({len(self)} clips of {len(self.sources)} files, {self.values.shape[1]} numbers)"

    def source(self, clip: int) -> ClipSource:
        """The file of a clip."""
        return self.sources[int(self.owner[clip])]

    def span(self, clip: int) -> Span:
        """When it is, in seconds."""
        return Span(*self.spans[clip].tolist())


@dataclass(frozen=True, slots=True, eq=False)
class FileClips:
    """The clips of one file, or why there are none."""

    path: Path
    spans: Spans = field(default_factory=lambda: as_spans([]))
    values: Numbers = field(default_factory=lambda: np.empty((0, 0)))
    columns: tuple[str, ...] = ()
    reason: str = ""


def numbers_of(tracks: Mapping[str, FeatureTrack], spans: Spans, features: Features) -> tuple[Numbers, tuple[str, ...]]:
    """The numbers of clips of one file, and their names; empty names where those of a track are not known.

    Args:
        tracks: By name.
        spans: In order of time, shape (N, 2).
        features: "descriptors", which tracks but `sound` take as "pooled", or "pooled".
    """
    parts, columns, known = [], list[str](), True
    for name, track in tracks.items():
        if name == SOUND and features == "descriptors":
            found = clip_descriptors(track, spans)
            parts.append(np.asarray(found.values, np.float64))
            columns += found.columns
            continue
        one = Input(name, track.values.shape[1], ("mean", "std"), track.columns)
        parts.append(pooled(one, track, spans))
        known = known and bool(track.columns)
        columns += [f"{name}.{column}.{pool}" for pool in one.pools for column in track.columns]
    return np.concatenate(parts, axis=1), tuple(columns) if known else ()


def must_be_known(features: str) -> None:
    """Refuse features that there are not.

    Raises:
        OptionError: With the near miss.
    """
    if features not in get_args(Features):
        known = get_args(Features)
        raise OptionError(f"features are one of {', '.join(known)}, got {features!r}.{near_miss(features, known)}")


def joined(title: str, given: Iterable[tuple[ClipSource, FileClips]], left_out: list[tuple[str, str]]) -> ClipTable:
    """All clips in one table; files of another kind than the first are left out.

    Raises:
        OptionError: If there is no clip.
    """
    sources, taken = list[ClipSource](), list[FileClips]()
    for source, clips in given:
        width = taken[0].values.shape[1] if taken else clips.values.shape[1]
        if not len(clips.spans):
            left_out.append((source.name, "it gives no clip"))
        elif clips.values.shape[1] != width or (taken and clips.columns != taken[0].columns):
            why = "its tracks have other columns than those before. Analyse all files with the same options"
            left_out.append((source.name, why))
        else:
            sources.append(source)
            taken.append(clips)
    if not taken:
        why = f": {left_out[0][0]}: {left_out[0][1]}" if left_out else ". Name files with sound, or a library"
        raise OptionError(f"there is no clip to cluster{why}")
    owner = np.repeat(np.arange(len(taken)), [len(each.spans) for each in taken])
    spans, values = as_spans(np.concatenate([each.spans for each in taken])), np.concatenate([e.values for e in taken])
    return ClipTable(title, tuple(sources), owner, spans, values, taken[0].columns, tuple(left_out))
