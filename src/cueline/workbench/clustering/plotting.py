"""The pictures of a page of clusters, as far as there is something to draw."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cueline.learning.clustering.clusterings import Clustering
from cueline.reports.cluster_plots import (
    MOST_POINTS,
    TriedPoint,
    distances_plot,
    plane_plot,
    tree_plot,
    tried_plot,
    variance_plot,
)
from cueline.reports.clusterings import Picture
from cueline.workbench.clustering.running import OUTSIDERS, Clustered, called

PICTURES = (  # all names that there may be
    *("grid", "sizes", "silhouette", "distances", "dendrogram", "variance"),
    *("tsne-clusters", "tsne-labels", "graph-clusters", "graph-labels"),
)
_UNKNOWN = "unknown"


def pictures(found: Clustered) -> list[Picture]:
    """All pictures: what was tried, the tree, the variance, and clips in a plane."""
    return [*_of_settings(found.clustering), *_of_variance(found), *_of_planes(found)]


def _of_settings(clustering: Clustering) -> Iterator[Picture]:
    taken = clustering.tried[clustering.chosen] if clustering.tried else None
    if taken is not None and len(clustering.tried) > 1:
        if "eps" in taken.setting:
            about = (
                "Worth is the silhouette, outsiders counting 0. At the points: clusters. A line for each min_samples."
            )
            figure = tried_plot(_points(clustering, "eps", line="min_samples"), across="eps", up="worth")
            yield Picture("grid", "What DBSCAN was tried with", f"{about} Ringed: taken.", figure)
        elif "min_samples" in taken.setting:
            figure = tried_plot(_points(clustering, "min_samples"), across="fewest clips of a cluster", up="worth")
            yield Picture(
                "sizes", "What HDBSCAN was tried with", "Worth is the silhouette, outsiders counting 0.", figure
            )
        elif "k" in taken.setting:
            figure = tried_plot(_points(clustering, "k"), across="clusters", up="mean silhouette")
            yield Picture("silhouette", "Silhouette by the number of clusters", "Ringed: taken.", figure)
    if clustering.curves:
        eps = taken.setting["eps"] if taken else math.nan
        about = "Clips in order of it, a line for each min_samples. Where a line bends up, outsiders begin."
        figure = distances_plot(clustering.curves, eps=eps)
        yield Picture("distances", "How far the neighbours lie", about, figure)
    if len(clustering.joins):
        leaves = len(clustering.joins) + 1
        groups = clustering.groups if len(clustering.groups) == leaves else None
        figure = tree_plot(clustering.joins, height=clustering.height, groups=groups)
        about = "Its sixty highest branches; dotted: the cut. Colours are those of the clusters, as far as there are."
        yield Picture("dendrogram", "Tree of the clips", about, figure, wide=True)


def _points(clustering: Clustering, across: str, *, line: str = "") -> list[TriedPoint]:
    return [
        TriedPoint(
            f"{line} {each.setting[line]:g}" if line else "",
            each.setting[across],
            each.worth,
            each.clusters,
            place == clustering.chosen,
        )
        for place, each in enumerate(clustering.tried)
    ]


def _of_variance(found: Clustered) -> Iterator[Picture]:
    if len(found.parts.shares):
        about = "Bars: each component. Line: all up to it. Dotted: how many are kept."
        figure = variance_plot(found.parts.shares, found.parts.kept)
        yield Picture("variance", "Variance in principal components", about, figure)


def _of_planes(found: Clustered) -> Iterator[Picture]:
    rows = found.plane.rows.tolist()
    if len(rows) < 2:
        return
    clusters = [called(int(found.clustering.groups[row])) for row in rows]
    labels = [found.known[row] or _UNKNOWN for row in rows]
    order = [str(group) for group in range(found.clustering.count)]
    some = f" {MOST_POINTS:,} of {len(rows):,} clips." if len(rows) > MOST_POINTS else ""
    planes = (
        ("tsne", "t-SNE", found.plane.tsne, "Neighbours are together; sizes and distances of groups mean nothing."),
        ("graph", "Graph of neighbours", found.plane.graph, "By the way along nearest neighbours (Isomap)."),
    )
    for name, title, places, about in planes:
        figure = plane_plot(places, clusters, order, outside=OUTSIDERS)
        yield Picture(f"{name}-clusters", f"{title}: clusters", about + some, figure)
        if found.labels.classes:
            figure = plane_plot(places, labels, found.labels.classes, outside=_UNKNOWN)
            yield Picture(f"{name}-labels", f"{title}: known labels", about + some, figure)
