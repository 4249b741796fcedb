"""Grow a tree of groups from features: join the two that are closest, again and again.

Up to some thousand rows are joined one by one. More are first divided into that many small groups, by k-means within
k-means so that no row is ever compared with all groups, and the groups are joined then, each with the weight of its
rows. What is held beside the features is a square of distances between leaves, whatever the number of rows.

    grow     features -> Hierarchy
    divide   features -> the small group of each row
    join     centres and weights -> the joins

References:
    J. H. Ward, 1963, Hierarchical grouping to optimize an objective function.
    F. Murtagh, 1983, A survey of recent advances in hierarchical clustering algorithms: chains of nearest neighbours.
    D. Arthur and S. Vassilvitskii, 2007, k-means++: the advantages of careful seeding.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError, near_miss
from cueline.learning.active.trees import Hierarchy

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Linkage = Literal["ward", "average", "complete", "single"]

FAN = 128  # groups that one k-means makes at most
ROUNDS = 8
SAMPLE_ROWS = 24  # for each of its groups
ALIKE = 1e-6  # squares of distances, by those of lengths, that single precision cannot tell from 0
BLOCK_ROWS = 8192


class Joins(NamedTuple):
    """What is joined, from the lowest to the highest.

    Attributes:
        children: Nodes as scipy numbers them, shape (L - 1, 2).
        heights: Never falling, shape (L - 1,).
    """

    children: Rows
    heights: Numbers


def grow(values: Floats, *, linkage: Linkage = "ward", leaves: int = 4096, seed: int = 0) -> Hierarchy:
    """The tree of a table of features.

    Args:
        values: Finite, shape (N, D), N is 1 or more.
        linkage: How far apart two groups are: "ward" by how much their join spreads, else the "average", greatest
            ("complete") or least ("single") distance of their rows.
        leaves: The most leaves; where there are more rows, a leaf is a small group.
        seed: Decides how many rows are divided into small groups.

    Raises:
        TimelineError: If values have another shape, no row, or a number that is not finite.
        OptionError: If there is no such linkage, or leaves is below 2.

    Example:
        >>> grow(np.array([[0.0], [9.0], [1.0]], np.float32)).children.tolist()
        [[0, 2], [1, 3]]
    """
    if leaves < 2:
        raise OptionError(f"a tree has 2 leaves or more, got leaves={leaves}")
    _refuse_strange(values)
    if len(values) <= leaves:
        every = np.arange(len(values))
        return Hierarchy(*join(values, np.ones(len(values)), linkage=linkage), every)
    groups = divide(values, count=leaves, seed=seed)
    joins = join(_centres_of(values, groups), np.bincount(groups).astype(np.float64), linkage=linkage)
    return Hierarchy(*joins, groups)


def join(centres: npt.NDArray[np.floating], weights: Numbers, *, linkage: Linkage = "ward") -> Joins:
    """Join the two closest, again and again, until one is left.

    Args:
        centres: Shape (L, D).
        weights: How many rows each stands for, above 0, shape (L,).
        linkage: As `grow`; distances of small groups are those of their centres.

    Returns:
        With weights of 1, what `scipy.cluster.hierarchy.linkage` gives, but for ties.

    Raises:
        OptionError: If there is no such linkage.
    """
    if linkage not in get_args(Linkage):
        known = get_args(Linkage)
        raise OptionError(f"a linkage is one of {', '.join(known)}, got {linkage!r}.{near_miss(linkage, known)}")
    far = _squares(np.asarray(centres, np.float64))
    weights = weights.astype(np.float64)
    if linkage == "ward":
        far *= 2 * weights[:, None] * weights / (weights[:, None] + weights)
    else:
        np.sqrt(far, out=far)
    np.fill_diagonal(far, np.inf)
    pairs, heights = _chained(far, weights, linkage)
    return _sorted(pairs, np.sqrt(heights) if linkage == "ward" else heights)


def divide(values: Floats, *, count: int, seed: int) -> Rows:
    """Divide rows into small groups that each stand together.

    Args:
        values: Shape (N, D).
        count: The most groups.
        seed: Decides the draws.

    Returns:
        The group of each row, none of them empty, shape (N,).
    """
    rng = np.random.default_rng(seed)
    groups = np.zeros(len(values), np.int64)
    waiting, made = [(np.arange(len(values)), count)], 0
    while waiting:
        rows, share = waiting.pop()
        parts, spreads = _split(values, rows, share if share <= FAN else min(math.isqrt(share), FAN), rng)
        if len(parts) < 2 or share <= FAN:
            for part in parts:
                groups[part] = made
                made += 1
            continue
        waiting.extend(zip(parts, _shares(parts, spreads, share), strict=True))
    return groups


def _split(values: Floats, rows: Rows, count: int, rng: np.random.Generator) -> tuple[list[Rows], Numbers]:
    """Rows in at most `count` parts, and the sum of squares of each about its centre."""
    few = SAMPLE_ROWS * count
    sample = rows if len(rows) <= few else np.sort(rng.choice(rows, few, replace=False))
    centres = _means(values[sample], count, rng)
    nearest, spread = np.empty(len(rows), np.int64), np.empty(len(rows))
    for first in range(0, len(rows), BLOCK_ROWS):
        block = slice(first, first + BLOCK_ROWS)
        nearest[block], spread[block] = _nearest(values[rows[block]], centres)
    sums = np.bincount(nearest, spread, minlength=len(centres)).astype(np.float64)
    order = np.argsort(nearest, kind="stable")
    counts = np.bincount(nearest, minlength=len(centres))
    parts = np.split(rows[order], np.cumsum(counts)[:-1])
    return [part for part in parts if len(part)], sums[counts > 0]


def _shares(parts: list[Rows], spreads: Numbers, count: int) -> list[int]:
    """How many groups each part may make: more where rows are spread further, one at least."""
    total = spreads.sum()
    extra = np.floor((count - len(parts)) * spreads / total) if total > 0 else np.zeros(len(parts))
    return [min(len(part), 1 + int(more)) for part, more in zip(parts, extra, strict=True)]


def _means(sample: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Centres by k-means; fewer than asked for where rows are alike."""
    centres = _seeds(sample, min(count, len(sample)), rng)
    for _ in range(ROUNDS if len(sample) > len(centres) else 0):
        nearest, _far = _nearest(sample, centres)
        counts = np.bincount(nearest, minlength=len(centres))
        chosen = np.zeros((len(centres), len(sample)), np.float32)
        chosen[nearest, np.arange(len(sample))] = 1
        used = counts > 0
        centres = ((chosen @ sample)[used] / counts[used, None]).astype(np.float32)
    return centres


def _seeds(sample: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Rows far from one another, drawn by the square of their distance to those drawn before."""
    rows = sample - sample.mean(axis=0)
    squares = np.einsum("nd,nd->n", rows, rows)
    chosen = [int(rng.integers(len(rows)))]
    far = np.full(len(rows), np.inf, np.float32)
    while len(chosen) <= count:
        own = squares + squares[chosen[-1]] - 2 * (rows @ rows[chosen[-1]])
        own[own <= ALIKE * squares[chosen[-1]]] = 0
        far = np.minimum(far, own)
        total = np.cumsum(far, dtype=np.float64)
        if len(chosen) == count or total[-1] <= 0:
            break
        chosen.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
    return sample[chosen]


def _nearest(rows: Floats, centres: Floats) -> tuple[Rows, Numbers]:
    """The nearest centre of each row, and the square of the distance."""
    middle = centres.mean(axis=0)
    rows, centres = rows - middle, centres - middle
    near = (centres**2).sum(axis=1) - 2 * (rows @ centres.T)
    at = near.argmin(axis=1)
    squares = np.einsum("nd,nd->n", rows, rows) + near[np.arange(len(rows)), at]
    return at, np.maximum(squares, 0.0).astype(np.float64)


def _centres_of(values: Floats, groups: Rows) -> Numbers:
    order = np.argsort(groups, kind="stable")
    counts = np.bincount(groups)
    centres = np.zeros((len(counts), values.shape[1]))
    for first in range(0, len(order), BLOCK_ROWS):
        rows = order[first : first + BLOCK_ROWS]
        there, starts = np.unique(groups[rows], return_index=True)
        centres[there] += np.add.reduceat(values[rows], starts, axis=0, dtype=np.float64)
    return centres / counts[:, None]


def _squares(centres: Numbers) -> Numbers:
    centres = centres - centres.mean(axis=0)
    own = (centres**2).sum(axis=1)
    far: Numbers = own[:, None] + own - 2 * (centres @ centres.T)
    return np.maximum(far, 0.0, out=far)


def _chained(far: Numbers, weights: Numbers, linkage: Linkage) -> tuple[Rows, Numbers]:
    """Pairs of slots in the order they were found; a join stands in the second. Changes `far` and `weights`."""
    count = len(weights)
    pairs, heights = np.empty((max(count - 1, 0), 2), np.int64), np.empty(max(count - 1, 0))
    alive = np.ones(count, np.bool_)
    chain: list[int] = []
    for step in range(count - 1):
        if not chain:
            chain.append(int(alive.argmax()))
        _follow(far, chain)
        gone, kept = chain.pop(), chain.pop()
        pairs[step], heights[step] = (gone, kept), far[gone, kept]
        joined = _joined(far, weights, gone, kept, linkage)
        far[gone], far[:, gone] = np.inf, np.inf
        far[kept], far[:, kept] = joined, joined
        far[kept, kept] = far[kept, gone] = far[gone, kept] = np.inf
        weights[kept] += weights[gone]
        alive[gone] = False
    return pairs, heights


def _follow(far: Numbers, chain: list[int]) -> None:
    """Go from each to its nearest until two are nearest to one another."""
    while True:
        distances = far[chain[-1]]
        nearest = int(distances.argmin())
        if len(chain) > 1 and distances[chain[-2]] <= distances[nearest]:
            return
        chain.append(nearest)


def _joined(far: Numbers, weights: Numbers, gone: int, kept: int, linkage: Linkage) -> Numbers:
    """Distances of all to the join of two, from their distances to each (Lance and Williams)."""
    one, other, mine, theirs = far[gone], far[kept], weights[gone], weights[kept]
    if linkage == "single":
        return np.asarray(np.minimum(one, other))
    if linkage == "complete":
        return np.asarray(np.maximum(one, other))
    if linkage == "average":
        return np.asarray((mine * one + theirs * other) / (mine + theirs))
    spread = (mine + weights) * one + (theirs + weights) * other - weights * one[kept]
    return np.asarray(np.maximum(spread / (mine + theirs + weights), 0.0))  # rows that are alike may round below 0


def _sorted(pairs: Rows, heights: Numbers) -> Joins:
    """Joins from the lowest to the highest, slots replaced by nodes."""
    order = np.argsort(heights, kind="stable")
    count = len(heights) + 1
    node, children = list(range(count)), np.empty((len(heights), 2), np.int64)
    stands = list(range(count))  # the slot that a slot was joined into
    for number, step in enumerate(order.tolist()):
        gone, kept = (_found(stands, int(slot)) for slot in pairs[step])
        children[number] = sorted((node[gone], node[kept]))
        stands[gone], node[kept] = kept, count + number
    return Joins(children, np.maximum.accumulate(np.maximum(heights[order], 0.0)))


def _found(stands: list[int], slot: int) -> int:
    while stands[slot] != slot:
        stands[slot] = stands[stands[slot]]
        slot = stands[slot]
    return slot


def _refuse_strange(values: Floats) -> None:
    if values.ndim != 2 or not len(values):
        raise TimelineError(f"features must have the shape (N, D) with 1 row or more, got {values.shape}")
    for first in range(0, len(values), BLOCK_ROWS):
        strange = np.flatnonzero(~np.isfinite(values[first : first + BLOCK_ROWS]).all(axis=1))
        if strange.size:
            raise TimelineError(
                f"features must be finite to be compared, got NaN or infinity in row {first + strange[0]}. "
                "Prepare the features, or leave the row out."
            )
