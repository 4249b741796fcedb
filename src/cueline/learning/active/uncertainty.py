"""Where the model is least sure: least confident, smallest margin, greatest entropy.

With p the chance of a class, a row is asked first whose chance of being wrong, min(p, 1 - p), is greatest; whose two
answers lie closest, |2p - 1| least; whose entropy is greatest. For one class the three rank alike. For several they
differ: each is the mean over the classes that have a model; where a row has exactly one class (`exclusive`), chances
are made to sum to 1, and the best class, the best two, or all of them count.

References:
    D. Lewis and W. Gale, 1994, A sequential algorithm for training text classifiers.
    T. Scheffer, C. Decomain and S. Wrobel, 2001, Active hidden Markov models: margins.
    B. Settles, 2009, Active learning literature survey, 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from cueline.learning.active.asking import Floats, Known, Rows
from cueline.learning.active.picking import best, picked

Kind = Literal["least_confident", "margin", "entropy"]
LEAST = 1e-12
BLOCK_ROWS = 65_536


def uncertainty(chances: Floats, *, kind: Kind = "margin", exclusive: bool = False) -> npt.NDArray[np.float32]:
    """How unsure a model is of each row.

    Args:
        chances: In [0, 1], shape (N, C).
        kind: Which of the three.
        exclusive: Whether a row has exactly one of the classes.

    Returns:
        Shape (N,): 0 where it is sure; at most 1, or log C for the entropy of exclusive classes.

    Example:
        >>> uncertainty(np.array([[0.5], [0.75], [1.0]], np.float32)).tolist()
        [1.0, 0.5, 0.0]
    """
    found = np.empty(len(chances), np.float32)
    for first in range(0, len(chances), BLOCK_ROWS):
        block = chances[first : first + BLOCK_ROWS]
        found[first : first + BLOCK_ROWS] = (
            _of_one(block, kind) if exclusive and block.shape[1] > 1 else _of_each(block, kind)
        )
    return found


def _of_each(chances: Floats, kind: Kind) -> npt.NDArray[np.floating]:
    if kind == "margin":
        return np.asarray((1 - np.abs(2 * chances - 1)).mean(axis=1))
    if kind == "least_confident":
        return np.asarray((2 * np.minimum(chances, 1 - chances)).mean(axis=1))
    p = np.clip(chances, LEAST, 1 - LEAST, dtype=np.float64)
    bits: npt.NDArray[np.floating] = (-(p * np.log2(p) + (1 - p) * np.log2(1 - p))).mean(axis=1)
    return bits


def _of_one(chances: Floats, kind: Kind) -> npt.NDArray[np.floating]:
    p = np.maximum(chances, LEAST)
    p = p / p.sum(axis=1, keepdims=True)
    if kind == "entropy":
        return np.asarray(-(p * np.log(p)).sum(axis=1))
    top = np.partition(p, -2, axis=1)[:, -2:]
    return 1 - top[:, 1] if kind == "least_confident" else 1 - (top[:, 1] - top[:, 0])


@dataclass(frozen=True, slots=True)
class _Uncertain:
    """Rows by uncertainty.

    Attributes:
        exclusive: Whether a row has exactly one of the classes.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind]

    exclusive: bool = False

    def study(self, values: Floats, *, seed: int) -> _Uncertain:  # noqa: ARG002
        """Look at nothing."""
        return self

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The least sure rows."""

        def own(rows: Rows, chances: Floats, mine: int) -> Rows:
            return best(rows, uncertainty(chances[rows], kind=self.kind, exclusive=self.exclusive), mine, rng)

        return picked(known, count, rng, own)


@dataclass(frozen=True, slots=True)
class LeastConfident(_Uncertain):
    """The best answer is least likely."""

    name: ClassVar[str] = "least_confident"
    kind: ClassVar[Kind] = "least_confident"


@dataclass(frozen=True, slots=True)
class Margin(_Uncertain):
    """The best two answers lie closest."""

    name: ClassVar[str] = "margin"
    kind: ClassVar[Kind] = "margin"


@dataclass(frozen=True, slots=True)
class Entropy(_Uncertain):
    """The answer tells most."""

    name: ClassVar[str] = "entropy"
    kind: ClassVar[Kind] = "entropy"
