"""Where a committee disagrees: models that each weigh the answers otherwise.

Every member learns from all answers, each weighed by a draw from an exponential distribution: the Bayesian bootstrap,
in which a rare positive is never left out altogether. Each votes yes or no; the entropy of the votes is greatest where
they are split, and of rows with the same votes those come first whose mean chance is least sure. How far the members'
chances lie apart would be another measure; with few answers it is greatest beside what was answered, where chances move
most, and asks for more of the same.

References:
    H. Seung, M. Opper and H. Sompolinsky, 1992, Query by committee.
    I. Dagan and S. Engelson, 1995, Committee-based sampling for training probabilistic classifiers: vote entropy.
    D. Rubin, 1981, The Bayesian bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.errors import OptionError
from cueline.learning.active.asking import UNKNOWN, Floats, Known, Rows
from cueline.learning.active.few import fit_few
from cueline.learning.active.picking import best, picked

LEAST, BLOCK_ROWS = np.float32(1e-6), 4096
HALF, SURENESS = np.float32(0.5), np.float32(1e-3)


@dataclass(frozen=True, slots=True)
class Committee:
    """Rows on which members disagree.

    Attributes:
        members: Models in the committee, 2 or more.
        candidates: Open rows that are looked at in one query; of more, so many are drawn.
    """

    name: ClassVar[str] = "committee"

    members: int = 8
    candidates: int = 262_144

    def __post_init__(self) -> None:
        """Refuse a committee of one, and no rows to look at."""
        if self.members < 2:
            raise OptionError(f"a committee needs 2 members or more, got {self.members}")
        if self.candidates < 1:
            raise OptionError(f"candidates must be 1 or more, got {self.candidates}")

    def study(self, values: Floats, *, seed: int) -> Committee:  # noqa: ARG002
        """Look at nothing beforehand."""
        return self

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The rows with the greatest disagreement, in the mean over classes."""

        def own(rows: Rows, chances: Floats, mine: int) -> Rows:  # noqa: ARG001
            most = max(self.candidates, mine)
            some = rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))
            return best(some, disagreement(known, some, self.members, rng), mine, rng)

        return picked(known, count, rng, own)


def disagreement(known: Known, rows: Rows, members: int, rng: np.random.Generator) -> Floats:
    """How far the members of a committee lie apart.

    All members are fitted together, each as a class of its own, and the features are read once.

    Args:
        known: What is known, with a yes and a no of some class.
        rows: Those to look at, shape (M,).
        members: How many, 2 or more.
        rng: Draws the weights of answers.

    Returns:
        Bits of the votes and a thousandth of those of the mean chance, the mean over the classes that can be fitted,
        shape (M,).
    """
    answers = known.answers[:, ~known.starved()]
    answered = np.flatnonzero((answers != UNKNOWN).any(axis=1))
    classes = answers.shape[1]
    weights = rng.exponential(size=(len(answered), members)).repeat(classes, axis=1)
    models = fit_few(known.values[answered], np.tile(answers[answered], members), weights=weights)
    together = np.tile(np.eye(classes, dtype=np.float32), (members, 1)) / np.float32(members)
    apart = np.empty(len(rows), np.float32)
    for first in range(0, len(apart), BLOCK_ROWS):
        said = models.chances(known.values[rows[first : first + BLOCK_ROWS]])
        votes = (said > HALF).astype(np.float32)
        split = _entropy(votes @ together) + SURENESS * _entropy(said @ together)
        apart[first : first + BLOCK_ROWS] = split.mean(axis=1)
    return apart


def _entropy(chances: Floats) -> Floats:
    p = np.clip(chances, LEAST, 1 - LEAST)
    rest = 1 - p
    bits: Floats = p * np.log(p)  # a table a step: a pool of a million rows takes these steps for each member
    bits += rest * np.log(rest)
    bits *= np.float32(-1 / np.log(2))
    return bits
