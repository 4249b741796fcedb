"""What do people mean together: the majority, and Dawid and Skene's estimate that learns whom to believe.

Votes about one class are whole numbers, shape (I, P): 1 for yes, 0 for no, below 0 for no judgement
(`cueline.timeline.votes`). What comes back is the chance of yes of every item.

    majority                the share of yes; a tie is 0.5
    dawid_skene             each person has a sensitivity and a specificity, found together with the truth
    dawid_skene_categories  the same of K categories, each person with a confusion matrix

Dawid-Skene takes turns: what people said, weighed by how far each can be believed, gives the chances; the chances give
how far each can be believed. It begins with the shares of votes, and ends when no chance moves by more than 1e-6, or
after 1,000 turns, which `converged` tells. Before anything is counted each person has, for each category, 4 judgements
that are right and 1 that is wrong, and each category has one item: nobody is taken for perfect, or for a liar, after a
few answers, and yes keeps meaning yes. What is found is thus a most likely value a posteriori, not a plain maximum of
likelihood.

Too little to learn from: where no item has two judgements nothing can be known about people. The chances are then
those of the majority, and the rest is NaN. With two people it rests on what is assumed beforehand more than on what
they said; from three on it can tell who errs. A person without a judgement has NaN, an item without one has chance NaN.
Where all say the same, the chances are near it and never reach it.

References:
    A. P. Dawid and A. M. Skene, 1979, Maximum likelihood estimation of observer error-rates using the EM algorithm.
    V. C. Raykar et al., 2010, Learning from crowds: beta priors on sensitivity and specificity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.agreement import Ratings, as_ratings, counted

Floats = npt.NDArray[np.float64]
Method = Literal["majority", "dawid-skene"]

RIGHT, WRONG = 4.0, 1.0  # judgements that each person is given beforehand, for each category
TOLERANCE = 1e-6
MOST_TURNS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """What P people mean of one class in I items.

    Attributes:
        method: How it was found.
        chance: Of yes, in [0, 1], shape (I,); NaN where nobody judged.
        sensitivity: How often each person says yes where yes is right, shape (P,); NaN where nothing can be known.
        specificity: How often each says no where no is right, shape (P,); likewise.
        base: Share of items that have the class; NaN where nothing was judged.
        turns: Of the estimate; 0 where it took none.
        converged: Whether the last turn moved nothing any more.
    """

    method: Method
    chance: Floats
    sensitivity: Floats
    specificity: Floats
    base: float
    turns: int = 0
    converged: bool = True

    def __post_init__(self) -> None:
        """Refuse chances that are none, and people of two counts."""
        for what in ("chance", "sensitivity", "specificity"):
            values = getattr(self, what)
            if values.ndim != 1 or ((values < 0) | (values > 1)).any():
                raise TimelineError(f"{what} must lie in [0, 1], shape (N,), got shape {values.shape}")
        if self.sensitivity.shape != self.specificity.shape:
            people = f"{len(self.sensitivity)} and {len(self.specificity)}"
            raise TimelineError(f"sensitivity and specificity must be of the same people, got {people}")

    def __repr__(self) -> str:
        """Sizes, not contents."""
        ended = "" if self.converged else ", not converged"
        return f"Consensus({self.method}, {len(self.chance)} items, {len(self.sensitivity)} people{ended})"


@dataclass(frozen=True, slots=True, eq=False)
class CategoryConsensus:
    """What P people mean of I items where one of K categories is right.

    Attributes:
        chances: Of each category, rows sum up to 1, shape (I, K); NaN where nobody judged.
        confusion: What each person says (last axis) where a category is right, rows sum up to 1, shape (P, K, K); NaN
            where nothing can be known.
        base: Share of each category, shape (K,); NaN where nothing was judged.
        turns: Of the estimate; 0 where it took none.
        converged: Whether the last turn moved nothing any more.
    """

    chances: Floats
    confusion: Floats
    base: Floats
    turns: int = 0
    converged: bool = True

    def __repr__(self) -> str:
        """Sizes, not contents."""
        ended = "" if self.converged else ", not converged"
        items, categories = self.chances.shape
        return f"CategoryConsensus({items} items, {categories} categories, {len(self.confusion)} people{ended})"


def majority(votes: npt.ArrayLike) -> Consensus:
    """The share of yes among the judgements of each item.

    Args:
        votes: 1, 0, or below 0 for no judgement, shape (I, P).

    Returns:
        Chances; nothing about people.

    Raises:
        TimelineError: If the table has another shape, or holds other numbers.

    Example:
        >>> majority([[1, 1, 0], [1, 0, -1], [-1, -1, -1]]).chance.round(3).tolist()
        [0.667, 0.5, nan]
    """
    table = _checked(votes, 2)
    shares = _shares(table, 2)
    chance = shares[:, 1]
    unknown = np.full(table.shape[1], np.nan)
    known = chance[~np.isnan(chance)]
    return Consensus("majority", chance, unknown, unknown, float(known.mean()) if known.size else math.nan)


def dawid_skene(votes: npt.ArrayLike, *, most_turns: int = MOST_TURNS) -> Consensus:
    """The chance of yes of each item, and how far each person can be believed.

    Args:
        votes: 1, 0, or below 0 for no judgement, shape (I, P).
        most_turns: 1 or more.

    Returns:
        Chances, sensitivity and specificity.

    Raises:
        TimelineError: If the table has another shape, holds other numbers, or there is no turn.

    Example:
        >>> ann, bob, spam = [1, 1, 0, 0, 0, 0, 0, 1] * 5, [1, 1, 0, 0, 0, 0, 0, 1] * 5, [1, 0, 1, 0, 1, 0, 1, 0] * 5
        >>> found = dawid_skene(np.column_stack((ann, bob, spam)))
        >>> found.sensitivity.round(1).tolist(), (found.chance[:3] > 0.5).tolist()
        ([0.9, 0.9, 0.5], [True, True, False])
    """
    found = dawid_skene_categories(votes, categories=2, most_turns=most_turns)
    return Consensus(
        "dawid-skene",
        found.chances[:, 1],
        found.confusion[:, 1, 1],
        found.confusion[:, 0, 0],
        float(found.base[1]),
        found.turns,
        found.converged,
    )


def dawid_skene_categories(
    ratings: npt.ArrayLike, *, categories: int, most_turns: int = MOST_TURNS
) -> CategoryConsensus:
    """The chances of K categories of each item, and what each person takes for what.

    Args:
        ratings: Numbers of categories from 0 to K - 1, or below 0 for no judgement, shape (I, P).
        categories: K, 2 or more.
        most_turns: 1 or more.

    Raises:
        TimelineError: If the table has another shape, holds other numbers, or there is no turn.
    """
    if categories < 2 or most_turns < 1:
        raise TimelineError(f"there must be 2 categories and 1 turn or more, got {categories} and {most_turns}")
    table = _checked(ratings, categories)
    judgements = np.count_nonzero(table >= 0, axis=1)
    chances = _shares(table, categories)
    judged = judgements > 0
    if not (judgements > 1).any():
        unknown = np.full((table.shape[1], categories, categories), np.nan)
        base = chances[judged].mean(axis=0) if judged.any() else np.full(categories, np.nan)
        return CategoryConsensus(chances, unknown, base)
    # Items of which the same people said the same share their fate: a hundred thousand items are a few hundred kinds.
    kinds, first, kind, weights = np.unique(
        table[judged], axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    said = (kinds[:, :, None] == np.arange(categories)).astype(np.float64).reshape(len(kinds), -1)
    found = _turns(said, weights.astype(np.float64), chances[judged][first], most_turns)
    chances[judged] = found.chances[kind]
    found.confusion[~(table >= 0).any(axis=0)] = np.nan
    return CategoryConsensus(chances, found.confusion, found.base, found.turns, found.converged)


class _Found(NamedTuple):
    chances: Floats
    confusion: Floats
    base: Floats
    turns: int
    converged: bool


def _turns(said: Floats, weights: Floats, chances: Floats, most: int) -> _Found:
    """Take turns over kinds of items: `said` are flags, shape (U, P K); chances to begin with, shape (U, K)."""
    count = chances.shape[1]
    before = np.full((count, count), WRONG / (count - 1))
    np.fill_diagonal(before, RIGHT)
    moved, turn = math.inf, 0
    while moved > TOLERANCE and turn < most:
        weighed = chances * weights[:, None]
        confusion = (weighed.T @ said).reshape(count, -1, count) + before[:, None, :]
        confusion /= confusion.sum(axis=2, keepdims=True)
        base = (weighed.sum(axis=0) + 1) / (weights.sum() + count)
        logs = np.log(base) + said @ np.log(confusion).reshape(count, -1).T
        latest = np.exp(logs - logs.max(axis=1, keepdims=True))
        latest /= latest.sum(axis=1, keepdims=True)
        moved, turn, chances = float(np.abs(latest - chances).max()), turn + 1, latest
    return _Found(chances, confusion.swapaxes(0, 1).copy(), base, turn, moved <= TOLERANCE)


def _shares(table: Ratings, categories: int) -> Floats:
    """Share of each category among the judgements of each item, shape (I, K); NaN where there are none."""
    counts = np.zeros((len(table), categories))
    found, names = counted(table)
    counts[:, names] = found
    each = counts.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(counts, each, out=np.full(counts.shape, np.nan), where=each > 0)
    return shares


def _checked(ratings: npt.ArrayLike, categories: int) -> Ratings:
    table = as_ratings(ratings)
    strange = np.argwhere(table >= categories)
    if len(strange):
        row, column = strange[0].tolist()
        raise TimelineError(
            f"judgements must be below {categories}, got {table[row, column]} in row {row}, column {column}"
        )
    return table
