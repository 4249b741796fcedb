"""Feature and picture files of a library: put in place before a row names them, removed after none does.

    features/<two letters>/<asset>/<track>-<provenance>.arrow            immutable
    derived/<two letters>/<asset>/pictures/<plugin>-<provenance>.arrow   may be deleted by anybody
    spool/                                                               on their way; emptied at opening

A file and its row cannot appear in one stroke. So the names of files on their way in or out are noted
as loose first; whoever opens the library for writing after a process was killed removes what is loose.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from cueline.stores.opening import transaction

DERIVED = "derived"
_END = struct.Struct("<i6s")  # of every Arrow file: the length of its table of contents, and "ARROW1"
_MOST_LETTERS = 80  # of a track's name in a file's name; file systems allow 255 bytes for all of it


class Files:
    """The files of one library, for its one writer."""

    def __init__(self, folder: Path, database: sqlite3.Connection) -> None:
        """Look after the files of a library.

        Args:
            folder: The library.
            database: A connection that may write, outside a transaction unless told otherwise.
        """
        self._folder = folder
        self._spool = folder / "spool"
        self._database = database
        self._promised: set[str] = set()

    def spool_folder(self) -> Path:
        """A new, empty folder on the file system of the library."""
        self._spool.mkdir(exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._spool))

    @contextmanager
    def passing_folder(self) -> Iterator[Path]:
        """A new, empty folder as well, removed in the end."""
        folder = self.spool_folder()
        try:
            yield folder
        finally:
            shutil.rmtree(folder)

    def sweep(self) -> None:
        """Remove what a stopped process left: everything spooled, and every loose file."""
        if self._spool.is_dir():
            for folder in self._spool.iterdir():
                shutil.rmtree(folder)
        self.remove([path for (path,) in self._database.execute("SELECT path FROM loose_file")])

    def feature_name(self, asset: str, track: str, provenance: str) -> str:
        """A name that no file has, relative to the library."""
        return self._free(f"features/{_safe(asset[:2])}/{_safe(asset)}", track, provenance)

    def picture_name(self, asset: str, plugin: str, provenance: str) -> str:
        """A name that no file has, relative to the library."""
        return self._free(f"{DERIVED}/{_safe(asset[:2])}/{_safe(asset)}/pictures", plugin, provenance)

    def arrive(self, moves: Mapping[str, Path]) -> None:
        """Put files in place, as loose ones.

        Args:
            moves: Name to be had, relative to the library -> file of the same file system, on disk already.
        """
        if moves:
            with transaction(self._database):
                self._note(moves)
        touched: set[Path] = set()
        for name, source in moves.items():
            target = self._folder / name
            folders = _made(target.parent)
            if not name.startswith(DERIVED):  # what may be deleted may also be lost
                touched.update(folders)
            source.rename(target)
        for folder in touched:
            _settle_folder(folder)
        self._promised.clear()

    def exchange(self, arrived: Iterable[str], leaving: Iterable[str]) -> None:
        """Inside the transaction that names the arrived files: they are loose no more, the leaving ones are.

        What arrived in the place of a file that somebody had deleted bears its name, and stays.
        """
        self._note(leaving)
        self._database.executemany("DELETE FROM loose_file WHERE path = ?", [(name,) for name in arrived])

    def remove(self, names: Iterable[str]) -> None:
        """Delete those of these files that are loose."""
        loose = "SELECT path FROM loose_file WHERE path = ?"
        names = [name for name in names if self._database.execute(loose, (name,)).fetchone()]
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
        if names:
            with transaction(self._database):
                self._database.executemany("DELETE FROM loose_file WHERE path = ?", [(name,) for name in names])

    def _note(self, names: Iterable[str]) -> None:
        self._database.executemany("INSERT OR IGNORE INTO loose_file VALUES (?)", [(name,) for name in names])

    def _free(self, folder: str, name: str, provenance: str) -> str:
        """Such as "shots-1a2b.arrow"; the same work kept again gets "shots-1a2b.2.arrow"."""
        stem, number = f"{folder}/{_safe(name)[:_MOST_LETTERS]}-{provenance}", 2
        free = f"{stem}.arrow"
        while free in self._promised or (self._folder / free).exists():
            free, number = f"{stem}.{number}.arrow", number + 1
        self._promised.add(free)
        return free


def is_whole(path: Path) -> bool:
    """Whether a file is there and ends as an Arrow file does; cheap, and says nothing of what lies between."""
    try:
        with path.open("rb") as file:
            before = file.seek(-_END.size, os.SEEK_END)
            length, mark = _END.unpack(file.read())
    except OSError:
        return False
    return bool(mark == b"ARROW1" and 0 < length < before)


def _safe(name: str) -> str:
    """A name as one part of a path: no separators, and never a dot alone."""
    return quote(name, safe="", errors="surrogateescape").replace(".", "%2E", 1 if name.startswith(".") else 0)


def _made(folder: Path) -> list[Path]:
    """Make a folder; give it and the folders that got a new one in them."""
    touched = [folder]
    while not touched[-1].exists():
        touched.append(touched[-1].parent)
    folder.mkdir(parents=True, exist_ok=True)
    return touched


def _settle_folder(folder: Path) -> None:
    """Make sure that a folder's new names are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
