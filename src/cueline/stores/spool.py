"""Tracks and pictures as Arrow files: written aside in bounded memory, read memory-mapped.

A track file holds one record batch, whatever its length, so that values are read without a copy:

    start, end   float64, seconds
    values       a fixed-size list of D numbers

A picture file holds start, end and one encoded picture (WebP) a row, in batches of about a mebibyte.
Both say in their Arrow metadata what they are and in which version, so that other tools may read them
and Cueline refuses what is not its own. A file appears under its name only when it is whole and on
disk; one whose writer was stopped never does.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
import pyarrow as pa

from cueline.errors import PluginError, StoreError, TimelineError
from cueline.ports import Rows
from cueline.stores.arrow import appearing, blobs, floats, numbers, opened, schema
from cueline.stores.faults import told_plainly
from cueline.timeline.spans import Spans, as_spans
from cueline.timeline.tracks import FeatureTrack, Numbers

TRACK, PICTURES = "cueline.track", "cueline.pictures"
_BATCH_BYTES = 1 << 20
_CLOCK = [("start", pa.float64()), ("end", pa.float64())]


@dataclass(frozen=True, slots=True)
class _Shape:
    width: int
    dtype: np.dtype[Any]
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.width} x {self.dtype} with columns {self.columns}"


class TrackSpool:
    """The numbers of one track on their way to disk; memory holds one `Rows` at a time.

    Example:
        >>> path = Path(tempfile.mkdtemp()) / "color.arrow"
        >>> with TrackSpool(path, stream="video:0") as spool:
        ...     spool.append(Rows(np.array([[0.0, 0.04]]), np.array([[0.5]]), ("luma",)))
        >>> read_track(path)
        FeatureTrack(1 x 1 float64, 0.000-0.040 s, columns luma)
    """

    def __init__(self, path: Path, *, stream: str) -> None:
        """Begin a track; `path` appears when it is closed.

        Args:
            path: The file to make; its folder exists.
            stream: The stream its times come from, such as "video:0".
        """
        self.path = path
        self._stream = stream
        self._shape: _Shape | None = None
        self._last = -np.inf
        with told_plainly("write", path):
            self._files = [tempfile.TemporaryFile(dir=path.parent) for _ in ("spans", "values")]  # noqa: SIM115

    def append(self, rows: Rows) -> None:
        """Add rows after those before.

        Raises:
            PluginError: If they do not fit one another, the rows before, or the order of time.
            StoreError: If the disk is full.
        """
        spans, values = _checked(rows)
        shape = _Shape(values.shape[1], values.dtype, tuple(rows.columns))
        if self._shape not in (None, shape):
            raise PluginError(f"all rows of a track must be alike, got {shape} after {self._shape}")
        self._shape = shape
        self._last = _in_order(spans, self._last)
        with told_plainly("write", self.path):
            for file, array in zip(self._files, (spans, values), strict=True):
                file.write(array.tobytes())

    def close(self) -> None:
        """Put the rows into one Arrow file, on disk when this returns; a track without rows is empty."""
        shape = self._shape or _Shape(0, np.dtype(np.float32), ())
        try:
            with appearing(self.path) as part:
                _write_batch(part, [_mapped(file) for file in self._files], shape, self._stream)
        finally:
            self._discard()

    def __enter__(self) -> Self:
        """The spool itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close after the last row; after an error no file appears."""
        if kind is None:
            self.close()
        else:
            self._discard()

    def _discard(self) -> None:
        for file in self._files:
            file.close()


def write_track(path: Path, track: FeatureTrack) -> None:
    """Write a track that lies in memory; the file is whole and on disk when this returns.

    Raises:
        PluginError: If its values are not plain integers or floats.
        StoreError: If the disk is full.
    """
    with TrackSpool(path, stream=track.stream) as spool:
        spool.append(Rows(track.spans, track.values, track.columns))


def read_track(path: Path) -> FeatureTrack:
    """Read a track; its values are memory-mapped and cost nothing until they are used.

    Raises:
        StoreError: If the file is missing, half-written, or no track of a version known here.
    """
    with opened(path, TRACK) as (reader, facts):
        batch = reader.get_batch(0)
        spans = np.column_stack([numbers(batch.column(name)) for name in ("start", "end")])
        values = numbers(batch.column("values").values).reshape(len(spans), facts["width"])
        try:
            return FeatureTrack(spans, values, tuple(facts["columns"]), facts["stream"])
        except TimelineError as error:
            raise StoreError(
                f"{str(path)!r} is damaged: {error}. Delete it and run `cueline analyze LIBRARY`", path=path
            ) from error


class PictureSpool:
    """Encoded pictures on their way to disk; memory holds about a mebibyte of them."""

    def __init__(self, path: Path) -> None:
        """Begin a file of pictures; `path` appears when it is closed, and its folder exists."""
        self.path = path
        self._schema = schema(PICTURES, [*_CLOCK, ("picture", pa.binary())])
        self._rows: list[tuple[float, float, bytes]] = []
        self._bytes = 0
        self._last = -np.inf
        with ExitStack() as stack:
            part = stack.enter_context(appearing(path))
            sink = stack.enter_context(pa.OSFile(str(part), "wb"))
            self._writer = stack.enter_context(pa.ipc.new_file(sink, self._schema))
            self._opened = stack.pop_all()

    def append(self, rows: Rows) -> None:
        """Add the pictures of some rows after those before.

        Raises:
            PluginError: If rows and pictures differ in number, or come out of the order of time.
            StoreError: If the disk is full.
        """
        spans, _ = _checked(rows)
        if len(rows.pictures) != len(spans):
            raise PluginError(f"each row needs one picture, got {len(rows.pictures)} pictures for {len(spans)} rows")
        self._last = _in_order(spans, self._last)
        for (start, end), picture in zip(spans.tolist(), rows.pictures, strict=True):
            self._rows.append((start, end, picture))
            self._bytes += len(picture)
            if self._bytes >= _BATCH_BYTES:
                self._flush()

    def close(self) -> None:
        """End the file, on disk when this returns."""
        with self._opened:
            self._flush()

    def __enter__(self) -> Self:
        """The spool itself."""
        return self

    def __exit__(self, *error: Any) -> None:
        """Close after the last row; after an error no file appears."""
        if error[0] is None:
            self.close()
        else:
            self._opened.__exit__(*error)

    def _flush(self) -> None:
        if self._rows:
            *clock, pictures = zip(*self._rows, strict=True)
            columns = [*(floats(np.array(times)) for times in clock), blobs(pictures)]
            with told_plainly("write", self.path):
                self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
        self._rows, self._bytes = [], 0


def read_picture(source: Path | bytes, time: float) -> bytes | None:
    """The picture shown at a time.

    Args:
        source: A file made by PictureSpool, or what it holds.
        time: Seconds.

    Returns:
        The picture of the last row that starts at or before the time, if the time lies in its span.

    Raises:
        StoreError: If the file is missing, half-written, or holds no pictures of a version known here.
    """
    with opened(source, PICTURES) as (reader, _):
        for number in reversed(range(reader.num_record_batches)):
            batch = reader.get_batch(number)
            starts = numbers(batch.column("start"))
            row = int(np.searchsorted(starts, time, side="right")) - 1
            if row >= 0:
                held = time < batch.column("end")[row].as_py() or time == starts[row]
                return bytes(batch.column("picture")[row].as_py()) if held else None
    return None


def _checked(rows: Rows) -> tuple[Spans, Numbers]:
    """Spans and values of one `Rows`, fit for a track, in the byte order of this machine."""
    try:
        spans, values = as_spans(rows.spans), np.asarray(rows.values)
        FeatureTrack(spans, values, rows.columns)
    except TimelineError as error:
        raise PluginError(f"rows do not make a track: {error}") from error
    if values.dtype.kind not in "iuf" or values.dtype.itemsize > 8:
        raise PluginError(f"values must be integers or floats of at most 64 bits, got {values.dtype}")
    return spans, values.astype(values.dtype.newbyteorder("="), copy=False)


def _in_order(spans: Spans, last: float) -> float:
    """The start of the last span, once it is sure that none starts before the one before it."""
    starts = np.concatenate(([last], spans[:, 0]))
    back = np.flatnonzero(starts[1:] < starts[:-1])
    if back.size:
        before, after = starts[back[0] : back[0] + 2].tolist()
        raise PluginError(
            f"rows must come in order of time, got one from {after} s after one from {before} s. Sort them first",
            time=after,
        )
    return float(starts[-1])


def _mapped(file: IO[bytes]) -> pa.Buffer:
    file.flush()
    size = file.seek(0, os.SEEK_END)
    return pa.py_buffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b"")


def _write_batch(path: Path, buffers: list[pa.Buffer], shape: _Shape, stream: str) -> None:
    spans = np.frombuffer(buffers[0], np.float64).reshape(-1, 2)
    number = pa.from_numpy_dtype(shape.dtype)
    values = pa.Array.from_buffers(number, len(spans) * shape.width, [None, buffers[1]])
    rows = pa.Array.from_buffers(pa.list_(number, shape.width), len(spans), [None], children=[values])
    facts = {"width": shape.width, "columns": shape.columns, "stream": stream}
    kind = schema(TRACK, [*_CLOCK, ("values", rows.type)], **facts)
    columns = [floats(spans[:, 0]), floats(spans[:, 1]), rows]
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, kind) as writer:
        writer.write_batch(pa.record_batch(columns, schema=kind))
