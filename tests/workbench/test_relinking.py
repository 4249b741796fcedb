"""Moved files and changed files."""

import pytest

from cueline.errors import MediaError
from cueline.stores.answers import AnswerBook
from cueline.timeline.answers import Answer
from cueline.timeline.spans import Span
from cueline.workbench.relinking import relink
from tests.stores.made import done, labels


@pytest.fixture
def run(shelf):
    return shelf.begin_run({})


def test_a_moved_file_is_found_by_its_content(shelf, put, films, tmp_path, run):
    asset = put("one.mp4")
    (tmp_path / "new").mkdir()
    (films / "one.mp4").rename(tmp_path / "new" / "uno.mp4")
    assert relink(shelf, run, []).missing == [films / "one.mp4"]
    done = relink(shelf, run, [tmp_path / "new"])
    assert (done.moved, done.missing) == ({films / "one.mp4": tmp_path / "new" / "uno.mp4"}, [])
    assert [(p.location.path.name, p.asset, p.missing) for p in shelf.places()] == [("uno.mp4", asset, False)]


def test_a_file_of_the_same_size_is_not_taken_for_another(shelf, put, films, tmp_path, run):
    put("one.mp4", "12345")
    (films / "one.mp4").unlink()
    (tmp_path / "other.mp4").write_text("54321")
    assert relink(shelf, run, [tmp_path]).missing == [films / "one.mp4"]


def test_of_a_copy_the_place_that_is_empty_is_forgotten(shelf, put, films, run):
    put("one.mp4", "same")
    put("two.mp4", "same")
    (films / "one.mp4").unlink()
    assert relink(shelf, run, []).moved == {films / "one.mp4": films / "two.mp4"}
    assert len(shelf.places()) == 1


def test_a_file_that_was_put_back_is_missing_no_more(shelf, put, films, run):
    put("one.mp4")
    (films / "one.mp4").rename(films / "away")
    assert len(relink(shelf, run, []).missing) == 1
    (films / "away").rename(films / "one.mp4")
    assert relink(shelf, run, []).missing == []


def test_answers_groups_and_imports_follow_a_changed_file_once(shelf, put, run):
    before = put("one.mp4", "first cut")
    shelf.put_groups(before, {"film": "One"})
    shelf.commit(run, [done("import:notes", before, tracks={"notes": labels("good")}), done("shots", before)])
    first = Answer(before, "dog", "yes", "ann", Span(1, 2))
    back = Answer(before, "dog", "skipped", "ann", undoes=first.id)
    late = Answer(before, "dog", "yes", "ann", Span(7, 9))
    with AnswerBook(shelf.path) as book:
        book.add(first, late, back)
    now = put("one.mp4", "second cut, shorter", seconds=8.0)

    (carried,) = relink(shelf, run, []).carried
    assert (carried.before, carried.now, carried.answers, carried.tracks, carried.beyond) == (
        before, now, 2, ("notes",), 1,
    )  # fmt: skip
    assert shelf.track_names(now) == ["notes"]
    assert next(asset for asset in shelf.assets() if asset.id == now).groups == {"film": "One"}
    with AnswerBook(shelf.path) as book:
        again = book.answers(asset=now)
        assert [(each.label, each.verdict, each.span) for each in again] == [
            ("dog", "yes", Span(1, 2)), ("dog", "skipped", None),
        ]  # fmt: skip
        assert again[1].undoes == again[0].id
        assert len(book.answers()) == 5
    assert relink(shelf, run, []).carried[0].answers == 0
    with AnswerBook(shelf.path) as book:
        assert len(book.answers()) == 5


def test_nothing_is_carried_from_what_still_lies_elsewhere(shelf, put, run):
    before = put("one.mp4", "first")
    put("copy.mp4", "first")
    shelf.put_groups(before, {"film": "One"})
    put("one.mp4", "second")
    assert relink(shelf, run, []).carried == []


def test_a_folder_that_is_not_there_is_refused(shelf, put, films, tmp_path, run):
    put("one.mp4")
    (films / "one.mp4").unlink()
    with pytest.raises(MediaError, match="there is no file or folder"):
        relink(shelf, run, [tmp_path / "nowhere"])
