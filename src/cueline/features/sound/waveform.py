"""What frames tell without a transform: how often the wave crosses zero, and how strong it is.

A frame is four hops long, so both are summed over each hop once and then over four hops.

References:
    librosa 0.11, `librosa.feature.zero_crossing_rate` and `librosa.feature.rms` of samples: the same numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.features.sound.spectra import FRAME, HOP, Block, Floats

_SILENT = np.float32(1e-10)


def crossing_rate(block: Block) -> Floats:
    """Changes of sign between neighbours, as a share of a frame's samples, in [0, 1), shape (T,).

    Values within 1e-10 of 0 count as 0, and 0 as positive. The zeros beyond the ends of the sound cross nothing.
    """
    negative = block.samples < -_SILENT
    crossed = np.zeros(len(negative), bool)  # between each sample and the one before it
    np.not_equal(negative[1:], negative[:-1], out=crossed[1:])
    if block.before:
        crossed[block.before] = False
    if block.after:
        crossed[-block.after] = False
    counts = _over_frames(crossed.reshape(-1, HOP).sum(axis=1, dtype=np.int64))
    # A frame's first sample has no neighbour within the frame
    inner = counts - crossed[: HOP * len(counts) : HOP]
    rate: Floats = (inner / FRAME).astype(np.float32)
    return rate


def rms(block: Block) -> Floats:
    """Root of the mean square of a frame's samples, 0 or more, shape (T,)."""
    hops = block.samples.reshape(-1, HOP)
    energy = _over_frames(np.einsum("ts,ts->t", hops, hops, dtype=np.float64))
    strength: Floats = np.sqrt(energy / FRAME).astype(np.float32)
    return strength


def _over_frames(hops: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Sums over the hops of each frame."""
    sums: npt.NDArray[Any] = np.lib.stride_tricks.sliding_window_view(hops, FRAME // HOP).sum(axis=1)
    return sums
