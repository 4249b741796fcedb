"""Whether the media of a library lie where those lay that its models of clips learned from.

A library knows which models said what `sound.clips` holds, by the options that were used. Of each such model some of
its assets are looked at, a few clips each, on tracks that are stored already: nothing is decoded. A model whose folder
is gone cannot be asked, and that is said.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cueline.errors import FormatError
from cueline.learning.clips.drift import Drift, drift_of
from cueline.models.clip_models import ClipModel, clip_model_hash, load_clip_model
from cueline.models.clip_rows import clip_rows
from cueline.stores.library import LibraryStore
from cueline.timeline.chunks import chunks
from cueline.workbench.sharing import sources

PLUGIN = "sound.clips"
ASSETS, CLIPS = 40, 5  # looked at, and clips of each


@dataclass(frozen=True, slots=True)
class LibraryDrift:
    """One model of a library.

    Attributes:
        model: Its folder.
        drift: How far the library's clips lie from those it learned from; None where it cannot be told.
        reason: Why it cannot be told, else empty.
    """

    model: str
    drift: Drift | None
    reason: str = ""

    @property
    def warning(self) -> str:
        """A line for people, or empty where nothing is amiss."""
        if self.drift is None:
            return f"{self.model}: whether the media drift from what this model learned cannot be told: {self.reason}"
        return f"{self.model}: {self.drift}. Label some clips and --update it" if self.drift.much else ""


def drift_of_library(path: Path) -> list[LibraryDrift]:
    """Hold clips of a library against what its models learned from; empty where it has no `sound.clips`.

    Args:
        path: Of the library, whose stored tracks are read.

    Raises:
        StoreError: If there is no library.
    """
    store = LibraryStore(path, read_only=True)
    try:
        return _drift_of(store)
    finally:
        store.close()


def _drift_of(store: LibraryStore) -> list[LibraryDrift]:
    models: dict[tuple[str, str], list[str]] = defaultdict(list)
    for outcome in store.outcomes():
        if outcome.plugin == PLUGIN and outcome.state == "done":
            weights = "".join(outcome.provenance.weights.values())
            models[str(outcome.provenance.options.get("model", "")), weights].append(outcome.asset)
    return [_of_model(store, Path(folder), weights, assets) for (folder, weights), assets in sorted(models.items())]


def _of_model(store: LibraryStore, folder: Path, weights: str, assets: list[str]) -> LibraryDrift:
    try:
        if clip_model_hash(folder) != weights:
            return LibraryDrift(str(folder), None, "it was replaced since. Analyse again")
        model = load_clip_model(folder)
        rows = _rows(store, model, assets)
        found = drift_of(model, rows)
    except FormatError as error:
        return LibraryDrift(str(folder), None, str(error))
    return LibraryDrift(str(folder), found, "" if found else "it keeps nothing to hold them against")


def _rows(store: LibraryStore, model: ClipModel, assets: list[str]) -> npt.NDArray[np.float32]:
    """Clips spread over some of the assets, shape (N, D)."""
    step = max(1, len(assets) // ASSETS)
    found = [np.empty((0, model.card.width), np.float32)]
    tracks = {one.track for one in model.card.inputs}
    for source in sources(store, tracks=tracks, assets=set(sorted(assets)[::step][:ASSETS])):
        spans = chunks(source.record.asset.duration, seconds=model.card.seconds)
        if len(spans):
            few = np.unique(np.linspace(0, len(spans) - 1, CLIPS).round().astype(int))
            rows = clip_rows(model.card.inputs, source.record.tracks, spans[few])
            found.append(rows[np.isfinite(rows).all(axis=1)])
    return np.concatenate(found)
