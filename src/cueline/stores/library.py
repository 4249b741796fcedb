"""A library on disk: SQLite for what is asked about, an Arrow file for each track of numbers.

One process writes at a time and holds the lease; any number read beside it, each seeing what was
committed last. A commit is seen whole or not at all, also after the process was killed or the power
was lost: files come first, under names that nobody knows yet, and one transaction makes them known.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from cueline.errors import StoreError
from cueline.ports import Outcome, Placed
from cueline.stores import opening, rows
from cueline.stores.faults import told_plainly
from cueline.stores.files import Files
from cueline.stores.keeping import keep, leaving, prepared
from cueline.stores.lease import Lease
from cueline.stores.reading import LibraryReader
from cueline.timeline.assets import Asset


class LibraryStore(LibraryReader):
    """A store in a folder, by custom ending in `.cue`."""

    def __init__(
        self, path: Path | str, *, create: bool = False, read_only: bool = False, wait_seconds: float = 0.0
    ) -> None:
        """Open a library.

        Args:
            path: Its folder.
            create: Make it, if nothing is there or the folder is empty.
            read_only: Take no lease and change nothing; possible while another process writes, and in a
                folder that cannot be written.
            wait_seconds: How long to wait while another process writes.

        Raises:
            StoreError: If there is no library, it is damaged or newer than this Cueline, or it is to be
                written and cannot be, or another process is writing to it.
        """
        self.path = Path(path)
        self._lease: Lease | None = None
        opening.look(self.path, create=create, read_only=read_only)
        with ExitStack() as opened:
            if not read_only:
                self._lease = Lease(self.path, wait_seconds=wait_seconds)
                opened.callback(self._lease.release)
                opening.create(self.path)
            self._database = opening.connect(self.path, read_only=read_only, held=self._lease)
            opened.callback(self._database.close)
            self._files = Files(self.path, self._database)
            if not read_only:
                self._tidy()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Where it lies."""
        return f"LibraryStore({str(self.path)!r})"

    def close(self) -> None:
        """Let go of files and of the lease."""
        self._opened.close()

    def spool_folder(self) -> Path:
        """A new, empty folder inside the library, for files that a commit will take over."""
        self._must_write()
        with told_plainly("write to the library", self.path):
            return self._files.spool_folder()

    def put_asset(self, asset: Asset) -> None:
        """Keep an asset, or what is newly known of it; groups of other kinds stay."""
        with self._transaction("keep an asset in") as database:
            database.execute(
                "INSERT INTO asset VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET duration = excluded.duration, streams = excluded.streams",
                rows.asset_row(asset),
            )
            groups = [(asset.id, kind, name) for kind, name in asset.groups.items()]
            database.executemany("INSERT OR REPLACE INTO asset_group VALUES (?, ?, ?)", groups)

    def put_place(self, placed: Placed) -> None:
        """Keep what lies at a path; of a file that is missing, what was known of it stays."""
        if placed.asset is not None:
            self._must_have_asset(placed.asset)
        path = os.fsencode(placed.location.path)
        with self._transaction("keep a place in") as database:
            if not placed.missing:
                database.execute(
                    "INSERT OR REPLACE INTO former_place "
                    "SELECT path, asset, ? FROM place WHERE path = ? AND asset IS NOT NULL AND asset IS NOT ?",
                    (_now(), path, placed.asset),
                )
            changes = "asset = excluded.asset, size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, "
            changes = "" if placed.missing else changes + "reason = excluded.reason, "
            database.execute(
                "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE "  # noqa: S608 - fixed text
                f"SET {changes} missing = excluded.missing",
                rows.place_row(placed),
            )

    def forget_place(self, path: Path) -> None:
        """Know no longer that anything lies or lay at a path; what is known of the asset stays."""
        with self._transaction("forget a place in") as database:
            database.execute("DELETE FROM place WHERE path = ?", (os.fsencode(path),))

    def put_groups(self, asset: str, groups: Mapping[str, str]) -> None:
        """Say which groups an asset is in; an empty name takes it out of that kind, other kinds stay."""
        self._must_have_asset(asset)
        with self._transaction("keep groups in") as database:
            kept = [(asset, kind, name) for kind, name in groups.items() if name]
            gone = [(asset, kind) for kind, name in groups.items() if not name]
            database.executemany("INSERT OR REPLACE INTO asset_group VALUES (?, ?, ?)", kept)
            database.executemany("DELETE FROM asset_group WHERE asset = ? AND kind = ?", gone)

    def put_group_rules(self, patterns: Sequence[str]) -> None:
        """Keep how groups are told from names, in place of what was kept before."""
        with self._transaction("keep groups in") as database:
            database.execute("DELETE FROM group_rule")
            database.executemany("INSERT INTO group_rule VALUES (?)", [(pattern,) for pattern in patterns])

    def begin_run(self, plan: Mapping[str, Any]) -> int:
        """Open a run; give its number."""
        with self._transaction("begin a run in") as database:
            values = (_now(), json.dumps(dict(plan), default=str), version("cueline"))
            found = database.execute("INSERT INTO run VALUES (NULL, ?, NULL, 'running', ?, ?)", values)
            return int(found.lastrowid or 0)

    def end_run(self, run: int, *, interrupted: bool = False) -> None:
        """Close a run."""
        self._must_have_run(run)
        with self._transaction("end a run in") as database:
            state = "interrupted" if interrupted else "done"
            database.execute("UPDATE run SET ended = ?, state = ? WHERE id = ?", (_now(), state, run))

    def commit(self, run: int, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes and their tracks, all visible together or none; each replaces the one before it.

        Spooled files are taken over: they must lie in a `spool_folder` of this store.

        Raises:
            StoreError: If run or asset are unknown, a spooled file is damaged, or the disk is full;
                then nothing has changed.
        """
        self._must_have_run(run)
        last = rows.settled(outcomes)
        for outcome in last:
            self._must_have_asset(outcome.asset)
        with told_plainly("keep results in", self.path), self._files.passing_folder() as aside:
            arrivals = [prepared(outcome, self._files, aside) for outcome in last]
            moves = {name: source for arrival in arrivals for name, source in arrival.moves.items()}
            gone = [name for outcome in last for name in leaving(self._database, outcome)]
            try:
                self._files.arrive(moves)
                # What leaves is deleted, so the commit must be on disk: a power cut would bring its row back.
                with self._transaction("keep results in", durable=bool(gone)) as database:
                    for arrival in arrivals:
                        keep(database, run, arrival)
                    self._files.exchange(moves, gone)
            except BaseException:
                self._files.remove(moves)
                raise
            self._files.remove(gone)

    def _tidy(self) -> None:
        """Clear away what a stopped writer left behind."""
        with told_plainly("write to the library", self.path):
            self._files.sweep()
            self._database.execute("UPDATE run SET state = 'interrupted' WHERE state = 'running'")

    @contextmanager
    def _transaction(self, doing: str, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """All or nothing; `durable` also survives a power cut at once, which costs a wait for the disk."""
        self._must_write()
        database = self._database
        with told_plainly(doing, self.path):
            database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            with opening.transaction(database):
                yield database

    def _must_write(self) -> None:
        if self._lease is None:
            raise StoreError(f"the library {str(self.path)!r} is not open for writing; open it without read_only")

    def _must_have_asset(self, asset: str) -> None:
        if not self._select("SELECT 1 FROM asset WHERE id = ?", (asset,)):
            raise rows.no_asset(asset)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
