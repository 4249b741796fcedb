"""The labels of clips that are most worth a second look, and what a random split would have claimed.

Doubts are those of `cueline.learning.doubts`; they rest on chances from models that had not seen the group of a clip,
which the training of a model leaves behind, so that nothing is fitted again. Of a clip with one class the doubtful
answer is its label; what the model would have said instead stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.asking import NO, YES, Floats, Verdicts
from cueline.learning.clips.problems import Problem
from cueline.learning.clips.recipes import Candidate, fit
from cueline.learning.doubts import find_doubts
from cueline.learning.flattery import Flattery, flattery
from cueline.learning.out_of_fold import judged_classes
from cueline.models.clip_models import log_softmax, raw_log_chances
from cueline.timeline.examples import Examples

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Relabel:
    """A label that is likely wrong.

    Attributes:
        row: Of the clip.
        said: Its class.
        suggested: What a model that had not seen its group would have said; the same class where it is only less sure
            of it than of others.
        chance_said: What that model made of the label.
        chance_suggested: What it made of its own.
        doubt: How much more the clip is like others, in (0, 1].
    """

    row: int
    said: str
    suggested: str
    chance_said: float
    chance_suggested: float
    doubt: float


@dataclass(frozen=True, slots=True)
class Relabels:
    """Labels worth a second look.

    Attributes:
        found: The most doubtful first.
        expected: About how many labels are wrong, as counted by a model that may be wrong itself.
        notes: Classes that could not be looked at, and why.
    """

    found: tuple[Relabel, ...]
    expected: float
    notes: tuple[str, ...]


def relabels_of(problem: Problem, chances: Numbers) -> Relabels:
    """Rank labels by how much speaks against them.

    Args:
        problem: Rows and their labels.
        chances: Of every row from a model that had not seen its group, shape (N, C).
    """
    answers = np.where(np.eye(len(problem.classes), dtype=np.bool_)[problem.labels], YES, NO).astype(np.int8)
    try:
        judged, notes = judged_classes(answers, problem.numbers, problem.classes)
        doubts = find_doubts(
            np.arange(len(problem), dtype=np.float64)[:, None],  # a row is its number, by which its chances are found
            answers[:, judged],
            problem.groups,
            fit=lambda values, answers: _Known(np.asarray(chances[:, judged], np.float32)),  # noqa: ARG005
            folds=2,
            classes=[problem.classes[label] for label in judged],
        )
    except (TimelineError, OptionError) as error:
        return Relabels((), float("nan"), (str(error),))
    said = doubts.said
    best = chances.argmax(axis=1)
    found = [
        Relabel(
            row,
            problem.classes[problem.labels[row]],
            problem.classes[best[row]],
            float(chances[row, problem.labels[row]]),
            float(chances[row, best[row]]),
            float(doubt),
        )
        for row, doubt in zip(doubts.rows[said].tolist(), doubts.doubts[said].tolist(), strict=True)
    ]
    return Relabels(tuple(found), float(np.nansum(doubts.expected)) / 2, notes)  # a wrong label is a wrong no besides


def random_claim(problem: Problem, candidate: Candidate, *, seed: int) -> Flattery | str:
    """What a random split would have claimed of the same way to learn; in words why it cannot be told.

    Args:
        problem: Rows with groups.
        candidate: How the model was made.
        seed: Of the folds and fits.
    """
    groups = len(set(problem.groups))
    if groups == len(problem):
        return "each clip is a group of its own, so that a random split claims no more"
    folds = min(5, groups)
    answers = np.where(np.eye(len(problem.classes), dtype=np.bool_)[problem.labels], YES, NO).astype(np.int8)
    try:
        judged, _ = judged_classes(answers, problem.numbers, problem.classes)
        examples = Examples(problem.values, problem.yes, classes=problem.classes, groups=problem.numbers)
        names = tuple(problem.classes[label] for label in judged)
        with threadpool_limits(1):
            return flattery(examples, fit=_Learn(problem, candidate, names, seed), folds=folds, seed=seed)
    except (TimelineError, OptionError) as error:
        return str(error)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """A classifier that has said everything already: its rows are numbers of rows."""

    said: Floats

    def chances(self, values: Floats, /) -> Floats:
        found: Floats = self.said[values[:, 0].astype(np.int64)]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Learn:
    """A candidate as a classifier of a table of answers; rows of no class that is judged are a class of their own."""

    problem: Problem
    candidate: Candidate
    names: tuple[str, ...]
    seed: int

    def __call__(self, values: Floats, answers: Verdicts, /) -> _Learned:
        """Fit on rows that one of the classes is right for."""
        yes = answers == YES
        labels = np.where(yes.any(axis=1), yes.argmax(axis=1), len(self.names))
        own = Problem(
            values,
            labels,
            tuple(map(str, range(len(labels)))),
            (*self.names, ""),
            self.problem.inputs,
            self.problem.curves,
        )
        arrays = fit(self.candidate, own, seed=self.seed)
        if self.candidate.kind == "vote":
            arrays["forest_weight"] = np.array([0.5])
        return _Learned(self.candidate.kind, arrays, len(self.names))


@dataclass(frozen=True, slots=True, eq=False)
class _Learned:
    kind: str
    arrays: dict[str, npt.NDArray[np.generic]]
    width: int

    def chances(self, values: Floats, /) -> Floats:
        """Of the classes that are judged."""
        logs = log_softmax(raw_log_chances(self.kind, values, self.arrays))
        found: Floats = np.exp(logs[:, : self.width]).clip(0, 1).astype(np.float32)
        return found
