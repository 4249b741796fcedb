"""What a library is asked: everything that changes nothing.

Reading never waits and never locks, whoever writes meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

from cueline.errors import StoreError
from cueline.media.workers import cores
from cueline.ports import Source, Store
from cueline.stores.memory import MemoryStore
from cueline.stores.rows import Run
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance, Record
from cueline.timeline.tracks import FeatureTrack, Track
from cueline.workbench.analysis import due_work
from cueline.workbench.estimates import Preview, preview
from cueline.workbench.finding import must_exist
from cueline.workbench.grouping import Grouped, grouped
from cueline.workbench.history import RunDiff, Step, diff, why
from cueline.workbench.intake import homes, look_up
from cueline.workbench.opened import AnyPath, OpenedLibrary, is_library
from cueline.workbench.planning import EVERYDAY, Options, plan
from cueline.workbench.sharing import record_of, sources
from cueline.workbench.status import Status, status


class ReadLibrary(OpenedLibrary):
    """The half of a `Library` that tells what it holds and what happened to it."""

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

    def sources(self, tracks: Collection[str] | None = None, assets: Collection[str] | None = None) -> Iterator[Source]:
        """Every asset with its label and feature tracks, one after the other, as exporters take them.

        Args:
            tracks: Only tracks of these names.
            assets: Only assets with these ids.
        """
        with self._reading() as store:
            yield from sources(store, tracks=tracks, assets=assets)

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
