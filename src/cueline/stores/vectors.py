"""All rows of one track of a library as one matrix on disk, and the rows nearest to a vector: exact.

The matrix is derived: it is built in bulk from the tracks, may be deleted at any time, and says from what it was made
(its signature), so that one that is out of date is known. A file holds one record batch, read memory-mapped:

    asset        int32, a number into the list of assets in the metadata
    start, end   float64, seconds
    vector       a fixed-size list of D float32, ready to be compared

Rows are kept so that comparing is one product of matrices: standardised if asked for, then divided by their length for
the cosine, or moved to the mean of all rows for the Euclidean distance, which moves no two rows apart. Rows that hold a
number that is none (NaN, infinity) have no place among the others; they are left out and counted.
`cueline.stores.gathering` builds it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cueline.errors import OptionError, StoreError, TimelineError, near_miss
from cueline.timeline.spans import Span, Spans, clip

VERSION = 1
SCHEMA = "cueline.vectors"
Metric = Literal["cosine", "euclidean"]
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
RowNumbers = npt.NDArray[np.intp]

BLOCK_ROWS = 4096  # copied at one time
_MAPPED_ROWS = 65536  # looked at in one product, without a copy; many small ones wait for each other on a busy machine
_FEW = 0.2  # of the rows: more are not copied together, but looked at with all others
_AT_ONCE = 1 << 24  # scores in memory
_ROUNDING = 1e-5  # of float32 sums over thousands of columns; what lies so near to the last place is summed again
_MOST_LETTERS = 80


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, and how.

    Attributes:
        track: Name of the feature track.
        per: What one row stands for: a label track such as "shots", a length such as "2 s", or empty for own rows.
        columns: Names of the columns compared; empty for all.
        metric: "cosine" compares directions, "euclidean" distances.
        standardize: Whether each column is brought to mean 0 and deviation 1 over the library first.
    """

    track: str
    per: str = ""
    columns: tuple[str, ...] = ()
    metric: Metric = "cosine"
    standardize: bool = False

    def __post_init__(self) -> None:
        """Refuse a metric that does not exist."""
        if self.metric not in get_args(Metric):
            known = get_args(Metric)
            raise OptionError(
                f"metric is one of {', '.join(known)}, got {self.metric!r}.{near_miss(self.metric, known)}"
            )

    @property
    def name(self) -> str:
        """Of its files, without an ending; different for all that differs."""
        key = blake2b(json.dumps(asdict(self)).encode(), digest_size=6).hexdigest()
        safe = quote(self.track, safe="").replace(".", "%2E", 1 if self.track.startswith(".") else 0)
        return f"{safe[:_MOST_LETTERS]}.{key}"


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The rows nearest to a vector, the nearest first, of equal ones the one that comes first.

    Attributes:
        rows: Numbers of rows, shape (K,).
        scores: Cosine in [-1, 1], or 1 / (1 + distance) in (0, 1]; shape (K,).
    """

    rows: RowNumbers
    scores: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Rows of a library, ready to be compared.

    Attributes:
        comparison: What is compared, and how.
        signature: What the rows were made from.
        assets: Ids.
        edges: The rows of asset i are those from edges[i] to edges[i + 1], shape (assets + 1,).
        spans: Seconds, shape (N, 2).
        values: As kept, memory-mapped, shape (N, D).
        centre: What was taken from each column, shape (D,).
        weights: What each column was multiplied by then, shape (D,); 0 for one that tells nothing.
        left_out: How many rows held a number that is none.
    """

    comparison: Comparison
    signature: str
    assets: tuple[str, ...]
    edges: RowNumbers
    spans: Spans
    values: Floats
    centre: Numbers
    weights: Numbers
    left_out: int

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.values)

    def asset_of(self, row: int) -> str:
        """Whose row it is."""
        return self.assets[int(np.searchsorted(self.edges, row, side="right")) - 1]

    def among(self, *, assets: Collection[str] | None = None, within: Span | None = None) -> RowNumbers | None:
        """The rows of some assets that overlap a window, in order; None for every row."""
        if assets is None and within is None:
            return None
        rows = np.arange(len(self))
        if assets is not None:
            wanted = frozenset(assets)
            chosen = np.fromiter((asset in wanted for asset in self.assets), bool, len(self.assets))
            rows = rows[np.repeat(chosen, np.diff(self.edges))]
        return rows if within is None else rows[clip(self.spans[rows], within)[1]]

    def nearest(
        self,
        vectors: npt.ArrayLike,
        count: int,
        *,
        assets: Collection[str] | None = None,
        within: Span | None = None,
    ) -> list[Neighbours]:
        """The nearest rows, by looking at every one.

        Args:
            vectors: In the numbers of the track, shape (Q, D).
            count: How many rows are wanted.
            assets: Only rows of these.
            within: Only rows that overlap this window.

        Returns:
            For each vector at most `count` rows; fewer where there are fewer.

        Raises:
            TimelineError: If the vectors do not fit, or cannot be compared.
        """
        queries, rows = self.prepared(vectors), self.among(assets=assets, within=within)
        step = max(1, _AT_ONCE // max(1, len(self)))
        found = []
        for begin in range(0, len(queries), step):
            some = queries[begin : begin + step]
            closeness = self._closeness(some, rows)
            for query, line in zip(some, closeness, strict=True):
                near = self._promising(query, line, count)
                found.append(self.ranked(query, near if rows is None else rows[near], count))
        return found

    def prepared(self, vectors: npt.ArrayLike) -> Floats:
        """Vectors as the rows are kept, shape (Q, D).

        Raises:
            TimelineError: If they have another shape, hold a number that is none, or have no direction.
        """
        given = np.asarray(vectors, dtype=np.float64)
        if given.ndim != 2 or given.shape[1] != self.values.shape[1]:
            raise TimelineError(f"vectors must have shape (Q, {self.values.shape[1]}), got {given.shape}")
        if not np.isfinite(given).all():
            raise TimelineError("vectors to compare must be finite numbers, got NaN or infinity among them")
        queries = ((given - self.centre) * self.weights).astype(np.float32)
        if self.comparison.metric == "cosine":
            to_length_one(queries)
            if not queries.any(axis=1).all():
                raise TimelineError(
                    f"a vector needs a direction to be compared by the cosine, got one of {self.comparison.track!r} "
                    "that is zero, or is the mean of the library. Compare by the euclidean distance"
                )
        return queries

    def ranked(self, query: Floats, rows: RowNumbers, count: int) -> Neighbours:
        """The best of some rows, with exact scores.

        Args:
            query: As `prepared`, shape (D,).
            rows: Any, shape (M,).
            count: How many are wanted.
        """
        parts = [self._scores(query, rows[at : at + BLOCK_ROWS]) for at in range(0, len(rows), BLOCK_ROWS)]
        scores = np.concatenate(parts) if parts else np.empty(0)
        best = np.lexsort((rows, -scores))[:count]
        return Neighbours(rows[best], scores[best])

    def _closeness(self, queries: Floats, rows: RowNumbers | None) -> Floats:
        """A number for each query and row that grows as they come nearer, within rounding; shape (Q, M)."""
        if rows is not None and len(rows) > _FEW * len(self):
            return self._closeness(queries, None)[:, rows]
        total = len(self) if rows is None else len(rows)
        closeness = np.empty((len(queries), total), np.float32)
        step = _MAPPED_ROWS if rows is None else BLOCK_ROWS
        for begin in range(0, total, step):
            part = slice(begin, begin + step)
            block = self.values[part] if rows is None else self.values[rows[part]]
            product = (block @ queries[0])[None] if len(queries) == 1 else queries @ block.T
            if self.comparison.metric == "euclidean":
                product = 2 * product - np.einsum("nd,nd->n", block, block)
            closeness[:, part] = product
        return closeness

    def _promising(self, query: Floats, closeness: Floats, count: int) -> RowNumbers:
        """Where the best stand, and all that rounding may have put behind them."""
        if count >= len(closeness):
            return np.arange(len(closeness))
        last = float(np.partition(closeness, len(closeness) - count)[len(closeness) - count])
        # A row as near as the last one is shorter than 4 |q|, or its square is below 2 |last|
        size = 1.0 if self.comparison.metric == "cosine" else 16 * float(query @ query) + 2 * abs(last)
        return np.flatnonzero(closeness >= last - _ROUNDING * size)

    def _scores(self, query: Floats, rows: RowNumbers) -> Numbers:
        wide, target = self.values[rows].astype(np.float64), query.astype(np.float64)
        if self.comparison.metric == "euclidean":
            distances: Numbers = np.sqrt(((wide - target) ** 2).sum(axis=1))
            return 1 / (1 + distances)
        # Sums of products row by row, not one product: equal rows must get equal scores
        lengths = np.sqrt((wide * wide).sum(axis=1)) * np.sqrt((target * target).sum())
        cosines: Numbers = np.divide((wide * target).sum(axis=1), lengths, out=np.zeros(len(wide)), where=lengths > 0)
        return cosines.clip(-1.0, 1.0)


def read_matrix(folder: Path, comparison: Comparison, signature: str) -> Matrix:
    """Open the matrix of a library; its values are memory-mapped.

    Raises:
        StoreError: If there is none that is whole and of this signature; says why. Build it anew then.
    """
    path = folder / f"{comparison.name}.arrow"
    try:
        with pa.memory_map(str(path)) as file:
            reader = pa.ipc.open_file(file)
            facts = json.loads((reader.schema.metadata or {}).get(b"cueline", b"{}"))
            if (facts.get("schema"), facts.get("version")) != (SCHEMA, VERSION):
                raise StoreError(f"{str(path)!r} holds no vectors of version {VERSION}; build it anew", path=path)
            if facts["signature"] != signature:
                raise StoreError(f"{str(path)!r} is out of date: the library changed; build it anew", path=path)
            batch = reader.get_batch(0)
    except (OSError, pa.ArrowInvalid) as error:
        reason = "it is not there" if isinstance(error, FileNotFoundError) else "it was not written to its end"
        raise StoreError(f"cannot read {str(path)!r}: {reason}; build it anew", path=path) from error
    spans = np.column_stack((batch.column("start"), batch.column("end")))
    values = batch.column("vector").values.to_numpy().reshape(len(spans), len(facts["centre"]))
    centre, weights = np.array(facts["centre"]), np.array(facts["weights"])
    edges = np.array(facts["edges"], np.intp)
    return Matrix(
        comparison, signature, tuple(facts["assets"]), edges, spans, values, centre, weights, facts["left_out"]
    )


def to_length_one(values: Floats) -> None:
    """Divide each row by its length; a row of zeros stays, and is like nothing."""
    lengths = np.sqrt(np.einsum("nd,nd->n", values, values, dtype=np.float64))[:, None]
    np.divide(values, lengths, out=values, where=lengths > 0, casting="same_kind")
