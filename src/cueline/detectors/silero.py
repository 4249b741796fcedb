"""Speech from the chances of Silero VAD, as the extractor `silero` gives them: a second opinion beside `sound.kinds`.

As by the network's authors: speech begins with the first window whose chance reaches the threshold, and ends with the
first of a pause. A pause is a stretch that begins with a window whose chance lies clearly below the threshold, in which
none reaches it again, and which such a window ends after the least time. Speech that is too short is dropped, the rest
is widened a little at both ends; two that would meet share the pause between them. Speech over music counts as speech.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, PluginError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.spans import SLACK, Spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

Floats = npt.NDArray[np.float64]

_LOWEST = 0.01  # chance: what a pause lies below at the least, else none would ever begin


@dataclass(frozen=True)
class SileroSpeech:
    """Spans of speech after Silero VAD.

    Attributes:
        threshold: Chance, from 0.01 on and below 1, at which speech begins.
        margin: How far below the threshold, 0 or more and below 1, the chance falls where a pause begins.
        shortest: Seconds that speech lasts longer than, before it is widened.
        pause: Seconds that a pause lasts at least; shorter ones belong to the speech.
        pad: Seconds by which speech is widened at each end.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("sound.silero",)
    needs: ClassVar[tuple[str, ...]] = ("silero",)

    threshold: float = 0.5
    margin: float = 0.15
    shortest: float = 0.25
    pause: float = 0.1
    pad: float = 0.03

    def __post_init__(self) -> None:
        """Refuse chances outside of their range, and negative times."""
        if not _LOWEST <= self.threshold < 1:
            raise OptionError(
                f"threshold is a chance from {_LOWEST} on and below 1, got {self.threshold}; 0.5 is usual",
                plugin="sound.silero",
            )
        if not 0 <= self.margin < 1:
            raise OptionError(
                f"margin must be 0 or more and below 1, got {self.margin}; 0.15 is usual", plugin="sound.silero"
            )
        for name in ("shortest", "pause", "pad"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise OptionError(f"{name} must be 0 s or more, got {getattr(self, name)}", plugin="sound.silero")

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `sound.silero`; the score of a row is the mean chance of its windows. All of the sound is judged.

        Raises:
            PluginError: If the track has no column `speech`.
        """
        track = tracks["silero"]
        if not isinstance(track, FeatureTrack) or ("speech" not in track.columns and (len(track) or track.columns)):
            raise PluginError(
                f"sound.silero works on the silero track, got {track!r}", asset=asset.id, plugin="sound.silero"
            )
        if not len(track):  # a track without rows has no columns
            nothing = LabelTrack(np.empty((0, 2)), (), classes=("speech",), stream=track.stream)
            return {"sound.silero": nothing}
        chances, edges = track["speech"].astype(np.float64), np.append(track.spans[:, 0], track.spans[-1, 1])
        rows = [
            (first, last) for first, last in self._runs(chances, edges) if _longer(edges, first, last, self.shortest)
        ]
        speech = LabelTrack(
            spans=_widened(edges[np.array(rows, np.intp).reshape(-1, 2)], self.pad, edges[0], edges[-1]),
            names=("speech",) * len(rows),
            scores=np.clip([chances[first:last].mean() for first, last in rows], 0, 1),
            classes=("speech",),
            judged=edges[[[0, -1]]],
            stream=track.stream,
        )
        return {"sound.silero": speech}

    def _runs(self, chances: Floats, edges: Floats) -> list[tuple[int, int]]:
        """First row of each speech, and the row after its last."""
        below = max(self.threshold - self.margin, _LOWEST)
        runs, first, paused = list[tuple[int, int]](), -1, -1
        for row, (chance, time) in enumerate(zip(chances.tolist(), edges[:-1].tolist(), strict=True)):
            if chance >= self.threshold:
                first, paused = first if first >= 0 else row, -1
            elif chance < below and first >= 0:
                paused = paused if paused >= 0 else row
                if time - edges[paused] >= self.pause - SLACK:
                    runs.append((first, paused))
                    first = paused = -1
        return [*runs, (first, len(chances))] if first >= 0 else runs


def _longer(edges: Floats, first: int, last: int, seconds: float) -> bool:
    return bool(edges[last] - edges[first] > seconds + SLACK)


def _widened(spans: Spans, pad: float, begin: float, end: float) -> Spans:
    """Spans in order of time, wider by `pad` at both ends; where two would meet, they touch half-way."""
    starts, ends = spans.T
    near, middles = starts[1:] - ends[:-1] < 2 * pad, (starts[1:] + ends[:-1]) / 2
    wide = np.column_stack((starts - pad, ends + pad))
    wide[1:, 0][near] = wide[:-1, 1][near] = middles[near]
    return wide.clip(begin, end)
