"""Equal scores in a ranked list: what each distinct score of right pairs has above it, and the mean over orders.

The order of pairs with one score is chance, and the official code shuffles them. Here stands the mean over all
orders, in closed form. In a tie of n pairs, r of them right, after B pairs of which R are right, each place j from
B + 1 to B + n holds a right pair with chance r / n; before it then lie, in the mean, (j - B - 1) (r - 1) / (n - 1)
right ones of the tie. To share one threshold, as `ranking.average_precision` does, is another convention.

References:
    F. McSherry and M. Najork, 2008, Computing information retrieval performance measures efficiently in the presence
    of tied scores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cueline.evaluation.inputs import Counts, Floats, Scores

_EXACT = 64  # from here on the series of the harmonic numbers is exact
_HARMONIC = np.concatenate(([0.0], np.cumsum(1 / np.arange(1, _EXACT + 1))))


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """The distinct scores that right pairs have in one range of scores.

    Attributes:
        right: Right pairs of each score, shape (G,).
        tied: All pairs of each score.
        above_right: Right pairs of the range with a greater score.
        above: All pairs of the range with a greater score.
        range_right: Right pairs of the range.
        range_all: All pairs of the range.
    """

    right: Counts
    tied: Counts
    above_right: Counts
    above: Counts
    range_right: int
    range_all: int

    @classmethod
    def of(cls, right: Scores, wrong: Scores) -> Ties:
        """From the scores of right and of wrong pairs, in any order."""
        right, wrong = np.sort(right), np.sort(wrong)
        ends = np.append(np.flatnonzero(right[1:] != right[:-1]) + 1, len(right))[: len(right)]
        counts, values = np.diff(ends, prepend=0), right[ends - 1]
        past = np.searchsorted(wrong, values, side="right")
        equal = past - np.searchsorted(wrong, values, side="left")
        above_right = len(right) - ends
        above = above_right + len(wrong) - past
        return cls(counts, counts + equal, above_right, above, len(right), len(right) + len(wrong))

    @classmethod
    def one(cls, right: int, wrong: int) -> Ties:
        """Pairs that all have one score."""
        groups = min(right, 1)
        zeros = np.zeros(groups, np.int64)
        return cls(zeros + right, zeros + right + wrong, zeros, zeros, right, right + wrong)

    def precision_sum(self, *, before: int = 0, before_right: int = 0, n: int | None = None) -> float:
        """The precision at each right pair, summed: the mean over all orders of the tied.

        Args:
            before: How many pairs have a greater score than the whole range.
            before_right: How many of them are right.
            n: Places of the list that count; all if None.
        """
        place, found = before + self.above, before_right + self.above_right
        places = self.tied if n is None else np.clip(n - place, 0, self.tied)
        chance = self.right / self.tied
        rise = (self.right - 1) / np.maximum(self.tied - 1, 1)
        sums = chance * ((found + 1 - rise * (place + 1)) * harmonic(place, places) + rise * places)
        single = self.tied == 1  # the plain case, without a detour that could round
        sums[single] = ((found + 1) / (place + 1) * places)[single]
        return float(sums.sum())


def harmonic(start: Counts, count: Counts) -> Floats:
    """1 / (start + 1) + ... + 1 / (start + count), to 13 digits or more, however many they are.

    Args:
        start: 0 or more, shape (G,).
        count: 0 or more, shape (G,).

    Example:
        >>> harmonic(np.array([0, 2]), np.array([2, 1])).tolist()
        [1.5, 0.33...]
    """
    end = start + count
    exact = _HARMONIC[np.minimum(end, _EXACT)] - _HARMONIC[np.minimum(start, _EXACT)]
    low = np.maximum(start, _EXACT).astype(np.float64)
    more = np.maximum(end - low, 0)
    below, above = 1 / low, 1 / (low + more)
    first = -more * below * above  # above - below, without the loss of a difference
    second = first * (above + below)  # of their squares, and so on
    fourth, sixth = second * (above**2 + below**2), second * (above**4 + (above * below) ** 2 + below**4)
    series = np.log1p(more * below) + first / 2 - second / 12 + fourth / 120 - sixth / 252
    return np.asarray(exact + series)
