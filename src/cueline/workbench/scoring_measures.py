"""Measures of multi-label answers as functions of weights, so that one draw of resamples serves them all.

`weights` are how often each row counts, shape (N, R), as in `cueline.evaluation.weighted`; every measure here gives a
row of R values. The numbers are those of `cueline.evaluation.ranking`, `classification` and `reliability`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import sparse

from cueline.evaluation.inputs import Counts, Flags, Floats, blocks
from cueline.evaluation.judging import Policy
from cueline.evaluation.resampling import Weights, interval_of, resampled_weights
from cueline.evaluation.summaries import Interval
from cueline.evaluation.weighted import mean_of_defined, weighted_average_precisions
from cueline.evaluation.weighted_lists import weighted_global_average_precision, weighted_listed_average_precisions
from cueline.timeline.examples import Examples, Indices, LabelLists
from cueline.timeline.toplists import Scores
from cueline.workbench.scoring_rows import BINS, DEPTH, Seen, chance_bins

Named: TypeAlias = Mapping[str, Floats]
Measure: TypeAlias = Callable[[Weights], Floats]

MEANINGS: Mapping[str, str] = {
    "GAP@20": "Average precision of one list that holds the 20 best pairs of every row.",
    "Hit@1": "Share of rows whose best class is right.",
    "Hit@5": "Share of rows with a right class among their 5 best.",
    "Hit@20": "Share of rows with a right class among their 20 best.",
    "PERR": "Share of right classes among as many as a row has labels.",
    "mAP": "Mean of each class's average precision over all rows.",
    "mAP@20": "Mean of each class's average precision over the rows that have it among their 20 best.",
    "Reciprocal rank": "Mean of 1 / rank of a row's labels; below 1 where a row has several.",
    "Micro precision": "Share of right ones among all pairs that reach the limit of their class.",
    "Micro recall": "Share of all labels that reach the limit of their class.",
    "Micro F1": "Of the two above.",
    "Macro precision": "Mean over the classes that a row has or is said to have; 0 for one that nothing was said of.",
    "Macro recall": "Mean over classes.",
    "Macro F1": "Mean over classes.",
    "Weighted precision": "Mean over classes, each by its positives.",
    "Weighted recall": "Mean over classes, each by its positives.",
    "Weighted F1": "Mean over classes, each by its positives.",
    "ECE": "How far chances lie from what comes true, over all pairs; most are of rare classes.",
    "ECE@20": "How far chances lie from what comes true, over the 20 best of each row.",
    "Brier": "Mean squared error of all chances; 0 is perfect.",
    "Brier@20": "Mean squared error of the chances that are listed; 0 is perfect.",
}
_CELLS = 16_000_000  # of a block of columns: 64 MB of float32
_RATIOS = ("precision", "recall", "F1")


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """How intervals are drawn: the same resamples of whole groups for every measure.

    Attributes:
        groups: Of each row, shape (N,).
        resamples: How many; 0 for no intervals.
        seed: Of the draws.
        level: How often an interval shall hold the truth.
    """

    groups: Indices
    resamples: int = 1000
    seed: int = 0
    level: float = 0.95

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(np.unique(self.groups))

    def weights(self) -> Iterator[Weights]:
        """Resamples, block by block; none where no interval can be drawn."""
        if self.resamples and self.count > 1:
            yield from resampled_weights(self.groups, resamples=self.resamples, seed=self.seed)

    def intervals(self, whole: Floats, drawn: Floats) -> tuple[Interval, ...]:
        """Several measures with their intervals.

        Args:
            whole: On all rows, shape (K,).
            drawn: On each resample, shape (K, R).
        """
        if not self.resamples:
            return tuple(Interval(value, level=self.level) for value in whole.tolist())
        count = self.count
        pairs = zip(whole.tolist(), drawn, strict=True)
        return tuple(interval_of(value, own, level=self.level, groups=count) for value, own in pairs)

    def of(self, measure: Callable[[Weights], Named]) -> dict[str, Interval]:
        """Measures of weighted rows, by name, with their intervals."""
        whole = whole_of(measure, len(self.groups))
        drawn = [np.stack([*measure(weights).values()]) for weights in self.weights()]
        each = np.concatenate(drawn, axis=1) if drawn else np.empty((len(whole), 0))
        return dict(zip(whole, self.intervals(np.array([*whole.values()]), each), strict=True))


def all_of(measures: Mapping[str, Measure]) -> Callable[[Weights], Named]:
    """Several measures, asked together."""
    return lambda weights: {name: measure(weights) for name, measure in measures.items()}


def whole_of(measure: Callable[[Weights], Named], rows: int) -> dict[str, float]:
    """Measures of all rows, by name."""
    return {name: float(values[0]) for name, values in measure(np.ones((rows, 1), np.int32)).items()}


def ranking_of(reference: Examples, seen: Seen, *, complete: bool) -> dict[str, Measure]:
    """GAP, Hit@k, PERR, reciprocal rank and mAP@20, by name.

    Args:
        reference: N rows.
        seen: What the answers look like beside it.
        complete: Whether all pairs have a score.
    """
    first = seen.best.top.first(DEPTH)
    means = {f"Hit@{k}": _any(seen.best.hits[:, :k]) for k in (1, 5, DEPTH)}
    means |= {"PERR": seen.best.equal_recall_precision(), reciprocal_name(seen, complete=complete): seen.reciprocal}
    return {
        f"GAP@{DEPTH}": lambda weights: weighted_global_average_precision(reference.yes, first, weights),
        **{name: _mean_of(values) for name, values in means.items()},
        f"mAP@{DEPTH}": lambda weights: mean_of_defined(
            weighted_listed_average_precisions(reference.yes, first, weights)
        ),
    }


def reciprocal_name(seen: Seen, *, complete: bool) -> str:
    """What reciprocal rank is called: of lists, labels beyond their end count as 0."""
    return "Reciprocal rank" if complete else f"Reciprocal rank@{seen.best.top.depth}"


def deciding_of(reference: Examples, seen: Seen) -> Callable[[Weights], Named]:
    """Precision, recall and F1 at the limits, by name, of weights: "Micro F1" and so on.

    Means are over the classes that some row has or is said to have; of such a class, a ratio of nothing is 0, so that
    saying nothing of it never flatters.
    """
    right, positives, said = _counted(reference, seen)

    def measure(weights: Weights) -> Named:
        found, there, told = (np.asarray(each @ weights, np.float64) for each in (right, positives, said))
        sums = (each.sum(axis=0) for each in (found, there, told))
        seen = there + told > 0
        each = (np.where(seen & np.isnan(ratio), 0.0, ratio) for ratio in _ratios(found, there, told))
        ratios = dict(zip(_RATIOS, zip(_ratios(*sums), each, strict=True), strict=True))
        named = {f"Micro {name}": micro for name, (micro, _) in ratios.items()}
        named |= {f"Macro {name}": mean_of_defined(each) for name, (_, each) in ratios.items()}
        return named | {f"Weighted {name}": _weighted(each, there) for name, (_, each) in ratios.items()}

    return measure


def class_ratios(reference: Examples, seen: Seen) -> dict[str, Floats]:
    """Precision, recall and F1 of each class, shape (C,)."""
    found, there, told = (each.sum(axis=1).astype(np.float64) for each in _counted(reference, seen))
    return dict(zip(_RATIOS, _ratios(found, there, told), strict=True))


def trust_of(seen: Seen, judged: Counts) -> Callable[[Weights], Named]:
    """ECE and Brier score, by name, of weights.

    Args:
        seen: What the answers look like beside the reference.
        judged: How many pairs of each row count, shape (N,).
    """
    first, complete = seen.best.top.first(DEPTH), bool(seen.bins.size)
    used = first.classes >= 0
    scores, hits = first.scores[used], seen.best.hits[:, :DEPTH][used]
    rows = np.nonzero(used)[0]
    listed = chance_bins(scores, hits, rows, count=len(first))
    errors = np.bincount(rows, (scores.astype(np.float64) - hits) ** 2, minlength=len(first))
    every = np.stack((seen.squares, judged)) if complete else np.stack((errors, np.count_nonzero(used, axis=1)))

    def measure(weights: Weights) -> Named:
        squares, pairs = every @ weights
        brier = _over(squares, pairs)
        best = {f"ECE@{DEPTH}": calibration_error(listed, weights)}
        if complete:
            return {"ECE": calibration_error(seen.bins, weights), **best, "Brier": brier}
        return {**best, f"Brier@{DEPTH}": brier}

    return measure


def calibration_error(bins: Floats, weights: Weights) -> Floats:
    """ECE of weighted rows, as `reliability.expected_calibration_error`, shape (R,).

    Args:
        bins: As `chance_bins` gives them.
        weights: Shape (N, R).
    """
    sums = bins.reshape(len(bins), -1).T @ weights
    pairs, scores, positives = sums.reshape(3, BINS, -1)
    return _over(np.abs(scores - positives).sum(axis=0), pairs.sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Some classes of all rows, dense.

    Attributes:
        classes: Which.
        reference: Shape (N, n).
        scores: Shape (N, n).
        judged: Shape (N, n); None where all pairs count.
    """

    classes: Indices
    reference: Flags
    scores: Scores
    judged: Flags | None


def columns(reference: Examples, scores: Scores, policy: Policy, classes: Indices) -> Iterator[Columns]:
    """Blocks of some classes, together all of them, so that no more than a few lie in memory twice."""
    for some in blocks(len(classes), len(reference), cells=_CELLS):
        own = classes[some]
        unknown = None
        if policy == "judged" and len(reference.unknown.ids):
            unknown = ~flags_of(reference.unknown, own)
        yield Columns(own, flags_of(reference.yes, own), np.ascontiguousarray(scores[:, own]), unknown)


def flags_of(labels: LabelLists, classes: Indices) -> Flags:
    """Which rows have some classes, shape (N, n)."""
    place = np.full(labels.width, -1, np.int64)
    place[classes] = np.arange(len(classes))
    at = place[labels.ids]
    flags = np.zeros((len(labels), len(classes)), np.bool_)
    flags[labels.rows[at >= 0], at[at >= 0]] = True
    return flags


def precisions_of(reference: Examples, scores: Scores, policy: Policy, classes: Indices) -> Measure:
    """Average precision of some classes over all rows, of weights, shape (n, R)."""

    def measure(weights: Weights) -> Floats:
        found = np.empty((len(classes), weights.shape[1]))
        first = 0
        for some in columns(reference, scores, policy, classes):
            place = slice(first, first + len(some.classes))
            found[place] = weighted_average_precisions(some.reference, some.scores, weights, judged=some.judged)
            first = place.stop
        return found

    return measure


def listed_precisions_of(reference: Examples, seen: Seen, classes: Indices) -> Measure:
    """Average precision of some classes over the rows that list them among their 20 best, of weights, shape (n, R)."""
    first = seen.best.top.first(DEPTH)
    return lambda weights: weighted_listed_average_precisions(reference.yes, first, weights)[classes]


def _any(hits: Flags) -> Floats:
    return np.asarray(hits.any(axis=1), np.float64)


def _mean_of(values: Floats) -> Measure:
    return lambda weights: np.asarray(values @ weights / weights.sum(axis=0))


def _counted(reference: Examples, seen: Seen) -> tuple[sparse.csc_array, sparse.csc_array, sparse.csc_array]:
    """Which rows have each class rightly, have it, and were said to; matrices of shape (C, N)."""
    there, told = (_matrix(labels) for labels in (reference.yes, seen.said))
    return there.multiply(told).tocsc(), there, told


def _matrix(labels: LabelLists) -> sparse.csc_array:
    ones = np.ones(len(labels.ids), np.int64)
    return sparse.csc_array((ones, labels.ids, labels.offsets), shape=(labels.width, len(labels)))


def _ratios(right: Floats, positives: Floats, said: Floats) -> tuple[Floats, Floats, Floats]:
    return _over(right, said), _over(right, positives), _over(2 * right, positives + said)


def _over(parts: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(parts, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0))


def _weighted(values: Floats, weights: Floats) -> Floats:
    """The mean over classes, each by its positives, of what is defined."""
    weights = np.where(np.isnan(values), 0, weights)
    return _over((np.nan_to_num(values) * weights).sum(axis=0), weights.sum(axis=0))
