"""Kinds of sound: where there is speech, music, both at once, noise or silence.

A network hears the rows of the sound track and tells for each half second how likely there is speech, and music; rows
weaker than a level are silence. The regions are the most likely sequence in which each kind lasts for a least time, so
that a breath does not end a speech. They lie edge to edge from the first sample to the last. The score of a region is
the mean chance of its kind.

    speech   somebody speaks, with no music
    music    music is played or sung
    both     speech over music, or a voice and music one after the other within a moment
    noise    everything else that sounds
    silence  weaker than `silence_db`, as digital silence is

References:
    D. Doukhan et al., 2018, An open-source speaker gender detection framework for monitoring gender equality
    (inaSpeechSegmenter). S. Venkatesh et al., 2021, Artificially synthesising data for audio classification and
    segmentation to improve speech and music detection in radio broadcast: learning from made programmes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.detectors.sound.evidence import AROUND_ROWS, evidence
from cueline.detectors.sound.network import REACH_ROWS, WEIGHTS, shipped, state_chances, weights_hash
from cueline.detectors.sound.verdicts import LABELS, Verdict, verdict, verdicts
from cueline.errors import OptionError, PluginError
from cueline.models.decoding import decode
from cueline.timeline.assets import Asset
from cueline.timeline.records import Tracks
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

__all__ = ["LABELS", "SoundKinds", "Verdict", "verdict", "verdicts"]

ROW_SECONDS = 0.5
PIECE_ROWS = 4096

_SLACK_SECONDS = 0.1


@dataclass(frozen=True)
class SoundKinds:
    """Regions of speech, music, both, noise and silence.

    Attributes:
        shortest: Seconds that speech, music and both last at least.
        pause: Seconds that noise and silence last at least; shorter ones are pauses of what is around them.
        change: What a change costs, as the natural logarithm of a chance; more gives fewer regions.
        silence_db: Root mean square in dBFS below which there is silence.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("sound.kinds", "sound.curve")
    needs: ClassVar[tuple[str, ...]] = ("sound",)

    shortest: float = 1.0
    pause: float = 1.5
    change: float = 3.0
    silence_db: float = -70.0

    def __post_init__(self) -> None:
        """Refuse negative times and costs, and a level that every sound lies below."""
        for name in ("shortest", "pause", "change"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise OptionError(f"{name} must be 0 or more, got {getattr(self, name)}", plugin="sound.kinds")
        if not -200 <= self.silence_db < 0:
            raise OptionError(f"silence_db must lie in -200 to 0 dBFS, got {self.silence_db}", plugin="sound.kinds")

    @property
    def weights(self) -> dict[str, str]:
        """Hash of the weights it works with, for provenance."""
        return {WEIGHTS.name: weights_hash()}

    def detect(self, asset: Asset, tracks: Tracks) -> dict[str, Track]:
        """Give `sound.kinds`, and the chance of each kind in each row as `sound.curve`.

        Raises:
            PluginError: If the sound track lacks columns, or its rows are not half a second long.
        """
        sound = tracks["sound"]
        if not isinstance(sound, FeatureTrack):
            raise PluginError(f"it works on the sound track, got {sound!r}", asset=asset.id, plugin="sound.kinds")
        if not len(sound):
            nothing = np.empty((0, 2))
            return {
                "sound.kinds": LabelTrack(nothing, (), classes=LABELS, stream=sound.stream),
                "sound.curve": FeatureTrack(nothing, np.empty((0, len(LABELS)), np.float32), LABELS, sound.stream),
            }
        step = _step(sound, asset)
        chances = _chances(sound, self.silence_db)
        states = decode(chances, step, shortest=(*(self.shortest,) * 3, *(self.pause,) * 2), change=self.change)
        return {
            "sound.kinds": _regions(sound, chances, states),
            "sound.curve": FeatureTrack(sound.spans, chances, LABELS, sound.stream),
        }


def _step(sound: FeatureTrack, asset: Asset) -> float:
    """Length of a row; the last may be shorter or longer, and if it is alone it tells nothing."""
    if len(sound) == 1:
        return ROW_SECONDS
    step = float(sound.spans[0, 1] - sound.spans[0, 0])
    if abs(step - ROW_SECONDS) > _SLACK_SECONDS:
        raise PluginError(
            f"kinds of sound are learned from rows of {ROW_SECONDS} s, got rows of {step:.3f} s. "
            f"Leave sound.seconds at {ROW_SECONDS}.",
            asset=asset.id,
            plugin="sound.kinds",
        )
    return step


def _chances(sound: FeatureTrack, silence_db: float) -> npt.NDArray[np.float32]:
    """Chance of each kind in each row, shape (N, 5); piece by piece, so that memory hardly grows with the sound."""
    margin, found = AROUND_ROWS + REACH_ROWS, []
    for first in range(0, len(sound), PIECE_ROWS):
        low, high = max(0, first - margin), min(len(sound), first + PIECE_ROWS + margin)
        piece = FeatureTrack(sound.spans[low:high], sound.values[low:high], sound.columns, sound.stream)
        found.append(state_chances(evidence(piece), shipped())[first - low : first - low + PIECE_ROWS])
    neither, speech, music, both = np.concatenate(found).T
    sounds = (sound["rms_mean"].astype(np.float64) >= 10 ** (silence_db / 20)).astype(np.float32)
    return np.column_stack([speech * sounds, music * sounds, both * sounds, neither * sounds, 1 - sounds])


def _regions(sound: FeatureTrack, chances: npt.NDArray[np.float32], states: npt.NDArray[np.intp]) -> LabelTrack:
    """Runs of equal states; the score is the mean chance, weighted by time."""
    firsts = np.flatnonzero(np.diff(states, prepend=-1))
    lasts = np.append(firsts[1:], len(states)) - 1
    seconds = sound.spans[:, 1] - sound.spans[:, 0]
    own = np.take_along_axis(chances, states[:, None], axis=1)[:, 0]
    return LabelTrack(
        spans=np.column_stack([sound.spans[firsts, 0], sound.spans[lasts, 1]]),
        names=tuple(LABELS[state] for state in states[firsts].tolist()),
        scores=np.add.reduceat(own * seconds, firsts) / np.add.reduceat(seconds, firsts),
        classes=LABELS,
        judged=np.array([[sound.spans[0, 0], sound.spans[-1, 1]]]),
        stream=sound.stream,
    )
