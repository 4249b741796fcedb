import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cueline.errors import StoreError
from cueline.stores.files import Files
from cueline.stores.library import LibraryStore
from cueline.stores.spool import write_track
from tests.stores.made import asset, done, features, labels, pictures, placed, same, spans

ROOT = Path(__file__).parents[2]


def files_of(store):
    return {str(path.relative_to(store.path)) for path in store.path.rglob("*.arrow")}


def named_files(store):
    query = "SELECT file FROM track WHERE file NOT NULL UNION SELECT pictures FROM outcome WHERE pictures NOT NULL"
    return {name for (name,) in store.sql(query)[1]}


def loose_files(store):
    return [name for (name,) in store.sql("SELECT path FROM loose_file")[1]]


def test_what_was_kept_is_there_after_reopening(folder):
    with LibraryStore(folder / "films.cue", create=True) as store:
        store.put_asset(asset(film="Sintel"))
        store.put_place(placed("/films/a.mp4"))
        kept = {"shots": labels("x"), "color": features()}
        store.commit(store.begin_run({}), [done(tracks=kept, pictures=pictures(store.spool_folder() / "p"))])
    for read_only in (True, False):
        with LibraryStore(str(folder / "films.cue"), read_only=read_only) as store:
            assert store.assets() == [asset(film="Sintel")]
            assert store.places() == [placed("/films/a.mp4")]
            assert store.outcomes() == [done()]
            assert all(same(store.track("a1", name), track) for name, track in kept.items())
            assert store.picture("a1", 0.5) == b"picture 0"


def test_the_name_of_a_library_may_hold_anything(folder):
    path = folder / os.fsdecode(b"100% a?b#c \xff.cue")
    with LibraryStore(path, create=True) as store:
        store.put_asset(asset())
        assert store.sql("SELECT id FROM assets") == (["id"], [("a1",)])
        assert repr(store) == f"LibraryStore({str(path)!r})"
    with LibraryStore(path, read_only=True) as store:
        assert store.assets() == [asset()]


def test_a_reader_sees_each_commit_of_the_writer_beside_it(store):
    with LibraryStore(store.path, read_only=True) as reader:
        assert reader.assets() == []
        store.put_asset(asset())
        store.commit(store.begin_run({}), [done(tracks={"color": features()})])
        assert same(reader.track("a1", "color"), features())


def test_a_track_that_is_replaced_stays_whole_for_who_reads_it(store):
    store.put_asset(asset())
    run = store.begin_run({})
    store.commit(run, [done(tracks={"color": features(value=1.0)})])
    held = store.track("a1", "color")
    store.commit(run, [done(version="2", tracks={"color": features(value=2.0)})])
    assert same(held, features(value=1.0))
    assert len(files_of(store)) == 1


def test_a_reader_follows_a_track_that_is_replaced_while_it_looks(store):
    store.put_asset(asset())
    run = store.begin_run({})
    store.commit(run, [done(tracks={"color": features(value=1.0)})])

    class Late(LibraryStore):
        looked = 0

        def _track_row(self, *asked):
            row = super()._track_row(*asked)
            self.looked += 1
            if self.looked == 1:
                store.commit(run, [done(version="2", tracks={"color": features(value=2.0)})])
            return row

    with Late(store.path, read_only=True) as reader:
        assert same(reader.track("a1", "color"), features(value=2.0))


def test_a_feature_file_that_somebody_deleted_is_told(store):
    store.put_asset(asset())
    store.commit(store.begin_run({}), [done(tracks={"color": features()})])
    shutil.rmtree(store.path / "features")
    with pytest.raises(StoreError, match=r"cannot read .*color.*: it is gone. Analyse its film again"):
        store.track("a1", "color")


def test_deleted_pictures_are_no_error(store):
    store.put_asset(asset())
    store.commit(store.begin_run({}), [done(pictures=pictures(store.spool_folder() / "p"))])
    shutil.rmtree(store.path / "derived")
    assert store.picture("a1", 0.5) is None


def test_pictures_of_several_plugins_are_all_looked_through(store):
    store.put_asset(asset())
    aside, run = store.spool_folder(), store.begin_run({})
    store.commit(run, [done("few", pictures=pictures(aside / "p", 1)), done("many", pictures=pictures(aside / "q", 3))])
    assert store.picture("a1", 2.5) == b"picture 2"


def test_spool_folders_are_fresh_and_cleared_at_the_next_opening(folder):
    with LibraryStore(folder / "films.cue", create=True) as store:
        first, second = store.spool_folder(), store.spool_folder()
        assert first != second
        write_track(first / "t", features())
    with LibraryStore(folder / "films.cue", read_only=True):
        assert first.exists()
    with LibraryStore(folder / "films.cue"):
        assert not first.exists()
        assert not second.exists()


def test_a_run_that_never_ended_is_interrupted_at_the_next_opening(folder):
    with LibraryStore(folder / "films.cue", create=True) as store:
        store.end_run(store.begin_run({"wanted": [Path("shots")]}))
        store.end_run(store.begin_run({}), interrupted=True)
        store.begin_run({})
    with LibraryStore(folder / "films.cue") as store:
        assert store.sql("SELECT state, ended IS NULL FROM runs")[1] == [
            ("done", 0),
            ("interrupted", 0),
            ("interrupted", 1),
        ]
        assert store.sql("SELECT plan FROM runs LIMIT 1")[1] == [('{"wanted": ["shots"]}',)]


def test_reasons_with_names_that_are_no_unicode_are_kept_legibly(store):
    store.put_place(placed("/films/a", None, reason="cannot read " + os.fsdecode(b"\xff.mp4")))
    assert store.places()[0].reason == "cannot read \ufffd.mp4"


def test_a_name_that_is_no_unicode_is_refused_in_a_track(store):
    store.put_asset(asset())
    with pytest.raises(StoreError, match="cannot keep results in .*surrogates not allowed"):
        store.commit(store.begin_run({}), [done(tracks={"shots": labels("\udcff")})])
    assert store.outcomes() == []


def test_a_store_that_reads_changes_nothing(store):
    with LibraryStore(store.path, read_only=True) as reader:
        for change in (lambda: reader.put_asset(asset()), lambda: reader.begin_run({}), reader.spool_folder):
            with pytest.raises(StoreError, match="is not open for writing; open it without read_only"):
                change()


def test_a_closed_store_says_so_and_may_be_closed_again(store):
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed database"):
        store.assets()


def test_a_commit_costs_no_more_in_a_large_library(store):
    def steps(commit):
        """Instructions of SQLite's machine, in hundreds: a measure without noise."""
        count = 0

        def tick():
            nonlocal count
            count += 1

        store._database.set_progress_handler(tick, 100)
        commit()
        store._database.set_progress_handler(None, 0)
        return count

    run = store.begin_run({})

    def add(number):
        store.put_asset(asset(f"asset {number}"))
        store.put_place(placed(f"/films/{number}", f"asset {number}"))
        store.commit(run, [done(of=f"asset {number}", tracks={"shots": labels(*"abcdefgh")})])

    few = steps(lambda: add(0))
    for number in range(1, 1000):
        add(number)
    assert steps(lambda: add(1000)) <= few + 1


WRITER = """
import sys, numpy as np
from pathlib import Path
from cueline.stores.library import LibraryStore
from cueline.stores.spool import write_track
from tests.stores.made import asset, done, features, labels, pictures
store = LibraryStore(Path(sys.argv[1]), create=True)
run = store.begin_run({})
first = int(sys.argv[2])
for number in range(first, first + 100000):
    name = f"{number % 7:02d}"
    store.put_asset(asset(name))
    aside = store.spool_folder()
    write_track(aside / "color", features(50, value=number))
    tracks = {"shots": labels(*[str(number)] * 20), "curve": features(5, value=number)}
    store.commit(run, [done(of=name, version=str(number), tracks=tracks, spooled={"color": aside / "color"},
                            pictures=pictures(aside / "p"))])
    print(number, flush=True)
"""


def killed_while_writing(path, first, seconds):
    """Acknowledged commits of a writer that was killed at some moment."""
    command = [sys.executable, "-c", WRITER, str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        said = [process.stdout.readline()]
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    return [int(line) for line in said if line.endswith("\n")]


def test_a_killed_writer_loses_nothing_acknowledged_and_leaves_nothing_behind(folder):
    path, acknowledged = folder / "films.cue", {}
    moments = np.random.default_rng(7).uniform(0.0, 0.15, 10)
    first = 0
    for moment in moments:
        numbers = killed_while_writing(path, first, moment)
        acknowledged |= {f"{number % 7:02d}": number for number in numbers}
        first = numbers[-1] + 1
        with LibraryStore(path) as store:
            kept = {outcome.asset: int(outcome.provenance.version) for outcome in store.outcomes()}
            # one commit may be whole on disk without its acknowledgement having been read
            assert all(kept[name] in (number, first) for name, number in acknowledged.items())
            for name, number in kept.items():
                assert store.track_names(name) == ["color", "curve", "shots"]
                assert (store.track(name, "color").values == number).all()
                assert (store.track(name, "curve").values == number).all()
                assert store.track(name, "shots").names == (str(number),) * 20
                assert store.picture(name, 0.5) == b"picture 0"
            assert files_of(store) == named_files(store)
            assert loose_files(store) == []
            assert not any((path / "spool").iterdir())
            assert store.sql("PRAGMA integrity_check")[1] == [("ok",)]
            assert store.sql("PRAGMA foreign_key_check")[1] == []
        first += 1


class Stopped(BaseException):
    """As if the process ended here."""


@pytest.mark.parametrize("moment", ["arrive", "exchange", "remove"])
def test_whatever_moment_a_writer_stops_at_only_named_files_remain(folder, monkeypatch, moment):
    path = folder / "films.cue"
    store = LibraryStore(path, create=True)
    store.put_asset(asset())
    run = store.begin_run({})
    store.commit(run, [done(tracks={"color": features(value=1.0)})])
    act = getattr(Files, moment)

    def stopped(*given):
        act(*given)
        raise Stopped

    if moment == "remove":
        monkeypatch.setattr(Files, "remove", lambda *_: None)
    else:
        monkeypatch.setattr(Files, moment, stopped)
        monkeypatch.setattr(Files, "remove", lambda *_: None)
    try:
        store.commit(run, [done(version="2", tracks={"color": features(value=2.0)})])
    except Stopped:
        assert moment != "remove"
    monkeypatch.undo()
    assert len(files_of(store)) == 2
    store.close()
    with LibraryStore(path) as store:
        assert files_of(store) == named_files(store)
        assert len(files_of(store)) == 1
        assert same(store.track("a1", "color"), features(value=2.0 if moment == "remove" else 1.0))


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two mebibytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False)
    if mount.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mount.stderr.decode().strip()}")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize("rows", [100, 2000])
def test_a_full_disk_is_told_and_nothing_is_half_visible(small_disk, rows):
    path, kept = small_disk / "films.cue", 0
    store = LibraryStore(path, create=True)

    def fill():
        nonlocal kept
        run = store.begin_run({})
        while True:
            store.put_asset(asset(f"{kept:04d}"))
            tracks = {"color": features(rows), "shots": labels(*["x"] * rows)}
            store.commit(run, [done(of=f"{kept:04d}", tracks=tracks)])
            kept += 1

    with pytest.raises(StoreError, match=r"the disk is full. Free some space"):
        fill()
    assert kept > 5
    assert len(store.outcomes()) == kept
    store.close()
    with LibraryStore(path, read_only=True) as reader:
        assert len(reader.outcomes()) == kept
        assert all(len(reader.track(outcome.asset, "color")) == rows for outcome in reader.outcomes())
        assert all(len(reader.track(outcome.asset, "shots")) == rows for outcome in reader.outcomes())
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    with LibraryStore(path) as store:
        store.put_asset(asset("more"))
        store.commit(store.begin_run({}), [done(of="more", tracks={"color": features(rows)})])
        assert len(store.outcomes()) == kept + 1
        assert files_of(store) == named_files(store)


LIMITED = """
import resource, signal, sys
from cueline.errors import StoreError
from cueline.stores.library import LibraryStore
from tests.stores.made import asset, done, labels
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = LibraryStore(sys.argv[1], create=True)
store.put_asset(asset())
run = store.begin_run({})
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
for version in range(1000):
    try:
        store.commit(run, [done("p%d" % version, tracks={"t%d" % version: labels(*["x"] * 2000)})])
    except StoreError as error:
        print(version, error)
        break
"""


def test_a_limit_of_file_size_is_told_as_a_full_disk(folder):
    command = [sys.executable, "-c", LIMITED, str(folder / "films.cue")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "the disk is full" in said
    with LibraryStore(folder / "films.cue") as store:
        assert len(store.outcomes()) == int(said.split()[0])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk that cannot be written")
def test_a_library_on_a_disk_that_cannot_be_written_is_read(small_disk):
    with LibraryStore(small_disk / "films.cue", create=True) as store:
        store.put_asset(asset())
        store.commit(store.begin_run({}), [done(tracks={"color": features()})])
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with LibraryStore(small_disk / "films.cue", read_only=True) as store:
        assert same(store.track("a1", "color"), features())
        assert store.sql("SELECT id FROM assets")[1] == [("a1",)]
    with pytest.raises(StoreError, match="it may not be written. Check the permissions"):
        LibraryStore(small_disk / "films.cue")
    with pytest.raises(StoreError, match="it may not be written"):
        LibraryStore(small_disk / "new.cue", create=True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_library_in_a_folder_that_cannot_be_written_is_read(store):
    store.put_asset(asset())
    store.close()
    store.path.chmod(0o555)
    try:
        with LibraryStore(store.path, read_only=True) as reader:
            assert reader.assets() == [asset()]
        with pytest.raises(StoreError, match="it may not be written"):
            LibraryStore(store.path)
    finally:
        store.path.chmod(0o755)


def test_a_hundred_thousand_tags_are_kept_in_seconds(store):
    count = 100_000
    store.put_asset(asset())
    track = labels(*("a", "b") * (count // 2))
    began = time.perf_counter()
    store.commit(store.begin_run({}), [done(tracks={"words": track})])
    assert time.perf_counter() - began < 5.0
    assert store.sql("SELECT count(*) FROM tags")[1] == [(count,)]
    assert np.array_equal(store.track("a1", "words").spans, spans(count))


def test_a_database_that_is_busy_for_long_is_told(store, monkeypatch):
    monkeypatch.setattr("cueline.stores.opening._BUSY_SECONDS", 0.01)
    store.close()
    other = sqlite3.connect(store.path / "library.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program holds its database"):
        LibraryStore(store.path)
    other.close()
