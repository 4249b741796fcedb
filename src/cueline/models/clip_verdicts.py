"""One verdict for a whole clip, from the mean chances of its rows: is there speech in it, is there music?

The share of the sounding time in which there is speech says how likely people would say that there is speech in the
clip, through a curve that programmes with known truth gave (Platt); the same for music. Speech and music are judged
one by one, so that a jingle after an announcement makes both. A clip in which nothing sounds is silence. The curves
ship with the detector of kinds of sound; a model of clips that builds upon its verdict keeps them among its weights, so
that it says the same wherever it is read.

References:
    J. Platt, 1999, Probabilistic outputs for support vector machines.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

KINDS = ("speech", "music", "both", "noise", "silence")
SOUNDING_SHARE = 0.02  # of a clip: less counts as silence
LEAST_SHARE = 0.002
_LEAST = 1e-9


def clip_verdicts(means: npt.NDArray[np.generic], curves: npt.NDArray[Any] | None = None) -> Numbers:
    """Chance of each of `KINDS` in each clip, rows sum to 1; NaN where the means are.

    Args:
        means: Mean chances of `KINDS` over the time of each clip, shape (N, 5).
        curves: Slope and offset of the curve of speech and of that of music, shape (2, 2); the means are the verdict
            where there are none.

    Example:
        >>> means = np.array([[0.9, 0.0, 0.1, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]])
        >>> clip_verdicts(means, np.array([[1.0, 0.0], [1.0, 0.0]])).argmax(axis=1).tolist()
        [0, 4]
    """
    held: Numbers = np.clip(means.astype(np.float64), 0, None)
    if curves is None:
        held /= np.maximum(held.sum(axis=1, keepdims=True), _LEAST)
        return held
    shares = sounding_shares(held)
    speech, music = (_curved(shares[:, place], curves[place]) for place in (0, 1))
    silent = np.where(np.isfinite(held[:, 4]), 1 - held[:, 4] < SOUNDING_SHARE, np.nan)
    parts = (speech * (1 - music), music * (1 - speech), speech * music, (1 - speech) * (1 - music))
    return np.column_stack([*((1 - silent) * part for part in parts), silent])


def sounding_shares(means: npt.NDArray[np.generic]) -> Numbers:
    """Of the time that sounds the share with speech, and the share with music, shape (N, 5) to (N, 2)."""
    held: Numbers = means.astype(np.float64)
    sounding = np.maximum(1 - held[:, 4], _LEAST)
    return np.column_stack([held[:, 0] + held[:, 2], held[:, 1] + held[:, 2]]) / sounding[:, None]


def _curved(shares: Numbers, curve: npt.NDArray[Any]) -> Numbers:
    """A share in [0, 1] to a chance, by the slope and offset of a curve over its log-odds."""
    held = np.clip(shares, LEAST_SHARE, 1 - LEAST_SHARE)
    chance: Numbers = 0.5 + 0.5 * np.tanh((float(curve[0]) * np.log(held / (1 - held)) + float(curve[1])) / 2)
    return chance
