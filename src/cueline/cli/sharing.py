"""Verbs that hand results on and take others in: export, import, report, proxy."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cueline.cli.arguments import AsJson, Jobs, LibraryPath, Settings, read_names, read_settings
from cueline.cli.output import meter, say, show, show_json, table
from cueline.errors import OptionError


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command()(export)
    app.command("import")(bring)
    app.command()(report)
    app.command()(proxy)


def export(
    library: LibraryPath,
    to: Annotated[str, typer.Option("--to", metavar="NAMES", help="Formats, with commas, such as csv,webvtt.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where; made if missing.")],
    tracks: Annotated[str, typer.Option("--track", metavar="NAMES", help="Only these tracks, with commas.")] = "",
    files: Annotated[
        list[str] | None, typer.Option("--file", help="Only this file, by path or name; may be given many times.")
    ] = None,
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Write the tracks of a library in formats of the field."""
    from cueline.workbench.library import Library

    formats = read_names(to)
    if not formats:
        raise OptionError("--to must name a format, such as csv or webvtt; `cueline plugins` lists the exporters")
    written = Library(library).export(
        formats, out, tracks=read_names(tracks) or None, files=files, options=read_settings(settings)
    )
    refused = [{"file": file, "format": form, "reason": reason} for file, form, reason in written.refused]
    if json:
        show_json({"files": written.files, "refused": refused})
    for each in refused:
        say(f"{each['file']}: {each['format']}: {each['reason']}")
    say(f"{len(written.files)} files written to {out}, {len(refused)} refused")
    sys.exit(0 if written.files and not refused else 1)


def bring(
    library: LibraryPath,
    paths: Annotated[list[Path], typer.Argument(help="Files of labels.", show_default=False, readable=False)],
    form: Annotated[
        str, typer.Option("--as", metavar="FORMAT", help="Their format; told by the ending where none is given.")
    ] = "",
    track: Annotated[str, typer.Option("--track", help="What the track is to be called.")] = "",
    file: Annotated[str, typer.Option("--file", help="The media they are about, where they do not say.")] = "",
    clip: Annotated[bool, typer.Option("--clip", help="Cut what lies beyond the end of the media.")] = False,
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Take in labels of other programs: subtitles, Audacity labels, RTTM, ActivityNet, tables, and so on."""
    from cueline.workbench.library import Library

    taken = Library(library).bring(
        *paths, form=form, track=track, file=file, clipped=clip, options=read_settings(settings)
    )
    if json:
        show_json({"tracks": taken.tracks, "rows": taken.rows, "faults": taken.faults, "remarks": taken.remarks})
    for text in (*taken.remarks, *taken.faults):
        say(text)
    say(f"{taken.rows} labels for {len(taken.tracks)} files taken in, {len(taken.faults)} faults")
    sys.exit(0 if taken.rows and not taken.faults else 1)


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


def proxy(
    library: LibraryPath,
    files: Annotated[
        list[str] | None, typer.Argument(help="Files, by path or name; all where none is given.", show_default=False)
    ] = None,
    height: Annotated[int, typer.Option(help="Pixels of the pictures at most.", min=2)] = 480,
    always: Annotated[bool, typer.Option("--always", help="Also for files that browsers play.")] = False,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Make copies for browsers of files that they do not play; times stay as they are."""
    from cueline.workbench.library import Library

    with meter(quiet=json) as bars:
        made = Library(library).proxies(*(files or ()), height=height, always=always, jobs=jobs, watch=bars.watch)
    if json:
        show_json([asdict(each) for each in made])
    else:
        rows = [
            (each.file.name, each.why or "browsers play it", str(each.proxy or each.reason or "-")) for each in made
        ]
        table(("file", "why", "proxy"), rows)
    if not made:
        say("none of it is there, or could be read; `cueline status` tells why")
    failed = sum(bool(each.reason) for each in made)
    say(f"{len(made)} files, {sum(each.proxy is not None for each in made)} proxies, {failed} could not be made")
    sys.exit(1 if failed or not made else 0)
