"""Which pictures are kept, and what is said of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError, PluginError
from cueline.features.thumbnails import COLUMNS, ShortShotThumbnails, Thumbnails, picture_quality
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.requests import Picture
from cueline.timeline.tracks import FeatureTrack, LabelTrack

FILM = Asset("ab12", 60.0, (Stream("video:0", "video", 0, "h264", width=1920, height=1080),))
SONG = Asset("cd34", 60.0, (Stream("audio:0", "audio", 0, "aac"),))


def grey(level, height=90, width=160):
    return np.full((height, width, 3), level, np.uint8)


def texture(seed, height=90, width=160):
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 10, width // 10, 3), dtype=np.uint8)
    return coarse.repeat(10, axis=0).repeat(10, axis=1)


def looks(pictures, every=0.5, size=4):
    """Batches of looks, each of a frame that lasts 40 ms."""
    starts = np.arange(len(pictures)) * every
    for first in range(0, len(pictures), size):
        rows = slice(first, first + size)
        spans = np.column_stack((starts[rows], starts[rows] + 0.04))
        yield FrameBatch(np.stack(pictures[rows]), spans)


def kept(pictures, **options):
    rows = list(Thumbnails(**options).extract(FILM, looks(pictures)))
    return [start for part in rows for start in part.spans[:, 0].tolist()]


def test_a_picture_is_kept_when_something_new_is_seen():
    assert kept([texture(1)] * 3 + [texture(2)] * 2 + [texture(3)], longest=60) == [0.0, 1.5, 2.5]


def test_a_still_camera_keeps_one_picture_every_few_seconds():
    assert kept([texture(1)] * 25, longest=4.0) == [0.0, 4.0, 8.0, 12.0]


def test_grain_is_no_change():
    noise = np.random.default_rng(0)
    grainy = [np.clip(texture(1) + noise.normal(0, 8, (90, 160, 3)), 0, 255).astype(np.uint8) for _ in range(6)]
    assert kept(grainy, longest=60) == [0.0]


def test_a_slow_fade_is_kept_when_it_has_gone_far_enough():
    assert kept([grey(level) for level in range(0, 40, 5)], change=0.05, longest=60) == [0.0, 1.5, 3.0]


def test_what_a_dissolve_comes_to_rest_at_is_kept_once():
    mixed = (texture(1) * 0.15 + texture(2) * 0.85).astype(np.uint8)
    assert kept([texture(1), mixed, texture(2), texture(2), texture(2)], longest=60) == [0.0, 0.5, 1.5]


def test_a_frame_given_twice_is_kept_once():
    spans = np.array([[0.0, 20.0], [0.0, 20.0]])
    (rows,) = Thumbnails().extract(FILM, iter([FrameBatch(np.stack([texture(1)] * 2), spans)]))
    assert len(rows.spans) == 1


def test_a_stream_that_changes_its_size_goes_on():
    batches = [*looks([texture(1)]), FrameBatch(texture(1, 60, 80)[None], np.array([[0.5, 0.54]]))]
    assert [len(rows.spans) for rows in Thumbnails().extract(FILM, iter(batches))] == [1, 1]


def test_each_row_carries_its_picture_as_webp_and_its_quality():
    (rows,) = Thumbnails().extract(FILM, looks([texture(1), texture(2)]))
    assert rows.columns == COLUMNS
    assert rows.values.shape == (2, 3)
    assert [picture[:4] + picture[8:12] for picture in rows.pictures] == [b"RIFFWEBP"] * 2
    assert all(len(picture) < 20_000 for picture in rows.pictures)


def test_no_frame_gives_no_row():
    assert list(Thumbnails().extract(FILM, iter(()))) == []
    assert list(ShortShotThumbnails().extract(FILM, iter(()))) == []


def test_quality_tells_black_from_white_and_flat_from_lively():
    assert picture_quality(grey(0)).tolist() == [0, 0, 0]
    assert picture_quality(grey(255)).tolist() == [1, 0, 0]
    half = np.concatenate((grey(0), grey(255)))
    assert picture_quality(half)[:2] == pytest.approx([0.5, 1.0])


def test_a_blurred_picture_is_less_sharp_than_the_same_in_focus():
    sharp = texture(1)
    rows = sum(np.roll(sharp.astype(float), shift, axis=0) for shift in range(5)) / 5
    blurred = sum(np.roll(rows, shift, axis=1) for shift in range(5)) / 5
    assert picture_quality(blurred.astype(np.uint8))[2] < 0.5 * picture_quality(sharp)[2]


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_quality_lies_between_0_and_1_for_any_picture(height, width, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    quality = picture_quality(picture)
    assert quality.shape == (3,)
    assert ((quality >= 0) & (quality <= 1)).all()


def test_a_film_is_looked_at_twice_a_second_and_a_song_not_at_all():
    request = Thumbnails().wants(FILM, {})
    assert (request.picture, request.every) == (Picture(320, 180, fit="inside"), 0.5)
    assert Thumbnails().wants(SONG, {}) is None


def tracks(shots, thumbnails):
    seen = np.add.outer(thumbnails, (0.0, 0.04))
    return {
        "shots": LabelTrack(np.array(shots), ("shot",) * len(shots)),
        "thumbnails": FeatureTrack(seen, np.zeros((len(thumbnails), 3)), COLUMNS),
    }


def test_the_second_pass_looks_at_the_middle_of_each_shot_without_a_picture():
    found = tracks([[0.0, 0.2], [0.2, 0.4], [0.4, 3.0], [3.0, 3.04]], [0.0, 0.5, 1.0])
    request = ShortShotThumbnails(width=64, height=36).wants(FILM, found)
    assert request.times == pytest.approx((0.3, 3.02))
    assert request.picture == Picture(64, 36, fit="inside")


def test_without_an_empty_shot_there_is_no_second_pass():
    request = ShortShotThumbnails().wants(FILM, tracks([[0.0, 2.0], [2.0, 4.0]], [0.0, 2.0]))
    assert request.times == ()


def test_the_second_pass_keeps_every_picture():
    rows = list(ShortShotThumbnails().extract(FILM, looks([texture(1)] * 5)))
    assert [len(part.pictures) for part in rows] == [4, 1]
    assert {part.columns for part in rows} == {COLUMNS}


@pytest.mark.parametrize("plugin", [Thumbnails(), ShortShotThumbnails()])
def test_sound_in_place_of_pictures_is_refused(plugin):
    sound = SoundBatch(np.zeros((4, 1), np.float32), 0.0, 16000)
    with pytest.raises(PluginError, match="must be given frame batches, got SoundBatch"):
        list(plugin.extract(FILM, iter([sound])))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0.0}, "every > 0 s and longest >= every, got every=0.0"),
        ({"every": 5.0}, "got every=5.0, longest=4.0"),
        ({"change": 1.5}, r"must lie in \[0, 1\], got 1.5"),
        ({"width": 0}, "1 x 1 pixels or more, got 0 x 180"),
        ({"quality": 101}, "must lie in 0 to 100, got 101"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        Thumbnails(**options)
