"""Clips that label files name, and what campaigns put to people.

A clip whose media nobody has is an asset that lies nowhere and lasts 0 s: it can be asked about and answered, and
everything that looks at files passes it by.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from cueline.errors import StoreError
from cueline.stores.definitions import Definitions, now
from cueline.timeline.answers import Campaign, Clip, LabelTask
from cueline.timeline.spans import Span

SLACK_SECONDS = 1.0  # players and people disagree about the last moment of a file
_TASK = (
    "INSERT INTO task (campaign, asset, start, end, priority, made) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO UPDATE SET priority = excluded.priority"
)
_STATE = """
SELECT (SELECT coalesce(max(number), 0) FROM answer), (SELECT count(*) FROM clip), (SELECT count(*) FROM class_version),
    (SELECT count(*) FROM campaign_version), (SELECT count(*) FROM retired_campaign)
"""
_CLIP = (
    "INSERT INTO clip VALUES (?, ?, ?) "
    "ON CONFLICT DO UPDATE SET key = excluded.key WHERE excluded.key NOT IN ('', clip.key)"
)


class Tasks(Definitions):
    """The part of an `AnswerBook` that knows clips and tasks."""

    def state(self) -> tuple[int, ...]:
        """Numbers that change with all that is added to this book: answers, clips, classes and campaigns."""
        return tuple(self._select(_STATE)[0])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes meanwhile, and all that this book writes is kept together, or nothing.

        For what reads before it decides what to write; others wait, so it is to be short.

        Raises:
            StoreError: If others write for too long, or the library cannot be written.
        """
        with self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self._database.in_transaction:  # within `alone`, which keeps it all
            yield self._database
        else:
            with super()._transaction() as database:
                yield database

    def put_clips(self, *clips: Clip) -> int:
        """Keep what label files call assets, all or none.

        An asset that is unknown is made, of no length and lying nowhere. An asset stays in the groups that it is in;
        groups of other kinds are added. A key that is given replaces the one before.

        Returns:
            How many names are new.
        """
        groups = [(clip.asset, kind, name) for clip in clips for kind, name in clip.groups.items() if name]
        with self._transaction() as database:
            database.executemany("INSERT OR IGNORE INTO asset VALUES (?, 0, '[]')", [(clip.asset,) for clip in clips])
            database.executemany("INSERT OR IGNORE INTO asset_group VALUES (?, ?, ?)", groups)
            before = self._count("clip")
            database.executemany(_CLIP, [(clip.asset, clip.name, clip.key) for clip in clips])
            return self._count("clip") - before

    def clips(self) -> list[Clip]:
        """Every clip that was kept, by name, with the groups that its asset is in now."""
        groups: dict[str, dict[str, str]] = defaultdict(dict)
        query = "SELECT asset, kind, name FROM asset_group WHERE asset IN (SELECT asset FROM clip)"
        for asset, kind, name in self._select(query):
            groups[asset][kind] = name
        found = self._select("SELECT asset, name, key FROM clip ORDER BY name, asset")
        return [Clip(asset, name, key, groups.get(asset, {})) for asset, name, key in found]

    def forget_clips(self, assets: Iterable[str]) -> None:
        """Forget what label files call assets, and put these to nobody any more; what was said of them stays."""
        gone = [(asset,) for asset in assets]
        with self._transaction() as database:
            database.executemany("DELETE FROM clip WHERE asset = ?", gone)
            database.executemany("DELETE FROM task WHERE asset = ?", gone)

    def add_tasks(self, campaign: str, tasks: Iterable[LabelTask]) -> int:
        """Let a campaign put more to people, all or nothing; what it puts already takes the new priority.

        Args:
            campaign: Its name.
            tasks: Each is kept once.

        Returns:
            How many are new.

        Raises:
            StoreError: If the campaign or an asset is unknown, or a span lies beyond the end of its media.
        """
        tasks, made = list(tasks), now()
        self._must_be_there((task.asset, task.span) for task in tasks)
        rows = [(campaign, task.asset, *_ends(task.span), task.priority, made) for task in tasks]
        with self._transaction() as database:
            self.find(Campaign, campaign)
            before = self._count("task")
            database.executemany(_TASK, rows)
            return self._count("task") - before

    def tasks(self, campaign: str) -> list[LabelTask]:
        """What a campaign puts to people: the highest priority first, then as it was added.

        Raises:
            StoreError: If the campaign is unknown.
        """
        self.find(Campaign, campaign)
        query = "SELECT asset, start, end, priority FROM task WHERE campaign = ? ORDER BY priority DESC, number"
        return [
            LabelTask(asset, None if start is None else Span(start, end), priority)
            for asset, start, end, priority in self._select(query, (campaign,))
        ]

    def _must_be_there(self, parts: Iterable[tuple[str, Span | None]]) -> None:
        """Refuse assets that are unknown, and spans beyond the end of their media."""
        parts = list(parts)
        lasts = self._durations(asset for asset, _ in parts)
        for asset, span in parts:
            if asset not in lasts:
                raise StoreError(
                    f"the library {str(self.path)!r} knows no asset {asset!r}; add its file first, and answer with "
                    "the id that it has there",
                    asset=asset,
                )
            if span is not None and lasts[asset] and span.end > lasts[asset] + SLACK_SECONDS:
                raise StoreError(
                    f"an answer lies within its media of {lasts[asset]:.3f} s, got {span}. Are the times in seconds, "
                    "and of this file?",
                    asset=asset,
                    time=span.start,
                )

    def _durations(self, assets: Iterable[str]) -> Mapping[str, float]:
        """How long assets last, of those that are known."""
        wanted = json.dumps(sorted(set(assets)))
        return dict(
            self._select("SELECT id, duration FROM asset WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
        )

    def _count(self, table: str) -> int:
        return int(self._select(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 - fixed names


def _ends(span: Span | None) -> tuple[float, float] | tuple[None, None]:
    return (None, None) if span is None else (span.start, span.end)
