"""How well scenes were found, shot by shot: AP, mAP, Miou, precision, recall and F1, as MovieNet's users report them.

A film of N shots has N - 1 ends of shots at which a scene may end (`films`). A scene is said to end there when the
score is at least the threshold.

    scene_average_precision         AP: all films as one list of scores
    scene_mean_average_precision    mAP: the mean of each film's AP, so that scores compete within a film only
    scene_miou                      Miou: how well scenes overlap, in frames
    scene_f1                        precision, recall and F1 of each film, then the means
    scene_scores                    all of these, of each film too

Only AP pools films; in the others a short film weighs as much as a long one.

Nothing to count, for the numbers to agree with the field's: a ratio of nothing is 0, so a film in which no scene ends
has average precision, recall and F1 of 0 whatever is said of it. The public grader has no number for two cases. An F1
of 0 / 0 makes its mean NaN; here it is 0. A film of one shot, where there is nothing to rank, stops it; here its AP is
NaN and the film takes no part in mAP, while its Miou is 1 and the other ratios are 0. Over no films all are NaN.

References:
    A. Rao et al., 2020, A Local-to-Global Approach to Multi-modal Movie Scene Segmentation (MovieNet): AP, Miou.
    L. Baraldi, C. Grana and R. Cucchiara, 2015, A Deep Siamese Network for Scene Detection, arXiv:1510.08893: Miou.
    eluv-io/elv-ml-challenge at 2f201fb, evaluate_sceneseg.py, with which all of these agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cueline.errors import TimelineError
from cueline.evaluation.boundaries.films import Films, Flags, Frames, SceneFilm, as_films
from cueline.evaluation.ranking import average_precision


class PrecisionRecall(NamedTuple):
    """Means over films.

    Attributes:
        precision: In [0, 1]; 0 where nothing was found.
        recall: In [0, 1]; 0 where there was nothing to find.
        f1: In [0, 1]; the mean of each film's F1, not the F1 of the means.
    """

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class FilmScores:
    """What was measured on one film.

    Attributes:
        ap: Average precision; NaN for a film of one shot.
        miou: Mean of the best overlaps.
        precision: Share of the boundaries found that are right.
        recall: Share of the boundaries that were found.
        f1: Of the two.
        true: Boundaries in the reference.
        ends: Ends of shots at which one could be, N - 1.
    """

    ap: float
    miou: float
    precision: float
    recall: float
    f1: float
    true: int
    ends: int

    @property
    def base_rate(self) -> float:
        """Share of the ends of shots that end a scene: the AP of guessing; NaN for a film of one shot."""
        return self.true / self.ends if self.ends else math.nan


@dataclass(frozen=True, slots=True)
class SceneScores:
    """What was measured on all films, and on each.

    Attributes:
        ap: Average precision of all boundaries as one list.
        map: Mean of each film's average precision.
        miou: Mean over films.
        precision: Mean over films.
        recall: Mean over films.
        f1: Mean over films.
        base_rate: Share of the ends of shots that end a scene: the AP of guessing.
        films: Each film's own, in the order given.
    """

    ap: float
    map: float
    miou: float
    precision: float
    recall: float
    f1: float
    base_rate: float
    films: tuple[FilmScores, ...]


def scene_average_precision(films: Films) -> float:
    """AP: the area under the precision-recall curve of all films' boundaries in one list; ties share a threshold.

    Args:
        films: Tuples of reference (N - 1,), scores (N - 1,), shot_end_frame (N,).

    Returns:
        Between 0 and 1; 0 if no scene ends anywhere, NaN without any end of a shot.

    Raises:
        TimelineError: If lengths do not fit, a score is not finite, or frames fall; says in which film.

    Example:
        >>> scene_average_precision([([True, False, True], [0.9, 0.8, 0.1], [9, 19, 29, 39])])
        0.8333333333333333
    """
    return _pooled_ap(as_films(films))


def scene_mean_average_precision(films: Films) -> float:
    """mAP: the mean of each film's average precision.

    Args:
        films: As `scene_average_precision`.

    Returns:
        Between 0 and 1; a film in which no scene ends counts as 0, one of a single shot not at all; NaN if none counts.

    Raises:
        TimelineError: As there.

    Example:
        >>> frames = [9, 19, 29]
        >>> scene_mean_average_precision([([True, False], [0.9, 0.8], frames), ([True, False], [0.1, 0.2], frames)])
        0.75
    """
    return _mean([ap for ap in map(_ap, as_films(films)) if not math.isnan(ap)])


def scene_miou(films: Films, *, threshold: float = 0.5) -> float:
    """Miou: half of the mean best overlap of estimated scenes plus that of true ones; the mean over films.

    The overlap of two scenes is their intersection over union in frames.

    Args:
        films: As `scene_average_precision`.
        threshold: Score from which on a scene is said to end.

    Returns:
        Between 0 and 1; NaN without films.

    Raises:
        TimelineError: As there, or if the threshold is NaN.

    Example:
        >>> scene_miou([([False, True, False], [0.1, 0.2, 0.3], [9, 19, 29, 39])])
        0.5
    """
    limit = _limit(threshold)
    return _mean([_miou(film, limit) for film in as_films(films)])


def scene_f1(films: Films, *, threshold: float = 0.5) -> PrecisionRecall:
    """Precision, recall and F1 of each film's boundaries, then their means.

    Args:
        films: As `scene_average_precision`.
        threshold: Score from which on a scene is said to end.

    Returns:
        Means over films; each NaN without films.

    Raises:
        TimelineError: As there, or if the threshold is NaN.

    Example:
        >>> scene_f1([([True, False, True], [0.9, 0.8, 0.1], [9, 19, 29, 39])])
        PrecisionRecall(precision=0.5, recall=0.5, f1=0.5)
    """
    limit = _limit(threshold)
    each = [_precision_recall(film, limit) for film in as_films(films)]
    return PrecisionRecall(*(_mean([row[column] for row in each]) for column in range(3)))


def scene_scores(films: Films, *, threshold: float = 0.5) -> SceneScores:
    """Every measure of scenes, of all films and of each.

    Args:
        films: As `scene_average_precision`.
        threshold: Score from which on a scene is said to end.

    Returns:
        Scores; see the head of this module for films with nothing to find.

    Raises:
        TimelineError: As there, or if the threshold is NaN.

    Example:
        >>> scores = scene_scores([([True, False, True], [0.9, 0.2, 0.8], [9, 19, 29, 39])])
        >>> scores.ap, scores.miou, scores.f1, scores.films[0].true
        (1.0, 1.0, 1.0, 2)
    """
    limit, checked = _limit(threshold), as_films(films)
    each = [
        FilmScores(
            _ap(film), _miou(film, limit), *_precision_recall(film, limit), int(film.reference.sum()), len(film.scores)
        )
        for film in checked
    ]
    ends = sum(film.ends for film in each)
    return SceneScores(
        ap=_pooled_ap(checked),
        map=_mean([film.ap for film in each if not math.isnan(film.ap)]),
        miou=_mean([film.miou for film in each]),
        precision=_mean([film.precision for film in each]),
        recall=_mean([film.recall for film in each]),
        f1=_mean([film.f1 for film in each]),
        base_rate=sum(film.true for film in each) / ends if ends else math.nan,
        films=tuple(each),
    )


def _ap(film: SceneFilm) -> float:
    if not film.reference.any():
        return 0.0 if len(film.reference) else math.nan
    return float(average_precision(film.reference, film.scores))


def _pooled_ap(films: Sequence[SceneFilm]) -> float:
    if not films:
        return math.nan
    reference, scores, frames = (np.concatenate(parts) for parts in zip(*films, strict=True))
    return _ap(SceneFilm(reference, scores, frames))


def _miou(film: SceneFilm, threshold: float) -> float:
    """Two partitions of the same frames: their borders cut them into pieces, one for each pair that overlaps."""
    true, found = _scene_ends(film, film.reference), _scene_ends(film, film.scores >= threshold)
    ends = np.union1d(true, found)
    pieces = np.diff(ends, prepend=-1)
    of_true, of_found = np.searchsorted(true, ends), np.searchsorted(found, ends)
    union = np.diff(true, prepend=-1)[of_true] + np.diff(found, prepend=-1)[of_found] - pieces
    overlap = pieces / union
    best_true, best_found = np.zeros(len(true)), np.zeros(len(found))
    np.maximum.at(best_true, of_true, overlap)
    np.maximum.at(best_found, of_found, overlap)
    return float(best_true.mean() + best_found.mean()) / 2


def _scene_ends(film: SceneFilm, boundary: Flags) -> Frames:
    """The last frame of each scene; a scene of shots without a frame has the end of the one before it."""
    ends: Frames = film.shot_end_frame[np.append(np.flatnonzero(boundary), len(boundary))]
    return ends


def _precision_recall(film: SceneFilm, threshold: float) -> tuple[float, float, float]:
    found = film.scores >= threshold
    right, true, said = int((found & film.reference).sum()), int(film.reference.sum()), int(found.sum())
    return (
        right / said if said else 0.0,
        right / true if true else 0.0,
        2 * right / (true + said) if true + said else 0.0,
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _limit(threshold: float) -> float:
    if math.isnan(threshold):
        raise TimelineError("a threshold must be a number, got nan")
    return threshold
