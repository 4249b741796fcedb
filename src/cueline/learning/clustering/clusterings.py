"""What a clustering is: the cluster of each row, what was tried on the way to it, and how well it holds together.

Clusters are numbered from 0, the largest first; rows of no cluster, outsiders, have -1. Silhouette says for each row
how much nearer its own cluster is than the next one: 1 is far apart, 0 between two, below 0 nearer to another. It
compares each row with all others, so it is measured on a seeded draw of rows where there are many.

References:
    P. J. Rousseeuw, 1987, Silhouettes: a graphical aid to the interpretation and validation of cluster analysis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.metrics import silhouette_samples

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

OUTSIDE = -1
SILHOUETTE_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One setting that was tried.

    Attributes:
        setting: Option to value, such as {"k": 4}.
        clusters: How many it gives, outsiders not counted.
        outside: Share of rows of no cluster, in [0, 1].
        silhouette: Mean over rows in clusters; NaN with fewer than two clusters, or where each row is one.
    """

    setting: Mapping[str, float]
    clusters: int
    outside: float
    silhouette: float

    @property
    def worth(self) -> float:
        """Silhouette, outsiders counting 0: what settings are compared by."""
        return self.silhouette * (1 - self.outside)


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """Rows in clusters.

    Attributes:
        method: What made them.
        groups: Cluster of each row, from 0, the largest first; -1 for outsiders; shape (N,).
        tried: Settings that were tried, in order.
        chosen: Which of them holds; -1 where nothing was tried.
        notes: What one must know, in sentences.
        curves: For a picture: values by name, such as the distances of neighbours.
        joins: How clusters were joined, as scipy numbers it, shape (L - 1, 4); empty where it is no tree.
        height: Where the tree is cut; NaN where it is not.
    """

    method: str
    groups: Rows
    tried: Sequence[Trial] = ()
    chosen: int = -1
    notes: tuple[str, ...] = ()
    curves: Mapping[str, Numbers] = field(default_factory=dict)
    joins: Numbers = field(default_factory=lambda: np.empty((0, 4)))
    height: float = math.nan

    @property
    def count(self) -> int:
        """How many clusters there are, outsiders not counted."""
        return int(self.groups.max(initial=-1)) + 1

    @property
    def sizes(self) -> Rows:
        """Rows of each cluster, never rising, shape (count,)."""
        return np.bincount(self.groups[self.groups >= 0], minlength=self.count).astype(np.int64)

    @property
    def outside(self) -> int:
        """How many rows belong to no cluster."""
        return int(np.count_nonzero(self.groups < 0))

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Clustering({self.method}, {len(self.groups)} rows, {self.count} clusters, {self.outside} outside)"


def by_size(groups: npt.NDArray[np.integer]) -> Rows:
    """Number clusters anew, the largest first, of equal ones the one whose first row comes first.

    Example:
        >>> by_size(np.array([4, 7, -1, 7])).tolist()
        [1, 0, -1, 0]
    """
    names, first, counts = np.unique(groups, return_index=True, return_counts=True)
    inside = names >= 0
    order = np.lexsort((first[inside], -counts[inside]))
    number = np.full(len(names), OUTSIDE, np.int64)
    number[np.flatnonzero(inside)[order]] = np.arange(len(order))
    return np.asarray(number[np.searchsorted(names, groups)], np.int64)


def silhouettes(values: Floats, groups: Rows, *, seed: int = 0) -> Numbers:
    """Silhouette of each row in a cluster.

    Args:
        values: Shape (N, K).
        groups: Cluster of each row; -1 for outsiders, which take no part.
        seed: Of the draw, where there are more than 5,000 rows in clusters.

    Returns:
        In [-1, 1], shape (N,); NaN for outsiders, for rows that were not drawn, and everywhere if there are fewer than
        two clusters, or as many as rows.
    """
    found = np.full(len(groups), np.nan)
    rows = np.flatnonzero(groups >= 0)
    if len(rows) > SILHOUETTE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, SILHOUETTE_ROWS, replace=False))
    if 1 < len(np.unique(groups[rows])) < len(rows):
        found[rows] = silhouette_samples(values[rows], groups[rows])
    return found


def silhouette(values: Floats, groups: Rows, *, seed: int = 0) -> float:
    """Mean of `silhouettes`; NaN where there is none."""
    found = silhouettes(values, groups, seed=seed)
    known = found[~np.isnan(found)]
    return float(known.mean()) if len(known) else math.nan


def trial(values: Floats, groups: Rows, setting: Mapping[str, float], *, seed: int = 0) -> Trial:
    """Judge the clusters that one setting gives."""
    clusters = len(np.unique(groups[groups >= 0]))
    outside = float(np.mean(groups < 0))
    return Trial(dict(setting), clusters, outside, silhouette(values, groups, seed=seed))


def best(tried: Sequence[Trial]) -> int:
    """The trial with the greatest worth, the first of several; -1 where none has two clusters."""
    known = [(each.worth, -place) for place, each in enumerate(tried) if not math.isnan(each.silhouette)]
    return -max(known)[1] if known else -1


def typical(values: Floats, groups: Rows, cluster: int, *, count: int) -> Rows:
    """The rows of a cluster that lie nearest to its middle, the nearest first.

    Example:
        >>> typical(np.array([[0.0], [1.0], [5.0]], np.float32), np.zeros(3, np.int64), 0, count=2).tolist()
        [1, 0]
    """
    rows = np.flatnonzero(groups == cluster)
    far = ((values[rows] - values[rows].mean(axis=0)) ** 2).sum(axis=1)
    return np.asarray(rows[np.argsort(far, kind="stable")[:count]], np.int64)
