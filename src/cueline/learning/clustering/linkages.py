"""Clusters within clusters: the two that are closest are joined, again and again; the tree is then cut.

    single     by the least distance of their rows: long chains
    complete   by the greatest: compact clusters of like width
    average    by the mean distance of their rows
    weighted   by the mean of the distances of the two that were joined last, however many rows they have
    centroid   by the distance of their means; a join may lie lower than the one before
    median     by the distance of their middles, likewise
    ward       by how much their join spreads: round clusters of like size

The cut is a number of clusters, or a height; where neither is given, the number with the greatest silhouette is taken.
Centroid and median trees may fold back on themselves: they are cut by the greatest height below each join.

Distances of all pairs take 4 N squared bytes, so that at most 5,000 rows are joined one by one. More rows are first
parted into small groups (`cueline.learning.active.growing`), for the linkages that can be joined so: ward, average,
complete and single; the others refuse.

References:
    J. H. Ward, 1963, Hierarchical grouping to optimize an objective function.
    G. N. Lance and W. T. Williams, 1967, A general theory of classificatory sorting strategies.
    scipy.cluster.hierarchy, linkage and fcluster: the computation.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage, maxdists

from cueline.errors import OptionError, near_miss
from cueline.learning.active.growing import Linkage as Grown
from cueline.learning.active.growing import grow
from cueline.learning.clustering.clusterings import Clustering, Floats, Numbers, Rows, best, by_size, trial
from cueline.learning.clustering.means import notes_on, possible

Linkage = Literal["single", "complete", "average", "weighted", "centroid", "median", "ward"]

MOST_ROWS = 5_000
LEAVES = 2_048
LOPSIDED = 0.95


def linked(
    values: Floats,
    *,
    how: Linkage = "ward",
    numbers: Sequence[int] = tuple(range(2, 13)),
    height: float = math.nan,
    seed: int = 0,
) -> Clustering:
    """Join rows to a tree and cut it.

    Args:
        values: Finite, shape (N, K), with two different rows or more.
        how: One of the seven linkages.
        numbers: How many clusters; of several, that with the greatest silhouette.
        height: Cut here instead, 0 or above; NaN for no height.
        seed: Of small groups, and of the rows that silhouette is measured on.

    Raises:
        OptionError: If there is no such linkage, it cannot take so many rows, or the cut cannot be.

    Example:
        >>> rows = np.array([[0.0], [1.0], [9.0], [10.0]], np.float32)
        >>> linked(rows, numbers=[2]).groups.tolist(), linked(rows, how="single", height=0.5).count
        ([0, 0, 1, 1], 4)
    """
    known = get_args(Linkage)
    if how not in known:
        raise OptionError(f"a linkage is one of {', '.join(known)}, got {how!r}.{near_miss(how, known)}")
    joins, leaves, notes = _tree(values, how, seed)
    if not math.isnan(height):
        return _cut_at(values, joins, leaves, how, height, seed, notes)
    possible_ones = possible(numbers, different=len(joins) + 1)
    groups = [_cut(joins, number)[leaves] for number in possible_ones]
    tried = [trial(values, each, {"k": number}, seed=seed) for each, number in zip(groups, possible_ones, strict=True)]
    chosen = max(best(tried), 0)
    wanted, found = possible_ones[chosen], tried[chosen].clusters
    if found != wanted:
        notes = (*notes, f"The tree cannot be cut into {wanted} clusters, since joins lie at one height: {found}.")
    largest = int(np.bincount(groups[chosen]).max())
    if found > 1 and largest > LOPSIDED * len(values):
        notes = (
            *notes,
            f"{largest:,} of {len(values):,} clips stay in one cluster: the tree parts off clips that lie apart. Try "
            "--method ward, or more clusters with --k.",
        )
    if len(possible_ones) > 1:
        notes = (*notes, *notes_on(possible_ones, tried, chosen))
    return Clustering(
        how, by_size(groups[chosen]), tried, chosen, notes, joins=joins, height=_height(joins, tried[chosen].clusters)
    )


def _tree(values: Floats, how: Linkage, seed: int) -> tuple[Numbers, Rows, tuple[str, ...]]:
    """Joins, the leaf of each row, and what is to be said of it."""
    if len(values) <= MOST_ROWS:
        return np.asarray(linkage(values.astype(np.float64), how)), np.arange(len(values)), ()
    grown = get_args(Grown)
    if how not in grown:
        raise OptionError(
            f"{how} joins at most {MOST_ROWS:,} clips, got {len(values):,}. Take --method {' or '.join(grown)}, cut "
            "longer clips with --seconds, or name fewer files."
        )
    tree = grow(values, linkage=how, leaves=LEAVES, seed=seed)  # type: ignore[arg-type]
    note = f"{len(values):,} clips are more than {MOST_ROWS:,}: they are joined as {tree.leaf_count:,} small groups."
    return tree.linkage(), tree.leaves, (note,)


def _cut(joins: Numbers, number: int) -> Rows:
    """The cluster of each leaf, at most so many."""
    return np.asarray(fcluster(joins, number, criterion="maxclust"), np.int64) - 1


def _cut_at(
    values: Floats, joins: Numbers, leaves: Rows, how: str, height: float, seed: int, notes: tuple[str, ...]
) -> Clustering:
    top = float(joins[:, 2].max())
    if height < 0:
        raise OptionError(f"a tree is cut at a height of 0 or above, got {height:g}")
    groups = by_size((np.asarray(fcluster(joins, height, criterion="distance"), np.int64) - 1)[leaves])
    if height >= top:
        notes = (*notes, f"The cut at {height:g} lies above the tree, whose last join is at {top:.3g}: one cluster.")
    tried = [trial(values, groups, {"height": height}, seed=seed)]
    return Clustering(how, groups, tried, 0, notes, joins=joins, height=height)


def _height(joins: Numbers, clusters: int) -> float:
    """A height that parts the tree into so many clusters: in the middle between two joins."""
    heights = np.sort(maxdists(joins))
    last = len(heights) - clusters  # of the joins that stay
    if last < 0:
        return 0.0
    above = heights[last + 1] if last + 1 < len(heights) else 1.05 * heights[last]
    return float((heights[last] + above) / 2)
