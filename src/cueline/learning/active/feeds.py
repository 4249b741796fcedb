"""Feeds: the likeliest, the least likely, those on the border and some by chance, alone or in equal parts.

People who label see at once what a model believes: in `positive` what it calls a yes, in `negative` what it is sure is
none, in `borderline` what lies at its threshold. `feeds` mixes the three with rows drawn by chance, one of each in
turn, so that nobody looks at one kind of clip alone and the model's blind spots are met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cueline.learning.active.asking import Floats, Known, Rows
from cueline.learning.active.picking import best, in_turn, picked
from cueline.learning.active.uncertainty import uncertainty


@dataclass(frozen=True, slots=True)
class _Feed:
    """One feed or several in turn.

    Attributes:
        kinds: Of positive, negative, borderline and random, those that take turns.
    """

    name: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]]

    def study(self, values: Floats, *, seed: int) -> _Feed:  # noqa: ARG002
        """Look at nothing beforehand."""
        return self

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """One row of each feed in turn."""

        def own(rows: Rows, chances: Floats, mine: int) -> Rows:
            orders = [order for kind in self.kinds for order in _orders(kind, rows, chances, mine, rng)]
            return in_turn(orders, mine)

        return picked(known, count, rng, own)


def _orders(kind: str, rows: Rows, chances: Floats, count: int, rng: np.random.Generator) -> list[Rows]:
    """Rows in the order of a feed: one for each class where the feed is about classes."""
    if kind == "random":
        return [rng.choice(rows, min(count, len(rows)), replace=False)]
    if kind == "borderline":
        return [best(rows, uncertainty(chances[rows]), count, rng)]
    sign = 1 if kind == "positive" else -1
    return [in_turn([best(rows, sign * column[rows], count, rng) for column in chances.T], count)]


@dataclass(frozen=True, slots=True)
class Positive(_Feed):
    """The likeliest."""

    name: ClassVar[str] = "positive"
    kinds: ClassVar[tuple[str, ...]] = ("positive",)


@dataclass(frozen=True, slots=True)
class Negative(_Feed):
    """The least likely."""

    name: ClassVar[str] = "negative"
    kinds: ClassVar[tuple[str, ...]] = ("negative",)


@dataclass(frozen=True, slots=True)
class Borderline(_Feed):
    """Those at the threshold: what `margin` asks, under the name that the feeds go by."""

    name: ClassVar[str] = "borderline"
    kinds: ClassVar[tuple[str, ...]] = ("borderline",)


@dataclass(frozen=True, slots=True)
class Feeds(_Feed):
    """All of them and chance, in equal parts."""

    name: ClassVar[str] = "feeds"
    kinds: ClassVar[tuple[str, ...]] = ("positive", "borderline", "negative", "random")
