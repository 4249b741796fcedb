"""Examples that a campaign gives."""

import numpy as np
import pytest

from cueline import Library
from cueline.errors import OptionError, StoreError
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, LabelTask
from cueline.timeline.assets import Asset
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench.labelling.lessons import agreed, campaign_lesson
from tests.workbench.library_of_looks import RED, SNOW, keep, looks, shots


@pytest.fixture
def library(tmp_path):
    """Three films of two shots of three seconds, the second of them without looks."""
    store = LibraryStore(tmp_path / "films.cue", create=True)
    keep(store, "a", looks(RED, SNOW), cuts=shots(2))
    keep(store, "b", cuts=shots(2))
    keep(store, "c", looks(SNOW, SNOW, seed=1), cuts=shots(2))
    store.close()
    library = Library(tmp_path / "films.cue")
    with library.answers() as book:
        for name in ("red", "snow"):
            book.put(LabelClass(name))
        book.put(Campaign("colours", ("red", "snow")))
    return library


def say(library, *said):
    with library.answers() as book:
        answers = [
            Answer(asset, label, verdict, who, span=span, campaign="colours")
            for asset, span, label, verdict, who in said
        ]
        book.add(*answers)


FIRST, SECOND = Span(0.0, 3.0), Span(3.0, 6.0)


def test_a_clip_is_a_row_of_its_pooled_tracks_and_of_what_people_agree_on(library):
    say(
        library,
        ("a", FIRST, "red", "yes", "ann"),
        ("a", FIRST, "snow", "no", "ann"),
        ("a", SECOND, "snow", "yes", "bob"),
    )
    lesson = campaign_lesson(library, "colours", ["looks"])
    assert lesson.items == (("a", FIRST), ("a", SECOND))
    assert lesson.answers.tolist() == [[1, 0], [-1, 1]]
    assert lesson.asked.tolist() == [[True, True], [False, True]]
    assert lesson.examples.yes.dense().tolist() == [[True, False], [False, True]]
    assert lesson.examples.unknown.dense().tolist() == [[False, False], [True, False]]
    means = lesson.examples.values[:, :3]
    assert means == pytest.approx(np.array([RED, SNOW]), rel=0.02)
    assert lesson.examples.spans.tolist() == [[0, 3], [3, 6]]
    assert lesson.columns(["snow"]) == [1]
    assert lesson.columns([]) == [0, 1]
    with pytest.raises(OptionError, match="asks about red, snow, got 'snou'. Did you mean 'snow'"):
        lesson.columns(["snou"])


def test_tasks_that_nobody_answered_are_rows_too(library):
    with library.answers() as book:
        book.add_tasks("colours", [LabelTask("a", FIRST), LabelTask("c")])
    lesson = campaign_lesson(library, "colours", ["looks"])
    assert lesson.items == (("a", FIRST), ("c", None))
    assert (lesson.answers == -1).all()
    assert not lesson.asked.any()
    assert lesson.examples.spans.tolist() == [[0, 3], [0, 9]]


def test_what_people_cannot_say_is_unknown_and_asked(library):
    say(library, ("a", None, "red", "unsure", "ann"), ("c", None, "red", "yes", "ann"), ("c", None, "red", "no", "bob"))
    lesson = campaign_lesson(library, "colours", ["looks"])
    assert lesson.answers[:, 0].tolist() == [-1, -1]
    assert lesson.asked[:, 0].tolist() == [True, True]


def test_clips_without_features_or_media_are_left_out_and_said_why(library):
    with library.answers() as book:
        book.put_clips(Clip("clip-1", "https://example.org/far.mp4", "1"))
        book.add_tasks("colours", [LabelTask("a"), LabelTask("b"), LabelTask("clip-1")])
    lesson = campaign_lesson(library, "colours", ["looks"])
    assert lesson.items == (("a", None),)
    assert lesson.left_out == (
        ("b.mp4", "no track 'looks'; `cueline analyze` makes it"),
        ("https://example.org/far.mp4", "its media is not in the library"),
    )


def test_a_clip_in_which_a_track_has_no_row_is_left_out(library):
    say(library, ("a", FIRST, "red", "yes", "ann"), ("a", Span(7.0, 8.0), "red", "no", "ann"))
    lesson = campaign_lesson(library, "colours", ["looks"])
    assert lesson.items == (("a", FIRST),)
    assert lesson.left_out == (("a.mp4", "its mean is no number"),)


def test_assets_that_share_a_group_are_one_group(library, tmp_path):
    store = LibraryStore(tmp_path / "films.cue", create=True)
    for asset in "ac":
        store.put_asset(Asset(asset, 9.0, groups={"show": "weather"}))
    store.close()
    with library.answers() as book:
        book.add_tasks("colours", [LabelTask("a", FIRST), LabelTask("a", SECOND), LabelTask("c")])
    assert len(set(campaign_lesson(library, "colours", ["looks"]).examples.groups.tolist())) == 1


@pytest.mark.parametrize(
    ("campaign", "tracks", "error", "told"),
    [
        ("colour", ["looks"], StoreError, "Did you mean 'colours'"),
        ("colours", [], OptionError, "at least one feature track"),
        ("colours", ["looks"], OptionError, "Put some to people first"),
    ],
)
def test_what_cannot_be_joined_is_refused(library, campaign, tracks, error, told):
    with pytest.raises(error, match=told):
        campaign_lesson(library, campaign, tracks)


def test_labels_are_no_features(library):
    with library.answers() as book:
        book.add_tasks("colours", [LabelTask("a")])
    with pytest.raises(OptionError, match="'shots' is a label track"):
        campaign_lesson(library, "colours", ["shots"])


def test_tracks_of_other_columns_are_refused(library, tmp_path):
    store = LibraryStore(tmp_path / "films.cue", create=True)
    other = FeatureTrack(as_spans([[0, 1]]), np.ones((1, 2), np.float32), ("luma", "haste"), "video:0")
    keep(store, "d", other)
    store.close()
    with library.answers() as book:
        book.add_tasks("colours", [LabelTask("a"), LabelTask("d")])
    with pytest.raises(OptionError, match="must be of one kind"):
        campaign_lesson(library, "colours", ["looks"])


def test_most_people_decide_and_a_tie_decides_nothing():
    table = np.array([[[1, 1, 0]], [[1, 0, -1]], [[-2, -1, 0]], [[-1, -2, -1]]], np.int8)
    assert agreed(table)[:, 0].tolist() == [1, -1, 0, -1]
