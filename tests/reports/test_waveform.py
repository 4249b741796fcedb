"""A waveform shows every peak, wherever it lies."""

import base64
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.reports.waveform import DRAWN, LETTERS, packed, silhouette, silhouette_path, wave, wave_lane
from cueline.timeline.tracks import FeatureTrack


def peaks(high, *, start=0.0, row=0.02, low=None, rms=None):
    high = np.asarray(high, np.float64)
    starts = start + row * np.arange(len(high))
    values = np.column_stack((-high if low is None else low, high, high / 2 if rms is None else rms))
    return FeatureTrack(np.column_stack((starts, starts + row)), values.astype(np.float16), ("low", "high", "rms"))


@given(st.integers(1, 4000), st.integers(1, 300), st.integers(0, 10**6))
def test_a_click_of_one_row_is_seen_in_the_column_of_its_time(rows, most, seed):
    at = seed % rows
    high = np.zeros(rows)
    high[at] = 0.5
    drawn = wave(peaks(high), most)
    assert len(drawn) <= most
    assert drawn.high.max() == 0.5
    column = int(drawn.high.argmax())
    assert drawn.start + column * drawn.step <= at * 0.02 + 1e-6
    assert at * 0.02 < drawn.start + (column + 1) * drawn.step + 1e-6


def test_columns_hold_the_extremes_and_the_root_of_the_mean_square():
    drawn = wave(peaks([0.1, 0.5, 0.25, 0.25], low=[-0.75, 0, -0.5, -0.25], rms=[0.25, 0.5, 0, 0.5]), 2)
    assert drawn.step == pytest.approx(0.04)
    assert drawn.low.tolist() == [-0.75, -0.5]
    assert drawn.high.tolist() == [0.5, 0.25]
    assert drawn.rms.tolist() == pytest.approx([np.sqrt((0.0625 + 0.25) / 2), np.sqrt(0.125)])


def test_no_column_between_rows_of_sound_is_empty_whatever_their_clock_rounds_to():
    for row in (0.02, 1024 / 44100, 1 / 3):
        assert (wave(peaks(np.ones(50_000), row=row, start=0.0215), DRAWN).high == 1).all()


def test_a_pause_of_the_stream_is_a_gap():
    first, second = peaks(np.ones(50)), peaks(np.ones(50), start=3.0)
    spans, values = (np.concatenate([getattr(t, n) for t in (first, second)]) for n in ("spans", "values"))
    drawn = wave(FeatureTrack(spans, values, first.columns), 10_000)
    assert len(drawn) == 200
    assert np.flatnonzero(drawn.high == 0).tolist() == list(range(50, 150))


def test_samples_beyond_full_scale_are_cut_and_unknown_ones_are_nothing():
    drawn = wave(peaks([1.5, np.nan, 0.5], low=[-2, np.nan, 0], rms=[1.2, np.nan, 0]), 3)
    assert (drawn.low.tolist(), drawn.high.tolist(), drawn.rms.tolist()) == ([-1, 0, 0], [1, 0, 0.5], [1, 0, 0])


def test_rows_without_length_are_one_column():
    track = FeatureTrack(np.zeros((3, 2)), np.full((3, 3), 0.5), ("low", "high", "rms"))
    assert len(wave(track, 100)) == len(wave(peaks([0.5]), 100)) == 1


def test_the_lane_is_drawn_from_the_top_for_full_scale_to_the_foot_in_few_columns():
    lane = wave_lane("peaks", peaks(np.ones(100_000)))
    outline, rms = (shape.path for shape in lane.shapes)
    assert (lane.kind, lane.rows) == ("wave", 100_000)
    assert outline.count("L") < 2 * DRAWN
    assert {y for _, y in re.findall(r"(\d+) (\d+)", outline)} == {"0", "1000"}
    assert {y for _, y in re.findall(r"(\d+) (\d+)", rms)} == {"250", "750"}


def test_the_script_gets_a_byte_for_each_level():
    told = packed(wave(peaks([1.0, 0.0, 0.5], start=0.5), 10))
    assert (told["start"], told["step"]) == (0.5, 0.02)
    assert list(base64.b64decode(told["high"])) == [255, 128, 192]
    assert list(base64.b64decode(told["low"])) == [1, 128, 64]


def test_a_silhouette_is_as_tall_as_its_loudest_column():
    letters = silhouette(peaks([0.1, 0.0, 0.05]), 3)
    assert (letters[:2], LETTERS.index(letters[2])) == ("/A", 32)
    assert silhouette_path(letters) == "M0 -63V63M1 -1V1M2 -32V32"
    assert silhouette(peaks(np.zeros(9)), 3) == "AAA"
