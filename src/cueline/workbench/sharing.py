"""Handing on what a library holds: records for exporters, files in other formats, pages."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from cueline import registry
from cueline.errors import FormatError, StoreError, near_miss
from cueline.ports import Exporter, Source, Store
from cueline.reports.pages import write_report
from cueline.stores.faults import told_plainly
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.workbench.intake import homes
from cueline.workbench.planning import Options


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote.

    Attributes:
        files: The files.
        refused: What a format could not hold: name of the media, name of the format, reason.
    """

    files: Sequence[Path]
    refused: Sequence[tuple[str, str, str]]


def record_of(store: Store, asset: Asset, tracks: Collection[str] | None = None, *, features: bool = True) -> Record:
    """An asset with its tracks, and who made each; only some tracks where names are given."""
    kind: Literal["labels"] | None = None if features else "labels"
    names = [name for name in store.track_names(asset.id, kind) if tracks is None or name in tracks]
    loaded = {name: store.track(asset.id, name) for name in names}
    return Record(asset, loaded, {name: store.provenance(asset.id, name) for name in names})


def sources(
    store: Store,
    *,
    tracks: Collection[str] | None = None,
    assets: Collection[str] | None = None,
    features: bool = True,
) -> Iterator[Source]:
    """Every asset that lies or lay somewhere, one after the other; names are told from the folder that holds all.

    Args:
        store: What is handed on.
        tracks: Only tracks of these names.
        assets: Only assets with these ids.
        features: Feature tracks too; label tracks alone otherwise.
    """
    places = store.places()
    paths = [place.location.path for place in places]
    top = Path(os.path.commonpath([path.parent for path in paths])) if paths else Path()
    home = homes(places)
    for asset in store.assets():
        if asset.id in home and (assets is None or asset.id in assets):
            place = home[asset.id]
            name = str(place.location.path.relative_to(top))
            yield Source(
                record_of(store, asset, tracks, features=features), name, None if place.missing else place.location
            )


def export(
    store: Store,
    formats: Sequence[str],
    folder: Path,
    options: Options,
    *,
    tracks: Sequence[str] | None = None,
    assets: Collection[str] | None = None,
) -> Exported:
    """Write tracks in other formats.

    A film that a format cannot hold, such as one without a frame rate in an edit list, is named, and the others are
    written.

    Args:
        store: What is exported.
        formats: Names of exporters.
        folder: Where; made if missing.
        options: Options by exporter.
        tracks: Only tracks of these names.
        assets: Only assets with these ids.

    Raises:
        StoreError: If no asset has a track of one of these names.
        FormatError: If a format can hold none of it.
    """
    _must_have_tracks(store, tracks or ())
    exporters = [(name, registry.make("exporters", name, **options.get(name, {}))) for name in formats]
    files, refused = list[Path](), list[tuple[str, str, str]]()
    with _written(folder):
        for name, exporter in exporters:
            reasons: dict[str, str] = {}
            features = bool(getattr(exporter, "features", False))
            chosen = partial(sources, store, tracks=tracks, assets=assets, features=features)
            try:
                files += exporter.export(chosen(), folder)
            except FormatError as error:
                reasons = _reasons(exporter, chosen())
                if error.asset not in reasons:
                    raise
                files += exporter.export((each for each in chosen() if each.record.asset.id not in reasons), folder)
            named = {each.record.asset.id: each.name for each in chosen()} if reasons else {}
            refused += [(named[asset], name, reason) for asset, reason in reasons.items()]
    return Exported(files, refused)


def _reasons(exporter: Exporter, chosen: Iterable[Source]) -> dict[str, str]:
    """Why a format cannot hold some assets, by their ids: each is tried alone, aside."""
    reasons = {}
    with tempfile.TemporaryDirectory(prefix="cueline-") as aside:
        for source in chosen:
            try:
                exporter.export([source], Path(aside))
            except FormatError as error:
                reasons[source.record.asset.id] = str(error)
    return reasons


def _must_have_tracks(store: Store, tracks: Sequence[str]) -> None:
    if tracks:
        there = sorted({name for names in store.all_track_names().values() for name in names})
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
