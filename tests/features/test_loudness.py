"""Loudness and true peak of rows: signals of EBU Tech 3341 made here, their truth from the standard."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt

from cueline.errors import PluginError
from cueline.features import loudness
from cueline.features.loudness import COLUMNS, FLOOR, MIX_GAIN, RATE_HZ, LoudnessBlocks, true_peaks
from cueline.media.sound import downmix
from cueline.testing import check_extractor
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.requests import Sound
from cueline.timeline.tracks import FeatureTrack

NAMES_OF_LAYOUTS = {
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    7: ("FL", "FR", "FC", "LFE", "BC", "SL", "SR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}


def asset_with(channels):
    return Asset("0" * 32, 100.0, (Stream("audio:0", "audio", 0, "aac", channels=channels),))


def batches_of(samples, cuts=(), start=0.0):
    for first, last in itertools.pairwise([0, *sorted(cuts), len(samples)]):
        yield SoundBatch(samples[first:last].astype(np.float32), start + first / RATE_HZ, RATE_HZ)


def blocks(samples, cuts=(), *, channels=2, start=0.0):
    """The track of samples (S, 2) at 48 kHz."""
    rows = list(LoudnessBlocks().extract(asset_with(channels), batches_of(samples, cuts, start)))
    spans = np.concatenate([row.spans for row in rows]) if rows else np.empty((0, 2))
    values = np.concatenate([row.values for row in rows]) if rows else np.empty((0, 4), np.float32)
    return FeatureTrack(spans, values, COLUMNS, "audio:0")


def sine(*parts, hertz=1000.0):
    """A stereo sine through parts of (dBFS, seconds), the phase running on."""
    levels = np.concatenate([np.full(round(seconds * RATE_HZ), 10 ** (level / 20)) for level, seconds in parts])
    wave = levels * np.sin(2 * np.pi * hertz * np.arange(len(levels)) / RATE_HZ)
    return np.repeat(wave[:, None], 2, axis=1)


SILENCE = -400.0


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(0, 0.1, (count, 2))


def test_it_keeps_the_promises_of_an_extractor():
    check_extractor(LoudnessBlocks())


def test_two_channels_at_48_khz_are_asked_for():
    assert LoudnessBlocks().wants(asset_with(6), {}) == Sound(48000, mono=False)


def test_pictures_alone_have_nothing_for_it():
    assert LoudnessBlocks().wants(Asset("1" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),)), {}) is None


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_a_stereo_sine_is_as_loud_as_its_level(level):
    """EBU Tech 3341, cases 1 and 2: within 0.1 LU."""
    track = blocks(sine((level, 5)))
    assert track["momentary"][3:] == pytest.approx(level, abs=0.05)
    assert track["short_term"][29:] == pytest.approx(level, abs=0.05)


def test_short_term_loudness_does_not_see_changes_within_its_window():
    """EBU Tech 3341, case 9."""
    track = blocks(sine(*[(-20, 1.34), (-30, 1.66)] * 5))
    assert track["short_term"][29:] == pytest.approx(-23.0, abs=0.1)


def test_momentary_loudness_does_not_see_changes_within_its_window():
    """EBU Tech 3341, case 12."""
    track = blocks(sine(*[(-20, 0.18), (-30, 0.22)] * 25))
    assert track["momentary"][10:] == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("index", [0, 1, 7, 19])
def test_three_seconds_are_measured_wherever_they_begin(index):
    """EBU Tech 3341, cases 10 and 11."""
    level = -38.0 + index
    track = blocks(sine((SILENCE, 0.15 * index), (level, 3), (SILENCE, 1)))
    assert track["short_term"].max() == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("index", [0, 1, 2, 3, 4, 13, 19])
def test_400_milliseconds_are_measured_wherever_they_begin(index):
    """EBU Tech 3341, cases 13 and 14."""
    level = -38.0 + index
    track = blocks(sine((SILENCE, 0.02 * index), (level, 0.4), (SILENCE, 1)))
    assert track["momentary_max"].max() == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize(
    ("part", "amplitude", "degrees", "truth"),
    [(4, 0.5, 0, -6.0), (4, 0.5, 45, -6.0), (6, 0.5, 60, -6.0), (8, 0.5, 67.5, -6.0), (4, 1.41, 45, 3.0)],
)
def test_peaks_between_samples_are_found(part, amplitude, degrees, truth):
    """EBU Tech 3341, cases 15 to 19: within +0.2 and -0.4 dB."""
    times = np.arange(RATE_HZ)
    wave = amplitude * np.sin(2 * np.pi * times / part + np.radians(degrees))
    wave *= np.minimum(1, np.minimum(times, times[::-1]) / 2400)  # to fade in and out makes no peak of its own
    peak = blocks(np.repeat(wave[:, None], 2, axis=1))["true_peak"].max()
    assert truth - 0.4 <= peak <= truth + 0.2


@pytest.mark.parametrize("seed", range(5))
def test_leaving_out_points_that_cannot_matter_changes_no_peak(seed):
    generator = np.random.default_rng(seed)
    samples = generator.normal(0, 0.1, (2, 11 + 3 * 4800)) * generator.uniform(0, 1, 11 + 3 * 4800) ** seed
    phases = [loudness._NEAR, loudness._BETWEEN, loudness._BETWEEN[::-1], loudness._NEAR[::-1]]
    points = np.stack([np.convolve(channel, phase, "valid") for channel in samples for phase in phases])
    truth = np.maximum(np.abs(points).max(axis=0), np.abs(samples[:, 11:]).max(axis=0)).reshape(3, -1).max(axis=1)
    assert true_peaks(samples.astype(np.float32)) == pytest.approx(truth, rel=1e-5)


def test_a_peak_is_never_below_the_highest_sample():
    samples = np.zeros((RATE_HZ, 2))
    samples[9000, 1] = -1.0
    peaks = blocks(samples)["true_peak"]
    assert peaks.argmax() == 1
    assert peaks[1] == pytest.approx(0, abs=1e-4)
    assert (np.delete(peaks, 1) == FLOOR).all()


@pytest.mark.parametrize("offset", [0.0, 0.3])
def test_numbers_of_32_bits_are_good_to_a_hundredth(offset):
    """A rumble of 25 Hz and a constant are what a weak filter would stumble over."""
    times = np.arange(4 * RATE_HZ) / RATE_HZ
    samples = 0.01 * noise(len(times)) + 0.5 * np.sin(2 * np.pi * 25 * times)[:, None] + offset
    weighted = sosfilt(loudness._WEIGHTING.astype(np.float64), samples, axis=0)
    power = (weighted**2).sum(axis=1).reshape(-1, 4800).mean(axis=1)
    truth = 10 * np.log10(np.convolve(power, np.ones(4) / 4, "valid")) - 0.691
    assert blocks(samples)["momentary"][3:] == pytest.approx(truth, abs=0.01)


def test_one_channel_counts_once():
    wave = sine((-20, 2))
    assert blocks(wave, channels=1)["momentary"][10:] == pytest.approx(-23.0, abs=0.05)
    assert blocks(wave, channels=2)["momentary"][10:] == pytest.approx(-20.0, abs=0.05)


@pytest.mark.parametrize("channels", sorted(MIX_GAIN))
def test_what_the_mix_of_many_channels_lost_is_given_back(channels):
    weights = downmix(NAMES_OF_LAYOUTS[channels], mono=False)
    assert MIX_GAIN[channels] == pytest.approx(1 / weights[0, 0])
    left_and_right = sine((-23, 1)) * weights[0, 0]
    assert blocks(left_and_right, channels=channels)["momentary"][5:] == pytest.approx(-23.0, abs=0.05)


def test_rows_last_100_ms_and_the_last_one_ends_with_the_sound():
    track = blocks(noise(round(2.25 * RATE_HZ)), start=0.5)
    assert track.spans[:, 0] == pytest.approx(0.5 + np.arange(23) / 10)
    assert track.spans[-1, 1] == pytest.approx(2.75)


def test_before_the_first_sample_and_after_the_last_there_is_silence():
    momentary = blocks(sine((-20, 0.45)))["momentary"]
    assert momentary == pytest.approx(-20 + 10 * np.log10([0.25, 0.5, 0.75, 1, 0.875]), abs=0.1)


def test_digital_silence_is_told_as_the_floor():
    assert (blocks(np.zeros((RATE_HZ // 2, 2))).values == FLOOR).all()


def test_silence_after_sound_comes_to_rest():
    assert (blocks(sine((-6, 1), (SILENCE, 6)))["short_term"][-5:] == FLOOR).all()


def test_no_sound_gives_no_rows():
    assert len(blocks(np.empty((0, 2)))) == 0


def test_sound_of_one_sample_gives_one_row():
    track = blocks(np.full((1, 2), 0.5))
    assert track.spans.tolist() == [[0, pytest.approx(1 / RATE_HZ)]]
    assert track["true_peak"] == pytest.approx(-6.02, abs=0.01)


def test_samples_that_are_no_numbers_count_as_nothing():
    samples = sine((-20, 2))
    samples[5000:5003, 0] = np.nan, np.inf, -np.inf
    track = blocks(samples)
    assert np.isfinite(track.values).all()
    assert track["momentary"][6:] == pytest.approx(-20.0, abs=0.05)


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 60_000), max_size=8))
def test_rows_are_the_same_however_batches_are_cut(cuts):
    samples = noise(60_000)
    whole, pieces = blocks(samples), blocks(samples, cuts)
    assert np.array_equal(whole.values, pieces.values)
    assert whole.spans == pytest.approx(pieces.spans, abs=1e-12)


def test_memory_does_not_grow_with_the_length():
    second = noise(RATE_HZ).astype(np.float32)

    def run(seconds):
        batches = (SoundBatch(second, float(at), RATE_HZ) for at in range(seconds))
        tracemalloc.start()
        for _ in LoudnessBlocks().extract(asset_with(2), batches):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    run(10)
    assert run(80) < 1.1 * run(20) + 10_000


@pytest.mark.parametrize(
    "wrong",
    [
        SoundBatch(np.zeros((10, 2), np.float32), 0.0, 44100),
        SoundBatch(np.zeros((10, 1), np.float32), 0.0, RATE_HZ),
        FrameBatch(np.zeros((1, 2, 2, 3), np.uint8), np.array([[0.0, 1.0]])),
    ],
)
def test_what_was_not_asked_for_is_refused(wrong):
    with pytest.raises(PluginError, match="loudness.blocks works on two channels at 48000 Hz"):
        list(LoudnessBlocks().extract(asset_with(2), iter([wrong])))
