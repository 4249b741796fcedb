"""Verbs that hand results on: export, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cueline.cli.arguments import AsJson, LibraryPath, Settings, read_names, read_settings
from cueline.cli.output import say, show, show_json
from cueline.errors import OptionError


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command()(export)
    app.command()(report)


def export(
    library: LibraryPath,
    to: Annotated[str, typer.Option("--to", metavar="NAMES", help="Formats, with commas, such as csv,webvtt.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where; made if missing.")],
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Write the tracks of a library in formats of the field."""
    from cueline.workbench.library import Library

    formats = read_names(to)
    if not formats:
        raise OptionError("--to must name a format, such as csv or webvtt; `cueline plugins` lists the exporters")
    written = Library(library).export(formats, out, options=read_settings(settings))
    if json:
        show_json({"files": written})
    say(f"{len(written)} files written to {out}")
    sys.exit(0 if written else 1)


def report(
    library: LibraryPath,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where; LIB/report where none is given.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Write pages that people look at; print where the first one is."""
    from cueline.workbench.library import Library

    page = Library(library).report(out)
    if json:
        show_json({"page": page})
    else:
        show(str(page))
