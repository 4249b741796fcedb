"""Flux and onsets: how much louder the bands become from frame to frame, and where something begins.

Flux is the mean over 128 mel bands of what each gained since the frame before, in dB; losses count 0. The first frame
gained nothing. An onset is a frame whose flux is the greatest within two frames (46 ms) on either side, and exceeds
the mean of the nine frames around it (209 ms) by `LEAST_DB` or more. So there are at most 14 onsets a second, and
nothing hangs on the rest of the clip: librosa's onset_detect scales the curve to the greatest flux of the whole clip
first, which a stream does not know.

References:
    S. Böck, G. Widmer, "Maximum filter vibrato suppression for onset detection", 2013 (flux, without its maximum
    filter). S. Böck, F. Krebs, M. Schedl, "Evaluating the online capabilities of onset detection methods", 2012
    (picking of peaks). librosa 0.11, `librosa.onset.onset_strength(center=False)`: the same flux, but for `top_db`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cueline.features.sound.spectra import Floats

LEAST_DB = 1.0
REACH = 4

_RIVALS = 2

Flags = npt.NDArray[np.bool_]


def flux(levels: Floats, before: Floats) -> Floats:
    """Mean gain of the bands in dB, 0 or more.

    Args:
        levels: Log-mel levels of some frames, shape (T, bands).
        before: Those of the frame before them, shape (bands,); of the first frame itself where there is none.

    Returns:
        Shape (T,).
    """
    gains = np.diff(levels, axis=0, prepend=before[None])
    mean: Floats = np.maximum(gains, 0, out=gains).mean(axis=1)
    return mean


class Onsets:
    """Finds onsets in flux that comes in pieces; beyond both ends nothing changes."""

    def __init__(self) -> None:
        """Stand before the first frame."""
        self._held: Floats = np.zeros(REACH, np.float32)

    def put(self, flux: Floats) -> Flags:
        """Take the flux of the next frames; tell of the frames, in order, that are decided now."""
        held = np.concatenate([self._held, flux])
        self._held = held[max(0, len(held) - 2 * REACH) :]
        return _onsets(held)

    def end(self) -> Flags:
        """No more frames: tell of those that are left."""
        return self.put(np.zeros(REACH, np.float32))


def _onsets(flux: Floats) -> Flags:
    """Whether each frame is an onset, without the first and last `REACH`."""
    size = 2 * REACH + 1
    if len(flux) < size:
        return np.zeros(0, bool)
    around = np.lib.stride_tricks.sliding_window_view(flux, size)
    now = around[:, REACH]
    earlier, later = around[:, REACH - _RIVALS : REACH], around[:, REACH + 1 : REACH + _RIVALS + 1]
    greatest = (now[:, None] > earlier).all(axis=1) & (now[:, None] >= later).all(axis=1)
    found: Flags = greatest & (now >= around.mean(axis=1) + np.float32(LEAST_DB))
    return found
