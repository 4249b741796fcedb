"""What keeping and finding costs: opening, commits, features, tags by the million, text, answers.

    python -m benchmarks.store                    in the folder for temporary files
    python -m benchmarks.store --in /some/disk    on a disk of your choice
    python -m benchmarks.store --only answers     one part: films, questions, long, hour or answers

films       what one film costs in a library of 200 and of 10,000. One commit keeps one film as analysis does, with
            seven tracks - colour of 250 frames written aside, two more tracks of numbers, shots, key frames, words,
            subtitles - and four pictures. Both sizes are measured in turn, the best of three rounds counts, and the
            last column is the cost among many against that among few. Waiting for the disk (fsync) depends on the
            disk alone, so it is told apart; while a library is filled nobody waits.
questions   what is asked of those 10,000 films: 1,000,000 tags, of 1,000 phrases that are as rare and as common as
            words of a language are, and 100,000 lines of subtitles, no two alike. Beside each figure stands its aim.
long        a million tags of 100 films.
hour        an hour of numbers.
answers     10,000 answers kept one by one, each on disk before the next, beside a process that commits films all along.

Figures are medians. All of it takes about two gibibytes for three minutes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count, cycle
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np

from benchmarks.libraries import TAGS_A_FILM, filled, keep_film, name_of, times, waits_counted
from cueline import Library
from cueline.ports import Outcome
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.stores.questions import Wanted
from cueline.stores.spool import read_track, write_track
from cueline.timeline.answers import Answer
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, LabelTrack

FEW, MANY = 200, 10_000
TAGS = MANY * TAGS_A_FILM
ANSWERS = 10_000
ROUNDS = 3


def median(act: Callable[[], object], rounds: int = 15) -> float:
    """Milliseconds, the median of some rounds."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return 1000 * statistics.median(spent)


def one_film(path: Path, fresh: Iterator[int]) -> dict[str, float]:
    """Milliseconds of what is done with a library and one film of it."""
    found = {
        "open to write": median(lambda: LibraryStore(path).close()),
        "open to read": median(lambda: LibraryStore(path, read_only=True).close()),
    }
    with LibraryStore(path) as store:
        run = store.begin_run({"films": 30})
        with waits_counted():
            spent = [keep_film(store, run, next(fresh)) for _ in range(30)]
        store.end_run(run)
        return found | {
            "keep a film with 7 tracks": 1000 * statistics.median(whole - waited for whole, waited in spent),
            "... and wait for the disk": 1000 * statistics.median(waited for _, waited in spent),
            "outcomes of one film": median(lambda: store.outcomes(name_of(0))),
            "one track of numbers": median(lambda: store.track(name_of(1), "color")),
            "one track of names": median(lambda: store.track(name_of(2), "shots")),
            "one picture": median(lambda: store.picture(name_of(3), 300.0)),
            "all films": median(store.assets, rounds=3),
        }


def films(library: Callable[[int], Path]) -> str:
    """The cost of one film among few and among many."""
    fresh = count(MANY)
    rounds = [[one_film(library(size), fresh) for size in (FEW, MANY)] for _ in range(ROUNDS)]
    few, many = ({name: min(one[name] for one in turns) for name in turns[0]} for turns in zip(*rounds, strict=True))
    head = ("milliseconds", f"{FEW:,} films", f"{MANY:,} films", "ratio")
    return table(
        head, [(name, f"{few[name]:.2f}", f"{many[name]:.2f}", f"{many[name] / few[name]:.2f}") for name in few]
    )


def questions(library: Callable[[int], Path]) -> str:
    """What is asked of many films, with the aim of each."""
    path = library(MANY)
    some = cycle([name_of(number * 97 % MANY) for number in range(50)])
    window = Span(200.0, 210.0)
    with LibraryStore(path, read_only=True) as store:
        asked: list[tuple[str, Callable[[], object], float]] = [
            ("open to write", lambda: LibraryStore(path).close(), 200.0),
            ("open to read", lambda: LibraryStore(path, read_only=True).close(), 200.0),
            ("a window of one film", lambda: list(store.tags(asset=next(some), within=window)), 5.0),
            ("a window of all films, the first 100", lambda: list(store.tags(within=window, limit=100)), 5.0),
            ("count by track and name", store.tallies, 200.0),
            ("count one track's names", lambda: store.tallies(Wanted(names=["words"])), 200.0),
            ("SQL: count by name", lambda: store.sql("select name, count(*) from tags group by name"), 200.0),
            *((f"text: {text}", lambda text=text: store.find_text(text), 50.0) for text in TEXTS),
            ("features of one film, every number", lambda: all_numbers(store, next(some)), 2.0),
            ("the same from Library, by path", lambda: Library(path).features("/films/11/711.mp4", "color"), 2.0),
            ("status", Library(path).status, 0.0),
        ]
        rows = [(name, median(act, rounds=5), aim) for name, act, aim in asked]
    cells = [(name, f"{cost:.2f}", f"< {aim:g}" if aim else "", verdict(cost, aim)) for name, cost, aim in rows]
    return table((f"{TAGS:,} tags of {MANY:,} films, milliseconds", "", "aim", ""), cells)


def all_numbers(store: LibraryStore, asset: str) -> float:
    """Read every number of a feature track."""
    return float(store.track(asset, "color").values.sum())


TEXTS = ("dog", "red dog", '"red dog"', "snow distant", "the", "48213", "482*", "dog OR car OR street", "the NOT dog")


def verdict(cost: float, aim: float) -> str:
    """Whether an aim was reached."""
    return "" if not aim else "yes" if cost < aim else "NO"


def long(folder: Path) -> str:
    """What is done with a million tags of few, long films."""
    track = LabelTrack(times(TAGS // 100, 0.5), tuple(f"class {i % 50}" for i in range(TAGS // 100)))
    with LibraryStore(folder / "long.cue", create=True) as store:
        run = store.begin_run({})
        kept = 0.0
        for number in range(100):
            store.put_asset(Asset(str(number), 1e4))
            began = time.perf_counter()
            made = Provenance("words", "1")
            store.commit(run, [Outcome(str(number), "words", "done", made, tracks={"words": track})])
            kept += time.perf_counter() - began
        window = Span(2_000.0, 2_010.0)
        found = {
            "keep": 1000 * kept,
            "a window of one film": median(lambda: list(store.tags(asset="50", within=window))),
            "a window of every film": median(lambda: list(store.tags(within=window))),
            "one class of every film (20,000)": median(lambda: list(store.tags(classes=["class 7"])), rounds=3),
            "the first 50": median(lambda: list(store.tags(limit=50)), rounds=3),
            "all": median(lambda: sum(1 for _ in store.tags()), rounds=1),
            "count by class": median(store.tallies, rounds=3),
            "one film's track": median(lambda: store.track("70", "words"), rounds=5),
        }
    return table(
        (f"{TAGS:,} tags of 100 films", "milliseconds"), [(name, f"{cost:.2f}") for name, cost in found.items()]
    )


def hour(folder: Path) -> str:
    """What it costs to read 90,000 x 64 numbers, an hour of film."""
    write_track(folder / "hour", FeatureTrack(times(90_000, 0.04), np.zeros((90_000, 64), np.float32)))
    cost = median(lambda: read_track(folder / "hour"))
    return table(("one hour of film", "milliseconds"), [("read 90,000 x 64 numbers", f"{cost:.2f}")])


def answers(folder: Path) -> str:
    """What people's answers cost beside an analysis that commits all the time."""
    path = filled(folder / "answers", FEW)
    spent = []
    with beside(path) as commits, AnswerBook(path) as book:
        for number in range(ANSWERS):
            began = time.perf_counter()
            book.add(Answer(name_of(number % FEW), "dog", "yes", "ann"))
            spent.append(time.perf_counter() - began)
    total = sum(spent)
    cells = [
        (f"{ANSWERS:,} answers, one by one", f"{total:.2f} s", "< 30 s", verdict(total, 30.0)),
        ("one answer", f"{1000 * statistics.median(spent):.2f} ms", "", ""),
        ("the slowest of them", f"{1000 * max(spent):.0f} ms", "", ""),
        ("films committed meanwhile", f"{commits.value / total:.0f} a second", "", ""),
    ]
    return table(("answers beside an analysis", "", "aim", ""), cells)


@contextmanager
def beside(path: Path) -> Iterator[Synchronized[int]]:
    """A process that commits films all along; gives the number of films it has committed."""
    spawn = multiprocessing.get_context("spawn")
    commits, ended = spawn.Value("i", 0), spawn.Event()
    process = spawn.Process(target=commit_films, args=(path, commits, ended))
    process.start()
    while not commits.value:
        time.sleep(0.01)
    commits.value = 0
    yield commits
    ended.set()
    process.join()


def commit_films(path: Path, commits: Synchronized[int], ended: Event) -> None:
    """Commit films until it is told to end."""
    with LibraryStore(path) as store:
        run = store.begin_run({})
        for number in count(MANY):
            keep_film(store, run, number)
            commits.value += 1
            if ended.is_set():
                break
        store.end_run(run)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Make libraries, measure, print tables."""
    folder_parts = {"long": long, "hour": hour, "answers": answers}
    library_parts = {"films": films, "questions": questions}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in", dest="disk", type=Path, help="folder to make the libraries in")
    parser.add_argument("--only", choices=[*library_parts, *folder_parts], help="one part")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=given.disk, prefix="cueline-store-"))
    library = cache(lambda size: filled(folder, size))
    try:
        for name, part in library_parts.items():
            if given.only in (None, name):
                print(part(library), flush=True)
        for name, part in folder_parts.items():
            if given.only in (None, name):
                print(part(folder), flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
