"""Processes that write to a library until somebody kills them, and what the library must then hold.

    python -m tests.stores.writers

It imports everything once, then reads lines "TASK LIBRARY NUMBER" and forks a process for each. That process says a
number when the commit of that number has returned, and goes on with the next; when it has ended, "ended" is said.
What commit 17 does follows from the number 17 alone, so whoever knows the last number knows all that must be there.
"""

import os
import signal
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from cueline.ports import Outcome
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.stores.spool import write_track
from cueline.timeline.answers import Answer
from cueline.timeline.records import Tracks
from cueline.timeline.tracks import FeatureTrack
from tests.stores.made import asset, done, labels, made_by, pictures, spans

ASSETS = tuple("abcde")
Content = dict[tuple[str, str], tuple[str, int]]  # (asset, plug-in) -> how it ended, and in which commit


def numbers(number: int) -> FeatureTrack:
    """The features that a commit gives: the bytes tell the commit."""
    values = np.random.default_rng(number).standard_normal((50 + number % 7, 8), np.float32)
    return FeatureTrack(spans(len(values)), values, stream="video:0")


def tracks_of(plugin: str, number: int) -> Tracks:
    """What a plug-in gives in a commit."""
    if plugin == "color":
        return {"color": numbers(number)}
    return {"shots": labels(*[f"{number}"] * (3 + number % 5)), "cuts": numbers(number + 10**6)}


def told(number: int) -> list[tuple[str, str, str]]:
    """What a commit is about: asset, plug-in and state of each of its outcomes, one to four of them."""
    random = Random(number)
    pairs = [(name, plugin) for name in ASSETS for plugin in ("color", "shots")]
    chosen = random.sample(pairs, random.randint(1, 4))
    return [(name, plugin, random.choice(("done", "done", "done", "failed"))) for name, plugin in chosen]


def content(last: int) -> Content:
    """What a library holds after a commit and all before it."""
    held: Content = {}
    for number in range(last + 1):
        held |= {(name, plugin): (state, number) for name, plugin, state in told(number)}
    return held


def outcomes(number: int, aside: Path) -> Iterator[Outcome]:
    """What a commit keeps: features spooled, or in memory, labels, pictures, failures."""
    for name, plugin, state in told(number):
        if state == "failed":
            yield Outcome(name, plugin, "failed", made_by(plugin, str(number)), "it is made to")
        elif plugin == "color":
            path = aside / f"{name}.arrow"
            write_track(path, numbers(number))
            kept = pictures(aside / f"{name}.pictures.arrow", 1 + number % 3)
            yield done(plugin, name, str(number), spooled={"color": path}, pictures=kept)
        else:
            yield done(plugin, name, str(number), tracks=tracks_of(plugin, number))


def commit(path: Path, first: int) -> None:
    """Commit one number after the other."""
    store = LibraryStore(path, create=True)
    run = store.begin_run({"first": first})
    for name in ASSETS:
        store.put_asset(asset(name))
    for number in count(first):
        aside = store.spool_folder()
        store.commit(run, list(outcomes(number, aside)))
        say(number)
        aside.rmdir()


def answer(path: Path, first: int) -> None:
    """Give one answer after the other."""
    book = AnswerBook(path)
    for number in count(first):
        book.add(Answer(ASSETS[number % 5], "dog", "yes", "ann", id=f"answer {number}"))
        say(number)


def update(path: Path, first: int) -> None:
    """Bring an older library up to date."""
    LibraryStore(path).close()
    say(first)
    signal.pause()


def say(word: object) -> None:
    """Tell the parent; what is written here stays in the pipe whatever becomes of this process."""
    os.write(1, f"{word}\n".encode())


TASKS = {task.__name__: task for task in (commit, answer, update)}

if __name__ == "__main__":
    with TemporaryDirectory() as aside:  # so that all is imported, once
        write_track(Path(aside) / "first.arrow", numbers(0))
    for line in sys.stdin:
        task, number, path = line.rstrip("\n").split(" ", 2)
        process = os.fork()
        if process == 0:
            say(f"began {os.getpid()}")
            TASKS[task](Path(path), int(number))
            os._exit(0)
        os.waitpid(process, 0)
        say("ended")
