"""The peaks track: lowest, highest and mean power of sounds whose samples are known."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import OptionError, PluginError, TimelineError
from cueline.features.peaks import COLUMNS, RATE_HZ, Peaks, coarser, pyramid
from cueline.testing import check_extractor
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.requests import Sound
from cueline.timeline.tracks import FeatureTrack

ASSET = Asset("0" * 32, 10.0, (Stream("audio:0", "audio", 0, "aac", channels=1),))
STEP = 441


def batches_of(samples, cuts=(), start=0.0):
    edges = [0, *sorted(cuts), len(samples)]
    for first, last in itertools.pairwise(edges):
        yield SoundBatch(samples[first:last, None].astype(np.float32), start + first / RATE_HZ, RATE_HZ)


def peaks(samples, cuts=(), start=0.0, **options):
    rows = list(Peaks(**options).extract(ASSET, batches_of(np.asarray(samples), cuts, start)))
    spans = np.concatenate([row.spans for row in rows]) if rows else np.empty((0, 2))
    values = np.concatenate([row.values for row in rows]) if rows else np.empty((0, 3), np.float16)
    return FeatureTrack(spans, values, COLUMNS, "audio:0")


def noise(count, seed=0):
    return np.random.default_rng(seed).normal(0, 0.2, count).astype(np.float32)


def test_it_keeps_the_promises_of_an_extractor():
    check_extractor(Peaks())


def test_one_channel_is_asked_for():
    assert Peaks().wants(ASSET, {}) == Sound(22050, mono=True)


def test_pictures_alone_have_nothing_for_it():
    assert Peaks().wants(Asset("1" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),)), {}) is None


def test_a_row_tells_the_lowest_and_highest_sample_and_the_power():
    samples = np.zeros(3 * STEP)
    samples[5], samples[STEP - 1], samples[2 * STEP :] = -0.5, 0.25, 0.125
    track = peaks(samples)
    assert track["low"].tolist() == [-0.5, 0, 0.125]
    assert track["high"].tolist() == [0.25, 0, 0.125]
    assert track["rms"] == pytest.approx([((0.25 + 0.0625) / STEP) ** 0.5, 0, 0.125], rel=1e-3)
    assert track.spans == pytest.approx(np.array([[0, 0.02], [0.02, 0.04], [0.04, 0.06]]), abs=1e-12)
    assert track.values.dtype == np.float16


def test_a_full_sine_has_the_power_of_a_sine():
    wave = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ)
    assert peaks(wave)["rms"] == pytest.approx(0.5**0.5, rel=1e-3)


def test_the_last_row_ends_with_the_sound():
    track = peaks(np.concatenate([np.zeros(STEP), np.full(100, 0.5)]), start=1.0)
    assert track.spans[1].tolist() == [1.02, pytest.approx(1.02 + 100 / RATE_HZ)]
    assert track["rms"][1] == 0.5


def test_rows_may_be_of_another_length():
    assert peaks(noise(RATE_HZ), seconds=0.1).spans[:, 0] == pytest.approx(np.arange(10) / 10)


def test_rows_of_ten_hours_do_not_drift():
    start = 36_000 - 0.5
    track = peaks(noise(STEP * 25), start=start)
    assert track.spans[-1, 1] == pytest.approx(start + 0.5, abs=1e-9)


def test_no_sound_gives_no_rows():
    assert list(Peaks().extract(ASSET, iter([]))) == []
    assert len(peaks(np.empty(0))) == 0


@settings(max_examples=40)
@given(cuts=st.lists(st.integers(0, 3000), max_size=12), seed=st.integers(0, 99))
def test_rows_are_the_same_however_batches_are_cut(cuts, seed):
    samples = noise(3000, seed)
    whole, pieces = peaks(samples, start=0.25), peaks(samples, cuts, start=0.25)
    assert np.array_equal(whole.values, pieces.values)
    assert whole.spans == pytest.approx(pieces.spans, abs=1e-12)


def test_samples_that_are_no_numbers_count_as_nothing():
    samples = np.full(2 * STEP, 0.5)
    samples[:3] = np.nan, np.inf, -np.inf
    track = peaks(samples)
    assert np.isfinite(track.values).all()
    assert (track["low"].tolist(), track["high"].tolist()) == ([0, 0.5], [0.5, 0.5])


def test_sound_far_above_full_scale_is_held_at_what_a_row_can_tell():
    assert peaks(np.full(STEP, 1e6))["high"].tolist() == [65504]


def test_memory_does_not_grow_with_the_length():
    second = noise(RATE_HZ)[:, None]

    def run(seconds):
        tracemalloc.start()
        for _ in Peaks().extract(ASSET, (SoundBatch(second, float(at), RATE_HZ) for at in range(seconds))):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    run(10)
    assert run(1000) < 1.1 * run(100) + 10_000


@pytest.mark.parametrize(
    "wrong",
    [
        SoundBatch(np.zeros((10, 1), np.float32), 0.0, 16000),
        SoundBatch(np.zeros((10, 2), np.float32), 0.0, RATE_HZ),
        FrameBatch(np.zeros((1, 2, 2, 3), np.uint8), np.array([[0.0, 1.0]])),
    ],
)
def test_what_was_not_asked_for_is_refused(wrong):
    with pytest.raises(PluginError, match="peaks works on one channel at 22050 Hz"):
        list(Peaks().extract(ASSET, iter([wrong])))


@pytest.mark.parametrize("seconds", [0.0, 2.0, float("nan")])
def test_rows_too_short_or_too_long_are_refused(seconds):
    with pytest.raises(OptionError, match="seconds must lie in 0.001 to 1"):
        Peaks(seconds=seconds)


@settings(max_examples=25)
@given(rows=st.integers(1, 40), factor=st.integers(2, 7), tail=st.integers(1, STEP))
def test_a_coarser_level_is_what_longer_rows_would_have_told(rows, factor, tail):
    samples = noise((rows - 1) * STEP + tail, rows)
    level, longer = coarser(peaks(samples), factor), peaks(samples, seconds=0.02 * factor)
    assert level.spans == pytest.approx(longer.spans, abs=1e-9)
    assert np.array_equal(level.values[:, :2], longer.values[:, :2])
    assert level["rms"] == pytest.approx(longer["rms"], rel=3e-3)
    assert (level.values.dtype, level.stream) == (np.float16, "audio:0")


def test_a_pyramid_ends_below_a_thousand_rows():
    levels = pyramid(peaks(noise(STEP * 5000)))
    assert [len(level) for level in levels] == [5000, 1250, 313]
    assert levels[-1]["high"].max() == levels[0]["high"].max()


def test_a_pyramid_of_nothing_is_nothing():
    assert [len(level) for level in pyramid(peaks(np.empty(0)))] == [0]
    assert len(coarser(peaks(np.empty(0)))) == 0


def test_a_level_reads_values_that_lie_on_disk(tmp_path):
    track = peaks(noise(STEP * 100))
    np.save(tmp_path / "values.npy", track.values)
    mapped = FeatureTrack(track.spans, np.load(tmp_path / "values.npy", mmap_mode="r"), COLUMNS)
    assert np.array_equal(coarser(mapped).values, coarser(track).values)


def test_other_tracks_have_no_coarser_level():
    with pytest.raises(TimelineError, match="peaks have the columns low, high, rms"):
        coarser(FeatureTrack(np.empty((0, 2)), np.empty((0, 2))))


def test_a_level_of_single_rows_is_refused():
    with pytest.raises(OptionError, match="2 rows or more, got factor=1"):
        coarser(peaks(noise(STEP)), 1)
