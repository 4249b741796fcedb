"""Labelling played through on clips whose answers are known: one strategy, one seed, one learning curve.

The true answers stand in for the people. A run begins with a few rows, fits a model on what is answered, measures it on
rows that nobody is ever asked about, lets the strategy choose the next rows, answers them, and so on until the budget
is spent. Every strategy begins with the same rows for the same seed, so that their curves differ by what they ask.

    first_rows   the rows a run begins with: some known to be positive, others drawn by chance
    simulated    asker, pool and test rows -> `Run`

What counts as a label is a row that a person answers, the first rows among them. Answers that follow from others
without being asked teach the model with less weight, and count as no label. Rows of which nobody knows any answer are
in the pool for strategies to look at, and are never asked.

The rows known to be positive are "somebody has one clip in mind": without one a rare class has no positive for hundreds
of labels, whatever the strategy. They are drawn by the seed from all positives of the pool. A run without any is
possible; its strategies see no model until they find one.

The test rows choose nothing: not the next rows, not the model's strength, not when to stop.

References:
    I. Guyon, G. Cawley, G. Dror and V. Lemaire, 2011, Results of the active learning challenge: one known positive.
    D. Cohn, Z. Ghahramani and M. Jordan, 1996, Active learning with statistical models: curves on rows apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, PluginError, TimelineError
from cueline.evaluation.classification import average_scores, class_scores
from cueline.evaluation.ranking import average_precision
from cueline.learning.active.asking import UNKNOWN, YES, Asker, Floats, Infers, Known, Rows, Verdicts
from cueline.learning.active.few import FewLabels, fit_few
from cueline.learning.active.schedules import Sizes, overlap
from cueline.learning.runs import Counts, Numbers, Plan, Run, Truth

MOST_INFERRED = 1000  # rows that teach, with a class and without; of more, those at equal steps


class _Measured(NamedTuple):
    ap: Numbers
    f1: float
    accuracy: float


class _Point(NamedTuple):
    labels: int
    measured: _Measured
    found: Counts
    inferred: int
    choose_seconds: float
    fit_seconds: float


Told = Callable[[int], object]


def first_rows(answers: Verdicts, *, start: int, positives: int, seed: int) -> Rows:
    """The rows that a run begins with: for each class some that have it, then others by chance.

    There are always `start` rows and `positives` for each class, or all whose answers are known: where a class has
    fewer positives left, rows drawn by chance take their place.

    Args:
        answers: YES, NO or UNKNOWN, shape (N, C).
        start: Rows by chance.
        positives: Rows of each class.
        seed: Decides the draw, and nothing else does but the answers.

    Returns:
        Each once, those known to be positive first.

    Example:
        >>> first_rows(np.array([[0], [0], [1], [0]], np.int8), start=1, positives=1, seed=0).tolist()
        [2, ...]
    """
    rng = np.random.default_rng([seed, 0])
    order = rng.permutation(np.flatnonzero(_known(answers)))
    taken: list[int] = []
    for column in answers[order].T:
        mine = order[column == YES]
        taken += mine[~np.isin(mine, taken)][:positives].tolist()
    rest = order[~np.isin(order, taken)]
    count = min(len(order), start + positives * answers.shape[1])
    return np.concatenate([np.array(taken, np.int64), rest[: count - len(taken)]])


def simulated(asker: Asker, pool: Truth, test: Truth, plan: Plan, *, seed: int, told: Told | None = None) -> Run:
    """Play one strategy through.

    Args:
        asker: A strategy that has studied the values of the pool.
        pool: Rows that can be asked about.
        test: Rows that models are measured on.
        plan: Numbers that are the same for all strategies.
        seed: Decides the first rows and all draws.
        told: Hears how many labels were given, after each query.

    Returns:
        One point for the first rows and one for each query.

    Raises:
        OptionError: If the first rows or the budget are more than the pool or than one another.
        PluginError: If the strategy chooses rows that were asked already, other rows, or too few.
        TimelineError: If pool and test are about different classes or features.
    """
    _refuse(pool, test, plan)
    chance = np.random.default_rng([seed, 1])
    rows = first_rows(pool.answers, start=plan.start, positives=plan.positives, seed=seed)
    state = _State(pool, test, plan)
    state.answer(rows, asker, np.nan)
    while len(state.asked) < plan.budget:
        known, count = state.known(), state.next_size()
        begun = time.perf_counter()
        rows = asker.choose(known, count, chance)
        seconds = time.perf_counter() - begun
        _refuse_rows(asker, known, np.asarray(rows), count)
        state.answer(np.asarray(rows, np.int64), asker, seconds)
        if told is not None:
            told(len(state.asked))
    return state.run()


class _State:
    """A run so far."""

    def __init__(self, pool: Truth, test: Truth, plan: Plan) -> None:
        self.pool, self.test, self.plan = pool, test, plan
        self.answers = np.full(pool.answers.shape, UNKNOWN, np.int8)
        self.seen = ~_known(pool.answers)
        self.asked: list[int] = []
        self.before: Floats | None = None
        self.chances: Floats | None = None
        self.points: list[_Point] = []

    def known(self) -> Known:
        """What a strategy is told; copies, since it may keep them."""
        return Known(self.pool.values, self.answers.copy(), self.chances, None, self.seen.copy())

    def next_size(self) -> int:
        """How many rows to ask for."""
        queries, schedule = len(self.points) - 1, self.plan.schedule
        last = self.points[-1].labels - self.points[-2].labels if queries else 0
        # Of fixed sizes nobody needs to know how much the ranking changed.
        alike = (
            np.nan if isinstance(schedule, Sizes) else overlap(self.before, self.chances, np.flatnonzero(~self.seen))
        )
        return min(schedule.size(queries, last=last, alike=alike), self.plan.budget - len(self.asked))

    def answer(self, rows: Rows, asker: Asker, seconds: float) -> None:
        """Give the answers of rows, fit, measure."""
        self.asked += rows.tolist()
        self.seen[rows] = True
        self.answers[rows] = self.pool.answers[rows]
        begun = time.perf_counter()
        model, inferred = self._fit(asker)
        self.before = self.chances
        self.chances = model.chances(self.pool.values) if model.fitted.any() else None
        measured = _measured(model.chances(self.test.values), self.test.answers, exclusive=self.plan.exclusive)
        found = np.count_nonzero(self.answers == YES, axis=0)
        spent = time.perf_counter() - begun
        self.points.append(_Point(len(self.asked), measured, found, inferred, seconds, spent))

    def _fit(self, asker: Asker) -> tuple[FewLabels, int]:
        # In rising order, so that the same answers give the same model to the last bit.
        rows = np.sort(self.asked)
        answers = self.answers[rows]
        if not isinstance(asker, Infers):
            return fit_few(self.pool.values[rows], answers), 0
        follows = asker.inferred(self.known())
        few = _few_of(follows.answers)
        rows = np.concatenate((rows, follows.rows[few]))
        answers = np.concatenate((answers, follows.answers[few]))
        weights = np.concatenate((np.ones(len(self.asked)), follows.weights(few, asked=len(self.asked))))
        return fit_few(self.pool.values[rows], answers, weights=weights), len(follows.rows)

    def run(self) -> Run:
        """Everything so far."""
        parts = {name: np.array([getattr(point, name) for point in self.points]) for name in _Point._fields[2:]}
        ap, f1, accuracy = (np.array(part) for part in zip(*(point.measured for point in self.points), strict=True))
        return Run(np.array([point.labels for point in self.points]), ap, f1, accuracy, **parts)


def _known(answers: Verdicts) -> npt.NDArray[np.bool_]:
    known: npt.NDArray[np.bool_] = (answers != UNKNOWN).any(axis=1)
    return known


def _few_of(answers: Verdicts) -> Rows:
    """Of answers that follow, those that teach: so many with a class and so many without, at equal steps."""
    has = (answers == YES).any(axis=1)
    sides = [np.flatnonzero(has), np.flatnonzero(~has)]
    return np.sort(np.concatenate([side[:: -(-len(side) // MOST_INFERRED) or 1] for side in sides]))


def _measured(chances: Floats, answers: Verdicts, *, exclusive: bool) -> _Measured:
    reference, judged = answers == YES, answers != UNKNOWN
    ap = np.atleast_1d(average_precision(reference, chances, judged=None if judged.all() else judged))
    if not exclusive:
        return _Measured(ap, np.nan, np.nan)
    chosen = chances.argmax(axis=1)
    right = reference[np.arange(len(chosen)), chosen]
    said = np.zeros(chances.shape)
    said[np.arange(len(chosen)), chosen] = 1
    f1 = average_scores(class_scores(reference, said, undefined=0.0)).f1
    return _Measured(ap, f1, float(right.mean()))


def _refuse(pool: Truth, test: Truth, plan: Plan) -> None:
    if pool.values.shape[1] != test.values.shape[1] or pool.answers.shape[1] != test.answers.shape[1]:
        raise TimelineError(
            f"pool and test rows must have the same features and classes, got {pool.values.shape[1]} and "
            f"{test.values.shape[1]} numbers, {pool.answers.shape[1]} and {test.answers.shape[1]} classes"
        )
    first, most = plan.start + plan.positives * pool.answers.shape[1], np.count_nonzero(_known(pool.answers))
    if not first <= plan.budget <= most:
        raise OptionError(
            f"a budget must lie between the {first} first rows and the {most:,} rows of the pool whose answers are "
            f"known, got {plan.budget:,}"
        )


def _refuse_rows(asker: Asker, known: Known, rows: Rows, count: int) -> None:
    fits = rows.ndim == 1 and np.issubdtype(rows.dtype, np.integer) and len(rows) == count
    fits = fits and len(np.unique(rows)) == count and rows.min() >= 0 and rows.max() < len(known.seen)
    if not fits or known.seen[rows].any():
        raise PluginError(
            f"{type(asker).__name__} must choose {count} open rows of {len(known.seen):,}, each once, got "
            f"{rows.dtype} of shape {rows.shape}{' with rows that were asked already' if fits else ''}"
        )
