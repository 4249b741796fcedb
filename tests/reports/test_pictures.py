"""The best pictures, spread over the film."""

import numpy as np

from cueline.reports.facts import library_facts
from cueline.reports.pictures import Album, inside, key_times, pictures_at, spread, stride_within, strip_times
from cueline.timeline.assets import Asset
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack


def test_thumbnails_stand_in_where_key_frames_are_few():
    seen = FeatureTrack(as_spans([[t, t + 0.04] for t in range(6)]), np.zeros((6, 3)))
    keys = FeatureTrack(as_spans([[2.0, 2.0]]), np.zeros((1, 1)))
    tracks = {"thumbnails": seen, "keyframes": keys}
    assert key_times(tracks).tolist() == [2.0]
    assert strip_times(tracks, 1).tolist() == [2.0]
    assert strip_times(tracks, 4).tolist() == [0, 2, 4, 5]
    assert len(key_times({})) == len(strip_times({}, 4)) == 0


def test_times_are_spread_evenly():
    times = np.arange(10.0)
    assert spread(times, 4).tolist() == [1, 3, 6, 8]
    assert spread(times, 10).tolist() == times.tolist()
    assert spread(times, 0).tolist() == []


def album_of(store):
    return Album(store, library_facts(store).files[0])


def test_pictures_fit_into_the_bytes_given(empty):
    empty.add("a.mp4", Asset("a", 6.0), pictures={float(t): b"x" * 100 for t in range(6)})
    album, times = album_of(empty), np.arange(8.0)
    assert [time for time, _ in pictures_at(album, times, most_bytes=250)] == [0.0, 1.0]
    assert inside(next(pictures_at(album, times, most_bytes=250))[1]).startswith("data:image/webp;base64,eHh4")
    assert stride_within(album, times, most_bytes=10_000) == 1
    assert stride_within(album, times, most_bytes=300) == 3
    assert stride_within(album, times[:0], most_bytes=300) == 1


def test_pictures_that_cannot_be_read_are_one_problem(empty):
    empty.add("a/a.mp4", Asset("a", 6.0), pictures={0.0: b"x"}, torn=("pictures",))
    empty.add("b.mp4", Asset("b", 6.0))
    album = album_of(empty)
    assert [album.at(time) for time in (0.0, 1.0)] == [None, None]
    assert [(p.file, p.what, p.reason) for p in album.problems] == [
        ("a/a.mp4", "pictures are not shown", "the file of pictures is damaged")
    ]


def test_a_picture_is_read_once(empty):
    empty.add("a.mp4", Asset("a", 6.0), pictures={0.0: b"x"})
    album = album_of(empty)
    assert album.at(0.0) == b"x"
    empty._pictures["a"] = {}
    assert album.at(0.0) == b"x"


def keyframes(scores):
    times = np.arange(float(len(scores)))
    return LabelTrack(np.column_stack((times, times)), ("keyframe",) * len(times), np.array(scores))


def test_a_strip_shows_the_best_key_frames_spread_over_the_film():
    tracks = {"keyframes": keyframes([0.3, 0.9, 0.8, 0.2, 0.5, 0.52, 0.1, 0.6])}
    assert strip_times(tracks, 4).tolist() == [1, 2, 4, 7]
    assert strip_times(tracks, 1).tolist() == [2]


def test_a_strip_shows_black_pictures_only_where_there_are_no_others():
    black, titles = keyframes([0.0, 0.01, 0.0, 0.0, 0.02]), keyframes([0.0, 0.0, 0.4, 0.0, 0.0])
    assert strip_times({"keyframes": black}, 2).tolist() == [1, 3]
    assert strip_times({"keyframes": titles}, 4).tolist() == [2]


def test_pictures_of_one_colour_are_shown_before_black_and_white_ones():
    values = np.array([[0.3, 0.0], [0.1, 0.0], [0.0, 0.0], [1.0, 0.0]])  # red, blue, black, white
    seen = FeatureTrack(as_spans([[t, t + 0.04] for t in range(4)]), values, ("brightness", "contrast"))
    assert strip_times({"keyframes": keyframes([0.0, 0.0]), "thumbnails": seen}, 4).tolist() == [0, 1]


def test_bright_thumbnails_stand_in_for_black_key_frames():
    values = np.array([[0.0, 0.0], [0.5, 0.2], [0.02, 0.01], [0.4, 0.2]])
    seen = FeatureTrack(as_spans([[t, t + 0.04] for t in range(4)]), values, ("brightness", "contrast"))
    assert strip_times({"keyframes": keyframes([0.0, 0.3, 0.0, 0.0]), "thumbnails": seen}, 4).tolist() == [1, 3]
