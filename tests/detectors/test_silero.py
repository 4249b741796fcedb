"""Speech from chances that Silero VAD gave, as its authors find it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.detectors.silero import SileroSpeech
from cueline.errors import OptionError, PluginError
from cueline.features.silero import Silero
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.testing import check_detector
from cueline.timeline.assets import Asset
from cueline.timeline.batches import SoundBatch
from cueline.timeline.requests import Sound
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from tests.media.clips import Collect, Silent

ASSET = Asset("0" * 32, 100.0)
RATE_HZ, WINDOW = 16000, 512
STEP = WINDOW / RATE_HZ
SPOKEN = ["jfk.wav", "ls_1263-138246-0000.flac", "librosa_5703-47212-0000.ogg", "librivox_en2.mp3"]

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning")


def track_of(chances, samples=None, start=0.0):
    """A row of 512 samples for each chance, the last shorter where there are fewer samples."""
    samples = len(chances) * WINDOW if samples is None else samples
    edges = start + np.minimum(np.arange(len(chances) + 1) * WINDOW, samples) / RATE_HZ
    values = np.array(chances, np.float32).reshape(-1, 1)
    return FeatureTrack(np.column_stack([edges[:-1], edges[1:]]), values, ("speech",), "audio:0")


def speech(track, **options):
    return SileroSpeech(**options).detect(ASSET, {"silero": track})["sound.silero"]


def test_it_keeps_the_promises_of_a_detector():
    check_detector(SileroSpeech(), {"silero": track_of([0.1] * 20 + [0.9] * 30 + [0.1] * 20)})


def test_speech_is_widened_by_30_ms_and_scored_by_its_mean_chance():
    found = speech(track_of([0.0] * 10 + [0.8] * 10 + [0.6] * 10 + [0.0] * 20))
    assert found.spans == pytest.approx(np.array([[10 * STEP - 0.03, 30 * STEP + 0.03]]))
    assert (found.names, found.classes, found.stream) == (("speech",), ("speech",), "audio:0")
    assert found.scores == pytest.approx([0.7])


def test_all_of_the_sound_was_judged():
    found = speech(track_of([0.0] * 50, samples=49 * WINDOW + 3, start=1.5))
    assert len(found) == 0
    assert found.judged == pytest.approx(np.array([[1.5, 1.5 + (49 * WINDOW + 3) / RATE_HZ]]))


def test_a_chance_between_both_thresholds_changes_nothing():
    assert len(speech(track_of([0.4] * 30))) == 0
    assert len(speech(track_of([0.9] * 10 + [0.4] * 30 + [0.9] * 10))) == 1


def test_a_breath_ends_no_speech_and_a_pause_does():
    assert len(speech(track_of([0.9] * 10 + [0.0] * 4 + [0.9] * 10))) == 1
    assert len(speech(track_of([0.9] * 10 + [0.0] * 5 + [0.9] * 10))) == 2


def test_a_short_call_is_dropped():
    assert len(speech(track_of([0.0] * 5 + [0.9] * 7 + [0.0] * 9))) == 0
    assert len(speech(track_of([0.0] * 5 + [0.9] * 8 + [0.0] * 9))) == 1


def test_speech_at_both_ends_stays_inside_the_sound():
    found = speech(track_of([0.9] * 20, samples=19 * WINDOW + 100))
    assert found.spans == pytest.approx(np.array([[0, (19 * WINDOW + 100) / RATE_HZ]]))


def test_two_that_would_meet_touch_half_way():
    found = speech(track_of([0.9] * 10 + [0.0] * 5 + [0.9] * 10), pad=0.5)
    assert found.spans[0, 1] == found.spans[1, 0] == pytest.approx(12.5 * STEP)


@pytest.mark.extra("silero")
@settings(max_examples=200)
@given(
    chances=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=80),
    short=st.integers(0, WINDOW - 1),
    threshold=st.sampled_from([0.05, 0.5, 0.9]),
    milliseconds=st.tuples(st.integers(0, 400), st.integers(0, 200), st.integers(0, 100)),
)
def test_any_chances_make_the_spans_of_the_original(chances, short, threshold, milliseconds):
    original = pytest.importorskip("silero_vad")
    shortest, pause, pad = milliseconds
    samples = len(chances) * WINDOW - short
    wanted = original.get_speech_timestamps_from_probs(
        chances,
        threshold=threshold,
        min_speech_duration_ms=shortest,
        min_silence_duration_ms=pause,
        speech_pad_ms=pad,
        audio_length_samples=samples,
    )
    options = {"shortest": shortest / 1000, "pause": pause / 1000, "pad": pad / 1000}
    found = speech(track_of(chances, samples), threshold=threshold, **options)
    assert found.spans * RATE_HZ == pytest.approx(spans_of(wanted), abs=1.5)  # theirs are cut to whole samples


def spans_of(found):
    return np.array([[one["start"], one["end"]] for one in found], float).reshape(-1, 2)


@pytest.mark.extra("silero")
@pytest.mark.parametrize("name", SPOKEN)
def test_real_speech_is_found_where_the_original_finds_it(real_media, name):
    torch, original = pytest.importorskip("torch"), pytest.importorskip("silero_vad")
    path, collect = real_media / "audio" / "speech" / name, Collect()
    asset = probe(path).asset
    read(path, asset, [Consumer("all", Sound(RATE_HZ), collect)], progress=Silent())
    samples = collect.samples[: 12 * RATE_HZ + 77]
    batches = (
        SoundBatch(samples[first : first + 4000], first / RATE_HZ, RATE_HZ) for first in range(0, len(samples), 4000)
    )
    rows = list(Silero().extract(asset, batches))
    track = FeatureTrack(
        np.concatenate([some.spans for some in rows]), np.concatenate([some.values for some in rows]), ("speech",)
    )
    wanted = original.get_speech_timestamps(torch.from_numpy(samples[:, 0].copy()), original.load_silero_vad())
    assert wanted
    assert speech(track).spans * RATE_HZ == pytest.approx(spans_of(wanted), abs=1.5)


def test_no_rows_make_no_speech():
    found = speech(FeatureTrack(np.empty((0, 2)), np.empty((0, 0))))
    assert (len(found), found.classes, len(found.judged)) == (0, ("speech",), 0)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -2.0, float("nan")])
def test_a_threshold_outside_of_its_range_is_refused(threshold):
    with pytest.raises(OptionError, match="threshold is a chance from 0.01 on and below 1"):
        SileroSpeech(threshold=threshold)


@pytest.mark.parametrize("margin", [-0.1, 1.0, float("nan")])
def test_a_margin_outside_of_its_range_is_refused(margin):
    with pytest.raises(OptionError, match="margin must be 0 or more and below 1"):
        SileroSpeech(margin=margin)


@pytest.mark.parametrize("name", ["shortest", "pause", "pad"])
@pytest.mark.parametrize("seconds", [-0.1, float("inf"), float("nan")])
def test_times_below_0_are_refused(name, seconds):
    with pytest.raises(OptionError, match=f"{name} must be 0 s or more"):
        SileroSpeech(**{name: seconds})


@pytest.mark.parametrize(
    "track",
    [FeatureTrack(np.array([[0.0, 1.0]]), np.zeros((1, 1)), ("light",)), LabelTrack(np.empty((0, 2)), ())],
)
def test_another_kind_of_track_is_refused(track):
    with pytest.raises(PluginError, match=r"sound\.silero works on the silero track"):
        SileroSpeech().detect(ASSET, {"silero": track})
