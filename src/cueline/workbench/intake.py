"""Finding files and telling what they are: the first thing that happens to a folder.

A folder is searched for files that are media by their ending; a file given by name is always taken.
Hidden files, libraries and links that lead back up are left alone. Every file found gets an answer:
it is probed in a worker, and one that cannot be read is kept with the reason.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cueline.errors import MediaError
from cueline.media.probe import Probe, probe
from cueline.ports import Engine, Outcome, Placed, Progress, Store, Task, TaskEnd, Watch
from cueline.timeline.assets import Asset, Location, fingerprint
from cueline.timeline.records import Provenance

PROBE = Provenance(plugin="probe", version="1")

VIDEO_ENDINGS = (
    "3g2 3gp asf avi avif divx dv f4v flv gxf h264 h265 hevc ivf m2t m2ts m2v m4v mkv mov mp4 mpeg mpg mts mxf ogm ogv "
    "rm rmvb ts vob webm wmv"
)
AUDIO_ENDINGS = (
    "aac ac3 aif aiff alac amr ape au caf dts eac3 flac m4a m4b mka mp2 mp3 oga ogg opus ra spx tak tta w64 wav wma wv"
)
ENDINGS = frozenset(f".{ending}" for ending in f"{VIDEO_ENDINGS} {AUDIO_ENDINGS}".split())
LIBRARY_ENDING = ".cue"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        files: Absolute paths, in natural order.
        unreadable: What could not be looked at, with the reason.
        ignored: How many other files lie there.
    """

    files: tuple[Path, ...]
    unreadable: Mapping[Path, str] = field(default_factory=dict)
    ignored: int = 0


def find_media(paths: Iterable[Path]) -> Found:
    """Search folders, and take files as they are.

    Raises:
        MediaError: If a path does not exist.
    """
    paths = list(paths)
    must_exist(paths)
    files: list[Path] = []
    unreadable: dict[Path, str] = {}
    ignored = 0
    for path in paths:
        if path.is_dir():
            inside = _Search()
            files += inside.walk(path.absolute())
            unreadable |= inside.unreadable
            ignored += inside.ignored
        else:
            files.append(path.absolute())
    return Found(tuple(sorted(set(files), key=natural)), unreadable, ignored)


def must_exist(paths: Iterable[Path | str]) -> None:
    """Refuse a path at which there is nothing, before anything is made or changed.

    Raises:
        MediaError: If a path does not exist.
    """
    for path in map(Path, paths):
        if not path.exists():
            raise MediaError(f"there is no file or folder {str(path)!r}", path=path)


@dataclass(slots=True)
class _Search:
    """One walk through a folder; remembers folders seen, so that a link cannot lead round in a circle."""

    unreadable: dict[Path, str] = field(default_factory=dict)
    ignored: int = 0
    seen: set[tuple[int, int]] = field(default_factory=set)

    def walk(self, top: Path) -> Iterator[Path]:
        for folder, folders, names in os.walk(top, followlinks=True, onerror=self._refused):
            facts = Path(folder).stat()
            if (facts.st_dev, facts.st_ino) in self.seen:
                folders.clear()
                continue
            self.seen.add((facts.st_dev, facts.st_ino))
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") and not name.endswith(LIBRARY_ENDING)
            )
            for name in names:
                yield from self._judge(Path(folder, name))

    def _judge(self, path: Path) -> Iterator[Path]:
        if path.name.startswith(".") or path.suffix.lower() not in ENDINGS:
            self.ignored += 1
        elif not path.exists():
            self.unreadable[path] = "it is a link to a file that is not there, or to itself"
        elif path.is_file():
            yield path
        else:
            self.ignored += 1

    def _refused(self, error: OSError) -> None:
        self.unreadable[Path(error.filename)] = f"the folder cannot be read: {error.strerror}"


def natural(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """A sort key that puts "clip 9" before "clip 10"."""
    pieces = re.split(r"(\d+)", str(path).casefold())
    return tuple((piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces)


def probe_file(path: Path, progress: Progress) -> Probe:
    """Look at one file; runs in a worker process."""
    progress.at("decode")
    return probe(path)


@dataclass(frozen=True, slots=True)
class Intake:
    """What adding files did.

    Attributes:
        assets: Id of what lies at each path that could be read.
        added: How many assets are new.
        unreadable: Paths that could not be read at all, with the reason.
        missing: Paths known before that are not there any more.
        ignored: How many files are no media by their ending.
    """

    assets: Mapping[Path, str]
    added: int
    unreadable: Mapping[Path, str]
    missing: tuple[Path, ...]
    ignored: int


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
    found = find_media(path for path in paths if path not in known or path.exists())
    before = {asset.id for asset in store.assets()}
    assets: dict[Path, str] = {}
    unreadable = dict(found.unreadable)
    fresh: list[Path] = []
    for path in found.files:
        placed = known.get(path)
        if placed and placed.asset and not placed.missing and placed.location == Location.of(path):
            assets[path] = placed.asset
        else:
            fresh.append(path)
    tasks = (Task(str(path), probe_file, path) for path in fresh)
    for end in engine.run(tasks, watch=watch):
        _keep_probe(store, run, end, assets, unreadable)
    for path, reason in found.unreadable.items():
        store.put_place(Placed(Location(path, 0, 0), None, reason))
    missing = _mark_missing(store, known, paths)
    assets = {path: assets[path] for path in found.files if path in assets}
    return Intake(assets, len(set(assets.values()) - before), unreadable, missing, found.ignored)


def _keep_probe(store: Store, run: int, end: TaskEnd, assets: dict[Path, str], unreadable: dict[Path, str]) -> None:
    """Keep what one probe told, or that the file broke it."""
    path: Path = end.task.payload
    try:
        location = Location.of(path)
        asset = end.result.asset if end.kind == "done" else Asset(fingerprint(path), 0.0)
    except MediaError as error:
        unreadable[path] = str(error)
        store.put_place(Placed(Location(path, 0, 0), None, str(error)))
        return
    store.put_asset(asset)
    store.put_place(Placed(location, asset.id))
    assets[path] = asset.id
    store.commit(run, [_outcome(asset.id, end)])


def _outcome(asset: str, end: TaskEnd) -> Outcome:
    if end.kind != "done":
        return Outcome(asset, "probe", "failed", PROBE, end.reason)
    problems = end.result.problems
    faults = [problem.text for problem in problems if problem.severity == "fault"]
    warnings = [problem.text for problem in problems if problem.severity == "warning"]
    return Outcome(asset, "probe", "failed" if faults else "done", PROBE, "; ".join(faults or warnings))


def _mark_missing(store: Store, known: Mapping[Path, Placed], paths: Sequence[Path]) -> tuple[Path, ...]:
    """Mark what lay under these paths before and is not there now."""
    tops = [path.absolute() for path in paths]
    gone = [
        path
        for path, placed in known.items()
        if not placed.missing and any(path.is_relative_to(top) for top in tops) and not os.path.lexists(path)
    ]
    for path in gone:
        store.put_place(replace(known[path], missing=True))
    return tuple(gone)
