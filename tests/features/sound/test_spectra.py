"""Frames and their transform are the same however the sound is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.features.sound.spectra import BINS, FRAME, HOP, Framing, blocks, frequencies, power_spectra
from tests.features.sound.made import noise, tone


def spectra_of(parts):
    framing = Framing()
    found = [block for part in parts for block in framing.put(part)]
    found += framing.end()
    return np.concatenate([block.power for block in found])


@given(sizes=st.lists(st.integers(0, 30_000), min_size=1, max_size=12))
def test_no_bit_depends_on_how_the_sound_is_cut(sizes):
    samples = noise(90_000)
    parts = np.split(samples, np.clip(np.cumsum(sizes), 0, len(samples)))
    np.testing.assert_array_equal(spectra_of(parts), spectra_of([samples]))


@given(count=st.integers(1, 5 * HOP) | st.integers(64 * HOP - 3, 68 * HOP))
def test_there_is_a_frame_for_every_hop_and_one_more(count):
    assert len(spectra_of([noise(count)])) == 1 + count // HOP


def test_a_sound_without_samples_has_no_frame():
    assert list(blocks(np.zeros(0, np.float32))) == []


@pytest.mark.parametrize("bin_", [1, 40, 1000])
def test_a_tone_in_the_middle_of_a_bin_has_the_power_of_its_window(bin_):
    power = power_spectra(tone(bin_ * 22050 / FRAME, 0.2, strength=1.0)[:FRAME])
    assert power.shape == (1, BINS)
    assert power[0].argmax() == bin_
    assert power[0, bin_] == pytest.approx((FRAME / 4) ** 2, rel=1e-5)


def test_magnitude_is_the_root_of_power_and_zeros_are_counted():
    (block,) = blocks(noise(3 * HOP))
    np.testing.assert_allclose(block.magnitude**2, block.power, rtol=1e-6)
    assert (block.before, block.after) == (FRAME // 2, FRAME // 2)
    assert not block.samples[: FRAME // 2].any()


def test_frequencies_reach_from_nothing_to_half_the_rate():
    assert frequencies(22050)[[0, -1]].tolist() == [0, 11025]
