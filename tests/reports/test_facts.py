"""What is told of each file."""

import math

import numpy as np
import pytest

from cueline.reports.facts import (
    key_times,
    library_facts,
    median_length,
    page_name,
    pictures_at,
    shots_of,
    spread,
    stride_within,
    strip_times,
    tracks_of,
)
from cueline.timeline.assets import Asset
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack


def test_every_file_is_an_asset_or_has_a_reason(store):
    facts = library_facts(store)
    names = ["part 0.mp4", "part 1.mp4", "part 2.mp4", "song.flac", "torn.mkv", "lost.mov"]
    assert [file.name for file in facts.files] == names
    assert [(p.file, p.reason) for p in facts.unreadable] == [("broken.mp4", "the file ends before its index")]
    assert [(p.file, p.what, p.reason) for p in facts.failures] == [
        ("torn.mkv", "sound failed", "no sample after 12.5 s: invalid data")
    ]
    assert [(p.file, p.reason) for p in facts.missing] == [("lost.mov", "what was found in it is kept")]


def test_a_file_knows_its_folder_whether_it_was_analysed_and_whether_it_is_there(store):
    facts = {file.name: file for file in library_facts(store).files}
    assert (facts["part 0.mp4"].folder, facts["song.flac"].folder) == ("season 1", "")
    assert (facts["part 0.mp4"].analysed, facts["song.flac"].analysed) == (True, False)
    assert (facts["lost.mov"].missing, facts["torn.mkv"].missing) == (True, False)


def test_a_copy_that_is_gone_says_where_the_other_lies(store):
    store.place("season 1/copy.mp4", "0" * 32, missing=True)
    facts = library_facts(store)
    assert facts.missing[-1].reason == "the same content still lies at season 1/part 0.mp4"
    assert not next(file for file in facts.files if file.name == "part 0.mp4").missing


def test_a_broken_file_that_is_gone_is_still_told_of(store):
    store.place("gone.mp4", reason="0 bytes", missing=True)
    problem = library_facts(store).missing[-1]
    assert (problem.file, problem.reason, problem.page) == ("gone.mp4", "it could not be read while it was there", "")


def test_an_asset_without_a_place_is_called_by_its_id(empty):
    empty._assets.append(Asset("ab12", 1.0))
    (file,) = library_facts(empty).files
    assert (file.name, file.paths, file.missing) == ("asset ab12", (), True)


def test_a_page_has_a_name_that_is_safe_for_any_id():
    assert page_name("ab12") == "asset-ab12.html"
    assert page_name("../x") == "asset-2e2e2f78.html"


def test_labels_and_score_curves_are_drawn_and_other_features_are_not(store):
    assert set(tracks_of(store, "0" * 32)) == {"shots", "keyframes", "black", "shots.curve"}


def test_thumbnails_stand_in_where_key_frames_are_few(empty):
    seen = FeatureTrack(as_spans([[t, t + 0.04] for t in range(6)]), np.zeros((6, 3)))
    keys = FeatureTrack(as_spans([[2.0, 2.0]]), np.zeros((1, 1)))
    empty.add("a.mp4", Asset("a", 6.0), {"thumbnails": seen, "keyframes": keys})
    empty.add("b.mp4", Asset("b", 6.0))
    assert key_times(empty, "a").tolist() == [2.0]
    assert strip_times(empty, "a", 1).tolist() == [2.0]
    assert strip_times(empty, "a", 4).tolist() == [0, 2, 4, 5]
    assert len(key_times(empty, "b")) == len(strip_times(empty, "b", 4)) == 0
    assert shots_of(empty, "b") is None


def test_times_are_spread_evenly():
    times = np.arange(10.0)
    assert spread(times, 4).tolist() == [1, 3, 6, 8]
    assert spread(times, 10).tolist() == times.tolist()
    assert spread(times, 0).tolist() == []


def test_pictures_fit_into_the_bytes_given(empty):
    empty.add("a.mp4", Asset("a", 6.0), pictures={float(t): b"x" * 100 for t in range(6)})
    times = np.arange(8.0)
    assert [time for time, _ in pictures_at(empty, "a", times, most_bytes=250)] == [0.0, 1.0]
    assert next(pictures_at(empty, "a", times, most_bytes=250))[1].startswith("data:image/webp;base64,eHh4")
    assert stride_within(empty, "a", times, most_bytes=10_000) == 1
    assert stride_within(empty, "a", times, most_bytes=300) == 3
    assert stride_within(empty, "a", times[:0], most_bytes=300) == 1


def test_the_median_of_no_shot_is_not_a_number():
    assert median_length(as_spans([[0, 1], [1, 4], [4, 6]])) == pytest.approx(2.0)
    assert math.isnan(median_length(as_spans([])))


def test_a_file_that_could_not_be_read_is_named_once_whatever_failed_with_it(empty):
    failed = dict.fromkeys(("decode", "color", "shots"), "no picture could be decoded")
    empty.add("dark.mp4", Asset("f" * 32, 1.0), failed=failed)
    facts = library_facts(empty)
    assert [(p.file, p.what, p.reason) for p in facts.unreadable] == [("dark.mp4", "", "no picture could be decoded")]
    assert facts.failures == ()


def test_a_file_that_could_not_be_read_is_named_at_every_path_where_it_lies(empty):
    empty.add("a.mp4", Asset("f" * 32, 0.0), failed={"probe": "not a media file"})
    empty.place("b/a copy.mp4", "f" * 32)
    empty.place("gone.mp4", "f" * 32, missing=True)
    facts = library_facts(empty)
    assert [(p.file, p.reason) for p in facts.unreadable] == [
        ("a.mp4", "not a media file"),
        ("b/a copy.mp4", "not a media file"),
    ]
    assert [p.file for p in facts.missing] == ["gone.mp4"]
    assert facts.files[0].copies == ("b/a copy.mp4",)


def test_a_plug_in_that_failed_on_a_file_with_copies_is_told_of_once(empty):
    empty.add("a.mp4", Asset("a", 4.0), failed={"shots": "no memory"})
    empty.place("b.mp4", "a")
    assert [(p.file, p.what) for p in library_facts(empty).failures] == [("a.mp4", "shots failed")]


def test_a_broken_file_has_no_length(empty):
    empty.add("broken.mp4", Asset("a", 3.0), failed={"decode": "no picture could be decoded"})
    empty.add("empty.mp4", Asset("b", 0.0))
    empty.add("part.mp4", Asset("c", 3.0), failed={"shots": "no memory"})
    assert [(file.broken, file.seconds) for file in library_facts(empty).files] == [
        (True, None),
        (False, None),
        (False, 3.0),
    ]


def test_what_plug_ins_say_of_work_that_was_done_is_worth_knowing(empty):
    said = {"probe": "its pictures measure 1 x 1 pixels", "decode": "42 damaged places", "shots": "few pictures"}
    empty.add("a.mp4", Asset("a", 3.0), said=said, failed={"black": "no memory"}, idle=("speech", "music"))
    (file,) = library_facts(empty).files
    assert file.remarks == ("its pictures measure 1 x 1 pixels", "42 damaged places", "shots: few pictures")
    assert file.idle == ("music", "speech")


def keyframes(scores):
    times = np.arange(float(len(scores)))
    return LabelTrack(np.column_stack((times, times)), ("keyframe",) * len(times), np.array(scores))


def test_a_strip_shows_the_best_key_frames_spread_over_the_film(empty):
    empty.add("a.mp4", Asset("a", 8.0), {"keyframes": keyframes([0.3, 0.9, 0.8, 0.2, 0.5, 0.52, 0.1, 0.6])})
    assert strip_times(empty, "a", 4).tolist() == [1, 2, 4, 7]
    assert strip_times(empty, "a", 1).tolist() == [2]


def test_a_strip_shows_black_pictures_only_where_there_are_no_others(empty):
    empty.add("black.mp4", Asset("a", 5.0), {"keyframes": keyframes([0.0, 0.01, 0.0, 0.0, 0.02])})
    empty.add("titles.mp4", Asset("b", 5.0), {"keyframes": keyframes([0.0, 0.0, 0.4, 0.0, 0.0])})
    assert strip_times(empty, "a", 2).tolist() == [1, 3]
    assert strip_times(empty, "b", 4).tolist() == [2]


def test_pictures_of_one_colour_are_shown_before_black_and_white_ones(empty):
    values = np.array([[0.3, 0.0], [0.1, 0.0], [0.0, 0.0], [1.0, 0.0]])  # red, blue, black, white
    seen = FeatureTrack(as_spans([[t, t + 0.04] for t in range(4)]), values, ("brightness", "contrast"))
    empty.add("a.mp4", Asset("a", 4.0), {"keyframes": keyframes([0.0, 0.0]), "thumbnails": seen})
    assert strip_times(empty, "a", 4).tolist() == [0, 1]


def test_bright_thumbnails_stand_in_for_black_key_frames(empty):
    values = np.array([[0.0, 0.0], [0.5, 0.2], [0.02, 0.01], [0.4, 0.2]])
    seen = FeatureTrack(as_spans([[t, t + 0.04] for t in range(4)]), values, ("brightness", "contrast"))
    empty.add("a.mp4", Asset("a", 4.0), {"keyframes": keyframes([0.0, 0.3, 0.0, 0.0]), "thumbnails": seen})
    assert strip_times(empty, "a", 4).tolist() == [1, 3]
