"""Analysis of many assets: what is due, run by an engine, committed as it comes, resumed after a stop.

One asset's failure is an outcome with a reason; the run goes on. When a process had to be ended, the
plug-in at work is named and the asset is tried again without it; when decoding itself stood still,
it is tried once more with one thread, since threads of a decoder can wait for ever after an error.
A file that changed or went away meanwhile keeps nothing of the work, since that may be about something
else; the next run looks at it anew. A disk without space ends the run: that is no fault of a file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cueline.errors import StoreError
from cueline.media.workers import cores
from cueline.ports import Engine, Outcome, Placed, Store, Task, TaskEnd, Watch
from cueline.timeline.assets import Asset
from cueline.workbench.bringing import PREFIX
from cueline.workbench.passes import DECODE, AssetJob, AssetResult, analyze_asset
from cueline.workbench.planning import Plan


@dataclass(frozen=True, slots=True)
class Summary:
    """How an analysis ended.

    Attributes:
        done: Files whose plan is complete without a failure, those done before included.
        fresh: How many assets this run worked on.
        waiting: Files on which work is left, as a limit asks for.
        failed: Files with a failure, and the reason.
        unreadable: Paths that never became an asset, and the reason.
        ignored: Files of the folders that are no media by their ending.
        changed: Files at whose place something else lay before.
        attached: Clips known by name from label files that have their media now.
    """

    done: int
    fresh: int
    failed: Mapping[Path, str]
    unreadable: Mapping[Path, str] = field(default_factory=dict)
    waiting: int = 0
    ignored: int = 0
    changed: Sequence[Path] = ()
    attached: int = 0

    @property
    def ok(self) -> bool:
        """True when something was done and nothing failed."""
        return self.done > 0 and not self.failed and not self.unreadable


@dataclass(frozen=True, slots=True)
class Work:
    """One asset that has something to do."""

    path: Path
    asset: Asset
    plan: Plan


def due_work(store: Store, plan: Plan, paths: Mapping[Path, str], *, retry: bool = False) -> list[Work]:
    """What is still to do, one piece for each asset that could be probed.

    Args:
        store: Where outcomes are kept.
        plan: What is wanted.
        paths: Files and the asset at each; the first path of an asset is used.
        retry: Whether failures are tried again.
    """
    place = {asset: path for path, asset in reversed(list(paths.items()))}
    lost = store.lost_work()
    work = []
    for asset in store.assets():
        outcomes = store.outcomes(asset.id) if asset.id in place else ()
        probe_failed = any(outcome.plugin == "probe" and outcome.state == "failed" for outcome in outcomes)
        if asset.id not in place or probe_failed:
            continue
        whole = (outcome for outcome in outcomes if (outcome.asset, outcome.plugin) not in lost)
        due = plan.due(whole, retry=retry)
        if due.steps:
            work.append(Work(place[asset.id], asset, due))
    return work


def run_work(
    store: Store,
    engine: Engine,
    run: int,
    work: Sequence[Work],
    folder: Callable[[], Path],
    *,
    threads: int = 1,
    watch: Watch | None = None,
    told: Callable[[Work], None] | None = None,
) -> None:
    """Do the work and keep what comes of it.

    Args:
        store: Where it is kept.
        engine: Where it is done.
        run: The run it belongs to.
        work: One piece an asset.
        folder: Gives a fresh folder for spooled files of one task.
        threads: Threads for decoding one file.
        watch: Hears how it goes.
        told: Hears of each piece that ended.

    Raises:
        StoreError: If results cannot be written.
    """
    waiting = list(work)
    while waiting:
        again: list[Work] = []
        pieces = {piece.asset.id: piece for piece in waiting}
        tasks = _tasks(store, waiting, folder, threads)
        for end in engine.run(tasks, watch=watch):
            piece, spool = pieces[end.task.payload.asset.id], end.task.payload.folder
            retried = _settle(store, run, end, piece, threads)
            shutil.rmtree(spool, ignore_errors=True)
            if retried:
                again.append(retried)
            elif told:
                told(piece)
        waiting, threads = again, 1


def _tasks(store: Store, work: Iterable[Work], folder: Callable[[], Path], threads: int) -> Iterator[Task]:
    """Made one by one as the engine asks, so that 100,000 clips do not lie in memory."""
    seen = {placed.location.path: placed.location for placed in store.places()}
    for piece in work:
        given = {name for step in piece.plan.steps for name in step.gives}
        needed = {need for step in piece.plan.steps for need in step.needs} - given
        here = set(store.track_names(piece.asset.id))
        tracks = {name: store.track(piece.asset.id, name) for name in needed & here}
        job = AssetJob(piece.path, piece.asset, piece.plan, tracks, folder(), threads, seen.get(piece.path))
        yield Task(str(piece.path), analyze_asset, job)


def _settle(store: Store, run: int, end: TaskEnd, piece: Work, threads: int) -> Work | None:
    """Keep how a piece of work ended; give what must be tried again, if anything."""
    if end.kind == "done":
        result: AssetResult = end.result
        if result.stopped:
            raise StoreError(result.stopped)
        if result.lost and end.task.payload.location:
            store.put_place(Placed(end.task.payload.location, None, result.lost))
            return None
        store.put_asset(result.asset)
        store.commit(run, result.outcomes)
        return None
    if any(step.name == end.culprit for step in piece.plan.steps):
        rest = piece.plan.without(end.culprit)
        kept = {step.name for step in rest.steps}
        lost = [step for step in piece.plan.steps if step.name not in kept]
        store.commit(run, [Outcome(piece.asset.id, step.name, "failed", step.provenance, end.reason) for step in lost])
        return Work(piece.path, piece.asset, rest) if rest.steps else None
    if threads > 1 and end.kind in ("stalled", "died"):
        return piece
    failed = [Outcome(piece.asset.id, step.name, "failed", step.provenance, end.reason) for step in piece.plan.steps]
    store.commit(run, [Outcome(piece.asset.id, "decode", "failed", DECODE, end.reason), *failed])
    return None


def spare_threads(files: int, jobs: int = 0) -> int:
    """Threads to decode one file with: those of cores that would stand idle with so few files.

    Args:
        files: How many files there are to decode.
        jobs: How many at once; 0 for one a core.
    """
    return max(1, cores() // max(1, min(files, jobs or cores())))


def summary(
    store: Store, plan: Plan, paths: Mapping[Path, str], fresh: int, unreadable: Mapping[Path, str] | None = None
) -> Summary:
    """Count what is done and name what failed, from what the store holds."""
    names = {step.name for step in plan.steps} | {"probe", "decode"}
    lost = {placed.location.path: placed.reason for placed in store.places() if placed.asset is None}
    failed, waiting = {}, 0
    for path, asset in paths.items():
        outcomes = [
            outcome
            for outcome in store.outcomes(asset)
            if outcome.plugin in names or outcome.plugin.startswith(PREFIX)  # texts beside the file are part of it
        ]
        reason = lost.get(path) or why_failed(outcomes)
        if reason:
            failed[path] = reason
        else:
            waiting += bool(plan.due(outcomes).steps)
    return Summary(len(paths) - len(failed) - waiting, fresh, failed, unreadable or {}, waiting)


def why_failed(outcomes: Iterable[Outcome]) -> str:
    """One line that says why an asset failed; empty if it did not.

    The file itself comes first: what a plug-in says of a file that cannot be decoded adds nothing.
    """
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    for outcome in failed:
        if outcome.plugin in ("probe", "decode"):
            return outcome.reason
    first = [outcome for outcome in failed if "it needs " not in outcome.reason] or failed
    return "; ".join(f"{outcome.plugin}: {outcome.reason}" for outcome in first)
