"""Classes, campaigns and answers of a library: kept at once, beside whatever else is being written.

It needs no lease: each change is one short transaction that is on disk when the call returns (`synchronous=FULL`), so
people go on labelling while an analysis runs, and what they said survives a power cut.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from cueline.errors import StoreError, near_miss
from cueline.stores import opening
from cueline.stores.faults import told_plainly
from cueline.timeline.answers import Answer, Campaign, LabelClass

Kept = TypeVar("Kept", LabelClass, Campaign)
_TABLES = {LabelClass: "class_version", Campaign: "campaign_version"}
SLACK_SECONDS = 1.0  # players and people disagree about the last moment of a file
_WORDS = {LabelClass: "class", Campaign: "campaign"}


class AnswerBook:
    """What people of a library look for, ask, and said."""

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
        return f"AnswerBook({str(self.path)!r})"

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def put(self, value: Kept) -> Kept:
        """Keep a class or a campaign; give it with its version.

        What says the same as the last version of that name is that version; anything else becomes the next. A
        campaign's classes must be there first.
        """
        with self._transaction() as database:
            if isinstance(value, Campaign):
                for name in value.classes:
                    self.find(LabelClass, name)
            table = _TABLES[type(value)]
            versions = self._versions(type(value), value.name)
            if versions and replace(value, version=versions[-1].version) == versions[-1]:
                return versions[-1]
            kept = replace(value, version=len(versions) + 1)
            row = (kept.name, kept.version, _now(), json.dumps(asdict(kept), ensure_ascii=False))
            database.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", row)  # noqa: S608 - one of two fixed names
            return kept

    def classes(self) -> list[LabelClass]:
        """The last version of every class, by name."""
        return self._last(LabelClass)

    def campaigns(self) -> list[Campaign]:
        """The last version of every campaign, by name."""
        return self._last(Campaign)

    def find(self, kind: type[Kept], name: str, version: int = 0) -> Kept:
        """One class or campaign.

        Args:
            kind: `LabelClass` or `Campaign`.
            name: Its name.
            version: Which; 0 for the last.

        Raises:
            StoreError: If there is none.
        """
        found = [each for each in self._versions(kind, name) if version in (0, each.version)]
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

    def add(self, *answers: Answer) -> int:
        """Keep answers, all or none, on disk when this returns; one that is there already is kept once.

        Returns:
            How many were new.

        Raises:
            StoreError: If an asset is unknown, a span lies beyond its end, an answer undoes one that was never given,
                or another has its id.
        """
        with self._transaction() as database:
            new = 0
            for answer in answers:
                self._check(answer)
                start, end = (None, None) if answer.span is None else (answer.span.start, answer.span.end)
                row = (answer.id, answer.asset, start, end, answer.label, answer.verdict, answer.who, answer.made)
                found = database.execute(
                    "INSERT OR IGNORE INTO answer VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, answer.to_json())
                )
                if not found.rowcount:
                    self._refuse_another(answer)
                new += found.rowcount
            return new

    def answers(
        self, *, asset: str | None = None, label: str | None = None, campaign: str | None = None, since: int = 0
    ) -> list[Answer]:
        """Answers in the order in which they came; `timeline.answers.standing` tells which hold.

        Args:
            asset: Only of this asset.
            label: Only of this class.
            campaign: Only of this campaign.
            since: Only those after this revision.
        """
        wanted = {"asset": asset, "class": label, "json_extract(json, '$.campaign')": campaign}
        given = {column: value for column, value in wanted.items() if value is not None}
        where = "".join(f" AND {column} = ?" for column in given)
        query = f"SELECT json FROM answer WHERE number > ?{where} ORDER BY number"  # noqa: S608 - fixed names
        return [Answer.from_json(text) for (text,) in self._select(query, (since, *given.values()))]

    def revision(self) -> int:
        """A number that grows with every answer; 0 before the first."""
        return int(self._select("SELECT coalesce(max(number), 0) FROM answer")[0][0])

    def _check(self, answer: Answer) -> None:
        found = self._select("SELECT duration FROM asset WHERE id = ?", (answer.asset,))
        if not found:
            raise StoreError(
                f"the library {str(self.path)!r} knows no asset {answer.asset!r}; add its file first, and answer with "
                "the id that it has there",
                asset=answer.asset,
            )
        duration = found[0][0]
        if answer.span is not None and duration and answer.span.end > duration + SLACK_SECONDS:
            raise StoreError(
                f"an answer lies within its media of {duration:.3f} s, got {answer.span}. Are the times in seconds, "
                "and of this file?",
                asset=answer.asset,
                time=answer.span.start,
            )
        if answer.undoes and not self._select("SELECT 1 FROM answer WHERE id = ?", (answer.undoes,)):
            raise StoreError(
                f"answer {answer.id} undoes {answer.undoes}, which was never given; undo one that the library holds",
                asset=answer.asset,
            )

    def _refuse_another(self, answer: Answer) -> None:
        ((known,),) = self._select("SELECT json FROM answer WHERE id = ?", (answer.id,))
        if Answer.from_json(known) != answer:
            raise StoreError(
                f"an answer is kept once under its id and never changes, got another one with the id {answer.id!r}. "
                "Give it an id of its own, and let it undo the first where it corrects it",
                asset=answer.asset,
            )

    def _last(self, kind: type[Kept]) -> list[Kept]:
        last = {value.name: value for value in self._versions(kind)}
        return [last[name] for name in sorted(last)]

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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
