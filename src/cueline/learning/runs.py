"""What a simulated labelling needs and gives, as plain values: known answers, a plan that all share, a curve.

    Truth   rows whose answers are known: a pool that is asked about, or test rows
    Plan    how a run begins, asks and ends
    Run     what one run found after each query

`cueline.learning.simulation` plays runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.asking import YES, Floats, Verdicts
from cueline.learning.active.schedules import Schedule

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Rows whose answers are known.

    Attributes:
        values: Prepared features, finite, shape (N, D).
        answers: YES, NO or UNKNOWN where nobody can say, shape (N, C).
    """

    values: Floats
    answers: Verdicts

    def __post_init__(self) -> None:
        """Refuse answers about other rows."""
        if self.values.ndim != 2 or self.answers.ndim != 2 or len(self.values) != len(self.answers):
            raise TimelineError(
                f"features (N, D) and answers (N, C) must be of the same rows, got {self.values.shape} and "
                f"{self.answers.shape}"
            )

    def __repr__(self) -> str:
        """Sizes, not contents."""
        positives = np.count_nonzero(self.answers == YES)
        return f"Truth({len(self.values)} rows, {self.answers.shape[1]} classes, {positives} positives)"


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run goes, the same for all strategies.

    Attributes:
        budget: Labels at the end.
        schedule: How many rows each query asks for.
        start: Rows drawn by chance to begin with.
        positives: Rows known to be positive to begin with, of each class.
        exclusive: Whether a row has exactly one class, so that the greatest chance is the answer: F1 and accuracy.
    """

    budget: int
    schedule: Schedule
    start: int = 5
    positives: int = 1
    exclusive: bool = False

    def __post_init__(self) -> None:
        """Refuse numbers that cannot be."""
        if self.budget < 1 or self.start < 0 or self.positives < 0 or self.start + self.positives < 1:
            raise OptionError(
                "a run begins with one row or more and ends with one label or more, got start "
                f"{self.start}, positives {self.positives} and budget {self.budget}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What one run found, after the first rows and after each of Q - 1 queries.

    Attributes:
        labels: Answers that were given, shape (Q,).
        ap: Average precision of each class on the test rows, shape (Q, C).
        f1: Mean F1 over classes, shape (Q,); NaN unless classes are exclusive.
        accuracy: Share of test rows whose class is right, likewise.
        found: Positives among the rows that were asked, shape (Q, C).
        inferred: Answers that followed from others, shape (Q,).
        choose_seconds: To choose the rows of the query, shape (Q,); NaN for the first rows.
        fit_seconds: To fit the model and to score the pool and the test rows, shape (Q,).
    """

    labels: Counts
    ap: Numbers
    f1: Numbers
    accuracy: Numbers
    found: Counts
    inferred: Counts
    choose_seconds: Numbers
    fit_seconds: Numbers

    def __repr__(self) -> str:
        """Where it ended."""
        return f"Run({self.labels[-1]} labels in {len(self.labels) - 1} queries, AP {self.ap[-1].mean():.3f})"
