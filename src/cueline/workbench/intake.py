"""Telling what files are: the first thing that happens to those that were found.

Every file gets an answer: it is probed in a worker, and one that cannot be read is kept with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from cueline.errors import MediaError
from cueline.media.containers import refuse_what_is_no_file
from cueline.media.probe import Probe, probe
from cueline.ports import Engine, Outcome, Placed, Progress, Store, Task, TaskEnd, Watch
from cueline.timeline.assets import Asset, Location, fingerprint
from cueline.timeline.records import Provenance
from cueline.workbench.finding import absolute, find_media

PROBE = Provenance(plugin="probe", version="1")


def probe_file(path: Path, progress: Progress) -> Probe:
    """Look at one file; runs in a worker process.

    Raises:
        MediaError: If there is no file that may be read; the reason alone, since the path stands beside it.
    """
    progress.at("decode")
    try:
        return probe(path)
    except MediaError as error:
        raise MediaError(str(error).partition(f"{str(path)!r}: ")[2] or str(error), path=path) from error


@dataclass(frozen=True, slots=True)
class Intake:
    """What adding files did.

    Attributes:
        assets: Id of what lies at each path that could be read.
        added: How many assets are new.
        unreadable: Paths that could not be read at all, with the reason.
        missing: Paths known before that are not there any more.
        ignored: How many files are no media by their ending.
        changed: Paths at which something else lay before.
        attached: Clips known by name from label files that have their media now.
    """

    assets: Mapping[Path, str]
    added: int
    unreadable: Mapping[Path, str]
    missing: tuple[Path, ...]
    ignored: int
    changed: tuple[Path, ...] = ()
    attached: int = 0


def changed_files(store: Store) -> list[Path]:
    """Files that are there and do not look as they did when they were taken in."""
    there = (placed.location for placed in store.places() if placed.asset and not placed.missing)
    return [known.path for known in there if os.path.lexists(known.path) and _look(known.path) != known]


def look_up(store: Store, paths: Sequence[Path]) -> tuple[dict[Path, str], list[Path]]:
    """What a store knows of files, without looking into any: the asset at each, and those that must be probed.

    Args:
        store: What is known.
        paths: Files and folders; every location known where none is given.
    """
    known = {placed.location.path: placed for placed in store.places()}
    assets: dict[Path, str] = {}
    fresh = []
    for path in find_media(path for path in (paths or known) if path not in known or os.path.lexists(path)).files:
        placed = known.get(path)
        if placed and placed.asset and not placed.missing and placed.location == _look(path):
            assets[path] = placed.asset
        else:
            fresh.append(path)
    return assets, fresh


def take_in(store: Store, engine: Engine, run: int, paths: Sequence[Path], *, watch: Watch | None = None) -> Intake:
    """Make files known to a store: probe those that are new or changed.

    Args:
        store: Where they are kept.
        engine: Where they are probed.
        run: The run this belongs to.
        paths: Files and folders; every location known where none is given.
        watch: Hears how it goes.
    """
    known = {placed.location.path: placed for placed in store.places()}
    paths = paths or list(known)
    found = find_media(path for path in paths if path not in known or os.path.lexists(path))
    before = {asset.id for asset in store.assets()}
    assets: dict[Path, str] = {}
    unreadable = dict(found.unreadable)
    fresh: dict[Path, Location] = {}
    for path in found.files:
        placed, here = known.get(path), _look(path)
        if placed and placed.asset and not placed.missing and placed.location == here:
            assets[path] = placed.asset
        else:
            fresh[path] = here
    tasks = (Task(str(path), probe_file, path) for path in fresh)
    for end in engine.run(tasks, watch=watch):
        _keep_probe(store, run, end, fresh, assets, unreadable)
    for path, reason in found.unreadable.items():
        store.put_place(Placed(Location(path, 0, 0), None, reason))
    missing = _mark_missing(store, known, paths, set(assets.values()))
    assets = {path: assets[path] for path in found.files if path in assets}
    changed = tuple(path for path, asset in assets.items() if path in known and known[path].asset not in (None, asset))
    return Intake(assets, len(set(assets.values()) - before), unreadable, missing, found.ignored, changed)


def _look(path: Path) -> Location:
    """What a file looks like now; of one that has just gone, what no file looks like, so that it is looked at again."""
    try:
        return Location.of(path)
    except MediaError:
        return Location(path, 0, 0)


def _keep_probe(
    store: Store,
    run: int,
    end: TaskEnd,
    fresh: Mapping[Path, Location],
    assets: dict[Path, str],
    unreadable: dict[Path, str],
) -> None:
    """Keep what one probe told, or that the file broke it.

    The location kept is what was seen before the probe: a file that grew since is then looked at again.
    """
    path: Path = end.task.payload
    try:
        refuse_what_is_no_file(path)
        asset = end.result.asset if end.kind == "done" else Asset(fingerprint(path), 0.0)
    except MediaError:
        unreadable[path] = end.reason or "it was removed or replaced while it was looked at"
        store.put_place(Placed(Location(path, 0, 0), None, unreadable[path]))
        return
    store.put_asset(asset)
    store.put_place(Placed(fresh[path], asset.id))
    assets[path] = asset.id
    store.commit(run, [_outcome(asset.id, end)])


def _outcome(asset: str, end: TaskEnd) -> Outcome:
    if end.kind != "done":
        return Outcome(asset, "probe", "failed", PROBE, end.reason)
    problems = end.result.problems
    faults = [problem.text for problem in problems if problem.severity == "fault"]
    warnings = [problem.text for problem in problems if problem.severity == "warning"]
    return Outcome(asset, "probe", "failed" if faults else "done", PROBE, "; ".join(faults or warnings))


def homes(places: Iterable[Placed]) -> dict[str, Placed]:
    """Where each asset lies, by its id: at the first path that is there, or else where it was seen last."""
    found: dict[str, Placed] = {}
    for placed in sorted(places, key=lambda placed: placed.missing):
        if placed.asset is not None:
            found.setdefault(placed.asset, placed)
    return found


def _mark_missing(
    store: Store, known: Mapping[Path, Placed], paths: Sequence[Path], here: Set[str]
) -> tuple[Path, ...]:
    """Mark what is not there now of what lay under these paths before, and of what is here under other names."""
    tops = {absolute(path) for path in paths}
    gone = [
        path
        for path, placed in known.items()
        if not placed.missing
        and (placed.asset in here or not tops.isdisjoint((path, *path.parents)))
        and not os.path.lexists(path)
    ]
    for path in gone:
        store.put_place(replace(known[path], missing=True))
    return tuple(gone)
