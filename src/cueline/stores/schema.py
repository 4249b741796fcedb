"""The library's database: its tables, the views that people may rely on, its version.

Tables are named in the singular and may change with the version. Views are named in the plural and
are a promise: `select name, start, end from tags where track = 'shots'` goes on working. Times are
seconds, dates are ISO 8601 in UTC, lists are JSON.
"""

from __future__ import annotations

import re

FILE = "library.sqlite"
APPLICATION_ID = 0x4375654C  # "CueL"
VERSION = 3

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

-- Every outcome of every run; table outcome holds the last.
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
CREATE INDEX tag_by_name ON tag (name, track, start, end);  -- all that counting by name looks at

-- Label tracks that were made anew since, so that what a change did can be told.
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

-- Every text that a tag ever had for a name, once, for search.
CREATE TABLE phrase (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE phrase_index USING fts5
    (text, content = 'phrase', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2");
CREATE TRIGGER phrase_added AFTER INSERT ON phrase BEGIN
    INSERT INTO phrase_index (rowid, text) VALUES (new.id, new.text);
END;

-- What lay at a path before something else did, so that people's work can follow a changed file.
CREATE TABLE former_place (
    path BLOB NOT NULL,
    asset TEXT NOT NULL REFERENCES asset,
    until TEXT NOT NULL,
    PRIMARY KEY (path, asset)
) WITHOUT ROWID;

-- How groups are told from names, in the order in which the rules were given.
CREATE TABLE group_rule (
    pattern TEXT PRIMARY KEY
);

-- Values with versions: an edit adds a row.
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

-- What people said: only ever added to.
CREATE TABLE answer (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    asset TEXT NOT NULL REFERENCES asset,
    start REAL,                         -- null: the whole asset
    end REAL,
    class TEXT NOT NULL,
    verdict TEXT NOT NULL,
    who TEXT NOT NULL,
    made TEXT NOT NULL,
    json TEXT NOT NULL,                 -- the whole Answer
    campaign TEXT NOT NULL DEFAULT '',
    label_version INTEGER NOT NULL DEFAULT 0,
    shown TEXT NOT NULL DEFAULT '',
    undoes TEXT NOT NULL DEFAULT ''
);
CREATE INDEX answer_by_asset ON answer (asset, class);
CREATE INDEX answer_by_campaign ON answer (campaign);

-- Campaigns that are not put to people any more; a campaign of that name that is kept again leaves this table.
CREATE TABLE retired_campaign (
    name TEXT PRIMARY KEY,
    made TEXT NOT NULL
) WITHOUT ROWID;

-- What a campaign puts to people.
CREATE TABLE task (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign TEXT NOT NULL,
    asset TEXT NOT NULL REFERENCES asset,
    start REAL,                         -- null: the whole asset
    end REAL,
    priority REAL NOT NULL,
    made TEXT NOT NULL
);
CREATE UNIQUE INDEX task_once ON task (campaign, asset, coalesce(start, ''), coalesce(end, ''));

-- What label files call an asset, of which nobody may have the media.
CREATE TABLE clip (
    asset TEXT NOT NULL REFERENCES asset,
    name TEXT NOT NULL,
    key TEXT NOT NULL,                  -- its id in that file, or empty
    PRIMARY KEY (asset, name)
) WITHOUT ROWID;

-- Files that may lie on disk though no row names them: on their way in, or out.
CREATE TABLE loose_file (
    path TEXT PRIMARY KEY
) WITHOUT ROWID;
"""

VIEWS = """
CREATE VIEW assets AS
    SELECT id, duration,
        (SELECT shown FROM place WHERE place.asset = asset.id ORDER BY place.missing, place.path LIMIT 1) AS path,
        (SELECT count(*) FROM place WHERE place.asset = asset.id) AS files,
        streams
    FROM asset;

CREATE VIEW groups AS SELECT asset, kind, name FROM asset_group;

CREATE VIEW locations AS
    SELECT shown AS path, asset, size_bytes, mtime_ns / 1e9 AS modified, reason, missing FROM place;

CREATE VIEW classes AS
    SELECT name, version, made, json_extract(json, '$.definition') AS definition, json FROM class_version;

CREATE VIEW campaigns AS
    SELECT name, version, campaign_version.made, json_extract(json, '$.question') AS question, json,
        retired_campaign.made AS retired
    FROM campaign_version LEFT JOIN retired_campaign USING (name);

CREATE VIEW answers AS
    SELECT number, id, asset, start, end, class, verdict, who, made, undoes, campaign, json, label_version FROM answer;

CREATE VIEW clips AS SELECT asset, name, key FROM clip;

CREATE VIEW tasks AS SELECT number, campaign, asset, start, end, priority, made FROM task;

CREATE VIEW history AS
    SELECT run, asset, outcome_log.plugin, state, reason, seconds, version, json AS provenance
    FROM outcome_log JOIN provenance ON fingerprint = provenance;

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
    FROM tag LEFT JOIN track ON track.id = tag.track;  -- so that what asks for neither asset nor track skips the join
"""
VIEW_NAMES = tuple(sorted(re.findall(r"CREATE VIEW (\w+)", VIEWS)))
