"""The matrix of vectors of a library, built in bulk and in bounded memory.

A library is gone through once, and memory holds one asset at a time: rows go into a file aside, means and deviations
are taken on the way, then the file is changed in place and written as Arrow. It appears under its name when it is
whole and on disk, in place of one that was there; whoever reads that one goes on reading it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from cueline.errors import StoreError
from cueline.stores.faults import told_plainly
from cueline.stores.vectors import (
    BLOCK_ROWS,
    SCHEMA,
    VERSION,
    Comparison,
    Floats,
    Matrix,
    Metric,
    Numbers,
    read_matrix,
    to_length_one,
)
from cueline.timeline.spans import Spans
from cueline.timeline.tracks import FeatureTrack

_ABANDONED_SECONDS = 24 * 3600


def build_matrix(
    folder: Path, comparison: Comparison, signature: str, tracks: Iterable[tuple[str, FeatureTrack]]
) -> Matrix:
    """Write the matrix of a library anew, in place of one that is there.

    Args:
        folder: Where; made if missing.
        comparison: What is compared, and how.
        signature: What the tracks were made from.
        tracks: Id of each asset and its rows, with no other columns than those compared; taken one by one.

    Raises:
        StoreError: If tracks differ in width, or nothing can be written.
    """
    target = folder / f"{comparison.name}.arrow"
    with building(folder) as aside:
        with told_plainly("write", target), (aside / "rows").open("wb") as file:
            gathered = _Gathered(file)
            for asset, track in tracks:
                gathered.take(asset, track)
        centre, weights = gathered.moments.to_compare(comparison)
        facts = asdict(comparison) | {
            "schema": SCHEMA,
            "version": VERSION,
            "signature": signature,
            "assets": list(gathered.counts),
            "edges": np.cumsum([0, *gathered.counts.values()]).tolist(),
            "centre": centre.tolist(),
            "weights": weights.tolist(),
            "left_out": gathered.left_out,
        }
        with told_plainly("write", target):
            values = _transformed(aside / "rows", len(centre), centre, weights, comparison.metric)
            _write(aside / "matrix", facts, gathered.all_spans(), values)
            _settled(aside / "matrix").replace(target)
    return read_matrix(folder, comparison, signature)


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """A new folder inside another, to build in; removed in the end, as are those that a stopped process left.

    Raises:
        StoreError: If nothing can be written there.
    """
    with told_plainly("build an index in", folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("building-*"):
            if time.time() - left.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(left)
        aside = Path(tempfile.mkdtemp(prefix="building-", dir=folder))
    try:
        yield aside
    finally:
        shutil.rmtree(aside)


class _Moments:
    """Mean and deviation of columns, from parts: Chan, Golub, LeVeque, 1983, equation 2.1."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.squares = np.empty(0)

    def take(self, values: Numbers) -> None:
        mean = values.mean(axis=0)
        squares = ((values - mean) ** 2).sum(axis=0)
        if not self.count:
            self.mean, self.squares = mean, squares
        else:
            step, total = mean - self.mean, self.count + len(values)
            self.mean = self.mean + step * len(values) / total
            self.squares = self.squares + squares + step**2 * self.count * len(values) / total
        self.count += len(values)

    def to_compare(self, comparison: Comparison) -> tuple[Numbers, Numbers]:
        """What is taken from each column, and what it is multiplied by; a column that never changes tells nothing."""
        ones, zeros = np.ones_like(self.mean), np.zeros_like(self.mean)
        if not comparison.standardize:
            return (zeros if comparison.metric == "cosine" else self.mean), ones
        deviation = np.sqrt(self.squares / max(1, self.count))
        return self.mean, np.divide(ones, deviation, out=zeros, where=deviation > 1e-6 * np.abs(self.mean))


class _Gathered:
    """Rows of asset after asset, on their way to disk."""

    def __init__(self, file: BinaryIO) -> None:
        self.counts: dict[str, int] = {}
        self.left_out = 0
        self.moments = _Moments()
        self._file = file
        self._spans: list[Spans] = []
        self._width: tuple[int, str] | None = None

    def take(self, asset: str, track: FeatureTrack) -> None:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is left out
            values = track.values.astype(np.float32)
        whole = np.isfinite(values).all(axis=1)
        self.left_out += len(values) - int(whole.sum())
        values = values[whole]
        if not len(values):
            return
        self._width = self._width or (values.shape[1], asset)
        if values.shape[1] != self._width[0]:
            raise StoreError(
                f"all rows compared must be equally wide, got {self._width[0]} columns of asset {self._width[1]} and "
                f"{values.shape[1]} of {asset}. Analyse them again, with the same options",
                asset=asset,
            )
        self.moments.take(values.astype(np.float64))
        self.counts[asset] = self.counts.get(asset, 0) + len(values)
        self._spans.append(track.spans[whole])
        self._file.write(values.tobytes())

    def all_spans(self) -> Spans:
        return np.concatenate(self._spans) if self._spans else np.empty((0, 2))


def _transformed(path: Path, width: int, centre: Numbers, weights: Numbers, metric: Metric) -> Floats:
    """The rows of a file, changed in place to what is compared."""
    rows = path.stat().st_size // max(1, 4 * width)
    if not rows:
        return np.empty((0, width), np.float32)
    values = np.memmap(path, np.float32, "r+", shape=(rows, width))
    for begin in range(0, rows, BLOCK_ROWS):
        block = ((values[begin : begin + BLOCK_ROWS] - centre) * weights).astype(np.float32)
        if metric == "cosine":
            to_length_one(block)
        values[begin : begin + BLOCK_ROWS] = block
    return values


def _write(path: Path, facts: Mapping[str, Any], spans: Spans, values: Floats) -> None:
    numbers = np.repeat(np.arange(len(facts["assets"]), dtype=np.int32), np.diff(facts["edges"]))
    flat = pa.Array.from_buffers(pa.float32(), values.size, [None, pa.py_buffer(values)])
    kind = pa.list_(pa.float32(), values.shape[1])
    vectors = pa.Array.from_buffers(kind, len(values), [None], children=[flat])
    fields = [("asset", pa.int32()), ("start", pa.float64()), ("end", pa.float64()), ("vector", kind)]
    schema = pa.schema(fields, metadata={"cueline": json.dumps(facts)})
    columns = [pa.array(numbers), pa.array(spans[:, 0]), pa.array(spans[:, 1]), vectors]
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(pa.record_batch(columns, schema=schema))


def _settled(path: Path) -> Path:
    """A file, once it is on disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return path
