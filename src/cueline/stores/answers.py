"""Answers of a library, beside its classes, campaigns and tasks: kept at once, whatever else is being written.

An answer is only ever added. Many are added as fast as few: each check is one question about all of them, and what is
to be written is made ready before the library is locked, so that an analysis beside waits as little as it can.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cueline.errors import StoreError
from cueline.stores.tasks import SLACK_SECONDS, Tasks
from cueline.timeline.answers import Answer
from cueline.timeline.spans import Span

__all__ = ["SLACK_SECONDS", "AnswerBook"]
_COLUMNS = "asset, class, verdict, who, start, end, campaign, label_version, shown, undoes, made, id"
_ID = _COLUMNS.split(", ").index("id")
_ADD = f"INSERT OR IGNORE INTO answer ({_COLUMNS}, json) VALUES (?{', ?' * 12})"  # noqa: S608 - fixed names
_STANDING_VERSIONS = """
SELECT class, label_version, count(*) FROM (
    SELECT class, label_version, max(number) FROM answer
    WHERE undoes = '' AND id NOT IN (SELECT value FROM json_each(?))
    GROUP BY asset, start, end, class, who, campaign
) GROUP BY class, label_version ORDER BY class, label_version
"""


class AnswerBook(Tasks):
    """What people of a library look for, ask, and said."""

    def add(self, *answers: Answer) -> int:
        """Keep answers, all or none, on disk when this returns; one that is there already is kept once.

        Returns:
            How many were new.

        Raises:
            StoreError: If an asset is unknown, a span lies beyond its end, an answer undoes one that was never given,
                or another has its id.
        """
        self._must_be_there((answer.asset, answer.span) for answer in answers)
        self._must_undo_what_was_given(answers)
        rows = [_row(answer) for answer in answers]
        known = self._must_be_the_same(rows)
        fresh = [row for row in rows if row[_ID] not in known]
        with self._transaction() as database:
            new = database.executemany(_ADD, fresh).rowcount if fresh else 0
            if new < len(fresh):  # an id that comes twice, here or from somebody else just now
                self._must_be_the_same(fresh)
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
        wanted = {"asset": asset, "class": label, "campaign": campaign}
        given = {column: value for column, value in wanted.items() if value is not None}
        where = "".join(f" AND {column} = ?" for column in given)
        query = f"SELECT {_COLUMNS} FROM answer WHERE number > ?{where} ORDER BY number"  # noqa: S608 - fixed names
        return [_answer(row) for row in self._select(query, (since, *given.values()))]

    def answer(self, id: str) -> Answer | None:  # noqa: A002 - what it is called everywhere
        """One answer by its id, or None."""
        found = self._select(f"SELECT {_COLUMNS} FROM answer WHERE id = ?", (id,))  # noqa: S608 - fixed names
        return _answer(found[0]) if found else None

    def revision(self) -> int:
        """A number that grows with every answer; 0 before the first."""
        return int(self._select("SELECT coalesce(max(number), 0) FROM answer")[0][0])

    def judged_versions(self) -> dict[str, dict[int, int]]:
        """How many answers that hold are about each version of each class; 0 where nobody knows of which."""
        undone = json.dumps(sorted(self._taken_back()))
        counts: dict[str, dict[int, int]] = {}
        for label, version, count in self._select(_STANDING_VERSIONS, (undone,)):
            counts.setdefault(label, {})[version] = count
        return counts

    def _must_undo_what_was_given(self, answers: Sequence[Answer]) -> None:
        """Refuse to take back what nobody said, before or earlier in the same call."""
        undone = {answer.undoes for answer in answers if answer.undoes}
        given = self._known(undone)
        for answer in answers:
            if answer.undoes and answer.undoes not in given:
                raise StoreError(
                    f"answer {answer.id} undoes {answer.undoes}, which was never given; undo one that the library "
                    "holds",
                    asset=answer.asset,
                )
            if answer.id in undone:
                given.add(answer.id)

    def _must_be_the_same(self, rows: Sequence[tuple[Any, ...]]) -> set[str]:
        """Refuse an answer whose id another one has; give the ids that are kept already."""
        query = f"SELECT {_COLUMNS} FROM answer WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - fixed names
        known = {row[_ID]: row for row in self._select(query, (json.dumps([row[_ID] for row in rows]),))}
        for row in rows:
            if row[_ID] in known and known[row[_ID]] != row[:-1]:
                raise StoreError(
                    f"an answer is kept once under its id and never changes, got another one with the id "
                    f"{row[_ID]!r}. Give it an id of its own, and let it undo the first where it corrects it",
                    asset=row[0],
                )
        return set(known)

    def _known(self, ids: set[str]) -> set[str]:
        query = "SELECT id FROM answer WHERE id IN (SELECT value FROM json_each(?))"
        return {id_ for (id_,) in self._select(query, (json.dumps(sorted(ids)),))}


def _row(answer: Answer) -> tuple[Any, ...]:
    """Its columns, and the whole of it as JSON."""
    start, end = (None, None) if answer.span is None else (answer.span.start, answer.span.end)
    said = (answer.asset, answer.label, answer.verdict, answer.who, start, end, answer.campaign)
    return *said, answer.label_version, answer.shown, answer.undoes, answer.made, answer.id, answer.to_json()


def _answer(row: tuple[Any, ...]) -> Answer:
    """The inverse of `_row`."""
    asset, label, verdict, who, start, end, *rest = row
    return Answer(asset, label, verdict, who, None if start is None else Span(start, end), *rest)
