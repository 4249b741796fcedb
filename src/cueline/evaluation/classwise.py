"""Measures class by class: the scores of a class's right rows against those of its wrong ones.

One class's measure is a function of two lists of scores, right and wrong; here it is applied to every class, with the
pairs that nobody judged left out, a block of columns at a time.

References:
    scikit-learn, average_precision_score and roc_auc_score: what the two measures agree with.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cueline.evaluation.inputs import Array, Counts, Flags, Floats, Scores, as_judged, as_pair, blocks, refuse_strange
from cueline.evaluation.ties import Ties
from cueline.evaluation.totals import BestHits

_CELLS = 2**21  # of a block of columns, copied so that each lies in one piece


def class_average_precision(right: Scores, wrong: Scores) -> float:
    """Area under the precision-recall curve, equal scores sharing one threshold; NaN without a right row."""
    ties = Ties.of(right, wrong)
    found = ties.above_right + ties.right
    return float((ties.right * found / (ties.above + ties.tied)).sum() / len(right)) if len(right) else math.nan


def class_roc_auc(right: Scores, wrong: Scores) -> float:
    """Share of (right, wrong) rows in the right order, equal scores counting half; NaN where one side is empty."""
    if not (len(right) and len(wrong)):
        return math.nan
    ties = Ties.of(right, wrong)
    equal = ties.tied - ties.right
    below = len(wrong) - equal - (ties.above - ties.above_right)
    return float((ties.right * (below + equal / 2)).sum() / (len(right) * len(wrong)))


def of_each_class(
    measure: Callable[[Scores, Scores], float],
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    judged: npt.ArrayLike | None,
) -> float | Floats:
    """A measure of the scores of a class's right rows and of its wrong ones."""
    flags, values = as_pair(reference, scores)
    known = as_judged(judged, flags.shape)
    if values.ndim == 1:
        refuse_strange(values, known)
        return measure(*_parted(flags, values, known))
    each = np.empty(values.shape[1])
    for columns in blocks(values.shape[1], len(values), cells=_CELLS):
        own = None if known is None else _turned(known[:, columns])
        right, block = _turned(flags[:, columns]), _turned(values[:, columns])
        refuse_strange(block.T, None if own is None else own.T, first_column=columns.start)
        for row, column in enumerate(range(columns.start, columns.stop)):
            each[column] = measure(*_parted(right[row], block[row], None if own is None else own[row]))
    return each


def _turned(values: Array) -> Array:
    """Columns as rows, each in one piece; copied in tiles, three times as fast as in one go."""
    turned = np.empty(values.shape[::-1], values.dtype)
    for rows in blocks(len(values), 1, cells=1024):
        turned[:, rows] = values[rows].T
    return turned  # type: ignore[return-value]  # of the same dtype


def _parted(flags: Flags, values: Scores, judged: Flags | None) -> tuple[Scores, Scores]:
    wrong = ~flags if judged is None else ~flags & judged
    return values[flags if judged is None else flags & judged], values[wrong]


def listed_average_precision(found: list[BestHits], positives: Counts) -> Floats:
    """Average precision of each class over the rows that list it; NaN without a positive."""
    each = np.where(positives, 0.0, np.nan)
    if not found:
        return each
    classes = np.concatenate([best.top.classes.ravel() for best in found])
    scores = np.concatenate([best.top.scores.ravel() for best in found])
    hits = np.concatenate([best.hits.ravel() for best in found])
    order = np.argsort(classes, kind="stable")
    ends = np.cumsum(np.bincount(classes, minlength=len(positives)))
    for number in np.flatnonzero(positives).tolist():
        own = order[ends[number - 1] if number else 0 : ends[number]]
        right = hits[own]
        each[number] = Ties.of(scores[own][right], scores[own][~right]).precision_sum() / positives[number]
    return each


def mean_of_defined(values: Floats) -> float:
    """The mean of what is not NaN; NaN if nothing is left."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if len(defined) else math.nan
