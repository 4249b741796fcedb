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


@pytest.mark.parametrize("second", [21, 31, 32, 900, 1023, 1024])
@pytest.mark.parametrize("share", [84.0, 86.0])
def test_rolloff_is_where_85_percent_are_reached(share, second):
    found = rolloff(lines(b20=share, **{f"b{second}": 100 - share}), HERTZ)
    assert found[0] == HERTZ[20 if share > 85 else second]


def test_rolloff_of_many_spectra_is_that_of_sums_bin_by_bin():
    magnitude = np.random.default_rng(0).exponential(1.0, (200, BINS)).astype(np.float32)
    reached = np.cumsum(magnitude.astype(np.float64), axis=1)
    bins = (reached >= 0.85 * reached[:, -1:]).argmax(axis=1)
    assert rolloff(magnitude, HERTZ).tolist() == HERTZ[bins].tolist()


def test_an_even_spectrum_is_flat_and_a_line_is_not():
    assert flatness(np.full((1, BINS), 7.0, np.float32))[0] == pytest.approx(1)
    assert flatness(lines(b9=1.0))[0] < 1e-6


def test_digital_silence_has_stated_values():
    silence = np.zeros((1, BINS), np.float32)
    centre = centroid(silence, HERTZ)
    assert centre[0] == rolloff(silence, HERTZ)[0] == bandwidth(silence, HERTZ, centre)[0] == 0
    assert flatness(silence)[0] == pytest.approx(1)
