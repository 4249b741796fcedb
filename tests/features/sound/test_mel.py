"""Mel bands, levels and cepstral coefficients of known spectra."""

import numpy as np
import pytest

from cueline.features.sound.mel import FLOOR_DB, decibels, log_mel, mel_filters, mfcc
from cueline.features.sound.spectra import BINS


def test_bands_overlap_by_halves_and_have_equal_areas():
    filters = mel_filters(22050, 40).toarray()
    area = filters.sum(axis=1) * 22050 / 2048
    assert filters.min() == 0
    np.testing.assert_allclose(area[10:], 1.0, atol=0.05)
    assert (np.diff(filters.argmax(axis=1)) > 0).all()


def test_a_tone_is_loudest_in_its_band():
    power = np.zeros((1, BINS), np.float32)
    power[0, round(1000 * 2048 / 22050)] = 1.0
    levels = log_mel(power, mel_filters(22050, 64))
    edges = np.linspace(0, 15 + np.log(11.025) / (np.log(6.4) / 27), 66)
    assert levels.argmax() == np.abs(edges[1:-1] - 15).argmin()  # 1 kHz is 15 mel on Slaney's scale


def test_levels_stop_at_the_floor():
    assert decibels(np.array([0.0, 1e-12, 1.0, 100.0], np.float32)) == pytest.approx([FLOOR_DB, FLOOR_DB, 0, 20])


def test_a_band_narrower_than_a_bin_may_be_empty_and_stays_finite():
    levels = log_mel(np.ones((2, BINS), np.float32), mel_filters(22050, 1000))
    assert np.isfinite(levels).all()
    assert levels.min() == pytest.approx(FLOOR_DB)


def test_an_even_spectrum_has_only_its_first_coefficient():
    found = mfcc(np.full((1, 128), -20.0, np.float32))
    assert found.shape == (1, 13)
    assert found[0, 0] == pytest.approx(-20 * np.sqrt(128))
    assert found[0, 1:] == pytest.approx(0, abs=1e-4)
