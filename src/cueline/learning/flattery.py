"""How much a random split flatters: the same rows and classifier, measured under random folds and under whole groups.

Clips of one film look alike. Where folds are drawn row by row, a model has nearly always learned from the film it is
measured on, and what it reaches is not what it will reach on the next film. Both measures are average precision of
chances from models that did not learn from the row; what differs is whether they learned from its group. Their
difference is paired, with a bootstrap interval over groups. It hangs a little on the folds that were drawn as well; a
second seed shows how much.

    flattery   of each class and of their mean

References:
    D. R. Roberts et al., 2017, Cross-validation strategies for data with temporal, spatial, hierarchical, or
    phylogenetic structure.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.evaluation.inputs import Flags
from cueline.evaluation.intervals import paired_difference
from cueline.evaluation.resampling import Weights, interval_of
from cueline.evaluation.summaries import Comparison, Interval
from cueline.evaluation.weighted import mean_of_defined, weighted_average_precisions
from cueline.learning.active.asking import UNKNOWN, YES, Floats
from cueline.learning.out_of_fold import (
    Fit,
    answers_of,
    folds_of_answers,
    judged_classes,
    name_of,
    out_of_fold,
    refuse_strange,
)
from cueline.timeline.examples import Examples

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassFlattery:
    """One class under both splits.

    Attributes:
        name: Of the class.
        random: Average precision under random folds.
        grouped: Under folds that keep groups whole.
        difference: The first minus the second, with its interval.
    """

    name: str
    random: float
    grouped: float
    difference: Interval


@dataclass(frozen=True, slots=True, eq=False)
class Flattery:
    """What a random split would have said, and what is so.

    Attributes:
        mean: Mean average precision of the classes, "random split" against "grouped split".
        classes: Each class that could be measured.
        groups: How many groups there are.
        notes: Classes that were left out, or of which a fold had no positive, and why.
    """

    mean: Comparison
    classes: tuple[ClassFlattery, ...]
    groups: int
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Flattery({self.mean.difference.value:+.3f} over {len(self.classes)} classes, {self.groups} groups)"

    def __str__(self) -> str:
        """One sentence."""
        off = self.mean.difference
        ends = "" if math.isnan(off.low) else f" ({off.low:+.2f} to {off.high:+.2f})"
        return (
            f"a random split would have said {self.mean.first_value:.2f} instead of {self.mean.second_value:.2f}: "
            f"{off.value:+.2f}{ends}"
        )


def flattery(
    examples: Examples,
    *,
    fit: Fit | None = None,
    folds: int = 5,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
) -> Flattery:
    """Measure the same classifier under random folds and under folds that keep groups whole.

    Args:
        examples: Rows with groups; classes whose yes or no are all in one group are left out.
        fit: The classifier; `fit_few` on prepared features if None.
        folds: How many, 2 or more; stratified both times.
        seed: Of folds and resamples.
        resamples: How many times groups are drawn.
        level: How often an interval shall hold the truth, in (0, 1).

    Raises:
        TimelineError: If a feature is not finite, or no class can be measured.
        OptionError: If there are fewer groups than folds.
    """
    answers = answers_of(examples)
    groups = refuse_strange(examples.values, answers, examples.groups)
    judged, left_out = judged_classes(answers, groups, examples.classes)
    names = [name_of(number, examples.classes) for number in judged]
    answers = answers[:, judged]
    parted = [
        folds_of_answers(answers, labels, folds=folds, seed=seed, names=names)
        for labels in (np.arange(len(answers)), groups)
    ]
    runs = [
        _Run(answers == YES, answers != UNKNOWN, out_of_fold(examples.values, answers, found.splits, fit=fit))
        for found in parted
    ]
    mean = paired_difference(
        runs[0].measure,
        runs[1].measure,
        groups,
        names=("random split", "grouped split"),
        measure="mean average precision",
        resamples=resamples,
        level=level,
        seed=seed,
    )
    count = int(groups.max()) + 1
    classes = _classes(names, runs, level, count)
    return Flattery(mean, classes, count, (*left_out, *map(str, parted[1].short)))


class _Run:
    """One run's average precision by weights, which keeps that of each class."""

    def __init__(self, reference: Flags, judged: Flags, scores: Floats) -> None:
        self.reference, self.judged, self.scores = reference, judged, scores
        self.seen = list[Numbers]()

    def measure(self, weights: Weights) -> Numbers:
        found = weighted_average_precisions(self.reference, self.scores, weights, judged=self.judged)
        self.seen.append(found)
        return mean_of_defined(found)

    def whole(self) -> Numbers:
        """Of all rows, shape (C,)."""
        return weighted_average_precisions(
            self.reference, self.scores, np.ones((len(self.scores), 1), np.int32), judged=self.judged
        )[:, 0]

    def resampled(self) -> Numbers:
        """On each resample, shape (C, R); the first block is all rows, unweighted."""
        return np.concatenate([self.seen[0][:, :0], *self.seen[1:]], axis=1)


def _classes(names: list[str], runs: list[_Run], level: float, groups: int) -> tuple[ClassFlattery, ...]:
    random, grouped = (run.whole().tolist() for run in runs)
    apart = runs[0].resampled() - runs[1].resampled()
    return tuple(
        ClassFlattery(name, first, second, interval_of(first - second, drawn, level=level, groups=groups, ratio=False))
        for name, first, second, drawn in zip(names, random, grouped, apart, strict=True)
    )
