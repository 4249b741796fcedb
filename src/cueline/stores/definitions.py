"""Classes and campaigns of a library, with their versions; and how the book of what people said is opened.

It needs no lease: each change is one short transaction that is on disk when the call returns (`synchronous=FULL`), so
people go on labelling while an analysis runs, and what they said survives a power cut.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from cueline.errors import StoreError, near_miss
from cueline.stores import opening
from cueline.stores.faults import told_plainly
from cueline.timeline.answers import Campaign, LabelClass

Kept = TypeVar("Kept", LabelClass, Campaign)
_TABLES = {LabelClass: "class_version", Campaign: "campaign_version"}
_WORDS = {LabelClass: "class", Campaign: "campaign"}
_TASKS_AGAIN = """
INSERT OR IGNORE INTO task (campaign, asset, start, end, priority, made)
SELECT campaign, asset, start, end, 0, ? FROM answer
WHERE campaign = ? AND undoes = '' AND id NOT IN (SELECT value FROM json_each(?))
    AND (asset IN (SELECT asset FROM place) OR asset IN (SELECT asset FROM clip))
GROUP BY asset, start, end ORDER BY min(number)
"""


class Definitions:
    """What people of a library look for and ask: the part of an `AnswerBook` that opens it."""

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        """Open the book of a library that exists.

        Args:
            path: The library's folder.
            read_only: Change nothing, as in a folder that cannot be written.

        Raises:
            StoreError: If there is no library, or it is damaged or newer than this Cueline.
        """
        self.path = Path(path)
        opening.look(self.path, create=False, read_only=True)
        self._database = opening.connect(self.path, read_only=read_only)
        if not read_only:
            self._database.execute("PRAGMA synchronous = FULL")

    def __enter__(self) -> Self:
        """The book itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Where it lies."""
        return f"{type(self).__name__}({str(self.path)!r})"

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def put(self, value: Kept) -> Kept:
        """Keep a class or a campaign; give it with its version.

        What says the same as the last version of that name is that version; anything else becomes the next. A
        campaign's classes must be there first; one that was retired is put to people again, with a task for each item
        that has an answer which holds.
        """
        return self.put_all([value])[0]

    def put_all(self, values: Iterable[Kept]) -> list[Kept]:
        """Keep classes or campaigns as `put` does, all or none."""
        with self._transaction() as database:
            return [self._put(database, value) for value in values]

    def retire(self, campaign: str) -> None:
        """Put a campaign to people no more: it is not listed, and its tasks go; its answers and its versions stay.

        Raises:
            StoreError: If there is none of that name.
        """
        with self._transaction() as database:
            self.find(Campaign, campaign)
            database.execute("DELETE FROM task WHERE campaign = ?", (campaign,))
            database.execute("INSERT OR IGNORE INTO retired_campaign VALUES (?, ?)", (campaign, now()))

    def retired(self, name: str) -> Campaign | None:
        """The last version of a campaign that was retired, or None where there is none of that name."""
        return self._versions(Campaign, name)[-1] if name in self._retired() else None

    def classes(self) -> list[LabelClass]:
        """The last version of every class, by name."""
        return self._last(LabelClass)

    def campaigns(self) -> list[Campaign]:
        """The last version of every campaign that is not retired, by name."""
        return self._last(Campaign)

    def find(self, kind: type[Kept], name: str, version: int = 0) -> Kept:
        """One class or campaign.

        Args:
            kind: `LabelClass` or `Campaign`.
            name: Its name.
            version: Which; 0 for the last. Only a version that is named is found of a campaign that was retired.

        Raises:
            StoreError: If there is none.
        """
        found = [each for each in self._versions(kind, name) if version in (0, each.version)]
        if found and kind is Campaign and not version and name in self._retired():
            raise StoreError(
                f"the campaign {name!r} was deleted, and its answers stay; create it again to go on with it",
                path=self.path,
            )
        if not found:
            names = [each.name for each in self._last(kind)]
            which = f"{name!r}" + (f" with version {version}" if version else "")
            there = ", ".join(names) or "none"
            raise StoreError(
                f"the library {str(self.path)!r} knows no {_WORDS[kind]} {which}; there are: {there}."
                f"{near_miss(name, names)}",
                path=self.path,
            )
        return found[-1]

    def _put(self, database: sqlite3.Connection, value: Kept) -> Kept:
        if isinstance(value, Campaign):
            for name in value.classes:
                self.find(LabelClass, name)
            if database.execute("DELETE FROM retired_campaign WHERE name = ?", (value.name,)).rowcount:
                database.execute(_TASKS_AGAIN, (now(), value.name, json.dumps(sorted(self._taken_back()))))
        versions = self._versions(type(value), value.name)
        if versions and replace(value, version=versions[-1].version) == versions[-1]:
            return versions[-1]
        kept = replace(value, version=len(versions) + 1)
        row = (kept.name, kept.version, now(), json.dumps(asdict(kept), ensure_ascii=False))
        table = _TABLES[type(value)]
        database.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", row)  # noqa: S608 - one of two fixed names
        return kept

    def _last(self, kind: type[Kept]) -> list[Kept]:
        retired = self._retired() if kind is Campaign else ()
        last = {value.name: value for value in self._versions(kind) if value.name not in retired}
        return [last[name] for name in sorted(last)]

    def _retired(self) -> set[str]:
        return {name for (name,) in self._select("SELECT name FROM retired_campaign")}

    def _taken_back(self) -> set[str]:
        """Ids of the answers that do not hold any more, as `timeline.answers.taken_back` tells them."""
        undone = set[str]()
        for answer, undoes in self._select("SELECT id, undoes FROM answer WHERE undoes <> '' ORDER BY number DESC"):
            if answer not in undone:  # one that is undone itself undoes nothing
                undone.add(undoes)
        return undone

    def _versions(self, kind: type[Kept], name: str | None = None) -> list[Kept]:
        where, values = ("", ()) if name is None else ("WHERE name = ?", (name,))
        query = f"SELECT json FROM {_TABLES[kind]} {where} ORDER BY name, version"  # noqa: S608 - fixed names
        return [kind(**json.loads(text)) for (text,) in self._select(query, values)]

    def _select(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with told_plainly("read the library", self.path):
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with told_plainly("keep answers in", self.path), opening.transaction(self._database):
            yield self._database


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
