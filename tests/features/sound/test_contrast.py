"""Spectral contrast: bands, peaks and valleys."""

from itertools import pairwise

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.features.sound.contrast import contrast_bands, peaks_and_valleys
from cueline.features.sound.spectra import BINS


def test_seven_bands_lie_side_by_side_over_all_frequencies():
    bands = contrast_bands(22050)
    assert bands[0].first == 0
    assert bands[-1].end == BINS
    assert [band.extreme for band in bands] == [1, 1, 1, 2, 3, 6, 9]
    for lower, upper in pairwise(bands):
        assert upper.first in (lower.end - 1, lower.end)


def test_a_low_rate_is_refused():
    with pytest.raises(TimelineError, match="needs a rate above 12800 Hz for its 7 bands, got 12800 Hz"):
        contrast_bands(12800)
    assert len(contrast_bands(12801)) == 7


def test_a_line_over_a_floor_stands_out_by_their_ratio():
    bands = contrast_bands(22050)
    magnitude = np.ones((2, BINS), np.float32)
    magnitude[1, 10] = 100.0
    peaks, valleys = peaks_and_valleys(magnitude, bands)
    contrast = peaks - valleys
    assert not contrast[0].any()
    assert contrast[1] == pytest.approx([20.0, 0, 0, 0, 0, 0, 0])


def test_wide_bands_take_the_mean_of_several_bins():
    magnitude = np.ones((1, BINS), np.float32)
    last = contrast_bands(22050)[-1]
    magnitude[0, last.first + 5 : last.first + 8] = 4.0
    peaks, _ = peaks_and_valleys(magnitude, contrast_bands(22050))
    assert peaks[0, -1] == pytest.approx(10 * np.log10((3 * 4 + 6) / 9))
