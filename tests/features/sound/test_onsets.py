"""Flux and onsets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.features.sound.onsets import LEAST_DB, Onsets, flux


def found(curve, sizes=(10_000,)):
    onsets, flags, first = Onsets(), [], 0
    for size in sizes:
        flags.append(onsets.put(curve[first : first + size]))
        first += size
    flags += [onsets.put(curve[first:]), onsets.end()]
    return np.concatenate(flags)


def test_flux_is_the_mean_of_gains_and_losses_count_nothing():
    levels = np.array([[0, 0], [3, -9], [3, 1]], np.float32)
    assert flux(levels, levels[0]).tolist() == [0, 1.5, 5]
    assert flux(levels[1:], levels[0]).tolist() == [1.5, 5]


def test_a_jump_is_one_onset_at_its_frame():
    curve = np.zeros(40, np.float32)
    curve[[17, 18]] = 6.0, 3.0
    assert np.flatnonzero(found(curve)).tolist() == [17]


def test_a_plateau_is_one_onset_at_its_beginning():
    curve = np.zeros(40, np.float32)
    curve[[17, 18]] = 6.0
    assert np.flatnonzero(found(curve)).tolist() == [17]


@pytest.mark.parametrize(("height", "count"), [(LEAST_DB * 9 / 8 + 0.01, 1), (LEAST_DB * 9 / 8 - 0.01, 0)])
def test_what_hardly_exceeds_its_surroundings_is_none(height, count):
    curve = np.zeros(40, np.float32)
    curve[20] = height
    assert found(curve).sum() == count


def test_noise_in_an_even_curve_is_none():
    assert not found(np.random.default_rng(0).normal(2.0, 0.2, 3000).astype(np.float32)).any()


@given(sizes=st.lists(st.integers(0, 20), max_size=20))
def test_onsets_do_not_depend_on_the_size_of_pieces(sizes):
    curve = np.random.default_rng(1).exponential(2.0, 150).astype(np.float32)
    assert found(curve, sizes).tolist() == found(curve).tolist()
    assert len(found(curve, sizes)) == 150


@pytest.mark.parametrize("count", range(6))
def test_every_frame_of_a_short_sound_is_decided(count):
    assert len(found(np.ones(count, np.float32))) == count
