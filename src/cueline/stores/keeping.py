"""One commit: outcomes with their tracks, from files written aside to rows of the database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cueline.ports import Outcome
from cueline.stores.files import Files
from cueline.stores.rows import Row, label_columns, plain, tag_rows
from cueline.stores.spool import read_picture, read_track, write_track
from cueline.timeline.tracks import FeatureTrack, LabelTrack

_TRACK = (
    "INSERT INTO track (asset, name, plugin, kind, stream, provenance, rows, columns, file, classes, judged, longest) "
    "VALUES (:asset, :name, :plugin, :kind, :stream, :provenance, :rows, :columns, :file, :classes, :judged, :longest)"
)
_PAST_TRACK = (
    "INSERT INTO past_track SELECT NULL, asset, name, stream, provenance, classes, judged, ?, ? FROM track WHERE id = ?"
)
_PAST_TAGS = "INSERT INTO past_tag SELECT ?, start, row, end, name, score FROM tag WHERE track = ?"


@dataclass(frozen=True, slots=True)
class Arrival:
    """An outcome on its way in.

    Attributes:
        outcome: What is to be kept.
        moves: Name in the library -> file written aside.
        features: Name of track -> the track and its name in the library.
        pictures: Name of the file of pictures in the library, or None.
    """

    outcome: Outcome
    moves: dict[str, Path] = field(default_factory=dict)
    features: dict[str, tuple[FeatureTrack, str]] = field(default_factory=dict)
    pictures: str | None = None


def prepared(outcome: Outcome, files: Files, aside: Path) -> Arrival:
    """Write what is in memory aside, make sure that what is there is whole, and choose names.

    Args:
        outcome: What is to be kept.
        files: Of the library.
        aside: An empty folder of the library.

    Raises:
        StoreError: If a spooled file is missing, damaged, or of another kind.
    """
    made, moves, features = outcome.provenance.fingerprint, {}, {}
    pictures = None
    for name, track, source in _features(outcome, aside):
        file = files.feature_name(outcome.asset, name, made)
        moves[file], features[name] = source, (track, file)
    if outcome.pictures is not None:
        read_picture(outcome.pictures, 0.0)
        pictures = files.picture_name(outcome.asset, outcome.plugin, made)
        moves[pictures] = outcome.pictures
    return Arrival(outcome, moves, features, pictures)


def leaving(database: sqlite3.Connection, outcome: Outcome) -> list[str]:
    """Files of what an outcome replaces."""
    where, values = _replaced(outcome)
    tracks = database.execute(f"SELECT file FROM track WHERE file IS NOT NULL AND {where}", values)  # noqa: S608
    pictures = database.execute(
        "SELECT pictures FROM outcome WHERE pictures IS NOT NULL AND asset = ? AND plugin = ?",
        (outcome.asset, outcome.plugin),
    )
    return [file for (file,) in (*tracks, *pictures)]


def keep(database: sqlite3.Connection, run: int, arrival: Arrival) -> None:
    """Inside a transaction: the rows of an outcome, in place of those it replaces."""
    outcome, made = arrival.outcome, arrival.outcome.provenance
    _retire(database, run, outcome)
    database.execute(
        "INSERT OR IGNORE INTO provenance VALUES (?, ?, ?, ?)",
        (made.fingerprint, made.plugin, made.version, made.to_json()),
    )
    told = (outcome.state, plain(outcome.reason), made.fingerprint, run, outcome.seconds, arrival.pictures)
    database.execute(
        "INSERT OR REPLACE INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (outcome.asset, outcome.plugin, *told)
    )
    database.execute(
        "INSERT OR REPLACE INTO outcome_log VALUES (?, ?, ?, ?, ?, ?, ?)",
        (outcome.asset, outcome.plugin, run, told[0], told[1], told[2], outcome.seconds),
    )
    for name, (features, file) in arrival.features.items():
        _keep_track(database, outcome, name, features, columns=json.dumps(features.columns), file=file)
    for name, track in outcome.tracks.items():
        if isinstance(track, LabelTrack):
            number = _keep_track(database, outcome, name, track, **label_columns(track))
            database.executemany("INSERT INTO tag VALUES (?, ?, ?, ?, ?, ?)", tag_rows(number, track))
            phrases = [(phrase,) for phrase in sorted(set(track.names))]
            database.executemany("INSERT OR IGNORE INTO phrase (text) VALUES (?)", phrases)


def _retire(database: sqlite3.Connection, run: int, outcome: Outcome) -> None:
    """Take away the tracks that an outcome replaces; labels of an earlier run stay as past ones."""
    where, values = _replaced(outcome)
    earlier = database.execute(
        f"SELECT id, run FROM track JOIN outcome USING (asset, plugin) WHERE kind = 'labels' AND run <> ? AND {where}",  # noqa: S608
        (run, *values),
    )
    for number, made in earlier.fetchall():
        past = database.execute(_PAST_TRACK, (made, run, number)).lastrowid
        database.execute(_PAST_TAGS, (past, number))
    database.execute(f"DELETE FROM track WHERE {where}", values)  # noqa: S608 - fixed text


def _keep_track(
    database: sqlite3.Connection, outcome: Outcome, name: str, track: FeatureTrack | LabelTrack, **more: Any
) -> int:
    row = {
        "asset": outcome.asset,
        "name": name,
        "plugin": outcome.plugin,
        "kind": "features" if isinstance(track, FeatureTrack) else "labels",
        "stream": track.stream,
        "provenance": outcome.provenance.fingerprint,
        "rows": len(track),
    }
    absent = dict.fromkeys(("columns", "file", "classes", "judged", "longest"))
    return int(database.execute(_TRACK, absent | row | more).lastrowid or 0)


def _features(outcome: Outcome, aside: Path) -> Iterator[tuple[str, FeatureTrack, Path]]:
    """Name, track and file of each track of numbers."""
    for name, path in outcome.spooled.items():
        yield name, read_track(path), path
    for name, track in outcome.tracks.items():
        if isinstance(track, FeatureTrack):
            path = aside / f"{len(list(aside.iterdir()))}.arrow"
            write_track(path, track)
            yield name, track, path


def _replaced(outcome: Outcome) -> tuple[str, Row]:
    """Which tracks an outcome replaces: all of its plug-in, and any of a name that it gives."""
    names: Sequence[str] = (*outcome.tracks, *outcome.spooled)
    marks = ", ".join("?" * len(names))
    return f"asset = ? AND (plugin = ? OR name IN ({marks}))", (outcome.asset, outcome.plugin, *names)
