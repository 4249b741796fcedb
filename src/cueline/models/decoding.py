"""Regions from chances: the most likely sequence of classes in which each lasts for a least time.

A classifier that looks at one row after the other flickers. What was recorded does not: a passage of speech lasts for
seconds. Here a class that begins must last for its least duration, and every change costs; the path that explains the
chances best under these rules is found exactly (Viterbi). A least duration is a chain of copies of a class that must be
walked through one by one, only the last of which may be stayed in or left. The first and the last region may be cut
short by the ends of the sound, so that a chain is entered anywhere at the start and left anywhere at the end.

References:
    A. Viterbi, 1967, Error bounds for convolutional codes and an asymptotically optimum decoding algorithm. L. Rabiner,
    1989, A tutorial on hidden Markov models, section IV D: durations as chains of states.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError

Floats = npt.NDArray[np.floating]
States = npt.NDArray[np.intp]

LEAST_CHANCE = 1e-4


def decode(chances: Floats, step_seconds: float, *, shortest: Sequence[float], change: float) -> States:
    """The class of each row in the most likely sequence.

    Args:
        chances: Of each class in each row, in [0, 1], shape (T, C). Below `LEAST_CHANCE` a chance counts as that, so
            that one sure row cannot outweigh all others.
        step_seconds: Length of a row.
        shortest: Seconds that each class lasts at least, C of them; 0 for one row.
        change: What a change of class costs, 0 or more, in the natural logarithm of a chance.

    Returns:
        Number of a class for each row, shape (T,). It takes 2 T x (sum of least rows) bytes meanwhile.

    Raises:
        TimelineError: If the numbers do not fit one another.

    Example:
        >>> rows = np.array([[0.9, 0.1], [0.4, 0.6], [0.9, 0.1], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]])
        >>> decode(rows, 1.0, shortest=(2, 2), change=0.5).tolist()
        [0, 0, 0, 1, 1, 1]
    """
    _refuse_strange(chances, step_seconds, shortest, change)
    lengths = np.maximum(1, np.ceil(np.asarray(shortest) / step_seconds - 1e-9).astype(np.intp))
    ends = np.cumsum(lengths) - 1  # the last copy of each class, in which it may stay
    starts = ends - lengths + 1
    owner = np.repeat(np.arange(len(lengths)), lengths)
    told = np.log(np.maximum(chances.astype(np.float64), LEAST_CHANCE))
    if not len(told):
        return np.zeros(0, np.intp)
    came = np.zeros((len(told), len(owner)), np.int16)
    score = told[0, owner]
    for row in range(1, len(told)):
        score, came[row] = _step(score, starts, ends, change)
        score += told[row, owner]
    return owner[_walked_back(came, int(np.argmax(score)))]


def _step(score: Floats, starts: States, ends: States, change: float) -> tuple[Floats, States]:
    """Best score on entering each copy, and the copy that it came from."""
    before = np.arange(-1, len(score) - 1)  # along a chain
    new = score[before]
    for start, end, best in zip(starts, ends, _best_others(score[ends]), strict=True):
        new[start], before[start] = score[ends[best]] - change, ends[best]
        if score[end] >= new[end]:  # to stay costs nothing
            new[end], before[end] = score[end], end
    return new, before


def _best_others(scores: Floats) -> States:
    """For each class the best of all others; itself where there is none."""
    order = np.argsort(-scores, kind="stable")
    best = np.full(len(scores), order[0])
    best[order[0]] = order[min(1, len(order) - 1)]
    return best


def _walked_back(came: npt.NDArray[np.int16], last: int) -> States:
    path = np.empty(len(came), np.intp)
    path[-1] = last
    for row in range(len(came) - 1, 0, -1):
        path[row - 1] = came[row, path[row]]
    return path


def _refuse_strange(chances: Floats, step_seconds: float, shortest: Sequence[float], change: float) -> None:
    if chances.ndim != 2 or len(shortest) != chances.shape[1] or not chances.shape[1]:
        raise TimelineError(
            f"chances must have a column for each of the {len(shortest)} least durations, got {chances.shape}"
        )
    if not (step_seconds > 0 and change >= 0 and min(shortest) >= 0):
        raise TimelineError(
            "a step must last above 0 seconds, a change cost 0 or more, and least durations be 0 or more, got "
            f"{step_seconds}, {change} and {tuple(shortest)}"
        )
    if not np.isfinite(chances).all():
        raise TimelineError(
            f"chances must be finite, got NaN or infinity in row {np.argwhere(~np.isfinite(chances))[0, 0]}"
        )
