"""What counts as a no: policies for answers that nobody gave, and for items without a prediction.

"Not judged" is not "negative". A person who was asked for five classes and ticked two has said no to three, and nothing
of the thousands of others. Two policies exist, and a report says which one it follows:

    "judged"   the default: judge what was labelled; a pair that nobody judged takes no part
    "closed"   whatever was not labelled counts as a no, as benchmarks have it whose labels are complete

An item of the reference that has no prediction must not vanish, or a model that answers where it is sure looks best.
It stays, as the last of the ranking: with confidence 0 where all scores are 0 or more, else just below the least; in
lists of the best few it has none. It is counted, and `Alignment.note` says so. A prediction for an item that nobody
labelled takes no part, and is counted too.

References:
    A. Gupta, P. Dollar and R. Girshick, 2019, LVIS, 4.1: federated data sets, where a class is judged on some images.
    google/youtube-8m, segment_eval_inference.py: only rated segments count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from cueline.errors import OptionError, TimelineError, near_miss
from cueline.timeline.examples import Counts, Flags, Indices, LabelLists
from cueline.timeline.toplists import Scores, TopLists

Policy: TypeAlias = Literal["judged", "closed"]
POLICIES: tuple[Policy, ...] = ("judged", "closed")

_CELLS = 4_000_000  # of a block: 4 MB of flags, twice


@dataclass(frozen=True, slots=True, eq=False)
class JudgedCounts:
    """How many answers there are under a policy.

    Attributes:
        policy: The policy.
        rows: Items.
        positives: Items that have each class, shape (C,).
        judged: Items that count for each class, shape (C,).
        assumed: Pairs that nobody judged and that count as a no: those of "closed".
    """

    policy: Policy
    rows: int
    positives: Counts
    judged: Counts
    assumed: int

    @property
    def yes(self) -> int:
        """Pairs answered yes."""
        return int(self.positives.sum())

    @property
    def no(self) -> int:
        """Pairs that count as a no, assumed ones too."""
        return int(self.judged.sum()) - self.yes

    @property
    def left_out(self) -> int:
        """Pairs that nobody judged and that take no part."""
        return self.rows * len(self.judged) - int(self.judged.sum())

    @property
    def note(self) -> str:
        """What a report says of it.

        Example:
            >>> yes, unknown = LabelLists.of([[0], [1]], width=3), LabelLists.of([[2], []], width=3)
            >>> judged_counts(yes, unknown).note
            'judged: 2 yes, 3 no, 1 not judged and left out'
            >>> judged_counts(yes, unknown, policy="closed").note
            'closed: 2 yes, 4 no, of which 1 not judged and taken for no'
        """
        answers = f"{self.policy}: {self.yes:,} yes, {self.no:,} no"
        if self.policy == "closed":
            return f"{answers}, of which {self.assumed:,} not judged and taken for no" if self.assumed else answers
        return f"{answers}, {self.left_out:,} not judged and left out"


@dataclass(frozen=True, slots=True, eq=False)
class JudgedBlock:
    """Some rows, dense.

    Attributes:
        rows: Which.
        reference: Where a class is there, shape (n, C).
        judged: Where it counts, shape (n, C).
    """

    rows: slice
    reference: Flags
    judged: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Which prediction belongs to each item of the reference.

    Attributes:
        rows: Row of the prediction of each item, -1 where there is none, shape (N,).
        missing: Items without a prediction.
        extra: Predictions without an item.
    """

    rows: Indices
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def note(self) -> str:
        """What a report says of it; empty where all fit."""
        notes = []
        if self.missing:
            notes.append(
                f"{len(self.missing):,} of {len(self.rows):,} items have no prediction and rank last "
                f"({_few(self.missing)})"
            )
        if self.extra:
            notes.append(f"{len(self.extra):,} predictions are of no item of the reference ({_few(self.extra)})")
        return "; ".join(notes)


def judged_counts(yes: LabelLists, unknown: LabelLists, *, policy: Policy = "judged") -> JudgedCounts:
    """Count the answers under a policy.

    Args:
        yes: Which classes each row has, as in `Examples`.
        unknown: Which nobody judged.
        policy: What an answer that nobody gave counts as.

    Raises:
        OptionError: If there is no such policy.
        TimelineError: If the two are not about the same rows and classes.
    """
    _checked(yes, unknown, policy)
    every = np.full(yes.width, len(yes))
    closed = policy == "closed"
    judged = every if closed else every - unknown.counts()
    return JudgedCounts(policy, len(yes), yes.counts(), judged, len(unknown.ids) if closed else 0)


def judged_blocks(yes: LabelLists, unknown: LabelLists, *, policy: Policy = "judged") -> Iterator[JudgedBlock]:
    """Reference flags and what counts, block by block, so that a million rows of thousands of classes fit.

    Args:
        yes: As `judged_counts`.
        unknown: As `judged_counts`.
        policy: As `judged_counts`.

    Yields:
        Blocks in order, together all rows.

    Raises:
        OptionError: As `judged_counts`.
        TimelineError: As `judged_counts`.

    Example:
        >>> yes, unknown = LabelLists.of([[0], [1]], width=3), LabelLists.of([[2], []], width=3)
        >>> [block.judged.tolist() for block in judged_blocks(yes, unknown)]
        [[[True, True, False], [True, True, True]]]
    """
    _checked(yes, unknown, policy)
    step = max(1, _CELLS // max(1, yes.width))
    for start in range(0, len(yes), step):
        rows = np.arange(start, min(start + step, len(yes)))
        reference = yes.take(rows).dense()
        judged = np.ones_like(reference) if policy == "closed" else ~unknown.take(rows).dense()
        yield JudgedBlock(slice(start, start + len(rows)), reference, judged)


def judged_rows(
    yes: LabelLists, unknown: LabelLists, number: int, *, policy: Policy = "judged"
) -> tuple[Indices, Flags]:
    """The rows that count for one class, rising, and whether each has it.

    Args:
        yes: As `judged_counts`.
        unknown: As `judged_counts`.
        number: Of the class, 0 to C - 1.
        policy: As `judged_counts`.

    Raises:
        OptionError: As `judged_counts`.
        TimelineError: As `judged_counts`, or if there is no such class.

    Example:
        >>> yes, unknown = LabelLists.of([[0], [1]], width=3), LabelLists.of([[2], []], width=3)
        >>> [part.tolist() for part in judged_rows(yes, unknown, 2)]
        [[1], [False]]
    """
    _checked(yes, unknown, policy)
    if not 0 <= number < yes.width:
        raise TimelineError(f"classes must lie in 0 to {yes.width - 1}, got {number}")
    judged = np.ones(len(yes), np.bool_)
    if policy == "judged":
        judged[unknown.rows[unknown.ids == number]] = False
    reference = np.zeros(len(yes), np.bool_)
    reference[yes.rows[yes.ids == number]] = True
    rows = np.flatnonzero(judged)
    return rows, reference[rows]


def aligned(reference_items: Sequence[str], predicted_items: Sequence[str]) -> Alignment:
    """Find the prediction of each item.

    Args:
        reference_items: Ids of the items that were labelled, each once, length N.
        predicted_items: Ids of the predictions, each once, in any order.

    Raises:
        TimelineError: If an id stands twice on one side, or no item has a prediction.

    Example:
        >>> found = aligned(["a", "b", "c"], ["c", "x", "a"])
        >>> found.rows.tolist(), found.missing, found.extra
        ([2, -1, 0], ('b',), ('x',))
        >>> found.note
        '1 of 3 items have no prediction and rank last (b); 1 predictions are of no item of the reference (x)'
    """
    places = _places(predicted_items, "predictions")
    wanted = _places(reference_items, "reference")
    rows = np.array([places.get(item, -1) for item in reference_items], np.int64)
    missing = tuple(item for item in reference_items if item not in places)
    if missing and len(missing) == len(rows):
        raise TimelineError(
            f"predictions must be of items of the reference, got {_few(tuple(predicted_items)) or 'none'} where the "
            f"reference has {_few(missing)}. Are they of another split, or ids of another kind?"
        )
    return Alignment(rows, missing, tuple(item for item in predicted_items if item not in wanted))


def aligned_scores(scores: Scores, alignment: Alignment) -> Scores:
    """Scores in the order of the reference; an item without a prediction ranks last.

    Args:
        scores: Of the predictions, shape (M,) or (M, C).
        alignment: As `aligned` gives it.

    Returns:
        Shape (N,) or (N, C); a missing row is 0 where all scores are 0 or more, else just below the least.

    Example:
        >>> aligned_scores(np.array([0.9, 0.2]), aligned(["a", "b", "c"], ["c", "a"])).tolist()
        [0.2, 0.0, 0.9]
    """
    taken = scores[alignment.rows]  # -1 takes some row, which is replaced
    if alignment.missing:
        least = scores.min() if scores.size else scores.dtype.type(0)
        taken[alignment.rows < 0] = 0 if least >= 0 else np.nextafter(least, scores.dtype.type(-np.inf))
    return taken


def aligned_lists(top: TopLists, alignment: Alignment) -> TopLists:
    """Lists of the best classes in the order of the reference; an item without a prediction has an empty list."""
    missing = alignment.rows < 0
    classes, scores = top.classes[alignment.rows], top.scores[alignment.rows]
    classes[missing], scores[missing] = -1, 0
    return TopLists(classes, scores, top.width)


def _places(items: Sequence[str], side: str) -> dict[str, int]:
    places: dict[str, int] = {}
    for row, item in enumerate(items):
        if item in places:
            raise TimelineError(f"{side} must have an item once, got {item!r} in rows {places[item]} and {row}")
        places[item] = row
    return places


def _few(items: tuple[str, ...]) -> str:
    return ", ".join(items[:3]) + (", ..." if len(items) > 3 else "")


def _checked(yes: LabelLists, unknown: LabelLists, policy: str) -> None:
    if policy not in POLICIES:
        raise OptionError(f"a policy is one of {', '.join(POLICIES)}, got {policy!r}.{near_miss(policy, POLICIES)}")
    mine, theirs = (len(yes), yes.width), (len(unknown), unknown.width)
    if mine != theirs:
        raise TimelineError(f"labels and unknowns must be about the same rows and classes, got {mine} and {theirs}")
