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
from cueline.timeline.tracks import LabelTrack, Track

_READING = ("probe", "decode")  # what they say is said of the file itself
_BLANK = 0.05  # worth below which a picture shows nothing, as a black or a white one does
_DARK, _LIGHT = 0.06, 0.94  # mean luma at which a thumbnail starts to count as black, and as white
_FULL_CONTRAST = 0.25  # from here on, more of it makes no thumbnail worth more
_PLAIN = 0.1  # worth of a thumbnail of one colour that is neither black nor white
_TIE = 0.1  # difference of worth below which the better spread picture is taken


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
        copies: Every place but the first, as people call it.
        failures: What failed on it; a file that could not be read is told of at each of its places.
        remarks: What is worth knowing of what worked, a line each.
        idle: Names of the plug-ins for which it has nothing.
        analysed: Whether any plug-in was done with it.
    """

    asset: Asset
    name: str
    folder: str
    paths: tuple[str, ...]
    missing: bool
    size_bytes: int
    copies: tuple[str, ...]
    failures: tuple[Problem, ...]
    remarks: tuple[str, ...]
    idle: tuple[str, ...]
    analysed: bool

    @property
    def page(self) -> str:
        """Name of its page's file."""
        return page_name(self.asset.id)

    @property
    def broken(self) -> bool:
        """Whether the file itself could not be read."""
        return any(not failure.what for failure in self.failures)

    @property
    def seconds(self) -> float | None:
        """How long it is, or None where nobody can tell."""
        return None if self.broken or not self.asset.duration else self.asset.duration


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


def key_times(store: Store, asset: str) -> Times:
    """Times of the pictures worth showing: the key frames, or all thumbnails where there are none."""
    return next((track.spans[:, 0] for track in _pictured(store, asset) if len(track)), np.empty(0))


def strip_times(store: Store, asset: str, most: int) -> Times:
    """At most `most` times of good pictures, spread over the film.

    Key frames come before thumbnails unless they are too few; blank pictures, such as black ones, come last of all.
    """
    rated = [(track.spans[:, 0], _worth(track)) for track in _pictured(store, asset)]
    clear = [(times[worth >= _BLANK], worth[worth >= _BLANK]) for times, worth in rated]
    for choices in (clear, rated):
        if any(len(times) for times, _ in choices):
            return _best_spread(*max(choices, key=lambda choice: min(len(choice[0]), most)), most)
    return np.empty(0)


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


def _pictured(store: Store, asset: str) -> list[Track]:
    names = store.track_names(asset)
    return [store.track(asset, name) for name in ("keyframes", "thumbnails") if name in names]


def _worth(track: Track) -> Times:
    """How good the picture of each row is, in [0, 1], shape (N,); 1 where nobody rated it."""
    if isinstance(track, LabelTrack):
        return np.nan_to_num(track.scores, nan=1.0)
    if not {"brightness", "contrast"} <= set(track.columns):
        return np.ones(len(track))
    brightness, contrast = (track[column].astype(np.float64) for column in ("brightness", "contrast"))
    exposed = np.minimum(brightness / _DARK, (1 - brightness) / (1 - _LIGHT)).clip(0, 1)
    return np.asarray(exposed * (contrast / _FULL_CONTRAST).clip(_PLAIN, 1))


def _best_spread(times: Times, worth: Times, most: int) -> Times:
    """The best of each of `most` runs of times; among those about as good, the one nearest to the run's middle."""
    best = []
    for run in np.array_split(np.arange(len(times)), min(most, len(times))):
        near = run[worth[run] >= worth[run].max() - _TIE]
        best.append(near[abs(near - run.mean()).argmin()])
    return times[best]


def _is_drawn(name: str, track: Track) -> bool:
    return isinstance(track, LabelTrack) or name.endswith(".curve")


def _file(asset: Asset, places: Sequence[Placed], outcomes: Sequence[Outcome], top: Path) -> FileFacts:
    there = [placed for placed in places if not placed.missing] or list(places)
    named = [_below(placed.location.path, top) for placed in there] or [f"asset {legible(asset.id)}"]
    path = Path(named[0])
    return FileFacts(
        asset=asset,
        name=path.name,
        folder="" if path.parent == Path() else str(path.parent),
        paths=tuple(legible(str(placed.location.path)) for placed in there),
        missing=all(placed.missing for placed in places),
        size_bytes=there[0].location.size_bytes if there else 0,
        copies=tuple(named[1:]),
        failures=tuple(_failures(named, asset.id, outcomes)),
        remarks=tuple(dict.fromkeys(_remarks(outcomes))),
        idle=tuple(sorted(outcome.plugin for outcome in outcomes if outcome.state == "nothing")),
        analysed=any(outcome.plugin != "probe" for outcome in outcomes),
    )


def _failures(files: Sequence[str], asset: str, outcomes: Sequence[Outcome]) -> Iterator[Problem]:
    """What failed: the file itself, without `what`, wherever it lies, or else each plug-in with its reason."""
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    itself = [outcome for outcome in failed if outcome.plugin in _READING]
    for outcome in itself[:1]:
        for file in files:
            yield Problem(file, "", legible(outcome.reason), page_name(asset))
    for outcome in failed if not itself else ():
        yield Problem(files[0], f"{outcome.plugin} failed", legible(outcome.reason), page_name(asset))


def _remarks(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.state == "done" and outcome.reason:
            yield legible(outcome.reason if outcome.plugin in _READING else f"{outcome.plugin}: {outcome.reason}")


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
