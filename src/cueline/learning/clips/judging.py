"""What a model of clips reached: class by class, with intervals over groups, and against another on the same clips.

A clip has one class, the likeliest one is what a model says. Macro F1 is the plain mean over the classes that are there
or were said; a rare class weighs as much as a common one. Groups are drawn for the intervals, as everywhere in Cueline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.classification import confusion
from cueline.evaluation.intervals import bootstrap_of_sums, paired_difference
from cueline.evaluation.reliability import expected_calibration_error
from cueline.evaluation.resampling import Weights
from cueline.evaluation.summaries import Comparison, Confusion, Interval

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class.

    Attributes:
        name: Of the class.
        precision: Share of right ones among the clips that were said to be of it; NaN where none was.
        recall: Share of its clips that were found; NaN where there is none.
        f1: NaN where both hold.
        support: Clips of it.
        said: Clips that were said to be of it.
        base_rate: Share of the clips that are of it: the precision of who always says it.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    said: int
    base_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """What a model reached on clips that it had not learned from.

    Attributes:
        name: Of the model.
        clips: How many.
        groups: In how many groups.
        accuracy: Share of right ones.
        macro_f1: Mean F1 of the classes.
        calibration_error: Mean distance between how sure it was and how often it was right.
        classes: Each class.
        confusion: Which was taken for which.
    """

    name: str
    clips: int
    groups: int
    accuracy: Interval
    macro_f1: Interval
    calibration_error: float
    classes: tuple[ClassFigures, ...]
    confusion: Confusion

    def to_json(self) -> dict[str, Any]:
        """Plain values; null for what is not defined."""
        values = {
            "model": self.name,
            "clips": self.clips,
            "groups": self.groups,
            "accuracy": asdict(self.accuracy),
            "macro_f1": asdict(self.macro_f1),
            "calibration_error": self.calibration_error,
            "classes": [asdict(row) for row in self.classes],
            "confusion": self.confusion.amounts.astype(int).tolist(),
        }
        found: dict[str, Any] = _plain(values)
        return found

    def __repr__(self) -> str:
        """The two numbers that people ask for."""
        return f"Figures({self.name!r}, {self.clips} clips, macro F1 {self.macro_f1.value:.3f})"


def judge(
    labels: Rows, chances: Numbers, groups: Sequence[str], *, classes: Sequence[str], name: str = "", seed: int = 0
) -> Figures:
    """Measure what was said of clips.

    Args:
        labels: What they are, numbers of classes, shape (N,), one clip or more.
        chances: What was said, shape (N, C); the greatest of a row is its class.
        groups: The group of each clip, length N.
        classes: Names of the C classes.
        name: Of the model.
        seed: Of the resamples.

    Raises:
        TimelineError: If shapes differ, or there is no clip.

    Example:
        >>> found = judge(np.array([0, 0, 1]), np.array([[.9, .1], [.4, .6], [.2, .8]]), "abc", classes=("m", "d"))
        >>> round(found.accuracy.value, 3), [row.support for row in found.classes]
        (0.667, [2, 1])
    """
    _checked(labels, chances, groups, classes)
    said = chances.argmax(axis=1)
    table = confusion(labels, said, classes=tuple(classes))
    pairs, width = _pairs(labels, said, len(classes)), len(classes)
    names = np.array(list(groups), dtype=str)
    accuracy, macro = (
        bootstrap_of_sums(measure, pairs, names, resamples=RESAMPLES, seed=seed)
        for measure in (lambda sums: accuracies(sums, width), lambda sums: macro_f1s(sums, width))
    )
    sure = chances.max(axis=1)
    error = expected_calibration_error(said == labels, np.clip(sure, 0, 1), binning="mass")
    rows = _classes(table.amounts, classes)
    return Figures(name, len(labels), len(np.unique(names)), accuracy, macro, error, rows, table)


def compare(
    labels: Rows,
    first: Numbers,
    second: Numbers,
    groups: Sequence[str],
    *,
    names: tuple[str, str],
    seed: int = 0,
) -> Comparison:
    """How much greater the macro F1 of the first is than that of the second, on the same clips and resamples.

    Args:
        labels: What the clips are, shape (N,).
        first: What one model said, shape (N, C).
        second: What the other said, shape (N, C).
        groups: The group of each clip, length N.
        names: Of the models.
        seed: Of the resamples.
    """
    width = first.shape[1]
    parts = [_pairs(labels, chances.argmax(axis=1), width) for chances in (first, second)]

    def measured(pairs: Numbers, weights: Weights) -> Numbers:
        return macro_f1s(pairs.T @ weights, width)

    return paired_difference(
        lambda weights: measured(parts[0], weights),
        lambda weights: measured(parts[1], weights),
        np.array(list(groups), dtype=str),
        names=names,
        measure="macro F1",
        resamples=RESAMPLES,
        seed=seed,
    )


def accuracies(sums: Numbers, classes: int) -> Numbers:
    """Shares of right ones from counts of pairs (what is, what was said), shape (C * C, R), to (R,)."""
    cells = sums.reshape(classes, classes, -1)
    total = cells.sum(axis=(0, 1))
    right: Numbers = np.einsum("ccr->r", cells)
    return _shares(right, total)


def macro_f1s(sums: Numbers, classes: int) -> Numbers:
    """Means of the F1 of classes from counts of pairs, shape (C * C, R), to (R,)."""
    cells = sums.reshape(classes, classes, -1)
    right, whole = np.einsum("ccr->cr", cells), cells.sum(axis=1) + cells.sum(axis=0)
    f1 = np.divide(2 * right, whole, out=np.zeros(right.shape), where=whole > 0)
    there = (whole > 0).sum(axis=0)
    return _shares(f1.sum(axis=0), there)


def _shares(part: Numbers, whole: Numbers) -> Numbers:
    found: Numbers = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return found


def _pairs(labels: Rows, said: Rows, classes: int) -> Numbers:
    """A one in each row, where what is and what was said meet, shape (N, C * C)."""
    found: Numbers = np.eye(classes * classes)[labels * classes + said]
    return found


def _classes(amounts: Numbers, classes: Sequence[str]) -> tuple[ClassFigures, ...]:
    total = amounts.sum()
    rows = []
    for place, name in enumerate(classes):
        right, support, said = amounts[place, place], amounts[place].sum(), amounts[:, place].sum()
        rows.append(
            ClassFigures(
                name,
                _ratio(right, said),
                _ratio(right, support),
                _ratio(2 * right, support + said),
                int(support),
                int(said),
                float(support / total),
            )
        )
    return tuple(rows)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan


def _checked(labels: Rows, chances: Numbers, groups: Sequence[str], classes: Sequence[str]) -> None:
    if not len(labels) or chances.shape != (len(labels), len(classes)) or len(groups) != len(labels):
        raise TimelineError(
            f"to judge takes one clip or more, with a chance for each of {len(classes)} classes and a group each, got "
            f"{len(labels)} clips, chances of shape {chances.shape}, {len(groups)} groups"
        )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
