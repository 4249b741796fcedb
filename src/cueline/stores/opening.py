"""Opening a library's database: made whole, checked to be one, brought up to date where it is older.

A library of an older schema is brought to this one when it is opened, in one transaction, by whoever comes first and
may write; the database as it was stays beside it, as `library.sqlite.version-1`. A newer one is refused.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cueline.errors import StoreError
from cueline.stores import lease
from cueline.stores.faults import told_plainly
from cueline.stores.migrations import migrate
from cueline.stores.schema import APPLICATION_ID, FILE, TABLES, VERSION, VIEWS

_UNFINISHED = "library.sqlite.new"
_CACHE_KILOBYTES = 65_536  # taken as it is needed; the usual 2 MB are too few to count a million tags
_BUSY_SECONDS = 30.0  # half a million answers of one import are written in less
_ASK_AGAIN_SECONDS = 0.001


def look(folder: Path, *, create: bool, read_only: bool) -> None:
    """Make sure that a library is where it is looked for, or can be made there.

    Args:
        folder: The library.
        create: Make the folder, if nothing is there.
        read_only: Make nothing, and complete nothing.

    Raises:
        StoreError: If there is none, or something else is in its place.
    """
    named = repr(str(folder))
    with told_plainly("open the library", folder):
        if (folder / FILE).is_file():
            return
        if not folder.exists():
            if not create or read_only:
                raise StoreError(f"there is no library at {named}. Make one with `cueline init {folder}`", path=folder)
            folder.mkdir(parents=True)
        names = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
        begun = bool(names)  # and was stopped before there was a database
        if read_only or names - {lease.FILE, _UNFINISHED} or not (create or begun):
            raise StoreError(
                f"{named} is not a Cueline library: it must be a folder with {FILE} in it. A library is made where "
                "nothing is yet, or in an empty folder",
                path=folder,
            )


def connect(folder: Path, *, read_only: bool, held: lease.Lease | None = None) -> sqlite3.Connection:
    """Open the database of a library, and make sure that it is one.

    A folder that cannot be written is read as it stands: nobody can be writing there.

    Args:
        folder: The library.
        read_only: Refuse every change through this connection.
        held: The lease of the caller, if it has it.

    Raises:
        StoreError: If it is no library, is damaged, is newer than this Cueline, or cannot be read; or if it is older
            and cannot be brought up to date now.
    """
    with told_plainly("open the library", folder):
        database = _readable(folder) if read_only else _opened(folder / FILE, "mode=rw")
        try:
            if _version(database, folder) < VERSION:
                database.close()
                _update(folder, held)
                return connect(folder, read_only=read_only)
            database.execute("PRAGMA foreign_keys = ON")
            database.execute(f"PRAGMA cache_size = -{_CACHE_KILOBYTES}")
            if read_only:
                database.execute("PRAGMA query_only = ON")
            else:
                database.execute("PRAGMA journal_mode = WAL")  # some tools that copy a database leave that out
                database.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            database.close()
            raise
    return database


def create(folder: Path) -> None:
    """Make the database of a new library; do nothing if there is one. It appears whole, for readers too.

    Args:
        folder: The library, whose lease the caller holds.

    Raises:
        StoreError: If the folder cannot be written, or the disk is full.
    """
    if (folder / FILE).exists():
        return
    with told_plainly("make the library", folder):
        unfinished = folder / _UNFINISHED
        unfinished.unlink(missing_ok=True)
        with closing(_opened(unfinished, "mode=rwc")) as database:
            database.execute("PRAGMA journal_mode = WAL")
            marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
            database.executescript(f"BEGIN; {marks} {TABLES} {VIEWS} COMMIT;")
        unfinished.rename(folder / FILE)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All that is done to a database meanwhile, or nothing; others may read, and have to wait to write.

    It asks for its turn every millisecond. SQLite itself waits up to a tenth of a second between two looks, and so an
    analysis would hardly ever get its turn beside somebody who answers without a pause.

    Raises:
        sqlite3.Error: If others write for too long, or it cannot be written.
    """
    until = time.monotonic() + _BUSY_SECONDS
    database.execute("PRAGMA busy_timeout = 0")
    try:
        while not _begun(database, last=time.monotonic() >= until):
            time.sleep(_ASK_AGAIN_SECONDS)
    finally:
        database.execute(f"PRAGMA busy_timeout = {round(1000 * _BUSY_SECONDS)}")
    try:
        yield
        database.execute("COMMIT")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _begun(database: sqlite3.Connection, *, last: bool) -> bool:
    try:
        database.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if last or error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _update(folder: Path, held: lease.Lease | None) -> None:
    """Bring an older library to this schema.

    Args:
        folder: The library.
        held: The lease of the caller, if it has it.

    Raises:
        StoreError: If somebody else writes to it, or the folder cannot be written.
    """
    try:
        holder = held or lease.Lease(folder, wait_seconds=_BUSY_SECONDS)  # a reader may be doing it just now
    except StoreError as error:
        raise StoreError(
            f"the library {str(folder)!r} is of an older version and must be brought up to date before it is read: "
            f"{error}",
            path=folder,
        ) from error
    try:
        with (
            told_plainly("bring up to date the library", folder),
            closing(_opened(folder / FILE, "mode=rw")) as database,
        ):
            database.execute("PRAGMA journal_mode = WAL")
            migrate(database, folder)
    finally:
        if held is None:
            holder.release()


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    address = f"{file.absolute().as_uri()}?{mode}"
    return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _readable(folder: Path) -> sqlite3.Connection:
    """A connection for reading; where SQLite cannot keep its book of readers, of a file that cannot change."""
    database = _opened(folder / FILE, "mode=ro")
    try:
        database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error as error:
        database.close()
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        logs = [folder / f"{FILE}-{ending}" for ending in ("wal", "journal")]
        if any(log.exists() and log.stat().st_size for log in logs):
            raise StoreError(
                f"cannot read the library {str(folder)!r}: its writer was stopped, and what it kept last can only be "
                "read where the folder may be written. Open it there once, or copy it",
                path=folder,
            ) from error
        return _opened(folder / FILE, "immutable=1")
    return database


def _version(database: sqlite3.Connection, folder: Path) -> int:
    """The schema's version, of a library that this Cueline knows."""
    (identity,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if identity != APPLICATION_ID:
        raise StoreError(
            f"{str(folder / FILE)!r} is not the database of a Cueline library. Give the path of a library, or make one "
            "with `cueline init`",
            path=folder,
        )
    if version > VERSION:
        raise StoreError(
            f"the library {str(folder)!r} has schema version {version}; this Cueline reads versions up to {VERSION}. "
            "Update Cueline",
            path=folder,
        )
    return int(version)
