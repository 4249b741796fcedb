"""Handing on what a library holds: records for exporters, files in other formats, pages."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cueline import registry
from cueline.errors import StoreError, near_miss
from cueline.ports import Source, Store
from cueline.reports.pages import write_report
from cueline.stores.faults import told_plainly
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.workbench.intake import homes
from cueline.workbench.planning import Options


def record_of(store: Store, asset: Asset, tracks: Collection[str] | None = None) -> Record:
    """An asset with its tracks, and who made each; only some tracks where names are given."""
    names = [name for name in store.track_names(asset.id) if tracks is None or name in tracks]
    loaded = {name: store.track(asset.id, name) for name in names}
    return Record(asset, loaded, {name: store.provenance(asset.id, name) for name in names})


def sources(
    store: Store, *, tracks: Collection[str] | None = None, assets: Collection[str] | None = None
) -> Iterator[Source]:
    """Every asset that lies or lay somewhere, one after the other; names are told from the folder that holds all.

    Args:
        store: What is handed on.
        tracks: Only tracks of these names.
        assets: Only assets with these ids.
    """
    places = store.places()
    paths = [place.location.path for place in places]
    top = Path(os.path.commonpath([path.parent for path in paths])) if paths else Path()
    home = homes(places)
    for asset in store.assets():
        if asset.id in home and (assets is None or asset.id in assets):
            place = home[asset.id]
            name = str(place.location.path.relative_to(top))
            yield Source(record_of(store, asset, tracks), name, None if place.missing else place.location)


def export(
    store: Store,
    formats: Sequence[str],
    folder: Path,
    options: Options,
    *,
    tracks: Sequence[str] | None = None,
    assets: Collection[str] | None = None,
) -> list[Path]:
    """Write tracks in other formats; give the files written.

    Args:
        store: What is exported.
        formats: Names of exporters.
        folder: Where; made if missing.
        options: Options by exporter.
        tracks: Only tracks of these names.
        assets: Only assets with these ids.

    Raises:
        StoreError: If no asset has a track of one of these names.
    """
    _must_have_tracks(store, tracks or ())
    exporters = [registry.make("exporters", name, **options.get(name, {})) for name in formats]
    with _written(folder):
        return [
            path
            for exporter in exporters
            for path in exporter.export(sources(store, tracks=tracks, assets=assets), folder)
        ]


def _must_have_tracks(store: Store, tracks: Sequence[str]) -> None:
    if tracks:
        there = sorted({name for asset in store.assets() for name in store.track_names(asset.id)})
        for name in set(tracks) - set(there):
            raise StoreError(f"no track is called {name!r}; there are: {', '.join(there)}.{near_miss(name, there)}")


def report(store: Store, folder: Path, *, title: str) -> Path:
    """Write pages that people look at; give the first one."""
    with _written(folder):
        return write_report(store, folder, title=title)


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """A folder, made if missing, that files are written to; faults are told in words."""
    there = next(part for part in (folder, *folder.parents) if os.path.lexists(part))
    if not os.path.isdir(there):  # noqa: PTH112  # Path.is_dir raises, as above
        raise StoreError(f"the place to write to must be a folder, got the file {str(there)!r}", path=there)
    with told_plainly("write to", folder):
        folder.mkdir(parents=True, exist_ok=True)
        yield
