"""Zero crossings and strength, against a count by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.features.sound.spectra import FRAME, HOP, blocks
from cueline.features.sound.waveform import crossing_rate, rms
from tests.features.sound.made import noise, tone


def over(measure, samples):
    return np.concatenate([measure(block) for block in blocks(samples)])


@settings(max_examples=25)
@given(count=st.integers(1, 4000) | st.integers(63 * HOP, 67 * HOP), seed=st.integers(0, 9))
def test_every_frame_is_counted_as_by_hand(count, seed):
    samples = noise(count, seed)
    edges = np.pad(samples, FRAME // 2, mode="edge")
    zeros = np.pad(samples, FRAME // 2)
    starts = range(0, len(edges) - FRAME + 1, HOP)
    crossings = [np.count_nonzero(np.diff(np.signbit(edges[i : i + FRAME]))) / FRAME for i in starts]
    strengths = [np.sqrt(np.mean(zeros[i : i + FRAME].astype(float) ** 2)) for i in starts]
    assert over(crossing_rate, samples) == pytest.approx(crossings)
    assert over(rms, samples) == pytest.approx(strengths)


def test_a_tone_crosses_twice_a_period_and_has_the_strength_of_a_sine():
    samples = tone(1000, 1.0, strength=0.5)
    assert over(crossing_rate, samples)[4:-4] == pytest.approx(2000 / 22050, rel=0.01)
    assert over(rms, samples)[4:-4] == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_a_value_next_to_nothing_crosses_nothing():
    assert not over(crossing_rate, np.array([1.0, -1e-11, 1.0, 0.0, -0.0, 1.0], np.float32)).any()
