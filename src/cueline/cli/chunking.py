"""The verb chunk: files cut into pieces from the end backwards."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, Jobs
from cueline.cli.output import meter, say, show, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.workbench.chunk_log import Entry

_MOST_TOLD = 20
_STATES = ("done", "failed", "begun")


def add_to(app: typer.Typer) -> None:
    """Register this verb."""
    app.command()(chunk)


def chunk(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where chunks go.", show_default=False)],
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders.", show_default=False)] = None,
    seconds: Annotated[float, typer.Option(help="Length of a chunk.")] = 10.0,
    hop: Annotated[
        float | None, typer.Option(help="From the end of one to the end of the next; below --seconds they overlap.")
    ] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy packets, without loss, exact to the packet; else to the sample.")
    ] = False,
    to: Annotated[str | None, typer.Option("--to", help="mp3, wav, flac, opus or m4a; mp3 if nothing is said.")] = None,
    jobs: Jobs = 0,
    status: Annotated[bool, typer.Option("--status", help="Only tell what was done and what failed.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Try failures again.")] = False,
    again: Annotated[bool, typer.Option("--replace", help="Replace chunks that were cut in another way.")] = False,
    json: AsJson = False,
) -> None:
    """Cut files into chunks from the end backwards: chunk 1 is the last, and nothing is lost at the beginning.

    What is done is not done again; chunks.jsonl in DIR says which chunk is which part of which file.
    """
    if status:
        _tell_status(out, paths or [], json=json)
        return
    if not paths:
        raise OptionError("there must be files or folders to cut, got none. To see what was done, add --status.")
    if copy and to:
        raise OptionError(f"sound is copied or encoded, got --copy and --to {to}. Leave one out.")
    from cueline.workbench.chunk_log import Cutting
    from cueline.workbench.chunk_plans import plan_chunks
    from cueline.workbench.chunking import make_chunks

    cutting = Cutting(seconds, seconds if hop is None else hop, "copy" if copy else to or "mp3")
    plan = plan_chunks(paths, out, cutting, retry=retry, again=again)
    for note in plan.notes:
        say(note)
    with meter(quiet=json) as bars:
        bars.begin(len(plan.due), "cutting")
        fresh = make_chunks(plan, jobs=jobs, watch=bars.watch, told=lambda _: bars.step())
    failed = [*plan.failed, *plan.unreadable, *(entry for entry in fresh if entry.state == "failed")]
    entries = sorted([*fresh, *plan.done, *plan.failed, *plan.unreadable], key=lambda entry: str(entry.file))
    if json:
        show_json([entry.to_json() for entry in entries])
    else:
        _show(sorted(fresh, key=lambda entry: str(entry.file)))
    _tell_failed(failed)
    made, cut = sum(len(entry.chunks) for entry in fresh), sum(entry.state == "done" for entry in fresh)
    done = cut + len(plan.done)
    counts = f"{cut} cut into {made}, {len(plan.done)} cut before, {len(failed)} failed"
    say(f"{len(entries)} files: {counts}; {cutting}, in {out}" if entries else "no media files were found")
    if plan.failed:
        say(f"{len(plan.failed)} failed before and were not tried again; add --retry to do so")
    sys.exit(0 if done and not failed else 1)


def _show(fresh: Sequence[Entry]) -> None:
    for entry in fresh:
        if entry.state == "done":
            first, last = entry.chunks[-1], entry.chunks[0]
            names = first.name if first is last else f"{first.name} to {last.name}"
            note = f" ({entry.reason})" if entry.reason else ""
            count = "1 chunk" if first is last else f"{len(entry.chunks)} chunks"
            show(f"{entry.file.name}: {count} of {last.span.end:.3f} s, {names}{note}")


def _tell_failed(failed: Sequence[Entry]) -> None:
    for entry in failed[:_MOST_TOLD]:
        say(f"{entry.file}: {entry.reason}")
    if len(failed) > _MOST_TOLD:
        say(f"and {len(failed) - _MOST_TOLD} more; --status names them all")


def _tell_status(out: Path, paths: Sequence[Path], *, json: bool) -> None:
    """What the log says, and with paths, how many of their files it does not know yet."""
    from cueline.workbench.chunk_log import read_log
    from cueline.workbench.finding import find_media

    log = read_log(out)
    entries = list(log.entries.values())
    waiting = [path for path in find_media(paths).files if path not in log.entries] if paths else []
    counts = {state: sum(entry.state == state for entry in entries) for state in _STATES}
    chunks = sum(len(entry.chunks) for entry in entries)
    failed = [entry for entry in entries if entry.state == "failed"]
    if json:
        told = [{"file": entry.file, "reason": entry.reason} for entry in failed]
        show_json({"files": len(entries), **counts, "new": len(waiting), "chunks": chunks, "failures": told})
    else:
        ways = sorted({str(entry.cutting) for entry in entries if entry.state == "done"})
        rows = [("cut", str(counts["done"])), ("failed", str(counts["failed"])), ("stopped", str(counts["begun"]))]
        table(("files", "count"), [*rows, ("not cut yet", str(len(waiting)))] if paths else rows)
        show(f"{chunks} chunks{': ' if ways else ''}{'; '.join(ways)}")
        for entry in failed:
            show(f"{entry.file}: {entry.reason}")
    if not entries:
        say(f"nothing was cut into {out} yet")
    sys.exit(0 if counts["done"] and not failed else 1)
