"""Odd rows first: an isolation forest on the features alone.

Rows that few random cuts part from all others are odd. They are asked in order of oddness, whatever people answer, so
that nothing is learned from one answer for the next question.

References:
    F. T. Liu, K. M. Ting and Z.-H. Zhou, 2008, Isolation forest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import IsolationForest

from cueline.errors import OptionError
from cueline.learning.active.asking import Floats, Known, Rows
from cueline.learning.active.picking import best


@dataclass(frozen=True, slots=True)
class Anomaly:
    """The oddest rows first.

    Attributes:
        trees: In the forest, 1 or more.
        candidates: Rows that are looked at; of more, so many are drawn, and the others come after them.
    """

    name: ClassVar[str] = "anomaly"

    trees: int = 100
    candidates: int = 65_536

    def __post_init__(self) -> None:
        """Refuse a forest without trees, and no rows to look at."""
        if self.trees < 1 or self.candidates < 1:
            raise OptionError(f"trees and candidates must be 1 or more, got {self.trees} and {self.candidates}")

    def study(self, values: Floats, *, seed: int) -> _Oddness:
        """Grow the forest and say how odd each row is."""
        rng = np.random.default_rng(seed)
        some = np.sort(rng.choice(len(values), min(self.candidates, len(values)), replace=False))
        oddness = np.full(len(values), np.nan, np.float32)
        if len(some):
            looked = values[some]
            forest = IsolationForest(n_estimators=self.trees, random_state=int(rng.integers(2**31))).fit(looked)
            oddness[some] = -forest.score_samples(looked)
        return _Oddness(oddness)


@dataclass(frozen=True, slots=True, eq=False)
class _Oddness:
    """How odd each row is, NaN where nobody looked."""

    oddness: npt.NDArray[np.float32]

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The oddest open rows."""
        rows = known.open
        return best(rows, self.oddness[rows], min(count, len(rows)), rng)
