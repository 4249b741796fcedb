"""How well boundaries were found: cuts and transitions at a tolerance, scenes at the ends of shots.

    matching    instants and spans in seconds, found or not: precision, recall and F1 of one-to-one pairs; recall at 3 s
    films       one film's answers and scores, checked
    scenes      a score at the end of each shot: AP, mAP, Miou, precision, recall, F1

A **shot** is one camera take, a **scene** a run of shots with one story unit. Cuts are measured as instants, because
any time may be one; boundaries of scenes are chosen among the ends of shots, so each end is a question with a score.
"""

from __future__ import annotations

from cueline.evaluation.boundaries.films import SceneFilm, as_film
from cueline.evaluation.boundaries.matching import (
    BoundaryScores,
    boundary_scores,
    matches,
    pooled,
    scene_recall,
    shot_scores,
    transition_scores,
)
from cueline.evaluation.boundaries.scenes import (
    FilmScores,
    PrecisionRecall,
    SceneScores,
    scene_average_precision,
    scene_f1,
    scene_mean_average_precision,
    scene_miou,
    scene_scores,
)

__all__ = [
    "BoundaryScores",
    "FilmScores",
    "PrecisionRecall",
    "SceneFilm",
    "SceneScores",
    "as_film",
    "boundary_scores",
    "matches",
    "pooled",
    "scene_average_precision",
    "scene_f1",
    "scene_mean_average_precision",
    "scene_miou",
    "scene_recall",
    "scene_scores",
    "shot_scores",
    "transition_scores",
]
