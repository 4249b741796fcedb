"""What training and comparison need of a film: its small pictures, its color track, its truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cueline.features.color import COLUMNS, Color
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.ports import Batch
from cueline.timeline.assets import Asset
from cueline.timeline.batches import FrameBatch
from cueline.timeline.spans import Spans
from cueline.timeline.tracks import FeatureTrack


class Quiet:
    """Progress that nobody watches."""

    def at(self, phase: str, seconds: float = 0.0) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Film:
    """Small pictures of a film and what is known of it, boundaries as frames."""

    name: str
    pictures: np.ndarray
    spans: Spans
    cuts: np.ndarray
    gradual: np.ndarray

    @property
    def step(self) -> float:
        """The usual distance of two frames, seconds."""
        return float(np.median(np.diff(self.spans[:, 0])))


def asset_of(path: Path) -> Asset:
    """The asset of a file that can be probed."""
    asset = probe(path).asset
    if asset is None:
        raise SystemExit(f"cannot probe {path}")
    return asset


def small_pictures(path: Path) -> tuple[np.ndarray, Spans]:
    """Every frame as the color extractor sees it, and when."""
    asset, batches = asset_of(path), []
    request = Color().wants(asset, {})
    if request is None:
        raise SystemExit(f"{path} has no video")
    report = read(path, asset, [Consumer("film", request, batches.extend)], progress=Quiet(), threads=0)
    for error in report.errors.values():
        raise error
    return np.concatenate([batch.pictures for batch in batches]), np.concatenate([batch.spans for batch in batches])


def color_track(pictures: np.ndarray, spans: Spans) -> FeatureTrack:
    """What the color extractor makes of pictures."""

    def batches() -> Iterator[Batch]:
        for first in range(0, len(pictures), 32):
            yield FrameBatch(np.ascontiguousarray(pictures[first : first + 32]), spans[first : first + 32])

    values = [rows.values for rows in Color().extract(Asset("film", float(spans[-1, 1])), batches())]
    return FeatureTrack(spans, np.concatenate(values), COLUMNS, "video:0")


def made_films(folder: Path) -> Iterator[Film]:
    """The films that generate.py wrote to a folder."""
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text())
        pictures, spans = small_pictures(path.with_suffix(".mp4"))
        if len(pictures) != truth["frames"]:
            raise SystemExit(f"{path}: {len(pictures)} frames decoded, {truth['frames']} written")
        cuts = np.searchsorted(truth["times"], truth["cuts"])
        gradual = np.searchsorted(truth["times"], np.array(truth["gradual"]).reshape(-1, 2))
        yield Film(f"{folder.name}/{path.stem}", pictures, spans, cuts, gradual)
