"""The verb `sound`: where files hold speech, music, both, noise or silence, and what their last seconds are."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, Jobs, Paths, Settings, read_names, read_settings
from cueline.cli.output import INTERRUPTED, clock, meter, must_be_folder, say, show, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.detectors.sound import Verdict
    from cueline.workbench.sorting import Sorted
    from cueline.workbench.sounding import FileSound


def add_to(app: typer.Typer) -> None:
    """Register this verb."""
    app.command()(sound)


def sound(
    paths: Paths,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="MODEL", help="One's own, of `train sound`.", show_default=False),
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="NAMES", help="Write regions too, to --out: rttm,audacity,webvtt,csv,textgrid,..."
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where regions are written.", show_default=False)
    ] = None,
    playlists: Annotated[
        Path | None,
        typer.Option(
            "--playlists", metavar="DIR", help="Sort these files into a playlist a class.", show_default=False
        ),
    ] = None,
    below: Annotated[
        float, typer.Option("--below", help="With --playlists: less sure than this is uncertain.", min=0, max=1)
    ] = 0.6,
    whole: Annotated[
        bool, typer.Option("--whole", help="With --playlists: by the whole file, not by its end.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="With --playlists: try failures again.")] = False,
    settings: Settings = None,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Find speech, music, both, noise and silence in files; tell what each is as a whole, and at its end.

    The end is the last 10 seconds, where outro music is. With --playlists files are sorted by it, and a run that was
    ended goes on.
    """
    if playlists is not None:
        if to or out or settings:
            raise OptionError("--playlists sorts whole files: --to, --out and --set go without it")
        _sort(paths, model, playlists, below, jobs, whole=whole, retry=retry, json=json)
    elif whole or retry:
        raise OptionError("--whole and --retry say how files are sorted; name the folder with --playlists DIR")
    else:
        _regions(paths, model, _formats(to, out), out, read_settings(settings), jobs, json=json)


def _formats(to: str, out: Path | None) -> Sequence[str]:
    formats = read_names(to)
    if bool(formats) != (out is not None):
        raise OptionError("--to names formats and --out the folder they are written to: give both, or neither")
    return formats


def _regions(
    paths: Sequence[Path],
    model: Path | None,
    formats: Sequence[str],
    out: Path | None,
    options: dict[str, dict[str, Any]],
    jobs: int,
    *,
    json: bool,
) -> None:
    from cueline.workbench.sounding import export_sounds, exporters_of, sounds_of_files, told_apart

    exporters_of(formats)  # a wrong name is told before hours of work
    must_be_folder(out, what="--out")
    found: list[FileSound] = []
    stopped = False
    with meter(quiet=json) as bars:
        try:
            found.extend(sounds_of_files(paths, model=model, options=options, jobs=jobs, watch=bars.watch))
        except KeyboardInterrupt:  # what was heard is shown
            stopped = True
    found.sort(key=lambda answer: str(answer.file))
    if json:
        show_json([_as_json(answer) for answer in found])
    else:
        names = told_apart([answer.file for answer in found])
        for answer in found:
            _show(answer, names[answer.file])
    if out is not None:
        files = export_sounds(found, formats, out)
        say(f"{len(files)} files written to {out}")
    failed = [answer for answer in found if answer.reason]
    if json:
        for answer in failed:
            say(f"{answer.file}: {answer.reason}")
    say(f"{len(found)} files, {len(failed)} without an answer" if found else "no media files were found")
    sys.exit(INTERRUPTED if stopped else 0 if found and not failed else 1)


def _show(answer: FileSound, name: str) -> None:
    if answer.clip is None or answer.outro is None:
        show(f"{name}: {answer.reason}")
        return
    show(f"{name}: {_verdict(answer.clip)}, its end {_verdict(answer.outro)}")
    for span, label, score in answer.regions:
        show(f"  {clock(span.start)}  {clock(span.end)}  {span.duration:9.2f} s  {label:8}  {score:.2f}")


def _verdict(told: Verdict) -> str:
    return f"{told.label} ({told.scores[told.label]:.2f})"


def _as_json(answer: FileSound) -> dict[str, Any]:
    regions = [
        {"start": span.start, "end": span.end, "label": label, "score": score} for span, label, score in answer.regions
    ]
    verdicts = {"clip": answer.clip, "outro": answer.outro}
    told = {name: None if one is None else _plain(one) for name, one in verdicts.items()}
    facts: dict[str, Any] = {"file": answer.file, "regions": regions, **told}
    return {**facts, "reason": answer.reason} if answer.reason else facts


def _plain(told: Verdict) -> dict[str, Any]:
    return {"label": told.label, "scores": dict(told.scores)}


def _sort(
    paths: Sequence[Path],
    model: Path | None,
    folder: Path,
    below: float,
    jobs: int,
    *,
    whole: bool,
    retry: bool,
    json: bool,
) -> None:
    from cueline.models.clip_models import load_clip_card
    from cueline.timeline.chunks import OUTRO_SECONDS
    from cueline.workbench.sorting import sort_files

    seconds = OUTRO_SECONDS if model is None else load_clip_card(model).seconds
    with meter(quiet=json) as bars:
        ended = sort_files(
            paths,
            model=model,
            folder=folder,
            below=below,
            seconds=seconds,
            which="whole" if whole else "outro",
            jobs=jobs,
            watch=bars.watch,
            retry=retry,
        )
    if json:
        show_json(_sorted_as_json(ended))
    else:
        rows = [(name, str(count), str(ended.playlists[name])) for name, count in ended.counts.items()]
        table(("playlist", "files", "where"), [*rows, ("uncertain", str(ended.uncertain), "")])
    for path, reason in ended.failed.items():
        say(f"{path}: {reason}")
    known = len(ended.heard) - ended.fresh
    if not ended.heard and not ended.failed:
        say("no media files were found")
    say(f"{len(ended.heard)} files, {known} known before, {len(ended.failed)} failed; playlists are in {ended.folder}")
    sys.exit(0 if ended.ok else 1)


def _sorted_as_json(ended: Sorted) -> dict[str, Any]:
    return {
        "folder": ended.folder,
        "counts": dict(ended.counts),
        "uncertain": ended.uncertain,
        "playlists": dict(ended.playlists),
        "files": [
            {"file": one.file, "label": one.label or None, "scores": dict(one.scores), "reason": one.reason}
            for one in ended.heard
        ],
    }
