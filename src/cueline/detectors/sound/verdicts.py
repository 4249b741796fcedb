"""The verdict for a clip from the curve of kinds of sound, by the arithmetic of `cueline.models.clip_verdicts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.detectors.sound.network import shipped
from cueline.models.clip_verdicts import KINDS, clip_verdicts
from cueline.timeline.spans import Span, Spans, as_spans
from cueline.timeline.tracks import FeatureTrack

Numbers = npt.NDArray[np.float64]

LABELS = KINDS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What kind of sound a clip is.

    Attributes:
        label: The likeliest.
        scores: Chance of each label, summing to 1.
    """

    label: str
    scores: Mapping[str, float]


def verdict(curve: FeatureTrack, span: Span) -> Verdict | None:
    """What kind of sound there is in a span; None where the curve has no row.

    Args:
        curve: The track `sound.curve`.
        span: Seconds.
    """
    found = verdicts(curve, as_spans([span]))[0]
    if not np.isfinite(found).all():
        return None
    return Verdict(LABELS[int(found.argmax())], dict(zip(LABELS, found.tolist(), strict=True)))


def verdicts(curve: FeatureTrack, spans: Spans) -> Numbers:
    """Chance of each of `LABELS` in each span, shape (M, 5); NaN where the curve has no row."""
    return clip_verdicts(mean_chances(curve, spans), shipped_curves())


def shipped_curves() -> npt.NDArray[np.float32]:
    """Slope and offset of the curve of speech, and of that of music, shape (2, 2)."""
    return np.stack([shipped()["speech_curve"], shipped()["music_curve"]])


def mean_chances(curve: FeatureTrack, spans: Spans) -> Numbers:
    """Mean over time of each column of the curve in each span, shape (M, 5); NaN where it has no row."""
    values = curve.values.astype(np.float64)
    found = np.full((len(spans), len(LABELS)), np.nan)
    for row, (start, end) in enumerate(spans.tolist()):
        first, last = np.searchsorted(curve.spans[:, 1], start, "right"), np.searchsorted(curve.spans[:, 0], end)
        inside = np.minimum(curve.spans[first:last, 1], end) - np.maximum(curve.spans[first:last, 0], start)
        if inside.sum() > 0:
            found[row] = np.average(values[first:last], axis=0, weights=inside)
    return found
