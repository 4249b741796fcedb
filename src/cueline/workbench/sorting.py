"""Files sorted into playlists by what they sound like, one for each class and one of the uncertain; resumable.

What is said of each file goes at once into a log in the folder of the playlists, a line of JSON each:

    {"file", "size", "mtime_ns", "by", "start", "end", "duration", "scores": {class: chance}} or {..., "reason"}

`by` tells the model, by its hash, and the part of the file that was heard. A file whose line still holds - the same
size and time of change, the same model, the same part - is not heard again; a failure is kept with its reason and heard
again only when that is asked for. A line that was cut off by a crash is heard again. Playlists are written anew from
the log at the end, whole: files of earlier calls stay in them while they are as they were. Other files in the folder
are left alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cueline.errors import MediaError, OptionError
from cueline.exporters.naming import FileNames, one_line
from cueline.models.checkpoints import write_text
from cueline.models.clip_models import clip_model_hash, load_clip_model
from cueline.ports import Watch
from cueline.timeline.assets import Location
from cueline.timeline.chunks import OUTRO_SECONDS
from cueline.timeline.spans import Span
from cueline.workbench.clips.pooling import Cut, pool_files
from cueline.workbench.clips.writing import entry
from cueline.workbench.finding import find_media
from cueline.workbench.planning import plan
from cueline.workbench.sounding import KINDS, sounds_of_files

LOG, UNCERTAIN = "sorted.jsonl", "uncertain"
Which = Literal["outro", "whole"]
_NOTHING = Span(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of one file.

    Attributes:
        file: Its path.
        span: The part that was heard.
        duration: Of the file, seconds.
        scores: Chance of each class, most likely or not; empty where nothing could be said.
        reason: Why nothing could be said, else empty.
    """

    file: Path
    span: Span = _NOTHING
    duration: float = 0.0
    scores: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    @property
    def label(self) -> str:
        """The likeliest class; empty where nothing could be said."""
        return max(self.scores, key=lambda name: self.scores[name]) if self.scores else ""

    @property
    def sureness(self) -> float:
        """The chance of the likeliest class; 0 where nothing could be said."""
        return max(self.scores.values(), default=0.0)


Listen = Callable[[Sequence[Path]], Iterator[Heard]]


@dataclass(frozen=True, slots=True)
class Sorted:
    """How sorting ended.

    Attributes:
        folder: Of the playlists.
        counts: Files in the playlist of each class.
        uncertain: Files whose likeliest class is less likely than was asked for.
        failed: Files of which nothing could be said, and the reason.
        fresh: How many were heard now; the others were known.
        playlists: Class to file; the uncertain are under "uncertain" unless a class has that name.
        ignored: Files of folders that are no media by their ending.
        heard: What was said of each file, in order of path.
    """

    folder: Path
    counts: Mapping[str, int]
    uncertain: int
    failed: Mapping[Path, str]
    fresh: int
    playlists: Mapping[str, Path]
    ignored: int = 0
    heard: tuple[Heard, ...] = field(default=(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether something was said, and nothing failed."""
        return bool(sum(self.counts.values()) + self.uncertain) and not self.failed


def sort_files(
    paths: Iterable[Path],
    *,
    model: Path | None,
    folder: Path,
    below: float = 0.6,
    seconds: float = OUTRO_SECONDS,
    which: Which = "outro",
    jobs: int = 0,
    watch: Watch | None = None,
    retry: bool = False,
    listen: Listen | None = None,
) -> Sorted:
    """Say what files sound like, and write a playlist for each class and one of the uncertain.

    Args:
        paths: Files and folders.
        model: Folder of a model of clips; the shipped verdicts if None.
        folder: Of the playlists and the log; made if it is missing.
        below: A file whose likeliest class has a lower chance is uncertain, in [0, 1].
        seconds: How long the outro is.
        which: Whether the outro is heard, or the whole file.
        jobs: Files worked on at once; 0 for one a core.
        watch: Hears how it goes.
        retry: Whether failures are tried again.
        listen: Says what files sound like; by the model if None.

    Raises:
        MediaError: If a path does not exist.
        FormatError: If there is no model in its folder.
        OptionError: If a number or word cannot be, or a file lies where the folder should.
    """
    by = _by(model, which, seconds, below)
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"playlists go into a folder, got a file at {str(folder)!r}. Name another place.")
    found = find_media(paths)
    folder.mkdir(parents=True, exist_ok=True)
    log = _Log(folder / LOG, by)
    known, due = {}, list[Path]()
    for path in found.files:
        heard = log.of(path, retry=retry)
        if heard is None:
            due.append(path)
        else:
            known[path] = heard
    hear = listen or listening(model, which=which, seconds=seconds, jobs=jobs, watch=watch)
    for heard in hear(due) if due else ():
        log.keep(heard)
        known[heard.file] = heard
    said = [known[path] for path in found.files if path in known]
    failed = {one.file: one.reason for one in said if not one.scores} | dict(found.unreadable)
    before = [one for path, one in log.all().items() if path not in known]
    playlists, counts, uncertain = _write_playlists([*said, *before], folder, below, which)
    return Sorted(folder, counts, uncertain, failed, len(due), playlists, found.ignored, tuple(said))


def listening(model: Path | None, *, which: Which, seconds: float, jobs: int = 0, watch: Watch | None = None) -> Listen:
    """How files are heard: by a model of clips, or by the shipped one.

    Raises:
        FormatError: If there is no model in its folder.
    """
    if model is None:
        return lambda paths: _by_shipped(paths, which, jobs, watch)
    return lambda paths: _by_model(model, paths, Cut(seconds if which == "outro" else 0.0), jobs, watch)


def _by_model(model: Path, paths: Sequence[Path], cut: Cut, jobs: int, watch: Watch | None) -> Iterator[Heard]:
    known = load_clip_model(model)
    wanted: list[tuple[Path, list[Span | None]]] = [(path, [None]) for path in paths]
    for one in pool_files(wanted, cut=cut, inputs=known.card.inputs, jobs=jobs, watch=watch):
        fault = one.reason or (one.faults[0] if one.faults else "")
        if fault or one.values is None or one.spans is None:
            yield Heard(one.file, duration=one.duration, reason=fault)
            continue
        chances = known.chances(one.values)[0].tolist()
        scores = dict(zip(known.card.classes, chances, strict=True))
        yield Heard(one.file, Span(*one.spans[0].tolist()), one.duration, scores)


def _by_shipped(paths: Sequence[Path], which: Which, jobs: int, watch: Watch | None) -> Iterator[Heard]:
    for one in sounds_of_files(paths, jobs=jobs, watch=watch):
        verdict = one.outro if which == "outro" else one.clip
        if one.reason or verdict is None:
            yield Heard(one.file, reason=one.reason or "nothing was heard there")
            continue
        duration = max((region[0].end for region in one.regions), default=0.0)
        yield Heard(one.file, Cut(OUTRO_SECONDS if which == "outro" else 0.0).span(duration), duration, verdict.scores)


def _by(model: Path | None, which: str, seconds: float, below: float) -> str:
    """What a line of the log must say to hold still."""
    if which not in ("outro", "whole"):
        raise OptionError(f"what is heard is the outro or the whole file, got {which!r}")
    if not 0 <= below <= 1:
        raise OptionError(f"a chance lies in [0, 1], got below={below}. Is it a percentage?")
    if not 0 < seconds < math.inf:
        raise OptionError(f"an outro lasts more than 0 s, got {seconds}")
    if model is None and which == "outro" and seconds != OUTRO_SECONDS:
        raise OptionError(
            f"the shipped verdict is about the last {OUTRO_SECONDS:g} s, got {seconds:g}. Name a --model."
        )
    part = f"outro {seconds:g}" if which == "outro" else "whole"
    return f"{_shipped_hash() if model is None else clip_model_hash(model)} {part}"


def _shipped_hash() -> str:
    return plan([KINDS]).steps[-1].provenance.fingerprint


class _Log:
    """What is known of files, and the file in which it is kept."""

    def __init__(self, path: Path, by: str) -> None:
        self.path, self.by = path, by
        self.lines: dict[str, dict[str, Any]] = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
                told = _value(line)
                if told is not None:
                    self.lines[str(told["file"])] = told
            if path.stat().st_size and not path.read_bytes().endswith(b"\n"):
                with path.open("a", encoding="utf-8") as file:
                    file.write("\n")  # a line that was cut off must not swallow the next

    def of(self, path: Path, *, retry: bool) -> Heard | None:
        """What is known of a file; None where it must be heard."""
        told = self.lines.get(str(path))
        if told is None or told.get("by") != self.by or (retry and told.get("reason")):
            return None
        try:
            now = Location.of(path)
        except MediaError:
            return None
        if (told.get("size"), told.get("mtime_ns")) != (now.size_bytes, now.mtime_ns):
            return None
        return Heard(
            path,
            Span(float(told.get("start", 0.0)), float(told.get("end", 0.0))),
            float(told.get("duration", 0.0)),
            dict(told.get("scores", {})),
            str(told.get("reason", "")),
        )

    def all(self) -> dict[Path, Heard]:
        """What is known of all files that are as they were, whoever asked for them."""
        paths = map(Path, self.lines)
        return {path: heard for path in paths if (heard := self.of(path, retry=False)) is not None}

    def keep(self, heard: Heard) -> None:
        """Write what was said of a file."""
        try:
            place = Location.of(heard.file)
        except MediaError:  # it went away meanwhile: nothing holds of it
            return
        told: dict[str, Any] = {"file": str(heard.file), "size": place.size_bytes, "mtime_ns": place.mtime_ns}
        told |= {"by": self.by, "start": heard.span.start, "end": heard.span.end, "duration": heard.duration}
        told |= {"scores": dict(heard.scores)} if heard.scores else {"reason": heard.reason or "nothing was said"}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")


def _value(line: str) -> dict[str, Any] | None:
    """A line of the log; None where it is none."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) and isinstance(told.get("file"), str) else None


def _write_playlists(
    said: Sequence[Heard], folder: Path, below: float, which: str
) -> tuple[dict[str, Path], dict[str, int], int]:
    """A playlist for each class, the surest first, and one of the uncertain, the least sure first."""
    classes = list(dict.fromkeys(name for one in said for name in one.scores))
    known = [one for one in said if one.scores]
    parts = {name: [one for one in known if one.label == name and one.sureness >= below] for name in classes}
    doubtful = sorted((one for one in known if one.sureness < below), key=lambda one: (one.sureness, one.file))
    names, playlists = FileNames(".m3u8"), dict[str, Path]()
    for name, own in parts.items():
        own.sort(key=lambda one: (-one.sureness, one.file))
        playlists[name] = folder / names.called(name)
        write_text(playlists[name], _playlist(name, own, which))
    rest = folder / names.called(UNCERTAIN)
    write_text(rest, _playlist(UNCERTAIN, doubtful, which))
    playlists.setdefault(UNCERTAIN, rest)
    return playlists, {name: len(own) for name, own in parts.items()}, len(doubtful)


def _playlist(title: str, heard: Sequence[Heard], which: str) -> str:
    lines = ["#EXTM3U", f"#PLAYLIST:{one_line(title)}"]
    for one in heard:
        whole = which == "whole" or one.span.duration >= one.duration
        word = f"{one.label} {one.sureness:.2f}"
        lines += entry(one.file, one.file.name, one.span, word, whole=whole)
    return "\n".join([*lines, ""])
