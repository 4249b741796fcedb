"""Verbs on a library: init, add, analyze, status, tags."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, EngineName, Jobs, LibraryPath, Paths, Settings, read_names, read_settings
from cueline.cli.output import clock, meter, say, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.workbench.analysis import Summary
    from cueline.workbench.library import Library

LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", help="The library; FOLDER.cue beside the folder where none is given.", show_default=False
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    for verb in (init, add, analyze, status, tags):
        app.command()(verb)


def init(library: LibraryPath) -> None:
    """Make an empty library."""
    from cueline.workbench.library import Library

    Library(library).init()
    say(f"{library} is ready")


def add(paths: Paths, library: LibraryOption = None, json: AsJson = False, jobs: Jobs = 0) -> None:
    """Make files known to a library: find them, probe them, analyse nothing."""
    from cueline import registry

    target = _library(paths, library)
    with meter(quiet=json) as bars:
        intake = target.add(*paths, engine=registry.make("engines", "local", jobs=jobs), watch=bars.watch)
    state = target.status()
    failed = [{"file": file, "reason": reason} for file, reason in state.failed.items()]
    if json:
        show_json({"library": target.path, "files": len(intake.assets), "added": intake.added, "failed": failed})
    say(f"{len(intake.assets)} files, {intake.added} new, {intake.ignored} others ignored, in {target.path}")
    for failure in failed:
        say(f"  {failure['file']}: {failure['reason']}")
    sys.exit(0 if intake.assets and not failed else 1)


def analyze(
    paths: Paths,
    library: LibraryOption = None,
    wanted: Annotated[
        str,
        typer.Option(
            "--with", metavar="NAMES", help="Plug-ins or tracks, with commas, instead of keyframes,shots,black."
        ),
    ] = "",
    settings: Settings = None,
    jobs: Jobs = 0,
    limit: Annotated[int | None, typer.Option(help="Work on at most so many files now.", min=1)] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what failed before.")] = False,
    engine: EngineName = "local",
    json: AsJson = False,
) -> None:
    """Analyse files and folders, or a library; what is up to date is not done again."""
    from cueline import registry
    from cueline.workbench.intake import absolute
    from cueline.workbench.planning import EVERYDAY

    target = _library(paths, library)
    options = read_settings(settings)
    runner = registry.make("engines", engine, **{"jobs": jobs, **options.pop(engine, {})})
    known = [path for path in paths if absolute(path) != absolute(target.path)]
    with meter(quiet=json) as bars:
        summary = target.analyze(
            *known,
            wanted=read_names(wanted) or EVERYDAY,
            options=options,
            jobs=jobs,
            engine=runner,
            limit=limit,
            retry=retry,
            watch=bars.watch,
            began=lambda work: bars.begin(len(work), "analysing"),
            told=lambda _: bars.step(),
        )
    _end(target, summary, json=json)


def status(library: LibraryPath, json: AsJson = False) -> None:
    """Tell how far a library is, what failed and why."""
    from cueline.workbench.library import Library

    state = Library(library).status()
    if json:
        failed = [{"file": file, "reason": reason} for file, reason in state.failed.items()]
        warnings = [{"file": file, "reason": reason} for file, reason in state.warnings.items()]
        show_json({**asdict(state), "failed": failed, "warnings": warnings})
    else:
        facts = [("assets", state.assets), ("files", state.files), ("done", state.done), ("waiting", state.waiting)]
        facts += [("failed", len(state.failed)), ("missing", len(state.missing))]
        table(("library", ""), [(name, str(count)) for name, count in facts] + [("media", clock(state.duration))])
        table(("track", "assets"), [(name, str(count)) for name, count in sorted(state.tracks.items())])
        _tell("failed", state.failed)
        _tell("missing", dict.fromkeys(state.missing, "not there any more"))
        _tell("odd", state.warnings)


def tags(
    library: LibraryPath,
    name: Annotated[str | None, typer.Option(help="Of the track, such as shots; all where none is given.")] = None,
    file: Annotated[str | None, typer.Option(help="One file only, by path or name.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.", min=1)] = None,
    json: AsJson = False,
) -> None:
    """List tags: what was found, in which file, when."""
    from cueline.workbench.library import Library

    target = Library(library)
    rows = target.tags(name, file=file, limit=limit)
    files = target.files()
    if json:
        show_json(
            [
                {
                    "file": files[row.asset],
                    "asset": row.asset,
                    "track": row.track,
                    "start": row.span.start,
                    "end": row.span.end,
                    "name": row.name,
                    "score": row.score,
                }
                for row in rows
            ]
        )
    else:
        cells = [
            (files[row.asset].name, row.track, clock(row.span.start), clock(row.span.end), row.name, f"{row.score:.2f}")
            for row in rows
        ]
        table(("file", "track", "start", "end", "name", "score"), cells)
    if not rows:
        say(f"no tags{f' in tracks called {name!r}' if name else ''}; `cueline status {library}` tells what is there")


def _library(paths: list[Path], library: Path | None) -> Library:
    """The library meant by what was given."""
    from cueline.workbench.library import Library, is_library

    if library is not None:
        return Library(library)
    if len(paths) == 1 and is_library(paths[0]):
        return Library(paths[0])
    if len(paths) == 1 and paths[0].is_dir():
        return Library.beside(paths[0])
    raise OptionError("say which library is meant with --library LIB; only for one folder it is FOLDER.cue beside it")


def _end(library: Library, summary: Summary, *, json: bool) -> None:
    """Tell how an analysis ended; exit with 1 where something failed or nothing was done."""
    failed = {**summary.unreadable, **summary.failed}
    if json:
        show_json(
            {
                "library": library.path,
                "done": summary.done,
                "fresh": summary.fresh,
                "waiting": summary.waiting,
                "ignored": summary.ignored,
                "failed": [{"file": file, "reason": reason} for file, reason in failed.items()],
            }
        )
    _tell("failed", {str(path): reason for path, reason in failed.items()})
    say(f"{summary.done} done, {len(failed)} failed{_why(failed.values())}")
    if not summary.done and not failed:
        say("nothing was found to analyse")
    elif summary.fresh < summary.done or summary.waiting:
        say(f"{summary.fresh} worked on now, {summary.waiting} still waiting, the rest was up to date")
    if summary.ignored:
        say(f"{summary.ignored} other files ignored: no media by their ending; name a file to have it taken")
    say(f"library: {library.path}")
    sys.exit(0 if summary.ok else 1)


def _why(reasons: Iterable[str], *, most: int = 4) -> str:
    """The reasons, the commonest first, each with how often it was met."""
    counts = Counter(reasons).most_common()
    told = counts if len(counts) <= most + 1 else counts[:most]
    words = [f"{reason} ({count})" if count > 1 else reason for reason, count in told]
    if len(told) < len(counts):
        words.append(f"other reasons ({sum(count for _, count in counts[most:])})")
    return ": " + "; ".join(words) if words else ""


def _tell(what: str, reasons: Mapping[str, str]) -> None:
    """One line for each file."""
    for file, reason in reasons.items():
        say(f"{what}: {file}: {reason}")
