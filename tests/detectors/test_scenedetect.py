"""Shots from cuts that PySceneDetect gave."""

import numpy as np
import pytest

from cueline.detectors.scenedetect import SceneDetectShots
from cueline.errors import PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack

ASSET = Asset("0" * 32, 1.0)


def shots(cuts, count):
    starts = np.arange(count) / 25
    values = np.zeros((count, 1), np.float32)
    values[list(cuts)] = 1
    track = FeatureTrack(np.column_stack([starts, starts + 0.04]), values, ("cut",), "video:0")
    return SceneDetectShots().detect(ASSET, {"scenedetect": track})["shots.scenedetect"]


def test_shots_tile_the_film_from_the_first_frame_to_the_end_of_the_last():
    found = shots([10, 15], 25)
    assert found.spans == pytest.approx(np.array([[0, 0.4], [0.4, 0.6], [0.6, 1.0]]))
    assert found.names == ("shot",) * 3


def test_a_film_without_cuts_is_one_shot():
    assert shots([], 25).spans == pytest.approx(np.array([[0, 1.0]]))


def test_no_frames_make_no_shots():
    found = shots([], 0)
    assert len(found) == 0
    assert found.classes == ("shot",)


def test_another_kind_of_track_is_refused():
    track = FeatureTrack(np.array([[0.0, 1.0]]), np.zeros((1, 1)), ("light",))
    with pytest.raises(PluginError, match=r"shots\.scenedetect works on the scenedetect track"):
        SceneDetectShots().detect(ASSET, {"scenedetect": track})
