"""Bringing the database of an older library to this schema, in one transaction: all of it or nothing.

Each step goes from one version to the next, in words of SQL that no later change of `schema` can alter. Views are
made anew after the last step, since they are what people rely on and always those of this version.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from cueline.stores.schema import FILE, VERSION, VIEWS

STEPS = {
    1: """
DROP INDEX tag_by_name;
CREATE INDEX tag_by_name ON tag (name, track, start, end);
CREATE TABLE past_track (
    id INTEGER PRIMARY KEY,
    asset TEXT NOT NULL REFERENCES asset,
    name TEXT NOT NULL,
    stream TEXT NOT NULL,
    provenance TEXT NOT NULL REFERENCES provenance,
    classes TEXT NOT NULL,
    judged BLOB,
    made INTEGER NOT NULL REFERENCES run,
    replaced INTEGER NOT NULL REFERENCES run
);
CREATE INDEX past_track_by_asset ON past_track (asset, name);
CREATE TABLE past_tag (
    track INTEGER NOT NULL REFERENCES past_track ON DELETE CASCADE,
    start REAL NOT NULL,
    row INTEGER NOT NULL,
    end REAL NOT NULL,
    name TEXT NOT NULL,
    score REAL NOT NULL,
    PRIMARY KEY (track, start, row)
) WITHOUT ROWID;
CREATE TABLE outcome_log (
    asset TEXT NOT NULL REFERENCES asset,
    plugin TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    provenance TEXT NOT NULL REFERENCES provenance,
    seconds REAL NOT NULL,
    PRIMARY KEY (asset, plugin, run)
) WITHOUT ROWID;
INSERT INTO outcome_log SELECT asset, plugin, run, state, reason, provenance, seconds FROM outcome;
CREATE TABLE phrase (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE phrase_index USING fts5
    (text, content = 'phrase', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2");
CREATE TRIGGER phrase_added AFTER INSERT ON phrase BEGIN
    INSERT INTO phrase_index (rowid, text) VALUES (new.id, new.text);
END;
INSERT INTO phrase (text) SELECT DISTINCT name FROM tag;
CREATE TABLE former_place (
    path BLOB NOT NULL,
    asset TEXT NOT NULL REFERENCES asset,
    until TEXT NOT NULL,
    PRIMARY KEY (path, asset)
) WITHOUT ROWID;
CREATE TABLE group_rule (pattern TEXT PRIMARY KEY);
CREATE TABLE class_version (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    made TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (name, version)
) WITHOUT ROWID;
CREATE TABLE campaign_version (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    made TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (name, version)
) WITHOUT ROWID;
CREATE TABLE answer (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    asset TEXT NOT NULL REFERENCES asset,
    start REAL,
    end REAL,
    class TEXT NOT NULL,
    verdict TEXT NOT NULL,
    who TEXT NOT NULL,
    made TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE INDEX answer_by_asset ON answer (asset, class);
""",
    2: """
ALTER TABLE answer ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE answer ADD COLUMN label_version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answer ADD COLUMN shown TEXT NOT NULL DEFAULT '';
ALTER TABLE answer ADD COLUMN undoes TEXT NOT NULL DEFAULT '';
UPDATE answer SET
    campaign = json_extract(json, '$.campaign'),
    label_version = json_extract(json, '$.label_version'),
    shown = json_extract(json, '$.shown'),
    undoes = json_extract(json, '$.undoes');
CREATE INDEX answer_by_campaign ON answer (campaign);
CREATE TABLE retired_campaign (
    name TEXT PRIMARY KEY,
    made TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE task (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign TEXT NOT NULL,
    asset TEXT NOT NULL REFERENCES asset,
    start REAL,
    end REAL,
    priority REAL NOT NULL,
    made TEXT NOT NULL
);
CREATE UNIQUE INDEX task_once ON task (campaign, asset, coalesce(start, ''), coalesce(end, ''));
CREATE TABLE clip (
    asset TEXT NOT NULL REFERENCES asset,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (asset, name)
) WITHOUT ROWID;
""",
}


def migrate(database: sqlite3.Connection, folder: Path) -> None:
    """Bring a database to this schema; leave one that is there already as it is.

    Args:
        database: A connection that may write; the caller holds the library's lease.
        folder: The library, where a copy of the database as it was is kept.

    Raises:
        sqlite3.Error, OSError: If it cannot be written; then nothing has changed.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    _copy(database, folder / f"{FILE}.version-{version}")
    views = database.execute("SELECT name FROM sqlite_schema WHERE type = 'view'").fetchall()
    drop = "".join(f'DROP VIEW "{name}";' for (name,) in views)
    steps = "".join(STEPS[each] for each in range(version, VERSION))
    try:
        database.executescript(f"BEGIN IMMEDIATE; {drop} {steps} {VIEWS} PRAGMA user_version = {VERSION}; COMMIT;")
    finally:
        if database.in_transaction:
            database.execute("ROLLBACK")


def _copy(database: sqlite3.Connection, target: Path) -> None:
    """A copy of the database that is whole or absent."""
    if target.exists():
        return
    aside = target.with_name(f"{target.name}.part")
    aside.unlink(missing_ok=True)
    with closing(sqlite3.connect(aside)) as copy:
        database.backup(copy)
    aside.rename(target)
