"""Moved files and changed files."""

import pytest

from cueline.errors import MediaError
from cueline.ports import Outcome
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, standing
from cueline.timeline.spans import Span
from cueline.workbench.relinking import relink
from tests.stores.made import done, labels, made_by


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


def test_two_files_that_swapped_names_keep_what_is_theirs(shelf, put, run):
    one, two = put("one.mp4", "first"), put("two.mp4", "second")
    with AnswerBook(shelf.path) as book:
        book.add(Answer(one, "dog", "yes", "ann"), Answer(two, "cat", "yes", "ann"))
    put("one.mp4", "second")
    put("two.mp4", "first")
    assert relink(shelf, run, []).carried == []
    with AnswerBook(shelf.path) as book:
        assert [each.label for each in book.answers(asset=one)] == ["dog"]
        assert [each.label for each in book.answers(asset=two)] == ["cat"]


def test_a_file_that_was_changed_back_hears_nothing_twice(shelf, put, run):
    first = put("one.mp4", "first")
    with AnswerBook(shelf.path) as book:
        book.add(said := Answer(first, "dog", "yes", "ann"))
        second = put("one.mp4", "second")
        relink(shelf, run, [])
        book.add(Answer(second, "cat", "yes", "ann"))
        book.add(Answer(first, "dog", "skipped", "ann", undoes=said.id))
        put("one.mp4", "first")
        assert relink(shelf, run, []).carried[0].answers == 1
        assert [each.label for each in standing(book.answers(asset=first))] == ["cat"]
        assert len(book.answers(asset=first)) == 3
        assert relink(shelf, run, []).carried == []


def test_a_text_that_could_not_be_read_does_not_stop_what_is_carried(shelf, put, run):
    before = put("one.mp4", "first")
    shelf.commit(run, [Outcome(before, "import:subtitles", "failed", made_by("import:subtitles"), "not UTF-8")])
    shelf.commit(run, [done("import:notes", before, tracks={"notes": labels("good")})])
    now = put("one.mp4", "second")
    (carried,) = relink(shelf, run, []).carried
    assert carried.tracks == ("notes",)
    assert shelf.track_names(now) == ["notes"]


def test_links_and_the_folder_of_the_library_itself_hold_nothing_missing(shelf, put, films, tmp_path, run):
    put("one.mp4")
    (films / "one.mp4").rename(films / "uno.mp4")
    (films / "round").symlink_to(films)
    (films / "gone.mp4").symlink_to(films / "nowhere.mp4")
    assert relink(shelf, run, [shelf.path]).missing == [films / "one.mp4"]
    assert relink(shelf, run, [films, tmp_path]).moved == {films / "one.mp4": films / "uno.mp4"}


def test_carrying_looks_at_the_whole_library_once(shelf, put, run, monkeypatch):
    for number in range(5):
        put(f"{number}.mp4")
    asked = []
    monkeypatch.setattr(LibraryStore, "assets", lambda self: asked.append(1) or [])
    relink(shelf, run, [])
    assert len(asked) == 1
