"""Regions by a model of people's own clips: it says what each stretch of a clip's length is, again every few seconds.

Windows as long as the clips that the model learned from go over the sound, from its end backwards, `hop` seconds apart;
the last one is the outro. Each stretch of `hop` seconds gets the mean of what the windows over it say, each by how much
of it lies in the stretch. These chances are the curve `sound.clips.curve`; the most likely sequence
of classes, each at least half a clip long, gives the regions `sound.clips`. A border is as exact as the windows are
long, no better: a model that heard clips of ten seconds knows nothing of single words.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import FormatError, OptionError, PluginError
from cueline.models.clip_cards import ClipCard
from cueline.models.clip_models import ClipModel, clip_model_hash, load_clip_card, load_clip_model
from cueline.models.clip_rows import clip_chances
from cueline.models.decoding import decode
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import Spans, as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

Numbers = npt.NDArray[np.float64]

CHANGE = 1.0  # what a change of class costs, in the logarithm of a chance


@dataclass(frozen=True)
class SoundClips:
    """Regions of sound by a model that people trained on their own clips.

    Attributes:
        model: Folder of the model, as `cueline train sound` writes it.
        hop: Seconds from window to window; 0 for half the length of a clip.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("sound.clips", "sound.clips.curve")

    model: str = ""
    hop: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a negative hop."""
        if not 0 <= self.hop < math.inf:
            raise OptionError(f"hop must be 0 s or more, got {self.hop}", plugin="sound.clips")

    @property
    def needs(self) -> tuple[str, ...]:
        """The tracks that the model learned from.

        Raises:
            OptionError: If no model is named.
            FormatError: If there is no model of clips in that folder.
        """
        return tuple(dict.fromkeys(one.track for one in self._card.inputs))

    @property
    def weights(self) -> dict[str, str]:
        """Hash of the model, for provenance."""
        return {Path(self.model).name: clip_model_hash(Path(self.model))}

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `sound.clips` and `sound.clips.curve`; stretches in which a track has no row are not judged.

        Raises:
            PluginError: If a track lacks a column that the model learned from.
            OptionError: If the hop is longer than a clip.
        """
        model = _loaded(self.model, clip_model_hash(Path(self.model)))
        hop = self.hop or model.card.seconds / 2
        if hop > model.card.seconds:
            raise OptionError(
                f"hop must not be longer than the model's clips, {model.card.seconds:g} s, got {hop:g}",
                plugin="sound.clips",
            )
        track = tracks[model.card.inputs[0].track]
        start, end = (float(track.spans[0, 0]), float(track.spans[:, 1].max())) if len(track) else (0.0, 0.0)
        try:
            chances, cells = _curve(model, tracks, start, end, hop)
        except FormatError as error:
            raise PluginError(str(error), asset=asset.id, plugin="sound.clips") from error
        known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(chances).all(axis=1))
        regions = _regions(chances, cells, known, hop, model.card)
        spans = as_spans(cells[known])
        curve = FeatureTrack(spans, chances[known].astype(np.float32), model.card.classes, track.stream)
        return {
            "sound.clips": LabelTrack(*regions, model.card.classes, spans, track.stream),
            "sound.clips.curve": curve,
        }

    @property
    def _card(self) -> ClipCard:
        if not self.model:
            raise OptionError(
                "sound.clips needs a trained model. Name its folder with: --set sound.clips.model=FOLDER",
                plugin="sound.clips",
            )
        return load_clip_card(Path(self.model))


def _curve(model: ClipModel, tracks: Tracks, start: float, end: float, hop: float) -> tuple[Numbers, Spans]:
    """Chances of stretches of `hop` seconds, in order of time, shape (T, C), and their spans."""
    seconds, duration = model.card.seconds, end - start
    if duration <= 0:
        return np.empty((0, len(model.card.classes))), as_spans([])
    count = max(1, math.ceil(duration / hop - 1e-9))
    ends = np.maximum(end - hop * np.arange(count), min(end, start + seconds))  # window k, counted from the end
    windows = np.column_stack((np.maximum(start, ends - seconds), ends))
    said = clip_chances(model, tracks, windows)
    total, weight = np.zeros_like(said), np.zeros((count, 1))
    for later in range(
        min(count, math.ceil(seconds / hop - 1e-9))
    ):  # the cell lies so many hops before the end of the window
        share = min(hop, seconds - later * hop)
        given = said[: count - later]
        fine = np.isfinite(given).all(axis=1, keepdims=True)
        total[later:] += np.where(fine, given, 0.0) * share
        weight[later:] += fine * share
    chances = np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)
    borders = end - hop * np.arange(count + 1)
    borders[-1] = start
    return chances[::-1], as_spans(np.column_stack((borders[1:], borders[:-1]))[::-1])


def _regions(
    chances: Numbers, cells: Spans, known: npt.NDArray[np.bool_], hop: float, card: ClipCard
) -> tuple[Spans, tuple[str, ...], Numbers]:
    """Runs of one class: spans, names and the mean chance of the class in each."""
    found, names, scores = [], [], []
    shortest = [card.seconds / 2] * len(card.classes)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
    for first, last in edges.reshape(-1, 2).tolist():  # stretches without a gap
        states = decode(chances[first:last], hop, shortest=shortest, change=CHANGE)
        cuts = np.concatenate([[0], np.flatnonzero(np.diff(states)) + 1, [last - first]])
        for begin, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
            found.append([cells[first + begin, 0], cells[first + stop - 1, 1]])
            names.append(card.classes[states[begin]])
            scores.append(float(chances[first + begin : first + stop, states[begin]].mean()))
    return as_spans(found), tuple(names), np.clip(np.array(scores), 0, 1)


@functools.lru_cache(maxsize=2)
def _loaded(folder: str, card_hash: str) -> ClipModel:
    """A model, read once for many assets; another one in the same folder is read again.

    Raises:
        PluginError: If the model was replaced between the two looks.
    """
    model = load_clip_model(Path(folder))
    if clip_model_hash(Path(folder)) != card_hash:
        raise PluginError(f"the model in {folder!r} was replaced while it was read. Run again.", plugin="sound.clips")
    return model
