"""Which asset a clip is, which source video it was cut from, and what follows when its media come."""

import json
from dataclasses import replace

import pytest

from cueline.stores.answers import AnswerBook
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, LabelTask, clip_id, standing
from cueline.timeline.spans import Span
from cueline.workbench.labelling.clips import (
    ClipNames,
    attach_media,
    groups_of,
    parts_of,
    shared_lasts,
    source_of,
    stem_of,
)
from cueline.workbench.relinking import relink


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("https://host/xmas/vid_xmas_9-19-of-67.mp4", "vid_xmas_9"),
        ("a-1-of-2-3-of-4.mp4", "a-1-of-2"),
        ("show_2024_chunk_12.mp3", "show_2024"),
        ("a.b-1-of-2", "a.b"),
        ("news.mp4", ""),
        ("-1-of-2.mp4", ""),
    ],
)
def test_the_source_video_is_told_by_one_rule(name, source):
    assert source_of(name) == source
    assert groups_of(name) == ({"source": source} if source else {})


def test_a_thousand_real_clips_come_from_58_source_videos(real_data):
    rows = json.loads((real_data / "contextual" / "labels.json").read_text())
    assert len({source_of(row["data"]) for row in rows} - {""}) == 58


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.mp4", ("a.mp4",)),
        ("/x/../y//a.mp4", ("x", "y", "a.mp4")),
        ("file:///x/a%20b.mp4", ("x", "a b.mp4")),
        ("https://host/a.mp4?t=1#x", ("host", "a.mp4")),
        ("C:\\x\\a.mp4", ("C:", "x", "a.mp4")),
        ("/x/u\u0308.mp4", ("x", "\u00fc.mp4")),
        ("..", ("..",)),
    ],
)
def test_a_name_has_parts_whatever_system_it_comes_from(name, parts):
    assert parts_of(name) == parts


def test_only_a_short_ending_is_one():
    assert [stem_of(name) for name in ("a.mp4", "a.b c", ".mp4", "a")] == ["a", "a.b c", ".mp4", "a"]


@pytest.fixture
def names(shelf, put):
    """Media a/one.mp4, a/two.mp4 and b/two.mp4, and a clip that is known by name alone."""
    ids = {name: put(name) for name in ("a/one.mp4", "a/two.mp4", "b/two.mp4")}
    known = ClipNames.of(shelf.places(), [Clip("clip-1", "https://host/x/three.mp4", "e3")])
    return known, ids | {"three": "clip-1"}


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("one.mp4", "a/one.mp4"),
        ("one", "a/one.mp4"),
        ("https://elsewhere/z/one.mp4", "a/one.mp4"),
        ("b/two.mp4", "b/two.mp4"),
        ("https://host/a/two.mp4", "a/two.mp4"),
        ("https://host/x/three.mp4", "three"),
        ("three.mp4", "three"),
        ("clip-1", "three"),
    ],
)
def test_a_clip_is_known_by_name_and_by_the_end_of_its_path(names, called, name):
    known, ids = names
    assert known.find(called) == ids[name]


def test_a_clip_is_known_by_its_asset_and_by_its_key(names):
    known, ids = names
    assert known.find("whatever.mp4", asset=ids["a/one.mp4"]) == ids["a/one.mp4"]
    assert known.find("https://moved/three.mp4", key="e3") == "clip-1"
    assert known.find("e3", key="e3") == "clip-1"


def test_a_key_of_a_clip_with_another_name_does_not_decide(names):
    known, _ = names
    assert known.find("four.mp4", key="e3") is None
    assert known.key_of_another("four.mp4", "e3")
    assert not known.key_of_another("three.mp4", "e3")


def test_a_name_that_fits_two_is_no_answer(names):
    known, _ = names
    with pytest.raises(LookupError, match=r"2 files are called 'two.mp4'; give more of the path"):
        known.find("c/two.mp4")


def test_what_clips_of_two_folders_are_called_needs_a_folder_that_fits(names):
    known, ids = names
    shared = shared_lasts(["x/one.mp4", "a/one.mp4", "two.mp4", "two.mp4"])
    assert shared == {"one.mp4"}
    assert known.find("x/one.mp4", shared=shared) is None
    assert known.find("a/one.mp4", shared=shared) == ids["a/one.mp4"]


def test_an_unknown_name_has_a_near_miss(names):
    known, _ = names
    assert known.find("onne.mp4") is None
    assert known.near("x/onne.mp4") == " Did you mean 'one.mp4'?"


@pytest.fixture
def answered(shelf):
    """Answers about two clips that nobody has the media of."""
    clips = [Clip(clip_id(name), name, key, {"source": "s"}) for name, key in (("x/new.mp4", "e1"), ("other.mp4", ""))]
    first, second = (clip.asset for clip in clips)
    said = [
        Answer(first, "rain", "yes", "ann", campaign="sky"),
        Answer(first, "rain", "no", "ann", campaign="sky"),
        Answer(first, "rain", "yes", "bob", Span(1, 2), campaign="sky"),
        Answer(first, "rain", "yes", "bob", Span(50, 60), campaign="sky"),
        Answer(second, "rain", "yes", "ann", campaign="sky"),
    ]
    with AnswerBook(shelf.path) as book:
        book.put(LabelClass("rain"))
        book.put(Campaign("sky", ("rain",)))
        book.put_clips(*clips)
        book.add(*said)
        book.add_tasks("sky", [LabelTask(first, priority=2.0), LabelTask(first, Span(1, 2)), LabelTask(second)])
        yield book, first, second


def test_what_was_said_of_a_name_is_said_of_its_media_when_they_come(shelf, put, answered):
    book, first, second = answered
    media = put("x/new.mp4")
    done = attach_media(shelf)
    assert (done.clips, done.answers, done.beyond) == (1, 3, 1)
    held = {(a.asset, a.verdict, a.who, a.span) for a in standing(book.answers())}
    assert held == {
        (media, "no", "ann", None),
        (media, "yes", "bob", Span(1, 2)),
        (first, "yes", "bob", Span(50, 60)),
        (second, "yes", "ann", None),
    }
    assert book.tasks("sky") == [LabelTask(media, priority=2.0), LabelTask(second), LabelTask(media, Span(1, 2))]
    assert Clip(media, "x/new.mp4", "e1", {"source": "s"}) in book.clips()
    assert first not in {clip.asset for clip in book.clips()}


def test_nothing_is_said_twice_however_often_media_are_attached(shelf, put, answered):
    book, *_ = answered
    put("x/new.mp4")
    attach_media(shelf)
    before = book.revision()
    assert attach_media(shelf).clips == 0
    assert book.revision() == before


def test_a_name_that_fits_two_media_stays_by_itself(shelf, put, answered):
    put("y/new.mp4", "1")
    put("z/new.mp4", "2")
    assert attach_media(shelf).clips == 0


def test_relinking_attaches_media_too(shelf, put, answered):
    book, *_ = answered
    media = put("x/new.mp4")
    relink(shelf, shelf.begin_run({}), [])
    assert [a.verdict for a in standing(book.answers(asset=media))] == ["no", "yes"]


def test_a_clip_learns_more_names(names):
    known, _ = names
    known.add(Clip("clip-2", "five.mp4", "e5"))
    assert known.find("five.mp4", key="e5") == "clip-2"
    assert replace(known, media=set()).find("five.mp4") == "clip-2"


def test_a_name_with_a_folder_and_the_same_without_one_may_be_the_same_clip():
    assert shared_lasts(["news/1.wav", "1.wav", "/archive/news/1.wav"]) == set()
    assert shared_lasts(["news/1.wav", "1.wav", "talk/1.wav"]) == {"1.wav"}
