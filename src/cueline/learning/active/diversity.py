"""Rows unlike those asked before, and unsure rows that are like many others.

`KCentre` asks the row that lies farthest from all rows asked so far, then the next farthest: the pool is covered by
balls as small as can be had cheaply. `Density` weighs how unsure the model is by how alike a row is to the pool, so
that no answer is spent on an oddity. For rows of length 1 the mean of the inner products with all rows is the inner
product with their mean, so it is exact and costs one pass.

References:
    O. Sener and S. Savarese, 2018, Active learning for convolutional neural networks: a core-set approach.
    B. Settles and M. Craven, 2008, An analysis of active learning strategies for sequence labeling tasks: information
    density.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError
from cueline.learning.active.asking import Floats, Known, Rows
from cueline.learning.active.picking import best, picked
from cueline.learning.active.uncertainty import uncertainty

BLOCK_ROWS, BLOCK_CENTRES = 16_384, 1024


@dataclass(frozen=True, slots=True)
class KCentre:
    """The row farthest from all that were asked, again and again; no model is asked.

    Attributes:
        candidates: Open rows that are looked at in one query; of more, so many are drawn.
    """

    name: ClassVar[str] = "k_centre"

    candidates: int = 32_768

    def __post_init__(self) -> None:
        """Refuse no rows to look at."""
        if self.candidates < 1:
            raise OptionError(f"candidates must be 1 or more, got {self.candidates}")

    def study(self, values: Floats, *, seed: int) -> KCentre:  # noqa: ARG002
        """Look at nothing beforehand."""
        return self

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The farthest rows, one after the other."""
        rows = rng.permutation(known.open)[: max(self.candidates, count)]
        values = known.values[rows]
        lengths = np.square(values).sum(axis=1)
        far = _farness(values, lengths, known.values[known.seen])
        found: list[int] = []
        for _ in range(min(count, len(rows))):
            place = int(np.argmax(far))  # the first, drawn, where nothing was asked yet
            found.append(place)
            far = np.minimum(far, lengths + lengths[place] - 2 * (values @ values[place]))
            far[found] = -np.inf
        chosen: Rows = rows[found]
        return chosen


def _farness(values: Floats, lengths: Floats, centres: Floats) -> npt.NDArray[np.float32]:
    """Squared distance of each row, of such squared lengths, to the nearest centre; endless where there is none."""
    far = np.full(len(values), np.inf, np.float32)
    for first in range(0, len(centres), BLOCK_CENTRES):
        block = centres[first : first + BLOCK_CENTRES]
        for start in range(0, len(values), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            square = lengths[rows, None] + np.square(block).sum(axis=1) - 2 * (values[rows] @ block.T)
            far[rows] = np.minimum(far[rows], square.min(axis=1))
    return far


@dataclass(frozen=True, slots=True)
class Density:
    """Unsure rows that are like many others.

    Attributes:
        weight: Power of the likeness, 0 or more; 0 is uncertainty alone.
    """

    name: ClassVar[str] = "density"

    weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse a weight below 0."""
        if not 0 <= self.weight < np.inf:
            raise OptionError(f"the weight of density must be 0 or more and finite, got {self.weight}")

    def study(self, values: Floats, *, seed: int) -> _Dense:  # noqa: ARG002
        """How alike each row is to the pool."""
        return _Dense(likeness_to_all(values) ** np.float32(self.weight))


@dataclass(frozen=True, slots=True, eq=False)
class _Dense:
    """How much the likeness of each row weighs."""

    likeness: npt.NDArray[np.float32]

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The rows with the greatest product."""

        def own(rows: Rows, chances: Floats, mine: int) -> Rows:
            return best(rows, uncertainty(chances[rows]) * self.likeness[rows], mine, rng)

        return picked(known, count, rng, own)


def likeness_to_all(values: Floats) -> npt.NDArray[np.float32]:
    """Mean cosine of each row with all rows, brought to [0, 1]: (1 + cosine) / 2.

    Args:
        values: Shape (N, D); a row of zeros is like none, 1 / 2.

    Example:
        >>> likeness_to_all(np.array([[1, 0], [-1, 0]], np.float32)).tolist()
        [0.5, 0.5]
    """
    if not len(values):
        return np.empty(0, np.float32)
    total = np.zeros(values.shape[1])
    lengths = np.empty(len(values), np.float32)
    for first in range(0, len(values), BLOCK_ROWS):
        block = values[first : first + BLOCK_ROWS]
        lengths[first : first + BLOCK_ROWS] = np.maximum(np.linalg.norm(block, axis=1), 1e-12)
        total += (block / lengths[first : first + BLOCK_ROWS, None]).sum(axis=0, dtype=np.float64)
    cosine = (values @ (total / len(values)).astype(np.float32)) / lengths
    alike: npt.NDArray[np.float32] = np.clip((1 + cosine) / 2, 0, 1)
    return alike
