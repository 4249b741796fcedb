"""From whatever form YouTube-8M comes in to rows in memory, or to the compact form on disk.

`rows_of` finds out what a path is: official TFRecords, the course's CSV, Parquet, a .npy array of features with a
file of labels, or a compact form. `convert` writes the compact form once; `read_examples` gives what learners see.
Arrays need not be YouTube-8M's: rows of another width are one part, `features`, about the classes that labels show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cueline.datasets.youtube8m.arrays import blocks, read_features
from cueline.datasets.youtube8m.building import Builder, Dtype
from cueline.datasets.youtube8m.compact import HEAD, Compact, open_compact
from cueline.datasets.youtube8m.course import read_course
from cueline.datasets.youtube8m.files import Source, files_of, kind_of
from cueline.datasets.youtube8m.labels import LabelFile, read_labels
from cueline.datasets.youtube8m.official import Level, read_tfrecords
from cueline.datasets.youtube8m.rows import CLASSES, PARTS, VideoRows, joined
from cueline.datasets.youtube8m.skipping import Skipped, refuse
from cueline.datasets.youtube8m.tables import read_tables
from cueline.errors import FormatError, OptionError
from cueline.timeline.examples import Examples, LabelLists

_READERS = {"csv": read_course, "parquet": read_tables}


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of a conversion.

    Attributes:
        compact: The form.
        skipped: What was left out; empty unless bad rows may be.
    """

    compact: Compact
    skipped: Skipped

    def __str__(self) -> str:
        """What a person reads."""
        rows = f"{len(self.compact):,} rows, {self.compact.classes:,} classes in '{self.compact.folder}'"
        return f"{rows}; {self.skipped}" if self.skipped else rows


def convert(
    source: Source,
    folder: str | Path,
    *,
    labels: str | Path | None = None,
    classes: int | None = None,
    parts: Mapping[str, int] | None = None,
    level: Level | None = None,
    dtype: Dtype | None = None,
    skip_bad: bool = False,
    replace: bool = False,
    told: Callable[[int], None] | None = None,
) -> Conversion:
    """Write the compact form of a data set in one pass, in bounded memory.

    Args:
        source: A file, a folder of shards or a pattern: .tfrecord, .csv, .parquet (or .gz of the first two), or .npy.
        folder: Where the form shall lie; it appears whole or not at all.
        labels: The labels of a .npy file.
        classes: C; None for YouTube-8M's 3,862, or for what the labels of an array show, as `read_examples`.
        parts: What a row consists of, and how many numbers each part has; None for YouTube-8M's, or, where the rows of
            an array have another width, for `features` alone.
        level: Of TFRecords; None for what the first record is.
        dtype: How numbers are kept; None for as they come: uint8 of bytes, else float32.
        skip_bad: Whether bad rows are left out and counted, instead of ending the conversion.
        replace: Whether a form that lies there may be replaced.
        told: Called with the number of rows so far after each batch.

    Raises:
        FormatError: If a file cannot be read, or has a bad row that may not be left out.
        OptionError: If something lies there already.
    """
    skipped = Skipped()
    parts, classes = _shape_of(source, labels, parts, classes)
    rows = rows_of(source, labels, classes=classes, parts=parts, level=level, skipped=skipped if skip_bad else None)
    with Builder(folder, parts=parts, classes=classes, dtype=dtype, replace=replace) as builder:
        for batch in rows:
            builder.put(batch)
            if told is not None:
                told(builder.rows)
    return Conversion(builder.compact, skipped)


def rows_of(
    source: Source,
    labels: str | Path | None = None,
    *,
    classes: int = CLASSES,
    parts: Mapping[str, int] = PARTS,
    level: Level | None = None,
    skipped: Skipped | None = None,
) -> Iterator[VideoRows]:
    """Rows of a data set, in batches, by what its files are called.

    Args:
        source: As for `convert`.
        labels: The labels of a .npy file.
        classes: C.
        parts: What a row consists of.
        level: Of TFRecords.
        skipped: Where to note bad rows; without it the first one is an error.

    Raises:
        FormatError: If the files are of several kinds, or of none that is known, or bad.
        OptionError: If labels are given beside files that hold their own.
    """
    files = files_of(source)
    kinds = {kind_of(path) for path in files}
    kind = kinds.pop() if len(kinds) == 1 else None
    if kind is None:
        raise FormatError(f"files must all be .tfrecord, .csv, .parquet or .npy, got '{files[0]}'", path=files[0])
    if kind == "npy":
        if len(files) > 1 or labels is None:
            raise FormatError(
                f"features in .npy are one file, with a file of labels, got '{files[0]}'"
                + (f" and {len(files) - 1} more" if len(files) > 1 else " alone. Name the labels with --labels."),
                path=files[0],
            )
        return _array_rows(files[0], _judged_labels(Path(labels), classes), Path(labels), parts, skipped)
    if labels is not None:
        raise OptionError(f"'{files[0]}' holds labels of its own; give none beside it")
    if kind == "tfrecord":
        return read_tfrecords(files, level=level, classes=classes, parts=parts, skipped=skipped)
    return _READERS[kind](files, classes=classes, parts=parts, skipped=skipped)


def read_examples(
    features: str | Path,
    labels: str | Path | None = None,
    *,
    classes: int | None = None,
    skipped: Skipped | None = None,
) -> Examples:
    """Rows to learn from, or to measure or predict on, by what the path is.

    Args:
        features: A .npy array (memory-mapped, as it is kept: bytes stay bytes), a compact form (likewise), or a file,
            folder or pattern of TFRecords, CSV or Parquet, which is read into memory as float32.
        labels: For a .npy array: a file that `read_labels` reads. Without it the rows are about no class, width 0.
        classes: C; None for what the labels show: the columns of a matrix; of lists, YouTube-8M's 3,862 where rows
            have its 1,152 numbers, else one more than the greatest class.
        skipped: Where to note bad rows of text or records; without it the first one is an error. Rows of arrays are
            never left out, since others count on their numbers.

    Raises:
        FormatError: If a file is broken or empty, a feature is not finite, a label is out of range, or features and
            labels have different numbers of rows.
        OptionError: If labels are given beside features that have their own.
    """
    path = Path(features)
    if path.is_file() and kind_of(path) == "npy":
        return _array_examples(path, labels, classes)
    if (path / HEAD).is_file():
        if labels is not None:
            raise OptionError(f"'{path}' holds labels of its own; give none beside it")
        compact = open_compact(path)
        if classes not in (None, compact.classes):
            raise FormatError(f"labels must be about {classes} classes, got {compact.classes} in '{path}'", path=path)
        return compact.examples()
    batches = rows_of(features, labels, classes=CLASSES if classes is None else classes, skipped=skipped)
    try:
        return joined(batches).examples()
    except FormatError as error:
        raise error if error.path else FormatError(f"{error} in '{path}'", path=path) from error


def _shape_of(
    source: Source, labels: str | Path | None, parts: Mapping[str, int] | None, classes: int | None
) -> tuple[Mapping[str, int], int]:
    """Parts and number of classes, where nobody said them: those of YouTube-8M, or what an array shows."""
    files = files_of(source)
    if kind_of(files[0]) != "npy" or labels is None:
        return parts or PARTS, CLASSES if classes is None else classes
    width = read_features(files[0], finite=False).shape[1]
    own = width == sum(PARTS.values())
    if classes is None:
        classes = read_labels(labels, assumed=CLASSES if own else None).labels.width
    return parts or (PARTS if own else {"features": width}), classes


def _judged_labels(path: Path, classes: int) -> LabelFile:
    """Labels that say of every class whether it is there."""
    found = read_labels(path, classes=classes)
    if found.unknown is not None:
        raise FormatError(
            f"a compact form of whole videos holds no column judged, got one in '{path}'. Learn and measure with the "
            "array and its labels, which need no conversion.",
            path=path,
        )
    return found


def _array_examples(path: Path, labels: str | Path | None, classes: int | None) -> Examples:
    values = read_features(path)
    if labels is None:
        return Examples(values, LabelLists.none(len(values), width=0))
    assumed = CLASSES if values.shape[1] == sum(PARTS.values()) else None
    found = read_labels(labels, classes=classes, assumed=assumed)
    _same_rows(len(values), found, path, Path(labels))
    return found.examples(values)


def _array_rows(
    path: Path, found: LabelFile, labels: Path, parts: Mapping[str, int], skipped: Skipped | None
) -> Iterator[VideoRows]:
    values = read_features(path, finite=False)
    if values.shape[1] != sum(parts.values()):
        told = f"features must have {sum(parts.values())} columns ({dict(parts)}), got {values.shape[1]} in '{path}'"
        raise FormatError(told, path=path)
    _same_rows(len(values), found, path, labels)
    for rows in blocks(values):
        some = np.asarray(values[rows])
        bad = np.zeros(len(some), np.bool_) if some.dtype == np.uint8 else ~np.isfinite(some).all(axis=1)
        for row in np.flatnonzero(bad).tolist():
            column = int(np.flatnonzero(~np.isfinite(some[row]))[0])
            told = f"features must be finite, got {some[row, column]} in row {rows.start + row}, column {column}"
            refuse(FormatError(f"{told} of '{path}'", path=path), skipped)
        kept = np.flatnonzero(~bad)
        ids = [found.ids[rows.start + row] for row in kept] if found.ids else ()
        yield VideoRows(some[kept], found.labels.take(rows.start + kept), ids)


def _same_rows(rows: int, found: LabelFile, path: Path, labels: Path) -> None:
    if len(found.labels) != rows:
        raise FormatError(
            f"features and labels must have as many rows, got {rows} in '{path}' and {len(found.labels)} in '{labels}'",
            path=labels,
        )
