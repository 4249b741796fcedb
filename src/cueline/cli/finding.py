"""Verbs that find: search, tags."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import (
    MOST,
    AsJson,
    ClassOption,
    FileOption,
    FromOption,
    GroupOption,
    LibraryPath,
    Limit,
    ScoreOption,
    ToOption,
    TrackOption,
    read_groups,
    read_names,
    read_window,
)
from cueline.cli.output import clock, say, short, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cueline.stores.rows import Tag
    from cueline.timeline.spans import Span
    from cueline.workbench.library import Library
    from cueline.workbench.search import Hit


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    for verb in (search, tags):
        app.command()(verb)


def search(
    library: LibraryPath,
    words: Annotated[list[str] | None, typer.Argument(help="Words, as below.", show_default=False)] = None,
    track: TrackOption = None,
    classes: ClassOption = "",
    file: FileOption = None,
    start: FromOption = None,
    end: ToOption = None,
    score: ScoreOption = None,
    group: GroupOption = None,
    like: Annotated[
        str | None, typer.Option("--like", metavar="FILE", help="Moments like a film, sound or picture.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="START-END", help="With --like: which part of it, such as 12-15.5.")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", metavar="TRACK", help="With --like: what is compared; color where none is given.")
    ] = "",
    per: Annotated[
        str | None, typer.Option("--per", help="With --like: what a moment is, a label track or so many seconds.")
    ] = None,
    columns: Annotated[str, typer.Option(help="With --like: only these columns, such as luma_*,blue_*.")] = "",
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """Find files and moments by words: dog car, "red car", car*, dog OR cat, dog NOT cat; or by example.

    Words are looked for in names of labels, in subtitles and notes, and in names of files.
    """
    from cueline.workbench.library import Library

    if like is not None:
        if words or track or classes or file or score is not None:
            raise OptionError(
                "--like finds by example: --from, --to and --group may narrow it; words, --track, --class, --file and "
                "--score may not"
            )
        found = Library(library).like(
            like,
            by or "color",
            span=_part(at),
            per=_number_or_name(per),
            columns=read_names(columns),
            within=read_window(start, end),
            groups=read_groups(group),
            limit=limit,
            told=say,
        )
        _show_hits(found, json=json)
        return
    if at or by or per or columns:
        raise OptionError("--at, --by, --per and --columns say how to compare with an example; name it with --like")
    hits = Library(library).search(
        " ".join(words or ()),
        track=track,
        classes=read_names(classes) or None,
        file=file,
        within=read_window(start, end),
        least_score=score,
        groups=read_groups(group),
        limit=limit,
    )
    _show_hits(hits, json=json)


def tags(
    library: LibraryPath,
    track: Annotated[
        str | None, typer.Option("--track", "--name", help="Only tracks of this name, such as shots.")
    ] = None,
    classes: ClassOption = "",
    file: FileOption = None,
    start: FromOption = None,
    end: ToOption = None,
    score: ScoreOption = None,
    group: GroupOption = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.", min=1, max=MOST)] = None,
    provenance: Annotated[bool, typer.Option("--provenance", help="Tell also who made each, from what.")] = False,
    json: AsJson = False,
) -> None:
    """List tags: what was found, in which file, when."""
    from cueline.workbench.library import Library

    target = Library(library)
    rows = target.tags(
        track,
        file=file,
        classes=read_names(classes) or None,
        within=read_window(start, end),
        least_score=score,
        groups=read_groups(group),
        limit=limit,
    )
    _show_tags(target, rows, provenance=provenance, json=json)
    if not rows:
        which = f" in tracks called {track!r}" if track else ""
        say(f"no tags{which}; `cueline status {library}` tells what is there")


def _part(text: str | None) -> Span | None:
    """A span from text like "12-15.5"."""
    if text is None:
        return None
    start, dash, end = text.partition("-")
    if not (dash and start and end):
        raise OptionError(f"--at must look like 12-15.5 or 00:01:00-00:01:10, got {text!r}")
    return read_window(start, end, of="--at")


def _number_or_name(text: str | None) -> str | float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _show_hits(hits: Sequence[Hit], *, json: bool) -> None:
    """What was found; exit with 1 where nothing was."""
    if json:
        show_json(
            [
                {
                    "file": hit.path,
                    "asset": hit.asset,
                    "track": hit.track,
                    "start": None if hit.span is None else hit.span.start,
                    "end": None if hit.span is None else hit.span.end,
                    "text": hit.text,
                    "score": hit.score,
                }
                for hit in hits
            ]
        )
    else:
        rows = []
        for hit in hits:
            times = ("", "") if hit.span is None else (clock(hit.span.start), clock(hit.span.end))
            rows.append((hit.path.name, hit.track or "(file)", *times, short(hit.text), f"{hit.score:.2f}"))
        table(("file", "track", "start", "end", "what", "score"), rows)
    if not hits:
        say("nothing was found")
    sys.exit(0 if hits else 1)


def _show_tags(target: Library, rows: Sequence[Tag], *, provenance: bool, json: bool) -> None:
    files = target.files()
    made = {key: target.provenance(*key) for key in {(row.asset, row.track) for row in rows}} if provenance else {}
    if json:
        show_json([_plain_tag(row, files[row.asset], made.get((row.asset, row.track))) for row in rows])
        return
    cells = []
    for row in rows:
        by = made.get((row.asset, row.track))
        told = [f"{by.plugin} {by.version} {dict(by.options)}"] if by else []
        times = (clock(row.span.start), clock(row.span.end))
        cells.append((files[row.asset].name, row.track, *times, short(row.name), f"{row.score:.2f}", *told))
    table(("file", "track", "start", "end", "name", "score", *(["made by"] if provenance else [])), cells)


def _plain_tag(row: Tag, file: Path, made: Any) -> dict[str, Any]:
    from dataclasses import asdict

    tag = {
        "file": file,
        "asset": row.asset,
        "track": row.track,
        "start": row.span.start,
        "end": row.span.end,
        "name": row.name,
        "score": row.score,
    }
    return tag if made is None else {**tag, "provenance": asdict(made)}
