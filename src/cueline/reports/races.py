"""Plots of a race of strategies: a panel a class with learning curves, and a panel a class with areas against chance.

`curves_plot` shows how far each strategy gets with how many labels. A panel has its own scale. The baseline is grey and
broad, with a band of its interval, as has the best strategy of the panel; what guessing gets is dotted. The six
strategies that do best over all panels have a colour and their name at the end of their line, further ones are thin
and grey: where there are many, `areas_plot` tells them apart, a row a strategy. Strategies that asked for the same rows
in every run, as three ways to be unsure of one class do, are one line and one name.

References:
    E. Tufte, 1990, Envisioning information: small multiples, and names beside lines instead of legends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cueline.evaluation.contests import Contest, Race, Racer
from cueline.reports.vectors import COLOURS, INK, QUIET, in_style, short
from cueline.reports.words import number_words

PANEL_WIDTH, PANEL_HEIGHT = 300, 210  # points
ROW_HEIGHT, FOREST_WIDTH = 15, 118
MOST_ACROSS, MOST_FORESTS = 3, 6
_LETTER = 9.0  # points
_BEST, _WORST = COLOURS[0], COLOURS[1]


@in_style
def curves_plot(race: Race) -> Figure:
    """Learning curves, a panel a contest."""
    across = min(MOST_ACROSS, max(1, len(race.contests)))
    down = max(1, -(-len(race.contests) // across))
    figure = Figure(figsize=(across * PANEL_WIDTH / 72, down * PANEL_HEIGHT / 72), layout="constrained")
    same = alike(race)
    colours = _colours(race, same)
    panels = np.atleast_1d(figure.subplots(down, across, squeeze=False)).ravel().tolist()
    for axes, contest in zip(panels, race.contests, strict=False):
        _panel(axes, contest, race.baseline, colours, same)
    for axes in panels[len(race.contests) :]:
        axes.set_axis_off()
    return figure


@in_style
def areas_plot(race: Race) -> Figure:
    """Area minus the baseline's with its interval, a panel a contest, a row a strategy, the best over all on top."""
    contests = [each for each in race.contests if len(each.racers) > 1]
    names = [name for name in _order(race) if name != race.baseline]
    across = min(MOST_FORESTS, max(1, len(contests)))
    down = max(1, -(-len(contests) // across))
    height = down * (54 + ROW_HEIGHT * len(names)) + 18
    size = ((110 + FOREST_WIDTH * across) / 72, height / 72)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(down, across, squeeze=False, sharey=True).ravel().tolist()
    for number, (axes, contest) in enumerate(zip(panels, contests, strict=False)):
        _forest(axes, contest, names, first=number % across == 0)
    for axes in panels[len(contests) :]:
        axes.set_axis_off()
    figure.supxlabel(f"area under the learning curve, minus that of {race.baseline}", color=QUIET, fontsize=10)
    return figure


def alike(race: Race) -> dict[str, tuple[str, ...]]:
    """Strategies whose curves are the same in every panel: the first by name, and the others that go with it."""
    groups: dict[object, list[str]] = {}
    for name in sorted({racer.strategy for contest in race.contests for racer in contest.racers}):
        mine = [racer for contest in race.contests for racer in contest.racers if racer.strategy == name]
        groups.setdefault(tuple((*racer.curve.x.tolist(), *racer.curve.y.tolist()) for racer in mine), []).append(name)
    return {names[0]: tuple(names[1:]) for names in groups.values()}


def _order(race: Race) -> list[str]:
    """Strategies by their mean rank over contests, the best first."""
    ranks: dict[str, list[int]] = {}
    for contest in race.contests:
        for rank, racer in enumerate(contest.ranked):
            ranks.setdefault(racer.strategy, []).append(rank)
    return sorted(ranks, key=lambda name: (float(np.mean(ranks[name])), name))


def _colours(race: Race, same: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    """Of the strategies that do best over all; the last colour is grey, so it is not given."""
    order = [name for name in _order(race) if name != race.baseline and name in same]
    return dict(zip(order, COLOURS[:-1], strict=False))


def _panel(
    axes: Axes, contest: Contest, baseline: str, colours: Mapping[str, str], same: Mapping[str, tuple[str, ...]]
) -> None:
    axes.set_title(short(contest.name, 40), loc="left", fontsize=11, color=INK, fontweight="bold", pad=18)
    about = contest.measure + f", {contest.positives:,} positives" * (contest.number is not None)
    axes.annotate(about, (0, 1), (0, 5), "axes fraction", "offset points", fontsize=_LETTER, color=QUIET)
    ranked = [racer for racer in contest.ranked if racer.strategy in same or racer.strategy == baseline]
    best = ranked[0].strategy if ranked else ""
    named = []
    for rank, racer in reversed(list(enumerate(ranked))):
        pen = _pen(racer.strategy, rank, baseline, colours)
        curve = racer.curve
        axes.plot(curve.x, curve.y, **pen)
        if racer.strategy in (baseline, best):
            axes.fill_between(curve.x, curve.low, curve.high, color=pen["color"], alpha=0.16, linewidth=0)
        if racer.strategy == baseline or racer.strategy in colours:
            more = len(same.get(racer.strategy, ()))
            named.append((racer, short(racer.strategy, 16) + f" + {more}" * bool(more), pen["color"]))
    if math.isfinite(contest.base_rate):
        axes.axhline(contest.base_rate, color=INK, linewidth=1, linestyle=(0, (1, 2.5)))
    _scaled(axes, contest)
    _name_lines(axes, named)
    axes.set_xlabel("labels", loc="right", fontsize=_LETTER)
    axes.tick_params(labelsize=_LETTER)


def _pen(strategy: str, rank: int, baseline: str, colours: Mapping[str, str]) -> dict[str, Any]:
    if strategy == baseline:
        return {"color": QUIET, "linewidth": 2.8, "zorder": 4}
    if strategy in colours:
        return {"color": colours[strategy], "linewidth": 1.6, "zorder": 6 - rank / 100}
    return {"color": QUIET, "linewidth": 0.8, "alpha": 0.45, "zorder": 2}


def _scaled(axes: Axes, contest: Contest) -> None:
    """From 0 to what the curves need; a band that is wider than all curves is cut."""
    tops = [float(np.nanmax(racer.curve.y)) for racer in contest.racers if np.isfinite(racer.curve.y).any()]
    top = max([*tops, contest.base_rate if math.isfinite(contest.base_rate) else 0.0, 1e-3])
    axes.set_ylim(0, min(1.0, 1.12 * top) if top <= 1 else 1.12 * top)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    ends = [racer.curve.x[-1] for racer in contest.racers if len(racer.curve.x)]
    if ends:
        axes.set_xlim(0, max(ends))


def _name_lines(axes: Axes, named: Sequence[tuple[Racer, str, str]]) -> None:
    """Names at the ends of lines, moved apart where they would cover one another."""
    ends = sorted(((float(racer.curve.y[-1]), name, colour) for racer, name, colour in named), key=lambda end: end[0])
    low, high = axes.get_ylim()
    step = (high - low) * _LETTER * 1.2 / (PANEL_HEIGHT - 60)
    for (_, name, colour), place in zip(ends, _apart([end for end, _, _ in ends], step, high), strict=True):
        axes.annotate(
            name,
            (1.015, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=_LETTER,
            color=colour,
            annotation_clip=False,
        )


def _apart(places: Sequence[float], step: float, top: float) -> list[float]:
    """Rising places, each a step or more above the one before, as near to where they were as that allows."""
    moved = list(places)
    for _ in range(200):
        calm = True
        for lower in range(len(moved) - 1):
            overlap = step - (moved[lower + 1] - moved[lower])
            if overlap > 1e-9 * max(step, 1e-9):
                moved[lower] -= overlap / 2
                moved[lower + 1] += overlap / 2
                calm = False
        if calm:
            break
    over = max(0.0, moved[-1] - top) if moved else 0.0
    return [place - over for place in moved]


def _forest(axes: Axes, contest: Contest, names: Sequence[str], *, first: bool) -> None:
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.axvline(0, color=QUIET, linewidth=1.2)
    found = {racer.strategy: racer for racer in contest.racers}
    heights = dict(zip(names, range(len(names) - 1, -1, -1), strict=True))
    for name, height in heights.items():
        racer = found.get(name)
        if racer is None or math.isnan(racer.against.value):
            continue
        colour = {"better": _BEST, "worse": _WORST}.get(racer.verdict, QUIET)
        face = colour if racer.verdict != "open" else "none"
        axes.plot([racer.against.low, racer.against.high], [height, height], color=colour, linewidth=1.8)
        axes.plot(racer.against.value, height, "o", markersize=4.5, color=colour, markerfacecolor=face)
    axes.set_title(short(contest.name, 17), loc="left", fontsize=10, color=INK, fontweight="bold")
    axes.set_ylim(-0.7, len(names) - 0.3)
    axes.set_yticks(list(heights.values()), [short(name, 20) for name in heights], color=INK, fontsize=_LETTER)
    axes.tick_params(axis="y", labelleft=first)
    axes.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    axes.tick_params(axis="x", labelsize=_LETTER)
    axes.xaxis.set_major_formatter(lambda value, _: number_words(value).rstrip("0").rstrip(".") or "0")
