"""What a report tells of each file, gathered from a store."""

from __future__ import annotations

import base64
import math
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cueline.ports import Outcome, Placed, Store
from cueline.reports.words import legible
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import Spans, Times, durations
from cueline.timeline.tracks import FeatureTrack, LabelTrack


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that did not work, in plain words.

    Attributes:
        file: Which file, as people call it.
        what: What did not work; empty where the heading says it.
        reason: Why, in one line.
        page: The page of the asset, or empty where there is none.
    """

    file: str
    what: str
    reason: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One asset and how it is doing.

    Attributes:
        asset: Which.
        name: Its file name.
        folder: Folders it lies in, below those that all files share; may be empty.
        paths: Every place where it lies.
        missing: Whether it is at none of them any more.
        size_bytes: Size of the file.
        failures: What failed on it.
        analysed: Whether any plug-in was done with it.
    """

    asset: Asset
    name: str
    folder: str
    paths: tuple[str, ...]
    missing: bool
    size_bytes: int
    failures: tuple[Problem, ...]
    analysed: bool

    @property
    def page(self) -> str:
        """Name of its page's file."""
        return page_name(self.asset.id)


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """All files of a store, those of them that could not be read, and those that are not there any more."""

    files: tuple[FileFacts, ...]
    unreadable: tuple[Problem, ...]
    missing: tuple[Problem, ...]

    @property
    def failures(self) -> tuple[Problem, ...]:
        """What failed on files that could be read."""
        return tuple(failure for file in self.files for failure in file.failures if failure.what)


def page_name(asset: str) -> str:
    """Name of the file of an asset's page; an id that is no fingerprint becomes its bytes in hexadecimal."""
    plain = asset.isascii() and asset.isalnum()
    return f"asset-{asset if plain else asset.encode('utf-8', 'surrogatepass').hex()}.html"


def library_facts(store: Store) -> LibraryFacts:
    """Gather what a store knows of every file, reading each list once."""
    places, outcomes = store.places(), store.outcomes()
    top = _shared_folder([placed.location.path for placed in places])
    by_asset: dict[str, list[Placed]] = defaultdict(list)
    for placed in places:
        if placed.asset is not None:
            by_asset[placed.asset].append(placed)
    made: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        made[outcome.asset].append(outcome)
    files = tuple(_file(asset, by_asset[asset.id], made[asset.id], top) for asset in store.assets())
    nowhere = [placed for placed in places if placed.asset is None and not placed.missing]
    unreadable = [
        Problem(_below(placed.location.path, top), "", legible(placed.reason) or "no reason known")
        for placed in nowhere
    ]
    unreadable += [failure for file in files for failure in file.failures if not failure.what]
    return LibraryFacts(
        files=files,
        unreadable=tuple(unreadable),
        missing=tuple(
            Problem(
                _below(placed.location.path, top),
                "",
                _elsewhere(by_asset[placed.asset], top) if placed.asset else "it could not be read while it was there",
                page_name(placed.asset) if placed.asset else "",
            )
            for placed in places
            if placed.missing
        ),
    )


def tracks_of(store: Store, asset: str) -> Tracks:
    """Every label track, and the score curves: feature tracks named `something.curve`."""
    names = store.track_names(asset)
    return {name: track for name in names if _is_drawn(name, track := store.track(asset, name))}


def key_times(store: Store, asset: str, *, least: int = 1) -> Times:
    """Times of the pictures worth showing: the key frames, or all thumbnails where there are fewer than `least`."""
    names = store.track_names(asset)
    found = [store.track(asset, name).spans[:, 0] for name in ("keyframes", "thumbnails") if name in names]
    return next((times for times in found if len(times) >= least), found[0] if found else np.empty(0))


def shots_of(store: Store, asset: str) -> Spans | None:
    """Spans of the shots, or None where nobody looked for shots."""
    return store.track(asset, "shots").spans if "shots" in store.track_names(asset) else None


def spread(times: Times, most: int) -> Times:
    """At most `most` of the times, evenly spread over their order."""
    if len(times) <= most:
        return times
    return times[((np.arange(most) + 0.5) * len(times) / most).astype(int)] if most else times[:0]


def pictures_at(store: Store, asset: str, times: Times, *, most_bytes: float) -> Iterator[tuple[float, str]]:
    """Pictures as data addresses, in order, as long as they fit into `most_bytes` before encoding."""
    left = most_bytes
    for time in times.tolist():
        picture = store.picture(asset, time)
        if picture is not None and len(picture) <= left:
            left -= len(picture)
            yield time, "data:image/webp;base64," + base64.b64encode(picture).decode()


def stride_within(store: Store, asset: str, times: Times, *, most_bytes: int) -> int:
    """Every how many-th picture can be shown so that all fit into `most_bytes`, from a sample of sizes."""
    sizes = [len(store.picture(asset, time) or b"") for time in spread(times, 16).tolist()]
    return max(1, math.ceil(1.1 * len(times) * sum(sizes) / max(1, len(sizes)) / most_bytes))


def median_length(spans: Spans) -> float:
    """Median duration in seconds; NaN of no span."""
    return float(np.median(durations(spans))) if len(spans) else math.nan


def _is_drawn(name: str, track: FeatureTrack | LabelTrack) -> bool:
    return isinstance(track, LabelTrack) or name.endswith(".curve")


def _file(asset: Asset, places: Sequence[Placed], outcomes: Sequence[Outcome], top: Path) -> FileFacts:
    there = [placed for placed in places if not placed.missing] or list(places)
    path = Path(_below(there[0].location.path, top)) if there else Path(f"asset {legible(asset.id)}")
    return FileFacts(
        asset=asset,
        name=path.name,
        folder="" if path.parent == Path() else str(path.parent),
        paths=tuple(legible(str(placed.location.path)) for placed in there),
        missing=all(placed.missing for placed in places),
        size_bytes=there[0].location.size_bytes if there else 0,
        failures=tuple(_failures(str(path), asset.id, outcomes)),
        analysed=any(outcome.plugin != "probe" for outcome in outcomes),
    )


def _failures(file: str, asset: str, outcomes: Sequence[Outcome]) -> Iterator[Problem]:
    """What failed: the file itself, said once without `what`, or else each plug-in with its reason."""
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    itself = [outcome for outcome in failed if outcome.plugin in ("probe", "decode")]
    for outcome in itself[:1] or failed:
        what = "" if itself else f"{outcome.plugin} failed"
        yield Problem(file, what, legible(outcome.reason), page_name(asset))


def _shared_folder(paths: Sequence[Path]) -> Path:
    try:
        return Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # none at all, or on different drives
        return Path()


def _below(path: Path, top: Path) -> str:
    return legible(str(path.relative_to(top) if path.is_relative_to(top) else path))


def _elsewhere(places: Sequence[Placed], top: Path) -> str:
    there = [placed.location.path for placed in places if not placed.missing]
    return f"the same content still lies at {_below(there[0], top)}" if there else "what was found in it is kept"
