"""Libraries of every schema version that ever was open, and say what they said."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cueline.errors import StoreError
from cueline.stores import opening, schema
from cueline.stores.answers import AnswerBook
from cueline.stores.lease import Lease
from cueline.stores.library import LibraryStore
from cueline.stores.migrations import STEPS
from tests.stores.made import asset, features, labels, made_by, same

BASELINES = Path(__file__).parents[1] / "baselines"
OLDER = range(1, schema.VERSION)


def stored(version, tmp_path):
    return Path(shutil.copytree(BASELINES / f"library-{version}", tmp_path / "films.cue"))


def holds_all(store):
    assert [each.id for each in store.assets()] == ["b2", "a1"]
    assert store.assets()[1] == asset("a1", film="Sintel")
    assert len(store.places()) == 4
    assert store.track_names("a1") == ["color", "cuts", "shots"]
    assert same(store.track("a1", "color"), features(4))
    assert same(store.track("a1", "shots"), labels("shot", "shot"))
    assert store.provenance("a1", "shots") == made_by("shots")
    assert store.picture("a1", 1.5) == b"picture 1"
    assert [(o.asset, o.plugin, o.state, o.reason) for o in store.outcomes("b2")] == [
        ("b2", "shots", "failed", "it has no frames")
    ]
    assert [tag.name for tag in store.tags()] == ["shot", "shot"]


def test_every_version_has_a_stored_library_and_a_way_to_the_next():
    assert sorted(STEPS) == list(OLDER)
    assert all((BASELINES / f"library-{version}").is_dir() for version in (*OLDER, schema.VERSION))


@pytest.mark.parametrize("version", [*OLDER, schema.VERSION])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_stored_library_opens_and_holds_what_it_held(version, read_only, tmp_path):
    with LibraryStore(stored(version, tmp_path), read_only=read_only) as store:
        holds_all(store)
        assert [tag.name for tag in store.find_text("shot")] == ["shot", "shot"]
        assert store.sql("select count(*) from history")[1] == [(4,)]


@pytest.mark.parametrize("version", OLDER)
def test_it_is_as_a_new_one_and_work_goes_on_in_it(version, tmp_path):
    folder = stored(version, tmp_path)
    with LibraryStore(folder) as store, LibraryStore(tmp_path / "new.cue", create=True) as new:
        query = "select type, name from sqlite_schema where name not like '%autoindex%' order by 1, 2"
        assert store.sql(query) == new.sql(query)
        tables = [name for kind, name in new.sql(query)[1] if kind in ("table", "view")]
        for name in tables:
            assert store.sql(f"select * from {name} limit 0")[0] == new.sql(f"select * from {name} limit 0")[0]
    with AnswerBook(folder) as book:
        assert book.answers() == []


@pytest.mark.parametrize("version", OLDER)
def test_the_database_as_it_was_stays_beside_it(version, tmp_path):
    folder = stored(version, tmp_path)
    with LibraryStore(folder):
        pass
    with closing(sqlite3.connect(folder / f"{schema.FILE}.version-{version}")) as before:
        assert before.execute("pragma user_version").fetchone() == (version,)
        assert before.execute("select count(*) from tag").fetchone() == (2,)


@pytest.mark.parametrize("version", OLDER)
def test_a_step_that_breaks_changes_nothing(version, tmp_path, monkeypatch):
    folder = stored(version, tmp_path)
    monkeypatch.setitem(STEPS, version, STEPS[version] + "this is no sql;")
    with pytest.raises(StoreError, match="cannot bring up to date the library .* syntax error"):
        LibraryStore(folder)
    monkeypatch.undo()
    with LibraryStore(folder) as store:
        holds_all(store)


def test_an_older_library_that_another_writes_to_is_not_touched(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_BUSY_SECONDS", 0.05)
    folder = stored(1, tmp_path)
    lease = Lease(folder)
    with pytest.raises(StoreError, match="must be brought up to date before it is read: .* is writing to it"):
        LibraryStore(folder, read_only=True)
    lease.release()


def test_readers_who_open_an_older_library_at_once_all_get_it(tmp_path):
    folder = stored(1, tmp_path)
    code = (
        "import sys; from cueline.stores.library import LibraryStore; input()\n"
        "with LibraryStore(sys.argv[1], read_only=True) as store: print(len(list(store.tags())))"
    )
    command = [sys.executable, "-c", code, str(folder)]
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(4)
    ]
    for reader in readers:
        reader.stdin.write("\n")
        reader.stdin.flush()
    assert [reader.communicate()[0] for reader in readers] == ["2\n"] * 4
