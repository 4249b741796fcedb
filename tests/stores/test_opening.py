import shutil
import sqlite3
from threading import Timer

import pytest

from cueline.errors import StoreError
from cueline.stores import opening, schema
from cueline.stores.library import LibraryStore
from tests.stores.made import asset


def changed(store, statement):
    """The library, closed, after a change from outside."""
    store.close()
    database = sqlite3.connect(store.path / schema.FILE)
    database.execute(statement)
    database.commit()
    database.close()
    return store.path


def test_a_path_without_a_library_says_how_to_make_one(folder):
    for read_only in (False, True):
        with pytest.raises(StoreError, match=r"there is no library at .*none.cue'. Make one with `cueline init"):
            LibraryStore(folder / "none.cue", read_only=read_only)
    with pytest.raises(StoreError, match="there is no library"):
        LibraryStore(folder / "none.cue", create=True, read_only=True)
    assert not (folder / "none.cue").exists()


def test_a_library_is_made_in_an_empty_folder_and_with_the_folders_above(folder):
    LibraryStore(folder, create=True).close()
    LibraryStore(folder / "sub" / "b.cue", create=True).close()
    assert (folder / "sub" / "b.cue" / schema.FILE).exists()


def test_making_a_library_that_is_there_opens_it(store):
    store.put_asset(asset())
    store.close()
    with LibraryStore(store.path, create=True) as again:
        assert again.assets() == [asset()]


@pytest.mark.parametrize("create", [False, True])
def test_a_folder_with_other_things_is_no_library(folder, create):
    (folder / "film.mp4").touch()
    with pytest.raises(StoreError, match=r"is not a Cueline library: it must be a folder with library.sqlite"):
        LibraryStore(folder, create=create)
    with pytest.raises(StoreError, match="is not a Cueline library"):
        LibraryStore(folder / "film.mp4", create=create)


@pytest.mark.parametrize("left", [["lease"], ["lease", "library.sqlite.new"]])
def test_a_making_that_was_interrupted_is_completed(folder, left):
    for name in left:
        (folder / name).write_bytes(b"unfinished")
    with pytest.raises(StoreError, match="is not a Cueline library"):
        LibraryStore(folder, read_only=True)
    with LibraryStore(folder) as store:
        assert store.assets() == []
    assert not (folder / "library.sqlite.new").exists()


def test_an_empty_folder_is_no_library_until_one_is_made(folder):
    for read_only in (True, False):
        with pytest.raises(StoreError, match="is not a Cueline library"):
            LibraryStore(folder, read_only=read_only)


def test_a_reader_never_meets_a_library_that_is_half_made(folder, monkeypatch):
    def met():
        with pytest.raises(StoreError, match="is not a Cueline library"):
            LibraryStore(folder, read_only=True)

    class Watched(sqlite3.Connection):
        def executescript(self, script):
            met()
            super().executescript(script)
            met()

    opened = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **options: opened(*given, **options, factory=Watched))
    LibraryStore(folder, create=True).close()


def test_a_library_of_a_newer_cueline_is_refused_with_both_versions(store):
    path = changed(store, "PRAGMA user_version = 7")
    for read_only in (True, False):
        with pytest.raises(
            StoreError, match=r"has schema version 7; this Cueline reads versions up to \d+. Update Cueline"
        ):
            LibraryStore(path, read_only=read_only)


def test_a_database_of_another_program_is_refused(folder):
    other = sqlite3.connect(folder / schema.FILE)
    other.execute("CREATE TABLE t (a)")
    other.close()
    for read_only in (True, False):
        with pytest.raises(StoreError, match="is not the database of a Cueline library"):
            LibraryStore(folder, read_only=read_only)


def test_a_file_that_is_no_database_is_told_with_what_to_do(folder):
    (folder / schema.FILE).write_bytes(b"this is not a database, whatever its name says" * 100)
    for read_only in (True, False):
        with pytest.raises(StoreError, match=r"its database is damaged. Put back a copy of library.sqlite"):
            LibraryStore(folder, read_only=read_only)


def test_a_damaged_database_is_told(store):
    for number in range(200):
        store.put_asset(asset(f"asset {number}"))
    store.close()
    file = store.path / schema.FILE
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    file.write_bytes(data)
    for read_only in (True, False):
        with pytest.raises(StoreError, match="its database is damaged"):
            LibraryStore(store.path, read_only=read_only)


def test_every_view_answers_and_may_be_asked_by_plain_names(store):
    for view in schema.VIEW_NAMES:
        assert store.sql(f"SELECT * FROM {view}")[1] == []
    assert store.sql("select name, start, end, score from tags where track = 'shots'")[0] == [
        "name",
        "start",
        "end",
        "score",
    ]
    (views,) = zip(*store.sql("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name")[1], strict=True)
    assert views == schema.VIEW_NAMES


def test_an_unfinished_log_in_a_folder_that_cannot_be_written_is_not_passed_over(store, monkeypatch):
    store.put_asset(asset())
    assert (store.path / f"{schema.FILE}-wal").stat().st_size
    opened = sqlite3.connect

    class Refusing(sqlite3.Connection):
        """What SQLite does where it can make no file beside the database."""

        def execute(self, *_):
            opened("file:/none/none?mode=ro", uri=True)

    monkeypatch.setattr(sqlite3, "connect", lambda *given, **options: opened(*given, **options, factory=Refusing))
    with pytest.raises(StoreError, match="its writer was stopped, and what it kept last"):
        opening.connect(store.path, read_only=True)


def test_a_database_that_came_without_its_way_of_logging_gets_it_back(store):
    path = changed(store, "PRAGMA journal_mode = DELETE")
    LibraryStore(path, read_only=True).close()
    with LibraryStore(path) as again, LibraryStore(path, read_only=True) as reader:
        again.put_asset(asset())
        assert reader.assets() == [asset()]
        assert again.sql("PRAGMA journal_mode")[1] == [("wal",)]


def test_half_a_change_in_a_database_without_that_is_never_read(store):
    for number in range(500):
        store.put_asset(asset(f"asset {number}"))
    path = changed(store, "PRAGMA journal_mode = DELETE")
    writer = sqlite3.connect(path / schema.FILE, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")  # what does not fit goes to disk before the end
    writer.execute("BEGIN")
    writer.execute("UPDATE asset SET duration = 7")
    stopped = shutil.copytree(path, path.with_name("stopped.cue"))
    writer.close()
    with pytest.raises(StoreError, match="its writer was stopped, and what it kept last"):
        LibraryStore(stopped, read_only=True)
    with LibraryStore(stopped) as again:
        assert {each.duration for each in again.assets()} == {2.0}


def test_a_change_waits_for_its_turn_and_is_all_or_nothing(store):
    database = opening.connect(store.path, read_only=False)
    other = sqlite3.connect(store.path / schema.FILE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    Timer(0.1, other.execute, ["COMMIT"]).start()
    with opening.transaction(database):
        database.execute("INSERT INTO group_rule VALUES ('{show}')")

    def twice():
        with opening.transaction(database):
            database.execute("INSERT INTO group_rule VALUES ('{film}')")
            database.execute("INSERT INTO group_rule VALUES ('{show}')")

    with pytest.raises(sqlite3.IntegrityError):
        twice()
    assert store.group_rules() == ["{show}"]
    assert database.execute("PRAGMA busy_timeout").fetchone() == (30_000,)
    database.close()
    other.close()


def test_a_change_that_nobody_may_make_is_refused_at_once(store):
    with LibraryStore(store.path, read_only=True) as reader:
        change = opening.transaction(reader._database)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            change.__enter__()
