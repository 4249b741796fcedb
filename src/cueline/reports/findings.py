"""What was found in one asset: its tracks, each read once, and which of them could not be read."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import CuelineError
from cueline.ports import Store
from cueline.reports.facts import FileFacts, Problem
from cueline.reports.words import legible
from cueline.timeline.records import Tracks
from cueline.timeline.spans import durations
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

TEXTS = ("subtitles", "notes")  # label tracks whose names are what somebody said or wrote
_SOUND = {
    "peaks": {"low", "high", "rms"},
    "loudness": {"integrated", "range", "true_peak"},
    "loudness.blocks": {"momentary", "short_term"},
}


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """The tracks of one asset.

    Attributes:
        tracks: By name.
        problems: Tracks that could not be read, with the reason of each.
    """

    tracks: Tracks
    problems: tuple[Problem, ...] = ()

    @property
    def labels(self) -> Mapping[str, LabelTrack]:
        """Every label track."""
        return {name: track for name, track in self.tracks.items() if isinstance(track, LabelTrack)}

    @property
    def curves(self) -> Mapping[str, FeatureTrack]:
        """The score curves: feature tracks named `something.curve`. Other numbers are not for drawing."""
        return {
            name: track
            for name, track in self.tracks.items()
            if isinstance(track, FeatureTrack) and name.endswith(".curve")
        }

    @property
    def shots(self) -> LabelTrack | None:
        """The shots, or None where nobody looked for shots."""
        return self.labels.get("shots")

    @property
    def median_shot(self) -> float:
        """Median duration of the shots in seconds; NaN of no shot."""
        return float(np.median(durations(self.shots.spans))) if self.shots else math.nan

    def sound(self, name: str) -> FeatureTrack | None:
        """The track `peaks`, `loudness` or `loudness.blocks`; None where it is missing, empty or something else."""
        track = self.tracks.get(name)
        return track if isinstance(track, FeatureTrack) and len(track) and _SOUND[name] <= set(track.columns) else None

    def fingerprint(self) -> str:
        """32 hexadecimal digits that change with any number and any name that a page shows."""
        digest = hashlib.blake2b(repr(self.problems).encode("utf-8", "backslashreplace"), digest_size=16)
        sound = {name: track for name in _SOUND if (track := self.sound(name)) is not None}
        for name, label in sorted(self.labels.items()):
            _add(digest, (name, label.stream, label.classes, label.names), label.spans, label.scores)
        for name, numbers in sorted({**self.curves, **sound}.items()):
            _add(digest, (name, numbers.stream, numbers.columns), numbers.spans, numbers.values)
        if "thumbnails" in self.tracks:  # tells where pictures are
            _add(digest, (), self.tracks["thumbnails"].spans)
        return digest.hexdigest()


def findings(store: Store, file: FileFacts) -> Findings:
    """Read every track of an asset; one that cannot be read is a problem, and hides no other."""
    tracks: dict[str, Track] = {}
    problems = []
    for name in store.track_names(file.asset.id):
        try:
            tracks[name] = store.track(file.asset.id, name)
        except CuelineError as error:
            problems.append(Problem(file.called, f"{legible(name)} is not shown", legible(str(error)), file.page))
    return Findings(tracks, tuple(problems))


def _add(digest: hashlib.blake2b, texts: tuple[object, ...], *arrays: npt.NDArray[np.generic]) -> None:
    digest.update(repr((texts, [(array.shape, array.dtype) for array in arrays])).encode("utf-8", "backslashreplace"))
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
