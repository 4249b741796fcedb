import os
import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest

from cueline.errors import StoreError
from cueline.stores.files import Files
from cueline.stores.library import LibraryStore
from cueline.stores.spool import write_track
from tests.stores.made import asset, done, features, files_of, labels, named_files, pictures, placed, same, spans


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
