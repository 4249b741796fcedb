"""Labelling guided by clusters, shown on clips: which ones it asks for first, and what follows from the answers.

`cueline.learning.active.hierarchy` grows a tree and asks a few clips of each group, where an answer is expected to
label most. Where the classes are known already, they play the person who answers: what is asked for is answered, and
then it is told how much follows from so few answers, and how much of that is right. Where nothing is known, the first
clips that it asks for are told.

The clusters are the tree, cut by number. A cut that is named by the commonest answer in each cluster shows what the
tree itself is worth; settled groups, which overlap with no others and agree well, show what the strategy believes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cueline.learning.active.asking import NO, UNKNOWN, YES, Known, Verdicts
from cueline.learning.active.hierarchy import ClusterAsker, ClusterGuided
from cueline.learning.clustering.clusterings import Clustering, Floats, Rows
from cueline.learning.clustering.linkages import Linkage, linked
from cueline.learning.clustering.methods import alike

ASK = 5  # at once


@dataclass(frozen=True, slots=True, eq=False)
class Guided:
    """What labelling by groups does with clips.

    Attributes:
        clustering: The tree, cut.
        asked: Rows in the order in which they are asked for.
        followed: Rows whose class follows from the answers, rising.
        right: Share of these whose class is known and is what follows; NaN without known classes.
        named: Share of rows, not asked and of known class, that have the class that the cut gives them: the commonest
            answer in their cluster; NaN without known classes.
        base: What saying the commonest answer everywhere gets on the same rows; NaN likewise.
    """

    clustering: Clustering
    asked: Rows
    followed: Rows
    right: float = math.nan
    named: float = math.nan
    base: float = math.nan

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Guided({self.clustering}, {len(self.asked)} asked, {len(self.followed)} follow)"


def guided(
    values: Floats,
    *,
    reference: Rows | None = None,
    ask: int = 20,
    how: Linkage = "ward",
    numbers: Sequence[int] = tuple(range(2, 13)),
    height: float = math.nan,
    seed: int = 0,
) -> Guided:
    """Ask for clips as labelling by groups does.

    Args:
        values: Finite, shape (N, K); of rows that are all alike, one is asked for and the others follow.
        reference: Number of the known class of each row, -1 where nobody knows it, shape (N,); None for none at all.
        ask: How many rows are asked for at most, 1 or more.
        how: Linkage of the clusters that are shown; the strategy has ward.
        numbers: As `linked`.
        height: As `linked`.
        seed: Of every draw.

    Raises:
        OptionError: As `linked`.
    """
    together = alike(values, "guided")
    if together is not None:
        return Guided(together, np.arange(1), np.arange(1, len(values)))
    clustering = replace(linked(values, how=how, numbers=numbers, height=height, seed=seed), method="guided")
    asker = ClusterGuided().study(values, seed=seed)
    rng = np.random.default_rng(seed)
    if reference is None or not (reference >= 0).any():
        asked = asker.choose(_nothing(values), min(ask, len(values)), rng)
        return Guided(clustering, asked, np.empty(0, np.int64))
    return _played(clustering, asker, values, reference, ask, rng)


def _played(
    clustering: Clustering, asker: ClusterAsker, values: Floats, reference: Rows, ask: int, rng: np.random.Generator
) -> Guided:
    answers = _answers(reference)
    known = Known(values, np.full_like(answers, UNKNOWN), None, None, np.zeros(len(values), np.bool_))
    asked = np.empty(0, np.int64)
    while len(asked) < ask and not known.seen.all():
        rows = asker.choose(known, min(ASK, ask - len(asked), len(known.open)), rng)
        asked = np.concatenate((asked, rows))
        seen = known.seen.copy()
        seen[rows] = True
        known = replace(known, answers=np.where(seen[:, None], answers, UNKNOWN).astype(np.int8), seen=seen)
    inferred = asker.inferred(known)
    judged = reference[inferred.rows] >= 0
    same = (inferred.answers == answers[inferred.rows]).all(axis=1)[judged]
    rest = np.flatnonzero(~known.seen & (reference >= 0))
    said = _named(clustering.groups, reference, asked)
    return Guided(
        clustering,
        asked,
        inferred.rows,
        right=_share(same),
        named=_share(said[rest] == reference[rest]),
        base=_share(reference[rest] == _commonest(reference[asked])),
    )


def _named(groups: Rows, reference: Rows, asked: Rows) -> Rows:
    """The commonest answer in the cluster of each row; in a cluster of which nothing was asked, that of all."""
    said = np.full(len(groups), _commonest(reference[asked]))
    for cluster in np.unique(groups[asked]).tolist():
        own = reference[asked[groups[asked] == cluster]]
        if (own >= 0).any():
            said[groups == cluster] = _commonest(own)
    return said


def _commonest(numbers: Rows) -> int:
    known = numbers[numbers >= 0]
    return int(np.bincount(known).argmax()) if len(known) else -1


def _answers(reference: Rows) -> Verdicts:
    """Yes to the class of each row and no to the others; unknown where nobody knows it."""
    classes = int(reference.max()) + 1
    answers = np.where(reference[:, None] == np.arange(classes), YES, NO)
    return np.where(reference[:, None] < 0, UNKNOWN, answers).astype(np.int8)


def _nothing(values: Floats) -> Known:
    return Known(values, np.full((len(values), 1), UNKNOWN, np.int8), None, None, np.zeros(len(values), np.bool_))


def _share(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return float(flags.mean()) if len(flags) else math.nan
