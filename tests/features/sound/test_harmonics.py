"""Harmonic-to-noise ratio: tones last, clicks spread."""

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.features.sound.harmonics import Harmonics, energies, ratio_db
from cueline.features.sound.spectra import BINS, blocks
from tests.features.sound.made import noise, tone


def split(magnitude, sizes=(10_000,)):
    harmonics, parts, first = Harmonics(), [], 0
    for size in sizes:
        parts.append(harmonics.put(magnitude[first : first + size]))
        first += size
    return np.concatenate([*parts, harmonics.put(magnitude[first:]), harmonics.end()])


def ratio(samples):
    magnitude = np.concatenate([block.magnitude for block in blocks(samples)])
    return ratio_db(split(magnitude).sum(axis=0, keepdims=True))[0]


@pytest.mark.parametrize("frames", [1, 7, 14, 15, 16, 40])
def test_parts_are_those_of_median_filters_over_time_and_frequency(frames):
    magnitude = np.random.default_rng(0).exponential(1.0, (frames, BINS)).astype(np.float32)
    lasting = scipy.ndimage.median_filter(magnitude, (31, 1), mode="reflect").astype(float)
    spread = scipy.ndimage.median_filter(magnitude, (1, 31), mode="reflect").astype(float)
    share = lasting**2 / (lasting**2 + spread**2)
    wanted = np.column_stack([((magnitude * part) ** 2).sum(axis=1) for part in (share, 1 - share)])
    np.testing.assert_allclose(split(magnitude), wanted, rtol=1e-5)


@settings(max_examples=15)
@given(sizes=st.lists(st.integers(0, 40), max_size=6))
def test_parts_do_not_depend_on_the_size_of_pieces(sizes):
    magnitude = np.random.default_rng(1).exponential(1.0, (70, BINS)).astype(np.float32)
    np.testing.assert_allclose(split(magnitude, sizes), split(magnitude), rtol=1e-6)


def test_a_tone_is_harmonic_clicks_are_not_and_noise_is_between():
    clicks = np.zeros(44100, np.float32)
    clicks[2000::9000] = 0.9
    assert ratio(tone(440, 2.0)) > 20
    assert ratio(clicks) < -20
    assert abs(ratio(noise(44100))) < 3


def test_digital_silence_is_neither():
    assert ratio(np.zeros(44100, np.float32)) == 0


def test_ratios_stay_within_60_decibels():
    assert ratio_db(np.array([[1.0, 0.0], [0.0, 1.0], [10.0, 1.0]])) == pytest.approx([60, -60, 10])


def test_no_frame_has_no_energy():
    assert split(np.zeros((0, BINS), np.float32)).shape == (0, 2)
    assert energies(np.zeros((31, BINS), np.float32)).tolist() == [[0.0, 0.0]]
