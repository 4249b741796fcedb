"""Batches of unsure rows that are unlike one another: clusters weighed by uncertainty.

Ten rows that ask the same thing tell as much as one. Of the most unsure rows, several times as many as are wanted, as
many clusters are made as rows are wanted, each row weighed by how unsure it is, and the row nearest to the middle of
each cluster is asked.

References:
    F. Zhdanov, 2019, Diverse mini-batch active learning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.errors import OptionError
from cueline.learning.active.asking import Floats, Known, Rows
from cueline.learning.active.picking import best, middles, picked
from cueline.learning.active.uncertainty import uncertainty

LEAST_WEIGHT = 1e-3  # so that sure rows, which may be all that are left, make clusters too


@dataclass(frozen=True, slots=True)
class Batches:
    """Unsure rows that are unlike one another.

    Attributes:
        times: How many times as many unsure rows are looked at as are wanted, 1 or more; 1 is uncertainty alone.
    """

    name: ClassVar[str] = "batches"

    times: int = 10

    def __post_init__(self) -> None:
        """Refuse to look at fewer rows than are wanted."""
        if self.times < 1:
            raise OptionError(f"times must be 1 or more, got {self.times}")

    def study(self, values: Floats, *, seed: int) -> Batches:  # noqa: ARG002
        """Look at nothing beforehand."""
        return self

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The middles of clusters of unsure rows, the least sure first."""

        def own(rows: Rows, chances: Floats, mine: int) -> Rows:
            unsure = uncertainty(chances[rows])
            some = best(np.arange(len(rows)), unsure, self.times * mine, rng)
            weights = np.maximum(unsure[some], LEAST_WEIGHT)
            middle = some[middles(known.values[rows[some]], mine, rng, weights=weights)]
            return best(rows[middle], unsure[middle], mine, rng)

        return picked(known, count, rng, own)
