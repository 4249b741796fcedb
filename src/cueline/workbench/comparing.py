"""The rows of a library made comparable: per shot or as they are, all columns or some, in one matrix that is kept.

The matrix lies in the library's folder `index`, is derived, and carries the signature of every track it was made from:
when one of them changed, or the folder was deleted, it is built anew, in bulk. A library that may not be written is
compared from a temporary copy, which costs the building each time.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import Path

import numpy as np

from cueline import registry
from cueline.errors import OptionError, StoreError, TimelineError, near_miss
from cueline.ports import Store
from cueline.stores.gathering import build_matrix
from cueline.stores.lance import LanceIndex, build_index, open_index
from cueline.stores.library import LibraryStore
from cueline.stores.vectors import Comparison, Matrix, Metric, Numbers, read_matrix
from cueline.timeline.spans import Span, windows
from cueline.timeline.tracks import FeatureTrack, pool
from cueline.workbench.intake import homes

INDEX = "index"
BUSY_ROWS = 2.0  # rows a second; more than that are pooled
WINDOW_SECONDS = 2.0  # where there are no shots to pool by
INDEXED_ROWS = 200_000  # from here on looking at every row of 512 numbers takes more than about 40 ms
_SHORTEST_SECONDS = 0.02  # shorter windows hold no row of any track, and their number has no bound
_LOOKED_AT = 10

Told = Callable[[str], None]
Watched = Callable[[int, int], None]
Made = Mapping[str, dict[str, str]]  # asset -> name of track -> provenance as JSON


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows of a library are compared.

    Attributes:
        store: Where they are.
        made: The tracks concerned, of every asset that has the first one and that some file holds.
        comparison: What is compared, and how.
        per: A label track, seconds of a window, or "" for rows as they are.
    """

    store: Store
    made: Made
    comparison: Comparison
    per: str | float

    @property
    def signature(self) -> str:
        """32 hexadecimal digits that change with any track concerned."""
        told = json.dumps(self.made, sort_keys=True)
        return blake2b(told.encode(), digest_size=16).hexdigest()

    @property
    def ways(self) -> Counter[str]:
        """In how many ways the track was made: provenance as JSON, and of how many assets."""
        return Counter(tracks[self.comparison.track] for tracks in self.made.values())

    def each(self, watch: Watched | None = None) -> Iterator[tuple[str, FeatureTrack]]:
        """Id and rows of one asset after the other.

        Args:
            watch: Hears how many assets of how many are done.
        """
        for number, (asset, tracks) in enumerate(self.made.items(), start=1):
            track = feature_track(self.store, asset, self.comparison.track)
            if len(track) and (not isinstance(self.per, str) or self.per in ("", *tracks)):
                yield asset, self._pooled(asset, chosen(track, self.comparison.columns))
            if watch:
                watch(number, len(self.made))

    def _pooled(self, asset: str, track: FeatureTrack) -> FeatureTrack:
        if self.per == "":
            return track
        track = with_content(track)
        if isinstance(self.per, str):
            return pool(track, self.store.track(asset, self.per).spans)
        if not len(track):
            return track
        whole = Span(float(track.spans[0, 0]), float(track.spans[:, 1].max()))
        return pool(track, windows(whole, length=self.per, hop=self.per, partial=True))


def rows_to_compare(
    store: Store,
    track: str,
    *,
    per: str | float | None = None,
    columns: Sequence[str] = (),
    metric: Metric = "cosine",
    standardize: bool | None = None,
) -> Rows:
    """Choose the rows of a library; see `cueline.workbench.likeness.moments_like` for the rules.

    Raises:
        OptionError: If no column has a wanted name, or `per` is too short a length.
        StoreError: If no asset has the track with a row in it, or none has the label track.
    """
    made = _made(store, track, per if isinstance(per, str) else "shots")
    sample = _sample(store, made, track)
    if not sample:
        there = sorted({name for names in store.all_track_names().values() for name in names})
        known = ", ".join(there) or "none"
        raise StoreError(f"no asset has a track {track!r} with rows; there are: {known}.{near_miss(track, there)}")
    if per is None:
        per = _usual(sample, made)
    if isinstance(per, str) and per and not any(per in tracks for tracks in made.values()):
        raise StoreError(f"rows of {track!r} cannot be pooled per {per!r}: no asset has such a track. Analyse it first")
    if not isinstance(per, str) and not _SHORTEST_SECONDS <= per < np.inf:
        raise OptionError(f"rows are pooled over windows of {_SHORTEST_SECONDS} s or more, got {per}")
    names = _matching(sample[0].columns, columns, track) if columns else sample[0].columns
    if standardize is None:
        standardize = bool(sample[0].columns)
    if not isinstance(per, str) or not per:
        made = {asset: {track: tracks[track]} for asset, tracks in made.items()}
    return Rows(store, made, Comparison(track, _named(per), names, metric, standardize), per)


def opened(rows: Rows, *, told: Told | None = None, watch: Watched | None = None) -> tuple[Matrix, Path | None]:
    """The matrix of rows, read or built anew, and the folder where it is kept; None where it cannot be.

    Args:
        rows: Of a library.
        told: Hears what is built, and why, in a line.
        watch: Hears how building goes: assets done, of how many.

    Raises:
        StoreError: If tracks differ in width or columns, or nothing can be written.
    """
    told = told or _unheard
    signature = rows.signature
    folder = _folder(rows.store)
    if folder is not None:
        try:
            return read_matrix(folder, rows.comparison, signature), folder
        except StoreError as error:
            why = _why(error) if folder.is_dir() and any(folder.glob("*.arrow")) else "for the first time"
            told(f"{rows.comparison.track} of {len(rows.made)} assets is made ready for comparing: {why}")
        if os.access(folder if folder.exists() else folder.parent, os.W_OK):
            return build_matrix(folder, rows.comparison, signature, rows.each(watch)), folder
        told("the library may not be written, so this is done again at every search")
    with tempfile.TemporaryDirectory(prefix="cueline-") as aside:  # what is mapped stays, though its name goes
        return build_matrix(Path(aside), rows.comparison, signature, rows.each(watch)), None


def indexed(matrix: Matrix, folder: Path | None, *, told: Told | None = None) -> LanceIndex:
    """The index of a matrix, opened or built anew.

    Raises:
        MissingExtraError: If LanceDB is not installed.
        StoreError: If there is no folder to keep it in, or too few rows.
    """
    if folder is None:
        raise StoreError("an index is kept in the folder of a library that may be written; this one may not. Use exact")
    try:
        return open_index(folder, matrix)
    except StoreError as error:
        if told:
            told(f"{len(matrix)} rows of {matrix.comparison.track} are indexed: {_why(error)}")
    return build_index(folder, matrix)


def worth_an_index(matrix: Matrix, folder: Path | None) -> bool:
    """Whether there are so many rows that an index pays, and it can be had."""
    return len(matrix) > INDEXED_ROWS and folder is not None and not registry.missing_imports(LanceIndex)


def feature_track(store: Store, asset: str, name: str) -> FeatureTrack:
    """A track of numbers.

    Raises:
        StoreError: If there is none of that name, or it is a label track.
    """
    track = store.track(asset, name)
    if not isinstance(track, FeatureTrack):
        raise StoreError(f"numbers are compared, and {name!r} is a label track. Name a feature track", asset=asset)
    return track


def chosen(track: FeatureTrack, columns: Sequence[str]) -> FeatureTrack:
    """A track with some of its columns; all where none is named.

    Raises:
        StoreError: If it lacks one.
    """
    if not columns or tuple(columns) == track.columns:
        return track
    lacking = sorted(set(columns) - set(track.columns))
    if lacking:
        raise StoreError(
            f"all tracks compared must have the same columns, and {track!r} has no {lacking[0]!r}. Analyse again"
        )
    values = track.values[:, [track.columns.index(column) for column in columns]]
    return FeatureTrack(track.spans, values, tuple(columns), track.stream)


def with_content(track: FeatureTrack) -> FeatureTrack:
    """A track without the rows that hold a number that is none."""
    whole = np.isfinite(track.values).all(axis=1)
    if whole.all():
        return track
    return FeatureTrack(track.spans[whole], track.values[whole], track.columns, track.stream)


def average(track: FeatureTrack, span: Span | None) -> Numbers:
    """The mean of rows, shape (D,), float64.

    Args:
        track: Of any length.
        span: Rows whose middle lies in it, or, in a span so short that there is none, those that overlap it; all
            rows where it is None.

    Raises:
        TimelineError: If there is no row with content.
    """
    inside = track if span is None else track.crop(span, place="middle")
    if span is not None and not len(inside):
        inside = track.crop(span)
    inside = with_content(inside)
    if not len(inside):
        when = "" if span is None else f" from {span.start} s to {span.end} s"
        raise TimelineError(f"an example needs a row with content, got none in {track!r}{when}. Take a longer span")
    mean: Numbers = inside.values.mean(axis=0, dtype=np.float64)
    return mean


def _made(store: Store, track: str, per: str) -> Made:
    """Provenance of two tracks, of the assets that have the first and that some file holds, in order of id."""
    if isinstance(store, LibraryStore):  # two questions instead of one for each of 10,000 films
        query = "SELECT asset, name, provenance FROM tracks WHERE name IN (?, ?)"
        found: list[tuple[str, str, str]] = store.sql(query, (track, per))[1]
        here = {asset for (asset,) in store.sql("SELECT DISTINCT asset FROM locations")[1]}
    else:
        names = ((asset, name) for asset, given in store.all_track_names().items() for name in given)
        found = [(id_, name, store.provenance(id_, name).to_json()) for id_, name in names if name in (track, per)]
        here = set(homes(store.places()))
    made: dict[str, dict[str, str]] = {}
    for asset, name, provenance in sorted(found):
        made.setdefault(asset, {})[name] = provenance
    return {asset: tracks for asset, tracks in made.items() if track in tracks and asset in here}


def _sample(store: Store, made: Made, track: str) -> list[FeatureTrack]:
    """The first tracks that have rows."""
    sample: list[FeatureTrack] = []
    for asset in made:
        found = feature_track(store, asset, track)
        if len(found):
            sample.append(found)
        if len(sample) == _LOOKED_AT:
            break
    return sample


def _usual(sample: Sequence[FeatureTrack], made: Made) -> str | float:
    """What a row stands for where nobody says."""
    steps = sum(len(track) - 1 for track in sample)
    seconds = sum(float(track.spans[-1, 0] - track.spans[0, 0]) for track in sample)
    if steps <= BUSY_ROWS * seconds:
        return ""
    return "shots" if all("shots" in tracks for tracks in made.values()) else WINDOW_SECONDS


def _matching(columns: tuple[str, ...], patterns: Sequence[str], track: str) -> tuple[str, ...]:
    """Names of columns that patterns with * mean, in the order of the track."""
    for pattern in patterns:
        if not any(fnmatchcase(column, pattern) for column in columns):
            raise OptionError(
                f"no column of {track!r} is called {pattern!r}; there are: {', '.join(columns) or 'none with a name'}."
                f"{near_miss(pattern, columns)}"
            )
    return tuple(column for column in columns if any(fnmatchcase(column, pattern) for pattern in patterns))


def _named(per: str | float) -> str:
    return per if isinstance(per, str) else f"{per:g} s"


def _folder(store: Store) -> Path | None:
    return store.path / INDEX if isinstance(store, LibraryStore) else None


def _unheard(line: str) -> None:
    """Where nobody listens."""


def _why(error: StoreError) -> str:
    return str(error).removesuffix("; build it anew")
