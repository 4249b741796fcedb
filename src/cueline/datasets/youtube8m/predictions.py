"""Predictions: the best classes of each video with their scores, as files that others read.

    .csv      `VideoId,LabelConfidencePairs`, the official form: rows `id,label score label score ...`, the best first,
              scores as `%g` writes them (six digits); 20 pairs a row by custom
    .npz      `classes` int (N, K), `scores` float (N, K), falling; `ids` where there are any
    .parquet  columns `id`, `classes`, `scores`: lists

Where a row has fewer classes than others, arrays hold -1 in the place of a class. Rows of the CSV may come unsorted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from cueline.datasets.youtube8m.arrays import read_npz
from cueline.datasets.youtube8m.files import UNREADABLE, opened, placed_whole
from cueline.datasets.youtube8m.skipping import Skipped, refuse
from cueline.errors import FormatError, TimelineError
from cueline.timeline.toplists import TopLists

HEAD = ("VideoId", "LabelConfidencePairs")
_SUFFIXES = (".csv", ".npz", ".parquet")


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a file of predictions says.

    Attributes:
        ids: Of the videos, length N; empty where the file has none.
        top: Their best classes.
    """

    ids: Sequence[str]
    top: TopLists


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Rows of any length, one after the other."""

    lengths: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float64]


def write_predictions(path: str | Path, ids: Sequence[str], top: TopLists) -> None:
    """Write predictions in the form that the name ends with; the file appears whole or not at all.

    Args:
        path: .csv, .npz or .parquet; a file there is replaced.
        ids: Of the videos, length N, or empty: then rows go by their numbers in a CSV.
        top: Their best classes.

    Raises:
        FormatError: If the name ends otherwise.
        TimelineError: If there are not as many ids as rows.
    """
    path = Path(path)
    if len(ids) not in (0, len(top)):
        raise TimelineError(f"predictions need one id a row, got {len(ids)} for {len(top)} rows")
    suffix = _suffix(path)
    with placed_whole(path) as aside:
        if suffix == ".csv":
            with aside.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(HEAD)
                writer.writerows(zip(ids if len(ids) else map(str, range(len(top))), _texts(top), strict=True))
        elif suffix == ".npz":
            named = {"ids": np.array(ids, np.str_)} if len(ids) else {}
            with aside.open("wb") as stream:
                np.savez(stream, allow_pickle=False, classes=top.classes, scores=top.scores, **named)
        else:
            pq.write_table(_table(ids, top), aside)


def read_predictions(path: str | Path, *, width: int, skipped: Skipped | None = None) -> Predictions:
    """Predictions of a file.

    Args:
        path: .csv (plain or gzip), .npz or .parquet.
        width: C, how many classes there are.
        skipped: Where to note bad rows of a CSV; without it the first one is an error.

    Raises:
        FormatError: If the file is none of these, or a row has a class out of range or twice, a score that is not
            finite, or a pair that is none; the message names file and line or row.
    """
    path = Path(path)
    suffix = _suffix(path)
    if suffix == ".csv":
        return _read_csv(path, width, skipped)
    try:
        return _read_npz(path, width) if suffix == ".npz" else _read_parquet(path, width)
    except TimelineError as error:
        raise FormatError(f"{error} of '{path}'", path=path) from error
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"'{path}' must be a Parquet table of lists, whole: {error}", path=path) from error


def _suffix(path: Path) -> str:
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix not in _SUFFIXES:
        raise FormatError(f"predictions are {', '.join(_SUFFIXES)}, got '{path}'", path=path)
    return suffix


def _texts(top: TopLists) -> Iterator[str]:
    """The pairs of each row."""
    pairs = np.empty((len(top), 2 * top.depth), object)
    pairs[:, ::2], pairs[:, 1::2] = top.classes.tolist(), top.scores.tolist()
    for row, used in zip(pairs.tolist(), np.count_nonzero(top.classes >= 0, axis=1).tolist(), strict=True):
        yield ("%d %g " * used)[:-1] % tuple(row[: 2 * used])


def _table(ids: Sequence[str], top: TopLists) -> pa.Table:
    used = top.classes >= 0
    offsets = pa.array(np.concatenate(([0], np.cumsum(used.sum(axis=1)))), pa.int32())
    columns = {
        "id": pa.array(list(ids), pa.string()) if len(ids) else pa.nulls(len(top), pa.string()),
        "classes": pa.ListArray.from_arrays(offsets, pa.array(top.classes[used].astype(np.int32))),
        "scores": pa.ListArray.from_arrays(
            offsets, pa.array(top.scores[used].astype(np.promote_types(top.scores.dtype, np.float32)))
        ),
    }
    return pa.table(columns)


def _read_csv(path: Path, width: int, skipped: Skipped | None) -> Predictions:
    ids: list[str] = []
    rows: list[list[str]] = []
    with opened(path) as stream:
        reader = csv.reader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
        try:
            head = next(reader, [])
            if tuple(head) != HEAD:
                raise FormatError(f"predictions begin with {','.join(HEAD)}, got {head!r:.80} in '{path}'", path=path)
            for row in reader:
                try:
                    words = _words(row, width)
                except FormatError as error:
                    refuse(FormatError(f"{error} in line {reader.line_num} of '{path}'", path=path), skipped)
                    continue
                ids.append(row[0])
                rows.append(words)
        except (csv.Error, UnicodeDecodeError, *UNREADABLE) as error:
            told = FormatError(f"{error} near line {reader.line_num} of '{path}'", path=path)
            refuse(told, skipped)
    words = [word for row in rows for word in row]
    lengths = np.array([len(row) // 2 for row in rows], np.int64)
    pairs = _Pairs(lengths, np.array(words[::2], np.int64), np.array(words[1::2], np.float64))
    return Predictions(ids, _lists(pairs, width))


def _words(row: list[str], width: int) -> list[str]:
    """The pairs of a row as text, checked."""
    if len(row) != 2:
        raise FormatError(f"a row has an id and pairs, got {len(row)} fields")
    words = row[1].split()
    if len(words) % 2:
        raise FormatError(f"labels and scores come in pairs, got {len(words)} of them")
    classes, scores = words[::2], words[1::2]
    try:
        numbers, values = [int(word) for word in classes], [float(word) for word in scores]
    except ValueError as error:
        raise FormatError(f"a pair is a class and a score: {error}") from error
    strange = [number for number in numbers if not 0 <= number < width]
    if strange:
        raise FormatError(f"classes must lie in 0 to {width - 1}, got {strange[0]}")
    if len(set(numbers)) < len(numbers):
        raise FormatError("a row has a class once, got one twice")
    if not np.isfinite(values).all():
        raise FormatError("scores must be finite, got NaN or infinity")
    return words


def _lists(pairs: _Pairs, width: int) -> TopLists:
    """Lists of rows of any length, the best first; of equal scores the one that came first."""
    rows = np.repeat(np.arange(len(pairs.lengths)), pairs.lengths)
    order = np.lexsort((-pairs.scores, rows))
    starts = np.cumsum(pairs.lengths) - pairs.lengths
    places = np.arange(len(rows)) - np.repeat(starts, pairs.lengths)
    shape = (len(pairs.lengths), int(pairs.lengths.max(initial=0)))
    classes, scores = np.full(shape, -1, np.int32), np.zeros(shape)
    classes[rows, places] = pairs.classes[order]
    scores[rows, places] = pairs.scores[order]
    return TopLists(classes, scores, width)


def _read_npz(path: Path, width: int) -> Predictions:
    arrays = read_npz(path)
    missing = {"classes", "scores"} - arrays.keys()
    if missing:
        raise FormatError(f"predictions have arrays classes and scores, got {sorted(arrays)} in '{path}'", path=path)
    ids = [str(each) for each in arrays["ids"].tolist()] if "ids" in arrays else []
    top = TopLists(arrays["classes"], arrays["scores"], width)
    if len(ids) not in (0, len(top)):
        raise FormatError(f"predictions need one id a row, got {len(ids)} for {len(top)} in '{path}'", path=path)
    return Predictions(ids, top)


def _read_parquet(path: Path, width: int) -> Predictions:
    table = pq.read_table(path, partitioning=None).combine_chunks()
    missing = {"classes", "scores"} - set(table.column_names)
    if missing:
        have = ", ".join(table.column_names)
        raise FormatError(f"predictions have columns classes and scores, got {have} in '{path}'", path=path)
    lengths = _lengths(table.column("classes"))
    flat: dict[str, Any] = {name: table.column(name).combine_chunks().flatten() for name in ("classes", "scores")}
    if lengths != _lengths(table.column("scores")) or any(each.null_count for each in flat.values()):
        raise FormatError(f"each class must have a score in '{path}'", path=path)
    classes = flat["classes"].cast(pa.int64()).to_numpy()
    scores = flat["scores"].cast(pa.float64()).to_numpy()
    top = _lists(_Pairs(np.array(lengths, np.int64), classes, scores), width)
    names = table.column("id") if "id" in table.column_names else None
    return Predictions([] if names is None or names.null_count else [str(each) for each in names.to_pylist()], top)


def _lengths(column: Any) -> list[int]:
    lengths: list[int] = pa.compute.list_value_length(column).fill_null(0).to_pylist()
    return lengths
