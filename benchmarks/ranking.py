"""What measuring GAP@20 costs: `python -m benchmarks.ranking`; ten million rows in chunks as well: `--large`.

Scores are made: 50,000 rows of 3,862 classes, float32, long-tailed, three labels a row that score higher than chance.
The calculators to compare with are written here from the definition, in plain Python:

    by hand       lists alone: a heap finds the k best of a row, a heap of all pairs is popped and summed
    official way  as google/youtube-8m does it: numpy's argpartition and a Python loop for each row, positives counted
                  class by class, all pairs pushed into a heap, shuffled, sorted by a key and summed one by one

They are timed on the first rows alone (`--rows`) and scaled to all of them, which flatters them a little, for sorting
grows faster than that. All must agree on those rows to 1e-9. Ours is the best of `--rounds` on all rows.
Memory is the peak of the resident set, arrays included.
"""

from __future__ import annotations

import argparse
import heapq
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from cueline.evaluation.ranking import RankingTotals, global_average_precision
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import TopLists

ROWS, CLASSES, K, LABELS = 50_000, 3_862, 20, 3
LARGE, CHUNK = 10_000_000, 100_000


def made(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Reference and scores."""
    rng = np.random.default_rng(seed)
    scores = np.empty((rows, CLASSES), np.float32)
    reference = np.zeros(scores.shape, np.bool_)
    for first in range(0, rows, 1_000):
        block = slice(first, min(first + 1_000, rows))
        count = block.stop - block.start
        scores[block] = rng.random((count, CLASSES), dtype=np.float32) ** 8
        reference[np.arange(first, block.stop)[:, None], rng.integers(0, CLASSES, (count, LABELS))] = True
    scores[reference] += np.float32(0.2)
    return reference, scores


def by_hand(reference: np.ndarray, scores: np.ndarray) -> float:
    """GAP without numpy, but for reading the rows."""
    heap: list[tuple[float, bool]] = []
    positives = 0
    for flags, values in zip(map(np.ndarray.tolist, reference), map(np.ndarray.tolist, scores), strict=True):
        positives += sum(flags)
        for number in heapq.nlargest(K, range(len(values)), key=values.__getitem__):
            heapq.heappush(heap, (-values[number], flags[number]))
    total, found = 0.0, 0
    for place in range(1, len(heap) + 1):
        if heapq.heappop(heap)[1]:
            found += 1
            total += found / place
    return total / positives


def official_way(reference: np.ndarray, scores: np.ndarray) -> float:
    """GAP in the steps of the official code."""
    of_class: list[list[tuple[float, bool]]] = [[] for _ in range(scores.shape[1])]
    for flags, values in zip(reference, scores, strict=True):
        for number in np.argpartition(values, -K)[-K:]:
            of_class[number].append((values[number], flags[number]))
    positives = sum(np.sum(reference[:, number]) for number in range(reference.shape[1]))
    heap: list[tuple[float, bool]] = []
    for pairs in of_class:
        for pair in pairs:
            heapq.heappush(heap, pair)
    pairs = random.sample(heap, len(heap))
    total, found = 0.0, 0.0
    for place, at in enumerate(sorted(range(len(pairs)), key=lambda at: pairs[at][0], reverse=True), start=1):
        if pairs[at][1]:
            found += 1
            total += found / place
    return total / positives


def ours(reference: np.ndarray, scores: np.ndarray) -> float:
    """GAP by Cueline."""
    return global_average_precision(reference, scores, k=K)


def timed(act: Callable[..., object], *data: object) -> float:
    """Seconds."""
    began = time.perf_counter()
    act(*data)
    return time.perf_counter() - began


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def in_memory(rows: int, rounds: int) -> None:
    """Print what all rows at once cost."""
    reference, scores = made(ROWS)
    spent = min(timed(ours, reference, scores) for _ in range(rounds))
    data = (reference.nbytes + scores.nbytes) / 1e6
    few = reference[:rows], scores[:rows]
    expected = ours(*few)
    lines = [("cueline", f"{spent:.2f}", "1", f"{peak():,.0f} MB, {data:,.0f} MB of them data")]
    for name, calculator in (("by hand", by_hand), ("official way", official_way)):
        if abs(calculator(*few) - expected) > 1e-9:
            raise SystemExit(f"{name} disagrees on {rows} rows: {calculator(*few)} and {expected}")
        scaled = timed(calculator, *few) * ROWS / rows
        lines.append((f"{name}, {rows:,} rows scaled", f"{scaled:.1f}", f"{scaled / spent:.0f}", ""))
    print(table((f"GAP@{K} of {ROWS:,} x {CLASSES:,}", "seconds", "times ours", "peak memory"), lines), flush=True)


def chunks(rows: int) -> Iterator[tuple[LabelLists, TopLists]]:
    """Labels and lists of so many rows."""
    rng = np.random.default_rng(1)
    for _ in range(0, rows, CHUNK):
        classes = (rng.integers(0, CLASSES, (CHUNK, 1)) + 7 * np.arange(K)) % CLASSES
        scores = -np.sort(-(rng.random((CHUNK, K), dtype=np.float32) ** 4), axis=1)
        hits = rng.random((CHUNK, K)) < 0.5 * scores
        ids = classes[hits]
        yield (
            LabelLists(np.concatenate(([0], np.cumsum(hits.sum(axis=1)))), ids, CLASSES),
            TopLists(classes, scores, CLASSES),
        )


def large() -> None:
    """Print what ten million rows cost."""
    for labels, lists in chunks(CHUNK):
        RankingTotals(K).add(labels, lists)  # a first chunk, so that its memory is not counted
    before, totals, adding = peak(), RankingTotals(K), 0.0
    for labels, lists in chunks(LARGE):
        adding += timed(totals.add, labels, lists)
    summing = timed(lambda: totals.global_average_precision)
    lines = [
        (f"add {LARGE // CHUNK} chunks", f"{adding:.1f}"),
        (f"rank {LARGE * K:,} pairs", f"{summing:.1f}"),
        ("memory above that of one chunk", f"{peak() - before:.0f} MB"),
        (f"GAP@{K}", f"{totals.global_average_precision:.6f}"),
    ]
    print(table((f"{LARGE:,} rows x {K} pairs", "seconds"), lines), flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Make scores, measure, print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000, help="rows that the Python calculators are timed on")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of ours, of which the best counts")
    parser.add_argument("--large", action="store_true", help="ten million rows as well: 2 GB of disk, a minute or two")
    options = parser.parse_args()
    if options.large:  # in a process of its own, for memory's peak never falls
        process = multiprocessing.get_context("spawn").Process(target=large)
        process.start()
        process.join()
    in_memory(options.rows, options.rounds)


if __name__ == "__main__":
    main()
