"""What an evaluation found, as plain values: for a report, for JSON, for a test that a number still holds.

Measures are functions on arrays and know nothing of this; whoever evaluates collects their results here. A number
that hangs on chance stands with its interval, an average precision beside the share of positives that guessing gets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A number and how far it may be off.

    Attributes:
        value: As measured on all items; NaN where it is not defined.
        low: Lower end; NaN where no interval was asked for, or one cannot be given.
        high: Upper end, likewise.
        level: How often such an interval holds the truth, in (0, 1).
        note: Why there is no interval, or whatever else one must know; else empty.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a level that is none, and ends in the wrong order."""
        if not 0 < self.level < 1:
            raise TimelineError(f"a level must lie between 0 and 1, got {self.level}. Is it a percentage?")
        if self.low > self.high:
            raise TimelineError(f"an interval must not end before it begins, got {self.low} to {self.high}")


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of the whole.

    Attributes:
        name: As the field calls it, such as "GAP@20".
        result: With its interval.
        base: What an answer that knows nothing gets, such as the share of positives; NaN where there is no such number.
        meaning: One sentence.
    """

    name: str
    result: Interval
    base: float = math.nan
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the same items.

    Attributes:
        measure: As the field calls it.
        first: Name of one run.
        second: Name of the other.
        first_value: What the one got; NaN where it is not defined.
        second_value: What the other got.
        difference: First minus second, with its interval.
        share_below: Share of resamples in which the first got less than the second; NaN where nothing was drawn.
        p_value: Two-sided, in (0, 1]; NaN where nothing was drawn.
    """

    measure: str
    first: str
    second: str
    first_value: float
    second_value: float
    difference: Interval
    share_below: float = math.nan
    p_value: float = math.nan


@dataclass(frozen=True, slots=True)
class ClassRow:
    """What one class was like.

    Attributes:
        name: Of the class.
        positives: Items that have it.
        judged: Items of which somebody knows whether they have it.
        average_precision: Beside the base rate, `positives / judged`.
        roc_auc: NaN where one side is empty.
        threshold: The score from which on the class is said to be there, for the three below.
        precision: NaN where nothing was said to be there.
        recall: NaN where there was nothing to find.
        f1: NaN where both hold.
    """

    name: str
    positives: int
    judged: int
    average_precision: Interval
    roc_auc: float = math.nan
    threshold: float = math.nan
    precision: float = math.nan
    recall: float = math.nan
    f1: float = math.nan

    def __post_init__(self) -> None:
        """Refuse more positives than items."""
        if not 0 <= self.positives <= self.judged:
            raise TimelineError(
                f"positives of {self.name!r} must be among the judged, got {self.positives} of {self.judged}"
            )

    @property
    def base_rate(self) -> float:
        """Share of positives among the judged: the average precision of guessing."""
        return self.positives / self.judged if self.judged else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve to draw.

    Attributes:
        kind: "pr" (x recall, y precision), "roc" (x false, y true positive rate), "reliability" (x mean score, y share
            of positives, weights items of each bin), "labels" (x labels, y a measure, low and high its interval) or
            "time" (x seconds, y a measure).
        name: What it is of: a class, a model, a film.
        x: Shape (N,).
        y: Shape (N,).
        weights: Shape (N,), or (0,).
        low: Shape (N,), or (0,).
        high: Shape (N,), or (0,).
        measure: What y is, where the kind leaves it open.
    """

    kind: Literal["pr", "roc", "reliability", "labels", "time"]
    name: str
    x: Numbers
    y: Numbers
    weights: Numbers = field(default_factory=lambda: np.empty(0))
    low: Numbers = field(default_factory=lambda: np.empty(0))
    high: Numbers = field(default_factory=lambda: np.empty(0))
    measure: str = ""

    def __post_init__(self) -> None:
        """Refuse shapes that differ."""
        if self.x.ndim != 1 or self.x.shape != self.y.shape:
            raise TimelineError(
                f"a curve needs x and y of one shape (N,), got {self.x.shape} and {self.y.shape} of {self.name!r}"
            )
        for what in ("weights", "low", "high"):
            shape = getattr(self, what).shape
            if shape not in ((0,), self.x.shape):
                raise TimelineError(
                    f"a curve needs {what} of shape {self.x.shape} or none, got {shape} of {self.name!r}"
                )


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """Which class was taken for which.

    Attributes:
        classes: Names.
        amounts: Rows the reference, columns the estimate, shape (C, C): items, or seconds.
        unit: "items" or "seconds".
    """

    classes: tuple[str, ...]
    amounts: Numbers
    unit: Literal["items", "seconds"] = "items"

    def __post_init__(self) -> None:
        """Refuse amounts that do not fit the classes."""
        count = len(self.classes)
        if self.amounts.shape != (count, count):
            raise TimelineError(
                f"a confusion of {count} classes needs shape ({count}, {count}), got {self.amounts.shape}"
            )


@dataclass(frozen=True, slots=True)
class Mistake:
    """One of the worst errors, to be looked at.

    Attributes:
        item: What it happened on: a video id, a file with a time.
        reference: What is there, as people say it.
        estimated: What was said instead.
        score: How sure it was of that, or how far off.
        link: Where it can be seen, or empty.
    """

    item: str
    reference: str
    estimated: str
    score: float
    link: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """All that one evaluation found.

    Attributes:
        title: What was evaluated on what.
        items: How many items were measured.
        groups: How many groups they come from; items where each is its own.
        measures: Of the whole, in the order in which they are to be read.
        classes: One row for each class that was judged.
        curves: To draw.
        confusions: Which class was taken for which.
        mistakes: The worst first.
        facts: What else a reader must know, by name: the files, the policy on what was not judged, the seed.
        notes: What is doubtful, in sentences.
        comparisons: With other runs on the same items.
    """

    title: str
    items: int
    groups: int
    measures: tuple[Measured, ...] = ()
    classes: tuple[ClassRow, ...] = ()
    curves: tuple[Curve, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN and what is infinite become null, numbers of numpy plain ones."""
        values: dict[str, Any] = _plain(asdict(self))
        for row, mine in zip(values["classes"], self.classes, strict=True):
            row["base_rate"] = _plain(mine.base_rate)
        return values


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
