"""A store that lives and ends with its process: for notebooks and tests, and the measure of the library.

It gives the same answers as `LibraryStore`, from plain dictionaries; the tests compare the two.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cueline.ports import Outcome, Placed
from cueline.stores.rows import Tag, no_asset, no_run, no_track, settled
from cueline.stores.spool import read_picture, read_track
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track


@dataclass(slots=True)
class _Run:
    plan: Mapping[str, Any]
    state: Literal["running", "done", "interrupted"] = "running"


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one plug-in made of one asset."""

    outcome: Outcome
    tracks: Mapping[str, Track] = field(default_factory=dict)
    pictures: bytes | None = None


class MemoryStore:
    """A store in dictionaries."""

    def __init__(self) -> None:
        """Begin empty."""
        self._assets: dict[str, Asset] = {}
        self._places: dict[Path, Placed] = {}
        self._runs: list[_Run] = []
        self._kept: dict[tuple[str, str], _Kept] = {}

    def __repr__(self) -> str:
        """How much it holds."""
        return f"MemoryStore({len(self._assets)} assets)"

    def put_asset(self, asset: Asset) -> None:
        """Keep an asset, or what is newly known of it; groups of other kinds stay."""
        known = self._assets.get(asset.id, asset)
        self._assets[asset.id] = replace(asset, groups={**known.groups, **asset.groups})

    def put_place(self, placed: Placed) -> None:
        """Keep what lies at a path; of a file that is missing, what was known of it stays."""
        if placed.asset is not None:
            self._must_have_asset(placed.asset)
        path = placed.location.path
        known = self._places.get(path)
        self._places[path] = replace(known, missing=True) if known and placed.missing else placed

    def places(self) -> Sequence[Placed]:
        """Every location known, in order of path, byte by byte."""
        return sorted(self._places.values(), key=lambda placed: os.fsencode(placed.location.path))

    def assets(self) -> Sequence[Asset]:
        """Every asset, in order of its first path, then id; those without a path last."""
        return [self._assets[asset] for asset in self._order()]

    def begin_run(self, plan: Mapping[str, Any]) -> int:
        """Open a run; give its number."""
        self._runs.append(_Run(dict(plan)))
        return len(self._runs)

    def end_run(self, run: int, *, interrupted: bool = False) -> None:
        """Close a run."""
        self._must_have_run(run)
        self._runs[run - 1].state = "interrupted" if interrupted else "done"

    def commit(self, run: int, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes and their tracks, all or none; each replaces the one before it.

        Spooled files are read into memory, and may be deleted afterwards.

        Raises:
            StoreError: If run or asset are unknown, or a spooled file is damaged; then nothing has changed.
        """
        self._must_have_run(run)
        last = settled(outcomes)
        for outcome in last:
            self._must_have_asset(outcome.asset)
        for kept in [_loaded(outcome) for outcome in last]:
            self._replace(kept)

    def outcomes(self, asset: str | None = None) -> Sequence[Outcome]:
        """The last outcome of each plug-in, of one asset or all, by asset and plug-in, without tracks."""
        return [self._kept[key].outcome for key in sorted(self._kept) if asset in (None, key[0])]

    def track_names(self, asset: str, kind: Literal["labels", "features"] | None = None) -> Sequence[str]:
        """Names of the tracks of an asset, of one kind or both, sorted."""
        kinds = {"labels": LabelTrack, "features": FeatureTrack, None: LabelTrack | FeatureTrack}
        return sorted(name for name, track in self._tracks(asset) if isinstance(track, kinds[kind]))

    def all_track_names(self) -> dict[str, Sequence[str]]:
        """Names of the tracks of every asset that has any, sorted, by its id."""
        found = {asset: self.track_names(asset) for asset in sorted(self._assets)}
        return {asset: names for asset, names in found.items() if names}

    def track(self, asset: str, name: str) -> Track:
        """One track.

        Raises:
            StoreError: If there is no such track.
        """
        return self._maker(asset, name).tracks[name]

    def provenance(self, asset: str, name: str) -> Provenance:
        """Who made a track.

        Raises:
            StoreError: If there is no such track.
        """
        return self._maker(asset, name).outcome.provenance

    def picture(self, asset: str, time: float) -> bytes | None:
        """The kept picture (WebP) of the frame shown at a time, or None."""
        for key in sorted(self._kept):
            pictures = self._kept[key].pictures
            found = read_picture(pictures, time) if key[0] == asset and pictures is not None else None
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
        """Rows of label tracks, by first path of their asset, then time; as `LibraryStore.tags`."""
        found: list[Tag] = []
        for known in self._order():
            if not (groups or {}).items() <= self._assets[known].groups.items():
                continue
            tracks = [(name, track) for name, track in self._tracks(known) if isinstance(track, LabelTrack)]
            tags = [
                Tag(known, name, span, label, score)
                for name, track in tracks
                if asset in (None, known) and (names is None or name in names)
                for span, label, score in (track if within is None else track.crop(within))
                if (classes is None or label in classes) and score >= (least_score or 0.0)
            ]
            found += sorted(tags, key=lambda tag: (tag.span, tag.track))
        return iter(found[:limit])

    def lost_work(self) -> set[tuple[str, str]]:
        """Nothing: what lies in memory is not lost."""
        return set()

    def close(self) -> None:
        """Keep everything: there is nothing to let go of."""

    def _order(self) -> list[str]:
        first: dict[str, bytes] = {}
        for placed in self.places():
            if placed.asset is not None:
                first.setdefault(placed.asset, os.fsencode(placed.location.path))
        return sorted(self._assets, key=lambda asset: (asset not in first, first.get(asset, b""), asset))

    def _tracks(self, asset: str) -> Iterator[tuple[str, Track]]:
        return (
            (name, track) for key, kept in self._kept.items() if key[0] == asset for name, track in kept.tracks.items()
        )

    def _maker(self, asset: str, name: str) -> _Kept:
        for key, kept in self._kept.items():
            if key[0] == asset and name in kept.tracks:
                return kept
        raise no_track(asset, name, self.track_names(asset))

    def _replace(self, kept: _Kept) -> None:
        """Put in what a plug-in made; a track of that name that another plug-in made goes."""
        asset = kept.outcome.asset
        for key, other in self._kept.items():
            if key[0] == asset and not kept.tracks.keys().isdisjoint(other.tracks):
                rest = {name: track for name, track in other.tracks.items() if name not in kept.tracks}
                self._kept[key] = replace(other, tracks=rest)
        self._kept[asset, kept.outcome.plugin] = kept

    def _must_have_asset(self, asset: str) -> None:
        if asset not in self._assets:
            raise no_asset(asset)

    def _must_have_run(self, run: int) -> None:
        if not 1 <= run <= len(self._runs):
            raise no_run(run)


def _loaded(outcome: Outcome) -> _Kept:
    """An outcome with all that it names in memory."""
    spooled = {name: _copied(read_track(path)) for name, path in outcome.spooled.items()}
    pictures = None
    if outcome.pictures is not None:
        read_picture(outcome.pictures, 0.0)
        pictures = outcome.pictures.read_bytes()
    bare = replace(outcome, tracks={}, spooled={}, pictures=None)
    return _Kept(bare, {**outcome.tracks, **spooled}, pictures)


def _copied(track: FeatureTrack) -> FeatureTrack:
    return replace(track, values=np.array(track.values))
