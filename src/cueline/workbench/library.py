"""Library: one object for all that a person does with a folder of films.

Reading never waits and never locks; adding and analysing hold the library's lease while they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from cueline import registry
from cueline.errors import StoreError
from cueline.media.workers import cores
from cueline.ports import Engine, Watch
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.workbench.analysis import Summary, Work, due_work, run_work, spare_threads, summary
from cueline.workbench.asking import AskedLibrary
from cueline.workbench.bringing import How, Taken, bring
from cueline.workbench.estimates import Preview, preview
from cueline.workbench.finding import LIBRARY_ENDING, absolute, must_exist
from cueline.workbench.grouping import forget_kind, group_by_names, group_by_table, group_new
from cueline.workbench.intake import Intake, changed_files, homes, take_in
from cueline.workbench.labelling.clips import attach_media
from cueline.workbench.opened import AnyPath
from cueline.workbench.planning import EVERYDAY, Options, plan
from cueline.workbench.proxies import Proxy, proxies
from cueline.workbench.reading import ReadLibrary
from cueline.workbench.relinking import Relinked, relink
from cueline.workbench.sharing import Exported, export, report
from cueline.workbench.sidecars import take_in_beside


class Library(AskedLibrary, ReadLibrary):
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
            return _take_in(store, engine or _local(0), run, paths, watch)

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
        wait_seconds: float = 0.0,
        began: Callable[[Preview], None] | None = None,
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
            wait_seconds: How long to wait while another process writes to the library.
            began: Called once with the work that is due, and about how long it takes.
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
        with self._writing(wait_seconds) as store, _run(store, steps.describe()) as run:
            intake = _take_in(store, engine, run, paths, watch)
            work = due_work(store, steps, intake.assets, retry=retry)[:limit]
            if began:
                began(preview(store, steps, work, jobs=jobs or cores()))
            threads = spare_threads(len(work), jobs)
            run_work(store, engine, run, work, store.spool_folder, threads=threads, watch=watch, told=told)
            ended = summary(store, steps, intake.assets, len(work), intake.unreadable)
            return replace(ended, ignored=intake.ignored, changed=intake.changed, attached=intake.attached)

    def bring(
        self,
        *paths: AnyPath,
        form: str = "",
        track: str = "",
        file: str = "",
        clipped: bool = False,
        options: Options | None = None,
    ) -> Taken:
        """Take in labels from files of other programs: subtitles, Audacity labels, RTTM, tables, and so on.

        Args:
            paths: The files.
            form: Name of the importer; told by the ending of each file where none is given.
            track: What the track is to be called; what the file says, or the format, where none is given.
            file: The media they are about, where they do not say so themselves.
            clipped: Cut what lies beyond the end of the media, instead of refusing it.
            options: Options by importer.

        Returns:
            What was taken in, and what was not and why.
        """
        how = How(form, track, file, clipped, options or {})
        with self._writing() as store, _run(store, {"import": [str(path) for path in paths]}) as run:
            return bring(store, run, [Path(path) for path in paths], how)

    def relink(self, *folders: AnyPath) -> Relinked:
        """Find moved files again, and carry people's work over to changed ones.

        Args:
            folders: Where files may have gone.
        """
        must_exist(folders)
        with self._writing() as store, _run(store, {"relink": [str(folder) for folder in folders]}) as run:
            changed = changed_files(store)
            if changed:
                _take_in(store, _local(0), run, changed, None)
            return relink(store, run, [Path(folder) for folder in folders])

    def group_by_names(self, *patterns: str) -> int:
        """Tell groups from names, now and for files that come later; see `grouping` for what a pattern may be.

        Returns:
            How many assets were given a group.
        """
        with self._writing() as store:
            return group_by_names(store, patterns)

    def forget_groups(self, kind: str) -> int:
        """Take every asset out of the groups of a kind, and keep no rule that tells it; how many were in one."""
        with self._writing() as store:
            return forget_kind(store, kind)

    def group_by_table(self, path: AnyPath) -> tuple[int, list[str]]:
        """Set groups from a CSV file; how many assets were set, and why some lines were not."""
        with self._writing() as store:
            return group_by_table(store, Path(path))

    def proxies(
        self, *files: AnyPath, height: int = 480, always: bool = False, jobs: int = 0, watch: Watch | None = None
    ) -> list[Proxy]:
        """Copies for browsers of what they do not play; those that are there already are not made again.

        Args:
            files: Files of the library, by path or by name; all of them where none is given.
            height: Pixels of their pictures at most.
            always: Also for files that browsers play.
            jobs: How many are made at once; 0 for one a core.
            watch: Hears how it goes.
        """
        with self._reading() as store:
            wanted = {self._asset(store, file) for file in files}
            there = {asset: placed for asset, placed in homes(store.places()).items() if not placed.missing}
            chosen = {
                there[asset.id].location.path: asset
                for asset in store.assets()
                if asset.id in there and asset.streams and (not wanted or asset.id in wanted)
            }
        made = proxies(self.path, chosen, _local(jobs), height=height, always=always, watch=watch)
        return sorted(made, key=lambda proxy: proxy.file)

    def answers(self) -> AnswerBook:
        """The book of classes, campaigns and answers; open beside a running analysis, to be closed after use."""
        return AnswerBook(self.path)

    def export(
        self,
        formats: str | Sequence[str],
        folder: AnyPath,
        *,
        tracks: Sequence[str] | None = None,
        files: Sequence[AnyPath] | None = None,
        options: Options | None = None,
    ) -> Exported:
        """Write tracks in other formats.

        Args:
            formats: Names of exporters, such as "csv".
            folder: Where; made if missing.
            tracks: Only tracks of these names; all where none is given.
            files: Only these files, by path or by name; all where none is given.
            options: Options by exporter.

        Returns:
            The files written, and what a format could not hold.
        """
        names = [formats] if isinstance(formats, str) else formats
        with self._reading() as store:
            assets = None if files is None else {self._asset(store, file) for file in files}
            return export(store, names, Path(folder), options or {}, tracks=tracks, assets=assets)

    def report(self, folder: AnyPath | None = None) -> Path:
        """Write pages that people look at; give the first one.

        Args:
            folder: Where; `report` inside the library where none is given.
        """
        with self._reading() as store:
            return report(store, Path(folder or self.path / "report"), title=self.path.stem)

    @contextmanager
    def _writing(self, wait_seconds: float = 0.0) -> Iterator[LibraryStore]:
        store = LibraryStore(self.path, create=True, wait_seconds=wait_seconds)
        try:
            yield store
        finally:
            store.close()


def _take_in(store: LibraryStore, engine: Engine, run: int, paths: Sequence[AnyPath], watch: Watch | None) -> Intake:
    """Make files known, with the groups that their names tell, the texts beside them and what was said of them."""
    intake = take_in(store, engine, run, [Path(path) for path in paths], watch=watch)
    group_new(store, intake.assets)
    take_in_beside(store, run, intake.assets)
    return replace(intake, attached=attach_media(store).clips)


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
