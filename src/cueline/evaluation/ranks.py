"""The place of right classes in their row: reciprocal rank and top-k accuracy.

A class stands after all of its row with a greater score, and after those of equal score and lower number. Both measures
are found in `cueline.evaluation.ranking` too.

References:
    Busson/curso_deep_learning_para_multimidia at e6d5d0d, 5_multiclassificacao_video/evaluate.py: reciprocal rank.
    scikit-learn, top_k_accuracy_score: what top-k accuracy agrees with where no scores are equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.inputs import Counts, Floats, Scores, as_classes, as_pair, as_scores, blocks, refuse_strange


def reciprocal_rank(reference: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The mean, over a row's labels, of 1 / rank; then over rows.

    Known in one course as "gap", which it is not: a perfect answer for a row of four labels gets 0.52.

    Args:
        reference: Bool, shape (N, C).
        scores: Same shape.

    Returns:
        Between 0 and 1; a row without labels counts as 0; NaN without rows.

    Raises:
        TimelineError: As `average_precision`.

    References:
        Busson/curso_deep_learning_para_multimidia at e6d5d0d, 5_multiclassificacao_video/evaluate.py.

    Example:
        >>> reciprocal_rank(np.array([[True, False, True]]), np.array([[0.9, 0.8, 0.1]]))
        0.66...
    """
    flags, values = as_pair(reference, scores, table=True)
    means = []
    for rows in blocks(*values.shape):
        refuse_strange(values[rows], first_row=rows.start)
        own, classes = np.nonzero(flags[rows])
        sums = np.bincount(own, weights=1 / _ranks(values[rows], own, classes), minlength=rows.stop - rows.start)
        means.append(sums / np.maximum(np.count_nonzero(flags[rows], axis=1), 1))
    return mean(means)


def top_k_accuracy(reference: npt.ArrayLike, scores: npt.ArrayLike, *, k: int) -> float:
    """Share of rows whose one right class is among their k best.

    Args:
        reference: Number of the right class, shape (N,), from 0 to C - 1.
        scores: Shape (N, C).
        k: 1 or more.

    Returns:
        Between 0 and 1; NaN without rows.

    Raises:
        TimelineError: If a dtype or shape will not do, a class does not exist, a score is not finite, or k is below 1.

    Example:
        >>> top_k_accuracy(np.array([0, 1]), np.array([[0.7, 0.2, 0.1], [0.5, 0.1, 0.4]]), k=2)
        0.5
    """
    values = as_scores(scores)
    if values.ndim != 2:
        raise TimelineError(f"scores must have shape (N, C), got {values.shape}")
    classes = as_classes(reference, rows=len(values), width=values.shape[1])
    if k < 1:
        raise TimelineError(f"a row has 1 best class or more, got k={k}")
    found = []
    for rows in blocks(*values.shape):
        refuse_strange(values[rows], first_row=rows.start)
        found.append(_ranks(values[rows], np.arange(rows.stop - rows.start), classes[rows]) <= k)
    return mean(found)


def _ranks(scores: Scores, rows: Counts, classes: Counts) -> Counts:
    """The place, from 1, of a class in its row: after greater scores, and after equal ones of lower classes."""
    own = scores[rows, classes][:, None]
    ahead = scores[rows] > own
    ahead |= (scores[rows] == own) & (np.arange(scores.shape[1]) < classes[:, None])
    return np.asarray(np.count_nonzero(ahead, axis=1) + 1)


def mean(parts: Sequence[npt.NDArray[np.bool_] | Floats]) -> float:
    """The mean over rows that come in parts; NaN without rows."""
    values = np.concatenate([np.empty(0), *parts])
    return float(values.mean()) if len(values) else math.nan
