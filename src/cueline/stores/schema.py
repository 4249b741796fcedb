"""The library's database: its tables, the views that people may rely on, its version, how it is opened.

Tables are named in the singular and may change with the version. Views are named in the plural and
are a promise: `select name, start, end from tags where track = 'shots'` goes on working. Times are
seconds, dates are ISO 8601 in UTC, lists are JSON.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from cueline.errors import StoreError
from cueline.stores import lease
from cueline.stores.faults import told_plainly

FILE = "library.sqlite"
APPLICATION_ID = 0x4375654C  # "CueL"
VERSION = 1
VIEWS = ("assets", "groups", "locations", "outcomes", "runs", "tags", "tracks")
_UNFINISHED = "library.sqlite.new"
_BUSY_SECONDS = 10.0

TABLES = """
CREATE TABLE asset (
    id TEXT PRIMARY KEY,
    duration REAL NOT NULL,
    streams TEXT NOT NULL               -- JSON, a list of Stream
) WITHOUT ROWID;

CREATE TABLE asset_group (
    asset TEXT NOT NULL REFERENCES asset,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (asset, kind)
) WITHOUT ROWID;

CREATE TABLE place (
    path BLOB PRIMARY KEY,              -- as the file system spells it, which need not be Unicode
    shown TEXT NOT NULL,                -- the same for people
    asset TEXT REFERENCES asset,
    size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    reason TEXT NOT NULL,
    missing INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX place_by_asset ON place (asset, path);

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started TEXT NOT NULL,
    ended TEXT,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted')),
    plan TEXT NOT NULL,                 -- JSON
    version TEXT NOT NULL               -- of Cueline
);

CREATE TABLE provenance (
    fingerprint TEXT PRIMARY KEY,
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    json TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE outcome (
    asset TEXT NOT NULL REFERENCES asset,
    plugin TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'nothing')),
    reason TEXT NOT NULL,
    provenance TEXT NOT NULL REFERENCES provenance,
    run INTEGER NOT NULL REFERENCES run,
    seconds REAL NOT NULL,
    pictures TEXT,                      -- file, relative to the library
    PRIMARY KEY (asset, plugin)
) WITHOUT ROWID;

CREATE TABLE track (
    id INTEGER PRIMARY KEY,
    asset TEXT NOT NULL REFERENCES asset,
    name TEXT NOT NULL,
    plugin TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('features', 'labels')),
    stream TEXT NOT NULL,
    provenance TEXT NOT NULL REFERENCES provenance,
    rows INTEGER NOT NULL,
    columns TEXT,                       -- JSON; features only
    file TEXT,                          -- relative to the library; features only
    classes TEXT,                       -- JSON; labels only
    judged BLOB,                        -- float64 pairs; null where the rows themselves are what was judged
    longest REAL,                       -- seconds of the longest row, so that a window is found by its starts
    UNIQUE (asset, name)
);

CREATE TABLE tag (
    track INTEGER NOT NULL REFERENCES track ON DELETE CASCADE,
    start REAL NOT NULL,
    row INTEGER NOT NULL,
    end REAL NOT NULL,
    name TEXT NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (track, start, row)
) WITHOUT ROWID;
CREATE INDEX tag_by_name ON tag (name, track);

-- Files that may lie on disk though no row names them: on their way in, or out.
CREATE TABLE loose_file (
    path TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE VIEW assets AS
    SELECT id, duration,
        (SELECT shown FROM place WHERE place.asset = asset.id ORDER BY place.missing, place.path LIMIT 1) AS path,
        (SELECT count(*) FROM place WHERE place.asset = asset.id) AS files,
        streams
    FROM asset;

CREATE VIEW groups AS SELECT asset, kind, name FROM asset_group;

CREATE VIEW locations AS
    SELECT shown AS path, asset, size_bytes, mtime_ns / 1e9 AS modified, reason, missing FROM place;

CREATE VIEW runs AS SELECT id, started, ended, state, plan, version FROM run;

CREATE VIEW outcomes AS
    SELECT asset, outcome.plugin, state, reason, seconds, run, version, json AS provenance
    FROM outcome JOIN provenance ON fingerprint = provenance;

CREATE VIEW tracks AS
    SELECT asset, name, kind, track.plugin, stream, rows, columns, classes, file, version, json AS provenance
    FROM track JOIN provenance ON fingerprint = provenance;

CREATE VIEW tags AS
    SELECT track.asset, track.name AS track, tag.start, tag.end, tag.name, tag.score,
        (SELECT shown FROM place WHERE place.asset = track.asset ORDER BY place.missing, place.path LIMIT 1) AS path
    FROM tag JOIN track ON track.id = tag.track;
"""


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


def connect(folder: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the database of a library, and make sure that it is one.

    A folder that cannot be written is read as it stands: nobody can be writing there.

    Args:
        folder: The library.
        read_only: Refuse every change through this connection.

    Raises:
        StoreError: If it is no library, is damaged, is newer than this Cueline, or cannot be read.
    """
    with told_plainly("open the library", folder):
        database = _readable(folder) if read_only else _opened(folder / FILE, "mode=rw")
        try:
            _check(database, folder)
            database.execute("PRAGMA foreign_keys = ON")
            if read_only:
                database.execute("PRAGMA query_only = ON")
            else:
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
            database.executescript(f"BEGIN; {marks} {TABLES} COMMIT;")
        unfinished.rename(folder / FILE)


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
        log = folder / f"{FILE}-wal"
        if log.exists() and log.stat().st_size:
            raise StoreError(
                f"cannot read the library {str(folder)!r}: its writer was stopped, and what it kept last can only be "
                "read where the folder may be written. Open it there once, or copy it",
                path=folder,
            ) from error
        return _opened(folder / FILE, "immutable=1")
    return database


def _check(database: sqlite3.Connection, folder: Path) -> None:
    (identity,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if identity != APPLICATION_ID:
        raise StoreError(
            f"{str(folder / FILE)!r} is not the database of a Cueline library. Give the path of a library, or make one "
            "with `cueline init`",
            path=folder,
        )
    if version != VERSION:
        raise StoreError(
            f"the library {str(folder)!r} has schema version {version}; this Cueline reads version {VERSION}. "
            "Update Cueline",
            path=folder,
        )
