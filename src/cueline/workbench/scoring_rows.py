"""Answers beside the reference, row by row: the best classes and which are right, ranks, and what chances promised.

One pass over the rows, block by block, gathers what the measures of a whole are sums of, so that a thousand resamples
need no second look at the scores. Pairs that do not count are taken out first: the best classes of a row are the best
of those that somebody judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from cueline.evaluation.inputs import Floats, blocks
from cueline.evaluation.judging import JudgedBlock, Policy, judged_blocks, judged_counts
from cueline.evaluation.totals import BestHits
from cueline.timeline.examples import Examples, Flags, Indices, LabelLists
from cueline.timeline.toplists import Scores, TopLists, top_classes
from cueline.workbench.scoring_answers import Answers, Limits

DEPTH = 20  # classes of a row that GAP, Hit@20 and mAP@20 look at
BINS = 10  # of chances, of equal width
_EDGES = np.linspace(0, 1, BINS + 1)[1:-1]
_CELLS = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the answers to N rows look like beside the reference.

    Attributes:
        best: The best classes of each row that count: 20, or as many as the row of most labels has.
        reciprocal: The mean over a row's labels of 1 / rank, 0 for one that has none, shape (N,).
        said: The classes that reach their limit, of those that count; none where no limit is known.
        bins: Pairs, sum of scores and positives of each bin of chances, shape (N, 3, BINS); (N, 0, 0) where not all
            pairs have a chance.
        squares: Sum of (chance - reference) squared of each row, shape (N,); likewise (0,).
    """

    best: BestHits
    reciprocal: Floats
    said: LabelLists
    bins: Floats
    squares: Floats


class PairCounts:
    """How many pairs, and how many right ones, have about each score: what a curve over a billion pairs is drawn from.

    Scores are told apart to a two-thousandth of their size, in the memory of a million steps.
    """

    def __init__(self) -> None:
        """Begin with no pairs."""
        self.every = np.zeros(1 << 20, np.int64)
        self.right = np.zeros(1 << 20, np.int64)

    def add(self, scores: Scores, right: Flags) -> None:
        """Add pairs.

        Args:
            scores: Shape (M,).
            right: Same shape.
        """
        bits = scores.astype(np.float32).view(np.int32)
        # As whole numbers, floats above 0 keep their order; those below are turned round.
        steps = (np.where(bits < 0, bits ^ 0x7FFFFFFF, bits) >> 12) + (1 << 19)
        self.every += np.bincount(steps, minlength=len(self.every))
        self.right += np.bincount(steps[right], minlength=len(self.right))

    def running(self) -> tuple[Floats, Floats]:
        """How many right ones, and how many of all, score as high as each step that holds a pair, from the greatest."""
        used = np.flatnonzero(self.every)[::-1]
        return np.cumsum(self.right[used]).astype(np.float64), np.cumsum(self.every[used]).astype(np.float64)


def seen_answers(reference: Examples, answers: Answers, policy: Policy, pairs: PairCounts) -> Seen:
    """Look at answers once.

    Args:
        reference: N rows.
        answers: To them.
        policy: Which pairs count.
        pairs: Where all pairs that have a score and count are added.
    """
    if answers.scores is not None:
        limits = answers.limits
        seen = _joined(_seen_blocks(reference, answers.scores, policy, limits, pairs, chances=answers.chances))
        return _with_silent(seen, answers.silent) if len(answers.silent) else seen
    assert answers.top is not None
    return seen_lists(reference, answers.top, policy, answers.limits, pairs)


def seen_lists(
    reference: Examples, top: TopLists, policy: Policy, limits: Limits | None, pairs: PairCounts | None = None
) -> Seen:
    """Look at lists: what they do not name was never found.

    Args:
        reference: N rows.
        top: The best classes of each.
        policy: Which pairs count.
        limits: As in `Answers`.
        pairs: As `seen_answers`.
    """
    top = top if policy == "closed" or not len(reference.unknown.ids) else _only_judged(reference, top)
    best = BestHits.of(reference.yes, top)
    used = top.classes >= 0
    if pairs is not None:
        pairs.add(top.scores[used], best.hits[used])
    ranks = np.arange(1, top.depth + 1)
    reciprocal = (best.hits / ranks).sum(axis=1) / np.maximum(best.labels, 1)
    said = LabelLists.none(len(top), width=top.width)
    if limits is not None:
        reached = used & (top.scores >= limits[top.classes])
        offsets = np.concatenate(([0], np.cumsum(np.count_nonzero(reached, axis=1))))
        said = LabelLists(offsets, top.classes[reached], top.width)
    return Seen(best, reciprocal, said, np.empty((len(top), 0, 0)), np.empty(0))


def seen_prior(reference: Examples, answers: Answers, policy: Policy) -> Seen:
    """What an answer gets that knows nothing but how common each class is, and says the same of every row.

    It says as much as the answers beside which it stands: scores of all classes, or lists of the same length.
    """
    counts = judged_counts(reference.yes, reference.unknown, policy=policy)
    shares = (counts.positives / np.maximum(counts.judged, 1)).astype(np.float32)
    every = np.broadcast_to(shares, (len(reference), len(shares)))
    if answers.top is None:
        return _joined(_seen_blocks(reference, every, policy, answers.limits, None, chances=False))
    lists = _joined(_seen_blocks(reference, every, policy, None, None, chances=False, depth=max(1, answers.top.depth)))
    return seen_lists(reference, lists.best.top.first(answers.top.depth), policy, answers.limits)


def chance_bins(scores: Scores, right: Flags, rows: Indices, *, count: int) -> Floats:
    """Pairs, sum of scores and positives of each row and bin; a bin holds its upper edge.

    Args:
        scores: Chances, shape (M,).
        right: Same shape.
        rows: The row of each, same shape, from 0 to count - 1.
        count: How many rows there are.

    Returns:
        Shape (count, 3, BINS).
    """
    at = rows * BINS + np.searchsorted(_EDGES, scores)
    size = count * BINS
    sums = (
        np.bincount(at, minlength=size),
        np.bincount(at, weights=scores, minlength=size),
        np.bincount(at[right], minlength=size),
    )
    return np.stack([each.reshape(count, BINS) for each in sums], axis=1).astype(np.float64)


def _seen_blocks(
    reference: Examples,
    scores: Scores,
    policy: Policy,
    limits: Limits | None,
    pairs: PairCounts | None,
    *,
    chances: bool,
    depth: int = 0,
) -> Iterator[Seen]:
    most = depth or max(DEPTH, int(reference.yes.lengths.max(initial=0)))
    for block in judged_blocks(reference.yes, reference.unknown, policy=policy):
        own = np.ascontiguousarray(scores[block.rows])
        if pairs is not None:
            pairs.add(own[block.judged], block.reference[block.judged])
        yield _seen_block(block, own, limits, most, chances=chances)


def _seen_block(block: JudgedBlock, scores: Scores, limits: Limits | None, depth: int, *, chances: bool) -> Seen:
    reference, judged = block.reference, block.judged
    # What does not count ranks last, and is then taken off the lists.
    ranked = scores if judged.all() else np.where(judged, scores, np.finfo(scores.dtype).min)
    top = top_classes(ranked, depth, first_row=block.rows.start)
    counted = np.take_along_axis(judged, top.classes.astype(np.int64), axis=1)
    hits = np.take_along_axis(reference, top.classes.astype(np.int64), axis=1) & counted
    top = TopLists(np.where(counted, top.classes, -1), top.scores, top.width)
    best = BestHits(top, hits, np.count_nonzero(reference, axis=1).astype(np.int64))
    said = (scores >= limits) & judged if limits is not None else np.zeros_like(judged)
    bins, squares = np.empty((len(scores), 0, 0)), np.empty(0)
    if chances:
        rows = np.repeat(np.arange(len(scores)), np.count_nonzero(judged, axis=1))
        bins = chance_bins(scores[judged], reference[judged], rows, count=len(scores))
        squares = (np.where(judged, scores.astype(np.float64) - reference, 0.0) ** 2).sum(axis=1)
    return Seen(best, _reciprocal(ranked, reference), LabelLists.of_flags(said), bins, squares)


def _reciprocal(scores: Scores, reference: Flags) -> Floats:
    """The mean over a row's labels of 1 / rank; of equal scores the class of the lower number stands first."""
    rows, classes = np.nonzero(reference)
    each = np.empty(len(rows))
    for some in blocks(len(rows), scores.shape[1], cells=_CELLS):
        there, own = scores[rows[some]], scores[rows[some], classes[some]][:, None]
        ahead = (there > own) | ((there == own) & (np.arange(scores.shape[1]) < classes[some, None]))
        each[some] = 1 / (np.count_nonzero(ahead, axis=1) + 1)
    sums = np.bincount(rows, weights=each, minlength=len(scores))
    return np.asarray(sums / np.maximum(np.count_nonzero(reference, axis=1), 1))


def _with_silent(seen: Seen, rows: Indices) -> Seen:
    """Without what scores alone would say of rows that have no prediction: nothing was found in them."""
    classes, hits, reciprocal = seen.best.top.classes.copy(), seen.best.hits.copy(), seen.reciprocal.copy()
    classes[rows], hits[rows], reciprocal[rows] = -1, False, 0
    best = BestHits(TopLists(classes, seen.best.top.scores, seen.best.top.width), hits, seen.best.labels)
    lengths, spoken = seen.said.lengths, np.ones(len(classes), np.bool_)
    spoken[rows] = False
    offsets = np.concatenate(([0], np.cumsum(np.where(spoken, lengths, 0))))
    said = LabelLists(offsets, seen.said.ids[np.repeat(spoken, lengths)], seen.said.width)
    return replace(seen, best=best, reciprocal=reciprocal, said=said)


def _only_judged(reference: Examples, top: TopLists) -> TopLists:
    """Lists without the classes that nobody judged."""
    gone = BestHits.of(reference.unknown, top).hits | (top.classes < 0)
    order = np.argsort(gone, axis=1, kind="stable")
    classes = np.take_along_axis(np.where(gone, -1, top.classes), order, axis=1)
    return TopLists(classes, np.take_along_axis(top.scores, order, axis=1), top.width)


def _joined(parts: Iterable[Seen]) -> Seen:
    every = list(parts)
    lists, said = [part.best for part in every], [part.said for part in every]
    top = TopLists(
        np.concatenate([best.top.classes for best in lists]),
        np.concatenate([best.top.scores for best in lists]),
        lists[0].top.width,
    )
    offsets = np.concatenate(([0], np.cumsum(np.concatenate([each.lengths for each in said]))))
    return Seen(
        BestHits(top, np.concatenate([best.hits for best in lists]), np.concatenate([best.labels for best in lists])),
        np.concatenate([part.reciprocal for part in every]),
        LabelLists(offsets, np.concatenate([each.ids for each in said]), top.width),
        np.concatenate([part.bins for part in every]),
        np.concatenate([part.squares for part in every]),
    )
