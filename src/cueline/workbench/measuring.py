"""Scenes of many films, measured: a folder of films -> scores of each and of all, and what could not be read.

One film's arrays are in memory at a time, but for its boundaries, which are a few kilobytes. A film that cannot be
read is a fault that is told, and the rest is measured.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from cueline.datasets.movienet import MovieFilm, film_files, read_film
from cueline.errors import FormatError
from cueline.evaluation.boundaries import FilmScores, SceneFilm, SceneScores, scene_miou, scene_scores
from cueline.evaluation.curves import precision_recall_curve
from cueline.evaluation.intervals import bootstrap_of_sums, bootstrap_of_weights
from cueline.evaluation.resampling import Numbers
from cueline.evaluation.summaries import Curve, Evaluation, Interval, Measured, Mistake
from cueline.evaluation.weighted import weighted_average_precision

_WORST = 20


@dataclass(frozen=True, slots=True, eq=False)
class ScenesMeasured:
    """What was measured on a folder of films.

    Attributes:
        films: Films that could be read, in order of file name.
        scores: Of all, and of each in the same order.
        threshold: Score from which on a scene was said to end.
        faults: Files that could not be read, and why, a line each.
    """

    films: Sequence[MovieFilm]
    scores: SceneScores
    threshold: float
    faults: Sequence[str] = ()

    def each(self) -> Iterator[tuple[MovieFilm, FilmScores]]:
        """Each film with its scores."""
        return zip(self.films, self.scores.films, strict=True)

    def evaluation(self, title: str = "Scenes") -> Evaluation:
        """The same for a report: measures with what guessing gets, a curve, the worst errors, what is doubtful."""
        return Evaluation(
            title=title,
            items=sum(film.ends for film in self.scores.films),
            groups=len(self.films),
            measures=tuple(self._measures()),
            curves=tuple(self._curves()),
            mistakes=tuple(self._mistakes()),
            facts={"threshold": f"{self.threshold:g}", "films that could not be read": str(len(self.faults))},
            notes=(*self._notes(), *self.faults),
        )

    def intervals(self, *, resamples: int = 1000) -> dict[str, Interval]:
        """Each measure of all films with the interval that drawing other films would give.

        Args:
            resamples: How many times films are drawn; 0 for values alone.
        """
        scores, films = self.scores, np.arange(len(self.films))
        values = {"AP": scores.ap, "mAP": scores.map, "Miou": scores.miou}
        values |= {"Precision": scores.precision, "Recall": scores.recall, "F1": scores.f1}
        if not resamples or not len(films):
            return {name: Interval(value) for name, value in values.items()}
        fields = {"mAP": "ap", "Miou": "miou", "Precision": "precision", "Recall": "recall", "F1": "f1"}
        found = {"AP": self._pooled_interval(resamples)}
        for name, field in fields.items():
            each = np.array([getattr(film, field) for film in scores.films])
            parts = np.column_stack((np.nan_to_num(each), np.isfinite(each)))
            found[name] = bootstrap_of_sums(_ratio, parts, films, resamples=resamples)
        return found

    def _pooled_interval(self, resamples: int) -> Interval:
        reference = np.concatenate([film.scenes.reference for film in self.films])
        scores = np.concatenate([film.scenes.scores for film in self.films])
        film_of = np.repeat(np.arange(len(self.films)), [len(film.scenes.scores) for film in self.films])
        if not reference.any():
            return Interval(self.scores.ap, note="No scene ends anywhere.")
        measure = partial(weighted_average_precision, reference, scores)
        return bootstrap_of_weights(measure, film_of, resamples=resamples)

    def _measures(self) -> Iterator[Measured]:
        base = self.scores.base_rate
        share = _mean([film.base_rate for film in self.scores.films if film.ends])
        silent = scene_miou(
            SceneFilm(film.scenes.reference, np.zeros(len(film.scenes.scores)), film.scenes.shot_end_frame)
            for film in self.films
        )
        told = {
            "AP": (base, "Average precision of all films' boundaries in one list."),
            "mAP": (share, "Mean of each film's average precision."),
            "Miou": (silent, "Best overlap of scenes in frames, both ways; guessing is one scene a film."),
            "Precision": (share, "Share of the boundaries found that are right; mean of films."),
            "Recall": (math.nan, "Share of the true boundaries that were found; mean of films."),
            "F1": (math.nan, "Mean of each film's F1."),
        }
        for name, interval in self.intervals().items():
            yield Measured(name, interval, *told[name])

    def _curves(self) -> Iterator[Curve]:
        if self.films:
            reference = np.concatenate([film.scenes.reference for film in self.films])
            scores = np.concatenate([film.scenes.scores for film in self.films])
            yield precision_recall_curve(reference, scores, name="boundaries of scenes")

    def _mistakes(self) -> list[Mistake]:
        """The boundaries about which the estimate was most sure and wrong, by the distance to the threshold."""
        found: list[Mistake] = []
        for film in self.films:
            reference, scores, frames = film.scenes
            far = np.where(reference != (scores >= self.threshold), np.abs(scores - self.threshold), -1.0)
            for shot in np.argsort(-far, kind="stable")[:_WORST].tolist():
                if far[shot] >= 0:
                    item = f"{film.name}, end of shot {shot} (frame {frames[shot]})"
                    sides = ("a scene ends", "the scene goes on")
                    true, said = sides if reference[shot] else sides[::-1]
                    found.append(Mistake(item, true, said, float(scores[shot])))
        return sorted(found, key=lambda mistake: -abs(mistake.score - self.threshold))[:_WORST]

    def _notes(self) -> Iterator[str]:
        single = [film.name for film, scores in self.each() if not scores.ends]
        silent = [film.name for film, scores in self.each() if scores.ends and not scores.true]
        if single:
            yield f"Of one shot, so without a part in mAP and with a precision and recall of 0: {', '.join(single)}."
        if silent:
            yield f"No scene ends in them, so their AP, precision and recall are 0: {', '.join(silent)}."


def measure_scenes(folder: Path, *, threshold: float = 0.5) -> ScenesMeasured:
    """Measure the scenes of the films in a folder.

    Args:
        folder: With a file a film, as `cueline.datasets.movienet` reads them; or one such file.
        threshold: Score from which on a scene is said to end.

    Returns:
        Scores of the films that could be read, and what was wrong with the others.

    Raises:
        MediaError: If the folder is not there.
        TimelineError: If the threshold is no number.
    """
    films, faults = dict[str, MovieFilm](), list[str]()
    for path in film_files(folder):
        try:
            film = read_film(path)
        except FormatError as error:
            faults.append(str(error))
        except OSError as error:
            faults.append(f"{str(path)!r}: {error.strerror or error}")
        else:
            if film.name in films:
                faults.append(
                    f"{str(path)!r}: the film {film.name!r} comes from {films[film.name].path.name!r} already"
                )
            films.setdefault(film.name, film)
    scores = scene_scores([film.scenes for film in films.values()], threshold=threshold)
    return ScenesMeasured(list(films.values()), scores, threshold, faults)


def _ratio(sums: Numbers) -> Numbers:
    """Sums over counts; NaN where nothing was counted."""
    ratios: Numbers = np.divide(sums[0], sums[1], out=np.full(sums.shape[1], np.nan), where=sums[1] > 0)
    return ratios


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
