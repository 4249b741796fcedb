"""What a strategy is: given what is known so far, which rows should people answer next?

A `Strategy` is its options. It looks at the features of a pool once and without any label (`study`); what comes back is
asked again and again, each time with all answers so far (`choose`). It keeps nothing of what it was told: the same
answers and the same draw give the same rows, so that a run can be ended and gone on with, and one study serves many
classes.

    Known       the pool: its features, the answers so far, what a model makes of them
    Strategy    options -> Asker, from features alone
    Asker       Known -> the next rows
    Infers      an Asker that also tells answers which follow from others without being asked
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError

Floats = npt.NDArray[np.float32]
Verdicts = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]

YES, NO, UNKNOWN = 1, 0, -1


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A pool of rows of which some are answered.

    One question about a row is answered for all C classes together; a single class is C = 1.

    Attributes:
        values: Features, prepared, finite, shape (N, D).
        answers: YES, NO or UNKNOWN, shape (N, C).
        chances: What the model fitted on the answers makes of every row, in [0, 1], shape (N, C); None until there is
            a yes and a no of some class.
        prior: What text or another model says beforehand, any scale, more is likelier, shape (N, C); None if nothing.
        seen: Rows put to people already, True also where they could not say, shape (N,).
    """

    values: Floats
    answers: Verdicts
    chances: Floats | None
    prior: Floats | None
    seen: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Refuse arrays that are not about the same rows and classes."""
        rows = len(self.values)
        if self.answers.ndim != 2 or len(self.answers) != rows or self.seen.shape != (rows,):
            raise TimelineError(
                f"answers (N, C) and seen (N,) must be about the {rows} rows of features, got {self.answers.shape} and "
                f"{self.seen.shape}"
            )
        for what, scores in (("chances", self.chances), ("prior", self.prior)):
            if scores is not None and scores.shape != self.answers.shape:
                raise TimelineError(
                    f"{what} must have the shape of the answers, {self.answers.shape}, got {scores.shape}"
                )

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Known({np.count_nonzero(self.seen)} of {len(self.seen)} rows seen, {self.answers.shape[1]} classes)"

    @property
    def open(self) -> Rows:
        """Rows that nobody was asked about, rising."""
        return np.flatnonzero(~self.seen)

    def starved(self) -> npt.NDArray[np.bool_]:
        """Classes of which a yes or a no is wanting, so that no model can be fitted, shape (C,)."""
        starved: npt.NDArray[np.bool_] = ~((self.answers == YES).any(axis=0) & (self.answers == NO).any(axis=0))
        return starved


class Asker(Protocol):
    """A strategy that has looked at a pool."""

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The next rows to ask about, the most wanted first.

        Args:
            known: What is known; its values are those that were studied.
            count: How many, 1 or more.
            rng: Decides draws and ties.

        Returns:
            Open rows, each once, `count` of them or all that are left.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """Answers that follow from others.

    Attributes:
        rows: Rows that were not asked about, rising, shape (I,).
        answers: YES or NO (UNKNOWN where nothing follows), shape (I, C).
        trust: How likely each row's answers are right, in (0, 1], shape (I,).
    """

    rows: Rows
    answers: Verdicts
    trust: Floats

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Inferred({len(self.rows)} rows)"

    def weights(self, places: Rows, *, asked: int) -> Floats:
        """How much rows weigh when a model learns from them beside those that were asked, which weigh 1.

        Thousands would drown the few that people looked at, errors and all; so they weigh their trust, and together no
        more than the asked ones.

        Args:
            places: In `rows`, of those that teach.
            asked: How many rows were answered.

        Returns:
            In [0, 1], shape of the places.

        Example:
            >>> found = Inferred(np.arange(4), np.ones((4, 1), np.int8), np.full(4, 0.5, np.float32))
            >>> found.weights(np.arange(4), asked=2).tolist()
            [0.25, 0.25, 0.25, 0.25]
        """
        trust = self.trust[places]
        weights: Floats = trust * np.float32(min(1.0, asked / max(trust.size, 1)))
        return weights


@runtime_checkable
class Infers(Protocol):
    """An asker whose answers are about more rows than were asked."""

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """As `Asker.choose`."""
        ...

    def inferred(self, known: Known) -> Inferred:
        """What follows from the answers so far."""
        ...


class Strategy(Protocol):
    """A way to choose what to ask; a frozen dataclass whose fields are its options."""

    name: ClassVar[str]

    def study(self, values: Floats, *, seed: int) -> Asker:
        """Look at the features of a pool, shape (N, D), once."""
        ...
