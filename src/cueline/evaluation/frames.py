"""How far two label tracks agree at every moment: precision, recall, F1, accuracy and confusion in seconds.

Frame by frame, as the field says, but without frames: both tracks hold still between one border and the next, so
every stretch between borders is weighed with its length, and the numbers are those of frames without a length.

Only what the reference judged counts: outside of `reference.judged` nobody knows, and a class that is not in
`reference.classes` was not looked for; such classes of the estimate are named and left out. A moment may have several
classes, of one track or by overlapping rows; rows of one class that overlap are there once. Instants weigh nothing.

    accuracy    share of the judged time in which both name the same classes, all of them; nothing equals nothing
    of a class  precision, recall and F1 by seconds, as in `cueline.evaluation.boundaries`: NaN where there is nothing
    confusion   rows the reference, columns the estimate, with `NOTHING` last. What both name lies on the diagonal. A
                class that was missed goes to the classes said wrongly at that moment, in equal shares, else to
                NOTHING; so the row of a class sums up to its time. Classes said wrongly while none was missed
                stand in the row of NOTHING.

References:
    A. Mesaros, T. Heittola and T. Virtanen, 2016, Metrics for Polyphonic Sound Event Detection: segment-based
    metrics, of which these are the limit. H. Bredin, 2017, pyannote.metrics: identification error by duration.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.evaluation.summaries import Confusion
from cueline.timeline.spans import Spans, Times, merge
from cueline.timeline.tracks import LabelTrack

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class ClassTime:
    """The seconds of one class.

    Attributes:
        agreed: In both tracks.
        reference: In the reference.
        estimated: In the estimate.
    """

    agreed: float
    reference: float
    estimated: float

    @property
    def precision(self) -> float:
        """Share of the estimated time that is right; NaN where nothing was estimated."""
        return self.agreed / self.estimated if self.estimated else math.nan

    @property
    def recall(self) -> float:
        """Share of the true time that was found; NaN where there is none."""
        return self.agreed / self.reference if self.reference else math.nan

    @property
    def f1(self) -> float:
        """Harmonic mean of the two; NaN where neither track has the class."""
        whole = self.reference + self.estimated
        return 2 * self.agreed / whole if whole else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class FrameScores:
    """How far two tracks agree.

    Attributes:
        judged: Seconds that count.
        equal: Seconds in which both name the same classes.
        classes: The time of each class of the reference.
        confusion: Seconds; rows the reference, columns the estimate, with `NOTHING` last.
        strange: Classes of the estimate that the reference did not look for.
    """

    judged: float
    equal: float
    classes: dict[str, ClassTime]
    confusion: Confusion
    strange: tuple[str, ...] = ()

    @property
    def accuracy(self) -> float:
        """Share of the judged time in which both name the same; NaN where nothing was judged."""
        return self.equal / self.judged if self.judged else math.nan

    @property
    def overall(self) -> ClassTime:
        """The seconds of all classes together."""
        times = self.classes.values()
        return ClassTime(
            math.fsum(time.agreed for time in times),
            math.fsum(time.reference for time in times),
            math.fsum(time.estimated for time in times),
        )

    def __repr__(self) -> str:
        """The result, not the table."""
        return f"FrameScores(accuracy={self.accuracy:.4f}, {self.judged:.3f} s judged, {len(self.classes)} classes)"


def frame_scores(reference: LabelTrack, estimated: LabelTrack) -> FrameScores:
    """How far an estimate agrees with a reference at every moment that was judged.

    Args:
        reference: What is there, and where somebody looked.
        estimated: What was found; scores play no part.

    Returns:
        Scores; all NaN where nothing was judged.

    Example:
        >>> true = LabelTrack(np.array([[0.0, 6.0], [6.0, 10.0]]), ("music", "speech"))
        >>> found = LabelTrack(np.array([[0.0, 4.0], [4.0, 10.0]]), ("music", "speech"))
        >>> scores = frame_scores(true, found)
        >>> scores.accuracy, scores.classes["speech"].precision
        (0.8, 0.66...)
        >>> scores.confusion.amounts.tolist()
        [[4.0, 2.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]]
    """
    judged, names = merge(reference.judged), reference.classes
    borders = np.unique(np.concatenate([judged.ravel(), reference.spans.ravel(), estimated.spans.ravel()]))
    starts, lengths = borders[:-1], np.diff(borders)
    counts = _held(judged, starts)
    starts, lengths = starts[counts], lengths[counts]
    true, found = _present(reference, names, starts), _present(estimated, names, starts)
    both = lengths @ (true & found)
    seconds = zip(both.tolist(), (lengths @ true).tolist(), (lengths @ found).tolist(), strict=True)
    return FrameScores(
        judged=math.fsum(lengths),
        equal=math.fsum(lengths[(true == found).all(axis=1)]),
        classes={name: ClassTime(*times) for name, times in zip(names, seconds, strict=True)},
        confusion=Confusion((*names, NOTHING), _confused(true, found, lengths), "seconds"),
        strange=tuple(name for name in estimated.classes if name not in names),
    )


def pooled_frames(scores: Iterable[FrameScores]) -> FrameScores:
    """The scores of many files as of one: seconds are added, class by class.

    Example:
        >>> track = LabelTrack(np.array([[0.0, 6.0]]), ("music",))
        >>> pooled_frames([frame_scores(track, track), frame_scores(track, track)]).classes["music"].agreed
        12.0
    """
    files = list(scores)
    names = tuple(dict.fromkeys(name for file in files for name in file.classes))
    places = {name: place for place, name in enumerate((*names, NOTHING))}
    amounts, classes = np.zeros((len(places), len(places))), dict.fromkeys(names, ClassTime(0.0, 0.0, 0.0))
    for file in files:
        at = [places[name] for name in file.confusion.classes]
        amounts[np.ix_(at, at)] += file.confusion.amounts
        for name, own in file.classes.items():
            sums = classes[name]
            classes[name] = ClassTime(
                sums.agreed + own.agreed, sums.reference + own.reference, sums.estimated + own.estimated
            )
    return FrameScores(
        judged=math.fsum(file.judged for file in files),
        equal=math.fsum(file.equal for file in files),
        classes=classes,
        confusion=Confusion((*names, NOTHING), amounts, "seconds"),
        strange=tuple(dict.fromkeys(name for file in files for name in file.strange if name not in names)),
    )


def _present(track: LabelTrack, names: Sequence[str], starts: Times) -> Flags:
    """Whether each class holds in each stretch, shape (P, C); a stretch lies between two borders of all rows."""
    own = np.array(track.names, dtype=object)
    present = np.zeros((len(starts), len(names)), np.bool_)
    for column, name in enumerate(names):
        present[:, column] = _held(merge(track.spans[own == name]), starts)
    return present


def _held(disjoint: Spans, starts: Times) -> Flags:
    """Whether each stretch lies in one of the spans, which are disjoint and in order."""
    at = np.searchsorted(disjoint[:, 0], starts, side="right")
    held: Flags = starts < np.concatenate(([-math.inf], disjoint[:, 1]))[at]
    return held


def _confused(true: Flags, found: Flags, lengths: Floats) -> Floats:
    """Seconds of each class taken for each, shape (C + 1, C + 1); the last is nothing."""
    missed, wrong = true & ~found, found & ~true
    count = wrong.sum(axis=1)
    shares = wrong * (lengths / np.maximum(count, 1))[:, None]
    width = true.shape[1]
    amounts = np.zeros((width + 1, width + 1))
    amounts[:width, :width] = missed.T @ shares + np.diag(lengths @ (true & found))
    amounts[:width, width] = (lengths * (count == 0)) @ missed
    amounts[width, :width] = (lengths * ~missed.any(axis=1)) @ wrong
    amounts[width, width] = lengths @ ~(true | found).any(axis=1)
    return amounts
