"""A library on disk: SQLite for what is asked about, an Arrow file for each track of numbers.

One process writes at a time and holds the lease; any number read beside it, each seeing what was
committed last. A commit is seen whole or not at all, also after the process was killed or the power
was lost: files come first, under names that nobody knows yet, and one transaction makes them known.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from cueline.errors import StoreError
from cueline.ports import Outcome, Placed
from cueline.stores import rows, schema
from cueline.stores.faults import told_plainly
from cueline.stores.files import Files
from cueline.stores.keeping import keep, leaving, prepared
from cueline.stores.lease import Lease
from cueline.stores.questions import ask, tag_query
from cueline.stores.rows import Tag
from cueline.stores.spool import read_picture, read_track
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import Track


class LibraryStore:
    """A store in a folder, by custom ending in `.cue`."""

    def __init__(self, path: Path | str, *, create: bool = False, read_only: bool = False) -> None:
        """Open a library.

        Args:
            path: Its folder.
            create: Make it, if nothing is there or the folder is empty.
            read_only: Take no lease and change nothing; possible while another process writes, and in a
                folder that cannot be written.

        Raises:
            StoreError: If there is no library, it is damaged or newer than this Cueline, or it is to be
                written and cannot be, or another process is writing to it.
        """
        self.path = Path(path)
        self._lease: Lease | None = None
        schema.look(self.path, create=create, read_only=read_only)
        with ExitStack() as opened:
            if not read_only:
                self._lease = Lease(self.path)
                opened.callback(self._lease.release)
                schema.create(self.path)
            self._database = schema.connect(self.path, read_only=read_only)
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
        with self._transaction("keep a place in") as database:
            changes = "asset = excluded.asset, size_bytes = excluded.size_bytes, mtime_ns = excluded.mtime_ns, "
            changes = "" if placed.missing else changes + "reason = excluded.reason, "
            database.execute(
                "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE "  # noqa: S608 - fixed text
                f"SET {changes} missing = excluded.missing",
                rows.place_row(placed),
            )

    def places(self) -> Sequence[Placed]:
        """Every location known, in order of path, byte by byte."""
        found = self._select("SELECT path, asset, size_bytes, mtime_ns, reason, missing FROM place ORDER BY path")
        return [rows.place_of(row) for row in found]

    def assets(self) -> Sequence[Asset]:
        """Every asset, in order of its first path, then id; those without a path last."""
        groups: dict[str, dict[str, str]] = {}
        for asset, kind, name in self._select("SELECT asset, kind, name FROM asset_group"):
            groups.setdefault(asset, {})[kind] = name
        first = "(SELECT min(path) FROM place WHERE place.asset = asset.id)"
        found = self._select(f"SELECT id, duration, streams FROM asset ORDER BY {first} IS NULL, {first}, id")  # noqa: S608
        return [rows.asset_of(row, groups.get(row[0], {})) for row in found]

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

    def outcomes(self, asset: str | None = None) -> Sequence[Outcome]:
        """The last outcome of each plug-in, of one asset or all, by asset and plug-in, without tracks."""
        where, values = ("", ()) if asset is None else ("WHERE asset = ?", (asset,))
        found = self._select(
            "SELECT asset, outcome.plugin, state, reason, seconds, json FROM outcome "  # noqa: S608 - fixed text
            f"JOIN provenance ON fingerprint = provenance {where} ORDER BY asset, outcome.plugin",
            values,
        )
        return rows.outcomes_of(found)

    def track_names(self, asset: str) -> Sequence[str]:
        """Names of the tracks of an asset, sorted."""
        return [name for (name,) in self._select("SELECT name FROM track WHERE asset = ? ORDER BY name", (asset,))]

    def track(self, asset: str, name: str) -> Track:
        """One track; the values of features are memory-mapped.

        Raises:
            StoreError: If there is no such track, or its file is gone or damaged.
        """
        number, file, *label = self._track_row(asset, name)
        if file is None:
            query = "SELECT start, end, name, score FROM tag WHERE track = ? ORDER BY start, row"
            return rows.label_track(tuple(label), self._select(query, (number,)))
        while True:
            try:
                return read_track(self.path / file)
            except StoreError:
                before, file = file, self._track_row(asset, name)[1]
                if file == before:  # otherwise a writer replaced it meanwhile
                    raise

    def provenance(self, asset: str, name: str) -> Provenance:
        """Who made a track.

        Raises:
            StoreError: If there is no such track.
        """
        made = self._track_row(asset, name, "json")
        return Provenance.from_json(made[0])

    def picture(self, asset: str, time: float) -> bytes | None:
        """The kept picture (WebP) of the frame shown at a time, or None; pictures may have been deleted."""
        query = "SELECT pictures FROM outcome WHERE asset = ? AND pictures IS NOT NULL ORDER BY plugin"
        for (file,) in self._select(query, (asset,)):
            path = self.path / file
            found = read_picture(path, time) if path.exists() else None
            if found is not None:
                return found
        return None

    def tags(
        self,
        *,
        names: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        within: Span | None = None,
        asset: str | None = None,
        least_score: float | None = None,
        limit: int | None = None,
    ) -> Iterator[Tag]:
        """Rows of label tracks, by first path of their asset, then time.

        Args:
            names: Only tracks of these names.
            classes: Only rows of these classes.
            within: Only rows that overlap this span, as `LabelTrack.crop` has it.
            asset: Only of this asset.
            least_score: Only rows with this score or more.
            limit: At most so many.
        """
        query, values = tag_query(
            names=names, classes=classes, within=within, asset=asset, least_score=least_score, limit=limit
        )
        for asset_id, track, start, end, name, score in self._select(query, values):
            yield Tag(asset_id, track, Span(start, end), name, score)

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names of columns, and rows: the answer to one query over the views of `schema`; see `ask`."""
        return ask(self.path, query, parameters)

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
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")

    def _select(self, query: str, values: Sequence[Any] = ()) -> list[rows.Row]:
        with told_plainly("read the library", self.path):
            return self._database.execute(query, values).fetchall()

    def _track_row(self, asset: str, name: str, columns: str = "id, file, stream, classes, judged") -> rows.Row:
        found = self._select(
            f"SELECT {columns} FROM track JOIN provenance ON fingerprint = provenance WHERE asset = ? AND name = ?",  # noqa: S608
            (asset, name),
        )
        if not found:
            raise rows.no_track(asset, name, self.track_names(asset))
        return found[0]

    def _must_write(self) -> None:
        if self._lease is None:
            raise StoreError(f"the library {str(self.path)!r} is not open for writing; open it without read_only")

    def _must_have_asset(self, asset: str) -> None:
        if not self._select("SELECT 1 FROM asset WHERE id = ?", (asset,)):
            raise rows.no_asset(asset)

    def _must_have_run(self, run: int) -> None:
        if not self._select("SELECT 1 FROM run WHERE id = ?", (run,)):
            raise rows.no_run(run)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
