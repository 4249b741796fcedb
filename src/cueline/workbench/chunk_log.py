"""The log beside chunks: which file was cut, into which spans, how, and what went wrong.

It is `chunks.jsonl` in the folder of the chunks, one JSON value a line: first what the log is, then a line each time
that something is known of a file. The last line of a file holds. So a stop at any moment costs one line at most, and
a person can read it, or look up with `origin` which part of which file a chunk is of.

    {"log": "cueline.chunks", "version": 1}
    {"file": "/radio/show.mp3", "state": "done", "reason": "", "stem": "show", "seconds": 10.0, "hop": 10.0,
     "form": "mp3", "size_bytes": 400912, "mtime_ns": 1700000000000000000, "chunks": [{"name": "show_chunk_1.mp3",
     "number": 1, "start": 15.0, "end": 25.0, "heard_start": 15.0, "heard_end": 25.0}, ...]}

States: "begun" (a stop came in between), "done" and "failed". Times are seconds of the file. `start` and `end` are
what was asked for, `heard_start` and `heard_end` what is in the chunk: they differ where packets were copied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from cueline.errors import FormatError, TimelineError
from cueline.timeline.spans import Span

NAME = "chunks.jsonl"
VERSION = 1
State = Literal["begun", "done", "failed"]
_HEAD = {"log": "cueline.chunks", "version": VERSION}
_CHUNK_NAME = re.compile(r"(?P<stem>.+)_chunk_(?P<number>[1-9]\d*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cutting:
    """How files are cut.

    Attributes:
        seconds: Length of each chunk.
        hop: Seconds from the end of one to the end of the next.
        form: "copy", or the format that they are encoded in.
    """

    seconds: float = 10.0
    hop: float = 10.0
    form: str = "mp3"

    def __str__(self) -> str:
        """In words."""
        every = "" if self.hop == self.seconds else f" every {self.hop:g} s"
        return f"chunks of {self.seconds:g} s{every}, {'copied' if self.form == 'copy' else f'as {self.form}'}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk that was written.

    Attributes:
        name: Of its file, in the folder of the log.
        number: Counted from the end of the file it is of: 1 is the last.
        span: What was asked for, seconds of that file.
        heard: What is in it.
    """

    name: str
    number: int
    span: Span
    heard: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one file.

    Attributes:
        file: Absolute path.
        state: "begun", "done" or "failed".
        stem: What the names of its chunks begin with; no other file of the log has the same.
        cutting: How it was cut.
        reason: Why it failed, or what was damaged in it; else empty.
        size_bytes: Of the file when it was cut.
        mtime_ns: Likewise.
        chunks: Chunk 1 first.
    """

    file: Path
    state: State
    stem: str
    cutting: Cutting
    reason: str = ""
    size_bytes: int = 0
    mtime_ns: int = 0
    chunks: Sequence[Chunk] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, as the log holds them."""
        return {
            "file": str(self.file),
            "state": self.state,
            "reason": self.reason,
            "stem": self.stem,
            "seconds": self.cutting.seconds,
            "hop": self.cutting.hop,
            "form": self.cutting.form,
            "size_bytes": self.size_bytes,
            "mtime_ns": self.mtime_ns,
            "chunks": [
                {
                    "name": chunk.name,
                    "number": chunk.number,
                    "start": chunk.span.start,
                    "end": chunk.span.end,
                    "heard_start": chunk.heard.start,
                    "heard_end": chunk.heard.end,
                }
                for chunk in self.chunks
            ],
        }


class Origin(NamedTuple):
    """What a chunk is of: a file, and the span of it that is heard."""

    file: Path
    span: Span
    number: int


@dataclass(slots=True)
class ChunkLog:
    """The log of one folder.

    Attributes:
        folder: Where chunks and log lie.
        entries: What is known of each file, by its path, in order of first mention.
        unread: Lines that could not be read, as a stop in the middle of one leaves it: number and why.
    """

    folder: Path
    entries: dict[Path, Entry] = field(default_factory=dict)
    unread: Mapping[int, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Of the log itself."""
        return self.folder / NAME

    def put(self, entry: Entry) -> None:
        """Keep what is known now of a file, on disk too."""
        self.entries[entry.file] = entry
        with self.path.open("ab+") as file:
            size = file.seek(0, 2)
            if not size:
                file.write(_line(_HEAD))
            elif file.seek(size - 1) and file.read() != b"\n":  # a stop in the middle of a line
                file.write(b"\n")
            file.write(_line(entry.to_json()))

    def tidy(self) -> None:
        """Write the log anew with one line a file, aside and renamed."""
        aside = self.path.with_name(f".{NAME}.part")
        with aside.open("wb") as file:
            file.write(_line(_HEAD))
            file.writelines(_line(entry.to_json()) for entry in self.entries.values())
        aside.replace(self.path)

    def origin(self, name: str) -> Origin | None:
        """What a chunk is of.

        Args:
            name: As a label file has it: `show_chunk_1.mp3`, with folders before it or without its ending.

        Returns:
            None if the log knows no such chunk.
        """
        return self.origins().get(Path(name).name) or self._by_stem().get(Path(name).name)

    def origins(self) -> dict[str, Origin]:
        """What each chunk is of, by the name of its file."""
        return {chunk.name: Origin(entry.file, chunk.heard, chunk.number) for entry, chunk in self._all()}

    def _by_stem(self) -> dict[str, Origin]:
        return {Path(name).stem: origin for name, origin in self.origins().items()}

    def _all(self) -> Iterator[tuple[Entry, Chunk]]:
        for entry in self.entries.values():
            for chunk in entry.chunks:
                yield entry, chunk


def read_log(folder: Path) -> ChunkLog:
    """The log of a folder of chunks; empty where there is none.

    A line that cannot be read is left out and told in `unread`.

    Raises:
        FormatError: If the log is something else, or of a newer version.
    """
    log = ChunkLog(folder)
    if not log.path.exists():
        return log
    lines = log.path.read_text(encoding="utf-8", errors="replace").split("\n")
    _refuse_stranger(lines[0], log.path)
    unread = {}
    for number, line in enumerate(lines[1:], start=2):
        if line.strip():
            try:
                entry = _entry(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                unread[number] = f"{type(error).__name__}: {error}"
                continue
            log.entries[entry.file] = entry
    return replace(log, unread=unread)


def chunk_name(stem: str, number: int, ending: str) -> str:
    """The name of a chunk's file, as radio archives have long had it.

    Example:
        >>> chunk_name("show_2020-01-01", 1, "mp3")
        'show_2020-01-01_chunk_1.mp3'
    """
    return f"{stem}_chunk_{number}.{ending}"


def parse_chunk_name(name: str) -> tuple[str, int] | None:
    """Stem and number of a chunk's name, with or without an ending; None for another name.

    Example:
        >>> parse_chunk_name("show_2020-01-01_chunk_12.mp3")
        ('show_2020-01-01', 12)
    """
    match = _CHUNK_NAME.fullmatch(name) or _CHUNK_NAME.fullmatch(name.rpartition(".")[0])
    return (match["stem"], int(match["number"])) if match else None


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, allow_nan=False).encode("ascii") + b"\n"


def _refuse_stranger(line: str, path: Path) -> None:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("log") != _HEAD["log"]:
        raise FormatError(
            f"{str(path)!r} must be a log of chunks, got {line[:60]!r} in line 1. Move it, or name another folder.",
            path=path,
        )
    if head.get("version") != VERSION:
        raise FormatError(
            f"{str(path)!r} must be a log of version {VERSION}, got {head.get('version')!r}. Is Cueline older?",
            path=path,
        )


def _entry(value: Mapping[str, Any]) -> Entry:
    if value["state"] not in get_args(State):
        raise TimelineError(f"a state is one of {', '.join(get_args(State))}, got {value['state']!r}")
    return Entry(
        file=Path(value["file"]),
        state=value["state"],
        stem=str(value["stem"]),
        cutting=Cutting(float(value["seconds"]), float(value["hop"]), str(value["form"])),
        reason=str(value["reason"]),
        size_bytes=int(value["size_bytes"]),
        mtime_ns=int(value["mtime_ns"]),
        chunks=tuple(_chunk(chunk) for chunk in value["chunks"]),
    )


def _chunk(value: Mapping[str, Any]) -> Chunk:
    span, heard = Span(value["start"], value["end"]), Span(value["heard_start"], value["heard_end"])
    return Chunk(str(value["name"]), int(value["number"]), span, heard)
