"""Sounds and how the tests run the extractor over them."""

import numpy as np

from cueline.features.sound import RATE_HZ, SoundFeatures
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import SoundBatch
from cueline.timeline.tracks import FeatureTrack

ASSET = Asset("0" * 32, 60.0, (Stream("audio:0", "audio", 0, "aac"),))


def noise(count, seed=0, strength=0.1):
    """White noise, shape (count,)."""
    return np.random.default_rng(seed).normal(0, strength, count).astype(np.float32)


def tone(hertz, seconds, strength=0.5, rate_hz=RATE_HZ):
    """A sine."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    return (strength * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def batched(samples, sizes=(RATE_HZ,), start=0.0):
    """Samples as batches of some sizes, the last size again and again."""
    first = 0
    sizes = list(sizes)
    while first < len(samples):
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        part = samples[first : first + size]
        yield SoundBatch(part[:, None].copy(), start + first / RATE_HZ, RATE_HZ)
        first += size


def heard(samples, sizes=(RATE_HZ,), start=0.0, **options):
    """The sound track of some samples."""
    rows = list(SoundFeatures(**options).extract(ASSET, batched(samples, sizes, start)))
    spans = np.concatenate([part.spans for part in rows])
    return FeatureTrack(spans, np.concatenate([part.values for part in rows]), rows[0].columns, "audio:0")
