"""What reading YouTube-8M costs: `python -m benchmarks.youtube8m_reading`, over all 41,393 rows: `--all`.

The course's CSV is written again from the real arrays: labels as zeros and ones, features with a little noise, so that
numbers have as many digits as in the published text (20 kB a row). Converting it once is compared with what the course
does in every epoch: the csv module, then float() of each field. Official records are written with the same rows; a
frame-level record has 300 frames made of rows. All files lie in the page cache. Rates are the best of three rounds,
those over all rows of one.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from cueline.datasets.youtube8m import (
    convert,
    dequantised,
    open_compact,
    read_course,
    read_examples,
    read_predictions,
    read_tfrecords,
    write_predictions,
    write_records,
)
from cueline.datasets.youtube8m.messages import example_bytes, sequence_bytes
from cueline.timeline.examples import Examples
from cueline.timeline.toplists import top_classes

DATA = Path(os.environ.get("CUELINE_REAL_DATA", Path(__file__).parents[2] / "shared" / "data")) / "youtube8m"
ALL_ROWS, CLASSES, FRAMES = 41_393, 3862, 300


def batches(examples: Examples, rows: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Features and flags of the first rows, a thousand at a time."""
    rng = np.random.default_rng(0)
    for first in range(0, rows, 1000):
        some = examples.take(np.arange(first, min(first + 1000, rows)))
        noise = rng.uniform(-0.5, 0.5, some.values.shape) * (4 / 255)
        yield (dequantised(some.values) + noise).astype(np.float32), some.yes.dense()


def write_course(path: Path, examples: Examples, rows: int) -> None:
    """The course's CSV."""
    with path.open("w") as stream:
        for values, flags in batches(examples, rows):
            for numbers, labels in zip(
                values.astype(str).tolist(), flags.astype(np.uint8).astype(str).tolist(), strict=True
            ):
                stream.write(f"{','.join(labels)},{','.join(numbers)},\n")


def videos(examples: Examples, rows: int) -> Iterator[bytes]:
    """Video-level records."""
    row = 0
    for values, flags in batches(examples, rows):
        for numbers, labels in zip(values, flags, strict=True):
            features = {"mean_rgb": numbers[:1024], "mean_audio": numbers[1024:], "labels": np.flatnonzero(labels)}
            yield example_bytes({"id": [b"%04x" % row], **features})
            row += 1


def frame_records(examples: Examples, count: int) -> Iterator[bytes]:
    """Frame-level records."""
    for number in range(count):
        frames = np.asarray(examples.values[number * FRAMES : (number + 1) * FRAMES])
        lists = {"rgb": [row[:1024].tobytes() for row in frames], "audio": [row[1024:].tobytes() for row in frames]}
        yield sequence_bytes({"id": [b"%04x" % number], "labels": np.array([3])}, lists)


def old_way(path: Path) -> int:
    """What the course does in every epoch: all fields of all rows through float()."""
    count = 0
    with path.open(newline="") as stream:
        for row in csv.reader(stream):
            fields = [float(field) for field in row[: CLASSES + 1152]]
            np.array(fields[:CLASSES], np.float32)
            np.array(fields[CLASSES:], np.float32)
            count += 1
    return count


def best(act: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the quickest round."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return min(spent)


def drained(batches: Iterable[object]) -> None:
    """Read all."""
    for _ in batches:
        pass


def text(folder: Path, examples: Examples, rows: int, rounds: int) -> list[tuple[str, str]]:
    """Lines about the CSV and the compact form."""
    path = folder / "train.csv"
    write_course(path, examples, rows)
    compact = folder / "compact"
    converted = best(lambda: convert(path, compact, replace=True), rounds)
    read = best(lambda: drained(read_course(path)), rounds)
    old = best(lambda: old_way(path), rounds)
    scale = ALL_ROWS / rows
    epoch = best(lambda: [open_compact(compact).floats(slice(at, at + 512)) for at in range(0, rows, 512)])
    return [
        (f"CSV of {rows:,} rows", f"{path.stat().st_size / 1e6:,.0f} MB"),
        ("read every epoch, the old way", f"{rows / old:,.0f} rows/s: {old * scale:.1f} s for {ALL_ROWS:,} rows"),
        ("read as rows", f"{rows / read:,.0f} rows/s: {read * scale:.1f} s, {old / read:.1f} times as fast"),
        ("converted once", f"{rows / converted:,.0f} rows/s: {converted * scale:.1f} s"),
        ("an epoch over the compact form", f"{epoch * scale:.2f} s, {old / epoch:,.0f} times as fast as the old way"),
        ("opening the compact form", f"{1000 * best(lambda: open_compact(compact)):.1f} ms"),
        ("... with labels", f"{1000 * best(lambda: open_compact(compact).labels):.1f} ms"),
        ("... as examples", f"{1000 * best(lambda: open_compact(compact).examples()):.1f} ms"),
    ]


def records(folder: Path, examples: Examples, rows: int, rounds: int) -> list[tuple[str, str]]:
    """Lines about official records."""
    lines = []
    for level, datas, count in (
        ("video", videos(examples, rows), rows),
        ("frame", frame_records(examples, min(100, rows // 20)), min(100, rows // 20)),
    ):
        path = folder / f"{level}.tfrecord"
        write_records(path, datas)
        spent = best(lambda path=path: drained(read_tfrecords(path)), rounds)
        rate = path.stat().st_size / 1e6 / spent
        lines.append((f"TFRecords of {level} level", f"{rate:,.0f} MB/s, {count / spent:,.0f} records/s"))
    return lines


def predictions(folder: Path) -> list[tuple[str, str]]:
    """Lines about 50,000 rows of 20 pairs."""
    scores = np.random.default_rng(0).random((50_000, 400), np.float32)
    top = top_classes(scores, 20)
    names = [f"{row:04x}" for row in range(len(top))]
    lines = []
    for suffix in (".csv", ".npz", ".parquet"):
        path = folder / f"p{suffix}"
        written = best(lambda path=path: write_predictions(path, names, top))
        read = best(lambda path=path: read_predictions(path, width=CLASSES))
        lines.append((f"50,000 x 20 predictions, {suffix}", f"written in {written:.2f} s, read in {read:.2f} s"))
    return lines


def main() -> None:
    """Write files, read them, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="all rows: 1.1 GB of disk, some minutes")
    parser.add_argument("--rows", type=int, default=4000, help="how many rows otherwise")
    parser.add_argument("--in", dest="disk", type=Path, help="folder to work in")
    options = parser.parse_args()
    examples = read_examples(DATA / "train_features_uint8.npy", DATA / "train_labels.npz")
    rows, rounds = (ALL_ROWS, 1) if options.all else (options.rows, 3)
    with tempfile.TemporaryDirectory(dir=options.disk, prefix="cueline-youtube8m-") as name:
        folder = Path(name)
        lines = text(folder, examples, rows, rounds) + records(folder, examples, min(rows, 8000), rounds)
        lines += predictions(folder)
    print("| YouTube-8M | cost |\n|---|---|")
    for line in lines:
        print(f"| {' | '.join(line)} |")


if __name__ == "__main__":
    main()
