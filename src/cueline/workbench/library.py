"""Library: one object for all that a person does with a folder of films.

Reading never waits and never locks; adding and analysing hold the library's lease while they run.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cueline import registry
from cueline.errors import StoreError, near_miss
from cueline.ports import Engine, Source, Watch
from cueline.stores.library import LibraryStore
from cueline.stores.rows import Tag
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, Track
from cueline.workbench.analysis import Summary, Work, due_work, run_work, spare_threads, summary
from cueline.workbench.intake import DATABASE, LIBRARY_ENDING, Intake, absolute, homes, must_exist, take_in
from cueline.workbench.planning import EVERYDAY, Options, plan
from cueline.workbench.sharing import export, record_of, report, sources
from cueline.workbench.status import Status, status

if TYPE_CHECKING:
    import pandas as pd

AnyPath = str | Path


class Library:
    """A library of media with its timed metadata, in one folder on disk.

    Example:
        >>> from cueline import Library
        >>> library = Library("films.cue")
        >>> library
        Library('films.cue')
    """

    def __init__(self, path: AnyPath) -> None:
        """Name a library; it is made by the first `add` or `analyze`.

        Args:
            path: Its folder, by custom ending in `.cue`.
        """
        self.path = Path(path)

    @classmethod
    def beside(cls, folder: AnyPath) -> Library:
        """The library that belongs beside a folder: `films` has `films.cue`."""
        folder = absolute(Path(folder))
        if not folder.name:
            raise StoreError(f"nothing lies beside {str(folder)!r}; say where its library shall be", path=folder)
        return cls(folder.with_name(folder.name + LIBRARY_ENDING))

    def __repr__(self) -> str:
        """Where it lies."""
        return f"Library({str(self.path)!r})"

    def init(self) -> None:
        """Make the library, empty; leave one that is there as it is."""
        with self._writing():
            pass

    def add(self, *paths: AnyPath, engine: Engine | None = None, watch: Watch | None = None) -> Intake:
        """Make files known: find them, probe them, keep what they are.

        Args:
            paths: Files and folders.
            engine: Where probing runs; workers on this machine where none is given.
            watch: Hears how it goes.

        Raises:
            MediaError: If a path does not exist.
            StoreError: If the library cannot be written, or another process writes to it.
        """
        must_exist(paths)
        with self._writing() as store, _run(store, {"add": [str(path) for path in paths]}) as run:
            return take_in(store, engine or _local(0), run, [Path(path) for path in paths], watch=watch)

    def analyze(
        self,
        *paths: AnyPath,
        wanted: Sequence[str] = EVERYDAY,
        options: Options | None = None,
        jobs: int = 0,
        engine: Engine | None = None,
        limit: int | None = None,
        retry: bool = False,
        watch: Watch | None = None,
        began: Callable[[list[Work]], None] | None = None,
        told: Callable[[Work], None] | None = None,
    ) -> Summary:
        """Analyse files, adding those that are new; what is up to date is not done again.

        Args:
            paths: Files and folders; everything the library knows where none is given.
            wanted: Plug-ins or tracks, such as "shots".
            options: Options by plug-in.
            jobs: Files worked on at once; 0 for one a core.
            engine: Where work runs; workers on this machine where none is given.
            limit: Work on at most so many assets now.
            retry: Try failures again.
            watch: Hears how it goes: file -> (phase, media seconds).
            began: Called once with the list of work.
            told: Called with each piece of work that ended.

        Returns:
            Counts, and each failure with its reason.

        Raises:
            MediaError: If a path does not exist.
            StoreError: If the library cannot be written, or another process writes to it.
            OptionError, UnknownPluginError: If the plan cannot be made.
        """
        steps = plan(wanted, options)
        engine = engine or _local(jobs)
        must_exist(paths)
        with self._writing() as store, _run(store, steps.describe()) as run:
            intake = take_in(store, engine, run, [Path(path) for path in paths], watch=watch)
            work = due_work(store, steps, intake.assets, retry=retry)[:limit]
            if began:
                began(work)
            run_work(
                store,
                engine,
                run,
                work,
                store.spool_folder,
                threads=spare_threads(len(work), jobs),
                watch=watch,
                told=told,
            )
            ended = summary(store, steps, intake.assets, len(work), intake.unreadable)
            return replace(ended, ignored=intake.ignored)

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
        limit: int | None = None,
    ) -> list[Tag]:
        """Rows of label tracks, by file and time; those of content that no file holds any more are left out.

        Args:
            name: Of the track, such as "shots"; all tracks where none is given.
            file: One file only, by path or by name.
            classes: Only these names.
            within: Only rows that overlap this span.
            least_score: Only rows with at least this score.
            limit: At most so many.
        """
        with self._reading() as store:
            asset = self._asset(store, file) if file is not None else None
            names = None if name is None else (name,)
            rows = store.tags(names=names, classes=classes, within=within, asset=asset, least_score=least_score)
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

    def export(self, formats: str | Sequence[str], folder: AnyPath, *, options: Options | None = None) -> list[Path]:
        """Write all tracks in other formats.

        Args:
            formats: Names of exporters, such as "csv".
            folder: Where; made if missing.
            options: Options by exporter.

        Returns:
            The files written.
        """
        with self._reading() as store:
            return export(store, [formats] if isinstance(formats, str) else formats, Path(folder), options or {})

    def report(self, folder: AnyPath | None = None) -> Path:
        """Write pages that people look at; give the first one.

        Args:
            folder: Where; `report` inside the library where none is given.
        """
        with self._reading() as store:
            return report(store, Path(folder or self.path / "report"), title=self.path.stem)

    def sql(self, query: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Ask the library's database; it cannot be changed this way.

        Args:
            query: SQL over the views assets, locations, tracks, tags, outcomes and runs.
            parameters: Values for the question marks in it.
        """
        import pandas as pd

        with self._reading() as store:
            columns, rows = store.sql(query, parameters)
            return pd.DataFrame(rows, columns=columns)

    def _asset(self, store: LibraryStore, file: AnyPath) -> str:
        """The asset at a path, or the only one whose file has that name, or that id."""
        places = [place for place in store.places() if place.asset]
        path = Path(file)
        found = {p.asset for p in places if p.location.path == absolute(path)}
        found = found or {p.asset for p in places if p.location.path.name == path.name or p.asset == str(file)}
        if len(found) > 1:
            raise StoreError(
                f"{len(found)} files of {self.path} are called {path.name!r}; give the whole path", path=path
            )
        if not found:
            names = [place.location.path.name for place in places]
            raise StoreError(f"no file of {self.path} is called {str(file)!r}.{near_miss(path.name, names)}", path=path)
        return next(asset for asset in found if asset)

    @contextmanager
    def _reading(self) -> Iterator[LibraryStore]:
        store = LibraryStore(self.path, read_only=True)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def _writing(self) -> Iterator[LibraryStore]:
        store = LibraryStore(self.path, create=True)
        try:
            yield store
        finally:
            store.close()


def is_library(path: Path) -> bool:
    """Whether a folder is a library."""
    return os.path.isfile(path / DATABASE)  # noqa: PTH113  # Path.is_file raises where a folder may not be looked into


@contextmanager
def _run(store: LibraryStore, about: Mapping[str, Any]) -> Iterator[int]:
    """A run in the library's book, closed as interrupted when it did not come to its end."""
    run = store.begin_run(about)
    try:
        yield run
    except BaseException:
        store.end_run(run, interrupted=True)
        raise
    store.end_run(run)


def _local(jobs: int) -> Engine:
    engine: Engine = registry.make("engines", "local", jobs=jobs)
    return engine
