"""Examples from a library: what its tracks say of each file, beside what people or imports say is in it.

One row for each asset that has all the feature tracks and the label track. Its numbers are the tracks, pooled over the
whole asset; its answers are the names in the label track: those that are there are yes, those that the track looked for
and did not find are no, all others are unknown, unless the reader says that whatever was not labelled is absent.
Assets that share a group are one group of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_

import numpy as np

from cueline.detectors.tags import pooled
from cueline.errors import OptionError
from cueline.evaluation.judging import Policy
from cueline.models.cards import Input, Pool
from cueline.ports import Source
from cueline.timeline.examples import Examples, LabelLists
from cueline.timeline.groups import components
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.library import Library

POOLS: tuple[Pool, ...] = ("mean", "std")


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Examples that a library gives.

    Attributes:
        examples: One row a file.
        inputs: What its numbers are.
        left_out: Files that take no part, and why: they lack a track, or its mean is no number.
    """

    examples: Examples
    inputs: tuple[Input, ...]
    left_out: tuple[tuple[str, str], ...]


def library_lesson(library: Library, tracks: Sequence[str], labels: str, *, policy: Policy = "judged") -> Lesson:
    """Gather examples.

    Args:
        library: Where.
        tracks: Names of feature tracks, such as sound.
        labels: Name of a label track.
        policy: "judged", or "closed" where whatever was not labelled is absent.

    Raises:
        OptionError: If no file has all of the tracks, or tracks of one name are of several kinds.
    """
    if not tracks:
        raise OptionError("name at least one feature track to learn from, such as: --tracks sound")
    taken, left_out = [], []
    for source in library.sources((*tracks, labels)):
        missing = [name for name in (*tracks, labels) if name not in source.record.tracks]
        empty = [name for name in tracks if name not in missing and not len(source.record.tracks[name])]
        if missing or empty:
            left_out.append((source.name, f"no track {missing[0]!r}" if missing else f"{empty[0]!r} is empty"))
        else:
            taken.append(source)
    inputs = tuple(input_of(name, taken) for name in tracks) if taken else ()
    values = [_row(inputs, source) for source in taken]
    known = [bool(np.isfinite(row).all()) for row in values]
    left_out += [(source.name, "its mean is no number") for source in compress(taken, map(not_, known))]
    taken, values = list(compress(taken, known)), list(compress(values, known))
    if not taken:
        why = f"; {left_out[0][0]}: {left_out[0][1]}" if left_out else ""
        raise OptionError(f"no file of {str(library.path)!r} has {', '.join(tracks)} and {labels!r}{why}")
    rows = np.concatenate(values).astype(np.float32)
    return Lesson(_examples(taken, rows, labels, policy), inputs, tuple(left_out))


def input_of(name: str, sources: Sequence[Source]) -> Input:
    """What the track of a name gives a row, the same in all sources.

    Raises:
        OptionError: If it is of several kinds, or of names and not of numbers.
    """
    kinds = {(track.values.shape[1], track.columns) for track in (features_of(name, source) for source in sources)}
    if len(kinds) > 1:
        widths = sorted({width for width, _ in kinds})
        raise OptionError(
            f"tracks to learn from must be of one kind, got {name!r} of widths {widths} or with other columns. Analyse "
            "all files with the same options."
        )
    width, columns = kinds.pop()
    return Input(name, width, POOLS, columns)


def features_of(name: str, source: Source) -> FeatureTrack:
    """A track of numbers.

    Raises:
        OptionError: If it is one of names.
    """
    track = source.record.tracks[name]
    if not isinstance(track, FeatureTrack):
        raise OptionError(f"{name!r} is a label track; features are numbers. `cueline features` shows which there are")
    return track


def _row(inputs: Sequence[Input], source: Source) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    whole = as_spans([Span(0.0, source.record.asset.duration)])
    return np.concatenate([pooled(one, features_of(one.track, source), whole) for one in inputs], axis=1)


def _examples(
    sources: Sequence[Source], values: np.ndarray[tuple[int, int], np.dtype[np.float32]], labels: str, policy: Policy
) -> Examples:
    tracks = []
    for source in sources:
        track = source.record.tracks[labels]
        if not isinstance(track, LabelTrack):
            raise OptionError(f"{labels!r} is a track of numbers; answers are a label track")
        tracks.append(track)
    classes = sorted({name for track in tracks for name in track.classes})
    number = {name: place for place, name in enumerate(classes)}
    yes = LabelLists.of(({number[name] for name in track.names} for track in tracks), width=len(classes))
    unknown = LabelLists.none(len(tracks), width=len(classes))
    if policy == "judged":
        unknown = LabelLists.of(
            ({place for name, place in number.items() if name not in track.classes} for track in tracks),
            width=len(classes),
        )
    assets = [source.record.asset for source in sources]
    groups = components([asset.groups for asset in assets])
    return Examples(values, yes, unknown, tuple(classes), [source.name for source in sources], groups=groups)
