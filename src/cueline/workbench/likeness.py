"""Moments like an example: a span of a film in the library, or a picture, a sound or a film from outside.

An example becomes one vector, the mean of its rows of a feature track, and is compared with every row of that track in
the library. What the numbers of the track mean decides what "like" means: `color` finds light and colours in the same
places, a track of sound finds the same sounds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, get_args

from cueline.errors import OptionError, near_miss
from cueline.ports import Engine, Store, Watch
from cueline.stores.vectors import Matrix, Metric, Neighbours, Numbers
from cueline.timeline.spans import Span
from cueline.workbench.comparing import (
    Rows,
    Told,
    Watched,
    average,
    chosen,
    feature_track,
    indexed,
    opened,
    rows_to_compare,
    worth_an_index,
)
from cueline.workbench.specimens import recipe, specimen

Index = Literal["auto", "exact", "lance"]
_MORE = 4  # times as many rows are fetched, since neighbours of one moment overlap


@dataclass(frozen=True, slots=True)
class Example:
    """What moments are to be like.

    Attributes:
        source: Id of an asset of the library, or the path of any film, sound or picture.
        span: The part of it that is meant, in seconds; None for all of it, as one mean.
    """

    source: str | Path
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Something like an example.

    Attributes:
        asset: Id of the asset.
        span: Seconds.
        score: Cosine similarity in [-1, 1], or 1 / (1 + distance) in (0, 1].
    """

    asset: str
    span: Span
    score: float


class Searcher(Protocol):
    """What gives the nearest rows: `Matrix`, or `LanceIndex`."""

    def nearest(
        self, vectors: Numbers, count: int, *, assets: Collection[str] | None = None, within: Span | None = None
    ) -> list[Neighbours]:
        """For each vector at most so many rows, the nearest first."""
        ...


def moments_like(
    store: Store,
    example: Example,
    track: str,
    *,
    per: str | float | None = None,
    columns: Sequence[str] = (),
    metric: Metric = "cosine",
    standardize: bool | None = None,
    assets: Collection[str] | None = None,
    within: Span | None = None,
    count: int = 20,
    index: Index = "auto",
    own: bool = False,
    engine: Engine | None = None,
    watch: Watch | None = None,
    told: Told | None = None,
    building: Watched | None = None,
) -> list[Moment]:
    """Find moments like an example, the most alike first.

    Named columns mean different things: levels, rates, decibels. Raw, the largest would decide alone, and where all are
    above zero every cosine is near 1. So they are standardised over the library: a cosine then says whether two moments
    differ from the usual in the same way. The numbers of an embedding have no names and one scale, and stay so.

    Args:
        store: The library.
        example: What moments are to be like. A file from outside is analysed as the library was.
        track: A feature track, such as "color".
        per: What one moment is: a row of a label track, such as "shots"; so many seconds; or "" for a row of the track.
            Where it is None, tracks of more than two rows a second are pooled: per shot if every asset has shots, else
            over windows of 2 s.
        columns: Names or patterns with *, such as "luma_*", to compare only these; all where none is given. For a
            picture or a part of a shot leave out what tells of change: a shot's mean holds the change at its cut.
        metric: "cosine" compares what is unusual whatever its strength, "euclidean" the strength as well.
        standardize: Bring each column to mean 0 and deviation 1 over the library; None for columns with names alone.
        assets: Only moments of these.
        within: Only moments that overlap this window of their asset.
        count: At most so many.
        index: "exact" looks at every row; "lance" uses the index of LanceDB; "auto" uses it above 200,000 rows, where
            the extra is installed: below that, looking at every row of 512 numbers takes 40 ms and misses nothing.
        own: Also give moments that overlap the example itself.
        engine: Where a file from outside is analysed; a worker on this machine where none is given.
        watch: Hears how that goes.
        told: Hears, in a line, what else is done: what is built and why, what cannot be compared.
        building: Hears how building goes: assets done, of how many.

    Returns:
        Moments that do not overlap one another within an asset: of those that do, the most alike stays.

    Raises:
        OptionError: If an option cannot be, or no column has a wanted name.
        StoreError: If no asset has the track, or the library or its index cannot be read or written.
        MediaError: If a file from outside cannot be analysed, or has nothing for the track.
        TimelineError: If the example has no content, or no direction to compare.
        MissingExtraError: If the index is wanted and LanceDB is not installed.
    """
    if index not in get_args(Index):
        known = get_args(Index)
        raise OptionError(f"index is one of {', '.join(known)}, got {index!r}.{near_miss(index, known)}")
    if count < 1:
        raise OptionError(f"at least 1 moment must be asked for, got {count}")
    rows = rows_to_compare(store, track, per=per, columns=columns, metric=metric, standardize=standardize)
    for line in _warnings(rows):
        if told:
            told(line)
    asset, vector = _seen(rows, example, engine, watch)
    matrix, folder = opened(rows, told=told, watch=building)
    searcher: Searcher = matrix
    if index == "lance" or (index == "auto" and worth_an_index(matrix, folder)):
        searcher = indexed(matrix, folder, told=told)
    spared = None if own else (asset, example.span)
    return _gathered(matrix, searcher, vector, count, assets=assets, within=within, spared=spared)


def _warnings(rows: Rows) -> Iterator[str]:
    """What the person should know of what is compared."""
    name, ways = rows.comparison.track, rows.ways
    if len(ways) > 1:
        counts = ", ".join(map(str, sorted(ways.values(), reverse=True)))
        yield (
            f"{name} was made in {len(ways)} ways (of {counts} assets), and what was made in different ways may not be "
            "comparable. Analyse the library again"
        )
    if isinstance(rows.per, str) and rows.per:
        without = sum(rows.per not in tracks for tracks in rows.made.values())
        if without:
            yield f"{without} of {len(rows.made)} assets have no track {rows.per!r}, and are not compared"


def _seen(rows: Rows, example: Example, engine: Engine | None, watch: Watch | None) -> tuple[str, Numbers]:
    """Id and vector of an example."""
    name, columns = rows.comparison.track, rows.comparison.columns
    if isinstance(example.source, str):
        track = chosen(feature_track(rows.store, example.source, name), columns)
        return example.source, average(track, example.span)
    usual = rows.ways.most_common(1)[0][0]
    model = next(asset for asset, tracks in rows.made.items() if tracks[name] == usual)
    steps = recipe(rows.store, model, name)
    found = specimen(example.source, steps, name, columns=columns, span=example.span, engine=engine, watch=watch)
    return found.asset, found.vector


def _gathered(
    matrix: Matrix,
    searcher: Searcher,
    vector: Numbers,
    count: int,
    *,
    assets: Collection[str] | None,
    within: Span | None,
    spared: tuple[str, Span | None] | None,
) -> list[Moment]:
    """The best moments that do not overlap; more rows are fetched until there are enough, or no more."""
    wanted = _MORE * count
    while True:
        (found,) = searcher.nearest(vector[None], wanted, assets=assets, within=within)
        moments = _apart(_moments(matrix, found), spared, count)
        if len(moments) == count or len(found.rows) < wanted:
            return moments
        wanted *= _MORE


def _moments(matrix: Matrix, found: Neighbours) -> Iterator[Moment]:
    for row, score in zip(found.rows.tolist(), found.scores.tolist(), strict=True):
        start, end = matrix.spans[row].tolist()
        yield Moment(matrix.asset_of(row), Span(start, end), score)


def _apart(ordered: Iterable[Moment], spared: tuple[str, Span | None] | None, count: int) -> list[Moment]:
    """The first moments that overlap neither one before them nor what is spared."""
    kept: list[Moment] = []
    taken: dict[str, list[Span]] = {}
    for moment in ordered:
        if spared and moment.asset == spared[0] and (spared[1] is None or _meet(moment.span, spared[1])):
            continue
        spans = taken.setdefault(moment.asset, [])
        if not any(_meet(moment.span, span) for span in spans):
            spans.append(moment.span)
            kept.append(moment)
        if len(kept) == count:
            break
    return kept


def _meet(first: Span, second: Span) -> bool:
    """Whether two spans overlap; an instant meets what it lies in."""
    return first.overlaps(second) or first.start in second or second.start in first
