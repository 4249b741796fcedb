"""Tags: the classes that a trained multi-label model finds in an asset, or in each of its shots.

The rows of each track that the model was trained on are pooled, over the whole asset or over each span of a label
track, and the model says how likely each of its classes is there. Classes whose chance reaches their threshold become
tags, at most `most` for each span; all chances are kept as the score curve `tags.curve`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, PluginError
from cueline.models.cards import Input, ModelCard
from cueline.models.checkpoints import load_card, load_model, model_hash
from cueline.models.multilabel import MultiLabelModel
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import Span, Spans, as_spans
from cueline.timeline.toplists import top_classes
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track, pool


@dataclass(frozen=True)
class Tags:
    """Classes that a trained multi-label model finds in the tracks that it was trained on.

    Attributes:
        model: Folder of the model, as `cueline train multilabel` writes it.
        over: Name of a label track whose spans are tagged one by one, such as shots; empty for the asset as a whole.
        most: At most so many tags for each span.
        threshold: Chance from which on a class is said to be there; negative for the model's own, one for each class.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("tags", "tags.curve")

    model: str = ""
    over: str = ""
    most: int = 20
    threshold: float = -1.0

    def __post_init__(self) -> None:
        """Refuse a number of tags below 1, and a threshold beyond every chance."""
        if self.most < 1:
            raise OptionError(f"most must be 1 or more, got {self.most}", plugin="tags")
        if not self.threshold < 1:
            raise OptionError(f"a threshold is a chance below 1, got {self.threshold}", plugin="tags")

    @property
    def needs(self) -> tuple[str, ...]:
        """The tracks that the model was trained on, and the one whose spans are tagged.

        Raises:
            OptionError: If no model is named.
            FormatError: If there is no model in that folder.
        """
        tracks = [one.track for one in self._card.inputs]
        return tuple(dict.fromkeys([*tracks, self.over] if self.over else tracks))

    @property
    def weights(self) -> dict[str, str]:
        """Hash of the model, for provenance."""
        return {Path(self.model).name: model_hash(Path(self.model))}

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `tags` and `tags.curve`; spans in which a track has no row are not judged.

        Raises:
            PluginError: If a track is not of the kind that the model was trained on.
        """
        model = _loaded(self.model, self._card_hash)
        spans = self._spans(asset, tracks)
        values, stream = self._pooled(asset, tracks, model.card, spans)
        known = np.isfinite(values).all(axis=1)
        spans, values = as_spans(spans[known]), values[known]
        blocks = list(model.chances(values))
        chances = np.concatenate(blocks) if blocks else np.empty((0, len(model.card.classes)), np.float32)
        return {
            "tags": self._tags(model, spans, chances, stream),
            "tags.curve": FeatureTrack(spans, chances, model.card.names, stream),
        }

    def _tags(self, model: MultiLabelModel, spans: Spans, chances: npt.NDArray[np.float32], stream: str) -> LabelTrack:
        top = top_classes(chances, self.most)
        least = model.thresholds if self.threshold < 0 else np.full(len(model.card.classes), self.threshold, np.float32)
        rows, ranks = np.nonzero(top.scores >= least[top.classes])
        found = top.classes[rows, ranks]
        names = model.card.names
        return LabelTrack(
            spans=spans[rows],
            names=tuple(names[number] for number in found.tolist()),
            scores=top.scores[rows, ranks].astype(np.float64),
            classes=names,
            judged=spans,
            stream=stream,
        )

    def _spans(self, asset: Asset, tracks: Tracks) -> Spans:
        if not self.over:
            return as_spans([Span(0.0, asset.duration)])
        over = tracks[self.over]
        if not isinstance(over, LabelTrack):
            raise PluginError(f"over must name a label track, got {over!r}", asset=asset.id, plugin="tags")
        return over.spans

    def _pooled(
        self, asset: Asset, tracks: Tracks, card: ModelCard, spans: Spans
    ) -> tuple[npt.NDArray[np.float32], str]:
        parts = []
        for one in card.inputs:
            track = tracks[one.track]
            if not isinstance(track, FeatureTrack) or (len(track) and not fits(one, track)):
                raise PluginError(
                    f"the model in {self.model!r} was trained on {one.width} numbers of the track {one.track!r}, got "
                    f"{track!r}. Was it made with other options?",
                    asset=asset.id,
                    plugin="tags",
                )
            parts.append(pooled(one, track, spans))
        stream = next((t.stream for t in tracks.values() if isinstance(t, FeatureTrack)), "")
        return np.concatenate(parts, axis=1).astype(np.float32), stream

    @property
    def _card(self) -> ModelCard:
        if not self.model:
            raise OptionError(
                "tags needs a trained model. Name its folder with: --set tags.model=FOLDER", plugin="tags"
            )
        return load_card(Path(self.model))

    @property
    def _card_hash(self) -> str:
        return model_hash(Path(self.model))


def fits(one: Input, track: FeatureTrack) -> bool:
    """Whether a track is of the kind that a model was trained on."""
    return track.values.shape[1] == one.width and (not one.columns or track.columns == one.columns)


def pooled(one: Input, track: FeatureTrack, spans: Spans) -> npt.NDArray[np.float64]:
    """The numbers of one input for each span, shape (M, numbers of the input); NaN where the track has no row."""
    if not len(track):
        return np.full((len(spans), one.numbers), np.nan)
    order = np.lexsort((spans[:, 1], spans[:, 0]))  # pool gives rows in order of time
    found = np.concatenate([pool(track, spans, by=how).values for how in one.pools], axis=1).astype(np.float64)
    back = np.empty_like(found)
    back[order] = found
    return back


@functools.lru_cache(maxsize=2)
def _loaded(folder: str, card_hash: str) -> MultiLabelModel:
    """A model, read once for many assets; another one in the same folder is read again.

    Raises:
        PluginError: If the model was replaced between the two looks.
    """
    model = load_model(Path(folder))
    if model_hash(Path(folder)) != card_hash:
        raise PluginError(f"the model in {folder!r} was replaced while it was read. Run again.", plugin="tags")
    return model
