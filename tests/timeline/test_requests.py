"""A request that cannot be met is refused when it is made."""

import math

import pytest

from cueline.errors import OptionError, TimelineError
from cueline.timeline.requests import Instants, Picture, Sound, Windows

SMALL = Picture(64, 36)


def test_what_can_be_asked_for():
    assert Picture(224, 1, "short", "bicubic").fit == "short"
    assert Instants(SMALL).times == ()
    assert Instants(SMALL, (0.0, 1.0, 1.0)).times == (0.0, 1.0, 1.0)
    assert Instants(SMALL, every=0.5).every == 0.5
    assert Windows(SMALL, [(0, 1), (0, 2), (1, 2)], 16).spans.shape == (3, 2)
    assert Sound(0, mono=False).rate_hz == 0


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1)])
def test_a_picture_has_pixels(size):
    with pytest.raises(OptionError, match="a picture needs 1 x 1 pixels or more"):
        Picture(*size)


def test_a_misspelt_choice_is_refused_with_the_near_miss():
    with pytest.raises(OptionError, match=r"fit is one of stretch, .*, got 'strech'. Did you mean 'stretch'\?"):
        Picture(1, 1, fit="strech")
    with pytest.raises(OptionError, match="scaling is one of fast, area, bilinear, bicubic, got 4"):
        Picture(1, 1, scaling=4)


@pytest.mark.parametrize(("times", "every"), [((1.0,), 1.0), ((), -1.0), ((), math.nan), ((), math.inf)])
def test_instants_are_given_by_times_or_by_a_distance(times, every):
    with pytest.raises(OptionError, match="by times or by a distance above 0 s"):
        Instants(SMALL, times, every)


@pytest.mark.parametrize("times", [(1.0, 0.5), (math.nan,), (-math.inf, 0.0), (0.0, math.inf), (0.0, math.nan, 1.0)])
def test_instants_are_finite_and_in_order(times):
    with pytest.raises(OptionError, match="instants must be finite and in order of time, got .* at row"):
        Instants(SMALL, times)


def test_windows_are_spans_in_order_with_pictures():
    with pytest.raises(TimelineError, match="windows must not end before they start"):
        Windows(SMALL, [(1, 0)], 16)
    with pytest.raises(OptionError, match=r"windows must be in order of start, got \[0.0, 1.0\] at row 1"):
        Windows(SMALL, [(1, 2), (0, 1)], 16)
    with pytest.raises(OptionError, match="a window needs 1 picture or more, got 0"):
        Windows(SMALL, [(0, 1)], 0)


def test_a_rate_of_sound_is_not_negative():
    with pytest.raises(OptionError, match="sound needs a rate above 0 Hz, or 0 for the rate of the file, got -1"):
        Sound(-1)
