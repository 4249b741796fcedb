"""Parquet: every label of every asset in one table that data frames and SQL engines read, exactly.

`labels.parquet` has a row for each label; `tracks.parquet` beside it a row for each label track, also for one without
labels: its stream, the classes that were looked for, the spans that were judged, and its provenance as JSON. With
`features`, `features/TRACK/ASSET.parquet` holds each feature track, so that a folder is one table to most readers: a
row has `asset`, `start`, `end`, and a column for each named number, or one vector `values` where numbers have no names.

The schema of each file says `cueline.schema` and `cueline.version` in its metadata. Rows are written in groups, so that
memory does not grow with the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cueline.errors import FormatError, TimelineError
from cueline.exporters.naming import FileNames, placed_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack

SCHEMA = "cueline.labels"
VERSION = "1"
GROUP_ROWS = 100_000
NEEDED = ("start", "end", "name")
_GROUPS = pa.map_(pa.string(), pa.string())
_SPANS = pa.list_(pa.list_(pa.float64(), 2))
_MARK = {"cueline.schema": SCHEMA, "cueline.version": VERSION}
_CLOCK = [("asset", pa.string()), ("start", pa.float64()), ("end", pa.float64())]
LABELS = pa.schema(
    [
        *(("asset", pa.string()), ("file", pa.string()), ("groups", _GROUPS), ("track", pa.string())),
        *(("start", pa.float64()), ("end", pa.float64()), ("name", pa.string()), ("score", pa.float64())),
    ],
    _MARK,
)
TRACKS = pa.schema(
    [
        *(("asset", pa.string()), ("file", pa.string()), ("track", pa.string()), ("stream", pa.string())),
        *(("classes", pa.list_(pa.string())), ("judged", _SPANS), ("provenance", pa.string())),
    ],
    _MARK,
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parquet:
    """Tables of labels and tracks, of features on request, for pandas, Polars, DuckDB and Spark.

    Attributes:
        features: Also write each feature track, a file for each asset.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".parquet"
    keeps: ClassVar[str] = (
        "Keeps every label exactly, groups of assets, the stream of each track, the classes that were looked for, what "
        "was judged, provenance, and feature tracks on request; loses what else is known of the media, and pictures."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    brings: ClassVar[str] = "Labels of a table with columns start, end, name, and asset or file, track, score if given."

    features: bool = False

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write the tables of all sources.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written; the two tables also when there was nothing to put in them.

        Raises:
            FormatError: If a column of a feature track has a name that its table needs for the clock.
        """
        written = [folder / "labels.parquet", folder / "tracks.parquet"]
        shelves, folders = dict[str, FileNames](), FileNames("")
        places: dict[str, Path] = {}
        with ExitStack() as whole:
            labels = whole.enter_context(_written_table(written[0], LABELS))
            tracks = whole.enter_context(_written_table(written[1], TRACKS))
            for source in sources:
                for name, track in sorted(source.record.tracks.items()):
                    if isinstance(track, LabelTrack):
                        labels.add(_label_rows(source, name, track))
                        tracks.add(pa.Table.from_pylist([_track_row(source, name, track)], TRACKS))
                    elif self.features:
                        if name not in shelves:
                            shelves[name] = FileNames(self.suffix)
                            places[name] = folder / "features" / folders.called(name)
                        written.append(places[name] / shelves[name].of(source))
                        _write_features(written[-1], source, name, track)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read labels; those that `export` wrote come back exactly where `tracks.parquet` lies beside them.

        Args:
            path: A table with the columns `start`, `end`, `name`; of others, `asset` or else `file` tells the media,
                `track` the track, `score` the score.

        Yields:
            The labels of each medium and track, in order of their first rows.

        Raises:
            FormatError: If it is no Parquet, a column is missing, or a value cannot be; says where.
        """
        try:
            with pq.ParquetFile(path) as table:
                ours = (table.schema_arrow.metadata or {}).get(b"cueline.schema") == SCHEMA.encode()
                found = _labels_of(table, path)
            about = _about(path.with_name("tracks.parquet")) if ours else {}
        except pa.ArrowException as error:
            raise FormatError(f"{str(path)!r} must be a Parquet table, got {error}", path=path) from error
        for media, track in dict.fromkeys([*about, *found]):
            rows = found.get((media, track), _Labels())
            try:
                labels = LabelTrack(
                    as_spans(np.column_stack((rows.starts, rows.ends))),
                    tuple(rows.names),
                    np.array(rows.scores),
                    **about.get((media, track), {}),
                )
            except TimelineError as error:
                raise FormatError(
                    f"labels of {media!r}, track {track!r}, in {str(path)!r} cannot be: {error}", path=path
                ) from error
            yield Brought(media, track, labels)


@dataclass(slots=True)
class _Table:
    """A table on its way to disk, a group of rows in memory."""

    writer: pq.ParquetWriter
    parts: list[pa.Table] = field(default_factory=list)
    count: int = 0

    def add(self, part: pa.Table) -> None:
        self.parts.append(part)
        self.count += len(part)
        if self.count >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        if self.count:
            self.writer.write_table(pa.concat_tables(self.parts), row_group_size=GROUP_ROWS)
        self.parts.clear()
        self.count = 0


@contextmanager
def _written_table(path: Path, schema: pa.Schema) -> Iterator[_Table]:
    with placed_whole(path) as aside, pq.ParquetWriter(aside, schema) as writer:
        table = _Table(writer)
        yield table
        table.flush()


def _label_rows(source: Source, name: str, track: LabelTrack) -> pa.Table:
    asset, count = source.record.asset, len(track)
    groups = [(_text(kind), _text(group)) for kind, group in asset.groups.items()]
    return pa.table(
        [
            *(pa.repeat(_text(text), count) for text in (asset.id, source.name)),
            pa.array([groups] * count, _GROUPS),
            pa.repeat(_text(name), count),
            *(track.spans[:, 0].copy(), track.spans[:, 1].copy()),
            pa.array([_text(label) for label in track.names], pa.string()),
            track.scores,
        ],
        schema=LABELS,
    )


def _track_row(source: Source, name: str, track: LabelTrack) -> Row:
    made = source.record.provenance.get(name)
    return {
        "asset": _text(source.record.asset.id),
        "file": _text(source.name),
        "track": _text(name),
        "stream": _text(track.stream),
        "classes": [_text(label) for label in track.classes],
        "judged": track.judged.tolist(),
        "provenance": None if made is None else _text(made.to_json()),
    }


def _write_features(path: Path, source: Source, name: str, track: FeatureTrack) -> None:
    taken = sorted({column for column, _ in _CLOCK} & set(track.columns))
    if taken:
        raise FormatError(
            f"a column of features must not be called {taken[0]!r}, as the clock of the table is, got one in track "
            f"{name!r} of {source.name!r}. Rename it in the plug-in that gives the track.",
            asset=source.record.asset.id,
        )
    kind, width = pa.from_numpy_dtype(track.values.dtype), track.values.shape[1]
    vectors = [("values", pa.list_(kind, width))] if width else []
    columns = [(_text(column), kind) for column in track.columns] or vectors
    schema = pa.schema(
        [*_CLOCK, *columns], {**_MARK, "cueline.track": _text(name), "cueline.stream": _text(track.stream)}
    )
    with placed_whole(path) as aside, pq.ParquetWriter(aside, schema) as writer:
        for first in range(0, len(track), GROUP_ROWS):
            spans, values = track.spans[first : first + GROUP_ROWS], track.values[first : first + GROUP_ROWS]
            whole = [pa.FixedSizeListArray.from_arrays(values.ravel(), width)] if vectors else []
            arrays = [np.ascontiguousarray(column) for column in values.T] if track.columns else whole
            assets = pa.repeat(_text(source.record.asset.id), len(spans))
            writer.write_table(pa.table([assets, spans[:, 0].copy(), spans[:, 1].copy(), *arrays], schema))


@dataclass(slots=True)
class _Labels:
    """Labels of one track while a table is read."""

    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


def _labels_of(table: pq.ParquetFile, path: Path) -> dict[tuple[str, str], _Labels]:
    has = table.schema_arrow.names
    missing = [column for column in NEEDED if column not in has]
    if missing:
        raise FormatError(
            f"{str(path)!r} must have a column {missing[0]!r}; it has: {', '.join(has) or 'none'}. Rename its columns.",
            path=path,
        )
    wanted = [column for column in LABELS.names if column in has and column != "groups"]
    media = next((column for column in ("asset", "file") if column in has), "")
    found: dict[tuple[str, str], _Labels] = {}
    for batch in table.iter_batches(columns=wanted):
        columns = pa.Table.from_batches([batch]).cast(pa.schema([LABELS.field(name) for name in batch.schema.names]))
        for row in columns.to_pylist():
            labels = found.setdefault((row.get(media) or "", row.get("track") or ""), _Labels())
            labels.starts.append(row["start"])
            labels.ends.append(row["end"])
            labels.names.append(row["name"] or "")
            labels.scores.append(row.get("score", 1.0))
    return found


def _about(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """Classes and judged spans of each track, from the table of tracks where it is there."""
    if not path.is_file():
        return {}
    columns = ["asset", "track", "classes", "judged"]
    return {
        (row["asset"], row["track"]): {"classes": tuple(row["classes"]), "judged": as_spans(row["judged"])}
        for row in pq.read_table(path, columns=columns).to_pylist()
    }


def _text(text: str) -> str:
    """Text as UTF-8 can hold it; what is not valid Unicode, as from a file name that is not UTF-8, becomes escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
