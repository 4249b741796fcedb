"""Clusters against known labels: purity, adjusted Rand index, mutual information, V-measure.

The reference is the known class of each row, the estimate its cluster: names or whole numbers, both of shape (N,). What
clusters are called does not matter. Rows without a known class are left out by the caller; outsiders, which belong to
no cluster, count as one more cluster unless the caller leaves them out too.

    purity                          share of rows that have the commonest class of their cluster
    purity_interval                 the same with its interval, whole groups drawn
    cluster_purities                one row a cluster: its commonest class, and how common that is anywhere
    adjusted_rand_index             pairs of rows put together alike, less what chance gives
    normalised_mutual_information   what a cluster tells of the class, and the class of the cluster
    v_measure                       each cluster of one class only, and each class in one cluster only

Purity never falls when a cluster is parted, and is 1 when each row is a cluster of its own: compare it at like numbers
of clusters, and beside `base`, what one cluster of all rows gets. The adjusted Rand index is 0 on average for clusters
drawn by chance. Of no rows, every number is NaN.

References:
    Y. Zhao and G. Karypis, 2001, Criterion functions for document clustering: purity.
    L. Hubert and P. Arabie, 1985, Comparing partitions.
    A. Rosenberg and J. Hirschberg, 2007, V-measure: a conditional entropy-based external cluster evaluation measure.
    N. X. Vinh, J. Epps and J. Bailey, 2010, Information theoretic measures for clusterings comparison.
    scikit-learn, metrics.cluster: what these numbers agree with; mutual information over the mean of the entropies.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.intervals import bootstrap_of_sums
from cueline.evaluation.summaries import Interval

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


class VMeasure(NamedTuple):
    """How well clusters and classes fit, each in [0, 1].

    Attributes:
        homogeneity: 1 where each cluster has rows of one class only.
        completeness: 1 where each class lies in one cluster only.
        v: Harmonic mean of both.
    """

    homogeneity: float
    completeness: float
    v: float


class ClusterPurity(NamedTuple):
    """What one cluster is made of.

    Attributes:
        cluster: As the estimate calls it.
        rows: How many rows it has.
        main: The commonest class in it; of several, the first in order of name.
        purity: Share of its rows that have this class, in (0, 1].
        base: Share of all rows that have this class, in (0, 1]: what a cluster drawn by chance gets.
    """

    cluster: Any
    rows: int
    main: Any
    purity: float
    base: float


class _Table(NamedTuple):
    """Rows of each class (down) and cluster (across), and what both are called."""

    counts: Counts
    classes: npt.NDArray[Any]
    clusters: npt.NDArray[Any]


def purity(reference: npt.ArrayLike, estimated: npt.ArrayLike) -> float:
    """Share of rows that have the commonest class of their cluster.

    Args:
        reference: Known class of each row, shape (N,).
        estimated: Cluster of each row, shape (N,).

    Returns:
        In (0, 1]; NaN of no rows.

    Raises:
        TimelineError: If the shapes are no (N,), differ, or a number is not finite.

    Example:
        >>> purity(["rain", "rain", "wind", "wind"], [0, 0, 0, 1])
        0.75
    """
    counts = _table(reference, estimated).counts
    return float(counts.max(axis=0).sum() / counts.sum()) if counts.size else math.nan


def purity_interval(
    reference: npt.ArrayLike,
    estimated: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Purity and its interval: the clusters stay as they are, groups of rows are drawn.

    Args:
        reference: Known class of each row, shape (N,).
        estimated: Cluster of each row, shape (N,).
        groups: Which file, speaker or piece each row is of, shape (N,).
        resamples: How many times groups are drawn, 1 or more.
        level: How often such an interval shall hold the truth, in (0, 1).
        seed: Of the draws.

    Returns:
        As `cueline.evaluation.intervals.bootstrap_interval`.

    Raises:
        TimelineError: As `purity`, or if there is not one group a row.

    Example:
        >>> found = purity_interval(["rain", "wind"] * 20, [0, 1] * 20, range(40))
        >>> found.value, found.low, found.high
        (1.0, 1.0, 1.0)
    """
    table = _table(reference, estimated)
    names = np.asarray(groups if isinstance(groups, np.ndarray) else list(groups))  # type: ignore[arg-type]
    classes, clusters = table.counts.shape
    if not table.counts.size:
        return Interval(math.nan, level=level, note="there are no items")
    cells = _cells(reference, table.classes) * clusters + _cells(estimated, table.clusters)
    if names.shape != cells.shape:
        raise TimelineError(f"each of {len(cells)} rows must have one group, got groups of shape {names.shape}")
    numbers = np.unique(names, return_inverse=True)[1]
    held = int(numbers.max()) + 1
    sums = np.bincount(numbers * classes * clusters + cells, minlength=held * classes * clusters)

    def of_sums(drawn: Numbers) -> Numbers:
        counts = drawn.reshape(classes, clusters, -1)
        return np.asarray(counts.max(axis=0).sum(axis=0) / counts.sum(axis=(0, 1)), np.float64)

    parts = sums.reshape(held, classes * clusters)
    return bootstrap_of_sums(of_sums, parts, np.arange(held), resamples=resamples, level=level, seed=seed)


def cluster_purities(reference: npt.ArrayLike, estimated: npt.ArrayLike) -> tuple[ClusterPurity, ...]:
    """The commonest class of each cluster, beside how common it is anywhere.

    Args:
        reference: Known class of each row, shape (N,).
        estimated: Cluster of each row, shape (N,).

    Returns:
        One row a cluster, in order of what clusters are called; none of no rows.

    Raises:
        TimelineError: As `purity`.

    Example:
        >>> for row in cluster_purities(["rain", "rain", "wind", "wind"], [0, 0, 0, 1]):
        ...     print(row.cluster, row.rows, row.main, round(row.purity, 2), row.base)
        0 3 rain 0.67 0.5
        1 1 wind 1.0 0.5
    """
    table = _table(reference, estimated)
    total = table.counts.sum()
    rows = []
    for cluster, column in zip(table.clusters.tolist(), table.counts.T, strict=True):
        main = int(column.argmax())
        base = float(table.counts[main].sum() / total)
        held = int(column.sum())
        rows.append(ClusterPurity(cluster, held, table.classes[main].item(), float(column[main] / held), base))
    return tuple(rows)


def adjusted_rand_index(reference: npt.ArrayLike, estimated: npt.ArrayLike) -> float:
    """Pairs of rows that both put together or both part, less what chance gives.

    Args:
        reference: Known class of each row, shape (N,).
        estimated: Cluster of each row, shape (N,).

    Returns:
        At most 1; 0 on average for chance, below 0 for worse. 1 where both are one group, or all groups of one row
        each. NaN of no rows.

    Raises:
        TimelineError: As `purity`.

    Example:
        >>> adjusted_rand_index([0, 0, 1, 1], ["b", "b", "a", "a"])
        1.0
    """
    counts = _table(reference, estimated).counts
    if not counts.size:
        return math.nan
    together = _pairs(counts)
    mine, theirs = _pairs(counts.sum(axis=1)), _pairs(counts.sum(axis=0))
    every = _pairs(counts.sum(keepdims=True))
    if not every or mine + theirs in (0, 2 * every):
        return 1.0
    by_chance = mine * theirs / every
    most = (mine + theirs) / 2
    return float((together - by_chance) / (most - by_chance))


def normalised_mutual_information(reference: npt.ArrayLike, estimated: npt.ArrayLike) -> float:
    """Mutual information over the mean of the two entropies.

    Args:
        reference: Known class of each row, shape (N,).
        estimated: Cluster of each row, shape (N,).

    Returns:
        In [0, 1]; 1 where both are one group. Grows with the number of clusters even by chance. NaN of no rows.

    Raises:
        TimelineError: As `purity`.

    Example:
        >>> round(normalised_mutual_information([0, 0, 1, 1], [0, 0, 0, 1]), 4)
        0.3437
    """
    return v_measure(reference, estimated).v


def v_measure(reference: npt.ArrayLike, estimated: npt.ArrayLike) -> VMeasure:
    """Homogeneity, completeness, and their harmonic mean, which is the normalised mutual information.

    Args:
        reference: Known class of each row, shape (N,).
        estimated: Cluster of each row, shape (N,).

    Returns:
        Each in [0, 1]; NaN of no rows.

    Raises:
        TimelineError: As `purity`.

    Example:
        >>> [round(value, 3) for value in v_measure([0, 0, 1, 1], [0, 1, 2, 3])]
        [1.0, 0.5, 0.667]
    """
    counts = _table(reference, estimated).counts
    if not counts.size:
        return VMeasure(math.nan, math.nan, math.nan)
    of_classes, of_clusters = _entropy(counts.sum(axis=1)), _entropy(counts.sum(axis=0))
    shared = max(0.0, of_classes + of_clusters - _entropy(counts.ravel()))
    homogeneity = min(1.0, shared / of_classes) if of_classes else 1.0
    completeness = min(1.0, shared / of_clusters) if of_clusters else 1.0
    both = homogeneity + completeness
    return VMeasure(homogeneity, completeness, 2 * homogeneity * completeness / both if both else 0.0)


def _table(reference: npt.ArrayLike, estimated: npt.ArrayLike) -> _Table:
    known, found = _as_names(reference, "reference"), _as_names(estimated, "estimated")
    if len(known) != len(found):
        raise TimelineError(f"each row must have a class and a cluster, got {len(known)} and {len(found)} rows")
    classes, down = np.unique(known, return_inverse=True)
    clusters, across = np.unique(found, return_inverse=True)
    shape = len(classes), len(clusters)
    counts = np.bincount(down * shape[1] + across, minlength=shape[0] * shape[1]).reshape(shape)
    return _Table(counts.astype(np.int64), classes, clusters)


def _as_names(given: npt.ArrayLike, what: str) -> npt.NDArray[Any]:
    names = np.asarray(given)
    if names.ndim != 1:
        raise TimelineError(f"{what} must have the shape (N,), one name or number a row, got {names.shape}")
    if names.dtype.kind == "f" and not np.isfinite(names).all():
        row = int(np.flatnonzero(~np.isfinite(names))[0])
        raise TimelineError(f"{what} must be names or numbers, got {names[row]} in row {row}. Leave such rows out.")
    return names


def _cells(given: npt.ArrayLike, names: npt.NDArray[Any]) -> Counts:
    return np.searchsorted(names, np.asarray(given)).astype(np.int64)


def _pairs(counts: Counts) -> float:
    sizes = counts.astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())


def _entropy(counts: Counts) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum()) if len(shares) > 1 else 0.0
