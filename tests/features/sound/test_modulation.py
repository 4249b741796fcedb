"""Modulation at the pace of syllables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.features.sound import RATE_HZ
from cueline.features.sound.modulation import Modulation
from cueline.features.sound.spectra import blocks
from tests.features.sound.made import heard, noise, tone


def beating(hertz, seconds=6.0, depth=0.9):
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    swell = 1 + depth * np.sin(2 * np.pi * hertz * times)
    return (noise(len(times)) * swell).astype(np.float32)


def modulation(samples):
    return float(np.median(heard(samples)["modulation"][2:]))


def test_what_beats_four_times_a_second_has_far_more_than_what_is_held():
    assert modulation(beating(4.0)) > 20 * modulation(beating(4.0, depth=0.0))
    assert modulation(tone(1000, 6.0)) < 0.01


@pytest.mark.parametrize("hertz", [0.4, 18.0])
def test_slower_and_faster_beats_count_far_less(hertz):
    assert modulation(beating(4.0)) > 8 * modulation(beating(hertz))


def test_the_volume_changes_nothing():
    samples = beating(5.0)
    np.testing.assert_allclose(heard(samples)["modulation"], heard(0.01 * samples)["modulation"], rtol=2e-3, atol=1e-3)


def test_digital_silence_has_none():
    np.testing.assert_allclose(heard(np.zeros(RATE_HZ, np.float32))["modulation"], 0, atol=1e-9)


@given(cut=st.integers(1, 60))
def test_it_does_not_depend_on_where_blocks_are_cut(cut):
    (block,) = blocks(beating(4.0, seconds=1.4))
    whole, parts = Modulation(RATE_HZ), Modulation(RATE_HZ)
    expected = whole.put(block.power)
    found = np.concatenate([parts.put(block.power[:cut]), parts.put(block.power[cut:])])
    np.testing.assert_allclose(found, expected)
