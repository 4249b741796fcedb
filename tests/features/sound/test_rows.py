"""Which frames a row holds, and what becomes of the rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.features.sound.rows import row_columns
from cueline.features.sound.spectra import HOP
from tests.features.sound.made import RATE_HZ, heard, noise


def test_names_are_all_different_and_as_many_as_numbers():
    names = row_columns(64, harmonics=True)
    assert len(names) == len(set(names)) == 211
    assert row_columns(2, harmonics=False)[-7:] == (
        *("mel_0", "mel_1", "mel_std_0", "mel_std_1"),
        *("onset_rate", "modulation", "persistence"),
    )


@settings(max_examples=40)
@given(
    count=st.integers(1, 3 * RATE_HZ) | st.sampled_from([512, 11025, 22050, 11264, 11026]),
    seconds=st.sampled_from([0.5, 0.1, 1.0, 1 / 3, 512 / RATE_HZ]),
)
def test_frames_belong_to_the_row_that_their_centre_lies_in(count, seconds):
    track = heard(np.full(count, 0.1, np.float32), seconds=seconds, bands=1)
    centres = np.arange(1 + count // HOP) * HOP / RATE_HZ
    assert track["frames"].sum() == len(centres)
    assert track["frames"].min() >= 1
    rows = np.repeat(np.arange(len(track)), track["frames"].astype(int))
    starts, ends = track.spans[rows].T
    assert (centres >= starts - 1e-9).all()
    assert (centres[:-1] < ends[:-1] + 1e-9).all()


@settings(max_examples=25)
@given(count=st.integers(1, 3 * RATE_HZ), start=st.sampled_from([0.0, 0.021333, 17.5]))
def test_rows_lie_edge_to_edge_from_the_first_sample_to_the_last(count, start):
    spans = heard(np.full(count, 0.1, np.float32), start=start).spans
    assert spans[0, 0] == start
    assert spans[-1, 1] == pytest.approx(start + count / RATE_HZ)
    np.testing.assert_array_equal(spans[1:, 0], spans[:-1, 1])
    np.testing.assert_allclose(np.diff(spans[:-1]), 0.5)


# After 239 samples of the second row lies the centre of a frame
@pytest.mark.parametrize(("rest", "rows"), [(1, 1), (239, 1), (511, 1), (512, 2), (600, 2)])
def test_a_rest_shorter_than_the_distance_of_frames_makes_the_last_row_longer(rest, rows):
    track = heard(noise(11025 + rest))
    assert len(track) == rows
    assert track.spans[-1].tolist() == [0.5 * (rows - 1), pytest.approx((11025 + rest) / RATE_HZ)]


def test_a_frame_centred_on_the_very_end_belongs_to_the_last_row():
    track = heard(noise(HOP * 4), seconds=HOP * 2 / RATE_HZ)
    assert track["frames"].tolist() == [2, 3]


def test_onsets_are_told_by_the_second():
    samples = noise(4 * RATE_HZ, 0, 1e-4)
    samples[RATE_HZ // 8 :: RATE_HZ // 4] = 0.9
    track = heard(samples)
    assert track["onset_rate"][1:-1].tolist() == [4.0] * 6
