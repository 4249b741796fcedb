"""How well scores rank the right classes: AP, ROC AUC, GAP@k, Hit@k, PERR, mAP, top-k accuracy, reciprocal rank.

The reference is bool, the scores are finite numbers of the same shape on any monotone scale; (N, C) means N rows
(videos, segments) and C classes.

    average_precision, roc_auc            of each class: does it rank its own rows first?
    mean_average_precision                their mean
    average_precision_at                  the first n of one ranked list
    global_average_precision              GAP@k: every row's k best pairs as one list
    hit_at_k, precision_at_equal_recall_rate, reciprocal_rank, top_k_accuracy
                                          of each row: does it rank its own classes first?
    segments (a module of its own)        mAP@K over rated segments
    RankingTotals                         chunk by chunk, for data that does not fit in memory

Equal scores. Within a row the class with the lower number stands first, so that "the k best" is one set. Across rows
`average_precision` and `roc_auc` let equal scores share one threshold, as scikit-learn does; what follows the
YouTube-8M code, which shuffles them, gives the mean over all orders (`cueline.evaluation.ties`).

Nothing to rank: a class without a positive has no average precision, NaN, and takes no part in a mean; GAP is 0 then,
as its inventors have it. A mean over no rows is NaN. A row without labels counts as 0 in Hit@k, PERR and reciprocal
rank.

"Not judged" is not "negative": where a measure takes `judged`, the pairs that nobody judged do not count, whatever
their scores.

References:
    google/youtube-8m at e6f6bf6: eval_util.py, average_precision_calculator.py: GAP, Hit@1, PERR, mAP, AP at n.
    scikit-learn, average_precision_score and roc_auc_score: the two measures of one class.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.classwise import (
    class_average_precision,
    class_roc_auc,
    listed_average_precision,
    mean_of_defined,
    of_each_class,
)
from cueline.evaluation.inputs import Floats, as_pair, as_table, refuse_strange
from cueline.evaluation.pooling import PairPool
from cueline.evaluation.ranks import mean, reciprocal_rank, top_k_accuracy
from cueline.evaluation.totals import RankingTotals, best_hits

__all__ = [
    "RankingTotals",
    "average_precision",
    "average_precision_at",
    "global_average_precision",
    "hit_at_k",
    "mean_average_precision",
    "precision_at_equal_recall_rate",
    "reciprocal_rank",
    "roc_auc",
    "top_k_accuracy",
]


def average_precision(
    reference: npt.ArrayLike, scores: npt.ArrayLike, *, judged: npt.ArrayLike | None = None
) -> float | Floats:
    """Area under the precision-recall curve, of each class.

    Ties share one threshold. No interpolation, unlike Pascal VOC.

    Args:
        reference: Bool, True where the class is there, shape (N,) or (N, C).
        scores: Same shape.
        judged: Bool, same shape: where somebody knows; everywhere if None.

    Returns:
        Between 0 and 1: a number for (N,), an array of shape (C,) for (N, C). NaN for a class without a positive.

    Raises:
        TimelineError: If a dtype or shape will not do, or a score that counts is not finite.

    Example:
        >>> average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.1]))
        0.8333333333333333
    """
    return of_each_class(class_average_precision, reference, scores, judged)


def roc_auc(reference: npt.ArrayLike, scores: npt.ArrayLike, *, judged: npt.ArrayLike | None = None) -> float | Floats:
    """Chance that a row with the class scores above a row without it, of each class; a tie counts half.

    Args:
        reference: Bool, shape (N,) or (N, C).
        scores: Same shape.
        judged: Bool, same shape: where somebody knows; everywhere if None.

    Returns:
        Between 0 and 1, 0.5 for guessing: a number for (N,), an array of shape (C,) for (N, C). NaN for a class
        without a positive or without a negative.

    Raises:
        TimelineError: As `average_precision`.

    Example:
        >>> roc_auc(np.array([True, False, True]), np.array([0.9, 0.8, 0.1]))
        0.5
    """
    return of_each_class(class_roc_auc, reference, scores, judged)


def average_precision_at(
    reference: npt.ArrayLike, scores: npt.ArrayLike, *, n: int | None = None, positives: int | None = None
) -> float:
    """Average precision of the first n of one ranked list, as the YouTube-8M code has it.

    Args:
        reference: Bool, shape (N,).
        scores: Same shape.
        n: How much of the list counts; all if None. At most n positives can be found, so at most n are counted.
        positives: How many there are to find, if more than the list holds.

    Returns:
        Between 0 and 1; 0 if there is nothing to find. The mean over all orders of equal scores.

    Raises:
        TimelineError: As `average_precision`; if n is below 1, or there are fewer positives than the list holds.

    Example:
        >>> average_precision_at(np.array([True, False, True]), np.array([0.9, 0.8, 0.7]), n=2)
        0.5
    """
    right, values = as_pair(reference, scores)
    if right.ndim != 1:
        raise TimelineError(
            f"one ranked list has shape (N,), got {right.shape}. For many rows use mean_average_precision."
        )
    refuse_strange(values)
    pool = PairPool()
    pool.add(values, right)
    return pool.average_precision(positives=positives, n=n)


def global_average_precision(reference: npt.ArrayLike, scores: npt.ArrayLike, *, k: int = 20) -> float:
    """GAP@k: the average precision of one list that holds the k best pairs of every row.

    Args:
        reference: Bool, shape (N, C); (N,) is one class.
        scores: Same shape. They compete across rows, so they should be calibrated.
        k: Pairs of a row that take part, 1 or more; all where there are fewer classes.

    Returns:
        Between 0 and 1; 0 if no reference is true. Positives beyond a row's k best count as missed. The mean over
        all orders of equal scores.

    Raises:
        TimelineError: As `average_precision`, or if k is below 1.

    Example:
        >>> flags = np.array([[True, False, False, True], [False, True, True, False]])
        >>> global_average_precision(flags, np.array([[0.9, 0.1, 0.8, 0.3], [0.2, 0.7, 0.6, 0.4]]), k=2)
        0.6041666666666666
    """
    flags, values, _ = as_table(reference, scores, None)
    totals = RankingTotals(k)
    for best in best_hits(flags, values, k):
        totals.add_hits(best)
    return totals.global_average_precision


def hit_at_k(reference: npt.ArrayLike, scores: npt.ArrayLike, *, k: int) -> float:
    """Hit@k: share of rows with a right class among their k best.

    Args:
        reference: Bool, shape (N, C).
        scores: Same shape.
        k: 1 or more.

    Returns:
        Between 0 and 1; a row without labels counts as 0; NaN without rows.

    Raises:
        TimelineError: As `average_precision`, or if k is below 1.

    Example:
        >>> hit_at_k(np.array([[True, False], [False, True]]), np.array([[0.9, 0.1], [0.8, 0.2]]), k=1)
        0.5
    """
    flags, values = as_pair(reference, scores, table=True)
    return mean([np.any(best.hits, axis=1) for best in best_hits(flags, values, k)])


def precision_at_equal_recall_rate(reference: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """PERR: for a row with L labels, the share of right ones among its L best classes with a score above 0.

    Made for probabilities: with logits, those at or below 0 do not count.

    Args:
        reference: Bool, shape (N, C).
        scores: Same shape.

    Returns:
        The mean over rows, between 0 and 1; a row without labels counts as 0; NaN without rows.

    Raises:
        TimelineError: As `average_precision`.

    Example:
        >>> precision_at_equal_recall_rate(np.array([[True, False, True, False]]), np.array([[0.0, 0.0, 0.5, 0.0]]))
        0.5
    """
    flags, values = as_pair(reference, scores, table=True)
    return mean([best.equal_recall_precision() for best in best_hits(flags, values, None)])


def mean_average_precision(
    reference: npt.ArrayLike,
    scores: npt.ArrayLike,
    *,
    k: int | None = None,
    judged: npt.ArrayLike | None = None,
) -> float:
    """mAP: the mean of the average precision of each class that has a positive.

    Args:
        reference: Bool, shape (N, C); (N,) is one class.
        scores: Same shape.
        k: If given, a class sees only the rows that have it among their k best, as the YouTube-8M code does; its
            other positives count as missed, and equal scores have their mean order. If None, it sees every row, by
            `average_precision`.
        judged: Bool, same shape: where somebody knows; everywhere if None. Not together with k.

    Returns:
        Between 0 and 1; NaN if no class has a positive.

    Raises:
        TimelineError: As `average_precision`; if k is below 1, or stands with `judged`.

    Example:
        >>> flags = np.array([[True, False, False, True], [False, True, True, False]])
        >>> mean_average_precision(flags, np.array([[0.9, 0.1, 0.8, 0.3], [0.2, 0.7, 0.6, 0.4]]), k=2)
        0.625
    """
    flags, values, known = as_table(reference, scores, judged)
    if k is None:
        return mean_of_defined(np.asarray(average_precision(flags, values, judged=known)))
    if judged is not None:
        raise TimelineError(
            "the k best of a row are chosen among all classes, got judged as well. Leave one of the two out."
        )
    found = list(best_hits(flags, values, k))
    return mean_of_defined(listed_average_precision(found, np.count_nonzero(flags, axis=0)))
