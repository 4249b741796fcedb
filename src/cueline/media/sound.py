"""Decoded sound to batches of about a second: one rate, one channel or two, an exact clock.

The time of a sample is the time of the first one plus a count of samples, never a sum of block
times. Where time stamps and count differ by more than `TOLERANCE_SECONDS` the file is believed: a gap
is filled with silence, an overlap is trimmed, both before resampling. Smaller differences are jitter
of the container and change nothing. Sound before zero is dropped.

Downmix: front left and right as they are, centre and surrounds at -3 dB to their side or to both, LFE
left out (ITU-R BS.775-4, annex 4), scaled so that full scale stays full scale; mono is the mean of the two.
Resampling is soxr's "HQ", without a delay.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np
import soxr

from cueline.media.joining import TOLERANCE_SECONDS, Block, Samples
from cueline.timeline.batches import SoundBatch
from cueline.timeline.requests import Sound

BATCH_SECONDS = 1

_SLACK_SAMPLES = 1e-6  # seconds are rounded to 53 bits
_HALF_POWER = 0.5**0.5
_TO_LEFT_AND_RIGHT = {
    "FL": (1.0, 0.0), "FR": (0.0, 1.0), "FC": (_HALF_POWER, _HALF_POWER), "LFE": (0.0, 0.0), "LFE2": (0.0, 0.0),
    "BL": (_HALF_POWER, 0.0), "BR": (0.0, _HALF_POWER), "SL": (_HALF_POWER, 0.0), "SR": (0.0, _HALF_POWER),
    "BC": (0.5, 0.5), "FLC": (1.0, 0.0), "FRC": (0.0, 1.0), "WL": (_HALF_POWER, 0.0), "WR": (0.0, _HALF_POWER),
    "DL": (1.0, 0.0), "DR": (0.0, 1.0),
}  # fmt: skip


@lru_cache(maxsize=64)
def downmix(channels: tuple[str, ...], *, mono: bool) -> Samples:
    """Weights of each channel.

    Args:
        channels: Names as FFmpeg writes them, such as ("FL", "FR", "FC", "LFE", "BL", "BR").
        mono: One channel out, else two.

    Returns:
        Shape (channels in, channels out). Channels whose places are not known weigh the same.
    """
    if len(channels) == 2 and not any(name in _TO_LEFT_AND_RIGHT for name in channels):
        channels = ("FL", "FR")  # as plain WAV files leave it unsaid
    known = all(name in _TO_LEFT_AND_RIGHT for name in channels)
    if len(channels) == 1 or not known:
        weights = np.full((len(channels), 2), 1.0 / len(channels))
    else:
        weights = np.array([_TO_LEFT_AND_RIGHT[name] for name in channels])
        total = weights.sum(axis=0).max()
        weights = weights / total if total > 0 else np.full((len(channels), 2), 1.0 / len(channels))
    if mono:
        weights = weights.mean(axis=1, keepdims=True)
    return weights.astype(np.float32)


class SoundTap:
    """Turns the blocks of one audio stream into the batches of one request."""

    def __init__(self, request: Sound) -> None:
        """Start before the first block."""
        self._request = request
        self._columns = 1 if request.mono else 2
        self._rate = request.rate_hz
        self._source_rate = 0
        self._resampler: soxr.ResampleStream | None = None
        self._origin: Fraction | None = None
        self._expected = Fraction(0)
        self._given = 0
        self._incoming: list[Samples] = []
        self._waiting: list[Samples] = []

    def put(self, block: Block) -> Iterator[SoundBatch]:
        """Take the next block."""
        start = block.start
        if block.rate_hz != self._source_rate:
            yield from self._change_rate(block.rate_hz)
        samples = block.samples @ downmix(block.channels, mono=self._request.mono)
        if self._origin is None:
            early = min(len(samples), max(0, math.ceil(-start * self._source_rate - _SLACK_SAMPLES)))
            if early == len(samples):
                return
            samples = samples[early:]
            self._origin = self._expected = max(Fraction(0), Fraction(start) + Fraction(early, self._source_rate))
        elif not block.follows:
            late = Fraction(start) - self._expected
            if late > TOLERANCE_SECONDS:
                yield from self._silence(round(late * self._source_rate))
            elif late < -TOLERANCE_SECONDS:
                samples = samples[min(len(samples), round(-late * self._source_rate)) :]
        yield from self._add(samples)

    def end(self) -> Iterator[SoundBatch]:
        """No more blocks: give what is left."""
        self._drain(last=True)
        yield from self._batches(least=1)

    def _change_rate(self, rate_hz: int) -> Iterator[SoundBatch]:
        self._drain(last=True)
        yield from self._batches(least=self._rate * BATCH_SECONDS or 1)
        self._source_rate = rate_hz
        self._rate = self._rate or rate_hz
        self._resampler = (
            None
            if rate_hz == self._rate
            else soxr.ResampleStream(rate_hz, self._rate, self._columns, dtype="float32", quality="HQ")
        )

    def _silence(self, count: int) -> Iterator[SoundBatch]:
        second = np.zeros((self._source_rate, self._columns), dtype=np.float32)
        while count > 0:
            yield from self._add(second[:count])
            count -= len(second)

    def _add(self, samples: Samples) -> Iterator[SoundBatch]:
        self._expected += Fraction(len(samples), self._source_rate)
        self._incoming.append(samples)
        if sum(map(len, self._incoming)) >= self._source_rate * BATCH_SECONDS:
            self._drain(last=False)
            yield from self._batches(least=self._rate * BATCH_SECONDS)

    def _drain(self, *, last: bool) -> None:
        """Resample what came in."""
        if not self._incoming and not (last and self._resampler):
            return
        samples = np.concatenate(self._incoming) if self._incoming else np.zeros((0, self._columns), np.float32)
        self._incoming = []
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples, last=last)
            if last:
                self._resampler = None
        self._waiting.append(samples)

    def _batches(self, *, least: int) -> Iterator[SoundBatch]:
        """Whole batches of a second while there are `least` samples, a shorter one at the end."""
        if self._origin is None or not self._waiting:
            return
        samples = np.concatenate(self._waiting)
        size = self._rate * BATCH_SECONDS
        while len(samples) >= least:
            batch, samples = samples[:size], samples[size:]
            start = self._origin + Fraction(self._given, self._rate)
            self._given += len(batch)
            yield SoundBatch(np.ascontiguousarray(batch, dtype=np.float32), float(start), self._rate)
        self._waiting = [samples] if len(samples) else []
