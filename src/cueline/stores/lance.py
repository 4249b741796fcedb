"""An index over the vectors of a library, for millions of rows: LanceDB (extra `index`).

The index only proposes rows; their scores, and with them the order, are those of the exact search, taken from the
memory-mapped matrix. It is derived from the matrix, and lies beside it as the folder of a LanceDB database. Nothing but
files is read and written.

Vectors are cut into clusters (IVF) and kept as one byte a number (SQ), as measured best for vectors of some hundred
numbers; what decides about the recall is how many clusters are looked into. On 100,000 x 512 vectors in 2,000 clusters
of very unequal size that overlap, a query finds .99 and more of the exact first ten in about 5 ms.

Under a filter so many rows are proposed that enough of them pass: those that do are the nearest that pass, since all
that are nearer were proposed. Where too few pass, or the filter leaves few rows, every row it leaves is looked at.

References:
    https://lancedb.github.io/lancedb, version 0.40. J. Sivic, A. Zisserman, "Video Google: a text retrieval approach to
    object matching in videos", 2003: inverted files of clusters.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cueline.errors import MissingExtraError, StoreError
from cueline.stores.faults import told_plainly
from cueline.stores.gathering import building
from cueline.stores.vectors import Matrix, Neighbours, RowNumbers
from cueline.timeline.spans import Span

VERSION = 1
FEWEST_ROWS = 2048  # below this there is nothing to cut into clusters
_CLUSTER_ROWS = 1024
_PROBES = 4.0  # times the root of the number of clusters are looked into
_CANDIDATES = 4  # times as many as are wanted, since a byte a number blurs the order
_FEWEST_CANDIDATES = 40
_TAUGHT_ROWS = 64  # of each cluster in k-means: four times as many take four times as long, and find no more
_ROUNDS = 10  # of k-means
_LEAST_SHARE = 0.05  # of rows that a filter leaves: fewer are looked at faster than looked up
_BATCH_ROWS = 8192
_TABLE = "vectors"


@dataclass(frozen=True, slots=True, eq=False)
class LanceIndex:
    """The rows of a matrix, found without looking at every one.

    Attributes:
        matrix: What it was built from.
        table: Of LanceDB, with columns row and vector.
    """

    extra: ClassVar[str] = "index"
    imports: ClassVar[tuple[str, ...]] = ("lancedb",)

    matrix: Matrix
    table: Any

    def nearest(
        self,
        vectors: npt.ArrayLike,
        count: int,
        *,
        assets: Collection[str] | None = None,
        within: Span | None = None,
    ) -> list[Neighbours]:
        """As `Matrix.nearest`; a few of the nearest rows may be missing, none has a wrong score.

        Raises:
            TimelineError: If the vectors do not fit, or cannot be compared.
        """
        given = np.asarray(vectors, dtype=np.float64)
        queries, among = self.matrix.prepared(given), self.matrix.among(assets=assets, within=within)
        left = len(self.matrix) if among is None else len(among)
        share = left / len(self.matrix)
        if share < _LEAST_SHARE:
            return self.matrix.nearest(given, count, assets=assets, within=within)
        allowed = np.full(len(self.matrix), among is None)
        if among is not None:
            allowed[among] = True
        found = []
        for number, query in enumerate(queries):
            rows = self._proposed(query, math.ceil(count / share))
            rows = rows[allowed[rows]]
            if len(rows) < min(count, left):
                found += self.matrix.nearest(given[number : number + 1], count, assets=assets, within=within)
            else:
                found.append(self.matrix.ranked(query, rows, count))
        return found

    def _proposed(self, query: npt.NDArray[np.float32], count: int) -> RowNumbers:
        """Rows among which the nearest are, in no order."""
        search = self.table.search(query.astype(_precision(self.matrix)), vector_column_name="vector")
        search = search.distance_type(_distance(self.matrix)).nprobes(_probes(len(self.matrix)))
        search = search.limit(max(_CANDIDATES * count, _FEWEST_CANDIDATES)).select(["row", "_distance"])
        try:
            found = search.to_arrow()["row"].to_numpy()
        except (OSError, RuntimeError) as error:  # what LanceDB raises for files that went away since they were opened
            raise StoreError(
                f"cannot search {self.table.uri!r}: its files are gone or damaged ({error}). Delete that folder; it is "
                "built anew",
                path=self.table.uri,
            ) from error
        rows: RowNumbers = np.sort(found).astype(np.intp)
        return rows


def build_index(folder: Path, matrix: Matrix) -> LanceIndex:
    """Index a matrix in bulk, in place of an index that is there; memory holds a few thousand rows and the clusters.

    Args:
        folder: Where the matrix lies.
        matrix: What is indexed, of `FEWEST_ROWS` rows or more.

    Raises:
        MissingExtraError: If LanceDB is not installed.
        StoreError: If there are too few rows, or nothing can be written.
    """
    lancedb = _lancedb()
    if len(matrix) < FEWEST_ROWS:
        raise StoreError(f"an index needs {FEWEST_ROWS} rows or more, got {len(matrix)}; look at every row instead")
    target = _home(folder, matrix)
    with building(folder) as aside, told_plainly("write", target):
        table = lancedb.connect(aside / "new").create_table(_TABLE, data=_batches(matrix))
        config = lancedb.index.IvfSq(
            distance_type=_distance(matrix),
            num_partitions=_clusters(len(matrix)),
            sample_rate=_TAUGHT_ROWS,
            max_iterations=_ROUNDS,
        )
        table.create_index("vector", config=config)
        if target.exists():
            target.rename(aside / "old")
        (aside / "new").rename(target)
    return open_index(folder, matrix)


def open_index(folder: Path, matrix: Matrix) -> LanceIndex:
    """Open the index of a matrix.

    Raises:
        MissingExtraError: If LanceDB is not installed.
        StoreError: If there is none that is whole and of this matrix; says why. Build it anew then.
    """
    lancedb, home = _lancedb(), _home(folder, matrix)
    if not home.is_dir():
        raise StoreError(f"cannot read {str(home)!r}: it is not there; build it anew", path=home)
    try:
        table = lancedb.connect(home).open_table(_TABLE)
        made = (table.schema.metadata or {}).get(b"cueline", b"").decode()
        indexed = table.list_indices()
    except (OSError, RuntimeError, ValueError) as error:  # what LanceDB raises for files that are gone or damaged
        raise StoreError(f"cannot read {str(home)!r}: it is damaged; build it anew", path=home) from error
    if made != _signature(matrix) or not indexed:
        raise StoreError(f"{str(home)!r} is out of date: the library changed; build it anew", path=home)
    return LanceIndex(matrix, table)


def _home(folder: Path, matrix: Matrix) -> Path:
    return folder / f"{matrix.comparison.name}.lance"


def _signature(matrix: Matrix) -> str:
    return f"{VERSION} {len(matrix)} {matrix.signature}"


def _clusters(rows: int) -> int:
    return max(1, rows // _CLUSTER_ROWS)


def _probes(rows: int) -> int:
    return min(_clusters(rows), math.ceil(_PROBES * math.sqrt(_clusters(rows))))


def _distance(matrix: Matrix) -> str:
    return "cosine" if matrix.comparison.metric == "cosine" else "l2"


def _precision(matrix: Matrix) -> np.dtype[Any]:
    """Half is enough to propose rows of length one; other rows may be too large for it."""
    return np.dtype(np.float16 if matrix.comparison.metric == "cosine" else np.float32)


def _batches(matrix: Matrix) -> pa.RecordBatchReader:
    """The matrix as LanceDB takes it."""
    width, precision = matrix.values.shape[1], _precision(matrix)
    vector = pa.list_(pa.from_numpy_dtype(precision), width)
    schema = pa.schema([("row", pa.int64()), ("vector", vector)], metadata={"cueline": _signature(matrix)})

    def batches() -> Iterator[pa.RecordBatch]:
        for begin in range(0, len(matrix), _BATCH_ROWS):
            block = matrix.values[begin : begin + _BATCH_ROWS].astype(precision)
            vectors = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), width)
            yield pa.record_batch([pa.array(np.arange(begin, begin + len(block))), vectors], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _lancedb() -> Any:
    try:
        import lancedb
        import lancedb.index
    except ImportError as error:
        raise MissingExtraError(
            "an index over vectors needs lancedb. Install it with: pip install 'cueline[index]'", plugin="index"
        ) from error
    return lancedb
