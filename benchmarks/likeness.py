"""What search by example costs: `python -m benchmarks.likeness`, with a million rows too: `--large`.

Vectors are made, and not uniform: 512 numbers of rank 64 and some noise, in 2,000 clusters that overlap, the largest
of which holds two hundred times the rows of the smallest, as films hold many shots of few places. Queries are further
vectors of the same clusters, none of them in the library. Recall is the share of the exact first ten that the index
gives.

Each query is timed by itself, after one that is not; median and best of 100. The library of 10,000 assets is filled
without waiting for the disk; building its matrix waits for the disk, as a person does.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from cueline.ports import Outcome, Placed
from cueline.stores.gathering import build_matrix
from cueline.stores.lance import build_index, open_index
from cueline.stores.library import LibraryStore
from cueline.stores.vectors import Comparison, Matrix, Neighbours, read_matrix
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.comparing import opened, rows_to_compare
from cueline.workbench.likeness import Example, moments_like

WIDTH, RANK, CLUSTERS, SPREAD, NOISE = 512, 64, 2_000, 0.7, 0.4
QUERIES, FIRST = 100, 10
ROWS_OF_ASSET = 10
KIND = Comparison("vectors")


class Clusters:
    """Vectors of the kind described above."""

    def __init__(self, seed: int = 0) -> None:
        """Choose where the clusters lie."""
        self._rng = np.random.default_rng(seed)
        self._basis = self._rng.standard_normal((RANK, WIDTH), dtype=np.float32)
        self._centres = self._rng.standard_normal((CLUSTERS, RANK), dtype=np.float32)
        weights = 1 / np.arange(1, CLUSTERS + 1) ** 0.7
        self._weights = weights / weights.sum()

    def draw(self, count: int) -> np.ndarray:
        """So many, float32."""
        which = self._rng.choice(CLUSTERS, size=count, p=self._weights)
        inner = self._rng.standard_normal((count, RANK), dtype=np.float32)
        outer = self._rng.standard_normal((count, WIDTH), dtype=np.float32)
        return (self._centres[which] + np.float32(SPREAD) * inner) @ self._basis + np.float32(NOISE) * outer


def times(count: int, seconds: float) -> np.ndarray:
    """Spans of one length, one after the other."""
    edges = np.arange(count + 1) * seconds
    return np.column_stack((edges[:-1], edges[1:]))


def assets(made: Clusters, rows: int) -> Iterator[tuple[str, FeatureTrack]]:
    """Assets of ten rows each."""
    spans = times(ROWS_OF_ASSET, 1.0)
    for first in range(0, rows, 10_000):
        values = made.draw(min(10_000, rows - first))
        for at in range(0, len(values), ROWS_OF_ASSET):
            yield f"{first + at:032x}", FeatureTrack(spans, values[at : at + ROWS_OF_ASSET])


def timed(act: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def asked(
    nearest: Callable[..., list[Neighbours]], queries: np.ndarray, among: Sequence[str] | None = None
) -> tuple[list[Neighbours], float, float]:
    """Answers, and the median and the best of their milliseconds."""
    nearest(queries[:1], FIRST, assets=among)
    found, spent = [], []
    for query in queries:
        began = time.perf_counter()
        found += nearest(query[None], FIRST, assets=among)
        spent.append(1000 * (time.perf_counter() - began))
    return found, statistics.median(spent), min(spent)


def recall(exact: Sequence[Neighbours], found: Sequence[Neighbours]) -> float:
    """Share of the exact first ten that was found."""
    shared = [len(set(a.rows.tolist()) & set(b.rows.tolist())) for a, b in zip(exact, found, strict=True)]
    return sum(shared) / (FIRST * len(exact))


def size(path: Path) -> float:
    """Megabytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files) / 1e6


def searched(folder: Path, rows: int) -> None:
    """Print what searching so many rows costs."""
    made = Clusters()
    began = time.perf_counter()
    matrix = build_matrix(folder, KIND, "benchmark", assets(made, rows))
    built = time.perf_counter() - began
    queries = made.draw(QUERIES)
    lines = [
        ("build the matrix", f"{built:.1f} s"),
        ("matrix on disk", f"{size(folder / (KIND.name + '.arrow')):,.0f} MB"),
    ]
    lines.append(("open the matrix", f"{1000 * timed(lambda: read_matrix(folder, KIND, 'benchmark')):.1f} ms"))
    exact, median, best = asked(matrix.nearest, queries)
    lines.append(("exact, one query", f"{median:.1f} ms (best {best:.1f})"))
    lines.append(
        (
            f"exact, {QUERIES} queries at once",
            f"{1000 * timed(lambda: matrix.nearest(queries, FIRST)) / QUERIES:.1f} ms each",
        )
    )
    lines += index_lines(folder, matrix, queries, exact)
    print(table((f"{rows:,} x {WIDTH}", "cost"), lines), flush=True)


def index_lines(folder: Path, matrix: Matrix, queries: np.ndarray, exact: list[Neighbours]) -> list[tuple[str, str]]:
    """What the index costs, and what it finds."""
    built = timed(lambda: build_index(folder, matrix))
    began = time.perf_counter()
    index = open_index(folder, matrix)
    opening = time.perf_counter() - began
    found, median, best = asked(index.nearest, queries)
    some = matrix.assets[::3] + matrix.assets[1::3]
    among, filtered, _ = asked(index.nearest, queries[:20], some)
    right = [matrix.nearest(query[None], FIRST, assets=some)[0] for query in queries[:20]]
    return [
        ("build the index", f"{built:.1f} s"),
        ("index on disk", f"{size(folder / (KIND.name + '.lance')):,.0f} MB"),
        ("open the index", f"{1000 * opening:.1f} ms"),
        ("indexed, one query", f"{median:.1f} ms (best {best:.1f})"),
        ("indexed, recall of the first ten", f"{recall(exact, found):.4f}"),
        ("indexed, two thirds of the assets", f"{filtered:.1f} ms, recall {recall(right, among):.3f}"),
    ]


def library(folder: Path, count: int) -> None:
    """Print what search by example costs in a library of small films."""
    made, spans = Clusters(), times(100, 0.1)
    shots = LabelTrack(times(10, 1.0), ("shot",) * 10, stream="video:0")
    wait, os.fsync = os.fsync, lambda handle: None  # noqa: ARG005 - nothing here must outlive a power cut
    with LibraryStore(folder / "films.cue", create=True) as store:
        run = store.begin_run({})
        for number in range(count):
            name = f"{number * 2654435761 % 2**32:08x}{number:024x}"
            store.put_asset(Asset(name, 10.0))
            store.put_place(Placed(Location(Path(f"/films/{number}.mp4"), 1, 1), name))
            values = np.repeat(made.draw(10), 10, axis=0).astype(np.float16)
            looks = {"vectors": FeatureTrack(spans, values, (), "video:0")}
            store.commit(
                run,
                [
                    Outcome(name, "vectors", "done", Provenance("vectors", "1"), tracks=looks),
                    Outcome(name, "shots", "done", Provenance("shots", "1"), tracks={"shots": shots}),
                ],
            )
        store.end_run(run)
    os.fsync = wait
    with LibraryStore(folder / "films.cue", read_only=True) as store:
        example = Example(store.assets()[7].id, Span(3.0, 4.0))
        first = timed(lambda: moments_like(store, example, "vectors"))
        spent = [1000 * timed(lambda: moments_like(store, example, "vectors")) for _ in range(15)]
        known = [1000 * timed(lambda: opened(rows_to_compare(store, "vectors"))) for _ in range(5)]
        lines = [
            ("first search: pool 1,000,000 rows per shot, build, find", f"{first:.1f} s"),
            ("search again", f"{statistics.median(spent):.0f} ms (best {min(spent):.0f})"),
            ("... of that, making sure that nothing changed", f"{statistics.median(known):.0f} ms"),
        ]
        print(table((f"{count:,} films, {10 * count:,} shots x {WIDTH}", "cost"), lines), flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Make vectors and a library, search, print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="a million rows as well: 4 GB of disk, some minutes")
    parser.add_argument("--in", dest="disk", type=Path, help="folder to work in")
    options = parser.parse_args()
    for rows in (100_000, 1_000_000) if options.large else (100_000,):
        with tempfile.TemporaryDirectory(dir=options.disk, prefix="cueline-likeness-") as folder:
            searched(Path(folder), rows)
    folder = Path(tempfile.mkdtemp(dir=options.disk, prefix="cueline-likeness-"))
    try:
        library(folder, 10_000)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
