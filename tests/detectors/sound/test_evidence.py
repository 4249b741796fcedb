"""Evidence of kinds of sound."""

import numpy as np
import pytest

from cueline.detectors.sound.evidence import NEEDED, evidence
from cueline.errors import PluginError
from cueline.timeline.tracks import FeatureTrack
from tests.detectors.sound.made import hiss, music, track


def test_a_row_of_numbers_for_each_row_of_the_track_all_finite():
    found = evidence(track(music(3), hiss(2)))
    assert found.shape == (10, len(NEEDED) + 1)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_the_volume_changes_next_to_nothing():
    sound = music(4) + 0.1 * hiss(4)
    loud, weak = evidence(track(sound)), evidence(track(0.03 * sound))
    assert np.quantile(np.abs(loud - weak), 0.95) < 0.05


def test_a_pause_lies_below_the_loudest_around_it():
    found = evidence(track(music(3), 0.001 * hiss(2)))[:, -1]
    assert found[0] > -20
    assert found[-2] < -30


def test_columns_are_found_by_name():
    one = track(music(2))
    order = np.random.default_rng(0).permutation(one.values.shape[1])
    other = FeatureTrack(one.spans, one.values[:, order], tuple(one.columns[place] for place in order))
    np.testing.assert_array_equal(evidence(one), evidence(other))


def test_a_track_without_a_column_is_refused():
    one = track(music(2))
    with pytest.raises(PluginError, match="without 'mel_0'"):
        evidence(FeatureTrack(one.spans, one.values[:, :3], one.columns[:3]))
