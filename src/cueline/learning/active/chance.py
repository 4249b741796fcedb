"""Rows drawn by chance: what every other strategy must beat.

No model is asked, so that the rows are fair: what is measured on them holds for the pool.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.learning.active.asking import Floats, Known, Rows


@dataclass(frozen=True, slots=True)
class Chance:
    """Every open row alike."""

    name: ClassVar[str] = "random"

    def study(self, values: Floats, *, seed: int) -> Chance:  # noqa: ARG002
        """Look at nothing."""
        return self

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """Draw rows."""
        return rng.choice(known.open, min(count, len(known.open)), replace=False)
