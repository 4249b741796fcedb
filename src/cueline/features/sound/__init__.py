"""Sound in numbers, a row for each half second: timbre, pitch, loudness, brightness, onsets.

One transform feeds everything. A row tells, of the frames whose centre lies in it, how many there are (`frames`), mean
and standard deviation of each measure (`measures.SIZES`: MFCC, zero-crossing rate, spectral contrast, chroma, rolloff,
centroid, RMS, bandwidth, flatness, flux), mean and standard deviation of each log-mel band in dB (`mel_0` up,
`mel_std_0` up), the onsets a second (`onset_rate`), how much the voice's band beats at the pace of syllables
(`modulation`), how long tones stand (`persistence`) and, where asked for, the harmonic-to-noise ratio in dB
(`harmonic_to_noise`). Because `frames`, means
and deviations are kept, longer clips are pooled from rows exactly: `clip_descriptors` gives the 68 descriptors of any
spans, `descriptors` those of samples in memory.

What is measured, from which paper, and where it agrees with librosa stands in the module of each measure, and in one
table in `descriptors`. Digital silence has numbers too, all finite: levels of -100 dB, flatness 1, otherwise 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from cueline.errors import OptionError, PluginError, TimelineError
from cueline.features.sound.descriptors import check_samples, clip_descriptors, descriptors
from cueline.features.sound.listening import RATE_HZ, Listening
from cueline.features.sound.measures import DESCRIPTORS
from cueline.features.sound.spectra import HOP
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import SoundBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import Sound

__all__ = ["DESCRIPTORS", "RATE_HZ", "SoundFeatures", "clip_descriptors", "descriptors"]

_MOST_BANDS = 256


@dataclass(frozen=True)
class SoundFeatures:
    """Numbers of sound, a row for each half second: what the 68 descriptors of any clip are pooled from.

    Attributes:
        seconds: Length of a row.
        bands: Log-mel bands of a row.
        harmonics: Whether to tell the harmonic-to-noise ratio too, which takes several times as long as all the rest.
    """

    version: ClassVar[str] = "2"
    gives: ClassVar[str] = "sound"
    needs: ClassVar[tuple[str, ...]] = ()

    seconds: float = 0.5
    bands: int = 64
    harmonics: bool = False

    def __post_init__(self) -> None:
        """Refuse rows shorter than the distance of frames, and too few or too many bands."""
        if not HOP / RATE_HZ <= self.seconds <= 3600:
            raise OptionError(
                f"seconds must be {HOP / RATE_HZ:.4f} to 3600, so that each row holds a frame, got {self.seconds}"
            )
        if not 1 <= self.bands <= _MOST_BANDS:
            raise OptionError(f"bands must be 1 to {_MOST_BANDS}, got {self.bands}")

    def wants(self, asset: Asset, tracks: Tracks) -> Sound | None:  # noqa: ARG002  # the port's signature
        """One channel at 22,050 Hz; None for an asset without sound."""
        return None if asset.stream("audio") is None else Sound(rate_hz=RATE_HZ, mono=True)

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """Rows as they are complete: float32, shape (N, 210), or (N, 211) with harmonics; columns `row_columns`.

        Raises:
            PluginError: If a batch is not one channel at 22,050 Hz, does not follow the one before, or has samples
                that are not finite.
        """
        listening: Listening | None = None
        for batch in batches:
            if not isinstance(batch, SoundBatch) or batch.rate_hz != RATE_HZ or batch.samples.shape[1] != 1:
                raise PluginError(
                    f"sound works on one channel at {RATE_HZ} Hz, got {batch!r}; hand it what `wants` asks for",
                    asset=asset.id,
                    plugin="sound",
                )
            if not len(batch):
                continue
            if listening is None:
                listening = Listening(batch.start, seconds=self.seconds, bands=self.bands, harmonics=self.harmonics)
            _check(batch, listening.time, asset)
            yield from listening.put(batch.samples[:, 0])
        if listening is not None:
            yield from listening.end()


def _check(batch: SoundBatch, due: float, asset: Asset) -> None:
    if abs(batch.start - due) > 1 / RATE_HZ:
        raise PluginError(
            f"sound must come without a gap: due at {due:.6f} s, got {batch!r}. Fill gaps with silence.",
            asset=asset.id,
            time=batch.start,
            plugin="sound",
        )
    try:
        check_samples(batch.samples[:, 0])
    except TimelineError as error:
        message = f"{error} (in {batch!r})"
        raise PluginError(message, asset=asset.id, time=batch.start, plugin="sound") from error
