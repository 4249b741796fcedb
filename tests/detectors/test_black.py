"""Tests of black: where the picture is black for a while."""

import numpy as np
import pytest

from cueline.detectors.black import Black
from cueline.errors import OptionError, PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack

ASSET = Asset("a", 4.0)


def color(luma, contrast=0.0):
    starts = np.arange(len(luma)) / 25
    values = np.column_stack((luma, np.full(len(luma), contrast)))
    spans = np.column_stack((starts, (np.arange(len(luma)) + 1) / 25))
    return {"color": FeatureTrack(spans, values.reshape(-1, 2), ("luma", "contrast"), "video:0")}


def black(tracks, **options):
    return Black(**options).detect(ASSET, tracks)["black"]


def test_black_between_pictures_is_found_to_the_frame():
    found = black(color([100] * 25 + [2] * 10 + [100] * 25))
    np.testing.assert_allclose(found.spans, [[1.0, 1.4]])
    assert found.names == ("black",)
    np.testing.assert_allclose(found.judged, [[0.0, 2.4]])


def test_a_blink_is_too_short_unless_asked_for():
    tracks = color([100] * 25 + [2] * 2 + [100] * 25)
    assert len(black(tracks)) == 0
    assert len(black(tracks, seconds=0.0)) == 1


def test_a_starry_night_is_not_black():
    assert len(black(color([5] * 50, contrast=20))) == 0


def test_a_film_that_is_black_throughout_is_one_stretch():
    np.testing.assert_allclose(black(color([0] * 100)).spans, [[0.0, 4.0]])


def test_no_pictures_are_no_black_and_nothing_was_judged():
    found = black(color([]))
    assert (len(found), found.classes, len(found.judged)) == (0, ("black",), 0)


def test_options_that_cannot_be_are_refused():
    for options in ({"level": -1}, {"contrast": 300}, {"seconds": -0.1}):
        with pytest.raises(OptionError, match="black needs a level and a contrast from 0 to 255"):
            Black(**options)


def test_another_track_is_refused():
    with pytest.raises(PluginError, match="black works on the color track, got FeatureTrack"):
        black({"color": FeatureTrack(np.array([[0.0, 1.0]]), np.ones((1, 1)), ("loudness",))})
