"""The 68 descriptors agree with librosa, and can be had from rows as well as from samples."""

import json
from pathlib import Path

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.features.sound import DESCRIPTORS, RATE_HZ, clip_descriptors, descriptors
from cueline.timeline.tracks import FeatureTrack
from tests.features.sound.made import heard, noise, tone
from tests.golden.sound import signals

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "sound.json").read_text())["cases"]
SIGNALS = signals()
TOLERANCE = 1e-4


def off(found, wanted):
    """Names of values that differ by more than 1e-4 of their size, or of 1."""
    return {
        name: (found[name], value)
        for name, value in wanted.items()
        if not abs(found[name] - value) <= TOLERANCE * max(1, abs(value))
    }


@pytest.mark.parametrize("name", SIGNALS)
def test_descriptors_are_those_of_librosa(name):
    assert off(descriptors(*SIGNALS[name]), GOLDEN[name]["descriptors"]) == {}


@pytest.mark.parametrize("name", [name for name, (_, rate) in SIGNALS.items() if rate == RATE_HZ])
def test_all_else_in_a_row_is_that_of_librosa(name):
    samples, _ = SIGNALS[name]
    track = heard(samples, seconds=60.0, harmonics=True)
    assert len(track) == 1
    row = dict(zip(track.columns, track.values[0].astype(float).tolist(), strict=True))
    assert off(row, GOLDEN[name]["rest"]) == {}


@pytest.mark.extra("librosa")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("seed", "rate_hz"), [(0, 22050), (1, 48000), (2, 16000)])
def test_descriptors_are_those_of_librosa_on_other_sounds(seed, rate_hz):
    pytest.importorskip("librosa")
    from tests.golden.sound import descriptors as reference

    dice = np.random.default_rng(seed)
    notes = sum(tone(hertz, 2.0, 0.1, rate_hz) for hertz in dice.uniform(60, 4000, 6))
    samples = notes * np.linspace(0.1, 1, len(notes), dtype=np.float32) + noise(len(notes), seed, 1e-3)
    assert off(descriptors(samples, rate_hz), reference(samples, rate_hz)) == {}


@pytest.mark.extra("librosa")
@pytest.mark.filterwarnings("ignore")
def test_another_tuning_is_that_of_librosa():
    librosa = pytest.importorskip("librosa")
    samples = tone(452.0, 2.0) + noise(2 * RATE_HZ, 0, 1e-3)
    wanted = librosa.feature.chroma_stft(y=samples, sr=RATE_HZ, tuning=0.3).mean(axis=1)
    found = descriptors(samples, RATE_HZ, tuning=0.3)
    assert [found[f"chroma_mean_{i}"] for i in range(12)] == pytest.approx(wanted, abs=TOLERANCE)


def test_they_stand_in_the_order_of_their_names_and_are_finite():
    for samples, rate_hz in SIGNALS.values():
        found = descriptors(samples, rate_hz)
        assert tuple(found) == DESCRIPTORS
        assert np.isfinite(list(found.values())).all()


def test_digital_silence_is_nothing_but_a_low_level():
    found = descriptors(np.zeros(5000, np.float32), RATE_HZ)
    assert found.pop("mfcc_mean_0") == pytest.approx(-100 * np.sqrt(128))
    assert list(found.values()) == pytest.approx([0] * 67, abs=1e-3)


def test_the_greatest_level_of_a_clip_raises_the_floor_of_its_silence():
    samples = np.concatenate([noise(RATE_HZ), np.zeros(RATE_HZ, np.float32)])
    assert descriptors(samples, RATE_HZ)["mfcc_mean_0"] > descriptors(samples, RATE_HZ, top_db=None)["mfcc_mean_0"]


@pytest.mark.parametrize("shape", [(0,), (10, 1)])
def test_a_clip_without_samples_or_with_channels_is_refused(shape):
    with pytest.raises(TimelineError, match="a clip must be one channel of 1 sample or more"):
        descriptors(np.zeros(shape, np.float32), RATE_HZ)


@pytest.mark.parametrize("value", [np.nan, np.inf, -2e4])
def test_samples_that_cannot_be_are_refused(value):
    samples = noise(100)
    samples[7] = value
    with pytest.raises(TimelineError, match=r"samples must be finite and about \[-1, 1\].* at row 7"):
        descriptors(samples, RATE_HZ)


@pytest.mark.parametrize("count", [1, 300, 512, 11025, 11264, 3 * RATE_HZ + 77])
def test_the_rows_of_a_whole_sound_give_its_descriptors(count):
    samples = (tone(330, 4.0) * np.linspace(0, 1, 4 * RATE_HZ, dtype=np.float32) + noise(4 * RATE_HZ, 3))[:count]
    pooled = clip_descriptors(heard(samples), np.array([[0.0, 60.0]]))
    assert pooled.columns == DESCRIPTORS
    found = dict(zip(DESCRIPTORS, pooled.values[0].tolist(), strict=True))
    assert off(found, descriptors(samples, RATE_HZ, top_db=None)) == {}


def test_a_clip_inside_a_sound_differs_by_what_lies_at_its_borders():
    samples = np.concatenate([tone(330, 4.0), tone(880, 6.0), tone(330, 4.0)]) + noise(14 * RATE_HZ, 3, 0.02)
    (pooled,) = clip_descriptors(heard(samples), np.array([[4.0, 10.0]])).values
    alone = descriptors(samples[4 * RATE_HZ : 10 * RATE_HZ], RATE_HZ)
    for name, value in zip(DESCRIPTORS, pooled, strict=True):
        near = 0.05 if "_mean" in name else 0.5
        assert value == pytest.approx(alone[name], rel=near, abs=2.0 if name.startswith("mfcc") else 0.5), name


def test_a_span_without_a_row_has_no_descriptors():
    pooled = clip_descriptors(heard(noise(RATE_HZ)), np.array([[0.0, 0.1], [0.0, 1.0], [5.0, 6.0]]))
    assert np.isnan(pooled.values).all(axis=1).tolist() == [True, False, True]
    assert pooled.stream == "audio:0"


def test_a_track_of_something_else_is_refused():
    with pytest.raises(TimelineError, match="no column is called 'mfcc_mean_0'"):
        clip_descriptors(FeatureTrack(np.array([[0.0, 1.0]]), np.ones((1, 1)), ("luma",)), np.array([[0.0, 1.0]]))
