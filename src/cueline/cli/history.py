"""Verbs about what happened: runs, diff."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, LibraryPath
from cueline.cli.output import clock, say, show, show_json, table

if TYPE_CHECKING:
    from cueline.workbench.history import RunDiff, TrackChange

_MOST_ROWS = 20  # of one track that are shown; --json has all


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command()(runs)
    app.command()(diff)


def runs(library: LibraryPath, json: AsJson = False) -> None:
    """List the runs: when each was, what it was to do, how it ended."""
    from cueline.workbench.library import Library

    found = Library(library).runs()
    if json:
        show_json([asdict(run) for run in found])
        return
    rows = [(str(run.id), run.started, run.state, _what(run.plan), run.version) for run in found]
    table(("run", "started", "state", "what", "cueline"), rows)


def diff(
    library: LibraryPath,
    first: Annotated[int, typer.Argument(metavar="RUN_A", help="Number of a run; `cueline runs` lists them.")],
    second: Annotated[int, typer.Argument(metavar="RUN_B", help="Number of a later one.")],
    json: AsJson = False,
) -> None:
    """Tell what changed from the end of one run to the end of another, and why."""
    from cueline.workbench.library import Library

    changed = Library(library).diff(first, second)
    if json:
        show_json(asdict(changed))
    else:
        _show(changed)


def _show(changed: RunDiff) -> None:
    for cause, count in changed.causes.items():
        show(f"{cause}  ({count} files)")
    for path, plugin, before, after in changed.states:
        show(f"{path}: {plugin} {before} -> {after}")
    for change in changed.tracks:
        show(f"{change.path}: {change.track}: {change.same} the same, {len(change.gone)} gone, {len(change.new)} new")
        _show_rows(change)
    same = "nothing differs" if not (changed.causes or changed.states or changed.tracks) else "what differs is above"
    say(f"run {changed.first} -> run {changed.second}: {changed.compared} files in both, {changed.added} new; {same}")


def _show_rows(change: TrackChange) -> None:
    signed = (("-", change.gone), ("+", change.new))
    rows = sorted((span, name, sign) for sign, found in signed for span, name in found)
    for span, name, sign in rows[:_MOST_ROWS]:
        show(f"  {sign} {clock(span.start)}  {clock(span.end)}  {name}")
    if len(rows) > _MOST_ROWS:
        show(f"  ... and {len(rows) - _MOST_ROWS} more; --json has all")


def _what(plan: object) -> str:
    """A run's plan in a few words."""
    words = dict(plan) if isinstance(plan, dict) else {}
    if "wanted" in words:
        return f"analyze: {', '.join(words['wanted'])}"
    return "; ".join(f"{verb}: {', '.join(map(str, about))}" for verb, about in words.items())
