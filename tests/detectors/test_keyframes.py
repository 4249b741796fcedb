"""Which picture stands for a shot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.detectors.keyframes import KeyFrames
from cueline.errors import OptionError
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack, LabelTrack

FILM = Asset("ab12", 60.0)
COLUMNS = ("brightness", "contrast", "sharpness")
GOOD, BLACK, WHITE, BLURRED = (0.5, 0.4, 0.3), (0.01, 0.02, 0.3), (0.99, 0.02, 0.3), (0.5, 0.4, 0.02)


def thumbnails(starts, qualities):
    spans = np.add.outer(np.array(starts, dtype=float), (0.0, 0.04))
    return FeatureTrack(spans, np.array(qualities, dtype=np.float32).reshape(-1, 3), COLUMNS, "video:0")


def keyframes(shots, starts, qualities, *, short=None, **options):
    tracks = {
        "shots": LabelTrack(np.array(shots, dtype=float).reshape(-1, 2), ("shot",) * len(shots), stream="video:0"),
        "thumbnails": thumbnails(starts, qualities),
    }
    if short is not None:
        tracks["thumbnails.short"] = short
    return KeyFrames(**options).detect(FILM, tracks)["keyframes"]


def test_among_pictures_alike_the_one_nearest_to_the_middle_is_taken():
    found = keyframes([[0, 4]], [0, 0.5, 1.5, 2.4, 3.5], [GOOD] * 5)
    assert found.spans.tolist() == [[2.4, 2.4]]


@pytest.mark.parametrize("poor", [BLACK, WHITE, BLURRED])
def test_a_poor_picture_in_the_middle_gives_way_to_a_good_one(poor):
    found = keyframes([[0, 4]], [1.0, 2.0], [GOOD, poor])
    assert found.spans.tolist() == [[1.0, 1.0]]


def test_a_picture_at_the_border_gives_way_to_one_inside():
    sharper = (0.5, 0.4, 0.25)
    found = keyframes([[0, 4]], [0.0, 1.0], [sharper, (0.5, 0.4, 0.18)])
    assert found.spans.tolist() == [[1.0, 1.0]]


def test_each_shot_takes_its_own_picture_and_a_shot_without_one_has_none():
    found = keyframes([[0, 2], [2, 2.2], [2.2, 4]], [1.0, 3.0], [GOOD, BLACK])
    assert found.spans.tolist() == [[1.0, 1.0], [3.0, 3.0]]
    assert found.scores[0] > 0.9
    assert found.scores[1] < 0.1
    assert found.judged.tolist() == [[0, 2], [2, 2.2], [2.2, 4]]
    assert (set(found.names), found.classes, found.stream) == ({"keyframe"}, ("keyframe",), "video:0")


def test_pictures_of_a_second_pass_take_part():
    short = thumbnails([2.08], [GOOD])
    found = keyframes([[0, 2], [2, 2.2]], [1.0], [GOOD], short=short)
    assert found.spans.tolist() == [[1.0, 1.0], [2.08, 2.08]]


def test_a_shot_of_one_frame_has_a_key_frame():
    found = keyframes([[1.0, 1.04]], [1.0], [GOOD])
    assert found.spans.tolist() == [[1.0, 1.0]]


def test_a_key_frame_lies_in_its_shot_even_where_the_shot_begins_within_a_frame():
    found = keyframes([[0, 1.01], [1.01, 1.2]], [0.5, 1.0], [GOOD, GOOD])
    assert found.spans.tolist() == [[0.5, 0.5], [1.01, 1.01]]


def test_no_shot_and_no_thumbnail_give_no_key_frame():
    assert len(keyframes([], [1.0], [GOOD])) == 0
    assert len(keyframes([[0, 4]], [], [])) == 0


numbers = st.floats(0, 1, width=32)


@given(
    st.lists(st.tuples(numbers, numbers, numbers), max_size=30),
    st.lists(st.integers(1, 20), min_size=1, max_size=10),
)
def test_any_film_has_at_most_one_key_frame_a_shot_inside_it(qualities, lengths):
    borders = np.concatenate(([0], np.cumsum(lengths))) / 4
    shots = np.column_stack((borders[:-1], borders[1:]))
    found = keyframes(shots.tolist(), [0.5 * row for row in range(len(qualities))], qualities)
    for start, end in shots:
        inside = (found.spans[:, 0] >= start) & (found.spans[:, 0] < end)
        has_picture = any(start <= 0.5 * row + 0.02 < end for row in range(len(qualities)))
        assert inside.sum() == has_picture
    assert ((found.scores >= 0) & (found.scores <= 1)).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"border": -1.0}, "must be 0 s or more, got -1.0"), ({"tie": 2.0}, r"must lie in \[0, 1\], got 2.0")],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        KeyFrames(**options)
