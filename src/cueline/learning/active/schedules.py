"""How many answers to wait for before clips are ranked anew.

Ranking anew after every answer is best and slow: people would wait. Few at first, when each answer changes much, more
later; or, adaptively, twice as many when the ranking hardly changed, half as many when it did.

    schedule   "5,5,10,10,20", "20" or "adaptive" -> a `Schedule`
    overlap    how much of a ranking's top is left in the next one
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, near_miss
from cueline.learning.active.asking import Floats
from cueline.learning.active.uncertainty import uncertainty

CLASSIC = (5, 5, 10, 10, 20)
FORMS = ("adaptive", "classic")
TOP = 100  # unsure rows that two rankings are compared by


class Schedule(Protocol):
    """How many rows the next query asks for."""

    def size(self, query: int, *, last: int = 0, alike: float = math.nan) -> int:
        """Of the query with a number, counted from 0.

        Args:
            query: Its number.
            last: How many the query before asked for; 0 for the first.
            alike: `overlap` of the last two rankings; NaN where there are no two.

        Returns:
            1 or more.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sizes:
    """These sizes one after the other; the last one again and again.

    Attributes:
        sizes: Each 1 or more.
    """

    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse no sizes, and queries of nothing."""
        if not self.sizes or min(self.sizes) < 1:
            raise OptionError(f"sizes of queries must be one or more whole numbers from 1, got {self.sizes}")

    def __str__(self) -> str:
        """As it is written."""
        return ",".join(map(str, self.sizes)) + (", and so on" if len(self.sizes) > 1 else "")

    def size(self, query: int, *, last: int = 0, alike: float = math.nan) -> int:  # noqa: ARG002
        """The size with that number, or the last one."""
        return self.sizes[min(query, len(self.sizes) - 1)]


@dataclass(frozen=True, slots=True)
class Adaptive:
    """Twice as many when the ranking hardly changed, half as many when it changed much.

    Attributes:
        first: Of the first query.
        least: At least so many.
        most: At most so many.
        calm: Overlap from which on the next is twice as large.
        moved: Overlap below which it is half as large.
    """

    first: int = 5
    least: int = 5
    most: int = 80
    calm: float = 0.7
    moved: float = 0.4

    def __post_init__(self) -> None:
        """Refuse bounds that contradict one another."""
        if not 1 <= self.least <= self.first <= self.most or not 0 <= self.moved <= self.calm <= 1:
            raise OptionError(
                "an adaptive schedule needs 1 <= least <= first <= most and 0 <= moved <= calm <= 1, got "
                f"{self.least}, {self.first}, {self.most} and {self.moved}, {self.calm}"
            )

    def __str__(self) -> str:
        """In words."""
        return f"adaptive from {self.least} to {self.most}"

    def size(self, query: int, *, last: int = 0, alike: float = math.nan) -> int:  # noqa: ARG002
        """From the size before and how much the ranking changed."""
        if not last:
            return self.first
        wanted = last * 2 if alike >= self.calm else last // 2 if alike < self.moved else last
        return min(max(wanted, self.least), self.most)


def schedule(text: str) -> Schedule:
    """A schedule from text: sizes with commas, one size, "classic" (5,5,10,10,20 and so on) or "adaptive".

    Raises:
        OptionError: If it is none of these.

    Example:
        >>> schedule("5,5,10").size(7)
        10
    """
    if text == "adaptive":
        return Adaptive()
    if text == "classic":
        return Sizes(CLASSIC)
    try:
        sizes = tuple(int(part) for part in text.rstrip(",. ").split(","))
    except ValueError as error:
        raise OptionError(
            f"queries are sizes such as 20 or 5,5,10,10,20, or {' or '.join(FORMS)}, got {text!r}."
            f"{near_miss(text, FORMS)}"
        ) from error
    return Sizes(sizes)


def overlap(before: Floats | None, now: Floats | None, open_rows: npt.NDArray[np.int64]) -> float:
    """Share of the most unsure open rows that were among the most unsure before the last answers, in [0, 1].

    Args:
        before: Chances of all rows before the last answers, shape (N, C); None where there was no model.
        now: Chances now.
        open_rows: Rows that can still be asked.

    Returns:
        NaN where there is no model to compare with, or nothing left to ask.
    """
    if before is None or now is None or not len(open_rows):
        return math.nan
    count = min(TOP, len(open_rows))
    first, second = (np.argpartition(-uncertainty(each[open_rows]), count - 1)[:count] for each in (before, now))
    return len(np.intersect1d(first, second)) / count
