"""What choosing the next clips costs: `python -m benchmarks.active`; a million rows: `--rows 1000000`, 2 GB of them.

Features are made: rows of length 1 around a hundred centres, float32, and classes that a linear model can learn. Of
each strategy, in a process of its own that reads the features from a file, for memory's peak never falls, and what
starts a process hands it down:

    study    looking at the features, once for a pool
    first    a query before anything is answered
    query    a query when `--answered` rows are, given the chances of the model, and which answers follow from them
             where the strategy tells; the worst of `--rounds`
    memory   the most that all three held beside the features, answers and chances

The last lines are what every query costs besides, whatever the strategy: to fit the model and to score the pool.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from benchmarks.ranking import peak, table
from cueline.learning.active.asking import UNKNOWN, Asker, Infers, Known
from cueline.learning.active.few import fit_few
from cueline.learning.active.strategies import STRATEGIES, strategy

CENTRES, SHARE, BLOCK_ROWS = 100, 0.02, 16_384


@dataclass(frozen=True)
class Pool:
    """Features, true answers, and the rows that are answered."""

    values: np.ndarray
    truth: np.ndarray
    answered: np.ndarray

    def known(self, answered: np.ndarray, chances: np.ndarray | None = None) -> Known:
        """What is known when some rows are answered."""
        answers = np.full(self.truth.shape, UNKNOWN, np.int8)
        answers[answered] = self.truth[answered]
        seen = np.zeros(len(self.values), np.bool_)
        seen[answered] = True
        return Known(self.values, answers, chances, None, seen)


def made(rows: int, width: int, classes: int, answered: int) -> Pool:
    """A pool."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((CENTRES, width), dtype=np.float32)
    values = np.empty((rows, width), np.float32)
    for first in range(0, rows, BLOCK_ROWS):
        block = values[first : first + BLOCK_ROWS]
        rng.standard_normal(dtype=np.float32, out=block)
        block += centres[rng.integers(0, CENTRES, len(block))]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    scores = values @ rng.standard_normal((width, classes), dtype=np.float32)
    truth = (scores > np.quantile(scores, 1 - SHARE, axis=0)).astype(np.int8)
    some = np.concatenate([rng.choice(np.flatnonzero(column), 5, replace=False) for column in truth.T])
    others = rng.choice(np.setdiff1d(np.arange(rows), some), max(answered - len(np.unique(some)), 5), replace=False)
    return Pool(values, truth, np.unique(np.concatenate((some, others))))


def timed(act: Callable[[], object]) -> tuple[float, object]:
    """Seconds, and what came out."""
    began = time.perf_counter()
    found = act()
    return time.perf_counter() - began, found


def keep(folder: Path, rows: int, width: int, classes: int, answered: int, told: Connection) -> None:
    """Write a pool and what a model makes of it; tell the seconds to fit the model and to score the pool."""
    pool = made(rows, width, classes, answered)
    fitting, model = timed(lambda: fit_few(pool.values[pool.answered], pool.truth[pool.answered]))
    scoring, chances = timed(lambda: model.chances(pool.values))
    parts = {"values": pool.values, "truth": pool.truth, "answered": pool.answered, "chances": chances}
    for part, array in parts.items():
        np.save(folder / f"{part}.npy", array)
    told.send((f"{fitting:.3f}", f"{scoring:.2f}"))


def query(asker: Asker, known: Known, count: int) -> None:
    """Choose, and infer where that can be."""
    asker.choose(known, count, np.random.default_rng(1))
    if isinstance(asker, Infers):
        asker.inferred(known)


def measure(name: str, folder: Path, count: int, rounds: int, told: Connection) -> None:
    """Tell the seconds and megabytes of a strategy."""
    pool = Pool(*(np.load(folder / f"{part}.npy") for part in ("values", "truth", "answered")))
    chances = np.load(folder / "chances.npy")
    before = peak()
    study, asker = timed(lambda: strategy(name).study(pool.values, seed=0))
    nothing = pool.known(np.empty(0, np.int64))
    first, _ = timed(lambda: asker.choose(nothing, count, np.random.default_rng(0)))
    known = pool.known(pool.answered, chances)
    queries = [timed(lambda: query(asker, known, count))[0] for _ in range(rounds)]
    told.send((name, f"{study:.2f}", f"{first:.2f}", f"{max(queries):.2f}", f"{peak() - before:,.0f} MB"))


def told_by(act: Callable[..., None], *about: object) -> tuple[str, ...] | None:
    """What a process of its own tells; None if it broke."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=act, args=(*about, there))
    process.start()
    there.close()
    try:
        return here.recv()
    except EOFError:
        return None
    finally:
        process.join()


def main() -> None:
    """Make a pool, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the pool")
    parser.add_argument("--width", type=int, default=512, help="numbers of a row")
    parser.add_argument("--classes", type=int, default=1, help="classes that one question is about")
    parser.add_argument("--answered", type=int, default=400, help="rows that are answered")
    parser.add_argument("--count", type=int, default=20, help="rows that a query asks for")
    parser.add_argument("--rounds", type=int, default=3, help="queries, of which the worst counts")
    parser.add_argument("--strategies", default=",".join(STRATEGIES), help="names, with commas")
    options = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as name:
        kept = told_by(keep, Path(name), options.rows, options.width, options.classes, options.answered)
        if kept is None:
            raise SystemExit("no pool could be made, see above")
        for each in options.strategies.split(","):
            line = told_by(measure, each, Path(name), options.count, options.rounds)
            lines.append(line or (each, "-", "-", "-", "it broke, see above"))
            print(*lines[-1], file=sys.stderr, flush=True)
    lines += [(act, "", "", spent, "") for act, spent in zip(("fit the model", "score the pool"), kept, strict=True)]
    head = f"{options.rows:,} x {options.width}, {options.classes} class{'es' * (options.classes > 1)}, seconds"
    print(table((head, "study", "first", "query", "memory"), lines), flush=True)


if __name__ == "__main__":
    main()
