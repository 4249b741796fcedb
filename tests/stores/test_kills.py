"""Whatever moment a process is killed at: nothing acknowledged is lost, nothing is half there, work goes on.

Fifty kills (SIGKILL) at moments drawn from a seed: forty of processes that commit results or answers, in one library
that goes through all of them, and ten of processes that bring an older library up to date.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from cueline.stores import schema
from cueline.stores.library import LibraryStore
from tests.stores import writers
from tests.stores.made import asset, features, files_of, named_files, same

ROOT = Path(__file__).parents[2]
SEED = 3


class Nursery:
    """Starts writers in no time, and kills them."""

    def __init__(self, process):
        self._process = process

    def start(self, task, library, number=0):
        """Start a writer; give the number of its process."""
        self._process.stdin.write(f"{task} {number} {library}\n")
        self._process.stdin.flush()
        began, number = self._line().split()
        assert began == "began"
        return int(number)

    def acknowledged(self):
        """The next number that the writer said; None when it has ended."""
        line = self._line()
        return None if line == "ended" else int(line)

    def kill(self, process):
        """End a writer; give the numbers that it had said since."""
        os.kill(process, signal.SIGKILL)
        return list(iter(self.acknowledged, None))

    def _line(self):
        line = self._process.stdout.readline()
        assert line, "the nursery itself broke down"
        return line.rstrip("\n")


@pytest.fixture
def nursery():
    lines = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-m", "tests.stores.writers"]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **lines) as process:
        yield Nursery(process)
        os.killpg(process.pid, signal.SIGKILL)  # with what a failed test may have left


def must_be_sound(store):
    """The database is whole, and files and rows belong together, with nothing left over."""

    def one(query):
        return store.sql(query)[1]

    assert one("PRAGMA integrity_check") == [("ok",)]
    assert one("PRAGMA foreign_key_check") == []
    assert files_of(store) == named_files(store)
    assert one("SELECT * FROM loose_file") == []
    assert list(store.path.glob("spool/*")) == []
    assert store.lost_work() == set()
    counts = "SELECT rows, (SELECT count(*) FROM tag WHERE tag.track = track.id) FROM track WHERE kind = 'labels'"
    assert all(rows == there for rows, there in one(counts))
    tracks = "SELECT id FROM track UNION SELECT id FROM past_track"
    assert one(f"SELECT count(*) FROM tag WHERE track NOT IN ({tracks})") == [(0,)]
    assert one("SELECT count(*) FROM runs WHERE state = 'running'") == [(0,)]


def holds(store, last):
    """Whether the library holds what it must after a commit, and all of it can be read."""
    held = {(o.asset, o.plugin): (o.state, int(o.provenance.version)) for o in store.outcomes()}
    if held != writers.content(last):
        return False
    for name in writers.ASSETS:
        given = {}
        for (of, plugin), (state, number) in held.items():
            given |= writers.tracks_of(plugin, number) if (of, state) == (name, "done") else {}
        assert store.track_names(name) == sorted(given)
        assert all(same(store.track(name, track), value) for track, value in given.items())
        state, number = held.get((name, "color"), ("failed", 0))
        assert store.picture(name, 0.5) == (b"picture 0" if state == "done" else None)
    return True


def holds_answers(store, last):
    """Whether all answers up to one are there, and no other."""
    found = store.sql("SELECT id FROM answers ORDER BY number")[1]
    return found == [(f"answer {number}",) for number in range(last + 1)]


def test_whatever_moment_a_writer_is_killed_at_nothing_is_lost_or_half_there(nursery, folder):
    path, random = folder / "films.cue", Random(SEED)
    last = {"commit": -1, "answer": -1}
    for turn in range(40):
        task = random.choice(("commit", "commit", "commit", "answer")) if turn else "commit"
        said = [last[task]]
        print(f"seed {SEED}, kill {turn}: {task} after {said}")
        process = nursery.start(task, path, last[task] + 1)
        if turn == 0 or random.random() < 0.7:  # else already while it opens the library
            said.append(nursery.acknowledged())
        time.sleep(random.uniform(0, 0.08))
        said += nursery.kill(process)
        with LibraryStore(path) as store:
            # The one in hand may be there as well, as a whole
            there = {"commit": holds, "answer": holds_answers}[task]
            last[task] = next((each for each in (said[-1], said[-1] + 1) if there(store, each)), None)
            assert last[task] is not None
            assert holds(store, last["commit"])
            assert holds_answers(store, last["answer"])
            must_be_sound(store)
    assert min(last.values()) > 40


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_whatever_moment_an_update_is_killed_at_the_library_opens_and_holds_everything(nursery, folder, journal):
    random, longest = Random(SEED), 0.0
    for turn in range(6):  # the first is left alone, to see how long it takes
        print(f"seed {SEED}, kill {turn}")
        path = folder / f"{turn}.cue"
        shutil.copytree(ROOT / "tests" / "baselines" / "library-1", path)
        with closing(sqlite3.connect(path / schema.FILE)) as database:
            database.execute(f"PRAGMA journal_mode = {journal}")
        began = time.perf_counter()
        process = nursery.start("update", path)
        if turn:
            time.sleep(random.uniform(0, longest))
        else:
            nursery.acknowledged()
            longest = time.perf_counter() - began
        nursery.kill(process)
        for read_only in (True, False):
            with LibraryStore(path, read_only=read_only) as store:
                assert [each.id for each in store.assets()] == ["b2", "a1"]
                assert store.assets()[1] == asset("a1", film="Sintel")
                assert same(store.track("a1", "color"), features(4))
                assert [tag.name for tag in store.find_text("shot")] == ["shot", "shot"]
        with LibraryStore(path) as store:
            must_be_sound(store)
        with closing(sqlite3.connect(path / f"{schema.FILE}.version-1")) as before:
            assert before.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert before.execute("PRAGMA user_version").fetchone() == (1,)
