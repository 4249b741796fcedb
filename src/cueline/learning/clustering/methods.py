"""All ways to cluster, by name, with one set of options."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np

from cueline.errors import OptionError, near_miss
from cueline.learning.clustering.clusterings import Clustering, Floats
from cueline.learning.clustering.components import must_be_kept
from cueline.learning.clustering.density import SAMPLES, SIZES, dbscan, hdbscan
from cueline.learning.clustering.linkages import Linkage, linked
from cueline.learning.clustering.means import k_means
from cueline.learning.clustering.scaling import Scale, must_be_scale

Method = Literal[
    "kmeans", "dbscan", "hdbscan", "ward", "average", "complete", "single", "weighted", "centroid", "median", "guided"
]
METHODS: tuple[str, ...] = get_args(Method)


@dataclass(frozen=True, slots=True)
class How:
    """How clips are clustered.

    Attributes:
        method: One of `METHODS`.
        numbers: Numbers of clusters that are tried, of kmeans and of trees.
        eps: Distances that DBSCAN tries; from the clips themselves where none is given.
        samples: What DBSCAN and HDBSCAN try for the fewest rows; their own where none is given.
        keep: Of principal components: a share of the variance below 1, or a number; 0 for all columns as they are.
        height: Where trees are cut; NaN to cut by number.
        scale: How columns are scaled.
        ask: Clips that guided labelling asks for.
        seed: Of every draw.
    """

    method: str = "kmeans"
    numbers: tuple[int, ...] = tuple(range(2, 13))
    eps: tuple[float, ...] = ()
    samples: tuple[int, ...] = ()
    keep: float = 0.95
    height: float = math.nan
    scale: Scale = "standard"
    ask: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a method, scale or cut-off that there is not, and options that another method has."""
        if self.method not in METHODS:
            hint = near_miss(self.method, METHODS)
            raise OptionError(f"a method is one of {', '.join(METHODS)}, got {self.method!r}.{hint}")
        must_be_scale(self.scale)
        if self.keep:
            must_be_kept(self.keep)
        dense = self.method in ("dbscan", "hdbscan")
        tree = self.method in get_args(Linkage) or self.method == "guided"
        wrong = {
            "--eps": bool(self.eps) and self.method != "dbscan",
            "--min-samples": bool(self.samples) and not dense,
            "a height": not math.isnan(self.height) and not tree,
        }
        for name in (name for name, is_wrong in wrong.items() if is_wrong):
            raise OptionError(f"{name} means nothing to the method {self.method!r}. Leave it out.")
        if self.ask < 1:
            raise OptionError(f"labelling by groups asks for 1 clip or more, got {self.ask}")


def cluster(values: Floats, how: How) -> Clustering:
    """Cluster rows in any way but by guided labelling, which `guiding.guided` does.

    Args:
        values: Finite, scaled, shape (N, K).
        how: In which way.

    Returns:
        The clusters; of one row, and of rows that are all alike, one cluster, told.

    Raises:
        OptionError: If the rows cannot be clustered so.
    """
    together = alike(values, how.method)
    if together is not None:
        return together
    if how.method == "kmeans":
        return k_means(values, numbers=how.numbers, seed=how.seed)
    if how.method == "dbscan":
        return dbscan(values, eps=how.eps, samples=how.samples or SAMPLES, seed=how.seed)
    if how.method == "hdbscan":
        return hdbscan(values, sizes=how.samples or SIZES, seed=how.seed)
    linkage = cast("Linkage", how.method)
    return linked(values, how=linkage, numbers=how.numbers, height=how.height, seed=how.seed)


def alike(values: Floats, method: str) -> Clustering | None:
    """One cluster of rows that nothing can part; None where they differ."""
    if len(values) > 1 and np.ptp(values, axis=0).any():
        return None
    note = (
        "There is one clip: it cannot be parted." if len(values) == 1 else "All clips are alike: nothing can part them."
    )
    return Clustering(method, np.zeros(len(values), np.int64), notes=(note,))
