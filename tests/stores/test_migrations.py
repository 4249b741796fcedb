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
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, LabelTask, standing
from cueline.timeline.spans import Span
from tests.stores.made import asset, features, labels, made_by, same

BASELINES = Path(__file__).parents[1] / "baselines"
OLDER = range(1, schema.VERSION)
LABELLED = 3  # the first version that is stored with what people said


def stored(version, tmp_path):
    return Path(shutil.copytree(BASELINES / f"library-{version}", tmp_path / "films.cue"))


def holds_all(store):
    assert [each.id for each in store.assets() if each.duration] == ["b2", "a1"]
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
        assert len(book.answers()) == (3 if version >= LABELLED else 0)


@pytest.mark.parametrize("version", range(LABELLED, schema.VERSION + 1))
def test_what_people_said_is_there(version, tmp_path):
    with AnswerBook(stored(version, tmp_path)) as book:
        assert [each.version for each in book.classes()] == [1, 2]
        assert book.classes()[0] == LabelClass("cat", "an animal", primary=False, excluded=("lion",), version=1)
        assert [each.source for each in book.campaigns()] == ["clips of a web page"]
        assert book.find(Campaign, "old", version=1).classes == ("dog",)
        assert book.clips() == [Clip("clip-1", "https://example.org/pets/1.mp4", "e7a9", {"show": "pets"})]
        assert book.tasks("pets") == [LabelTask("clip-1", priority=2.0), LabelTask("a1", Span(0, 1))]
        assert book.judged_versions() == {"dog": {1: 1}}
        first, second, third = book.answers()
        assert (first.span, first.label_version, first.campaign) == (Span(0, 1), 1, "pets")
        assert standing([first, second, third]) == [first]


def test_answers_of_version_2_are_known_by_campaign_and_by_what_they_undo(tmp_path):
    folder = stored(2, tmp_path)
    given = Answer("a1", "dog", "yes", "ann", Span(0.5, 1), "pets", 4, "ab12")
    back = Answer("b2", "dog", "skipped", "ann", undoes=given.id)
    with closing(sqlite3.connect(folder / schema.FILE)) as database:
        for each in (given, back):
            start, end = each.span or (None, None)
            row = (each.id, each.asset, start, end, each.label, each.verdict, each.who, each.made, each.to_json())
            database.execute("INSERT INTO answer VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        kept = (
            '{"name": "pets", "classes": ["dog"], "question": "?", "exclusive": true, "shown": "audio", "version": 1}'
        )
        database.execute("INSERT INTO campaign_version VALUES ('pets', 1, '2026-01-01', ?)", (kept,))
        database.commit()
    with AnswerBook(folder) as book:
        assert book.answers() == [given, back]
        assert book.answers(campaign="pets") == [given]
        assert book.judged_versions() == {}
        assert book.campaigns() == [Campaign("pets", ("dog",), "?", exclusive=True, shown="audio", version=1)]
        assert book.add(given) == 0


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
