"""What training tells while it runs: signs of life within an epoch, and what each epoch came to."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life within an epoch.

    Attributes:
        member: Which network, from 1.
        members: How many networks there will be.
        epoch: From 1.
        epochs: Of each network.
        rows: Seen in this epoch.
        of_rows: To see in this epoch.
        rows_per_second: Since training began or went on.
        seconds_left: Of the whole, about.
    """

    member: int
    members: int
    epoch: int
    epochs: int
    rows: int
    of_rows: int
    rows_per_second: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch came to, measured on rows that its network did not learn from.

    Attributes:
        member: Which network, from 1.
        number: From 1.
        loss: Mean over the rows learned from, summed over classes, in nats.
        gap: GAP@20.
        hit_at_1: Share of rows whose best class is right.
        hit_at_5: Share of rows with a right class among the best 5.
        hit_at_20: Likewise for 20.
        best: Whether no epoch of this network before had a greater GAP.
    """

    member: int
    number: int
    loss: float
    gap: float
    hit_at_1: float
    hit_at_5: float
    hit_at_20: float
    best: bool


Told = Callable[[Beat | Epoch], None]


def silent(_: Beat | Epoch) -> None:
    """Tell nobody."""


class Pace:
    """How fast rows are learned from, and how long the rest will take."""

    def __init__(self, rows_left: int) -> None:
        """The clock starts now."""
        self._began = time.monotonic()
        self._rows = 0
        self._left = rows_left

    def step(self, rows: int) -> None:
        """Some more rows were seen."""
        self._rows += rows

    def skip(self, rows: int) -> None:
        """Some rows were seen by an earlier run; they say nothing about how fast this one is."""
        self._left -= rows

    @property
    def rows_per_second(self) -> float:
        """Since the clock started."""
        return self._rows / max(time.monotonic() - self._began, 1e-6)

    @property
    def seconds_left(self) -> float:
        """At the pace so far."""
        return max(self._left - self._rows, 0) / max(self.rows_per_second, 1e-6)
