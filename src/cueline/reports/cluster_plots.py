"""Plots of clusters: variance of components, what was tried, distances of neighbours, the tree, and rows in a plane.

Clusters have the seven colours of the reports, and from the eighth on another mark with the same colours; outsiders are
small grey crosses. Text, colours and size are as in `cueline.reports.plots`.

References:
    M. Okabe and K. Ito, 2002, Color universal design. scipy.cluster.hierarchy.dendrogram: where the lines of a tree go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from scipy.cluster.hierarchy import dendrogram, maxdists

from cueline.evaluation.summaries import Numbers
from cueline.reports.plots import HEIGHT, WIDTH
from cueline.reports.vectors import COLOURS, INK, QUIET, in_style, short
from cueline.reports.words import number_words

MOST_POINTS = 2_000
MOST_LEAVES = 60
MOST_NAMED = 21
_MARKS = "os^"
_DOTTED = (0, (1, 2.5))


class TriedPoint(NamedTuple):
    """One setting that was tried: a point of a plot.

    Attributes:
        line: Name of the line that it is on, such as the min_samples of DBSCAN; empty where there is one line only.
        x: What was set, such as a number of clusters or eps.
        y: What it is worth; NaN where it gives no two clusters.
        clusters: How many it gives.
        chosen: Whether it was taken.
    """

    line: str
    x: float
    y: float
    clusters: int
    chosen: bool


@in_style
def variance_plot(shares: Numbers, kept: int) -> Figure:
    """How much of the variance the first components hold together, and how many are kept.

    Args:
        shares: Of each component, never rising, shape (K,), 1 or more.
        kept: How many are kept.
    """
    figure, axes = _axes("principal components", "share of the variance")
    together = np.cumsum(shares)
    x = np.arange(1, len(shares) + 1)
    axes.bar(x, shares, width=0.8, color=COLOURS[5], linewidth=0)
    axes.plot(x, together, color=COLOURS[0], marker="o" if len(x) == 1 else None)
    axes.axvline(kept, color=INK, linewidth=1, linestyle=_DOTTED)
    early = kept < 0.6 * len(shares)
    axes.annotate(
        f"{kept} kept: {together[kept - 1]:.1%}",
        (kept, 0.5),
        (6 if early else -6, 0),
        textcoords="offset points",
        ha="left" if early else "right",
    )
    axes.set_ylim(0, 1.03)
    axes.set_xlim(0.4, len(shares) + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    return figure


@in_style
def tried_plot(points: Sequence[TriedPoint], *, across: str, up: str) -> Figure:
    """What each setting is worth, and which was taken; numbers of clusters stand at the points of several lines.

    Args:
        points: In order along each line.
        across: What was set.
        up: What it is worth.
    """
    figure, axes = _axes(across, up)
    lines = list(dict.fromkeys(point.line for point in points))
    for number, line in enumerate(lines):
        own = [point for point in points if point.line == line and math.isfinite(point.y)]
        colour = COLOURS[number % len(COLOURS)]
        axes.plot([p.x for p in own], [p.y for p in own], color=colour, marker="o", markersize=4, label=line)
        for point in own if line else ():
            axes.annotate(f"{point.clusters}", (point.x, point.y), (0, 5), textcoords="offset points", fontsize=8)
    for point in points:
        if point.chosen and math.isfinite(point.y):
            axes.plot(point.x, point.y, "o", markersize=11, markerfacecolor="none", color=INK, markeredgewidth=1.4)
    if not any(math.isfinite(point.y) for point in points):
        axes.annotate("no setting gives two clusters", (0.5, 0.5), xycoords="axes fraction", ha="center", color=QUIET)
    axes.margins(y=0.18)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=lines == [""]))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    if any(lines):
        figure.legend(loc="outside lower left", ncols=4, handlelength=1, columnspacing=1.2)
    return figure


@in_style
def distances_plot(curves: Mapping[str, Numbers], *, eps: float = math.nan) -> Figure:
    """How far each clip's neighbour of some number lies, clips in order of that: a bend is a good eps.

    Args:
        curves: Number of the neighbour, to rising distances, shape (N,).
        eps: What was taken, as a dotted line; NaN for none.
    """
    figure, axes = _axes("share of the clips", "distance of the neighbour of that number")
    for number, (name, distances) in enumerate(curves.items()):
        places = np.linspace(0, 1, min(len(distances), 400))
        axes.plot(places, np.quantile(distances, places), color=COLOURS[number % len(COLOURS)], label=name)
    if math.isfinite(eps):
        axes.axhline(eps, color=INK, linewidth=1, linestyle=_DOTTED, label=f"eps {number_words(eps)}")
    axes.set_xlim(0, 1)
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside lower left", ncols=4, handlelength=1, columnspacing=1.2)
    return figure


@in_style
def tree_plot(joins: Numbers, *, height: float = math.nan, groups: npt.NDArray[np.integer] | None = None) -> Figure:
    """The tree of clusters, its sixty highest branches, and where it is cut.

    Args:
        joins: As scipy numbers them, shape (L - 1, 4).
        height: Of the cut, as a dotted line; NaN for none.
        groups: Cluster of each leaf, for the colours, shape (L,); None for none.
    """
    figure, axes = _axes("", "height of the joins", width=2 * WIDTH, height=1.2 * HEIGHT)
    colours = _branch_colours(joins, height, groups)
    told = dendrogram(
        joins, p=MOST_LEAVES, truncate_mode="lastp", no_plot=True, link_color_func=lambda node: colours[node]
    )
    lines = [np.column_stack(pair) for pair in zip(told["icoord"], told["dcoord"], strict=True)]
    axes.add_collection(LineCollection(lines, colors=told["color_list"], linewidths=1.4))
    axes.set_xlim(0, 10 * len(told["leaves"]))
    axes.set_ylim(0, 1.05 * float(joins[:, 2].max()) or 1.0)
    places = np.arange(len(told["leaves"])) * 10 + 5
    sizes = [name.strip("()") if name.startswith("(") else "1" for name in told["ivl"]]
    axes.set_xticks(places, sizes)
    axes.tick_params(axis="x", labelsize=7, labelrotation=90)
    axes.set_xlabel("clips in each branch", loc="right")
    if math.isfinite(height):
        axes.axhline(height, color=INK, linewidth=1.2, linestyle=_DOTTED)
        axes.annotate("cut", (1, height), (2, 0), ("axes fraction", "data"), textcoords="offset points", va="center")
    return figure


@in_style
def plane_plot(places: Numbers, names: Sequence[str], order: Sequence[str], *, outside: str = "") -> Figure:
    """Clips in a plane, in the colour of their cluster or label.

    Args:
        places: Shape (N, 2); of more than 2,000, every so manieth is shown.
        names: Of the cluster or label of each clip, length N.
        order: Names in the order of their colours.
        outside: The name that is none: drawn small and grey.
    """
    shown = np.arange(len(places))
    if len(places) > MOST_POINTS:
        shown = np.linspace(0, len(places) - 1, MOST_POINTS).astype(np.int64)
    figure, axes = _axes("", "", height=1.35 * HEIGHT)
    axes.set_axis_off()
    own = np.asarray(names, object)[shown]
    handles = []
    for number, name in enumerate([*([outside] if outside in set(names) else []), *order]):
        rows = shown[own == name]
        if len(rows):
            pen = _point(number - (outside in set(names)), is_outside=bool(outside) and name == outside)
            axes.plot(*places[rows].T, linestyle="none", **pen)
            handles.append(Line2D([], [], linestyle="none", label=short(name, 18), **pen | {"markersize": 6}))
    _fit(axes, places[shown])
    if len(handles) <= MOST_NAMED:
        figure.legend(
            handles=handles, loc="outside lower left", ncols=4, handletextpad=0.1, columnspacing=0.9, labelspacing=0.3
        )
    return figure


def _point(number: int, *, is_outside: bool) -> dict[str, Any]:
    if is_outside:
        return {"marker": "x", "color": QUIET, "markersize": 3.5, "alpha": 0.6, "zorder": 1}
    mark = _MARKS[number // len(COLOURS) % len(_MARKS)]
    colour = COLOURS[number % len(COLOURS)]
    return {"marker": mark, "color": colour, "markersize": 4, "markeredgewidth": 0, "alpha": 0.75, "zorder": 2}


def _fit(axes: Axes, places: Numbers) -> None:
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.where(high > low, 0.04 * (high - low), 1.0)
    axes.set_xlim(low[0] - room[0], high[0] + room[0])
    axes.set_ylim(low[1] - room[1], high[1] + room[1])


def _branch_colours(joins: Numbers, height: float, groups: npt.NDArray[np.integer] | None) -> list[str]:
    """The colour of each node: that of its cluster below the cut, grey above."""
    leaves = len(joins) + 1
    if groups is None or not math.isfinite(height):
        return [QUIET] * (2 * leaves - 1)
    tops = maxdists(joins)
    found = [COLOURS[int(group) % len(COLOURS)] if group >= 0 else QUIET for group in groups]
    for row, (left, _) in enumerate(joins[:, :2].astype(np.int64).tolist()):
        found.append(found[left] if tops[row] <= height else QUIET)
    return found


def _axes(across: str, up: str, *, width: float = WIDTH, height: float = HEIGHT) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel(across, loc="right")
    axes.set_title(short(up, 48), loc="left", fontsize=10.5, color=QUIET)
    return figure, axes
