"""Verbs about where files lie and how they belong together: relink, groups."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, LibraryPath
from cueline.cli.output import say, show_json, table

if TYPE_CHECKING:
    from cueline.workbench.grouping import Grouped


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command()(relink)
    app.command()(groups)


def relink(
    library: LibraryPath,
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Where files may have gone.", show_default=False, readable=False)
    ] = None,
    json: AsJson = False,
) -> None:
    """Find moved files again by their content, and carry people's work over to changed ones."""
    from cueline.workbench.library import Library

    done = Library(library).relink(*(folders or ()))
    if json:
        moved = [{"from": before, "to": now} for before, now in done.moved.items()]
        show_json({"moved": moved, "carried": [asdict(each) for each in done.carried], "missing": done.missing})
    else:
        for before, now in done.moved.items():
            say(f"found: {before} -> {now}")
        for each in done.carried:
            tracks = f", tracks {', '.join(each.tracks)}" if each.tracks else ""
            beyond = f"; {each.beyond} answers lie beyond its end and stay behind" if each.beyond else ""
            say(f"changed: {each.path}: {each.answers} answers{tracks} carried over{beyond}")
        for path in done.missing:
            say(f"missing: {path}")
        say(f"{len(done.moved)} found again, {len(done.carried)} carried over, {len(done.missing)} still missing")
    sys.exit(1 if done.missing else 0)


def groups(
    library: LibraryPath,
    names: Annotated[
        list[str] | None,
        typer.Option("--names", metavar="PATTERN", help="Tell groups from names, such as '{show}/{season}_*'."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="A table: a column file, and one for each kind.")
    ] = None,
    forget: Annotated[
        str | None, typer.Option("--forget", metavar="KIND", help="Take all files out of the groups of a kind.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Set groups of files (show, film, speaker, ...) and count them; splits keep them together."""
    from cueline.workbench.library import Library

    target, faults = Library(library), list[str]()
    if forget is not None:
        say(f"{target.forget_groups(forget)} files were taken out of the groups of kind {forget!r}")
    if names:
        say(f"{target.group_by_names(*names)} files were grouped by their names; new files will be too")
    if csv is not None:
        done, faults = target.group_by_table(csv)
        say(f"{done} files were grouped by {csv}")
    counted = target.groups()
    if json:
        show_json({**asdict(counted), "faults": faults})
    else:
        _show(counted)
    for fault in faults:
        say(f"{csv}: {fault}")
    sys.exit(1 if faults else 0)


def _show(counted: Grouped) -> None:
    rows = [(kind, str(count), f"{counted.assets[kind]} of {counted.total}") for kind, count in counted.kinds.items()]
    table(("kind", "groups", "files"), rows)
    for rule in counted.rules:
        say(f"told from names: {rule}")
    say(
        f"{counted.components} sets of files that a split keeps together; the largest has {counted.largest} of "
        f"{counted.total}"
    )
