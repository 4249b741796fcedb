"""The color track: what each column says of pictures with known light and motion."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import PluginError
from cueline.features.color import COLUMNS, Color
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.requests import EveryFrame, Picture
from cueline.timeline.tracks import FeatureTrack

ASSET = Asset("0" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),))


def colors(pictures, batch=32):
    """The color track of pictures at 25 a second."""
    starts = np.arange(len(pictures)) / 25
    spans = np.column_stack([starts, starts + 0.04])
    batches = (FrameBatch(pictures[i : i + batch].copy(), spans[i : i + batch]) for i in range(0, len(pictures), batch))
    rows = list(Color().extract(ASSET, batches))
    values = np.concatenate([row.values for row in rows]).astype(np.float32)
    return FeatureTrack(np.concatenate([row.spans for row in rows]), values, COLUMNS)


def textured(seed, width=64):
    """One picture of soft coloured blocks, shape (36, width, 3)."""
    coarse = np.random.default_rng(seed).integers(30, 226, (6, width // 8, 3))
    return np.kron(coarse, np.ones((6, 8, 1))).astype(np.uint8)


def test_every_frame_is_asked_for_at_64_by_36():
    assert Color().wants(ASSET, {}) == EveryFrame(Picture(64, 36, fit="stretch", scaling="fast"))


def test_an_asset_of_sound_alone_has_nothing_for_it():
    assert Color().wants(Asset("1" * 32, 1.0, (Stream("audio:0", "audio", 0, "aac"),)), {}) is None


def test_each_column_has_a_name_of_its_own():
    assert len(COLUMNS) == len(set(COLUMNS)) == 89


def test_light_and_contrast_of_a_plain_picture_are_its_level_and_nothing():
    track = colors(np.full((3, 36, 64, 3), 100, np.uint8))
    assert track["luma"] == pytest.approx(100, abs=1)
    assert track["contrast"] == pytest.approx(0)
    assert track["blue_0"] == pytest.approx(128, abs=1)


def test_a_picture_that_stands_still_does_not_change():
    track = colors(np.repeat(textured(0)[None], 6, axis=0))
    for name in ("change_1", "unexplained_2", "unexplained_color_4"):
        assert not track[name].any()
    assert (track["correlation_1"] > 0.9).all()


def test_a_cut_is_change_that_motion_does_not_explain():
    track = colors(np.concatenate([np.repeat(textured(s)[None], 5, axis=0) for s in (0, 1)]))
    assert track["unexplained_1"].argmax() == 5
    assert track["unexplained_1"][5] > 5
    assert track["alignment_1"][5] < track["alignment_1"][4] / 2


def test_a_pan_is_change_that_motion_explains():
    wide = textured(0, width=128)
    pan = np.stack([wide[:, 2 * i : 2 * i + 64] for i in range(10)])
    track = colors(pan)
    assert track["change_1"][1:].min() > 5
    assert (track["unexplained_1"] <= track["change_1"] / 4).all()


def test_a_flash_changes_the_light_but_keeps_the_alignment():
    pictures = np.repeat(textured(0)[None], 9, axis=0)
    pictures[4] = pictures[4] // 2 + 127
    track = colors(pictures)
    assert track["change_1"][4] > 30
    assert track["alignment_1"][4] > 0.5
    assert not track["change_2"][5]


def test_lags_look_past_the_first_frame_at_the_first_frame():
    pictures = np.concatenate([textured(0)[None], np.repeat(textured(1)[None], 4, axis=0)])
    track = colors(pictures)
    assert (track["change_4"][1:] > 0).all()
    assert track["change_4"][0] == 0


@given(size=st.integers(1, 40))
def test_rows_do_not_depend_on_the_size_of_batches(size):
    pictures = np.random.default_rng(0).integers(0, 256, (40, 36, 64, 3), dtype=np.uint8)
    np.testing.assert_allclose(colors(pictures, batch=size).values, colors(pictures, batch=40).values, atol=0.01)


def test_blocks_stand_row_by_row():
    picture = np.zeros((1, 36, 64, 3), np.uint8)
    picture[:, 6:12, 8:16] = 200
    track = colors(picture)
    assert track["luma_9"][0] == pytest.approx(200, abs=1)
    assert track["luma_8"][0] == track["luma_1"][0] == 0


def test_red_is_more_red_than_grey_and_less_blue():
    picture = np.zeros((1, 36, 64, 3), np.uint8)
    picture[..., 0] = 200
    track = colors(picture)
    assert track["red_0"][0] > 160
    assert track["blue_0"][0] < 110


def test_an_empty_batch_gives_no_rows():
    empty = FrameBatch(np.empty((0, 36, 64, 3), np.uint8), np.empty((0, 2)))
    assert list(Color().extract(ASSET, iter([empty]))) == []


def test_pictures_of_another_size_are_refused():
    wrong = FrameBatch(np.zeros((1, 20, 20, 3), np.uint8), np.array([[0.0, 1.0]]))
    with pytest.raises(PluginError, match="color works on pictures of 64 x 36"):
        list(Color().extract(ASSET, iter([wrong])))


def test_sound_is_refused():
    sound = SoundBatch(np.zeros((10, 1), np.float32), 0.0, 16000)
    with pytest.raises(PluginError, match="color works on pictures"):
        list(Color().extract(ASSET, iter([sound])))
