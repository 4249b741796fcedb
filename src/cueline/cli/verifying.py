"""Verbs on playlists that are checked by ear: verify draw, verify result.

JSON of `verify result`, where null stands for what is not known:

    classes   name, size, drawn, judged, right, unanswered, unsure, unread, instead as counts by class;
              share: value, low, high, level, note
    whole     value, low, high, level, note: of all entries, each playlist weighted by its size
    unread    where, why
    notes     what else must be known
"""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, Classes, group_of_verbs, read_names
from cueline.cli.output import finite, say, show, show_json, table

if TYPE_CHECKING:
    from cueline.evaluation.summaries import Interval

verify = group_of_verbs("verify", "Check playlists by ear: draw a random sample, and count what was heard.")
_COLUMNS = ("class", "right / judged", "ratio", "interval", "of", "unanswered", "unsure", "unread", "truly")


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.add_typer(verify)


@verify.command("draw")
def draw_sample(
    playlists: Annotated[list[Path], typer.Argument(help="Playlists, one a class.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where samples and sheet go.", show_default=False)],
    each: Annotated[int, typer.Option(help="Entries of each class.", min=1)] = 20,
    seed: Annotated[int, typer.Option(help="Of the draw.", min=0)] = 0,
    json: AsJson = False,
) -> None:
    """Draw a random sample of every playlist: a playlist of each to listen to, and one sheet to answer."""
    from cueline.workbench.verifying import draw

    found = draw(playlists, out, each=each, seed=seed)
    for note in found.notes:
        say(note)
    if json:
        rows = [
            {"name": one.name, "size": one.size, "drawn": len(one.entries), "playlist": one.playlist}
            for one in found.classes
        ]
        show_json({"sheet": found.sheet, "seed": seed, "classes": rows, "notes": list(found.notes)})
    else:
        table(
            ("class", "drawn", "of", "playlist"),
            [(one.name, str(len(one.entries)), str(one.size), one.playlist.name) for one in found.classes],
        )
    say(f"fill in the column answer of {found.sheet}: y, n, or the class that is truly there; ? where nobody can say")


@verify.command("result")
def result(
    sheets: Annotated[list[Path], typer.Argument(help="Sheets that were filled in.", show_default=False)],
    classes: Classes = "",
    level: Annotated[float, typer.Option(help="How often an interval shall hold the truth.")] = 0.95,
    json: AsJson = False,
) -> None:
    """Count what was heard: how many entries of each playlist are right, and of all, with intervals."""
    from cueline.workbench.verifying_answers import judge

    found = judge(sheets, known=read_names(classes), level=level)
    if json:
        show_json(
            {
                "classes": [finite(asdict(one)) for one in found.classes],
                "whole": finite(asdict(found.whole)),
                "unread": [{"where": where, "why": why} for where, why in found.unread],
                "notes": list(found.notes),
            }
        )
    else:
        rows = []
        for one in found.classes:
            truly = ", ".join(f"{count} {name}" for name, count in one.instead.items())
            ratio = f"{one.share.value:.3f}" if one.judged else "-"
            counts = (str(one.unanswered), str(one.unsure), str(one.unread))
            size = str(one.size) if one.size else "?"
            rows.append((one.name, f"{one.right} / {one.judged}", ratio, _ends(one.share), size, *counts, truly or "-"))
        table(_COLUMNS, rows)
        value = "-" if math.isnan(found.whole.value) else f"{found.whole.value:.3f}"
        show(f"of all, each playlist by its size: {value}, {_ends(found.whole)}")
    for where, why in found.unread:
        say(f"{where}: {why}")
    for note in [*found.notes, *filter(None, [found.whole.note])]:
        say(note)
    judged = sum(one.judged for one in found.classes)
    if not judged:
        say("nothing was judged yet")
    sys.exit(0 if judged and not found.unread else 1)


def _ends(found: Interval) -> str:
    return "-" if math.isnan(found.low) else f"{found.low:.3f} to {found.high:.3f}"
