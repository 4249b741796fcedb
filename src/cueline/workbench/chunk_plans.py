"""Which files are to be cut into chunks, and what their chunks are called.

What is done is not done again: cut are files that are new, that changed since, that lost a chunk, and those at which a
run was stopped. A failure is tried again when somebody asks, or when the file changed.

Names are `{stem}_chunk_{n}`, n counted from the end. Files of one stem, whatever its case, are kept apart: the first
keeps it, the others get `stem-2`, `stem-3`. A stem once given stays with its file.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cueline.errors import MediaError, OptionError, near_miss
from cueline.media.cutting import FORMS
from cueline.timeline.assets import Location
from cueline.workbench.chunk_log import ChunkLog, Cutting, Entry, parse_chunk_name, read_log
from cueline.workbench.finding import absolute, find_media

COPY = "copy"


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """What a run will do.

    Attributes:
        due: Files to cut, as the log will have them.
        done: Files that were cut before and are as they were.
        failed: Files that failed before and are not tried again.
        unreadable: Files that cannot be looked at.
        notes: What a person should know, in sentences: files that changed, names that two files share.
        log: The log of the folder.
    """

    due: Sequence[Entry]
    done: Sequence[Entry]
    failed: Sequence[Entry]
    unreadable: Sequence[Entry]
    notes: Sequence[str]
    log: ChunkLog

    @property
    def files(self) -> int:
        """How many files the run is about."""
        return len(self.due) + len(self.done) + len(self.failed) + len(self.unreadable)


def plan_chunks(
    paths: Sequence[Path], folder: Path, cutting: Cutting, *, retry: bool = False, again: bool = False
) -> ChunkPlan:
    """Look at files and log, before any work.

    Args:
        paths: Files and folders; chunks that lie in `folder` are not taken for files to cut.
        folder: Where chunks and log are, or will be.
        cutting: How files shall be cut.
        retry: Whether failures are tried again.
        again: Whether files that were cut in another way are cut anew and their chunks replaced; else that is refused,
            since labels may be about those chunks.

    Raises:
        MediaError: If a path does not exist.
        OptionError: If the way to cut cannot be, or files were cut in another way.
        FormatError: If the log is something else.
    """
    _refuse(cutting)
    log = read_log(folder)
    found = find_media(paths)
    stems = {entry.stem for entry in log.entries.values()}
    looks = [_Look(path, log, cutting) for path in found.files if not _is_chunk(path, absolute(folder), stems)]
    for reason, path in ((reason, path) for path, reason in found.unreadable.items()):
        looks.append(_Look(path, log, cutting, unreadable=reason))
    other = [look.before for look in looks if look.before and look.cut_otherwise]
    if other and not again:
        raise OptionError(
            f"{str(folder)!r} has other chunks of {len(other)} of the files, first of {other[0].file.name!r}: "
            f"{other[0].cutting}, not {cutting}. Name another folder, or replace them with --replace."
        )
    names, notes = _stems(looks, log)
    notes = [
        f"{log.path}, line {number}: left out, it cannot be read ({why})" for number, why in log.unread.items()
    ] + notes
    due, done, failed, unreadable = list[Entry](), list[Entry](), list[Entry](), list[Entry]()
    for look in looks:
        if look.unreadable:
            unreadable.append(look.entry(names[look.path], failed=True))
        elif why := look.why_due(retry=retry):
            due.append(look.entry(names[look.path]))
            notes += [f"{look.path.name}: {why}"] if look.before and look.before.state == "done" else []
        else:
            assert look.before is not None
            (done if look.before.state == "done" else failed).append(look.before)
    return ChunkPlan(due, done, failed, unreadable, notes, log)


@dataclass(slots=True)
class _Look:
    """One file: what it is now, and what the log knows of it."""

    path: Path
    log: ChunkLog
    cutting: Cutting
    unreadable: str = ""
    now: Location = field(init=False)
    before: Entry | None = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.log.entries.get(self.path)
        self.now = Location(self.path, 0, 0)
        if not self.unreadable:
            try:
                self.now = Location.of(self.path)
            except MediaError as error:  # it was there a moment ago
                self.unreadable = str(error)

    @property
    def changed(self) -> bool:
        """Whether the file is another than when it was cut."""
        known = self.before
        return known is not None and (known.size_bytes, known.mtime_ns) != (self.now.size_bytes, self.now.mtime_ns)

    @property
    def cut_otherwise(self) -> bool:
        """Whether there are chunks of it that were cut in another way."""
        return self.before is not None and self.before.state == "done" and self.before.cutting != self.cutting

    def why_due(self, *, retry: bool) -> str:
        """Why it must be cut; empty if it must not."""
        known = self.before
        if known is None or known.state == "begun":
            return "it was not cut yet"
        if self.changed:
            return "it changed since it was cut, and is cut again; labels of its chunks may not hold any more"
        if known.state == "failed":
            return "it failed before" if retry or known.cutting != self.cutting else ""
        if known.cutting != self.cutting:
            return f"it was cut into {known.cutting}, and is now cut into {self.cutting}"
        gone = [chunk.name for chunk in known.chunks if not (self.log.folder / chunk.name).exists()]
        return f"{len(gone)} of its chunks are gone, first {gone[0]!r}; it is cut again" if gone else ""

    def entry(self, stem: str, *, failed: bool = False) -> Entry:
        """As the log will have it."""
        look = Entry(self.path, "begun", stem, self.cutting, "", self.now.size_bytes, self.now.mtime_ns)
        return replace(look, state="failed", reason=self.unreadable) if failed else look


def _stems(looks: Iterable[_Look], log: ChunkLog) -> tuple[dict[Path, str], list[str]]:
    """What the chunks of each file are called, and where that is not the file's own name."""
    names = {path: entry.stem for path, entry in log.entries.items()}
    owners = {entry.stem.casefold(): path for path, entry in log.entries.items()}
    late, notes = list[Path](), list[str]()
    for look in looks:
        if look.path not in names:
            if look.path.stem.casefold() in owners:
                late.append(look.path)
            else:
                names[look.path] = look.path.stem
                owners[look.path.stem.casefold()] = look.path
    for path in late:
        stem = next(s for s in (f"{path.stem}-{n}" for n in itertools.count(2)) if s.casefold() not in owners)
        first = owners[path.stem.casefold()]
        notes.append(f"{str(path)!r} has the name of {str(first)!r}: its chunks are called {stem}_chunk_1 and so on")
        names[path], owners[stem.casefold()] = stem, path
    return names, notes


def _is_chunk(path: Path, folder: Path, stems: set[str]) -> bool:
    parsed = parse_chunk_name(path.name) if path.parent == folder else None
    return parsed is not None and parsed[0] in stems


def _refuse(cutting: Cutting) -> None:
    if not 0 < cutting.seconds < math.inf:
        raise OptionError(f"a chunk lasts more than 0 s, got {cutting.seconds}")
    if not 0 < cutting.hop < math.inf:
        raise OptionError(f"the hop between chunks is above 0 s, got {cutting.hop}")
    forms = (COPY, *FORMS)
    if cutting.form not in forms:
        raise OptionError(
            f"chunks are written as one of {', '.join(forms)}, got {cutting.form!r}.{near_miss(cutting.form, forms)}"
        )
