"""What a library tells: everything that is kept in it, and answers to questions about that.

Reading needs no lease and never waits: each question sees what was committed last, whoever writes meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from cueline.errors import StoreError
from cueline.ports import Outcome, Placed
from cueline.stores import rows
from cueline.stores.faults import told_plainly
from cueline.stores.files import is_whole
from cueline.stores.questions import ANYTHING, Wanted, ask, named_query, stray_tag_query, tag_query, tally_query
from cueline.stores.rows import Run, Tag, Tally
from cueline.stores.spool import read_picture, read_track
from cueline.stores.wording import full_text
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import LabelTrack, Track

MOST_RANKED = 5_000  # texts that are brought into order by how well they fit


class LibraryReader:
    """The reading half of a `LibraryStore`, which opens it."""

    path: Path
    _database: sqlite3.Connection

    def places(self) -> Sequence[Placed]:
        """Every location known, in order of path, byte by byte."""
        found = self._select("SELECT path, asset, size_bytes, mtime_ns, reason, missing FROM place ORDER BY path")
        return [rows.place_of(row) for row in found]

    def asset_at(self, path: Path) -> str | None:
        """The asset at a path, or None where the library knows none."""
        found = self._select("SELECT asset FROM place WHERE path = ?", (os.fsencode(path),))
        return found[0][0] if found else None

    def assets(self) -> Sequence[Asset]:
        """Every asset, in order of its first path, then id; those without a path last."""
        groups: dict[str, dict[str, str]] = {}
        for asset, kind, name in self._select("SELECT asset, kind, name FROM asset_group"):
            groups.setdefault(asset, {})[kind] = name
        first = "(SELECT min(path) FROM place WHERE place.asset = asset.id)"
        found = self._select(f"SELECT id, duration, streams FROM asset ORDER BY {first} IS NULL, {first}, id")  # noqa: S608
        return [rows.asset_of(row, groups.get(row[0], {})) for row in found]

    def outcomes(self, asset: str | None = None) -> Sequence[Outcome]:
        """The last outcome of each plug-in, of one asset or all, by asset and plug-in, without tracks."""
        where, values = ("", ()) if asset is None else ("WHERE asset = ?", (asset,))
        found = self._select(
            "SELECT asset, outcome.plugin, state, reason, seconds, json FROM outcome "  # noqa: S608 - fixed text
            f"JOIN provenance ON fingerprint = provenance {where} ORDER BY asset, outcome.plugin",
            values,
        )
        return rows.outcomes_of(found)

    def track_names(self, asset: str, kind: Literal["labels", "features"] | None = None) -> Sequence[str]:
        """Names of the tracks of an asset, of one kind or both, sorted."""
        query = "SELECT name FROM track WHERE asset = ? AND kind = coalesce(?, kind) ORDER BY name"
        return [name for (name,) in self._select(query, (asset, kind))]

    def all_track_names(self) -> dict[str, list[str]]:
        """Names of the tracks of every asset that has any, sorted, by its id."""
        names: dict[str, list[str]] = {}
        for asset, name in self._select("SELECT asset, name FROM track ORDER BY asset, name"):
            names.setdefault(asset, []).append(name)
        return names

    def track(self, asset: str, name: str) -> Track:
        """One track; the values of features are memory-mapped.

        Raises:
            StoreError: If there is no such track, or its file is gone or damaged.
        """
        number, file, *label = self._track_row(asset, name)
        if file is None:
            return self._labels(number, tuple(label))
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
        groups: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> Iterator[Tag]:
        """Rows of label tracks, by first path of their asset, then time.

        Args:
            names: Only tracks of these names.
            classes: Only rows of these classes.
            within: Only rows that overlap this span, as `LabelTrack.crop` has it.
            asset: Only of this asset.
            least_score: Only rows with this score or more.
            groups: Only of assets in all these groups, such as {"show": "Cosmos"}.
            limit: At most so many.
        """
        wanted = Wanted(names, classes, within, asset, least_score, groups)
        found = self._select(*tag_query(wanted, limit=limit))
        if limit is None or len(found) < limit:
            found += self._select(*stray_tag_query(wanted, limit=None if limit is None else limit - len(found)))
        for asset_id, track, start, end, name, score in found:
            yield Tag(asset_id, track, Span(start, end), name, score)

    def find_text(self, query: str, wanted: Wanted = ANYTHING, *, limit: int = 100) -> list[Tag]:
        """Rows of label tracks whose name fits some words, the best text first, of assets that lie or lay somewhere.

        Where more than `MOST_RANKED` different texts fit, they come as they came into the library: to rank them, all of
        them would have to be weighed, and words so common tell little of which is best.

        Args:
            query: Words that must all be there, as `wording.full_text` reads them.
            wanted: What else must hold.
            limit: At most so many.

        Raises:
            OptionError: If the query cannot be read; shows where.
        """
        words = full_text(query)
        found: list[Tag] = []
        fitting = "FROM phrase_index WHERE phrase_index MATCH ?"
        many = f"SELECT count(*) FROM (SELECT 1 {fitting} LIMIT {MOST_RANKED + 1})"  # noqa: S608 - fixed text
        with told_plainly("read the library", self.path):
            ((count,),) = self._database.execute(many, (words,))
            phrases = f"SELECT text {fitting} {'ORDER BY rank' if count <= MOST_RANKED else ''}"
            texts = self._database.execute(phrases, (words,))
        with told_plainly("read the library", self.path), closing(texts):
            for (text,) in texts:
                rest, values = named_query(wanted, text, limit=limit - len(found))
                found += [Tag(row[0], row[1], Span(row[2], row[3]), text, row[4]) for row in self._select(rest, values)]
                if len(found) >= limit:
                    break
        return found

    def tallies(self, wanted: Wanted = ANYTHING) -> list[Tally]:
        """How often, in how many assets and how long each name of each track holds, the commonest first."""
        query, values = tally_query(wanted)
        return [Tally(*row) for row in self._select(query, values)]

    def runs(self) -> list[Run]:
        """Every run, the first one first."""
        query = "SELECT id, started, ended, state, plan, version FROM run ORDER BY id"
        return [rows.run_of(row) for row in self._select(query)]

    def outcomes_at(self, run: int) -> dict[tuple[str, str], rows.Row]:
        """What had become of each plug-in on each asset when a run had ended.

        Returns:
            (asset, plug-in) -> run in which it was done, state, reason, seconds, JSON of the provenance.
        """
        self._must_have_run(run)
        query = (
            "SELECT asset, log.plugin, max(run), state, reason, seconds, json FROM outcome_log AS log "
            "JOIN provenance ON fingerprint = provenance WHERE run <= ? GROUP BY asset, log.plugin"
        )
        return {(row[0], row[1]): row[2:] for row in self._select(query, (run,))}

    def labels_at(self, run: int, asset: str) -> dict[str, LabelTrack]:
        """The label tracks that an asset had when a run had ended, by name."""
        past = "SELECT name, id, stream, classes, judged FROM past_track WHERE asset = ? AND made <= ? AND replaced > ?"
        now = (
            "SELECT name, id, stream, classes, judged FROM track JOIN outcome USING (asset, plugin) "
            "WHERE asset = ? AND run <= ? AND kind = 'labels'"
        )
        gone = {row[0]: self._labels(row[1], row[2:], "past_tag") for row in self._select(past, (asset, run, run))}
        return gone | {row[0]: self._labels(row[1], row[2:]) for row in self._select(now, (asset, run))}

    def lost_work(self, asset: str | None = None) -> set[tuple[str, str]]:
        """Asset and plug-in of each feature track or set of pictures whose file is gone, or is not whole."""
        found = self._select(
            "SELECT asset, plugin, file FROM track WHERE file IS NOT NULL AND asset = coalesce(?1, asset) "
            "UNION ALL "
            "SELECT asset, plugin, pictures FROM outcome WHERE pictures IS NOT NULL AND asset = coalesce(?1, asset)",
            (asset,),
        )
        return {(asset, plugin) for asset, plugin, file in found if not is_whole(self.path / file)}

    def group_rules(self) -> list[str]:
        """How groups are told from names."""
        return [pattern for (pattern,) in self._select("SELECT pattern FROM group_rule ORDER BY rowid")]

    def former_assets(self, path: Path) -> list[str]:
        """What lay at a path before, the last first."""
        query = "SELECT asset FROM former_place WHERE path = ? ORDER BY until DESC"
        return [asset for (asset,) in self._select(query, (os.fsencode(path),))]

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names of columns, and rows: the answer to one query over the views of `schema`; see `ask`."""
        return ask(self.path, query, parameters)

    def _labels(self, number: int, row: rows.Row, table: Literal["tag", "past_tag"] = "tag") -> LabelTrack:
        query = f"SELECT start, end, name, score FROM {table} WHERE track = ? ORDER BY start, row"  # noqa: S608
        return rows.label_track(row, self._select(query, (number,)))

    def _must_have_run(self, run: int) -> None:
        if not self._select("SELECT 1 FROM run WHERE id = ?", (run,)):
            raise rows.no_run(run)

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
