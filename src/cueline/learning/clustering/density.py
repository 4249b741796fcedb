"""Clusters where rows lie close: DBSCAN over a grid of settings, HDBSCAN over sizes; what lies alone is an outsider.

DBSCAN joins rows that lie within `eps` of a row with `min_samples` rows so near. Where nobody gives `eps`, its values
come from the distances that rows have to their neighbour of that number, at quantiles from a half up. HDBSCAN needs no
eps: it keeps the clusters that last longest while eps shrinks.

Of all settings that give two clusters or more, that with the greatest silhouette is taken, outsiders counting as 0:
else a few rows that lie very close would win. Where no setting gives two clusters, that is said, and the setting is
taken that leaves fewest outside.

References:
    M. Ester et al., 1996, A density-based algorithm for discovering clusters. R. J. G. B. Campello et al., 2013,
    Density-based clustering based on hierarchical density estimates. scikit-learn: the computations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.neighbors import NearestNeighbors

from cueline.errors import OptionError
from cueline.learning.clustering.clusterings import Clustering, Floats, Numbers, Rows, Trial, best, by_size, trial

MOST_ROWS = 20_000
SAMPLES = (3, 5, 10)
SIZES = (5, 10, 20)
QUANTILES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def dbscan(values: Floats, *, eps: Sequence[float] = (), samples: Sequence[int] = SAMPLES, seed: int = 0) -> Clustering:
    """Cluster rows where they lie close.

    Args:
        values: Finite, shape (N, K), with two different rows or more.
        eps: Distances within which rows are neighbours, above 0; from the rows themselves where none is given.
        samples: How many rows within eps, itself included, make a row the core of a cluster; each is tried.
        seed: Of the rows that silhouette is measured on.

    Raises:
        OptionError: If a setting cannot be, or there are more rows than this can compare.

    Example:
        >>> found = dbscan(np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2], [40.0]], np.float32), samples=[3])
        >>> found.groups.tolist(), found.tried[found.chosen].clusters
        ([0, 0, 0, 1, 1, 1, -1], 2)
    """
    refuse_many(values, "DBSCAN")
    counts = _counts(samples, len(values), least=1)
    if any(not each > 0 for each in eps):
        raise OptionError(f"eps must be above 0, got {min(eps):g}")
    curves = {f"{count}": _distances(values, count) for count in counts}
    settings = [
        {"eps": each, "min_samples": float(count)} for count in counts for each in (eps or _steps(curves[f"{count}"]))
    ]
    groups = [_dbscan(values, setting) for setting in settings]
    return _taken("dbscan", values, settings, groups, seed, curves)


def hdbscan(values: Floats, *, sizes: Sequence[int] = SIZES, seed: int = 0) -> Clustering:
    """Cluster rows where they lie close, at whatever density.

    Args:
        values: Finite, shape (N, K), with two different rows or more.
        sizes: The fewest rows that are a cluster, 2 or more; each is tried.
        seed: Of the rows that silhouette is measured on.

    Raises:
        OptionError: If a size cannot be, or there are more rows than this can compare.
    """
    refuse_many(values, "HDBSCAN")
    settings = [{"min_samples": float(count)} for count in _counts(sizes, len(values), least=2)]
    groups = [
        by_size(HDBSCAN(min_cluster_size=int(each["min_samples"]), copy=True).fit_predict(values)) for each in settings
    ]
    return _taken("hdbscan", values, settings, groups, seed, {})


def refuse_many(values: Floats, method: str) -> None:
    """Refuse more rows than a method that compares all pairs can take in minutes.

    Raises:
        OptionError: Says what to do.
    """
    if len(values) > MOST_ROWS:
        raise OptionError(
            f"{method} compares every clip with every other: at most {MOST_ROWS:,} clips, got {len(values):,}. Take "
            "--method kmeans, cut longer clips with --seconds, or name fewer files."
        )


def _counts(samples: Sequence[int], rows: int, *, least: int) -> list[int]:
    """The counts that so many rows allow."""
    wanted = sorted(set(samples))
    if not wanted or wanted[0] < least:
        raise OptionError(f"min_samples must be {least} or more, got {wanted[0] if wanted else 'nothing'}")
    return [count for count in wanted if count <= rows] or [min(max(least, 2), rows)]


def _distances(values: Floats, count: int) -> Numbers:
    """How far each row's neighbour of that number lies, the row itself being the first; rising, shape (N,)."""
    fitted = NearestNeighbors(n_neighbors=count).fit(values)
    return np.sort(fitted.kneighbors(values)[0][:, -1].astype(np.float64))


def _steps(distances: Numbers) -> list[float]:
    found = np.unique(np.quantile(distances, QUANTILES).round(6))
    # Rows that are alike lie 0 apart: the least distance that is one serves then
    above = distances[distances > 0]
    positive = [each for each in found.tolist() if each > 0]
    return positive or [float(above.min()) if len(above) else 1.0]


def _dbscan(values: Floats, setting: Mapping[str, float]) -> Rows:
    fitted = DBSCAN(eps=setting["eps"], min_samples=int(setting["min_samples"])).fit(values)
    return by_size(fitted.labels_)


def _taken(
    method: str,
    values: Floats,
    settings: Sequence[Mapping[str, float]],
    groups: Sequence[Rows],
    seed: int,
    curves: Mapping[str, Numbers],
) -> Clustering:
    tried = [trial(values, each, setting, seed=seed) for each, setting in zip(groups, settings, strict=True)]
    chosen = best(tried)
    notes: tuple[str, ...] = ()
    if chosen < 0:
        chosen = min(range(len(tried)), key=lambda place: tried[place].outside)
        notes = (_why_not(tried, tried[chosen]),)
    elif tried[chosen].outside > 0.5:
        notes = (f"{tried[chosen].outside:.0%} of the clips belong to no cluster: these clusters are about the rest.",)
    return Clustering(method, groups[chosen], tried, chosen, notes, curves)


def _why_not(tried: Sequence[Trial], held: Trial) -> str:
    settings = "the one setting that was tried" if len(tried) == 1 else f"any of the {len(tried)} settings tried"
    if held.clusters:
        return f"Not two clusters with {settings}: at most one, and outsiders. The clips lie as one cloud."
    return f"All clips are outsiders with {settings}: nowhere do enough of them lie close. Try a smaller --min-samples."
