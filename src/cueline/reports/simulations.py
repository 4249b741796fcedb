"""The report of a simulation: a page for people, the same as JSON for programs, its plots as SVG and PNG.

The page needs no server and nothing beside it: who wins in each class and how surely, learning curves with what
guessing gets, areas against chance, a table for each class, what failed, and the facts one needs to repeat it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cueline.evaluation.contests import Contest, Race, Racer
from cueline.evaluation.summaries import Interval
from cueline.reports.races import alike, areas_plot, curves_plot
from cueline.reports.rendering import numbers, render, write_whole
from cueline.reports.vectors import png_file, svg_file, svg_inside
from cueline.reports.words import legible, number_words

SCHEMA, SCHEMA_VERSION = "cueline.simulation", 1
PAGE, NUMBERS = "index.html", "simulation.json"
CURVES, AREAS = "curves", "areas"
VERDICTS = {"baseline": "", "better": "better", "worse": "worse", "open": "not clear"}


@dataclass(frozen=True, slots=True)
class _Row:
    """A racer as the table shows it."""

    strategy: str
    area: str
    against: str
    ends: str
    verdict: str
    reach: str
    last: str
    query: str
    wins: bool


def write_simulation(race: Race, folder: Path) -> Path:
    """Write the report of a simulation.

    Args:
        race: What was found.
        folder: Where; made if it is missing. Files there of the same names are replaced, no other is touched.

    Returns:
        The page, `index.html`; beside it lie `simulation.json`, and `curves` and `areas` as .svg and .png.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / NUMBERS, numbers(SCHEMA, SCHEMA_VERSION, race.to_json()))
    drawings = {}
    for name, draw in ((CURVES, curves_plot), (AREAS, areas_plot)):
        figure = draw(race)
        drawings[name] = svg_file(figure)
        write_whole(folder / f"{name}.svg", drawings[name])
        write_whole(folder / f"{name}.png", png_file(figure))
    write_whole(folder / PAGE, _page(race, drawings).encode())
    return folder / PAGE


def simulation_html(race: Race) -> str:
    """The page of a simulation, complete in itself."""
    return _page(race, {CURVES: svg_file(curves_plot(race)), AREAS: svg_file(areas_plot(race))})


def _page(race: Race, drawings: Mapping[str, bytes]) -> str:
    compared = bool(race.baseline) and any(len(contest.racers) > 1 for contest in race.contests)
    curves = svg_inside(drawings[CURVES], label="Learning curves, a panel a class", prefix=CURVES)
    areas = svg_inside(drawings[AREAS], label="Areas against chance, a panel a class", prefix=AREAS)
    page = render(
        "simulation.html.jinja",
        scripts=(),
        styles=("page.css", "evaluation.css"),
        title=race.title,
        race=race,
        curves=curves,
        areas=areas if compared else "",
        alike=[(name, others) for name, others in alike(race).items() if others],
        tables=[(contest, table_rows(race, contest)) for contest in race.contests],
        number=number_words,
    )
    return legible(page)


def table_rows(race: Race, contest: Contest) -> list[_Row]:
    """A class as a table: strategies by area, the greatest first, numbers in words."""
    return [_row(race, contest, racer, wins=place == 0) for place, racer in enumerate(contest.ranked)]


def _row(race: Race, contest: Contest, racer: Racer, *, wins: bool) -> _Row:
    seconds = race.query_seconds.get(racer.strategy, math.nan)
    dash = "\N{EN DASH}"
    return _Row(
        strategy=racer.strategy,
        area=number_words(racer.area.value),
        against=_signed(racer.against.value),
        ends=_ends(racer.against),
        verdict=VERDICTS[racer.verdict],
        reach=reach_words(racer) if not math.isnan(contest.target) else dash,
        last=number_words(float(racer.curve.y[-1])) if len(racer.curve.y) else dash,
        query=dash if math.isnan(seconds) else f"{1000 * seconds:,.1f}",
        wins=wins,
    )


def reach_words(racer: Racer) -> str:
    """Labels to get where the baseline ends.

    Example:
        >>> from cueline.evaluation.contests import contest
        >>> curves = {"random": {0: ([10, 20], [0.1, 0.2])}, "margin": {0: ([10, 20], [0.3, 0.4])}}
        >>> found = contest(curves, baseline="random", number=0, name="rain", positives=9, base_rate=0.1,
        ...     test_positives=3)
        >>> [reach_words(racer) for racer in found.racers]
        ['20', '10']
    """
    reach = racer.reach
    if math.isinf(reach.value):
        return f"not reached ({racer.arrived} of {racer.seeds} seeds do)"
    ends = ""
    if not math.isnan(reach.low):
        high = "not reached" if math.isinf(reach.high) else f"{reach.high:g}"
        ends = f" ({reach.low:g} to {high})"
    return f"{reach.value:g}{ends}"


def _ends(found: Interval) -> str:
    if math.isnan(found.low):
        return "" if math.isnan(found.value) else "no interval"
    return f"{_signed(found.low)} to {_signed(found.high)}"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number_words(value)
