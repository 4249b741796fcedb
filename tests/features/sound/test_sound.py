"""The extractor of sound: the same rows whatever the batches, numbers that are right, refusals that help."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import OptionError, PluginError
from cueline.features.sound import RATE_HZ, SoundFeatures
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.testing import check_extractor
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.requests import Sound
from cueline.timeline.tracks import FeatureTrack
from tests.features.sound.made import ASSET, batched, heard, noise, tone

REAL_SOUNDS = ("speech", "music", "both")


class Quiet:
    def at(self, phase, seconds=0.0):
        pass


def test_one_channel_at_22050_hz_is_asked_for():
    assert SoundFeatures().wants(ASSET, {}) == Sound(rate_hz=22050, mono=True)


def test_a_silent_film_has_nothing_for_it():
    silent = Asset("1" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),))
    assert SoundFeatures().wants(silent, {}) is None


def test_it_keeps_the_promises_of_an_extractor():
    check_extractor(SoundFeatures())


@settings(max_examples=15)
@given(sizes=st.lists(st.integers(1, 3 * RATE_HZ), min_size=1, max_size=6), start=st.sampled_from([0.0, 3.25]))
def test_rows_do_not_depend_on_the_size_of_batches(sizes, start):
    samples = noise(4 * RATE_HZ + 1234)
    pieces, whole = heard(samples, sizes, start), heard(samples, (len(samples),), start)
    np.testing.assert_array_equal(pieces.spans, whole.spans)
    np.testing.assert_array_equal(pieces.values, whole.values)


def test_the_ratio_of_harmonics_does_not_depend_on_batches_either():
    samples = tone(300, 3.0) + noise(3 * RATE_HZ)
    pieces, whole = heard(samples, (5000,), harmonics=True), heard(samples, (len(samples),), harmonics=True)
    np.testing.assert_array_equal(pieces.values, whole.values)


def test_rows_are_given_before_the_sound_ends():
    given = SoundFeatures().extract(ASSET, batched(noise(60 * RATE_HZ)))
    assert next(given).spans[0].tolist() == [0.0, 0.5]


def test_noise_after_a_tone_is_seen_in_every_measure():
    track = heard(np.concatenate([tone(440, 2.0), noise(2 * RATE_HZ)]))
    of = track.columns.index
    clear, rough = track.values[1], track.values[-2]
    assert clear[of("spectral_flatness_mean")] < 1e-3 < 0.4 < rough[of("spectral_flatness_mean")]
    assert clear[of("spectral_bandwidth_mean")] < 100 < 2000 < rough[of("spectral_bandwidth_mean")]
    assert clear[of("spectral_centroid_mean")] == pytest.approx(440, rel=0.02)
    assert clear[of("chroma_mean_9")] == pytest.approx(1)
    assert clear[of("zcr_mean")] == pytest.approx(880 / RATE_HZ, rel=0.03)
    assert track["flux_mean"].argmax() in (3, 4)
    assert track["onset_rate"][3:5].sum() == 2.0


def test_memory_does_not_grow_with_the_length():
    def peak(seconds):
        second = noise(RATE_HZ)[:, None]
        batches = (SoundBatch(second, float(start), RATE_HZ) for start in range(seconds))
        tracemalloc.start()
        for _ in SoundFeatures().extract(ASSET, batches):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(5)
    assert peak(90) < peak(15) + 200_000


def test_digital_silence_has_finite_numbers():
    track = heard(np.zeros(2 * RATE_HZ, np.float32), harmonics=True)
    assert np.isfinite(track.values).all()
    assert track["mel_0"] == pytest.approx(-100)
    assert track["spectral_flatness_mean"] == pytest.approx(1)
    for name in ("rms_mean", "flux_mean", "onset_rate", "harmonic_to_noise", "chroma_mean_0", "spectral_rolloff_std"):
        assert not track[name].any()


@pytest.mark.parametrize("count", [1, 100, 2047])
def test_a_sound_shorter_than_a_frame_has_one_row(count):
    track = heard(noise(count), harmonics=True)
    assert len(track) == 1
    assert np.isfinite(track.values).all()
    assert track["frames"][0] == 1 + count // 512


def test_no_samples_make_no_rows():
    empty = SoundBatch(np.zeros((0, 1), np.float32), 0.0, RATE_HZ)
    assert list(SoundFeatures().extract(ASSET, iter([]))) == []
    assert list(SoundFeatures().extract(ASSET, iter([empty]))) == []


@pytest.mark.parametrize("seconds", [0.02, 4000.0, float("nan")])
def test_rows_too_short_for_a_frame_or_endless_are_refused(seconds):
    with pytest.raises(OptionError, match=r"seconds must be 0.0232 to 3600"):
        SoundFeatures(seconds=seconds)


@pytest.mark.parametrize("bands", [0, 257])
def test_too_few_and_too_many_bands_are_refused(bands):
    with pytest.raises(OptionError, match=f"bands must be 1 to 256, got {bands}"):
        SoundFeatures(bands=bands)


@pytest.mark.parametrize(
    "wrong",
    [
        SoundBatch(np.zeros((10, 2), np.float32), 0.0, RATE_HZ),
        SoundBatch(np.zeros((10, 1), np.float32), 0.0, 16000),
        FrameBatch(np.zeros((1, 2, 2, 3), np.uint8), np.array([[0.0, 1.0]])),
    ],
)
def test_what_was_not_asked_for_is_refused(wrong):
    with pytest.raises(PluginError, match="sound works on one channel at 22050 Hz"):
        list(SoundFeatures().extract(ASSET, iter([wrong])))


def test_a_gap_is_refused():
    batches = [SoundBatch(np.zeros((RATE_HZ, 1), np.float32), start, RATE_HZ) for start in (2.0, 3.5)]
    with pytest.raises(PluginError, match=r"without a gap: due at 3.000000 s.*Fill gaps with silence") as caught:
        list(SoundFeatures().extract(ASSET, iter(batches)))
    assert caught.value.time == 3.5


def test_samples_that_are_no_numbers_are_refused_with_their_place():
    samples = noise(2 * RATE_HZ)
    samples[RATE_HZ + 5] = np.nan
    with pytest.raises(PluginError, match=r"samples must be finite.*at row 5.*from 1.000 s") as caught:
        heard(samples)
    assert (caught.value.time, caught.value.plugin) == (1.0, "sound")


@pytest.mark.parametrize("kind", REAL_SOUNDS)
def test_a_real_sound_has_finite_rows_over_all_of_it(real_media, kind):
    path = min((real_media / "audio" / kind).iterdir(), key=lambda path: path.stat().st_size)
    asset, found = probe(path).asset, []
    extractor = SoundFeatures()
    consumer = Consumer(
        "sound", extractor.wants(asset, {}), lambda batches: found.extend(extractor.extract(asset, batches))
    )
    report = read(path, asset, [consumer], progress=Quiet())
    assert report.errors == {}
    track = FeatureTrack(
        np.concatenate([rows.spans for rows in found]),
        np.concatenate([rows.values for rows in found]),
        found[0].columns,
    )
    assert np.isfinite(track.values).all()
    assert track.spans[0, 0] == pytest.approx(0, abs=0.1)
    assert track.spans[-1, 1] == pytest.approx(asset.duration, abs=0.1)
    assert track["rms_mean"].max() > 0.001
