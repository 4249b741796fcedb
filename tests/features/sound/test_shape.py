"""Centroid, bandwidth, rolloff and flatness of spectra that are known."""

import numpy as np
import pytest

from cueline.features.sound.shape import bandwidth, centroid, flatness, rolloff
from cueline.features.sound.spectra import BINS, frequencies

HERTZ = frequencies(22050)


def lines(**at):
    magnitude = np.zeros((1, BINS), np.float32)
    for bin_, value in at.items():
        magnitude[0, int(bin_[1:])] = value
    return magnitude


def test_two_lines_have_their_centre_between_them_by_weight():
    magnitude = lines(b100=3.0, b200=1.0)
    centre = centroid(magnitude, HERTZ)
    assert centre[0] == pytest.approx(HERTZ[125])
    assert bandwidth(magnitude, HERTZ, centre)[0] == pytest.approx(np.sqrt(0.75 * 25**2 + 0.25 * 75**2) * HERTZ[1])


def test_one_line_is_all_there_is():
    magnitude = lines(b300=2.0)
    centre = centroid(magnitude, HERTZ)
    assert centre[0] == rolloff(magnitude, HERTZ)[0] == HERTZ[300]
    assert bandwidth(magnitude, HERTZ, centre)[0] == 0


@pytest.mark.parametrize(("share", "bin_"), [(84.0, 900), (86.0, 20)])
def test_rolloff_is_where_85_percent_are_reached(share, bin_):
    assert rolloff(lines(b20=share, b900=100 - share), HERTZ)[0] == HERTZ[bin_]


def test_an_even_spectrum_is_flat_and_a_line_is_not():
    assert flatness(np.full((1, BINS), 7.0, np.float32))[0] == pytest.approx(1)
    assert flatness(lines(b9=1.0))[0] < 1e-6


def test_digital_silence_has_stated_values():
    silence = np.zeros((1, BINS), np.float32)
    centre = centroid(silence, HERTZ)
    assert centre[0] == rolloff(silence, HERTZ)[0] == bandwidth(silence, HERTZ, centre)[0] == 0
    assert flatness(silence)[0] == pytest.approx(1)
