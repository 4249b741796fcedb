"""The adapter gives the chances that Silero VAD gives by itself."""

import builtins
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import MissingExtraError, PluginError
from cueline.features import silero
from cueline.features.silero import RATE_HZ, WEIGHTS, WINDOW, Silero
from cueline.testing import check_extractor
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import SoundBatch
from cueline.timeline.requests import Sound

ASSET = Asset("0" * 32, 10.0, (Stream("audio:0", "audio", 0, "aac", channels=1),))

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning")


def buzz(count):
    """A hum whose loudness and pitch go up and down, so that no two windows are alike."""
    times = np.arange(count) / RATE_HZ
    pitch = 120 + 30 * np.sin(2 * np.pi * 3 * times)
    waves = sum(np.sin(2 * np.pi * over * np.cumsum(pitch) / RATE_HZ) / over for over in range(1, 20))
    return (0.2 * waves * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * times))).astype(np.float32)


def batches(samples, sizes, start=0.0):
    first = 0
    for size in [*sizes, len(samples)]:
        some = samples[first : first + size]
        yield SoundBatch(some[:, None].copy(), start + first / RATE_HZ, RATE_HZ)
        first += len(some)


def rows(samples, sizes=(), start=0.0):
    found = list(Silero().extract(ASSET, batches(samples, sizes, start)))
    assert all(some.columns == ("speech",) and some.values.dtype == np.float32 for some in found)
    return np.concatenate([some.spans for some in found]), np.concatenate([some.values[:, 0] for some in found])


class Counter:
    """Stands in for the network: its chance tells how many windows it heard, and the mean of this one."""

    def __init__(self):
        self.heard = 0

    def __call__(self, window, rate):
        self.heard += 1
        return (self.heard + window.double().mean()) / 1e6


def test_one_channel_at_16_khz_is_asked_for():
    assert Silero().wants(ASSET, {}) == Sound(16000, mono=True)


def test_pictures_alone_have_nothing_for_it():
    assert Silero().wants(Asset("1" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),)), {}) is None


@pytest.mark.extra("silero")
class TestInstalled:
    @pytest.fixture(autouse=True)
    def original(self):
        pytest.importorskip("torch")
        return pytest.importorskip("silero_vad")

    def test_it_keeps_the_promises_of_an_extractor(self, monkeypatch):
        monkeypatch.setattr(silero, "_model", Counter)
        check_extractor(Silero())

    @pytest.mark.parametrize("count", [1, WINDOW, 40 * WINDOW + 100])
    def test_chances_equal_those_of_the_original(self, original, count):
        torch, samples = pytest.importorskip("torch"), buzz(count)
        padded = torch.from_numpy(np.pad(samples, (0, -count % WINDOW)))
        model = original.load_silero_vad()
        with torch.no_grad():
            wanted = [model(window, RATE_HZ).item() for window in padded.split(WINDOW)]
        _, chances = rows(samples)
        np.testing.assert_allclose(chances, wanted, atol=1e-5)

    def test_batches_of_any_size_give_the_same_rows(self):
        samples = buzz(21 * WINDOW + 7)
        spans, chances = rows(samples)
        again, pieces = rows(samples, sizes=[1, 0, 511, 3000, 513])
        assert np.array_equal(spans, again)
        np.testing.assert_allclose(chances, pieces, atol=1e-6)

    @settings(max_examples=25)
    @given(count=st.integers(1, 4 * WINDOW), sizes=st.lists(st.integers(0, 2 * WINDOW), max_size=6))
    def test_every_window_is_heard_once_and_in_order(self, count, sizes):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(silero, "_model", Counter)
            spans, chances = rows(np.zeros(count, np.float32), sizes, start=2.0)
        assert chances * 1e6 == pytest.approx(np.arange(1, len(chances) + 1), rel=1e-3)
        edges = 2 + np.minimum(np.arange(len(chances) + 1) * WINDOW, count) / RATE_HZ
        assert np.allclose(spans, np.column_stack([edges[:-1], edges[1:]]), atol=1e-12, rtol=0)
        assert np.array_equal(spans[1:, 0], spans[:-1, 1])

    def test_samples_that_are_no_numbers_do_not_silence_what_follows(self):
        samples = buzz(20 * WINDOW)
        samples[100:110], samples[200] = np.nan, np.inf
        _, chances = rows(samples)
        assert np.isfinite(chances).all()
        assert np.ptp(chances[2:]) > 0

    def test_two_files_at_once_do_not_share_a_state(self):
        samples = buzz(12 * WINDOW)
        _, alone = rows(samples)
        pair = [Silero().extract(ASSET, batches(samples, [WINDOW] * 12)) for _ in range(2)]
        found = [some.values[0, 0] for both in zip(*pair, strict=True) for some in both]
        np.testing.assert_allclose(found[::2], alone, atol=1e-6)
        np.testing.assert_allclose(found[1::2], alone, atol=1e-6)

    def test_no_sound_makes_no_rows(self):
        nothing = SoundBatch(np.empty((0, 1), np.float32), 0.0, RATE_HZ)
        assert list(Silero().extract(ASSET, iter([nothing]))) == []

    def test_memory_does_not_grow_with_the_sound(self, monkeypatch):
        monkeypatch.setattr(silero, "_model", lambda: lambda window, rate: window[0])
        second = np.zeros((RATE_HZ, 1), np.float32)
        tracemalloc.start()
        for _ in Silero().extract(ASSET, (SoundBatch(second, float(time), RATE_HZ) for time in range(200))):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2e6

    @pytest.mark.parametrize(("rate", "channels"), [(RATE_HZ, 2), (8000, 1)])
    def test_sound_of_another_form_is_refused(self, rate, channels):
        wrong = SoundBatch(np.zeros((WINDOW, channels), np.float32), 0.0, rate)
        with pytest.raises(PluginError, match="silero works on one channel at 16000 Hz"):
            list(Silero().extract(ASSET, iter([wrong])))

    def test_the_weights_are_told_for_provenance(self):
        (name, digest), *others = Silero().weights.items()
        assert (name, len(digest), others) == (WEIGHTS, 64, [])


def test_without_the_extra_there_are_no_weights(monkeypatch):
    monkeypatch.setattr(silero, "find_spec", lambda name: None)
    assert Silero().weights == {}


def test_without_the_extra_the_command_that_installs_it_is_printed(monkeypatch):
    found = builtins.__import__

    def absent(name, *rest, **named):
        if name == "silero_vad":
            raise ImportError(name)
        return found(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'cueline\[silero\]'"):
        list(Silero().extract(ASSET, iter([])))
