"""GAP@k and mAP@k of rows that count several times: measures of lists of the best few, on a thousand resamples at once.

    weighted_global_average_precision     every listed pair as one ranked list
    weighted_listed_average_precisions    of each class over the rows that list it, as mAP@k of YouTube-8M wants

`weights` are as in `cueline.evaluation.weighted`: whole numbers of shape (N, R). The numbers are those of
`cueline.evaluation.ranking` on the copied rows: equal scores stand for the mean of all their orders.

References:
    F. McSherry and M. Najork, 2008, Computing information retrieval performance measures efficiently in the presence
    of tied scores.
    google/youtube-8m, average_precision_calculator.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from cueline.errors import TimelineError
from cueline.evaluation.inputs import Flags, Scores
from cueline.evaluation.resampling import Indices, Numbers, Weights
from cueline.evaluation.ties import harmonic
from cueline.evaluation.weighted import refuse_other_weights, weight_columns
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import TopLists


def weighted_global_average_precision(reference: LabelLists, top: TopLists, weights: Weights) -> Numbers:
    """GAP@k on each resample, shape (R,); k is the depth of the lists.

    Args:
        reference: The classes that each row has.
        top: The best classes of each row.
        weights: Shape (N, R).

    Raises:
        TimelineError: If they are not about the same rows and classes.

    Example:
        >>> from cueline.timeline.toplists import top_classes
        >>> top = top_classes(np.array([[0.9, 0.1, 0.8, 0.3], [0.2, 0.7, 0.6, 0.4]]), 2)
        >>> reference = LabelLists.of([[0, 3], [1, 2]], width=4)
        >>> weighted_global_average_precision(reference, top, np.array([[1, 2], [1, 0]])).tolist()
        [0.60..., 0.5]
    """
    _same_rows(reference, top, weights)
    pairs = _Pairs.of(reference, top, by_class=False)
    total = reference.lengths @ weights
    return np.asarray(pairs.precision_sums(weights)[0] / np.maximum(total, 1))


def weighted_listed_average_precisions(reference: LabelLists, top: TopLists, weights: Weights) -> Numbers:
    """Average precision of each class over the rows that have it in their list, on each resample, shape (C, R).

    Positives that no list holds count as missed; a class without a positive is NaN. `weighted.mean_of_defined` of it is
    mAP@k.

    Args:
        reference: The classes that each row has.
        top: The best classes of each row.
        weights: Shape (N, R).

    Raises:
        TimelineError: If they are not about the same rows and classes.
    """
    _same_rows(reference, top, weights)
    pairs = _Pairs.of(reference, top, by_class=True)
    found = np.full((reference.width, weights.shape[1]), np.nan)
    order = np.argsort(reference.ids, kind="stable")
    begins = np.flatnonzero(np.diff(reference.ids[order], prepend=-1))
    for columns in weight_columns(weights.shape[1], max(len(reference.ids), reference.width)):
        own = weights[:, columns]
        total = np.zeros((reference.width, own.shape[1]), np.int64)
        if len(begins):
            total[reference.ids[order][begins]] = np.add.reduceat(own[reference.rows[order]], begins, axis=0)
        sums = pairs.precision_sums(own)
        found[:, columns] = np.where(total, sums / np.maximum(total, 1), np.nan)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Listed pairs, ranked within their list: one list of all, or one a class.

    Pairs of one score stand in one run. A run that holds a hit is kept; what stands between two of them is one heap,
    of which nothing but its weight is wanted.

    Attributes:
        pairs: How many pairs of each row are in each run or heap, best first within a list, shape (T, N).
        heads: The first of the same list, of each, shape (T,).
        useful: Which of them hold a hit, shape (T,).
        hits: How many hits of each row are in each useful run, shape (U, N).
        hit_heads: The first useful run of the same list, shape (U,).
        lists: Which list each useful run is of, shape (U,).
        count: How many lists there are.
    """

    pairs: sparse.csr_array
    heads: Indices
    useful: Flags
    hits: sparse.csr_array
    hit_heads: Indices
    lists: Indices
    count: int

    @classmethod
    def of(cls, reference: LabelLists, top: TopLists, *, by_class: bool) -> _Pairs:
        used = top.classes >= 0
        rows, classes, scores = np.nonzero(used)[0], top.classes[used].astype(np.int64), top.scores[used]
        hits = np.isin(rows * reference.width + classes, reference.rows * reference.width + reference.ids)
        lists = classes if by_class else np.zeros_like(classes)
        order = np.lexsort((-scores, lists))
        rows, scores, lists, hits = rows[order], scores[order], lists[order], hits[order]
        starts, useful = _runs(lists, scores, hits)
        own = lists[starts]
        run_of_hit = np.searchsorted(starts, np.flatnonzero(hits), side="right") - 1
        return cls(
            pairs=_incidence(starts, rows, len(top)),
            heads=np.searchsorted(own, own),
            useful=useful,
            hits=_incidence(np.flatnonzero(np.diff(run_of_hit, prepend=-1)), rows[hits], len(top)),
            hit_heads=np.searchsorted(own[useful], own[useful]),
            lists=own[useful],
            count=reference.width if by_class else 1,
        )

    def precision_sums(self, weights: Weights) -> Numbers:
        """The precision at each right pair, summed for each list and resample: the mean over all orders of ties."""
        sums = np.zeros((self.count, weights.shape[1]))
        if not len(self.lists):
            return sums
        begins = np.flatnonzero(np.diff(self.lists, prepend=-1))
        for columns in weight_columns(weights.shape[1], len(self.heads)):
            drawn = np.ascontiguousarray(weights[:, columns], np.int64)
            tied, before = _sums(self.pairs, drawn, self.heads)
            right, found = _sums(self.hits, drawn, self.hit_heads)
            each = _tied_precision(right, tied[self.useful], found, before[self.useful])
            sums[self.lists[begins], columns] = np.add.reduceat(each, begins, axis=0)
        return sums


def _runs(lists: Indices, scores: Scores, hits: Flags) -> tuple[Indices, Flags]:
    """Where runs of equal scores that hold a hit, and the heaps between them, begin; and which are which."""
    fresh = np.ones(len(lists), np.bool_)
    fresh[1:] = (lists[1:] != lists[:-1]) | (scores[1:] != scores[:-1])
    starts = np.flatnonzero(fresh)
    useful = np.logical_or.reduceat(hits, starts) if len(starts) else np.empty(0, np.bool_)
    kept = np.ones(len(starts), np.bool_)
    kept[1:] = useful[1:] | useful[:-1] | (lists[starts[1:]] != lists[starts[:-1]])
    return starts[kept], useful[kept]


def _incidence(starts: Indices, rows: Indices, width: int) -> sparse.csr_array:
    """Runs of rows as a matrix that sums the weights of each run, shape (T, N)."""
    ones = np.ones(len(rows), np.int64)
    return sparse.csr_array((ones, rows, np.append(starts, len(rows))), shape=(len(starts), width))


def _sums(runs: sparse.csr_array, drawn: Indices, heads: Indices) -> tuple[Indices, Indices]:
    """The weight of each run, and of all that stands before it in its list."""
    tied = runs @ drawn
    before = np.cumsum(tied, axis=0) - tied
    return tied, before - before[heads]


def _tied_precision(right: Indices, tied: Indices, found: Indices, before: Indices) -> Numbers:
    """As `ties.Ties.precision_sum` for each run: the sum of precisions over the places of a tie, in the mean."""
    chance = right / np.maximum(tied, 1)
    rise = (right - 1) / np.maximum(tied - 1, 1)
    return np.asarray(chance * ((found + 1 - rise * (before + 1)) * harmonic(before, tied) + rise * tied))


def _same_rows(reference: LabelLists, top: TopLists, weights: Weights) -> None:
    refuse_other_weights(weights, len(reference))
    mine, theirs = (len(reference), reference.width), (len(top), top.width)
    if mine != theirs:
        raise TimelineError(f"reference and lists must be about the same rows and classes, got {mine} and {theirs}")
