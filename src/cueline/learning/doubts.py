"""Labels that are likely wrong: where a model that did not see a clip disagrees most with what was said of it.

Folds keep groups whole, so that no model has learned from the clip it doubts, nor from another of the same film. A
chance of .6 may be much for a rare class and little for a common one; so a chance is held against how sure the model is
of those who have the class on average, and of those who do not. With p the chance, s the mean chance of the rows
said to have the class and r the mean of 1 - p of those said not to, the doubt of a yes is ((1 - p - r) - (p - s)) / 2,
that of a no its negative: above 0 the row is more like the other side, at most 1.

How many labels are wrong is estimated by counting: rows that are as sure as the average of a side are taken to be of
it, and the counts are scaled to the number of answers. A weak model makes the estimate too large. What is found are
candidates to look at: a model is often wrong where a label is right, on a rare kind of the class, on the border.

    find_doubts   all of it

References:
    C. Northcutt, L. Jiang and I. Chuang, 2021, Confident learning: estimating uncertainty in dataset labels: mean
    self-confidence as the threshold of a class, the calibrated confident joint, ranking by normalised margin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.learning.active.asking import NO, YES, Floats, Verdicts
from cueline.learning.out_of_fold import Fit, folds_of_answers, judged_classes, name_of, out_of_fold, refuse_strange
from cueline.learning.splits import Rows
from cueline.timeline.examples import read_only

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Doubts:
    """Answers that are likely wrong, the most doubtful first.

    Attributes:
        rows: Row of each doubtful answer, shape (L,).
        labels: Number of its class, shape (L,).
        said: Whether the answer was yes, shape (L,).
        chances: What the model makes of the class, in [0, 1], shape (L,).
        doubts: How much more the row is like the other side, in (0, 1], falling, shape (L,).
        expected: How many answers about each class are estimated to be wrong, shape (C,); NaN where it cannot be told.
        notes: Classes that could not be looked at, or not as well as others, and why.
    """

    rows: Rows
    labels: Rows
    said: npt.NDArray[np.bool_]
    chances: Floats
    doubts: Numbers
    expected: Numbers
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        for name in ("rows", "labels", "said", "chances", "doubts"):
            column = getattr(self, name)
            if column.shape != self.rows.shape or column.ndim != 1:
                raise TimelineError(f"doubts need one of everything, got {name} {column.shape} of {self.rows.shape}")
            object.__setattr__(self, name, read_only(column))

    def __len__(self) -> int:
        """How many answers are doubtful."""
        return len(self.rows)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Doubts({len(self)} answers, about {np.nansum(self.expected):.0f} expected to be wrong)"


def find_doubts(
    values: npt.NDArray[np.generic],
    answers: Verdicts,
    groups: npt.ArrayLike | None = None,
    *,
    fit: Fit | None = None,
    folds: int = 5,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> Doubts:
    """Rank answers by how much a model that did not learn from them speaks against them.

    Args:
        values: Features, finite, shape (N, D).
        answers: YES, NO or UNKNOWN, shape (N, C).
        groups: The group of each row, numbers or names, shape (N,); each row by itself if None.
        fit: The classifier; `fit_few` on prepared features if None.
        folds: How many, 2 or more.
        seed: Of the folds.
        classes: Names of the C classes, for messages.

    Returns:
        Answers whose doubt is above 0.

    Raises:
        TimelineError: If a feature is not finite, shapes differ, or no class can be looked at.
        OptionError: If there are fewer groups than folds.
    """
    numbers = refuse_strange(values, answers, groups)
    judged, left_out = judged_classes(answers, numbers, classes)
    parted = folds_of_answers(
        answers[:, judged], numbers, folds=folds, seed=seed, names=[name_of(c, classes) for c in judged]
    )
    chances = out_of_fold(values, answers[:, judged], parted.splits, fit=fit)
    expected = np.full(answers.shape[1], np.nan)
    found = []
    for place, label in enumerate(judged):
        of_class = _of_class(answers[:, label], chances[:, place].astype(np.float64))
        expected[label] = of_class.wrong
        found.append(
            (of_class.rows, np.full(len(of_class.rows), label), of_class.doubts, chances[of_class.rows, place])
        )
    rows, labels, doubts, ours = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((labels, rows, -doubts))
    rows, labels = rows[order], labels[order]
    notes = (*left_out, *map(str, parted.short))
    return Doubts(rows, labels, answers[rows, labels] == YES, ours[order], doubts[order], expected, notes)


class _OfClass(NamedTuple):
    """Doubtful rows of one class, and how many of its answers are expected to be wrong."""

    rows: Rows
    doubts: Numbers
    wrong: float


def _of_class(column: Verdicts, chances: Numbers) -> _OfClass:
    yes, no = column == YES, column == NO
    sure_yes, sure_no = chances[yes].mean(), (1 - chances[no]).mean()
    towards_no = ((1 - chances - sure_no) - (chances - sure_yes)) / 2
    doubts = np.where(yes, towards_no, -towards_no)
    rows = np.flatnonzero((yes | no) & (doubts > 0))
    like_yes, like_no = chances >= sure_yes, 1 - chances >= sure_no
    both = like_yes & like_no
    like_yes &= ~both | (chances >= 0.5)
    like_no &= ~both | (chances < 0.5)
    wrong = _scaled(yes, like_no, like_yes) + _scaled(no, like_yes, like_no)
    return _OfClass(rows, doubts[rows], wrong)


def _scaled(said: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_], same: npt.NDArray[np.bool_]) -> float:
    """How many of those said to be on one side are of the other, by the share among those one can be sure of."""
    against, with_it = int(np.count_nonzero(said & other)), int(np.count_nonzero(said & same))
    return int(np.count_nonzero(said)) * against / max(against + with_it, 1)
