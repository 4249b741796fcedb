"""Drift: whether clips of other media lie where those lay that a model learned from.

Each number of a row is held against the middle (median) and spread (1.35 times narrower than the distance of its
quartiles) of the rows learned from; the distance of a clip is the root of the mean square of these, each cut at
`MOST`, so that one odd column does not speak for all. Of the rows learned from 99 in 100 lie within `limit`; of other
media drawn from the same source about as many do. A model asked about clips from afar may still be right, but nobody
has measured that.

    reference_of   middle, spread and limit, from rows learned from
    drift_of       share of clips beyond the limit, and the columns that moved most
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.models.clip_models import Arrays, ClipModel, checked

Numbers = npt.NDArray[np.float64]
Values = npt.NDArray[np.generic]

MOST = 8.0  # spreads
WITHIN = 0.99
MUCH, ENOUGH = 0.1, 10  # share beyond from which on it is drift, and clips without which nothing is said
NORMAL_QUARTILES = 1.349  # distance of the quartiles of a normal distribution of deviation 1
_LEAST = 1e-6
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Moved:
    """A number that moved.

    Attributes:
        column: Its name.
        spreads: How many spreads the middle of the new clips lies above that of the old ones.
    """

    column: str
    spreads: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How far clips lie from those learned from.

    Attributes:
        clips: How many were looked at.
        beyond: Share of them beyond the limit; NaN of none.
        columns: Those that moved most, the farthest first.
    """

    clips: int
    beyond: float
    columns: tuple[Moved, ...]

    @property
    def much(self) -> bool:
        """Whether it is worth a warning."""
        return self.clips >= ENOUGH and self.beyond > MUCH

    def __str__(self) -> str:
        """One sentence."""
        if not self.clips:
            return "no clip could be looked at"
        moved = ", ".join(f"{one.column} by {one.spreads:+.1f} spreads" for one in self.columns[:3])
        return f"{self.beyond:.0%} of {self.clips} clips lie farther off than 1 in 100 did; moved most: {moved}"


def reference_of(values: Values) -> tuple[dict[str, npt.NDArray[np.float32]], float]:
    """What other rows are held against.

    Args:
        values: Rows learned from, shape (N, D), N 1 or more.

    Returns:
        The arrays "drift.middle" and "drift.spread", shape (D,), and the limit.
    """
    x = values.astype(np.float64)
    low, middle, high = np.quantile(x, [0.25, 0.5, 0.75], axis=0)
    spread = np.maximum((high - low) / NORMAL_QUARTILES, np.maximum(_LEAST, x.std(axis=0) / MOST))
    arrays = {"drift.middle": middle.astype(np.float32), "drift.spread": spread.astype(np.float32)}
    return arrays, float(np.quantile(_distances(x, arrays), WITHIN))


def drift_of(model: ClipModel, values: Values) -> Drift | None:
    """Hold rows against those that a model learned from.

    Args:
        model: The model.
        values: Rows of its inputs, shape (N, D), perhaps none.

    Returns:
        None where the model keeps nothing to hold them against.
    """
    limit = float(model.card.drift.get("limit", math.nan))
    if math.isnan(limit) or "drift.middle" not in model.arrays:
        return None
    x = checked(values, model.card.width).astype(np.float64)
    if not len(x):
        return Drift(0, math.nan, ())
    beyond = float((_distances(x, model.arrays) > limit).mean())
    away = (np.median(x, axis=0) - model.arrays["drift.middle"]) / model.arrays["drift.spread"]
    order = np.argsort(-np.abs(away), kind="stable")[:_TOLD].tolist()
    return Drift(len(x), beyond, tuple(Moved(model.card.columns[place], float(away[place])) for place in order))


def _distances(x: Numbers, arrays: Arrays) -> Numbers:
    away = (x - arrays["drift.middle"]) / arrays["drift.spread"]
    found: Numbers = np.sqrt((away.clip(-MOST, MOST) ** 2).mean(axis=1))
    return found
