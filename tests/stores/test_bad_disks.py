"""Disks that are full, cannot be written, lose files or keep half of one: told plainly, and nothing else is lost."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from cueline.errors import StoreError
from cueline.stores.library import LibraryStore
from cueline.stores.spool import read_picture, read_track, write_track
from tests.stores.made import asset, done, features, files_of, labels, named_files, pictures, same

ROOT = Path(__file__).parents[2]


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


@pytest.fixture
def three_films(store):
    """A library of three films with features of two plug-ins, labels and pictures."""
    run = store.begin_run({})
    for name in "abc":
        store.put_asset(asset(name))
        kept = pictures(store.spool_folder() / "p")
        store.commit(run, [done("color", name, tracks={"color": features(40)}, pictures=kept)])
        store.commit(run, [done("shots", name, tracks={"shots": labels("x"), "cuts": features(9)})])
    store.end_run(run)
    return store


def file_of(store, name, track):
    return store.path / store.sql("SELECT file FROM tracks WHERE asset = ? AND name = ?", (name, track))[1][0][0]


def test_features_that_somebody_deleted_are_told_with_what_makes_them_anew(three_films):
    shutil.rmtree(three_films.path / "features")
    with pytest.raises(StoreError, match=r"cannot read .*color.*: it is gone. Run `cueline analyze LIBRARY`"):
        three_films.track("a", "color")
    assert three_films.lost_work() == {(name, plugin) for name in "abc" for plugin in ("color", "shots")}
    assert same(three_films.track("a", "shots"), labels("x"))
    assert three_films.picture("a", 0.5) == b"picture 0"


def test_features_that_were_deleted_can_be_kept_anew(three_films):
    shutil.rmtree(three_films.path / "features")
    run = three_films.begin_run({})
    three_films.commit(run, [done("color", "b", tracks={"color": features(7)})])
    assert same(three_films.track("b", "color"), features(7))
    assert ("b", "color") not in three_films.lost_work()
    assert files_of(three_films) == {
        name for name in named_files(three_films) if "/b/color" in name or "derived" in name
    }


def test_pictures_that_somebody_deleted_are_no_error_and_made_again(three_films):
    shutil.rmtree(three_films.path / "derived")
    assert three_films.picture("a", 0.5) is None
    assert {plugin for _, plugin in three_films.lost_work()} == {"color"}  # so that the next analysis makes them again
    kept = pictures(three_films.spool_folder() / "p")
    three_films.commit(three_films.begin_run({}), [done("color", "a", tracks={"color": features()}, pictures=kept)])
    assert three_films.picture("a", 0.5) == b"picture 0"


@pytest.mark.parametrize("read", [read_track, lambda path: read_picture(path, 0.5)])
def test_a_file_that_ends_anywhere_before_its_end_is_refused(folder, read):
    path = folder / "whole.arrow"
    write_track(path, features(20)) if read is read_track else pictures(path)
    read(path)
    whole, half = path.read_bytes(), folder / "half.arrow"
    for size in range(len(whole)):
        half.write_bytes(whole[:size])
        with pytest.raises(StoreError, match="it is damaged or was not written to its end"):
            read(half)


def test_a_track_whose_file_ends_too_early_is_told_and_named_as_lost(three_films):
    path = file_of(three_films, "b", "cuts")
    whole = path.read_bytes()
    for size in [0, 6, 8, *Random(5).sample(range(len(whole)), 50)]:
        path.write_bytes(whole[:size])
        with pytest.raises(
            StoreError, match=r"cuts.*: it is damaged or was not written to its end. Run `cueline analyze"
        ):
            three_films.track("b", "cuts")
        assert three_films.lost_work() == {("b", "shots")}, f"{size} bytes of {len(whole)}"
    path.write_bytes(whole)
    assert three_films.lost_work() == set()


def test_a_half_written_file_is_not_taken_in(store):
    store.put_asset(asset())
    half = store.spool_folder() / "half.arrow"
    write_track(half, features())
    half.write_bytes(half.read_bytes()[:-20])
    with pytest.raises(StoreError, match=r"half.arrow.*was not written to its end"):
        store.commit(store.begin_run({}), [done(spooled={"color": half})])
    assert store.outcomes() == []
