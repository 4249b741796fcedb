"""Between values and rows of the library's database: what is stored how."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import count, repeat
from pathlib import Path
from typing import Any

import numpy as np

from cueline.errors import StoreError, near_miss
from cueline.ports import Outcome, Placed
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span, durations
from cueline.timeline.tracks import LabelTrack

Row = tuple[Any, ...]
_HALF_LETTERS = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Tag:
    """One row of a label track.

    Attributes:
        asset: Id of the asset.
        track: Name of the track, such as "shots".
        span: When it holds, in seconds.
        name: Its class.
        score: Confidence in [0, 1].
    """

    asset: str
    track: str
    span: Span
    name: str
    score: float


@dataclass(frozen=True, slots=True)
class Tally:
    """One name of one label track, over many assets.

    Attributes:
        track: Name of the track.
        name: Its class.
        rows: How often it holds.
        assets: In how many assets.
        seconds: How long in all; overlapping rows count each.
    """

    track: str
    name: str
    rows: int
    assets: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run: an analysis, or an import.

    Attributes:
        id: Its number.
        started: ISO 8601 in UTC.
        ended: The same, or empty while it goes on.
        state: "running", "done" or "interrupted".
        plan: What it was to do, as plain values.
        version: Of Cueline.
    """

    id: int
    started: str
    ended: str
    state: str
    plan: Mapping[str, Any]
    version: str


def run_of(row: Row) -> Run:
    """A run from columns id, started, ended, state, plan, version."""
    number, started, ended, state, plan, version = row
    return Run(number, started, ended or "", state, json.loads(plan), version)


def settled(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The last outcome of each plug-in on each asset.

    Raises:
        StoreError: If a name is given to two tracks of one asset.
    """
    last = list({(outcome.asset, outcome.plugin): outcome for outcome in outcomes}.values())
    named = Counter((outcome.asset, name) for outcome in last for name in (*outcome.tracks, *outcome.spooled))
    for (asset, name), times in named.items():
        if times > 1:
            raise StoreError(f"each track of an asset needs a name of its own, got {name!r} {times} times", asset=asset)
    return last


def no_asset(asset: str) -> StoreError:
    """What to say of an asset that was never put."""
    return StoreError(f"the store knows no asset {asset!r}; put_asset comes first", asset=asset)


def no_run(run: int) -> StoreError:
    """What to say of a run that was never begun."""
    return StoreError(f"the library knows no run {run}; `cueline runs` lists them")


def no_track(asset: str, name: str, names: Sequence[str]) -> StoreError:
    """What to say of a track that is not there."""
    there = ", ".join(names) or "none"
    return StoreError(f"asset {asset} has no track {name!r}; there are: {there}.{near_miss(name, names)}", asset=asset)


def asset_row(asset: Asset) -> Row:
    """Columns id, duration, streams."""
    streams = [asdict(stream) for stream in asset.streams]
    for stream in streams:
        stream["rate"] = None if stream["rate"] is None else str(stream["rate"])
    return asset.id, asset.duration, json.dumps(streams)


def asset_of(row: Row, groups: Mapping[str, str]) -> Asset:
    """The inverse of `asset_row`."""
    identity, duration, text = row
    streams = json.loads(text)
    for stream in streams:
        stream["rate"] = None if stream["rate"] is None else Fraction(stream["rate"])
    return Asset(identity, duration, tuple(Stream(**stream) for stream in streams), dict(groups))


def place_row(placed: Placed) -> Row:
    """Columns path, shown, asset, size_bytes, mtime_ns, reason, missing."""
    where = placed.location
    path = os.fsencode(where.path)
    shown = path.decode(errors="replace")
    return path, shown, placed.asset, where.size_bytes, where.mtime_ns, plain(placed.reason), placed.missing


def place_of(row: Row) -> Placed:
    """The inverse of `place_row`, without `shown`."""
    path, asset, size_bytes, mtime_ns, reason, missing = row
    return Placed(Location(Path(os.fsdecode(path)), size_bytes, mtime_ns), asset, reason, bool(missing))


def plain(text: str) -> str:
    """Text for people, as Unicode: half a letter, or a byte of a file name that is none, becomes a replacement mark."""
    return _HALF_LETTERS.sub("\N{REPLACEMENT CHARACTER}", text)


def outcomes_of(found: Iterable[Row]) -> list[Outcome]:
    """Outcomes from columns asset, plugin, state, reason, seconds and the JSON of their provenance."""
    made: dict[str, Provenance] = {}  # that of 10,000 outcomes of one plug-in is read once
    outcomes = []
    for asset, plugin, state, reason, seconds, text in found:
        if text not in made:
            made[text] = Provenance.from_json(text)
        outcomes.append(Outcome(asset, plugin, state, made[text], reason, seconds))
    return outcomes


def label_columns(track: LabelTrack) -> dict[str, Any]:
    """Columns classes, judged and longest of a label track's row."""
    own = track.judged is track.spans or np.array_equal(track.judged, track.spans)
    return {
        "classes": json.dumps(track.classes),
        "judged": None if own else track.judged.astype("<f8").tobytes(),
        "longest": float(durations(track.spans).max(initial=0.0)),
    }


def tag_rows(number: int, track: LabelTrack) -> Iterator[Row]:
    """Rows of the table `tag`, for the track with a number."""
    starts, ends = track.spans.T.tolist()
    return zip(repeat(number), starts, count(), ends, track.names, track.scores.tolist(), strict=False)


def label_track(row: Row, tags: list[Row]) -> LabelTrack:
    """The inverse of `label_columns` and `tag_rows`.

    Args:
        row: Columns stream, classes, judged.
        tags: Columns start, end, name, score, in order.
    """
    stream, classes, judged = row
    starts, ends, names, scores = zip(*tags, strict=True) if tags else ((), (), (), ())
    spans = np.column_stack((starts, ends)).astype(np.float64)
    return LabelTrack(
        spans=spans,
        names=names,
        scores=np.array(scores, np.float64),
        classes=tuple(json.loads(classes)),
        judged=spans if judged is None else np.frombuffer(judged, "<f8").reshape(-1, 2),
        stream=stream,
    )
