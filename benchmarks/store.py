"""What keeping and finding costs: opening, one commit, tags by the million, one track, in small and large libraries.

    python -m benchmarks.store                    in the folder for temporary files
    python -m benchmarks.store --in /some/disk    on a disk of your choice

Films are made up, ten seconds each. One commit keeps one of them as analysis does, with five tracks - colour of 250
frames written aside, two more tracks of numbers, shots, key frames - and four pictures. Figures are medians; both sizes
are measured in turn, and the best of three rounds counts. The last column is the cost among 10,000 films against that
among 200. Waiting for the disk (fsync) depends on the disk alone, so it is told apart; while a library is filled nobody
waits. It takes about a gibibyte for two minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import numpy as np

from cueline.ports import Outcome, Placed, Rows
from cueline.stores.library import LibraryStore
from cueline.stores.spool import PictureSpool, read_track, write_track
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, LabelTrack

SIZES = (200, 10_000)
TAGS = 1_000_000
ROUNDS = 3
_numbers = count()
_waited = 0.0


def times(length: int, seconds: float) -> np.ndarray:
    """Spans of one length, one after the other."""
    edges = np.arange(length + 1) * seconds
    return np.column_stack((edges[:-1], edges[1:]))


COLOR = FeatureTrack(times(250, 0.04), np.zeros((250, 64), np.float32), stream="video:0")
CURVE = FeatureTrack(times(250, 0.04), np.zeros((250, 1)), ("cut",), "video:0")
SHOTS = LabelTrack(times(4, 2.5), ("shot",) * 4, stream="video:0")
PICTURES = Rows(times(4, 2.5), np.zeros((4, 1)), (), (bytes(5_000),) * 4)


def counting(wait: Callable[[int], None]) -> Callable[[int], None]:
    """Wait for the disk as before, and count the seconds."""

    def waited(handle: int) -> None:
        global _waited  # noqa: PLW0603 - one clock for the whole run
        began = time.perf_counter()
        wait(handle)
        _waited += time.perf_counter() - began

    return waited


def film(store: LibraryStore, run: int) -> tuple[float, float]:
    """Keep one film; give the seconds of the commit and those of them that it waited for the disk."""
    number = next(_numbers)
    name = f"{number * 2654435761 % 2**32:08x}{number:024x}"
    stream = Stream("video:0", "video", 0, "h264", duration=10.0, frames=250, width=1280, height=720)
    store.put_asset(Asset(name, 10.0, (stream,)))
    store.put_place(Placed(Location(Path(f"/films/{number % 100}/{number}.mp4"), number, number), name))
    aside = store.spool_folder()
    write_track(aside / "color", COLOR)
    with PictureSpool(aside / "pictures") as pictures:
        pictures.append(PICTURES)
    outcomes = [
        Outcome(name, "color", "done", Provenance("color", "1"), spooled={"color": aside / "color"}),
        Outcome(name, "thumbnails", "done", Provenance("thumbnails", "1"), pictures=aside / "pictures"),
        Outcome(name, "shots", "done", Provenance("shots", "1"), tracks={"shots": SHOTS, "cuts": CURVE}),
        Outcome(name, "keyframes", "done", Provenance("keyframes", "1"), tracks={"keyframes": SHOTS, "best": CURVE}),
    ]
    before, began = _waited, time.perf_counter()
    store.commit(run, outcomes)
    spent = time.perf_counter() - began, _waited - before
    aside.rmdir()
    return spent


def median(act: Callable[[], object], rounds: int = 15) -> float:
    """Seconds, the median of some rounds."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def filled(folder: Path, size: int) -> Path:
    """A library of so many films; filling does not wait for the disk."""
    path = folder / f"{size}.cue"
    wait, os.fsync = os.fsync, lambda handle: None  # noqa: ARG005 - nothing here must outlive a power cut
    try:
        with LibraryStore(path, create=True) as store:
            run = store.begin_run({"films": size})
            for _ in range(size):
                film(store, run)
            store.end_run(run)
    finally:
        os.fsync = wait
    os.sync()  # else the disk is still busy with it while the next figures are taken
    return path


def measured(path: Path) -> dict[str, float]:
    """Milliseconds of what is done with a library."""
    found = {
        "open to write": median(lambda: LibraryStore(path).close()),
        "open to read": median(lambda: LibraryStore(path, read_only=True).close()),
    }
    with LibraryStore(path) as store:
        run = store.begin_run({"films": 30})
        spent = [film(store, run) for _ in range(30)]
        store.end_run(run)
        some = [asset.id for asset in store.assets()[:30]]
        found |= {
            "keep a film with 5 tracks": statistics.median(whole - waited for whole, waited in spent),
            "... and wait for the disk": statistics.median(waited for _, waited in spent),
            "outcomes of one film": median(lambda: store.outcomes(some[0])),
            "one track of numbers": median(lambda: store.track(some[1], "color")),
            "one track of names": median(lambda: store.track(some[2], "shots")),
            "one picture": median(lambda: store.picture(some[3], 6.0)),
            "all films": median(store.assets, rounds=3),
        }
    return {name: 1000 * seconds for name, seconds in found.items()}


def tagged(folder: Path) -> dict[str, float]:
    """Milliseconds of what is done with a million tags of 100 films."""
    track = LabelTrack(times(TAGS // 100, 0.5), tuple(f"class {i % 50}" for i in range(TAGS // 100)))
    with LibraryStore(folder / "tags.cue", create=True) as store:
        run = store.begin_run({})
        kept = 0.0
        for number in range(100):
            store.put_asset(Asset(str(number), 1e4))
            began = time.perf_counter()
            store.commit(
                run, [Outcome(str(number), "words", "done", Provenance("words", "1"), tracks={"words": track})]
            )
            kept += time.perf_counter() - began
        window = Span(2_000.0, 2_010.0)
        found = {
            "keep": kept,
            "a window of one film": median(lambda: list(store.tags(asset="50", within=window))),
            "a window of every film": median(lambda: list(store.tags(within=window))),
            "one class of every film (20,000)": median(lambda: list(store.tags(classes=["class 7"])), rounds=3),
            "the first 50": median(lambda: list(store.tags(limit=50)), rounds=3),
            "all": median(lambda: sum(1 for _ in store.tags()), rounds=1),
            "count by class": median(lambda: store.sql("SELECT name, count(*) FROM tags GROUP BY name"), rounds=3),
            "one film's track": median(lambda: store.track("70", "words"), rounds=5),
        }
    return {name: 1000 * seconds for name, seconds in found.items()}


def hour(folder: Path) -> float:
    """Milliseconds to read 90,000 x 64 numbers, an hour of film."""
    write_track(folder / "hour", FeatureTrack(times(90_000, 0.04), np.zeros((90_000, 64), np.float32)))
    return 1000 * median(lambda: read_track(folder / "hour"))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Make libraries, measure, print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in", dest="disk", type=Path, help="folder to make the libraries in")
    folder = Path(tempfile.mkdtemp(dir=parser.parse_args().disk, prefix="cueline-store-"))
    os.fsync = counting(os.fsync)
    try:
        libraries = [filled(folder, size) for size in SIZES]
        rounds = [[measured(library) for library in libraries] for _ in range(ROUNDS)]
        few, many = (
            {name: min(one[name] for one in turns) for name in turns[0]} for turns in zip(*rounds, strict=True)
        )
        head = ("milliseconds", *(f"{size:,} films" for size in SIZES), "ratio")
        print(
            table(
                head, [(name, f"{few[name]:.2f}", f"{many[name]:.2f}", f"{many[name] / few[name]:.2f}") for name in few]
            )
        )
        print(
            table((f"{TAGS:,} tags", "milliseconds"), [(name, f"{cost:.2f}") for name, cost in tagged(folder).items()])
        )
        print(table(("one hour of film", "milliseconds"), [("read 90,000 x 64 numbers", f"{hour(folder):.2f}")]))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
