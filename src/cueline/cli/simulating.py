"""The verb that plays labelling through on known answers: simulate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, read_names
from cueline.cli.output import meter, must_be_folder, say, short, show, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.evaluation.contests import Race
    from cueline.workbench.simulating_material import Material

ALL = "all"


def add_to(app: typer.Typer) -> None:
    """Register this verb."""
    app.command()(simulate)


def simulate(
    library: Annotated[
        Path | None, typer.Argument(metavar="[LIB]", help="A library with a campaign.", show_default=False)
    ] = None,
    features: Annotated[
        Path | None, typer.Option("--features", metavar="F", help="Rows of numbers, .npy.", show_default=False)
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="L", help="What is there: .npz, .npy or .csv.", show_default=False),
    ] = None,
    campaign: Annotated[str, typer.Option("--campaign", metavar="NAME", help="Of the library.")] = "",
    tracks: Annotated[
        str, typer.Option("--tracks", metavar="NAMES", help="Feature tracks of the library, with commas.")
    ] = "",
    classes: Annotated[
        str, typer.Option("--classes", metavar="LIST", help="Numbers or names, with commas; all if left out.")
    ] = "",
    strategies: Annotated[str, typer.Option("--strategies", metavar="NAMES", help="With commas, or all.")] = ALL,
    budget: Annotated[int, typer.Option(help="Labels at the end.", min=1)] = 400,
    seeds: Annotated[int, typer.Option(help="Runs of each strategy and class.", min=1)] = 10,
    queries: Annotated[
        str,
        typer.Option(metavar="SIZES", help="Rows a query asks for: 5,5,10,10,20 (the last goes on), 50, or adaptive."),
    ] = "5,5,10,10,20",
    start: Annotated[int, typer.Option(help="Rows drawn by chance to begin with.", min=0)] = 5,
    positives: Annotated[int, typer.Option(help="Known positives of each class to begin with.", min=0)] = 1,
    together: Annotated[bool, typer.Option("--together", help="One question about a row answers all classes.")] = False,
    exclusive: Annotated[bool, typer.Option("--exclusive", help="A row has exactly one class: F1, accuracy.")] = False,
    groups: Annotated[
        Path | None,
        typer.Option("--groups", metavar="FILE", help="A group for each row, .npy or .csv.", show_default=False),
    ] = None,
    vocabulary: Annotated[
        Path | None, typer.Option("--vocabulary", metavar="CSV", help="Names of the classes.", show_default=False)
    ] = None,
    test_share: Annotated[float, typer.Option("--test-share", help="Share of the rows to measure on.")] = 0.25,
    components: Annotated[int, typer.Option(help="Principal components to keep; 0 for all columns.", min=0)] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Keep runs, write pages and plots.", show_default=False),
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes at once; 0 for one a core.", min=0)] = 0,
    json: AsJson = False,
) -> None:
    """Compare ways to choose what to label, on rows with known answers; goes on where it was ended, with --out."""
    from cueline.learning.active.schedules import schedule
    from cueline.workbench.simulating import Choice, strategies_of
    from cueline.workbench.simulating import simulate as played

    must_be_folder(out)
    chosen = strategies_of(read_names(strategies), exclusive=exclusive)
    choice = Choice(budget, schedule(queries), seeds, start, positives, components or None, together, exclusive)
    material = _material(
        library, features, labels, campaign, tracks, classes, groups, vocabulary, share=test_share, exclusive=exclusive
    )
    for note in material.notes:
        say(note)
    with meter(quiet=json) as bars:
        race = played(
            material, chosen, choice, out=out, jobs=jobs, told=lambda done, total: bars.line("runs", done, total)
        )
    if json:
        show_json(race.to_json())
    else:
        _show(race)
    if out is not None:
        from cueline.reports.simulations import write_simulation

        say(f"report: {write_simulation(race, out)}")
    for each in race.failed:
        say(f"failed: {each['strategy']}, seed {each['seed']}: {each['reason']}")
    sys.exit(0 if any(contest.racers for contest in race.contests) else 1)


def _material(
    library: Path | None,
    features: Path | None,
    labels: Path | None,
    campaign: str,
    tracks: str,
    classes: str,
    groups: Path | None,
    vocabulary: Path | None,
    *,
    share: float,
    exclusive: bool,
) -> Material:
    from cueline.workbench.simulating_material import material_of_files, material_of_library

    names = read_names(classes)
    if library is not None:
        if features or labels or groups or vocabulary:
            raise OptionError("a library has features, labels and groups of its own; give no files beside it")
        if not (campaign and tracks):
            raise OptionError("a library needs --campaign and --tracks, such as: --campaign music --tracks sound")
        from cueline.workbench.library import Library

        return material_of_library(
            Library(library), campaign, read_names(tracks), classes=names, test_share=share, exclusive=exclusive
        )
    if features is None or labels is None:
        raise OptionError("a simulation needs --features and --labels, or a library with --campaign and --tracks")
    return material_of_files(
        features,
        labels,
        classes=names,
        vocabulary=vocabulary,
        groups=groups,
        test_share=share,
        exclusive=exclusive,
    )


def _show(race: Race) -> None:
    """A table a class: the greatest area first."""
    from cueline.reports.simulations import table_rows
    from cueline.reports.words import number_words

    heads = ("strategy", "area", f"against {race.baseline}", "interval", "verdict", "labels to reach", "at the end")
    for contest in race.contests:
        show(
            f"{short(contest.name)}: {contest.measure}, {contest.positives:,} positives in the pool, "
            f"{contest.test_positives:,} to test, guessing {number_words(contest.base_rate)}, "
            f"{race.baseline or 'no baseline'} ends at {number_words(contest.target)}; "
            f"greatest area: {contest.winner or 'none'}"
        )
        rows = [
            (row.strategy, row.area, row.against, row.ends, row.verdict, row.reach, row.last, row.query)
            for row in table_rows(race, contest)
        ]
        table((*heads, "ms a query"), rows)
        show()
    for note in race.notes:
        say(note)
