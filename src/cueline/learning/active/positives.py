"""Positives first, for rare classes: ask what is likeliest until enough of each class was found.

Of a class that one row in a thousand has, the unsure rows are nearly all "no", and a model that saw two positives does
not know what it is unsure about. The likeliest rows bring the positives there are, and the "no" that look most like
them. A share of each query is unsure rows, so that kinds of the class that the model does not know are met. Once a
class has enough positives, its unsure rows are asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.errors import OptionError
from cueline.learning.active.asking import YES, Floats, Known, Rows
from cueline.learning.active.picking import best, in_turn, picked
from cueline.learning.active.uncertainty import uncertainty


@dataclass(frozen=True, slots=True)
class Positives:
    """The likeliest rows of each class that has few positives, then unsure ones.

    Attributes:
        enough: Positives of a class, from which on unsure rows are asked, 1 or more.
        unsure: Share of each query that is unsure rows before that, in [0, 1].
    """

    name: ClassVar[str] = "positives"

    enough: int = 30
    unsure: float = 0.2

    def __post_init__(self) -> None:
        """Refuse shares beyond 0 and 1, and to be content with nothing."""
        if self.enough < 1 or not 0 <= self.unsure <= 1:
            raise OptionError(f"enough must be 1 or more and unsure in [0, 1], got {self.enough} and {self.unsure}")

    def study(self, values: Floats, *, seed: int) -> Positives:  # noqa: ARG002
        """Look at nothing beforehand."""
        return self

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The likeliest rows of wanting classes in turn, and the least sure ones."""
        wanting = (known.answers == YES).sum(axis=0) < self.enough
        fitted = ~known.starved()

        def own(rows: Rows, chances: Floats, mine: int) -> Rows:
            rare = chances[:, wanting[fitted]]
            likely = round(mine * (1 - self.unsure)) if rare.shape[1] else 0
            orders = [best(rows, column[rows], likely, rng) for column in rare.T] if likely else []
            found = in_turn(orders, likely)
            rest = rows[~np.isin(rows, found)]
            return np.concatenate((found, best(rest, uncertainty(chances[rest]), mine - len(found), rng)))

        return picked(known, count, rng, own)
