"""How long frequencies stand out."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cueline.features.sound import RATE_HZ
from cueline.features.sound.persistence import Persistence
from cueline.features.sound.spectra import blocks
from tests.features.sound.made import heard, noise, tone


def chord(seconds=4.0):
    return np.sum([tone(hertz, seconds, 0.1) for hertz in np.arange(1, 13) * 220], axis=0)


def glide(seconds=4.0):
    """Overtones that never rest."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    turns = np.cumsum(160 + 60 * np.sin(2 * np.pi * 2 * times)) / RATE_HZ
    return np.sum([0.1 * np.sin(2 * np.pi * order * turns) for order in range(1, 20)], axis=0).astype(np.float32)


def persistence(samples):
    return float(np.median(heard(samples)["persistence"][2:]))


def test_held_notes_stand_and_what_glides_or_hisses_does_not():
    assert persistence(chord()) > 0.95
    assert persistence(glide()) < 0.85
    assert persistence(noise(4 * RATE_HZ)) < 0.75


def test_notes_are_heard_beneath_what_glides():
    assert persistence(chord() + glide()) > persistence(glide()) + 0.05


def test_the_volume_changes_nothing():
    samples = chord() + noise(4 * RATE_HZ, strength=0.01)
    found = heard(0.01 * samples)["persistence"]
    np.testing.assert_allclose(heard(samples)["persistence"], found, atol=2e-3)


def test_digital_silence_has_none_and_nothing_is_beyond_0_and_1():
    assert heard(np.zeros(RATE_HZ, np.float32))["persistence"].tolist() == [0, 0]
    assert (heard(chord())["persistence"] <= 1).all()


@given(cut=st.integers(1, 60))
def test_it_does_not_depend_on_where_blocks_are_cut(cut):
    (block,) = blocks(noise(RATE_HZ))
    whole, parts = Persistence(RATE_HZ), Persistence(RATE_HZ)
    expected = whole.put(block.power)
    cut = min(cut, len(block.power) - 1)
    found = np.concatenate([parts.put(block.power[:cut]), parts.put(block.power[cut:])])
    np.testing.assert_allclose(found, expected, rtol=1e-5)
