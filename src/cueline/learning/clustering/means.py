"""k-means: clusters about their means, their number chosen by silhouette.

Every number of a range is tried, each from several seeded beginnings, and the greatest silhouette is taken. Silhouette
favours few, round, well parted clusters; where its curve is flat, the number is arbitrary, and the range should be one
number. Of more than 20,000 rows a seeded draw of so many decides the number, and there are fewer beginnings, since they
differ less; all rows then make the clusters.

References:
    S. P. Lloyd, 1982, Least squares quantization in PCM. D. Arthur and S. Vassilvitskii, 2007, k-means++.
    scikit-learn, cluster.KMeans: the computation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.cluster import KMeans

from cueline.errors import OptionError
from cueline.learning.clustering.clusterings import Clustering, Floats, Rows, best, by_size, trial

MANY_ROWS = 20_000
STARTS, FEW_STARTS = 10, 3


def k_means(values: Floats, *, numbers: Sequence[int] = tuple(range(2, 13)), seed: int = 0) -> Clustering:
    """Cluster rows about means.

    Args:
        values: Finite, shape (N, K), with two different rows or more.
        numbers: How many clusters, each tried; those that there are not enough different rows for are left out, told.
        seed: Of the beginnings.

    Raises:
        OptionError: If a number is below 1, or there are fewer different rows than any of them.

    Example:
        >>> k_means(np.array([[0.0], [1.0], [9.0], [10.0]], np.float32)).groups.tolist()
        [0, 0, 1, 1]
    """
    numbers = possible(numbers, different=len(np.unique(values, axis=0)))
    few = values
    if len(values) > MANY_ROWS:
        few = values[np.sort(np.random.default_rng(seed).choice(len(values), MANY_ROWS, replace=False))]
    groups = [_fitted(few, number, seed) for number in numbers]
    tried = [trial(few, own, {"k": number}, seed=seed) for own, number in zip(groups, numbers, strict=True)]
    chosen = max(best(tried), 0)
    whole = groups[chosen] if few is values else _fitted(values, numbers[chosen], seed)
    return Clustering("kmeans", whole, tried, chosen, notes_on(numbers, tried, chosen))


def _fitted(values: Floats, number: int, seed: int) -> Rows:
    starts = STARTS if len(values) < MANY_ROWS else FEW_STARTS
    return by_size(KMeans(number, n_init=starts, random_state=seed).fit(values).labels_)


def possible(numbers: Sequence[int], *, different: int) -> list[int]:
    """The numbers of clusters that so many different rows allow, rising.

    Raises:
        OptionError: If a number is below 1, or none is left.
    """
    wanted = sorted(set(numbers))
    if not wanted or wanted[0] < 1:
        raise OptionError(f"clips are parted into 1 cluster or more, got k={wanted[0] if wanted else 'nothing'}")
    left = [number for number in wanted if number <= different]
    if not left:
        raise OptionError(
            f"{different} different clips cannot be parted into {wanted[0]} clusters or more. Ask for fewer with --k, "
            "or cut shorter clips."
        )
    return left


def notes_on(numbers: Sequence[int], tried: Sequence[object], chosen: int) -> tuple[str, ...]:
    """What is to be said of the choice of a number of clusters."""
    if len(numbers) > 2 and chosen == len(tried) - 1:
        return (
            f"The greatest number of clusters that was tried, {numbers[-1]}, has the greatest silhouette: more may "
            "fit better.",
        )
    return ()
