"""The learning curve of the labels there are: what models reach that learned from fewer of them.

A model learns from the first n labels in an order drawn by chance, for n larger and larger, and is measured out of fold
on all of them, groups kept whole. The measure is off for two reasons: another order would have given other models, so
there are several draws; other films would have been easier or harder, so groups are drawn again with each of them.

Sizes begin at a quarter of the labels. The first few labels teach otherwise than the last ones, and a curve through
both bends where the last ones do not.

    learning_curve   mean average precision by the number of labels

References:
    C. A. Field and A. H. Welsh, 2007, Bootstrapping clustered data: whole groups are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError
from cueline.evaluation.resampling import Weights, resampled_weights
from cueline.evaluation.weighted import mean_of_defined, weighted_average_precisions
from cueline.learning.active.asking import UNKNOWN, YES, Floats, Verdicts
from cueline.learning.out_of_fold import (
    Fit,
    chances_apart,
    folds_of_answers,
    judged_classes,
    name_of,
    ready,
    refuse_strange,
)
from cueline.learning.splits import Rows, Split
from cueline.timeline.examples import read_only

Numbers = npt.NDArray[np.float64]

_STEPS, _BEGIN = 5, 4  # sizes of a default curve; they begin at this part of what a fold leaves


@dataclass(frozen=True, slots=True, eq=False)
class LearningCurve:
    """What models reach that learned from so many labels.

    Attributes:
        sizes: Labelled rows to learn from, rising, shape (S,).
        measured: Mean average precision of each draw, shape (draws, S); NaN where it is not defined.
        labelled: How many labelled rows there are in all.
        notes: Classes that were left out, or are rare, and why.
        resampled: Each measure with groups drawn again, shape (R, draws, S); R may be 0.
    """

    sizes: Rows
    measured: Numbers
    labelled: int
    notes: tuple[str, ...] = ()
    resampled: Floats = field(default_factory=lambda: np.empty((0, 0, 0), np.float32))

    def __post_init__(self) -> None:
        """Refuse sizes that do not rise, and measures that are not about them."""
        sizes, measured = np.asarray(self.sizes, np.int64), np.asarray(self.measured, np.float64)
        if sizes.ndim != 1 or (np.diff(sizes, prepend=0) <= 0).any():
            raise TimelineError(f"sizes of a learning curve must rise from 1 or more, got {sizes.tolist()}")
        if measured.ndim != 2 or measured.shape[1:] != sizes.shape:
            raise TimelineError(f"a curve needs one measure a size, shape (draws, {len(sizes)}), got {measured.shape}")
        if len(self.resampled) and self.resampled.shape[1:] != measured.shape:
            raise TimelineError(
                f"resamples of a curve must have shape (R, {len(measured)}, {len(sizes)}), got {self.resampled.shape}"
            )
        if self.labelled < 1:
            raise TimelineError(f"a learning curve needs labels, got {self.labelled}")
        object.__setattr__(self, "sizes", read_only(sizes))
        object.__setattr__(self, "measured", read_only(measured))

    def __repr__(self) -> str:
        """Sizes, not contents."""
        ends = f"{self.sizes[0]} to {self.sizes[-1]}" if len(self.sizes) else "none"
        return f"LearningCurve({ends} of {self.labelled} labels, {len(self.measured)} draws)"


def learning_curve(
    values: npt.NDArray[np.generic],
    answers: Verdicts,
    groups: npt.ArrayLike | None = None,
    *,
    sizes: Sequence[int] | None = None,
    draws: int = 10,
    folds: int = 5,
    fit: Fit | None = None,
    resamples: int = 200,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> LearningCurve:
    """Mean average precision of models that learned from the first n labels of a draw, measured out of fold.

    In each draw rows are parted into stratified folds and put in an order; of the rows that a fold leaves to learn
    from, the first n are learned, so that larger sizes hold the smaller ones. Chances of all folds are pooled, and each
    class is measured on every row that was judged for it.

    Args:
        values: Features, finite, shape (N, D).
        answers: YES, NO or UNKNOWN, shape (N, C); rows that nobody judged are left out.
        groups: The group of each row, numbers or names, shape (N,); each row by itself if None.
        sizes: Labels to learn from, rising; if None five, from a quarter of what every fold leaves to all of it.
        draws: How many orders, 1 or more; an interval needs three or more, ten are better.
        folds: How many, 2 or more.
        fit: The classifier; `fit_few` on prepared features if None.
        resamples: How many times groups are drawn again, for the interval of a gain; 0 for a curve alone.
        seed: Of orders, folds and resamples.
        classes: Names of the C classes, for messages.

    Raises:
        TimelineError: If a feature is not finite, shapes differ, or no class can be measured.
        OptionError: If there are fewer groups than folds, draws are below 1, or sizes beyond what a fold leaves.
    """
    numbers = refuse_strange(values, answers, groups)
    if draws < 1 or resamples < 0:
        raise OptionError(f"a learning curve needs 1 draw and 0 resamples or more, got {draws} and {resamples}")
    judged, left_out = judged_classes(answers, numbers, classes)
    rows = np.flatnonzero((answers[:, judged] != UNKNOWN).any(axis=1))
    pool = _Pool(*ready(values[rows], fit), answers[rows][:, judged])
    names = [name_of(number, classes) for number in judged]
    chance = np.random.default_rng(seed)
    parted = [
        folds_of_answers(pool.answers, numbers[rows], folds=folds, seed=int(chance.integers(2**32)), names=names)
        for _ in range(draws)
    ]
    left = min(len(split.learn) for found in parted for split in found.splits)
    steps = _steps(sizes, left)
    weights = [np.ones((len(rows), 1), np.int32)]
    weights += resampled_weights(numbers[rows], resamples=resamples, seed=seed) if resamples else []
    found = np.array(
        [pool.measured(each.splits, chance.permutation(len(rows)), steps, np.hstack(weights)) for each in parted]
    )
    notes = (*left_out, *map(str, parted[0].short))
    again = found[:, :, 1:].transpose(2, 0, 1).astype(np.float32)
    return LearningCurve(np.array(steps), found[:, :, 0], len(rows), notes, again)


class _Pool(NamedTuple):
    """Labelled rows, and how to learn from them."""

    values: npt.NDArray[np.generic]
    fit: Fit
    answers: Verdicts

    def measured(self, splits: Sequence[Split], order: Rows, sizes: Sequence[int], weights: Weights) -> Numbers:
        """Mean average precision at each size on each resample, for one order of the rows, shape (S, R)."""
        chances = np.empty((len(sizes), *self.answers.shape), np.float32)
        for split in splits:
            learn = order[np.isin(order, split.learn)]
            for place, size in enumerate(sizes):
                found = chances_apart(self.values, self.answers, learn[:size], split.apart, self.fit)
                chances[place, split.apart] = found
        reference, judged = self.answers == YES, self.answers != UNKNOWN
        return np.array(
            [
                mean_of_defined(weighted_average_precisions(reference, table, weights, judged=judged))
                for table in chances
            ]
        )


def _steps(sizes: Sequence[int] | None, left: int) -> list[int]:
    if sizes is None:
        even = np.geomspace(max(left / _BEGIN, 1), left, _STEPS)
        return sorted({round(size) for size in even.tolist()})
    if not len(sizes) or max(sizes) > left:
        raise OptionError(
            f"sizes of a learning curve must lie in 1 to {left}, what each fold leaves to learn from, got {list(sizes)}"
        )
    return list(sizes)
