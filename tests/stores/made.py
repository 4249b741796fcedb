"""Small assets, tracks and outcomes that tests of stores keep."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from cueline.ports import Outcome, Placed, Rows
from cueline.stores.library import LibraryStore
from cueline.stores.spool import PictureSpool
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance
from cueline.timeline.tracks import FeatureTrack, LabelTrack

VIDEO = Stream("video:0", "video", 0, "h264", 0.1, 2.0, Fraction(24000, 1001), frames=48, width=320, height=180)


def asset(name: str = "a1", **groups: str) -> Asset:
    return Asset(name, 2.0, (VIDEO,), groups)


def placed(path: str, of: str | None = "a1", *, reason: str = "", missing: bool = False) -> Placed:
    return Placed(Location(Path(path), 1000, 10**18 + 1), of, reason, missing)


def spans(count: int) -> np.ndarray:
    """One second each, one after the other."""
    starts = np.arange(count, dtype=float)
    return np.column_stack((starts, starts + 1))


def features(count: int = 3, *, width: int = 2, value: float = 0.5) -> FeatureTrack:
    return FeatureTrack(spans(count), np.full((count, width), value), tuple("abcdefgh"[:width]), "video:0")


def labels(*names: str) -> LabelTrack:
    return LabelTrack(spans(len(names)), names, np.linspace(0.25, 1, len(names)), stream="video:0")


def pictures(path: Path, count: int = 3) -> Path:
    with PictureSpool(path) as spool:
        kept = tuple(b"picture %d" % number for number in range(count))
        spool.append(Rows(spans(count), np.zeros((count, 1)), (), kept))
    return path


def made_by(plugin: str, version: str = "1") -> Provenance:
    return Provenance(plugin, version, {"threshold": 0.5}, {"color": "ab"})


def done(plugin: str = "shots", of: str = "a1", version: str = "1", **more: object) -> Outcome:
    return Outcome(of, plugin, "done", made_by(plugin, version), seconds=0.5, **more)


def same(first: FeatureTrack | LabelTrack, second: FeatureTrack | LabelTrack) -> bool:
    """Whether two tracks are equal in every respect."""
    if isinstance(first, FeatureTrack) and isinstance(second, FeatureTrack):
        return (
            np.array_equal(first.spans, second.spans)
            and first.values.dtype == second.values.dtype
            and np.array_equal(first.values, second.values)
            and (first.columns, first.stream) == (second.columns, second.stream)
        )
    return (
        isinstance(first, LabelTrack)
        and isinstance(second, LabelTrack)
        and np.array_equal(first.spans, second.spans)
        and np.array_equal(first.scores, second.scores)
        and np.array_equal(first.judged, second.judged)
        and (first.names, first.classes, first.stream) == (second.names, second.classes, second.stream)
    )


def files_of(store: LibraryStore) -> set[str]:
    """Arrow files that lie in a library, relative to it."""
    return {str(path.relative_to(store.path)) for path in store.path.rglob("*.arrow")}


def named_files(store: LibraryStore) -> set[str]:
    """Files that its rows name."""
    query = "SELECT file FROM track WHERE file NOT NULL UNION SELECT pictures FROM outcome WHERE pictures NOT NULL"
    return {name for (name,) in store.sql(query)[1]}
