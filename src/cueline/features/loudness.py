"""Loudness of the sound as ears weigh it, and true peak, ten times a second.

Each row of 100 ms tells, in LUFS and dBTP:

- `momentary`, `short_term`: loudness of the 400 ms and of the 3 s that end where the row ends;
- `true_peak`: the highest level that the wave between the samples reaches in the row, found by four times as
  many points; never below the highest sample;
- `momentary_max`: the loudest 400 ms that end in the row, looked at every 20 ms, as a meter must that is to catch
  a short sound wherever it begins.

What is quieter than -120 is told as -120. Before the first sample and after the last there is silence: the first
3 and 29 rows and a last, shorter row are filled up with it. The point that stands for a peak comes 6 samples
late, the delay of the interpolation.

A file of one channel counts once, as ITU-R BS.1770 has it, though the decode pass gives it twice. Five channels and
more come here mixed down to two, and made so much weaker that full scale is kept; that is undone. What is measured is
the stereo mix of ITU-R BS.775, not the channels by themselves as BS.1770 has it: the two differ by about 1 LU, more
where a sound comes from behind. A sample that is no number counts as 0.

The interpolation is worked out only where it could exceed the highest sample of the row: no value of the filter
exceeds its largest input times the sum of its coefficients. So every row is exact, at about half the cost.

References:
    ITU-R BS.1770-5 (2023), annex 1, tables 1 and 2 (weighting at 48 kHz), equation 2; annex 2, table of coefficients of
    the interpolation. EBU Tech 3341 (2023), momentary and short-term loudness.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from cueline.errors import PluginError
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import SoundBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import Sound

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

COLUMNS = ("momentary", "short_term", "true_peak", "momentary_max")
FLOOR = -120.0

RATE_HZ = 48000
# How much the mix of 5.0, 5.1, 6.1 and 7.1 is weakened: front, centre and the channels behind, at full scale together
MIX_GAIN = {5: 1 + 2 * 0.5**0.5, 6: 1 + 2 * 0.5**0.5, 7: 1.5 + 2 * 0.5**0.5, 8: 1 + 3 * 0.5**0.5}
_ROW = RATE_HZ // 10
_BLOCK = RATE_HZ // 50
_BLOCKS_A_ROW = _ROW // _BLOCK
_MOMENTARY, _SHORT_TERM = 20, 150  # blocks
_WEIGHTING = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ],
    dtype=np.float32,
)
_NEAR = [
    0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
    0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500,
]  # fmt: skip
_BETWEEN = [
    -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
    0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375,
]  # fmt: skip
_TAPS = 12
_PIECE = 24  # samples whose points are worked out at once; fewer are chosen better, more cost less each
_AT_ONCE = 150  # so small a product is worked out in this thread; two threads that share a core with others take ages
_STILL = 1e-15  # a filter that rings on so quietly is at rest; numbers near the smallest are slow to count with


@dataclass(frozen=True)
class LoudnessBlocks:
    """Loudness (LUFS) and true peak (dBTP) of each 100 ms of sound, after ITU-R BS.1770."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "loudness.blocks"
    needs: ClassVar[tuple[str, ...]] = ()

    def wants(self, asset: Asset, tracks: Tracks) -> Sound | None:  # noqa: ARG002  # the port's signature
        """Two channels at 48 kHz; None for an asset without sound."""
        return None if asset.stream("audio") is None else Sound(RATE_HZ, mono=False)

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """One row for each 100 ms: float32, shape (N, 4), columns `COLUMNS`.

        Raises:
            PluginError: If the batches are not two channels of sound at 48 kHz.
        """
        stream = asset.stream("audio")
        source = stream.channels if stream is not None else 2
        channels = 1 if source == 1 else 2
        meter = _Meter(channels, MIX_GAIN.get(source, 1.0))
        for start, samples in _seconds(asset, batches):
            values = meter.measure(samples[:, :channels])
            edges = start + np.minimum(_ROW * np.arange(len(values) + 1), len(samples)) / RATE_HZ
            yield Rows(np.column_stack((edges[:-1], edges[1:])), values, COLUMNS)


def _seconds(asset: Asset, batches: Iterator[Batch]) -> Iterator[tuple[float, Samples]]:
    """Whole seconds of samples (S, 2) and when they start, then the rest: the same however batches are cut."""
    rest, start, given = np.empty((0, 2), np.float32), 0.0, 0
    for batch in batches:
        if not isinstance(batch, SoundBatch) or (batch.rate_hz, batch.samples.shape[1]) != (RATE_HZ, 2):
            raise PluginError(
                f"loudness.blocks works on two channels at {RATE_HZ} Hz, got {batch!r}; hand it what `wants` asks for",
                asset=asset.id,
                plugin="loudness.blocks",
            )
        if not (given or len(rest)):
            start = batch.start
        rest = np.concatenate((rest, batch.samples)) if len(rest) else batch.samples
        while len(rest) >= RATE_HZ:
            yield start + given, rest[:RATE_HZ]
            rest, given = rest[RATE_HZ:], given + 1
    if len(rest):
        yield start + given, rest


class _Meter:
    """Measures sound a second at a time; the last time, less."""

    def __init__(self, channels: int, gain: float) -> None:
        self._gain = np.float32(gain)
        self._filter = np.zeros((len(_WEIGHTING), channels, 2), np.float32)
        self._powers = np.zeros(_SHORT_TERM - 1)
        self._sound = np.zeros((channels, _TAPS - 1 + RATE_HZ), np.float32)

    def measure(self, samples: Samples) -> Samples:
        """Rows of `COLUMNS` for samples (S, C)."""
        sound = self._sound[:, : _TAPS - 1 + len(samples) + -len(samples) % _ROW]
        fresh = sound[:, _TAPS - 1 :]
        fresh[:, : len(samples)], fresh[:, len(samples) :] = samples.T, 0
        if self._gain != 1:
            fresh *= self._gain
        self._weigh(fresh)
        ends = slice(_BLOCKS_A_ROW - 1, None, _BLOCKS_A_ROW)
        short_term = sliding_window_view(self._powers, _SHORT_TERM)[ends].mean(axis=1)
        momentary = sliding_window_view(self._powers[_SHORT_TERM - _MOMENTARY :], _MOMENTARY).mean(axis=1)
        loudest = momentary.reshape(-1, _BLOCKS_A_ROW).max(axis=1)
        columns = (_lufs(momentary[ends]), _lufs(short_term), 2 * _decibels(true_peaks(sound)), _lufs(loudest))
        self._powers = self._powers[1 - _SHORT_TERM :]
        self._sound[:, : _TAPS - 1] = sound[:, 1 - _TAPS :]
        return np.maximum(np.column_stack(columns), FLOOR).astype(np.float32)

    def _weigh(self, fresh: Samples) -> None:
        """Take the mean square of the weighted sound in each block."""
        from scipy.signal import sosfilt  # here, since it takes half a second to import and silent film needs none

        weighted, state = sosfilt(_WEIGHTING, fresh, zi=self._filter)
        if not np.isfinite(state).all():
            np.nan_to_num(fresh, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
            weighted, state = sosfilt(_WEIGHTING, fresh, zi=self._filter)
        self._filter = np.where(np.abs(state) < _STILL, np.float32(0), state)
        blocks = weighted.reshape(len(weighted), -1, _BLOCK)
        self._powers = np.append(self._powers, np.einsum("cbn,cbn->b", blocks, blocks) / _BLOCK)


def _lufs(power: Floats) -> Floats:
    """Loudness of a mean square of weighted samples, summed over channels (BS.1770-5, equation 2)."""
    return _decibels(power) - 0.691


def _decibels(power: npt.NDArray[np.floating]) -> Floats:
    decibels: Floats = 10 * np.log10(np.maximum(power, 1e-15), dtype=np.float64)
    return decibels


def _points(phases: list[list[float]]) -> tuple[Samples, float]:
    """A matrix from the samples that matter for a piece to some of its points, and how much a point can exceed them."""
    matrix = np.zeros((_PIECE, len(phases), _PIECE + _TAPS - 1), np.float32)
    for i in range(_PIECE):
        matrix[i, :, i : i + _TAPS] = np.array(phases)[:, ::-1]
    return matrix.reshape(-1, matrix.shape[2]), float(np.abs(phases).sum(axis=1).max())


_INTERPOLATIONS = (_points([_BETWEEN, _BETWEEN[::-1]]), _points([_NEAR, _NEAR[::-1]]))


def true_peaks(samples: Samples) -> Samples:
    """The highest level between or at the samples of each row, of any channel.

    Args:
        samples: Float32, shape (C, 11 + S); the first 11 of a channel come before the first row. S is whole rows.

    Returns:
        Level, full scale 1.0, float32, shape (S / 4800,).
    """
    own = samples[:, _TAPS - 1 :].reshape(len(samples), -1, _ROW)
    peaks: Samples = np.maximum(own.max(axis=2), -own.min(axis=2)).max(axis=0)
    starts = np.arange(0, own.shape[1] * _ROW, _PIECE)
    windows = sliding_window_view(samples, _PIECE + _TAPS - 1, axis=1)[:, ::_PIECE]
    highest = np.maximum.reduceat(np.abs(samples), starts, axis=1)
    np.maximum(highest[:, :-1], highest[:, 1:], out=highest[:, :-1])  # a window reaches into the next piece
    points = np.zeros(len(starts), np.float32)
    for matrix, gain in _INTERPOLATIONS:
        channel, piece = np.nonzero(highest * np.float32(gain) > np.repeat(peaks, _ROW // _PIECE))
        for first in range(0, len(piece), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            values = matrix @ windows[channel[some], piece[some]].T
            np.maximum.at(points, piece[some], np.maximum(values.max(axis=0), -values.min(axis=0)))
        peaks = np.maximum(peaks, points.reshape(len(peaks), -1).max(axis=1))
    return peaks
