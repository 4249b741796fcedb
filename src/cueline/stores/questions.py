"""Questions to a library's database: tags by what is asked for, and SQL that cannot change anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from cueline.errors import StoreError
from cueline.stores.rows import Row
from cueline.stores.schema import VIEWS, connect
from cueline.timeline.spans import Span


def tag_query(
    *,
    names: Sequence[str] | None,
    classes: Sequence[str] | None,
    within: Span | None,
    asset: str | None,
    least_score: float | None,
    limit: int | None,
) -> tuple[str, list[Any]]:
    """SQL and its values for tags by first path of the asset, then time; see `LibraryStore.tags`."""
    tracks, rows = _Conditions(), _Conditions()
    tracks.one_of("name", names)
    tracks.one_of("asset", None if asset is None else [asset])
    rows.one_of("tag.name", classes)
    if within is not None:
        instant = within.duration == 0
        rows.add("tag.start <= ?" if instant else "tag.start < ?", within.start if instant else within.end)
        rows.add("tag.start >= ? - longest", within.start - _ROUNDING)  # what lets the index find the window
        rows.add("(tag.end > ? OR tag.start = tag.end AND tag.start >= ?)", within.start, within.start)
    if least_score is not None:
        rows.add("tag.score >= ?", least_score)
    return _TAGS.format(tracks=tracks, rows=rows), [*tracks.values, *rows.values, -1 if limit is None else limit]


_ROUNDING = 1e-6
_TAGS = """
WITH chosen AS MATERIALIZED (
    SELECT id, asset, name, longest, (SELECT min(path) FROM place WHERE place.asset = track.asset) AS first
    FROM track WHERE kind = 'labels' {tracks}
)
SELECT chosen.asset, chosen.name, tag.start, tag.end, tag.name, tag.score
FROM chosen CROSS JOIN tag ON tag.track = chosen.id WHERE true {rows}
ORDER BY first IS NULL, first, chosen.asset, tag.start, tag.end, chosen.name, tag.row LIMIT ?
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
            return [column for column, *_ in found.description or ()], found.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise StoreError(
                f"the library {str(folder)!r} cannot answer {query!r}: {error}. One query is answered, over the views "
                f"{', '.join(VIEWS)}; nothing is changed this way",
                path=folder,
            ) from error


def _refuse_other_files(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK
