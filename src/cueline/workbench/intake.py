"""Finding files and telling what they are: the first thing that happens to a folder.

A folder is searched for files that are media by their ending; a file given by name is always taken.
Hidden files, libraries and links that lead back up are left alone. Every file found gets an answer:
it is probed in a worker, and one that cannot be read is kept with the reason.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

from cueline.errors import MediaError
from cueline.media.containers import in_words, refuse_what_is_no_file
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
DATABASE = "library.sqlite"


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
    for path in map(absolute, paths):
        if os.path.isdir(path):  # noqa: PTH112  # Path.is_dir raises where a folder may not be looked into
            inside = _Search()
            files += inside.walk(path)
            unreadable |= inside.unreadable
            ignored += inside.ignored
        elif reason := _why_no_file(path):
            unreadable[path] = reason
        else:
            files.append(path)
    return Found(tuple(sorted(set(files), key=natural)), unreadable, ignored)


def must_exist(paths: Iterable[Path | str]) -> None:
    """Refuse a path at which there is nothing, before anything is made or changed.

    Raises:
        MediaError: If a path does not exist.
    """
    for path in map(Path, paths):
        if not os.path.lexists(path):
            raise MediaError(f"there is no file or folder {str(path)!r}, or it may not be looked at", path=path)


def absolute(path: Path) -> Path:
    """A path from the root on, without "..", so that one file has one path; links are kept where that is safe."""
    return path.resolve() if ".." in path.parts else path.absolute()


def _why_no_file(path: Path) -> str:
    """Why there is no file to open at a path where something lies; empty if there is one."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return (
            in_words(error)
            if isinstance(error, PermissionError)
            else "it is a link to a file that is not there, or to itself"
        )
    return "" if stat.S_ISREG(mode) else "a pipe, a socket or a device, not a file"


@dataclass(slots=True)
class _Search:
    """One walk through a folder; remembers folders seen, so that a link cannot lead round in a circle."""

    unreadable: dict[Path, str] = field(default_factory=dict)
    ignored: int = 0
    seen: set[tuple[int, int]] = field(default_factory=set)

    def walk(self, top: Path) -> Iterator[Path]:
        for folder, folders, names in os.walk(top, followlinks=True, onerror=self._refused):
            if DATABASE in names or self._seen_before(folder):
                folders.clear()
                continue
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") and not name.endswith(LIBRARY_ENDING)
            )
            for name in names:
                yield from self._judge(Path(folder, name))

    def _seen_before(self, folder: str) -> bool:
        try:
            facts = Path(folder).stat()
        except OSError as error:  # it was there a moment ago
            self._refused(error)
            return True
        key = (facts.st_dev, facts.st_ino)
        seen = key in self.seen
        self.seen.add(key)
        return seen

    def _judge(self, path: Path) -> Iterator[Path]:
        if path.name.startswith(".") or path.suffix.lower() not in ENDINGS:
            self.ignored += 1
        elif reason := _why_no_file(path):
            self.unreadable[path] = reason
        else:
            yield path

    def _refused(self, error: OSError) -> None:
        self.unreadable[Path(error.filename)] = f"the folder cannot be read: {in_words(error)}"


def natural(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """A sort key that puts "clip 9" before "clip 10"."""
    pieces = re.split(r"(\d+)", str(path).casefold())
    return tuple((piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces)


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
    return Intake(assets, len(set(assets.values()) - before), unreadable, missing, found.ignored)


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
