"""Silence in peaks with known power."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.detectors.silence import Silence
from cueline.errors import OptionError, PluginError
from cueline.features.peaks import COLUMNS
from cueline.testing import check_detector
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack, LabelTrack

ASSET = Asset("0" * 32, 100.0)


def track_of(decibels, starts=None):
    """Peaks of rows of 20 ms with a power in dBFS each."""
    starts = np.arange(len(decibels)) / 50 if starts is None else np.asarray(starts)
    power = 10 ** (np.array(decibels, dtype=float) / 20)
    values = np.column_stack([-power, power, power]).reshape(-1, 3).astype(np.float16)
    return FeatureTrack(np.column_stack([starts, starts + 0.02]).reshape(-1, 2), values, COLUMNS, "audio:0")


def silence(decibels, starts=None, **options):
    return Silence(**options).detect(ASSET, {"peaks": track_of(decibels, starts)})["silence"]


def test_it_keeps_the_promises_of_a_detector():
    check_detector(Silence(), {"peaks": track_of([-20] * 50 + [-80] * 50 + [-20] * 100)})


def test_a_silence_lasts_from_its_first_row_to_the_end_of_its_last():
    found = silence([-20] * 50 + [-80] * 50 + [-20] * 25)
    assert found.spans == pytest.approx(np.array([[1.0, 2.0]]))
    assert (found.names, found.stream) == (("silence",), "audio:0")


def test_all_of_the_sound_was_judged():
    found = silence([-20] * 50)
    assert found.judged == pytest.approx(np.array([[0.0, 1.0]]))
    assert found.classes == ("silence",)


def test_digital_silence_is_one_span():
    assert silence([-400] * 100).spans == pytest.approx(np.array([[0.0, 2.0]]))


def test_a_short_pause_is_no_silence():
    assert len(silence([-20] * 10 + [-80] * 24 + [-20] * 10)) == 0
    assert len(silence([-20] * 10 + [-80] * 25 + [-20] * 10)) == 1
    assert len(silence([-20] * 10 + [-80] * 24 + [-20] * 10, seconds=0.4)) == 1


def test_noise_that_hovers_about_the_level_does_not_fall_to_pieces():
    assert silence([-20] * 10 + [-51, -49, -48, -52] * 10 + [-20] * 10).spans == pytest.approx(np.array([[0.2, 1.0]]))


def test_a_knock_ends_a_silence():
    assert silence([-80] * 30 + [-46] + [-80] * 30).spans == pytest.approx(np.array([[0.0, 0.6], [0.62, 1.22]]))


def test_a_silence_neither_begins_nor_ends_above_the_level():
    assert silence([-20] * 5 + [-48] * 5 + [-60] * 30 + [-48] * 5).spans == pytest.approx(np.array([[0.2, 0.8]]))


def test_the_level_can_be_chosen():
    assert len(silence([-45] * 50)) == 0
    assert len(silence([-45] * 50, level=-40.0)) == 1


def test_where_there_are_no_peaks_nothing_is_judged():
    starts = np.concatenate([np.arange(50) / 50, 5 + np.arange(50) / 50])
    found = silence([-80] * 100, starts)
    assert found.spans == pytest.approx(np.array([[0.0, 1.0], [5.0, 6.0]]))
    assert found.judged == pytest.approx(found.spans)


def test_sound_shorter_than_a_sample_of_peaks_is_no_failure():
    bare = FeatureTrack(
        np.empty((0, 2)), np.empty((0, 0), np.float32), (), "audio:0"
    )  # as a spool without rows is read
    found = Silence().detect(ASSET, {"peaks": bare})["silence"]
    assert (len(found), found.classes, len(found.judged), found.stream) == (0, ("silence",), 0, "audio:0")


def test_nothing_is_found_in_nothing():
    found = silence([])
    assert len(found) == len(found.judged) == 0
    assert found.classes == ("silence",)


@given(st.lists(st.sampled_from([-80, -49, -20]), max_size=60))
def test_silences_are_apart_and_hold_nothing_loud(decibels):
    found = silence(decibels, seconds=0.0)
    power = np.array(decibels)
    for (start, end), name, score in found:
        rows = power[round(start * 50) : round(end * 50)]
        assert (name, score) == ("silence", 1.0)
        assert rows[0] == rows[-1] == -80
        assert (rows < -47).all()
    inside = sum(round((end - start) * 50) for start, end in found.spans.tolist())
    assert inside >= (power == -80).sum()


@pytest.mark.parametrize("options", [{"level": 0.0}, {"level": -130.0}, {"seconds": -1.0}, {"seconds": float("nan")}])
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(OptionError, match=f"{next(iter(options))} must"):
        Silence(**options)


@pytest.mark.parametrize(
    "wrong",
    [LabelTrack(np.array([[0.0, 1.0]]), ("shot",)), FeatureTrack(np.empty((0, 2)), np.empty((0, 1)), ("low",))],
)
def test_another_track_is_refused(wrong):
    with pytest.raises(PluginError, match="silence works on the peaks track"):
        Silence().detect(ASSET, {"peaks": wrong})
