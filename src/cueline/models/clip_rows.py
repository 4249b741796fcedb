"""Rows of clips: the columns that a model names, pooled over the stretch of each clip; and what the model says of them.

Columns are found by name, so that a track with more of them, or in another order, is taken as well. A clip in which a
track has no row, or a number that is none, has no verdict: its chances are NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cueline.errors import FormatError
from cueline.models.cards import Input
from cueline.models.clip_models import ClipModel
from cueline.timeline.records import Tracks
from cueline.timeline.spans import Spans, as_spans
from cueline.timeline.tracks import FeatureTrack, pool

Numbers = npt.NDArray[np.float64]


def clip_chances(model: ClipModel, tracks: Tracks, spans: Spans) -> Numbers:
    """How likely each class is in each span of one asset.

    Args:
        model: As `load_clip_model` gives it.
        tracks: Those that its card names, at least.
        spans: Seconds, shape (M, 2), in any order.

    Returns:
        Shape (M, C), in the order of the spans; NaN where a track has nothing.

    Raises:
        FormatError: If a track or one of its columns is missing.
    """
    rows = clip_rows(model.card.inputs, tracks, spans)
    known = np.isfinite(rows).all(axis=1)
    found = np.full((len(rows), len(model.card.classes)), np.nan)
    if known.any():
        found[known] = model.chances(rows[known])
    return found


def clip_rows(inputs: Sequence[Input], tracks: Tracks, spans: Spans) -> npt.NDArray[np.float32]:
    """The numbers of each clip, shape (M, D); NaN where a track has no row in it.

    Args:
        inputs: Which columns of which tracks, and how they are pooled.
        tracks: By name.
        spans: Seconds, shape (M, 2), in any order.

    Raises:
        FormatError: If a track or one of its columns is missing.
    """
    spans = as_spans(spans)
    order = np.lexsort((spans[:, 1], spans[:, 0]))  # pool gives rows in order of time
    parts: list[npt.NDArray[np.generic]] = [np.empty((len(spans), 0))]
    for one in inputs:
        track = _chosen(one, tracks)
        if track is None:
            parts.append(np.full((len(spans), one.numbers), np.nan))
        else:
            parts += [pool(track, as_spans(spans[order]), by=how).values for how in one.pools]
    found = np.empty((len(spans), sum(part.shape[1] for part in parts)), np.float32)
    found[order] = np.concatenate(parts, axis=1)
    return found


def _chosen(one: Input, tracks: Tracks) -> FeatureTrack | None:
    """A track with the columns of an input alone; None where it has no rows."""
    track = tracks.get(one.track)
    if not isinstance(track, FeatureTrack):
        raise FormatError(f"the model needs the track {one.track!r}; there are: {', '.join(tracks) or 'none'}")
    if not len(track):
        return None
    missing = [name for name in one.columns if name not in track.columns]
    if missing:
        raise FormatError(
            f"the model needs the column {missing[0]!r} of the track {one.track!r}, which has "
            f"{len(track.columns)} others. Was it made by another version, or with other options?"
        )
    if track.columns == one.columns:
        return track
    places = [track.columns.index(name) for name in one.columns]
    return FeatureTrack(track.spans, track.values[:, places], one.columns, track.stream)
