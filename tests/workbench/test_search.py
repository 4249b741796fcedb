"""Words, filters and files."""

import pytest

from cueline.errors import OptionError
from cueline.stores.questions import Wanted
from cueline.timeline.spans import Span
from cueline.workbench.search import search
from tests.stores.made import done, labels


@pytest.fixture
def filled(shelf, put):
    run = shelf.begin_run({})
    one, two = put("Holiday/rome dogs.mp4"), put("Work/talk.mp4")
    shelf.commit(run, [done("subs", one, tracks={"subtitles": labels("the dog barks", "a cat")})])
    shelf.commit(run, [done("subs", two, tracks={"subtitles": labels("dogs and cats", "nothing")})])
    shelf.put_groups(two, {"show": "Talk"})
    return shelf


def found(store, query, **wanted):
    return [(hit.path.name, hit.track, hit.text) for hit in search(store, query, Wanted(**wanted))]


def test_names_of_files_come_first_then_labels(filled):
    assert found(filled, "dog*") == [
        ("rome dogs.mp4", "", "Holiday/rome dogs.mp4"),
        ("rome dogs.mp4", "subtitles", "the dog barks"),
        ("talk.mp4", "subtitles", "dogs and cats"),
    ]
    assert found(filled, "holiday rome") == [("rome dogs.mp4", "", "Holiday/rome dogs.mp4")]


def test_a_filter_for_labels_leaves_files_out(filled):
    assert found(filled, "dog*", names=["subtitles"], within=Span(0, 1), least_score=0.0) == [
        ("rome dogs.mp4", "subtitles", "the dog barks"),
        ("talk.mp4", "subtitles", "dogs and cats"),
    ]


def test_groups_and_assets_hold_for_files_and_labels(filled):
    assert found(filled, "talk OR dog*", groups={"show": "Talk"}) == [
        ("talk.mp4", "", "Work/talk.mp4"),
        ("talk.mp4", "subtitles", "dogs and cats"),
    ]
    assert found(filled, "talk", groups={"show": "Talk"}) == [("talk.mp4", "", "Work/talk.mp4")]


def test_no_words_list_what_is_wanted(filled):
    assert [hit.text for hit in search(filled, " ", Wanted(within=Span(1.5, 2)))] == ["a cat", "nothing"]


def test_a_limit_holds(filled):
    assert len(search(filled, "dog*", limit=2)) == 2


def test_words_that_must_not_stand_hold_for_files_too(filled):
    assert found(filled, "dogs -rome") == [("talk.mp4", "subtitles", "dogs and cats")]


def test_what_a_changed_file_said_before_takes_no_room(filled, put):
    put("Holiday/rome dogs.mp4", "another cut")
    assert found(filled, "dog*")[1:] == [("talk.mp4", "subtitles", "dogs and cats")]
    assert len(search(filled, "dog*", limit=2)) == 2


def test_a_wrong_query_is_refused_with_a_caret(filled):
    with pytest.raises(OptionError, match=r"not closed\n    dog \(cat\n        \^"):
        search(filled, "dog (cat")


def test_what_lies_nowhere_is_not_found(shelf):
    from tests.stores.made import asset

    shelf.put_asset(asset("lost"))
    shelf.commit(shelf.begin_run({}), [done("subs", "lost", tracks={"subtitles": labels("dog")})])
    assert search(shelf, "dog") == []
    assert search(shelf, "") == []
