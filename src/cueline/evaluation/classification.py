"""How well yes and no were told apart: precision, recall, F1 and accuracy at a threshold, and confusion.

A class is said to be there from its threshold on, `scores >= threshold`. The reference is bool, shape (N, C): N rows, C
classes, any number of them in a row; (N,) is one class. For rows with one class each there is `confusion`.

A ratio with nothing to count is NaN, as everywhere in Cueline: precision where a class was never said to be there,
recall where there was nothing to find, F1 where both hold. Means leave NaN out. Whoever wants it to count as 0, as many
a published table has it, says `undefined=0.0`.

    macro     the plain mean over classes: a rare class weighs as much as a common one
    weighted  the mean over classes, each by its positives
    micro     the ratio of the pooled counts: every pair weighs the same

"Not judged" is not "negative": pairs outside `judged` do not count, whatever their scores.

References:
    scikit-learn, precision_recall_fscore_support (with the same `zero_division`), accuracy_score, confusion_matrix:
    what these numbers agree with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError, near_miss
from cueline.evaluation.inputs import (
    Counts,
    Flags,
    Floats,
    as_classes,
    as_table,
    blocks,
    refuse_strange,
)
from cueline.evaluation.summaries import Confusion

Average = Literal["macro", "micro", "weighted"]


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """Ratios of each class, and the counts they come from; all of shape (C,).

    Attributes:
        precision: Share of right ones among the rows that were said to have the class.
        recall: Share of the rows with the class that were found.
        f1: 2 right / (positives + estimated).
        right: Rows that have the class and were said to.
        positives: Rows that have it.
        estimated: Rows that were said to.
        judged: Rows of which somebody knows.
    """

    precision: Floats
    recall: Floats
    f1: Floats
    right: Counts
    positives: Counts
    estimated: Counts
    judged: Counts


@dataclass(frozen=True, slots=True)
class AverageScores:
    """Ratios of all classes together, in [0, 1] or NaN.

    Attributes:
        precision: Averaged.
        recall: Averaged.
        f1: Averaged over classes; for "micro" of the pooled counts. Not the F1 of the averaged two.
    """

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, eq=False)
class Accuracy:
    """Shares of right answers, in [0, 1] or NaN where nothing was judged.

    Attributes:
        rows: Share of the rows that are right in every judged class ("subset accuracy").
        pairs: Share of the judged pairs of a row and a class that are right. Beside rare classes nearly 1 for a model
            that always says no.
        classes: The same of each class, shape (C,).
    """

    rows: float
    pairs: float
    classes: Floats


def class_scores(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    threshold: npt.ArrayLike = 0.5,
    judged: npt.ArrayLike | None = None,
    undefined: float = math.nan,
) -> ClassScores:
    """Precision, recall and F1 of each class.

    Args:
        reference: Bool, shape (N, C), or (N,) for one class.
        scores: Same shape.
        threshold: The score from which on a class is there: one, or one for each class, shape (C,). Infinity is never.
        judged: Bool, same shape: where somebody knows; everywhere if None.
        undefined: What a ratio with nothing to count becomes.

    Returns:
        Of C classes.

    Raises:
        TimelineError: If a dtype or shape will not do, a score that counts is not finite, or a threshold is NaN.

    Example:
        >>> found = class_scores(np.array([[True, False], [True, True]]), np.array([[0.9, 0.1], [0.2, 0.3]]))
        >>> found.recall.tolist(), found.precision.tolist()
        ([0.5, 0.0], [1.0, nan])
    """
    flags, values, known = as_table(reference, scores, judged)
    limits = _limits(threshold, values.shape[1])
    counts = np.zeros((4, values.shape[1]), np.int64)
    for rows in blocks(*values.shape):
        own = np.ones_like(flags[rows]) if known is None else known[rows]
        refuse_strange(values[rows], own, first_row=rows.start)
        said = (values[rows] >= limits) & own
        yes = flags[rows] & own
        counts += [_column_counts(each) for each in (said & yes, yes, said, own)]
    right, positives, estimated, total = counts
    return ClassScores(
        precision=_ratio(right, estimated, undefined),
        recall=_ratio(right, positives, undefined),
        f1=_ratio(2 * right, positives + estimated, undefined),
        right=right,
        positives=positives,
        estimated=estimated,
        judged=total,
    )


def average_scores(scores: ClassScores, average: Average = "macro", *, undefined: float = math.nan) -> AverageScores:
    """Precision, recall and F1 of all classes together.

    Args:
        scores: Of each class; ratios that are NaN there are left out of "macro" and "weighted" means.
        average: See the head of this module.
        undefined: What a ratio with nothing to count becomes.

    Returns:
        Averages.

    Raises:
        OptionError: If there is no such average.

    Example:
        >>> found = class_scores(np.array([[True, False], [True, True]]), np.array([[0.9, 0.1], [0.2, 0.3]]))
        >>> average_scores(found, "micro")
        AverageScores(precision=1.0, recall=0.33..., f1=0.5)
    """
    if average == "micro":
        right, positives, estimated = (
            each.sum(keepdims=True) for each in (scores.right, scores.positives, scores.estimated)
        )
        return AverageScores(
            precision=float(_ratio(right, estimated, undefined)[0]),
            recall=float(_ratio(right, positives, undefined)[0]),
            f1=float(_ratio(2 * right, positives + estimated, undefined)[0]),
        )
    if average not in ("macro", "weighted"):
        known = ("macro", "micro", "weighted")
        raise OptionError(f"an average is one of {', '.join(known)}, got {average!r}.{near_miss(str(average), known)}")
    weights = np.ones(len(scores.f1)) if average == "macro" else scores.positives.astype(np.float64)
    return AverageScores(
        precision=_weighted(scores.precision, weights, undefined),
        recall=_weighted(scores.recall, weights, undefined),
        f1=_weighted(scores.f1, weights, undefined),
    )


def accuracy(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    threshold: npt.ArrayLike = 0.5,
    judged: npt.ArrayLike | None = None,
) -> Accuracy:
    """Share of right answers, yes or no, by row, by pair and by class.

    Args:
        reference: Bool, shape (N, C), or (N,) for one class.
        scores: Same shape.
        threshold: As in `class_scores`.
        judged: Bool, same shape: where somebody knows; everywhere if None. A row of which nobody knows anything is
            left out.

    Returns:
        Shares.

    Raises:
        TimelineError: As `class_scores`.

    Example:
        >>> accuracy(np.array([[True, False], [True, True]]), np.array([[0.9, 0.1], [0.2, 0.8]]))
        Accuracy(rows=0.5, pairs=0.75, classes=array([0.5, 1. ]))
    """
    flags, values, known = as_table(reference, scores, judged)
    limits = _limits(threshold, values.shape[1])
    counts = np.zeros((2, values.shape[1]), np.int64)
    right_rows = judged_rows = 0
    for rows in blocks(*values.shape):
        own = np.ones_like(flags[rows]) if known is None else known[rows]
        refuse_strange(values[rows], own, first_row=rows.start)
        wrong = ((values[rows] >= limits) != flags[rows]) & own
        some = own.any(axis=1)
        right_rows += int(np.count_nonzero(some & ~wrong.any(axis=1)))
        judged_rows += int(np.count_nonzero(some))
        counts += [_column_counts(each) for each in (own & ~wrong, own)]
    right, total = counts
    return Accuracy(
        rows=right_rows / judged_rows if judged_rows else math.nan,
        pairs=int(right.sum()) / int(total.sum()) if total.sum() else math.nan,
        classes=_ratio(right, total, math.nan),
    )


def confusion(reference: npt.ArrayLike, estimated: npt.ArrayLike, *, classes: Sequence[str]) -> Confusion:
    """Which class was taken for which, where a row has one class.

    Args:
        reference: Numbers of classes, shape (N,), from 0 to C - 1.
        estimated: Likewise.
        classes: Names of the C classes.

    Returns:
        Items, shape (C, C): rows the reference, columns the estimate; zeros for no rows.

    Raises:
        TimelineError: If a dtype or shape will not do, or a class does not exist.

    Example:
        >>> confusion([0, 0, 1], [0, 1, 1], classes=("speech", "music")).amounts.tolist()
        [[1.0, 1.0], [0.0, 1.0]]
    """
    width = len(classes)
    right = as_classes(reference, rows=np.shape(reference)[0] if np.ndim(reference) else 0, width=width)
    said = as_classes(estimated, rows=len(right), width=width, what="estimated")
    amounts = np.bincount(right * width + said, minlength=width * width).reshape(width, width)
    return Confusion(tuple(classes), amounts.astype(np.float64))


def _limits(threshold: npt.ArrayLike, width: int) -> Floats:
    limits = np.asarray(threshold, dtype=np.float64)
    if limits.shape not in ((), (width,)):
        raise TimelineError(f"a threshold is one number or one for each of {width} classes, got shape {limits.shape}")
    if np.isnan(limits).any():
        raise TimelineError("a threshold must be a number, got nan. Infinity means never.")
    return limits


def _column_counts(flags: Flags) -> Counts:
    return np.asarray(np.count_nonzero(flags, axis=0), np.int64)


def _ratio(part: Counts, whole: Counts, undefined: float) -> Floats:
    return np.divide(part, whole, out=np.full(part.shape, undefined, np.float64), where=whole > 0)


def _weighted(values: Floats, weights: Floats, undefined: float) -> float:
    defined = ~np.isnan(values)
    total = float(weights[defined].sum())
    return float((values[defined] * weights[defined]).sum()) / total if total else undefined
