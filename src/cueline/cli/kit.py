"""Verbs of the kit: plugins, datasets, bench."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, group_of_verbs, read_names
from cueline.cli.output import finite, meter, say, show_json, table
from cueline.errors import CuelineError

if TYPE_CHECKING:
    from cueline.workbench.youtube8m import Result, Row

datasets = group_of_verbs("datasets", "Bring public data sets into forms that open at once.")
bench = group_of_verbs("bench", "Measure what Cueline reaches on public data.")


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command()(plugins)
    app.add_typer(datasets)
    datasets.command()(convert)
    app.add_typer(bench)
    bench.command()(youtube8m)


def plugins(json: AsJson = False) -> None:
    """List what is installed: plug-ins of every family, with their options."""
    from cueline import registry

    found = [_describe(entry) for kind in registry.KINDS for entry in registry.installed(kind).values()]
    if json:
        show_json(found)
        return
    rows = [
        (p["kind"], p["name"], p["summary"], ", ".join(f"{n}={v!r}" for n, v in p["options"].items())) for p in found
    ]
    table(("family", "name", "what it does", "options"), rows)


def _describe(entry: Any) -> dict[str, Any]:
    from cueline import registry

    try:
        plugin = entry.load()
    except CuelineError as error:
        return {"kind": entry.kind, "name": entry.name, "package": entry.package, "summary": str(error), "options": {}}
    lacking = registry.missing_imports(plugin)
    summary = (plugin.__doc__ or "").strip().partition("\n")[0]
    return {
        "kind": entry.kind,
        "name": entry.name,
        "package": entry.package,
        "version": plugin.version,
        "summary": summary + (f" Not installed: {', '.join(lacking)}" if lacking else ""),
        "gives": getattr(plugin, "gives", ()),
        "needs": plugin.needs if isinstance(getattr(plugin, "needs", None), tuple) else (),  # else its options tell
        "options": {option.name: option.default for option in registry.options_of(plugin)},
    }


def convert(
    source: Annotated[
        str, typer.Argument(help="YouTube-8M: .tfrecord, .csv, .parquet files, a folder or a pattern, or .npy.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The compact form.", show_default=False)],
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="L", help="Of a .npy file.", show_default=False)
    ] = None,
    classes: Annotated[
        int, typer.Option(help="How many there are; 0 for what the files show, or YouTube-8M's 3,862.", min=0)
    ] = 0,
    vocabulary: Annotated[
        Path | None,
        typer.Option("--vocabulary", metavar="CSV", help="Tells how many classes there are.", show_default=False),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a compact form that lies there.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out bad rows, count and name them.")] = False,
    json: AsJson = False,
) -> None:
    """Write rows of features and labels once into a folder that opens in milliseconds, mapped into memory."""
    from cueline.datasets.youtube8m import convert as convert_rows
    from cueline.datasets.youtube8m import read_vocabulary

    if vocabulary is not None:
        words = read_vocabulary(vocabulary)
        classes = len(words.matching(classes or len(words)))
    with meter(quiet=json) as bars:
        found = convert_rows(
            source,
            out,
            labels=labels,
            classes=classes or None,
            skip_bad=skip_bad,
            replace=replace,
            told=lambda rows: bars.line(f"{rows:,} rows", 0, 0),
        )
    if json:
        skipped = found.skipped
        facts = {"left_out": skipped.rows, "bytes_lost": skipped.bytes_lost, "reasons": skipped.reasons}
        show_json({"folder": out, "rows": len(found.compact), "hash": found.compact.hash, **facts})
    for line in str(found).splitlines():
        say(line)


def youtube8m(
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Features, labels, vocabulary.", show_default=False)
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Models, results and the report; an ended run goes on there.")
    ] = Path("youtube8m.bench"),
    seeds: Annotated[int, typer.Option(help="How many times each network is trained.", min=1)] = 3,
    models: Annotated[str, typer.Option(help="Which, with commas: prior, ridge, course MLP, ours.")] = "",
    json: AsJson = False,
) -> None:
    """Train and measure prior, ridge, the course's perceptron and our tagger on one fixed split of YouTube-8M rows."""
    from cueline.cli.learning import told_in_lines
    from cueline.workbench.youtube8m import MODELS, OURS, bench_youtube8m, report_ours

    with told_in_lines(quiet=json) as told:
        rows = bench_youtube8m(
            data, out, seeds=range(seeds), models=read_names(models) or MODELS, told=told, done=_say_result
        )
    page = report_ours(data, out, rows) if any(row.model == OURS for row in rows) else None
    if json:
        show_json({"table": [finite(asdict(row)) for row in rows], "report": page})
        return
    _show_rows(rows)
    if page:
        say(f"report: {page}")


def _say_result(result: Result) -> None:
    seed = "" if result.seed is None else f", seed {result.seed}"
    measures = "  ".join(f"{name} {value:.4f}" for name, value in result.measures.items())
    say(f"{result.model}{seed}: {measures}")


def _show_rows(rows: Sequence[Row]) -> None:
    names = list(rows[0].mean)
    lines = []
    for row in rows:
        cells = [f"{row.mean[name]:.4f}" + (f" ±{row.spread[name] / 2:.4f}" if row.seeds > 1 else "") for name in names]
        minutes = "-" if math.isnan(row.minutes) else f"{row.minutes:.1f}"
        lines.append((row.model, str(row.seeds), *cells, minutes, f"{row.megabytes:.0f}"))
    table(("model", "seeds", *names, "minutes", "MB"), lines)
