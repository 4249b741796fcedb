"""Relinking: files that were moved are found again, and people's work follows a file that was changed.

A moved file is the same asset elsewhere: it is known by its fingerprint, looked for among files of the same size only.
A changed file is a new asset; what people said of the one before, its groups and what was imported for it are carried
over to the new one, each answer once, with its times as they were. So is what was said of clips that were known by name
alone, where their media have come since.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from cueline.errors import MediaError
from cueline.ports import Outcome, Placed
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer
from cueline.timeline.assets import Asset, Location, fingerprint
from cueline.timeline.records import Provenance
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.bringing import PREFIX
from cueline.workbench.finding import find_media
from cueline.workbench.intake import homes
from cueline.workbench.labelling.clips import attach_media


@dataclass(frozen=True, slots=True)
class Carried:
    """What followed one changed file.

    Attributes:
        path: The file.
        before: Id of the asset that it was.
        now: Id of the asset that it is.
        answers: How many answers were carried over.
        tracks: Names of the imported tracks that were.
        beyond: How many answers were not, since they lie beyond the end of the new file.
    """

    path: Path
    before: str
    now: str
    answers: int
    tracks: tuple[str, ...]
    beyond: int


@dataclass(frozen=True, slots=True)
class Relinked:
    """What relinking did.

    Attributes:
        moved: Where a missing file was -> where it is.
        carried: What followed the files that were changed.
        missing: Files that were found nowhere.
    """

    moved: Mapping[Path, Path]
    carried: Sequence[Carried]
    missing: Sequence[Path]


def relink(store: LibraryStore, run: int, folders: Iterable[Path]) -> Relinked:
    """Look for missing files in folders, and carry people's work over to changed ones.

    Args:
        store: The library, open for writing.
        run: The run this belongs to.
        folders: Where files may have gone; none looks again where they were.

    Raises:
        MediaError: If a folder does not exist.
    """
    moved = _moved(store, list(folders))
    carried = list(_carried(store, run))
    attach_media(store)
    missing = [placed.location.path for placed in store.places() if placed.missing]
    return Relinked(moved, carried, missing)


def _moved(store: LibraryStore, folders: Sequence[Path]) -> dict[Path, Path]:
    """Find missing files again, by size first; forget places that are empty though their asset is elsewhere."""
    _look_again(store)
    by_size: dict[int, list[Placed]] = defaultdict(list)
    for placed in store.places():
        if placed.missing and placed.asset:
            by_size[placed.location.size_bytes].append(placed)
    found = _found(store, folders, by_size) if folders and by_size else {}
    somewhere = homes(placed for placed in store.places() if not placed.missing)
    moved = {}
    for placed in (placed for rows in by_size.values() for placed in rows):
        if placed.asset in somewhere:
            moved[placed.location.path] = found.get(placed.asset, somewhere[placed.asset].location.path)
            store.forget_place(placed.location.path)
    return moved


def _look_again(store: LibraryStore) -> None:
    """Mark what is not there now, and take back what somebody has put back."""
    for placed in store.places():
        path = placed.location.path
        if placed.missing and placed.asset and _same(path, placed.asset):
            store.put_place(Placed(Location.of(path), placed.asset))
        elif not placed.missing and not os.path.lexists(path):
            store.put_place(replace(placed, missing=True))


def _found(store: LibraryStore, folders: Sequence[Path], by_size: Mapping[int, Sequence[Placed]]) -> dict[str, Path]:
    """Where missing assets lie now; only files of the right size are read."""
    known = {placed.location.path for placed in store.places() if not placed.missing}
    found: dict[str, Path] = {}
    for path in find_media(folders).files:
        size = path.stat().st_size
        if size in by_size and path not in known:
            asset = fingerprint(path)
            if any(placed.asset == asset for placed in by_size[size]):
                store.put_place(Placed(Location.of(path), asset))
                found.setdefault(asset, path)
    return found


def _same(path: Path, asset: str) -> bool:
    try:
        return path.is_file() and fingerprint(path) == asset
    except (OSError, MediaError):
        return False


def _is_there(placed: Placed) -> bool:
    return placed.asset is not None and not placed.missing


def _carried(store: LibraryStore, run: int) -> Iterator[Carried]:
    """Bring what people did for each asset that lay at a place before to the one that lies there now."""
    elsewhere, assets = homes(store.places()), {asset.id: asset for asset in store.assets()}
    for placed in filter(_is_there, store.places()):
        now, path = placed.asset or "", placed.location.path
        for before in store.former_assets(path):
            if before != now and before not in elsewhere:
                found = _carry(store, run, path, assets[before], assets[now])
                if found:
                    assets[now] = replace(assets[now], groups={**assets[before].groups, **assets[now].groups})
                    yield found
                    break


def _carry(store: LibraryStore, run: int, path: Path, before: Asset, now: Asset) -> Carried | None:
    answers, beyond = _carry_answers(store.path, before.id, now)
    tracks = _carry_tracks(store, run, before.id, now)
    fresh = {kind: name for kind, name in before.groups.items() if kind not in now.groups}
    if fresh:
        store.put_groups(now.id, fresh)
    if answers or tracks or beyond or fresh:
        return Carried(path, before.id, now.id, answers, tracks, beyond)
    return None


def _carry_answers(library: Path, before: str, now: Asset) -> tuple[int, int]:
    """Say every answer again of the new asset, under an id that is the same each time; how many were, and were not.

    What was itself carried over from the new asset, when its file was there before, is said of it already.
    """
    with AnswerBook(library) as book:
        own = {_again(each.id, before) for each in book.answers(asset=now.id)}
        given = [each for each in book.answers(asset=before) if each.id not in own]
        fitting = [each for each in given if each.span is None or each.span.end <= now.duration]
        return book.add(*(_said_again(each, now.id) for each in fitting)), len(given) - len(fitting)


def _said_again(answer: Answer, asset: str) -> Answer:
    undoes = _again(answer.undoes, asset) if answer.undoes else ""
    return replace(answer, asset=asset, id=_again(answer.id, asset), undoes=undoes)


def _again(answer: str, asset: str) -> str:
    return uuid5(NAMESPACE_OID, f"{answer} of {asset}").hex


def _carry_tracks(store: LibraryStore, run: int, before: str, now: Asset) -> tuple[str, ...]:
    """Imported tracks, unless the new asset has one of that name."""
    carried = []
    for name in sorted(set(store.track_names(before, "labels")) - set(store.track_names(now.id))):
        track, made = store.track(before, name), store.provenance(before, name)
        if made.plugin.startswith(PREFIX) and isinstance(track, LabelTrack):
            store.commit(run, [_outcome(now.id, name, track, made)])
            carried.append(name)
    return tuple(carried)


def _outcome(asset: str, name: str, track: LabelTrack, made: Provenance) -> Outcome:
    return Outcome(asset, made.plugin, "done", made, tracks={name: track})
