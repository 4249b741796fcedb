"""Which class was taken for which, as a plot: shade is the share of a reference class, numbers where there is room.

Up to forty classes are shown whole. Of more, those that are confused most: from the greatest amounts off the diagonal
down, until there are forty.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cueline.evaluation.resampling import Indices
from cueline.evaluation.summaries import Confusion, Numbers
from cueline.reports.vectors import COLOURS, INK, SHEET, in_style, short

MOST_CLASSES = 40
_NUMBERED = 14  # classes up to which each cell has its number
_SHADES = 12


@in_style
def confusion_plot(confusion: Confusion) -> Figure:
    """Rows are the reference, columns the estimate.

    Args:
        confusion: Of any number of classes, 1 or more.
    """
    shown = most_confused(confusion)
    count = len(shown)
    amounts = confusion.amounts[np.ix_(shown, shown)]
    totals = confusion.amounts.sum(axis=1)[shown, None]  # of all classes, though not all are shown
    shares = amounts / np.where(totals > 0, totals, 1)
    cell = 52 if count <= 4 else 30 if count <= _NUMBERED else 17
    names = [short(name, 22) for name in (confusion.classes[number] for number in shown.tolist())]
    room = 12 + 5.6 * max(map(len, names))
    figure = Figure(figsize=((count * cell + room + 12) / 72, (count * cell + room + 40) / 72), layout="constrained")
    axes = figure.subplots()
    _shade(axes, shares)
    if count <= _NUMBERED:
        _number(axes, amounts, shares)
    axes.set_xlim(0, count)
    axes.set_ylim(count, 0)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_xticks(np.arange(count) + 0.5, names, rotation=90, color=INK)
    axes.set_yticks(np.arange(count) + 0.5, names, color=INK)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel("estimated", loc="right")
    axes.set_title("reference", loc="left", fontsize=10.5)
    return figure


def most_confused(confusion: Confusion, most: int = MOST_CLASSES) -> Indices:
    """The numbers of the classes that are confused most, rising.

    Example:
        >>> amounts = np.array([[9.0, 0, 0], [0, 5, 4], [0, 1, 8]])
        >>> most_confused(Confusion(("rain", "snow", "hail"), amounts), most=2).tolist()
        [1, 2]
    """
    count = len(confusion.classes)
    if count <= most:
        return np.arange(count)
    wrong = confusion.amounts * ~np.eye(count, dtype=np.bool_)
    pairs = np.column_stack(np.unravel_index(np.argsort(-wrong, axis=None, kind="stable"), wrong.shape))
    _, first = np.unique(pairs, return_index=True)  # a class comes in with its greatest confusion
    return np.sort(np.argsort(first, kind="stable")[:most])


def _shade(axes: Axes, shares: Numbers) -> None:
    """Cells of about one share as one path, so that forty classes are a dozen shapes and not 1,600."""
    levels = np.rint(shares * _SHADES).astype(int)
    for level in range(1, _SHADES + 1):
        cells = np.argwhere(levels == level)
        if len(cells):
            corners = np.array([[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98], [0.02, 0.02]])
            squares = [Path(cell[::-1] + corners, closed=True) for cell in cells]
            path = Path.make_compound_path(*squares)
            axes.add_patch(PathPatch(path, facecolor=COLOURS[0], alpha=level / _SHADES, linewidth=0))


def _number(axes: Axes, amounts: Numbers, shares: Numbers) -> None:
    for row, column in np.argwhere(amounts > 0).tolist():
        amount = float(amounts[row, column])
        text = f"{amount:,.0f}" if amount >= 10 or amount.is_integer() else f"{amount:.1f}"
        text = text if amount < 10_000 else f"{amount / 1000:,.0f}k"
        colour = SHEET if shares[row, column] > 0.5 else INK
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=colour, fontsize=9.5)
