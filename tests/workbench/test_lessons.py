"""Examples that a library gives."""

import numpy as np
import pytest

from cueline import Library
from cueline.errors import OptionError
from cueline.models.cards import Input
from cueline.timeline.assets import Asset
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.lessons import library_lesson
from tests.stores.made import VIDEO, done, features, labels


def tracks(*names, value=0.5, classes=(), rows=3):
    """Some numbers, and labels of these names out of some classes."""
    said = LabelTrack(
        as_spans([[0, 1]] * len(names)), names, classes=classes or tuple(dict.fromkeys(names)), stream="video:0"
    )
    return {"looks": features(rows, value=value), "kinds": said}


@pytest.fixture
def keep(shelf, put):
    """Keep a file with tracks."""

    def place(name, given, **groups):
        asset = put(name)
        shelf.put_asset(Asset(asset, 10.0, (VIDEO,), groups))
        shelf.commit(shelf.begin_run({}), [done("stranger", asset, tracks=given)])
        return asset

    return place


@pytest.fixture
def lesson(shelf):
    def gathered(tracks=("looks",), labels="kinds", **how):
        return library_lesson(Library(shelf.path), tracks, labels, **how)

    return gathered


def test_a_file_is_a_row_of_the_mean_and_the_deviation_of_its_tracks(keep, lesson):
    keep("one.mp4", tracks("dog"))
    varied = FeatureTrack(as_spans([[0, 1], [1, 2]]), np.array([[1, 5], [3, 5]], float), ("a", "b"), "video:0")
    keep("two.mp4", {**tracks("cat"), "looks": varied})
    found = lesson()
    assert found.inputs == (Input("looks", 2, ("mean", "std"), ("a", "b")),)
    rows = dict(zip(found.examples.assets, found.examples.values.tolist(), strict=True))
    assert rows == {"one.mp4": [0.5, 0.5, 0, 0], "two.mp4": [2, 5, 1, 0]}
    assert found.examples.values.dtype == np.float32
    assert found.left_out == ()


def test_answers_are_yes_no_and_unknown(keep, lesson):
    keep("one.mp4", tracks("dog", "dog", classes=("dog", "cat")))
    keep("two.mp4", tracks("cat", "owl"))
    examples = lesson().examples
    assert examples.classes == ("cat", "dog", "owl")
    yes, unknown = examples.yes.dense(), examples.unknown.dense()
    first = list(examples.assets).index("one.mp4")
    assert yes[first].tolist() == [False, True, False]
    assert unknown[first].tolist() == [False, False, True]
    assert yes[1 - first].tolist() == [True, False, True]
    assert unknown[1 - first].tolist() == [False, True, False]


def test_a_closed_policy_leaves_nothing_unknown(keep, lesson):
    keep("one.mp4", tracks("dog"))
    keep("two.mp4", tracks("cat"))
    examples = lesson(policy="closed").examples
    assert not examples.unknown.dense().any()
    assert examples.yes.dense().sum(axis=1).tolist() == [1, 1]


def test_a_file_in_which_nothing_was_found_is_a_row_of_no(keep, lesson):
    keep("one.mp4", tracks(classes=("dog", "cat")))
    examples = lesson().examples
    assert (len(examples.yes.ids), len(examples.unknown.ids)) == (0, 0)


def test_files_that_share_a_group_are_one_group_of_rows(keep, lesson):
    for name, groups in {"a.mp4": {"show": "x"}, "b.mp4": {"show": "x", "film": "y"}, "c.mp4": {"film": "y"}}.items():
        keep(name, tracks("dog"), **groups)
    keep("d.mp4", tracks("dog"))
    examples = lesson().examples
    of = dict(zip(examples.assets, examples.groups.tolist(), strict=True))
    assert of["a.mp4"] == of["b.mp4"] == of["c.mp4"] != of["d.mp4"]


def test_files_that_lack_a_track_are_left_out_and_told(keep, lesson):
    keep("a.mp4", tracks("dog"))
    keep("b.mp4", {"looks": features()})
    keep("c.mp4", {"kinds": labels("dog")})
    keep("d.mp4", {**tracks("dog"), "looks": FeatureTrack(as_spans([]), np.empty((0, 0)), (), "video:0")})
    keep("e.mp4", tracks("dog", value=np.nan))
    found = lesson()
    assert found.examples.assets == ["a.mp4"]
    assert dict(found.left_out) == {
        "b.mp4": "no track 'kinds'",
        "c.mp4": "no track 'looks'",
        "d.mp4": "'looks' is empty",
        "e.mp4": "its mean is no number",
    }


def test_a_library_without_one_whole_file_is_refused(shelf, keep, lesson):
    with pytest.raises(OptionError, match="no file of .* has looks and 'kinds'"):
        lesson()
    keep("a.mp4", {"looks": features()})
    with pytest.raises(OptionError, match="no file of .* has looks and 'kinds'; a.mp4: no track 'kinds'"):
        lesson()


def test_tracks_must_be_named(lesson):
    with pytest.raises(OptionError, match="name at least one feature track to learn from, such as: --tracks sound"):
        lesson(())


def test_tracks_of_several_kinds_are_refused(keep, lesson):
    keep("a.mp4", tracks("dog"))
    keep("b.mp4", {**tracks("dog"), "looks": features(width=3)})
    with pytest.raises(OptionError, match=r"must be of one kind, got 'looks' of widths \[2, 3\] .* the same options"):
        lesson()


def test_numbers_are_no_answers_and_labels_no_features(keep, lesson):
    keep("a.mp4", tracks("dog"))
    with pytest.raises(OptionError, match="'kinds' is a label track; features are numbers"):
        lesson(("kinds",))
    with pytest.raises(OptionError, match="'looks' is a track of numbers; answers are a label track"):
        lesson(labels="looks")
