"""The report of an evaluation: a page for people, the same as JSON for programs, and its plots as files.

The page needs no server and nothing beside it: measures with their intervals and what guessing gets, doubts, plots,
a table of classes that can be sorted and searched, the worst errors with links, and the facts one needs to repeat it.
`evaluation.json` is `Evaluation.to_json` with a name and a version of its schema; NaN is null there. `figures/` holds
each plot as SVG on white, for a paper or a slide.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from cueline.evaluation.curves import area_under
from cueline.evaluation.summaries import ClassRow, Curve, Evaluation, Mistake
from cueline.reports.confusion import MOST_CLASSES, confusion_plot
from cueline.reports.plots import (
    MOST_ROWS,
    class_plot,
    forest_plot,
    label_plot,
    precision_recall_plot,
    reliability_plot,
    roc_plot,
    time_plot,
)
from cueline.reports.rendering import embedded, numbers, render, write_whole
from cueline.reports.vectors import svg_file, svg_inside
from cueline.reports.words import legible, number_words

SCHEMA = "cueline.evaluation"
SCHEMA_VERSION = 1
PAGE, NUMBERS, FIGURES = "index.html", "evaluation.json", "figures"
FIRST_ROWS = 100  # of the classes, in a page without scripts
_COLUMNS = {
    "name": "Class",
    "positives": "Positives",
    "average_precision": "AP",
    "strip": "",
    "interval": "Interval",
    "base_rate": "Base rate",
    "roc_auc": "ROC AUC",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "threshold": "Threshold",
}
_KEYS: tuple[str, ...] = (
    *("name", "positives", "base_rate", "average_precision", "low", "high", "note"),
    *("roc_auc", "precision", "recall", "f1", "threshold"),
)


@dataclass(frozen=True, slots=True)
class Plot:
    """One plot of an evaluation.

    Attributes:
        name: Of its file.
        heading: What it is.
        about: How to read it, in a sentence.
        svg: Drawn, as a file.
        size: How much of a page's width it takes: "single", "double" or "whole".
    """

    name: str
    heading: str
    about: str
    svg: bytes
    size: str = "single"

    @classmethod
    def of(cls, name: str, heading: str, about: str, figure: Figure, size: str = "single") -> Plot:
        """From a figure."""
        return cls(name, heading, about, svg_file(figure), size)


@dataclass(frozen=True, slots=True)
class _Picture:
    heading: str
    about: str
    size: str
    drawing: Markup


def write_evaluation(evaluation: Evaluation, folder: Path) -> Path:
    """Write the report of an evaluation.

    Args:
        evaluation: What was found.
        folder: Where; made if it is missing. Files there of the same names are replaced, no other is touched.

    Returns:
        The page, `index.html`; beside it lie `evaluation.json` and `figures/`.
    """
    plots = list(drawn(evaluation))
    (folder / FIGURES).mkdir(parents=True, exist_ok=True)
    for plot in plots:
        write_whole(folder / FIGURES / f"{plot.name}.svg", plot.svg)
    write_whole(folder / NUMBERS, numbers(SCHEMA, SCHEMA_VERSION, evaluation.to_json()))
    write_whole(folder / PAGE, evaluation_html(evaluation, plots).encode())
    return folder / PAGE


def evaluation_html(
    evaluation: Evaluation, plots: list[Plot], *, numbers_in: str = NUMBERS, plots_in: str = FIGURES
) -> str:
    """The page of an evaluation, complete in itself.

    Args:
        evaluation: What was found.
        plots: As `drawn` gives them.
        numbers_in: The file beside the page that holds its numbers.
        plots_in: The folder beside it that holds its plots; empty where there is none.
    """
    rows = sorted(evaluation.classes, key=lambda row: -row.positives)
    levels = sorted({measure.result.level for measure in evaluation.measures})
    page = render(
        "evaluation.html.jinja",
        scripts=("search.js", "evaluation.js"),
        styles=("page.css", "evaluation.css"),
        title=evaluation.title,
        evaluation=evaluation,
        level=f"{100 * levels[0]:g} %" if len(levels) == 1 else "",
        has_base=any(not math.isnan(measure.base) for measure in evaluation.measures),
        pictures=[_picture(plot, number) for number, plot in enumerate(plots)],
        columns=[{"key": key, "heading": heading} for key, heading in _columns(rows)],
        first_rows=rows[:FIRST_ROWS],
        mistakes=[_safe(mistake) for mistake in evaluation.mistakes],
        number=number_words,
        cell=_cell,
        numbers_in=numbers_in,
        plots_in=plots_in,
        data=embedded({"keys": _KEYS, "rows": [_packed(row) for row in rows]}),
    )
    return legible(page)


def drawn(evaluation: Evaluation) -> Iterator[Plot]:
    """The plots of an evaluation, in the order in which they are to be read; those without data are left out."""
    yield from _compared(evaluation)
    yield from _ranked(evaluation)
    if len(evaluation.classes) > 1 and any(not math.isnan(row.average_precision.value) for row in evaluation.classes):
        many = len(evaluation.classes) > MOST_ROWS
        about = "Over the number of items that have the class." if many else "Each with its interval, the best first."
        yield Plot.of("classes", "Average precision of each class", about, class_plot(evaluation.classes))
    for number, confusion in enumerate(evaluation.confusions):
        few, count = len(confusion.classes) <= MOST_CLASSES, len(confusion.classes)
        about = f"In {confusion.unit}; the stronger the shade, the greater the share of the row."
        about += "" if few else f" The {MOST_CLASSES} of {count:,} classes that are confused most."
        size = "single" if count <= 8 else "double" if count <= 24 else "whole"
        name = "confusion" + (f"-{number + 1}" if number else "")
        yield Plot.of(name, "Which class was taken for which", about, confusion_plot(confusion), size)
    for number, curves in enumerate(_by_measure(evaluation, "time")):
        name = "time" + (f"-{number + 1}" if number else "")
        yield Plot.of(name, "Over time", "", time_plot(curves, measure=curves[0].measure), "double")


def _ranked(evaluation: Evaluation) -> Iterator[Plot]:
    curves = {kind: _of_kind(evaluation, kind) for kind in ("pr", "roc", "reliability")}
    bases = {row.name: row.base_rate for row in evaluation.classes}
    if curves["pr"]:
        about = "How many of those found are right, as more of them are found."
        about += " Dotted: guessing." if len(curves["pr"]) <= 3 and any(c.name in bases for c in curves["pr"]) else ""
        plot = precision_recall_plot(curves["pr"], bases=bases)
        yield Plot.of("precision-recall", "Precision against recall", about, plot)
    if curves["roc"]:
        about = "How many right ones are found, as more wrong ones are let through. Dotted: guessing."
        yield Plot.of("roc", "ROC", about, roc_plot(curves["roc"]))
    if curves["reliability"]:
        about = "On the dotted line a score is the chance of being right; below, how many items had it."
        yield Plot.of("reliability", "Reliability of the scores", about, reliability_plot(curves["reliability"]))
    for number, own in enumerate(_by_measure(evaluation, "labels")):
        areas = ", ".join(f"{curve.name} {number_words(area_under(curve))}" for curve in own)
        about = f"Mean over seeds and its interval. Mean height: {areas}."
        name = "labels" + (f"-{number + 1}" if number else "")
        yield Plot.of(name, "What labels bring", about, label_plot(own, measure=own[0].measure))


def _compared(evaluation: Evaluation) -> Iterator[Plot]:
    if evaluation.comparisons:
        rows = [
            (f"{row.measure}: {row.first} \N{MINUS SIGN} {row.second}", row.difference, math.nan)
            for row in evaluation.comparisons
        ]
        plot = forest_plot(rows, measure="difference", zero=0.0)
        yield Plot.of("differences", "Differences on the same items", "Right of the line the first got more.", plot)


def _of_kind(evaluation: Evaluation, kind: str) -> list[Curve]:
    return [curve for curve in evaluation.curves if curve.kind == kind and len(curve.x)]


def _by_measure(evaluation: Evaluation, kind: str) -> list[list[Curve]]:
    """Curves of one measure share a plot."""
    plots: dict[str, list[Curve]] = {}
    for curve in _of_kind(evaluation, kind):
        plots.setdefault(curve.measure, []).append(curve)
    return list(plots.values())


def _picture(plot: Plot, number: int) -> _Picture:
    label = f"{plot.heading}. {plot.about}".strip()
    return _Picture(plot.heading, plot.about, plot.size, svg_inside(plot.svg, label=label, prefix=f"plot{number}"))


def _columns(rows: list[ClassRow]) -> Iterator[tuple[str, str]]:
    """The columns that have something to show."""
    for key, heading in _COLUMNS.items():
        if key in ("name", "positives", "base_rate", "strip", "average_precision"):
            yield key, heading
        elif key == "interval":
            if any(not math.isnan(row.average_precision.low) for row in rows):
                yield key, heading
        elif any(not math.isnan(getattr(row, key)) for row in rows):
            yield key, heading


def _cell(row: ClassRow, key: str) -> str:
    found = row.average_precision
    if key == "interval":
        return "\N{EN DASH}" if math.isnan(found.low) else f"{number_words(found.low)} to {number_words(found.high)}"
    if key == "positives":
        return f"{row.positives:,}"
    return number_words(found.value if key == "average_precision" else getattr(row, key))


def _packed(row: ClassRow) -> list[Any]:
    found = row.average_precision
    numbers = (row.base_rate, found.value, found.low, found.high)
    rest = (row.roc_auc, row.precision, row.recall, row.f1, row.threshold)
    return [row.name, int(row.positives), *map(_short, numbers), found.note, *map(_short, rest)]


def _short(value: float) -> float | None:
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _safe(mistake: Mistake) -> Mistake:
    """A link goes to the web or to a file beside the page; what would run something is no link."""
    allowed = re.fullmatch(r"""(https?://|file:///|(?![a-zA-Z][\w+.-]*:))[^\s<>"']*""", mistake.link)
    return mistake if allowed else replace(mistake, link="")
