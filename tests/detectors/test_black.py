"""Black spans of color tracks with known light."""

import numpy as np
import pytest

from cueline.detectors.black import Black
from cueline.errors import OptionError, PluginError
from cueline.features.color import COLUMNS
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack, LabelTrack

ASSET = Asset("0" * 32, 4.0)


def track_of(light):
    """A color track of plain frames, 25 a second."""
    starts = np.arange(len(light)) / 25
    values = np.zeros((len(light), len(COLUMNS)), np.float16)
    values[:, [i for i, name in enumerate(COLUMNS) if name.startswith("luma")]] = np.array(light)[:, None]
    return FeatureTrack(np.column_stack([starts, starts + 0.04]), values, COLUMNS, "video:0")


def black(light, **options):
    return Black(**options).detect(ASSET, {"color": track_of(light)})["black"]


def test_a_dark_span_is_black_from_its_first_frame_to_the_end_of_its_last():
    found = black([80] * 10 + [5] * 10 + [80] * 5)
    assert found.spans == pytest.approx(np.array([[0.4, 0.8]]))
    assert found.names == ("black",)


def test_all_of_the_film_was_judged():
    assert black([80] * 25).judged == pytest.approx(np.array([[0.0, 1.0]]))


def test_a_film_that_is_black_throughout_is_one_span():
    assert black([0] * 25).spans == pytest.approx(np.array([[0.0, 1.0]]))


def test_a_short_blink_is_not_black():
    assert len(black([80] * 10 + [0] * 2 + [80] * 10)) == 0
    assert len(black([80] * 10 + [0] * 2 + [80] * 10, seconds=0.05)) == 1


def test_a_lamp_in_the_dark_is_not_black():
    color = track_of([5] * 25)
    values = color.values.copy()
    values[:, COLUMNS.index("luma_20")] = 120
    lit = FeatureTrack(color.spans, values, COLUMNS, "video:0")
    assert len(Black().detect(ASSET, {"color": lit})["black"]) == 0


def test_nothing_is_found_in_nothing():
    found = black([])
    assert len(found) == len(found.judged) == 0
    assert found.classes == ("black",)


@pytest.mark.parametrize("options", [{"level": 0.0}, {"level": 300.0}, {"seconds": -1.0}])
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(OptionError, match=f"{next(iter(options))} must"):
        Black(**options)


def test_another_kind_of_track_is_refused():
    labels = LabelTrack(np.array([[0.0, 1.0]]), ("shot",))
    with pytest.raises(PluginError, match="black works on the color track"):
        Black().detect(ASSET, {"color": labels})
