"""Chroma: tones fall into their pitch classes."""

import numpy as np
import pytest

from cueline.features.sound.chroma import chroma, chroma_filters
from cueline.features.sound.spectra import blocks
from tests.features.sound.made import tone

C4_HZ = 440 * 2 ** (-9 / 12)


def heard_chroma(samples, tuning=0.0):
    parts = [chroma(block.power, chroma_filters(22050, tuning)) for block in blocks(samples)]
    return np.concatenate(parts)[2:-2]


@pytest.mark.parametrize("pitch", range(12))
@pytest.mark.parametrize("octave", [0, 1, 2])
def test_a_tone_falls_into_its_pitch_class(pitch, octave):
    found = heard_chroma(tone(C4_HZ * 2 ** (octave + pitch / 12), 0.5))
    assert (found.argmax(axis=1) == pitch).all()
    assert (found.max(axis=1) == 1).all()


def test_a_tone_half_a_semitone_high_is_in_tune_where_the_tuning_says_so():
    high = tone(C4_HZ * 2 ** (0.5 / 12), 0.5)
    lowered = heard_chroma(high, tuning=0.5)
    plain = heard_chroma(tone(C4_HZ, 0.5))
    assert (lowered.argmax(axis=1) == 0).all()
    np.testing.assert_allclose(lowered[:, 2:11], plain[:, 2:11], atol=0.05)


def test_digital_silence_has_no_pitch():
    assert not heard_chroma(np.zeros(4096, np.float32)).any()
