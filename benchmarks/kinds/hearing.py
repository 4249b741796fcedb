"""What Cueline hears in samples: the sound track, and from it regions, chances and one verdict; the 68 descriptors."""

from __future__ import annotations

import numpy as np

from cueline.detectors.sound import SoundKinds, verdicts
from cueline.features.sound import RATE_HZ, SoundFeatures, descriptors
from cueline.timeline.assets import Asset
from cueline.timeline.batches import SoundBatch
from cueline.timeline.tracks import FeatureTrack, LabelTrack


def rows_of(samples: np.ndarray) -> FeatureTrack:
    """The sound track of samples at `RATE_HZ`, shape (S,)."""
    batches = iter([SoundBatch(samples[:, None], 0.0, RATE_HZ)])
    rows = list(SoundFeatures().extract(Asset("made", len(samples) / RATE_HZ, ()), batches))
    spans, values = (np.concatenate([getattr(one, name) for one in rows]) for name in ("spans", "values"))
    return FeatureTrack(spans, values, rows[0].columns)


def kinds_of(sound: FeatureTrack) -> tuple[LabelTrack, FeatureTrack]:
    """Regions, and the chance of each kind in each row, from a sound track."""
    found = SoundKinds().detect(Asset("made", float(sound.spans[-1, 1]), ()), {"sound": sound})
    regions, curve = found["sound.kinds"], found["sound.curve"]
    assert isinstance(regions, LabelTrack)
    assert isinstance(curve, FeatureTrack)
    return regions, curve


def chances_of(sound: FeatureTrack) -> np.ndarray:
    """Chance of each label that a sound track as a whole has, shape (5,)."""
    _, curve = kinds_of(sound)
    return verdicts(curve, np.array([[curve.spans[0, 0], curve.spans[-1, 1]]]))[0]


def descriptor_row(samples: np.ndarray) -> np.ndarray:
    """The 68 descriptors, shape (68,), float32."""
    return np.array(list(descriptors(samples, RATE_HZ).values()), np.float32)
