"""Labels in two files, measured: boundaries at a tolerance, events by overlap, agreement of every moment.

Files are read by the installed importers, so any two formats can be compared. Media are paired by what the files call
them, or, where each file is about one, whatever it is called. Media that only the reference has were missed as a
whole; those that only the estimate has cannot be judged by boundaries and moments, and are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cueline.errors import FormatError, MediaError, OptionError
from cueline.evaluation.boundaries import BoundaryScores, boundary_scores, pooled
from cueline.evaluation.frames import FrameScores, frame_scores, pooled_frames
from cueline.evaluation.overlap import DetectionScores, EventScores, detection_map, event_scores, pooled_events
from cueline.timeline.spans import Times, as_spans, boundaries
from cueline.timeline.tracks import LabelTrack, union
from cueline.workbench.bringing import importer_for

_NOTHING = LabelTrack(np.empty((0, 2)), ())


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared with what.

    Attributes:
        reference: A file of true labels.
        estimated: A file of labels that were found.
        form: Name of the importer that reads both; told by their endings where none is given.
        track: Name of the track in both; needed where a file has several.
    """

    reference: Path
    estimated: Path
    form: str = ""
    track: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """One medium on both sides."""

    media: str
    reference: LabelTrack
    estimated: LabelTrack


@dataclass(frozen=True, slots=True)
class Paired:
    """What two files hold about the same media.

    Attributes:
        pairs: One a medium of the reference, in the order of its file.
        strange: Labels of media that only the estimate has.
        missing: Media that only the reference has; their estimate is empty.
    """

    pairs: Sequence[Pair]
    strange: Mapping[str, LabelTrack]
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class EventsMeasured:
    """Events by two conventions.

    Attributes:
        detection: mAP at temporal overlaps.
        events: F1 at a collar.
    """

    detection: DetectionScores
    events: EventScores


def measure_boundaries(sides: Sides, *, tolerance: float) -> tuple[BoundaryScores, Paired]:
    """Precision, recall and F1 of the boundaries in two files, all media as one.

    Instants are boundaries themselves; of spans, the starts are, but for the first.

    Args:
        sides: The files.
        tolerance: Greatest distance of a pair in seconds, 0 or more.

    Raises:
        FormatError, OptionError, UnknownPluginError, MediaError: If a file cannot be read; see `read_sides`.
        TimelineError: If the tolerance is below 0.
    """
    found = read_sides(sides)
    each = [
        boundary_scores(_instants(pair.reference), _instants(pair.estimated), tolerance=tolerance)
        for pair in found.pairs
    ]
    return pooled(each), found


def measure_events(sides: Sides, *, collar: float = 0.2) -> tuple[EventsMeasured, Paired]:
    """Detection mAP and event-based F1 of the events in two files.

    Args:
        sides: The files; the importer is that of ActivityNet where both end in .json and none is named.
        collar: Of the F1, seconds, 0 or more.

    Raises:
        As `measure_boundaries`.
    """
    both = {sides.reference.suffix.lower(), sides.estimated.suffix.lower()}
    found = read_sides(replace(sides, form="activitynet") if both == {".json"} and not sides.form else sides)
    reference = {pair.media: pair.reference for pair in found.pairs}
    estimated = {pair.media: pair.estimated for pair in found.pairs} | dict(found.strange)
    each = [event_scores(reference.get(name, _NOTHING), track, collar=collar) for name, track in estimated.items()]
    return EventsMeasured(detection_map(reference, estimated), pooled_events(each)), found


def measure_frames(sides: Sides) -> tuple[FrameScores, Paired]:
    """Agreement of the labels in two files at every moment.

    Files do not say where somebody looked, so each medium was judged from 0 to the last border that either side has.

    Args:
        sides: The files.

    Raises:
        As `measure_boundaries`.
    """
    found = read_sides(sides)
    return pooled_frames(frame_scores(_judged(pair), pair.estimated) for pair in found.pairs), found


def read_sides(sides: Sides) -> Paired:
    """The labels of two files, paired by medium.

    Raises:
        MediaError: If a file is not there.
        FormatError: If one is not in its format, or has labels of other tracks alone.
        OptionError: If its format or its track cannot be told.
        UnknownPluginError: If there is no importer of that name.
    """
    reference = _labels(sides.reference, sides.form, sides.track)
    estimated = _labels(sides.estimated, sides.form, sides.track)
    if len(reference) == len(estimated) == 1 and not (all(reference) and all(estimated)):
        (name, true), (found,) = *reference.items(), estimated.values()  # a format that names no media: it is the one
        return Paired([Pair(name or _own(sides.reference), true, found)], {}, [])
    return Paired(
        [
            Pair(name or _own(sides.reference), track, estimated.get(name, _NOTHING))
            for name, track in reference.items()
        ],
        {name or _own(sides.estimated): track for name, track in estimated.items() if name not in reference},
        [name or _own(sides.reference) for name in reference if name not in estimated],
    )


def _labels(path: Path, form: str, track: str) -> dict[str, LabelTrack]:
    """One track of each medium in a file."""
    if not path.is_file():
        raise MediaError(f"there is no file {str(path)!r}", path=path)
    brought = list(importer_for(path, form, {})[1].read(path))
    names = sorted({one.track for one in brought})
    if track and names and track not in names:
        raise FormatError(f"{str(path)!r} must have labels of {track!r}, got {', '.join(map(repr, names))}", path=path)
    if len(names) > 1 and not track:
        raise OptionError(f"{str(path)!r} has several tracks; say which with --track: {', '.join(map(repr, names))}")
    media: dict[str, list[LabelTrack]] = {}
    for one in brought:
        if one.track == track or not track:
            media.setdefault(one.media, []).append(one.labels)
    return {name: union(tracks) for name, tracks in media.items()}


def _own(path: Path) -> str:
    """What a medium is called where its file says nothing."""
    return path.stem


def _instants(track: LabelTrack) -> Times:
    spans = track.spans
    instants = bool((spans[:, 0] == spans[:, 1]).all())
    return np.unique(spans[:, 0] if instants else boundaries(spans))


def _judged(pair: Pair) -> LabelTrack:
    borders = np.concatenate((pair.reference.spans.ravel(), pair.estimated.spans.ravel(), [0.0]))
    return replace(pair.reference, judged=as_spans([(borders.min(), borders.max())]))
