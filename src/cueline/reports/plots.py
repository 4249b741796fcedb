"""Plots of an evaluation: precision-recall, ROC, reliability, confusion, classes, label counts, time, and forests.

Each function draws a Matplotlib figure of about 370 points in width, whose letters are read at that size on a phone and
in three columns on a desk. Colours are those of Okabe and Ito, which colour-blind people tell apart; the first seven
curves have one each, further ones are grey. No class name is read as a formula, and none is longer than fits.

References:
    M. Okabe and K. Ito, 2002, Color universal design.
    W. Cleveland and R. McGill, 1984, Graphical perception: positions on a common scale rather than areas or angles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from cueline.evaluation.summaries import ClassRow, Curve, Interval, Numbers
from cueline.reports.vectors import COLOURS, INK, QUIET, in_style, short
from cueline.reports.words import number_words, short_clock

WIDTH, HEIGHT = 374, 280  # points
MOST_ROWS = 40  # of a forest, a row a class; beyond, classes become a cloud


@in_style
def precision_recall_plot(curves: Sequence[Curve], *, bases: Mapping[str, float] | None = None) -> Figure:
    """Precision against recall, as steps.

    Args:
        curves: Of kind "pr", the most important first.
        bases: Share of positives by name of the curve: where guessing would be, dotted, of up to three curves.
    """
    figure, axes = _axes("recall", "precision")
    known = bases or {}
    for number, curve in enumerate(curves):
        # Between two points of recall the precision is that of the later one; the first holds from recall 0 on.
        x, y = np.concatenate(([0], curve.x)), np.concatenate((curve.y[:1], curve.y))
        axes.plot(x, y, drawstyle="steps-pre", **_pen(number, len(curves)))
        if curve.name in known and len(curves) <= 3:
            axes.axhline(known[curve.name], color=_colour(number), linewidth=1.2, linestyle=(0, (1, 2.5)))
    _square(axes)
    _legend(figure, curves)
    return figure


@in_style
def roc_plot(curves: Sequence[Curve]) -> Figure:
    """True against false positive rate; guessing runs along the diagonal.

    Args:
        curves: Of kind "roc", the most important first.
    """
    figure, axes = _axes("false positive rate", "true positive rate")
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1.2, linestyle=(0, (1, 2.5)))
    for number, curve in enumerate(curves):
        axes.plot(curve.x, curve.y, **_pen(number, len(curves)))
    _square(axes)
    _legend(figure, curves)
    return figure


@in_style
def reliability_plot(curves: Sequence[Curve]) -> Figure:
    """How often what was said with a score is true, and below it how many were said with that score.

    Args:
        curves: Of kind "reliability"; weights are the items of each bin.
    """
    figure = Figure(figsize=(WIDTH / 72, 1.15 * HEIGHT / 72), layout=ConstrainedLayoutEngine(hspace=0.08))
    axes, below = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    _named(axes, "", "share that is true")
    _named(below, "score", "items")
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1.2, linestyle=(0, (1, 2.5)))
    for number, curve in enumerate(curves):
        axes.plot(curve.x, curve.y, marker="o", markersize=4.5, markeredgewidth=0, **_pen(number, len(curves)))
        if len(curve.weights):
            below.plot(curve.x, curve.weights, marker="o", markersize=3, markeredgewidth=0, **_pen(number, len(curves)))
    _square(axes)
    counts = np.concatenate([np.empty(0), *(curve.weights for curve in curves)])
    if counts.any():
        below.set_yscale("log")
        top = 10 ** math.ceil(math.log10(counts.max()) + 1e-9)
        below.set_ylim(min(0.7, counts[counts > 0].min()), top)
        below.yaxis.set_major_locator(FixedLocator([1, top] if top > 1 else [1]))
        below.yaxis.set_minor_locator(NullLocator())
        below.yaxis.set_major_formatter(FuncFormatter(_count))
    _legend(figure, curves)
    return figure


@in_style
def label_plot(curves: Sequence[Curve], *, measure: str) -> Figure:
    """A measure against the number of labels, with a band of its interval.

    Args:
        curves: Of kind "labels", one a strategy.
        measure: Its name.
    """
    figure, axes = _axes("labels", measure)
    for number, curve in enumerate(curves):
        pen = _pen(number, len(curves))
        if len(curve.low) and number < len(COLOURS):
            axes.fill_between(curve.x, curve.low, curve.high, color=_colour(number), alpha=0.16, linewidth=0)
        axes.plot(curve.x, curve.y, marker="o", markersize=4, markeredgewidth=0, **pen)
    # A band over few seeds may be wider than all curves together: the curves decide what is seen.
    heights = np.concatenate([np.empty(0), *(curve.y for curve in curves)])
    heights = heights[np.isfinite(heights)]
    if len(heights):
        room = max(0.35 * (heights.max() - heights.min()), 0.02 * abs(heights.max()), 1e-3)
        axes.set_ylim(heights.min() - room, heights.max() + room)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(_count))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    _legend(figure, curves)
    return figure


@in_style
def time_plot(curves: Sequence[Curve], *, measure: str) -> Figure:
    """A measure along a film.

    Args:
        curves: Of kind "time".
        measure: What their height is.
    """
    figure, axes = _axes("time", measure, width=2 * WIDTH)
    for number, curve in enumerate(curves):
        if len(curve.low):
            axes.fill_between(curve.x, curve.low, curve.high, color=_colour(number), alpha=0.16, linewidth=0)
        axes.plot(curve.x, curve.y, **_pen(number, len(curves)) | {"linewidth": 1.2})
    axes.margins(x=0)
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 1.5, 2, 3, 6, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda time, _: short_clock(time).removesuffix(".0")))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    _legend(figure, curves)
    return figure


@in_style
def forest_plot(rows: Sequence[tuple[str, Interval, float]], *, measure: str, zero: float = math.nan) -> Figure:
    """Numbers with their intervals, one below another, written out at the right.

    Args:
        rows: Name, number with its interval, and what guessing gets or NaN, in the order to be shown.
        measure: What the numbers are.
        zero: Where nothing would differ, as a line; NaN for none.
    """
    figure = Figure(figsize=(WIDTH / 72, (58 + 21 * len(rows)) / 72), layout="constrained")
    axes = figure.subplots()
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    places = np.arange(len(rows))[::-1]
    if not math.isnan(zero):
        axes.axvline(zero, color=QUIET, linewidth=1.2)
    for place, (_, found, base) in zip(places, rows, strict=True):
        axes.plot([found.low, found.high], [place, place], color=COLOURS[0], linewidth=2.4, solid_capstyle="round")
        axes.plot(found.value, place, "o", color=COLOURS[0], markersize=6, markeredgewidth=0)
        axes.plot(base, place, "|", color=COLOURS[1], markersize=10, markeredgewidth=2)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.set_yticks(places, [short(name) for name, _, _ in rows], color=INK)
    axes.set_xlabel(measure, loc="right")
    axes.xaxis.set_major_locator(MaxNLocator(4))
    right = axes.secondary_yaxis("right")
    right.set_yticks(places, [_written(found) for _, found, _ in rows])
    right.spines["right"].set_visible(False)
    if not all(math.isnan(base) for _, _, base in rows):
        mark = Line2D([], [], color=COLOURS[1], marker="|", markersize=10, markeredgewidth=2, linestyle="none")
        figure.legend([mark], ["what guessing gets"], loc="outside lower left", labelcolor=QUIET)
    return figure


@in_style
def class_plot(classes: Sequence[ClassRow]) -> Figure:
    """Average precision of each class: up to forty as a forest, more as a cloud over their positives.

    Args:
        classes: Those without an average precision are left out.
    """
    shown = [row for row in classes if not math.isnan(row.average_precision.value)]
    shown.sort(key=lambda row: -row.average_precision.value)
    if len(shown) <= MOST_ROWS:
        return forest_plot(
            [(row.name, row.average_precision, row.base_rate) for row in shown], measure="average precision"
        )
    figure, axes = _axes("items that have the class", "average precision", height=1.2 * HEIGHT)
    positives = np.array([row.positives for row in shown], np.float64)
    heights = np.array([row.average_precision.value for row in shown])
    bases = np.unique([(row.positives, round(row.base_rate, 3)) for row in shown], axis=0)
    axes.plot(positives, heights, "o", color=COLOURS[0], alpha=0.35, markersize=2.8, markeredgewidth=0, label="a class")
    x, y = _medians(positives, heights)
    axes.plot(x, y, color=INK, linewidth=1.6, label="their median")
    axes.plot(*bases.T, "o", color=COLOURS[1], markersize=2.4, markeredgewidth=0, label="what guessing gets")
    axes.set_xscale("log")
    axes.set_ylim(-0.02, 1.02)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_count))
    figure.legend(loc="outside lower left", ncols=3, labelcolor=QUIET, handlelength=1, columnspacing=1.2)
    return figure


def _axes(across: str, up: str, *, width: float = WIDTH, height: float = HEIGHT) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width / 72, height / 72), layout="constrained")
    axes = figure.subplots()
    _named(axes, across, up)
    return figure, axes


def _named(axes: Axes, across: str, up: str) -> None:
    """Names and units: of x at the right end, of y lying on top of its axis."""
    axes.set_xlabel(across, loc="right")
    axes.set_title(short(up, 40), loc="left", fontsize=10.5, color=QUIET)


def _square(axes: Axes) -> None:
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.02)
    ticks = [0, 0.25, 0.5, 0.75, 1]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])


def _colour(number: int) -> str:
    return COLOURS[number] if number < len(COLOURS) else QUIET


def _pen(number: int, count: int) -> dict[str, Any]:
    """Colour and order of a curve: the first lies on top, those without a colour at the bottom."""
    if number >= len(COLOURS):
        return {"color": QUIET, "alpha": 0.3, "linewidth": 1, "zorder": 2}
    return {"color": _colour(number), "zorder": 3 + (count - number) / count}


def _legend(figure: Figure, curves: Sequence[Curve]) -> None:
    if len(curves) < 2:
        return
    coloured = min(len(curves), len(COLOURS))
    marks = [Line2D([], [], color=_colour(number), linewidth=2.4) for number in range(coloured)]
    names = [short(curve.name, 24) for curve in curves[:coloured]]
    if len(curves) > coloured:
        marks.append(Line2D([], [], color=QUIET, alpha=0.3, linewidth=1))
        names.append(f"{len(curves) - coloured:,} more")
    options = {"handlelength": 1.1, "handletextpad": 0.5, "columnspacing": 1.2, "labelspacing": 0.35}
    figure.legend(marks, names, loc="outside lower left", ncols=2, **options)


def _medians(x: Numbers, y: Numbers) -> tuple[list[float], list[float]]:
    """The median of y in bins of x that double; bins of fewer than five join the next."""
    bins = np.floor(np.log2(np.maximum(x, 1)))
    across: list[float] = []
    up: list[float] = []
    waiting = np.zeros(len(x), np.bool_)
    for each in np.unique(bins):
        waiting |= bins == each
        if np.count_nonzero(waiting) >= 5:
            across.append(float(np.exp(np.log(x[waiting]).mean())))
            up.append(float(np.median(y[waiting])))
            waiting[:] = False
    return across, up


def _written(found: Interval) -> str:
    ends = "" if math.isnan(found.low) else f" ({number_words(found.low)} \N{EN DASH} {number_words(found.high)})"
    return number_words(found.value) + ends


def _count(value: float, _: object = None) -> str:
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"
