"""A store in memory, filled with made-up films and pictures."""

import io
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cueline.errors import StoreError
from cueline.ports import Outcome, Placed
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance, Tracks
from cueline.timeline.spans import Span, as_spans, between
from cueline.timeline.tracks import FeatureTrack, LabelTrack


class FakeStore:
    """What a report reads of a store, from plain dictionaries."""

    def __init__(self) -> None:
        self._assets: list[Asset] = []
        self._places: list[Placed] = []
        self._outcomes: list[Outcome] = []
        self._tracks: dict[str, Tracks] = {}
        self._pictures: dict[str, Mapping[float, bytes]] = {}
        self._torn: set[tuple[str, str]] = set()

    def add(self, path, asset, tracks=None, *, pictures=None, failed=None, idle=(), said=None, missing=False, torn=()):
        self._assets.append(asset)
        self._torn |= {(asset.id, what) for what in torn}
        self.place(path, asset.id, missing=missing)
        self._tracks[asset.id] = tracks or {}
        self._pictures[asset.id] = pictures or {}
        for plugin in tracks or {}:
            self._outcomes.append(Outcome(asset.id, plugin, "done", Provenance(plugin, "1")))
        for plugin, reason in (failed or {}).items():
            self._outcomes.append(Outcome(asset.id, plugin, "failed", Provenance(plugin, "1"), reason))
        for plugin in idle:
            self._outcomes.append(Outcome(asset.id, plugin, "nothing", Provenance(plugin, "1")))
        for plugin, reason in (said or {}).items():
            self._outcomes.append(Outcome(asset.id, plugin, "done", Provenance(plugin, "1"), reason))

    def place(self, path, asset=None, *, reason="", missing=False):
        self._places.append(Placed(Location(Path("/films") / path, 734_000_000, 0), asset, reason, missing))

    def assets(self):
        return self._assets

    def places(self):
        return self._places

    def outcomes(self, asset=None):
        return [outcome for outcome in self._outcomes if asset in (None, outcome.asset)]

    def track_names(self, asset):
        return sorted(self._tracks[asset])

    def track(self, asset, name):
        if (asset, name) in self._torn:
            raise StoreError(f"the file of {name} is damaged", asset=asset)
        return self._tracks[asset][name]

    def picture(self, asset, time):
        if (asset, "pictures") in self._torn:
            raise StoreError("the file of pictures is damaged", asset=asset)
        return self._pictures[asset].get(time)


def gradient(hue, size=(64, 36)):
    """A small WebP picture: two colours that run into one another."""
    across = np.linspace(0, 1, size[0])[None, :, None]
    down = np.linspace(0, 1, size[1])[:, None, None]
    colours = [[np.cos(hue + shift + channel) for channel in (0, 2, 4)] for shift in (0, 0.9)]
    low, high = np.array(colours)
    mixed = 128 + 100 * (low * (1 - across) + high * across) * (0.6 + 0.4 * down)
    file = io.BytesIO()
    Image.fromarray(mixed.astype(np.uint8)).save(file, "WEBP", quality=70, method=0)
    return file.getvalue()


def film_streams():
    return (
        Stream(
            "video:0",
            "video",
            0,
            "h264",
            duration=90.0,
            rate=Fraction(24000, 1001),
            frames=2158,
            width=1920,
            height=1080,
        ),
        Stream("audio:0", "audio", 1, "aac", rate_hz=48000, channels=2, language="eng"),
    )


def film(seed, *, duration=90.0, shots=12, name="shot"):
    """Tracks and pictures of a film cut at random."""
    chance = np.random.default_rng(seed)
    spans = between(np.sort(chance.uniform(0, duration, shots - 1)).round(3), Span(0.0, duration))
    times = spans[:, 0] + 0.4 * (spans[:, 1] - spans[:, 0])
    clock = np.arange(0, duration - 0.04, 0.04)
    curve = chance.uniform(0, 0.1, len(clock))
    curve[np.searchsorted(clock, spans[1:, 0]) - 1] = 0.9
    tracks = {
        "shots": LabelTrack(spans, (name,) * len(spans), chance.uniform(0.5, 1, len(spans)).round(3), stream="video:0"),
        "keyframes": LabelTrack(np.column_stack((times, times)), ("keyframe",) * len(times), judged=spans),
        "black": LabelTrack(as_spans([[0.0, 1.5]]), ("black",), judged=as_spans([[0.0, duration]])),
        "shots.curve": FeatureTrack(np.column_stack((clock, clock + 0.04)), curve[:, None], ("shot",)),
        "color": FeatureTrack(np.column_stack((clock, clock + 0.04)), curve[:, None] * 255),
    }
    return tracks, {time: gradient(seed + row / 3) for row, time in enumerate(times.tolist())}


def sound(duration=60.0, *, level=0.5):
    """Tracks of a sound that swells, falls silent from 20 s to 25 s, and ends loud."""
    count = round(duration * 50)
    clock = np.column_stack((np.arange(count), np.arange(1, count + 1))) * 0.02
    middle = clock.mean(axis=1)
    swell = level * (0.3 + 0.7 * abs(np.sin(middle / 3))) * (0.55 + 0.45 * abs(np.sin(middle * 5)))
    swell[(middle >= 20) & (middle < 25)] = 0
    peaks = np.column_stack((-swell, 0.9 * swell, 0.4 * swell)).astype(np.float16)
    blocks = np.column_stack([20 * np.log10(np.maximum(swell[::5], 1e-6)) - back for back in (8, 10, 0)])
    whole = np.array([[0.0, duration]])
    return {
        "peaks": FeatureTrack(clock, peaks, ("low", "high", "rms"), "audio:0"),
        "silence": LabelTrack(as_spans([[20.0, 25.0]]), ("silence",), judged=whole, stream="audio:0"),
        "loudness.blocks": FeatureTrack(
            np.column_stack((clock[::5, 0], clock[4::5, 1])),
            np.maximum(blocks, -120).astype(np.float32),
            ("momentary", "short_term", "true_peak"),
            "audio:0",
        ),
        "loudness": FeatureTrack(
            whole,
            np.array([[-17.3, 6.1, -0.8, -12.0, -14.5]]),
            ("integrated", "range", "true_peak", "momentary_max", "short_term_max"),
            "audio:0",
        ),
        "sound": FeatureTrack(clock, np.zeros((count, 68), np.float32), stream="audio:0"),
    }


@pytest.fixture(scope="session")
def make_sound():
    return sound


@pytest.fixture(scope="session")
def make_film():
    return film


@pytest.fixture
def empty():
    return FakeStore()


@pytest.fixture
def store(empty):
    for seed in range(3):
        tracks, pictures = film(seed)
        empty.add(f"season 1/part {seed}.mp4", Asset(f"{seed:032x}", 90.0, film_streams()), tracks, pictures=pictures)
    song = Asset("5" * 32, 200.0, (Stream("audio:0", "audio", 0, "flac", rate_hz=44100, channels=1),))
    empty.add("song.flac", song)
    tracks, pictures = film(7, shots=1)
    torn = Asset("6" * 32, 90.0, film_streams()[:1])
    empty.add("torn.mkv", torn, tracks, pictures=pictures, failed={"sound": "no sample after 12.5 s: invalid data"})
    tracks, pictures = film(8)
    empty.add("lost.mov", Asset("7" * 32, 90.0, film_streams()), tracks, pictures=pictures, missing=True)
    empty.place("broken.mp4", reason="the file ends before its index")
    return empty
