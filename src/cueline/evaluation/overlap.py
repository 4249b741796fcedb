"""How well events in time were found: detection mAP at overlaps (ActivityNet), event-based F1 at collars (sed_eval).

An event is a row of a LabelTrack: a name, a start, an end. Two conventions, for two fields:

    detection_map    actions: right when it overlaps enough, whatever its borders; ranked by score. How much two
                     events overlap is their intersection over union, tIoU (`cueline.timeline.spans.iou`)
    event_scores     sounds: right when start and end both are near enough, whatever the score
    pooled_events    many files as one: counts are added

The whole of each track is measured: an event that the reference has not is a mistake, wherever it lies. Where only a
part was judged, crop both tracks first, or measure the agreement of every moment (`cueline.evaluation.frames`).

Nothing to count: a class without an event in the reference takes no part in mAP; a mean over no classes is NaN. F1 is
as in `cueline.evaluation.boundaries`: NaN where there was nothing to find and nothing was found.

References:
    F. Caba Heilbron et al., 2015, ActivityNet; repository activitynet/ActivityNet, Evaluation/eval_detection.py.
    A. Mesaros, T. Heittola and T. Virtanen, 2016, Metrics for Polyphonic Sound Event Detection; TUT-ARG/sed_eval,
    event-based metrics with `event_matching_type="optimal"`.
    M. Everingham et al., 2010, The Pascal Visual Object Classes Challenge: interpolated average precision.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.boundaries.matching import BoundaryScores, pooled
from cueline.timeline.spans import SLACK, Spans, iou
from cueline.timeline.tracks import LabelTrack

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

OVERLAPS = tuple(np.linspace(0.5, 0.95, 10).tolist())  # as ActivityNet's code makes them, float for float


@dataclass(frozen=True, slots=True, eq=False)
class DetectionScores:
    """Average precision of each class at each overlap.

    Attributes:
        average: Mean over overlaps and classes: "average-mAP".
        map: Mean over classes at each overlap, shape (T,).
        overlaps: Least tIoU of a right detection, shape (T,).
        classes: Those that the reference has an event of, in order of name; C of them.
        ap: Average precision, shape (C, T).
        events: Events of each class in the reference, length C.
        strange: Classes that were estimated and are not in the reference; they take no part.
    """

    average: float
    map: Floats
    overlaps: tuple[float, ...]
    classes: tuple[str, ...]
    ap: Floats
    events: tuple[int, ...]
    strange: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """The result, not the table."""
        return (
            f"DetectionScores(average={self.average:.4f}, {len(self.classes)} classes, {len(self.overlaps)} overlaps)"
        )


@dataclass(frozen=True, slots=True)
class EventScores:
    """Precision, recall and F1 of events.

    Attributes:
        overall: All classes together: counts are added.
        classes: Of each class.
    """

    overall: BoundaryScores
    classes: Mapping[str, BoundaryScores]

    @property
    def mean_f1(self) -> float:
        """Mean F1 of the classes that either side has; NaN where there is none."""
        known = [scores.f1 for scores in self.classes.values() if not math.isnan(scores.f1)]
        return math.fsum(known) / len(known) if known else math.nan


def detection_map(
    reference: Mapping[str, LabelTrack],
    estimated: Mapping[str, LabelTrack],
    *,
    overlaps: Sequence[float] = OVERLAPS,
) -> DetectionScores:
    """Mean average precision at temporal overlaps, as ActivityNet measures it.

    Of each class, the detections of all videos are taken in order of score. Each takes, of the events of its video
    that no other has taken at that overlap, the one it overlaps most, if that is enough; else it is false. Precision
    at a recall is the best at that recall or a higher one.

    Equal scores stand in the order of the videos of `estimated`, then in order of time.

    Args:
        reference: The events of each video, by its id.
        estimated: Detections with scores; of a video that the reference has not, all are false.
        overlaps: Least tIoU of a right detection, each in (0, 1]; 0.5 to 0.95 by 0.05 if not given.

    Returns:
        Scores; a class that was never detected counts 0.

    Raises:
        TimelineError: If there is no overlap, or one is outside of its range.

    Example:
        >>> true = {"v": LabelTrack(np.array([[0.0, 10.0], [20.0, 30.0]]), ("run", "run"))}
        >>> found = {"v": LabelTrack(np.array([[0.0, 9.0], [40.0, 50.0]]), ("run", "run"), np.array([0.9, 0.8]))}
        >>> detection_map(true, found, overlaps=(0.5, 0.95)).map.tolist()
        [0.5, 0.0]
    """
    limits = np.array(overlaps, dtype=np.float64)
    if limits.ndim != 1 or not limits.size or not ((limits > 0) & (limits <= 1)).all():
        raise TimelineError(f"overlaps must lie above 0 and at most at 1, got {tuple(overlaps)}")
    true, found = _by_class(reference), _by_class(estimated)
    classes = tuple(sorted(true))
    ap = np.array([_class_ap(true[name], found.get(name, {}), limits) for name in classes]).reshape(-1, len(limits))
    return DetectionScores(
        average=float(ap.mean()) if classes else math.nan,
        map=ap.mean(axis=0) if classes else np.full(len(limits), math.nan),
        overlaps=tuple(limits.tolist()),
        classes=classes,
        ap=ap,
        events=tuple(sum(len(spans) for spans, _ in true[name].values()) for name in classes),
        strange=tuple(sorted(set(found) - set(true))),
    )


def event_scores(
    reference: LabelTrack, estimated: LabelTrack, *, collar: float = 0.2, share: float = 0.5, ends: bool = True
) -> EventScores:
    """Event-based precision, recall and F1: events paired one to one by their borders.

    An estimated event fits a true one of its class if it starts at most `collar` away, and ends at most `collar`, or
    `share` of the true one's length, away, whichever is more. Of all ways to pair, one with the most pairs is taken.

    Args:
        reference: True events.
        estimated: Events; scores play no part.
        collar: Seconds, 0 or more.
        share: Of the true event's length, 0 or more.
        ends: Whether ends must fit too; if not, this is onset F1.

    Returns:
        Scores of every class that either track knows.

    Raises:
        TimelineError: If the collar or the share is below 0.

    Example:
        >>> true = LabelTrack(np.array([[0.0, 1.0], [5.0, 6.0]]), ("dog", "dog"))
        >>> found = LabelTrack(np.array([[0.1, 1.4], [5.3, 6.0]]), ("dog", "dog"))
        >>> event_scores(true, found).overall
        BoundaryScores(precision=0.5, recall=0.5, f1=0.5, matched=1, reference=2, estimated=2)
    """
    if not (0 <= collar < math.inf and 0 <= share < math.inf):
        raise TimelineError(f"a collar must be 0 s or more and a share 0 or more, got {collar} and {share}")
    true, found = _spans_by_class(reference), _spans_by_class(estimated)
    nothing = np.empty((0, 2))
    classes = {}
    for name in dict.fromkeys((*reference.classes, *estimated.classes)):
        ours, theirs = true.get(name, nothing), found.get(name, nothing)
        pairs = _fitting(ours, theirs, collar, share if ends else math.inf)
        matched = _most_pairs(pairs, len(ours), len(theirs))
        classes[name] = BoundaryScores.of(matched, reference=len(ours), estimated=len(theirs))
    return EventScores(pooled(classes.values()), classes)


def pooled_events(scores: Iterable[EventScores]) -> EventScores:
    """The scores of many files as of one: counts are added, class by class.

    Example:
        >>> dog = BoundaryScores.of(1, reference=1, estimated=1)
        >>> pooled_events([EventScores(dog, {"dog": dog}), EventScores(dog, {"dog": dog})]).classes["dog"].matched
        2
    """
    files = list(scores)
    names = dict.fromkeys(name for file in files for name in file.classes)
    classes = {name: pooled(file.classes[name] for file in files if name in file.classes) for name in names}
    return EventScores(pooled(classes.values()), classes)


def _by_class(tracks: Mapping[str, LabelTrack]) -> dict[str, dict[str, tuple[Spans, Floats]]]:
    """Spans and scores of each class, then of each video."""
    found: dict[str, dict[str, tuple[Spans, Floats]]] = {}
    for video, track in tracks.items():
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(track.names):
            rows.setdefault(name, []).append(row)
        for name, own in rows.items():
            found.setdefault(name, {})[video] = (track.spans[own], track.scores[own])
    return found


def _spans_by_class(track: LabelTrack) -> dict[str, Spans]:
    return {name: videos[""][0] for name, videos in _by_class({"": track}).items()}


def _class_ap(
    true: Mapping[str, tuple[Spans, Floats]], found: Mapping[str, tuple[Spans, Floats]], limits: Floats
) -> Floats:
    """Average precision of one class at each overlap, shape (T,)."""
    scores, right = [np.empty(0)], [np.empty((0, len(limits)), np.bool_)]
    for video, (spans, own) in found.items():
        order = np.argsort(-own, kind="stable")  # who takes which event is settled within a video
        scores.append(own[order])
        if video in true:
            right.append(_taken(iou(spans[order], true[video][0]), limits))
        else:
            right.append(np.zeros((len(own), len(limits)), np.bool_))
    ranked = np.argsort(-np.concatenate(scores), kind="stable")
    count = sum(len(spans) for spans, _ in true.values())
    return _interpolated_ap(np.concatenate(right)[ranked], count)


def _taken(overlap: Floats, limits: Floats) -> Flags:
    """Whether each detection takes an event at each overlap; the rows stand in order of score."""
    right = np.zeros((len(overlap), len(limits)), np.bool_)
    free = np.ones((len(limits), overlap.shape[1]), np.bool_)
    for row in np.flatnonzero((overlap >= limits.min()).any(axis=1)).tolist():
        open_now = np.where(free, overlap[row], -1.0)
        best = open_now.argmax(axis=1)
        enough = np.flatnonzero(open_now.max(axis=1) >= limits)
        free[enough, best[enough]] = False
        right[row, enough] = True
    return right


def _interpolated_ap(right: Flags, count: int) -> Floats:
    """Area under precision, made to fall, over recall; a column for each overlap."""
    hits = np.cumsum(right, axis=0)
    precision = hits / np.arange(1, len(right) + 1)[:, None]
    best = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    area: Floats = (best * right).sum(axis=0) / count
    return area


def _fitting(true: Spans, found: Spans, collar: float, share: float) -> npt.NDArray[np.intp]:
    """Rows of true and of found events that fit, shape (K, 2); only those that start near one another are looked at."""
    order = np.argsort(found[:, 0], kind="stable")
    starts, limit = found[order, 0], collar + SLACK
    first = np.searchsorted(starts, true[:, 0] - limit, side="left")
    counts = np.searchsorted(starts, true[:, 0] + limit, side="right") - first
    rows = np.repeat(np.arange(len(true)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    columns = order[np.repeat(first, counts) + within]
    if math.isfinite(share):
        lengths = true[:, 1] - true[:, 0]
        reach = np.maximum(collar, share * lengths)[rows] + SLACK
        near = np.abs(true[rows, 1] - found[columns, 1]) <= reach
        rows, columns = rows[near], columns[near]
    return np.column_stack((rows, columns))


def _most_pairs(pairs: npt.NDArray[np.intp], true: int, found: int) -> int:
    """The size of a maximum matching."""
    if not len(pairs):
        return 0
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    edges = csr_array((np.ones(len(pairs), np.int8), pairs.T), shape=(true, found))
    return int((maximum_bipartite_matching(edges, perm_type="column") >= 0).sum())
