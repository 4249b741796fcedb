"""Verbs on files, without a library: doctor, shots."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, Jobs, Paths, Settings, read_settings
from cueline.cli.output import clock, meter, say, show, show_json, table

if TYPE_CHECKING:
    from cueline.workbench.inspection import FileShots


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command()(doctor)
    app.command()(shots)


def doctor(paths: Paths, jobs: Jobs = 0, json: AsJson = False) -> None:
    """Tell what is wrong with each file, before any costly work."""
    from cueline import registry
    from cueline.workbench.inspection import doctor as look

    with meter(quiet=json) as bars:
        found = list(look(paths, registry.make("engines", "local", jobs=jobs), watch=bars.watch))
    found.sort(key=lambda checkup: str(checkup.file))
    if json:
        show_json([{"file": c.file, "ok": c.ok, "problems": list(c.problems)} for c in found])
    else:
        rows = [("ok" if c.ok else "BAD", c.file.name, "; ".join(c.problems) or "-") for c in found]
        table(("", "file", "what is wrong"), rows)
    bad = sum(not checkup.ok for checkup in found)
    say(f"{len(found)} files, {bad} cannot be analysed" if found else "no media files were found")
    sys.exit(0 if found and not bad else 1)


def shots(
    paths: Paths,
    detector: Annotated[str, typer.Option("--with", metavar="NAME", help="The detector.")] = "shots",
    settings: Settings = None,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Find the shots of files: camera takes between edits, the first and the last included."""
    from cueline.workbench.inspection import shots_of_files

    with meter(quiet=json) as bars:
        found = list(
            shots_of_files(paths, jobs=jobs, plugin=detector, options=read_settings(settings), watch=bars.watch)
        )
    found.sort(key=lambda answer: str(answer.file))
    if json:
        show_json([_as_json(answer) for answer in found])
    else:
        for answer in found:
            show(f"{answer.file.name}: {answer.reason or f'{len(answer.shots)} shots'}")
            for span, score in answer.shots:
                show(f"  {clock(span.start)}  {clock(span.end)}  {span.duration:8.3f} s  {score:.2f}")
    failed = [answer for answer in found if answer.reason]
    for answer in failed:
        say(f"{answer.file}: {answer.reason}")
    sys.exit(0 if found and not failed else 1)


def _as_json(answer: FileShots) -> dict[str, object]:
    shots = [
        {"start": span.start, "end": span.end, "start_frame": frame, "score": score}
        for (span, score), frame in zip(answer.shots, answer.start_frames, strict=True)
    ]
    rate = None if answer.rate is None else float(answer.rate)
    facts: dict[str, object] = {"file": answer.file, "frame_rate": rate, "shots": shots}
    return {**facts, "reason": answer.reason} if answer.reason else facts
