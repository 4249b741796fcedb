"""Verbs that fill a library and tell how far it is: init, add, analyze, status."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, EngineName, Jobs, LibraryPath, Paths, Settings, read_names, read_settings
from cueline.cli.output import Meter, clock, meter, say, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.workbench.analysis import Summary
    from cueline.workbench.estimates import Preview
    from cueline.workbench.history import Step
    from cueline.workbench.library import Library

LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library", help="The library; FOLDER.cue beside the folder where none is given.", show_default=False
    ),
]

_COSTLY_SECONDS = 60.0  # an analysis that takes longer says so before it begins
_FOR_EVER = 1e9


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    for verb in (init, add, analyze, status):
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
    _tell_changed(target, intake.changed)
    _tell_attached(intake.attached)
    sys.exit(0 if intake.assets and not failed else 1)


def analyze(
    paths: Paths,
    library: LibraryOption = None,
    wanted: Annotated[
        str,
        typer.Option("--with", metavar="NAMES", help="Plug-ins or tracks, with commas, instead of the everyday ones."),
    ] = "",
    settings: Settings = None,
    jobs: Jobs = 0,
    limit: Annotated[int | None, typer.Option(help="Work on at most so many files now.", min=1)] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try again what failed before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what is due, and for how long.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait while another analysis writes to the library.")] = False,
    engine: EngineName = "local",
    json: AsJson = False,
) -> None:
    """Analyse files and folders, or a library; what is up to date is not done again."""
    from cueline import registry
    from cueline.workbench.finding import absolute
    from cueline.workbench.planning import EVERYDAY

    target = _library(paths, library)
    options = read_settings(settings)
    if dry_run:
        known = [path for path in paths if absolute(path) != absolute(target.path)]
        names = read_names(wanted) or EVERYDAY
        due = target.preview(*known, wanted=names, options=options, jobs=jobs, limit=limit, retry=retry)
        _show_preview(due, json=json)
        return
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
            wait_seconds=_FOR_EVER if wait else 0.0,
            began=partial(_begin, bars),
            told=lambda _: bars.step(),
        )
    _end(target, summary, json=json)


def _begin(bars: Meter, due: Preview) -> None:
    """Say what a costly analysis will take, and begin to count."""
    if due.seconds is not None and due.seconds >= _COSTLY_SECONDS:
        say(f"{len(due.work)} files, {clock(due.media_seconds)} of media: {_about(due)}")
    bars.begin(len(due.work), "analysing")


def _show_preview(due: Preview, *, json: bool) -> None:
    """What would be done, with each look at the files on a line of its own."""
    passes = [[step.name for step in stage] for stage in due.plan.stages()]
    work = [{"file": piece.path, "steps": [step.name for step in piece.plan.steps]} for piece in due.work]
    if json:
        facts = {"seconds": due.seconds, "unmeasured": due.unmeasured, "media_seconds": due.media_seconds}
        show_json({"passes": passes, "work": work, "new": due.new, **facts})
        return
    rows = [(piece.path.name, ", ".join(step.name for step in piece.plan.steps)) for piece in due.work]
    table(("file", "what is due"), rows)
    for number, stage in enumerate(due.plan.stages(), start=1):
        kind = "look at the file" if stage[0].kind == "extractors" else "from what was seen"
        say(f"step {number}, {kind}: {', '.join(step.name for step in stage)}")
    if due.new:
        say(f"{len(due.new)} new files would be looked at first; what is due for them, and for how long, is known then")
    if due.work or not due.new:
        say(f"{len(due.work)} files, {clock(due.media_seconds)} of media: {_about(due)}")
    say("this was a dry run: nothing was done")


def _about(due: Preview) -> str:
    """About how long it takes, in words."""
    if not due.work:
        return "nothing is due"
    unmeasured = f"{', '.join(due.unmeasured)} never ran here, so nobody knows how long that takes"
    if due.seconds is None:
        return unmeasured
    return f"about {clock(due.seconds).partition('.')[0]}" + (f"; {unmeasured}" if due.unmeasured else "")


def status(
    library: LibraryPath,
    why: Annotated[str | None, typer.Option("--why", metavar="FILE", help="Why one file is as it is.")] = None,
    wanted: Annotated[
        str, typer.Option("--with", metavar="NAMES", help="With --why: what the next analysis would be asked for.")
    ] = "",
    settings: Settings = None,
    json: AsJson = False,
) -> None:
    """Tell how far a library is, what failed and why; with --why, how one file came to be as it is."""
    from cueline.workbench.clips.drifting import drift_of_library
    from cueline.workbench.library import Library
    from cueline.workbench.planning import EVERYDAY

    if why is not None:
        steps = Library(library).why(why, read_names(wanted) or EVERYDAY, read_settings(settings))
        _show_why(steps, json=json)
        return
    state = Library(library).status()
    drifts = drift_of_library(library) if "sound.clips" in state.tracks else []
    if json:
        failed = [{"file": file, "reason": reason} for file, reason in state.failed.items()]
        warnings = [{"file": file, "reason": reason} for file, reason in state.warnings.items()]
        show_json({**asdict(state), "failed": failed, "warnings": warnings, "drift": [asdict(one) for one in drifts]})
    else:
        facts = [("assets", state.assets), ("files", state.files), ("done", state.done), ("waiting", state.waiting)]
        facts += [("failed", len(state.failed)), ("missing", len(state.missing))]
        table(("library", ""), [(name, str(count)) for name, count in facts] + [("media", clock(state.duration))])
        table(("track", "assets"), [(name, str(count)) for name, count in sorted(state.tracks.items())])
        _tell("failed", state.failed)
        _tell("missing", dict.fromkeys(state.missing, "not there any more"))
        _tell("odd", state.warnings)
        for warning in filter(None, (one.warning for one in drifts)):
            say(warning)


def _show_why(steps: Sequence[Step], *, json: bool) -> None:
    """Each plug-in: what became of it, how it was made, whether it would be made again."""
    if json:
        show_json([asdict(step) for step in steps])
        return
    rows = []
    for step in steps:
        made = step.provenance
        options = ", ".join(f"{name}={value}" for name, value in (made.options if made else {}).items())
        run = f"{step.run}, {step.when}" if step.run else "-"
        next_time = "; ".join(step.due) or "up to date"
        rows.append((step.plugin, step.state, made.version if made else "-", options, run, step.reason, next_time))
    table(("plug-in", "state", "version", "options", "run", "reason", "next time"), rows)


def _library(paths: list[Path], library: Path | None) -> Library:
    """The library meant by what was given."""
    from cueline.workbench.finding import must_exist
    from cueline.workbench.library import Library
    from cueline.workbench.opened import is_library

    if library is not None:
        return Library(library)
    must_exist(paths)
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
    _tell_changed(library, summary.changed)
    _tell_attached(summary.attached)
    say(f"library: {library.path}")
    sys.exit(0 if summary.ok else 1)


def _tell_attached(count: int) -> None:
    if count:
        say(f"{count} clips known by name from label files have their media now")


def _tell_changed(library: Library, changed: Sequence[Path]) -> None:
    """A hint for those who labelled or grouped what lay there before."""
    if changed:
        say(f"{len(changed)} files hold something else than before, such as {changed[0]}; what people said of that is")
        say(f"kept, and `cueline relink {library.path}` carries it over")


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
