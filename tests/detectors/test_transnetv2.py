"""Shots from chances that TransNetV2 gave."""

import numpy as np
import pytest

from cueline.detectors.transnetv2 import TransNetV2Shots
from cueline.errors import OptionError, PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack

ASSET = Asset("0" * 32, 1.0)


def shots(chances, **options):
    starts = np.arange(len(chances)) / 25
    values = np.column_stack([chances, chances]).astype(np.float32).reshape(-1, 2)
    track = FeatureTrack(np.column_stack([starts, starts + 0.04]), values, ("single", "many"), "video:0")
    return TransNetV2Shots(**options).detect(ASSET, {"transnetv2": track})["shots.transnetv2"]


def test_a_shot_begins_with_the_first_frame_after_a_run_of_high_chances():
    found = shots([0.1] * 9 + [0.9] + [0.1] * 10 + [0.6, 0.8] + [0.0] * 3)
    assert found.spans == pytest.approx(np.array([[0, 0.4], [0.4, 0.88], [0.88, 1.0]]))
    assert found.scores == pytest.approx([1.0, 0.9, 0.8])


def test_a_run_at_an_end_of_the_film_parts_nothing():
    assert len(shots([0.9, 0.9] + [0.0] * 10 + [0.9])) == 1


def test_a_lower_threshold_finds_more():
    chances = [0.0] * 5 + [0.3] + [0.0] * 5
    assert len(shots(chances)) == 1
    assert len(shots(chances, threshold=0.2)) == 2


def test_no_frames_make_no_shots():
    found = shots([])
    assert len(found) == 0
    assert found.classes == ("shot",)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -2.0])
def test_a_threshold_outside_of_its_range_is_refused(threshold):
    with pytest.raises(OptionError, match="threshold is a chance between 0 and 1"):
        TransNetV2Shots(threshold=threshold)


def test_another_kind_of_track_is_refused():
    track = FeatureTrack(np.array([[0.0, 1.0]]), np.zeros((1, 1)), ("light",))
    with pytest.raises(PluginError, match=r"shots\.transnetv2 works on the transnetv2 track"):
        TransNetV2Shots().detect(ASSET, {"transnetv2": track})
