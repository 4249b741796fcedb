"""Several processes at one library: two analyses, an analysis that is killed, people who answer and read meanwhile."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from cueline import Library
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer
from tests.films import three_shots

FILMS = 6
COMMAND = (sys.executable, "-m", "cueline")
ANALYZE = (*COMMAND, "analyze", "--with", "shots,black", "--jobs", "1", "--json")
TRACKS = ["black", "color", "shots", "shots.curve"]


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "films"
    folder.mkdir()
    for number in range(FILMS):
        three_shots(folder / f"{number}.mp4", seed=number)
    return folder


@pytest.fixture
def folder(films, tmp_path):
    return Path(shutil.copytree(films, tmp_path / "films"))


@pytest.fixture
def library(folder):
    return Library.beside(folder)


@contextmanager
def analysis(folder):
    """A process that analyses a folder."""
    command = (*ANALYZE, str(folder))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(condition, seconds=30.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def begun(library):
    """Whether one film was analysed."""
    return (library.path / "library.sqlite").exists() and done(library) >= 1


def done(library):
    return len(library.sql("select 1 from outcomes where plugin = 'shots'"))


def workers_of(process):
    """Numbers of the processes that a process started, as the system tells."""
    stats = [path.read_text() for path in Path("/proc").glob("[0-9]*/stat")]
    fields = [(int(stat.split(" ", 1)[0]), stat.rpartition(")")[2].split()) for stat in stats]
    return [number for number, (_, parent, *_) in fields if int(parent) == process.pid]


def alive(number):
    """Whether a process still runs; one that has ended may wait to be collected."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def must_be_complete(library):
    """Every film is done, each plug-in worked on it once, and nothing is left behind."""
    state = library.status()
    assert (state.done, state.waiting, dict(state.failed)) == (FILMS, 0, {})
    assert state.tracks == dict.fromkeys(TRACKS, FILMS)
    twice = library.sql("select asset, plugin from history group by asset, plugin having count(*) > 1")
    assert twice.empty
    with LibraryStore(library.path) as store:
        assert store.sql("pragma integrity_check")[1] == [("ok",)]
        assert store.lost_work() == set()
        files = {str(file.relative_to(store.path)) for file in store.path.rglob("*.arrow")}
        named = store.sql("select file from tracks where file is not null")[1]
        assert files == {file for (file,) in named}


def test_a_second_analysis_is_refused_at_once_with_who_holds_the_library(folder, library):
    with analysis(folder) as first:
        wait_for(lambda: begun(library))
        first.send_signal(signal.SIGSTOP)  # so that it is surely at work
        second = subprocess.run([*ANALYZE, str(folder)], capture_output=True, text=True, timeout=30, check=False)
        state = subprocess.run([*COMMAND, "status", str(library.path), "--json"], capture_output=True, check=False)
        first.send_signal(signal.SIGCONT)
        told, _ = first.communicate()
    assert (second.returncode, second.stdout) == (2, "")
    assert re.fullmatch(
        rf"cueline: cannot write to the library '{library.path}': process {first.pid} on \S+, since \S+, is writing to "
        "it. Wait until that has ended, or end it; reading is possible meanwhile\n",
        second.stderr,
    )
    assert (state.returncode, json.loads(state.stdout)["assets"]) == (0, FILMS)
    assert (first.returncode, json.loads(told)["done"]) == (0, FILMS)
    must_be_complete(library)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells there who started which process")
def test_a_killed_analysis_leaves_no_workers_and_the_next_one_finishes_without_doing_anything_twice(folder, library):
    with analysis(folder) as first:
        wait_for(lambda: begun(library))
        workers = workers_of(first)
        first.kill()
    assert workers
    wait_for(lambda: not any(map(alive, workers)), seconds=5.0)
    before = library.sql("select asset, plugin, run from outcomes order by 1, 2")
    kept = done(library)
    assert 1 <= kept < FILMS
    with analysis(folder) as second:
        told = json.loads(second.communicate()[0])
    assert (second.returncode, told["done"], told["fresh"]) == (0, FILMS, FILMS - kept)
    after = library.sql("select asset, plugin, run from outcomes order by 1, 2")
    assert len(before.merge(after)) == len(before)
    assert library.sql("select state from runs order by id")["state"].tolist() == ["interrupted", "done"]
    must_be_complete(library)


def test_people_answer_and_read_while_an_analysis_runs(folder, library):
    seen, given = set(), 0
    with analysis(folder) as run:
        wait_for(lambda: (library.path / "library.sqlite").exists() and library.assets())
        with AnswerBook(library.path) as book, LibraryStore(library.path, read_only=True) as reader:
            while run.poll() is None:
                names = {asset.id: tuple(reader.track_names(asset.id)) for asset in reader.assets()}
                assert set(names.values()) <= {(), tuple(TRACKS)}, "an asset appears whole or not at all"
                for asset in (asset for asset, there in names.items() if there):
                    assert [reader.track(asset, name) for name in TRACKS]
                seen.add(sum(map(bool, names.values())))
                book.add(*(Answer(asset, "dog", "yes", "ann", id=f"{given} {asset}") for asset in names))
                given += len(names)
    assert run.returncode == 0
    assert seen & set(range(1, FILMS)), "it was read in the middle"
    with AnswerBook(library.path, read_only=True) as book:
        assert len(book.answers()) == given > 0
    must_be_complete(library)
