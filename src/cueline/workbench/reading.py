"""What a library is asked: everything that changes nothing.

Reading never waits and never locks, whoever writes meanwhile.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cueline.errors import StoreError
from cueline.media.workers import cores
from cueline.ports import Source, Store
from cueline.stores.library import LibraryStore
from cueline.stores.memory import MemoryStore
from cueline.stores.questions import Wanted
from cueline.stores.rows import Run, Tag, Tally
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance, Record
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, Track
from cueline.workbench.analysis import due_work
from cueline.workbench.estimates import Preview, preview
from cueline.workbench.finding import DATABASE, must_exist
from cueline.workbench.grouping import Grouped, grouped
from cueline.workbench.history import RunDiff, Step, diff, why
from cueline.workbench.intake import homes, look_up
from cueline.workbench.matching import Places
from cueline.workbench.planning import EVERYDAY, Options, plan
from cueline.workbench.search import Hit, search
from cueline.workbench.sharing import record_of, sources
from cueline.workbench.status import Status, status

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

AnyPath = str | Path


class ReadableLibrary:
    """The half of a `Library` that asks."""

    path: Path

    def status(self) -> Status:
        """Count what is there, and name what failed and what is missing."""
        with self._reading() as store:
            return status(store)

    def assets(self) -> list[Asset]:
        """Every asset."""
        with self._reading() as store:
            return list(store.assets())

    def files(self) -> dict[str, Path]:
        """Where each asset lies, by its id: the first path that is there, or the last it was seen at."""
        with self._reading() as store:
            return {asset: placed.location.path for asset, placed in homes(store.places()).items()}

    def tags(
        self,
        name: str | None = None,
        *,
        file: AnyPath | None = None,
        classes: Sequence[str] | None = None,
        within: Span | None = None,
        least_score: float | None = None,
        groups: Mapping[str, str] | None = None,
        limit: int | None = None,
    ) -> list[Tag]:
        """Rows of label tracks, by file and time; those of content that no file holds any more are left out.

        Args:
            name: Of the track, such as "shots"; all tracks where none is given.
            file: One file only, by path or by name.
            classes: Only these names.
            within: Only rows that overlap this span.
            least_score: Only rows with at least this score.
            groups: Only of assets in all these groups, such as {"show": "Cosmos"}.
            limit: At most so many.
        """
        with self._reading() as store:
            asset = self._asset(store, file) if file is not None else None
            names = None if name is None else (name,)
            rows = store.tags(
                names=names, classes=classes, within=within, asset=asset, least_score=least_score, groups=groups
            )
            somewhere = homes(store.places())
            return list(itertools.islice((row for row in rows if row.asset in somewhere), limit))

    def features(self, file: AnyPath, name: str) -> FeatureTrack:
        """A feature track of one file, memory-mapped.

        Raises:
            StoreError: If there is no such file or no such track, or it is a label track.
        """
        track = self.track(file, name)
        if not isinstance(track, FeatureTrack):
            raise StoreError(f"{name!r} of {str(file)!r} is a label track; ask for it with tags(...)", path=file)
        return track

    def track(self, file: AnyPath, name: str) -> Track:
        """Any track of one file."""
        with self._reading() as store:
            return store.track(self._asset(store, file), name)

    def record(self, file: AnyPath) -> Record:
        """One file's asset with all its tracks."""
        with self._reading() as store:
            asset = self._asset(store, file)
            return record_of(store, next(known for known in store.assets() if known.id == asset))

    def sources(self) -> Iterator[Source]:
        """Every asset with its label and feature tracks, one after the other, as exporters take them."""
        with self._reading() as store:
            yield from sources(store)

    def search(
        self,
        words: str = "",
        *,
        track: str | None = None,
        classes: Sequence[str] | None = None,
        file: AnyPath | None = None,
        within: Span | None = None,
        least_score: float | None = None,
        groups: Mapping[str, str] | None = None,
        limit: int = 100,
    ) -> list[Hit]:
        """Files and labels that fit words, the best first; see `cueline.stores.wording` for what words may be.

        Args:
            words: Looked for in names of labels, lines of subtitles and notes, and names of files.
            track: Only labels of this track.
            classes: Only labels of these names.
            file: One file only.
            within: Only labels that overlap this span.
            least_score: Only labels with at least this score.
            groups: Only assets in all these groups.
            limit: At most so many.

        Raises:
            OptionError: If the words cannot be read; shows where.
        """
        with self._reading() as store:
            asset = None if file is None else self._asset(store, file)
            names = None if track is None else (track,)
            return search(store, words, Wanted(names, classes, within, asset, least_score, groups), limit=limit)

    def stats(
        self,
        track: str | None = None,
        *,
        file: AnyPath | None = None,
        within: Span | None = None,
        groups: Mapping[str, str] | None = None,
    ) -> list[Tally]:
        """How often, in how many assets and how long each name of each label track holds, the commonest first."""
        with self._reading() as store:
            asset = None if file is None else self._asset(store, file)
            names = None if track is None else (track,)
            return store.tallies(Wanted(names=names, asset=asset, within=within, groups=groups))

    def groups(self, kinds: Sequence[str] | None = None) -> Grouped:
        """How assets are grouped, and what a split must keep together."""
        with self._reading() as store:
            return grouped(store, kinds)

    def provenance(self, file: AnyPath, track: str) -> Provenance:
        """Who made a track of a file, from what."""
        with self._reading() as store:
            return store.provenance(self._asset(store, file), track)

    def runs(self) -> list[Run]:
        """Every run, the first one first."""
        with self._reading() as store:
            return store.runs()

    def diff(self, first: int, second: int) -> RunDiff:
        """What changed from the end of one run to the end of another, and why."""
        with self._reading() as store:
            return diff(store, first, second)

    def why(self, file: AnyPath, wanted: Sequence[str] = EVERYDAY, options: Options | None = None) -> list[Step]:
        """Why a file is as it is: each plug-in that ran, how, and whether it would be done again.

        Args:
            file: By path or by name.
            wanted: What the next analysis would be asked for.
            options: With which options.
        """
        steps = plan(wanted, options)
        with self._reading() as store:
            return why(store, self._asset(store, file), steps)

    def preview(
        self,
        *paths: AnyPath,
        wanted: Sequence[str] = EVERYDAY,
        options: Options | None = None,
        jobs: int = 0,
        limit: int | None = None,
        retry: bool = False,
    ) -> Preview:
        """What `analyze` with the same arguments would do, and about how long it would take; changes nothing."""
        steps, must = plan(wanted, options), [Path(path) for path in paths]
        must_exist(must)
        store: Store
        with self._reading() if is_library(self.path) else nullcontext(MemoryStore()) as store:
            known, new = look_up(store, must)
            work = due_work(store, steps, known, retry=retry)[:limit]
            return preview(store, steps, work, new=new, jobs=jobs or cores())

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Ask the library's database; it cannot be changed this way.

        Args:
            query: SQL over the views answers, assets, campaigns, classes, groups, history, locations, outcomes, runs,
                tags and tracks.
            parameters: Values for the question marks in it.

        Raises:
            StoreError: If it cannot be answered; shows where it goes wrong.
        """
        import pandas as pd

        with self._reading() as store:
            columns, rows = store.sql(query, parameters)
            return pd.DataFrame(rows, columns=columns)

    def arrow(self, query: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """The same as an Arrow table, for Parquet and whatever else reads Arrow."""
        import pyarrow as pa

        with self._reading() as store:
            columns, rows = store.sql(query, parameters)
            values = zip(*rows, strict=True) if rows else ((),) * len(columns)
            return pa.table([pa.array(column) for column in values], names=columns)

    def _asset(self, store: LibraryStore, file: AnyPath) -> str:
        """The asset that is called so; see `matching.Places.asset`."""
        try:
            return Places(store.places()).asset(str(file))
        except LookupError as error:
            raise StoreError(f"in the library {str(self.path)!r}: {error}", path=file) from error

    @contextmanager
    def _reading(self) -> Iterator[LibraryStore]:
        store = LibraryStore(self.path, read_only=True)
        try:
            yield store
        finally:
            store.close()


def is_library(path: Path) -> bool:
    """Whether a folder is a library."""
    return os.path.isfile(path / DATABASE)  # noqa: PTH113  # Path.is_file raises where a folder may not be looked into
