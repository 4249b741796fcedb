"""Finding media: which files of a folder are meant.

A folder is searched for files that are media by their ending; a file given by name is always taken.
Hidden files, libraries and links that lead back up are left alone.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cueline.errors import MediaError
from cueline.media.containers import in_words

VIDEO_ENDINGS = (
    "3g2 3gp asf avi avif divx dv f4v flv gxf h264 h265 hevc ivf m2t m2ts m2v m4v mkv mov mp4 mpeg mpg mts mxf ogm ogv "
    "rm rmvb ts vob webm wmv"
)
AUDIO_ENDINGS = (
    "aac ac3 aif aiff alac amr ape au caf dts eac3 flac m4a m4b mka mp2 mp3 oga ogg opus ra spx tak tta w64 wav wma wv"
)
ENDINGS = frozenset(f".{ending}" for ending in f"{VIDEO_ENDINGS} {AUDIO_ENDINGS}".split())
TEXTS = frozenset((".srt", ".vtt", ".ass", ".ssa", ".txt"))  # taken in with the media that they lie beside
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
            self.ignored += path.suffix.lower() not in TEXTS
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
