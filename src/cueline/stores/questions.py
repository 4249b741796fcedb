"""Questions to a library's database: tags by what is asked for, and SQL that cannot change anything."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cueline.errors import StoreError
from cueline.stores.opening import connect
from cueline.stores.rows import Row
from cueline.stores.schema import VIEW_NAMES
from cueline.stores.wording import caret
from cueline.timeline.spans import Span


@dataclass(frozen=True, slots=True)
class Wanted:
    """What rows of label tracks must be like; None asks for nothing.

    Attributes:
        names: Names of tracks.
        classes: Names of rows.
        within: A span that rows overlap, as `LabelTrack.crop` has it.
        asset: The id of their asset.
        least_score: The least score.
        groups: Groups that their asset is in, all of them, such as {"show": "Cosmos"}.
    """

    names: Sequence[str] | None = None
    classes: Sequence[str] | None = None
    within: Span | None = None
    asset: str | None = None
    least_score: float | None = None
    groups: Mapping[str, str] | None = None


ANYTHING = Wanted()


def tag_query(wanted: Wanted, *, limit: int | None) -> tuple[str, list[Any]]:
    """SQL and its values for tags of assets that lie somewhere, by first path, then time; see `LibraryReader.tags`.

    It goes from path to path, so that a limit ends it early.
    """
    return _asked(_TAGS, "place.asset", wanted, limit)


def stray_tag_query(wanted: Wanted, *, limit: int | None) -> tuple[str, list[Any]]:
    """The same for assets without a path, by asset, then time."""
    return _asked(_STRAY_TAGS, "asset.id", wanted, limit)


def _asked(query: str, of: str, wanted: Wanted, limit: int | None) -> tuple[str, list[Any]]:
    assets, tracks, rows = _Conditions(), _of_tracks(wanted), _of_rows(wanted)
    assets.one_of(of, None if wanted.asset is None else [wanted.asset])
    rows.one_of("tag.name", wanted.classes)
    values = [*assets.values, *tracks.values, *rows.values, -1 if limit is None else limit]
    return query.format(assets=assets, tracks=tracks, rows=rows), values


def named_query(wanted: Wanted, name: str, *, limit: int) -> tuple[str, list[Any]]:
    """For rows of one name, of assets that lie somewhere, in the order of their tracks, which an index gives."""
    tracks, rows = _of_tracks(wanted), _of_rows(wanted)
    if wanted.classes is not None and name not in wanted.classes:
        rows.add("false")
    return _NAMED.format(tracks=tracks, rows=rows), [name, *tracks.values, *rows.values, limit]


def tally_query(wanted: Wanted) -> tuple[str, list[Any]]:
    """SQL and its values for counts by track and name."""
    tracks, rows = _of_tracks(wanted), _of_rows(wanted)
    rows.one_of("tag.name", wanted.classes)
    # Counting all of it goes along the index of names, counting a part from track to track
    query = _TALLY_OF_SOME if str(tracks) or str(rows) else _TALLY
    return query.format(tracks=tracks, rows=rows), [*tracks.values, *rows.values]


def _of_tracks(wanted: Wanted) -> _Conditions:
    conditions = _Conditions()
    conditions.one_of("track.name", wanted.names)
    conditions.one_of("track.asset", None if wanted.asset is None else [wanted.asset])
    for kind, name in (wanted.groups or {}).items():
        conditions.add("track.asset IN (SELECT asset FROM asset_group WHERE kind = ? AND name = ?)", kind, name)
    return conditions


def _of_rows(wanted: Wanted) -> _Conditions:
    conditions, within = _Conditions(), wanted.within
    if within is not None:
        instant = within.duration == 0
        conditions.add("tag.start <= ?" if instant else "tag.start < ?", within.start if instant else within.end)
        conditions.add("tag.start >= ? - longest", within.start - _ROUNDING)  # what lets the index find the window
        conditions.add("(tag.end > ? OR tag.start = tag.end AND tag.start >= ?)", within.start, within.start)
    if wanted.least_score is not None:
        conditions.add("tag.score >= ?", wanted.least_score)
    return conditions


_ROUNDING = 1e-6
_TAGS = """
SELECT track.asset, track.name, tag.start, tag.end, tag.name, tag.score
FROM place CROSS JOIN track ON track.asset = place.asset CROSS JOIN tag ON tag.track = track.id
WHERE NOT EXISTS (SELECT 1 FROM place AS other WHERE other.asset = place.asset AND other.path < place.path)
    {assets} AND kind = 'labels' {tracks} {rows}
ORDER BY place.path, tag.start, tag.end, track.name, tag.row LIMIT ?
"""
_STRAY_TAGS = """
SELECT track.asset, track.name, tag.start, tag.end, tag.name, tag.score
FROM asset CROSS JOIN track ON track.asset = asset.id CROSS JOIN tag ON tag.track = track.id
WHERE NOT EXISTS (SELECT 1 FROM place WHERE place.asset = asset.id) {assets} AND kind = 'labels' {tracks} {rows}
ORDER BY asset.id, tag.start, tag.end, track.name, tag.row LIMIT ?
"""
_NAMED = """
SELECT track.asset, track.name, tag.start, tag.end, tag.score
FROM tag CROSS JOIN track ON track.id = tag.track
WHERE tag.name = ? AND EXISTS (SELECT 1 FROM place WHERE place.asset = track.asset) {tracks} {rows}
ORDER BY tag.track, tag.start, tag.row LIMIT ?
"""
_TALLY = """
SELECT track.name, counted.name, sum(counted.times), count(*), sum(counted.seconds) FROM (
    SELECT track, name, count(*) AS times, sum(end - start) AS seconds FROM tag GROUP BY name, track
) AS counted CROSS JOIN track ON track.id = counted.track
GROUP BY track.name, counted.name ORDER BY sum(counted.times) DESC, track.name, counted.name
"""
_TALLY_OF_SOME = """
SELECT track, name, sum(rows), count(*), sum(seconds) FROM (
    SELECT track.name AS track, tag.name AS name, count(*) AS rows, sum(tag.end - tag.start) AS seconds
    FROM track CROSS JOIN tag ON tag.track = track.id WHERE kind = 'labels' {tracks} {rows}
    GROUP BY track.id, tag.name
) GROUP BY track, name ORDER BY sum(rows) DESC, track, name
"""


class _Conditions:
    """What follows after WHERE, and its values."""

    def __init__(self) -> None:
        self._text = ""
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        self._text += f" AND {condition}"
        self.values += values

    def one_of(self, column: str, wanted: Sequence[str] | None) -> None:
        if wanted is not None:
            self.add(f"{column} IN ({', '.join('?' * len(wanted))})", *wanted)

    def __str__(self) -> str:
        return self._text


def ask(folder: Path, query: str, parameters: Sequence[Any]) -> tuple[list[str], list[Row]]:
    """Answer one query over the views, on a connection of its own that may only read.

    Args:
        folder: The library.
        query: One statement of SQL.
        parameters: Values for the question marks in it.

    Returns:
        Names of columns, and rows.

    Raises:
        StoreError: If the query cannot be answered.
    """
    with closing(connect(folder, read_only=True)) as database:
        database.set_authorizer(_refuse_other_files)
        try:
            found = database.execute(query, tuple(parameters))
            columns = [column for column, *_ in found.description or ()]
            twice = sorted({column for column in columns if columns.count(column) > 1})
            if twice:
                raise StoreError(
                    f"each column of an answer needs a name of its own, got {twice[0]!r} twice in {query!r}; name them "
                    "with AS"
                )
            return columns, found.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            place = _place_of_fault(database, query, str(error))
            raise StoreError(
                f"the library {str(folder)!r} cannot answer {query!r}: {error}. One query is answered, over the views "
                f"{', '.join(VIEW_NAMES)}; nothing is changed this way{'' if place is None else caret(query, place)}",
                path=folder,
            ) from error


def _place_of_fault(database: sqlite3.Connection, query: str, message: str) -> int | None:
    """Where a query goes wrong: at the first mention of what the message names, before which it was well begun."""
    named = re.search(r'near "(.+?)": syntax error|no such (?:column|table|function): (?:\w+\.)?(\w+)', message)
    if named is None:
        return len(query.rstrip()) if "incomplete input" in message else None
    if named[2]:
        found = re.search(rf"\b{re.escape(named[2])}\b", query)
        return found.start() if found else None
    places = (found.start() for found in re.finditer(re.escape(named[1]), query))
    return next((place for place in places if _well_begun(database, query[:place])), None)


def _well_begun(database: sqlite3.Connection, query: str) -> bool:
    """Whether something could follow that makes it a query."""
    try:
        database.execute(f"EXPLAIN {query}")
    except sqlite3.Error as error:
        return "syntax error" not in str(error)
    return True


def _refuse_other_files(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
