"""The best candidate, chosen out of fold, with the calibration that rows it had not seen ask for.

Folds keep groups whole and share classes out. Every candidate says what it makes of each row from a model fitted on
the other folds; what it says is calibrated, and the candidate with the least mean loss (minus the logarithm of the
chance of what is right) is taken, the first in order where two are as good. A loss tells more of few rows than a count
of right ones, and it asks for chances that can be believed. More folds than groups cannot be: fewer are made, and that
is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from cueline.errors import OptionError
from cueline.learning.clips.problems import Problem
from cueline.learning.clips.recipes import FOREST_WEIGHTS, Candidate, candidates, fit, members
from cueline.learning.clips.softmax import fit_calibration
from cueline.learning.splits import Split
from cueline.learning.stratified import stratified_folds
from cueline.models.clip_models import LEAST_LOG, log_softmax, raw_log_chances

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.float64]

_BETTER = 1e-3  # of a mean loss: less than that is no reason to leave a plainer candidate


@dataclass(frozen=True, slots=True)
class Search:
    """How a model is looked for.

    Attributes:
        recipes: Which are tried; all that can be where none is named.
        folds: How many, 2 or more; fewer where there are fewer groups.
        searches: How many draws of the options of a recipe that is searched at random.
        seed: Decides every draw.
    """

    recipes: tuple[str, ...] = ()
    folds: int = 5
    searches: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse fewer than two folds."""
        if self.folds < 2 or self.searches < 1:
            raise OptionError(f"a search has 2 folds and 1 draw or more, got {self.folds} and {self.searches}")


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """One candidate, out of fold.

    Attributes:
        candidate: Which.
        loss: Mean of minus the logarithm of the calibrated chance of what is right.
        accuracy: Share of rows whose likeliest class is right.
    """

    candidate: Candidate
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The best candidate, fitted on all rows it was chosen on.

    Attributes:
        candidate: Which.
        arrays: Its weights, with those of the calibration.
        chances: Calibrated, of each row from a model that had not seen it, shape (N, C).
        tried: All candidates, in the order in which they were tried.
        folds: How many there were.
        notes: What was wanting.
    """

    candidate: Candidate
    arrays: Mapping[str, Array]
    chances: Numbers
    tried: tuple[Tried, ...]
    folds: int
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Chosen({self.candidate}, of {len(self.tried)}, {len(self.chances)} rows)"


def choose(problem: Problem, search: Search | None = None) -> Chosen:
    """Try candidates out of fold, take the best, fit it on all rows.

    Args:
        problem: Rows of two classes or more in two groups or more.
        search: How to look; the usual way if None.

    Raises:
        OptionError: If all rows are of one class or one group, or a recipe cannot be.
    """
    search = search or Search()
    with threadpool_limits(1):  # so little is multiplied at a time that threads would only wait for one another
        return _choose(problem, search)


def _choose(problem: Problem, search: Search) -> Chosen:
    splits, notes = folds_of(problem, folds=search.folds, seed=search.seed)
    best: tuple[float, Candidate, Numbers, dict[str, Array]] | None = None
    tried = []
    for candidate in candidates(problem, search.recipes, searches=search.searches, seed=search.seed):
        logs, extra = out_of_fold_logs(candidate, problem, splits, seed=search.seed)
        slope, offsets = fit_calibration(logs, problem.labels)
        chances = np.exp(log_softmax(logs * slope + offsets))
        right = chances[np.arange(len(problem)), problem.labels]
        loss = float(-np.log(np.maximum(right, LEAST_LOG)).mean())
        tried.append(Tried(candidate, loss, float((chances.argmax(axis=1) == problem.labels).mean())))
        if best is None or loss < best[0] - _BETTER:
            best = loss, candidate, chances, {**extra, "slope": slope, "offsets": offsets}
    assert best is not None  # there is always a candidate
    _, candidate, chances, extra = best
    arrays = {**fit(candidate, problem, seed=search.seed), **extra}
    return Chosen(candidate, arrays, chances, tuple(tried), len(splits), notes)


def folds_of(problem: Problem, *, folds: int, seed: int) -> tuple[tuple[Split, ...], tuple[str, ...]]:
    """Splits that keep groups whole and share classes out, and what is wanting in them.

    Raises:
        OptionError: If all rows are of one class, or of one group.
    """
    there = np.flatnonzero(problem.counts)
    if len(there) < 2:
        name = problem.classes[int(there[0])] if len(there) else "none"
        raise OptionError(
            f"to tell classes apart takes clips of two or more, got {len(problem)} of the class {name!r} alone. "
            "Label clips of another class too."
        )
    groups = len(set(problem.groups))
    if groups < 2:
        raise OptionError(
            f"to judge a model takes clips of two groups or more, got {len(problem)} of the group "
            f"{problem.groups[0]!r} alone. Label other programmes too, or say with --group-by what a group is."
        )
    notes = [f"{groups} groups give {groups} folds, not {folds}"] if groups < folds else []
    found = stratified_folds(
        problem.yes, folds=min(folds, groups), seed=seed, groups=problem.numbers, classes=problem.classes
    )
    lonely = [short for short in found.short if short.groups == 1]
    notes += [
        f"{short.name!r}: all {short.positives} clips are of one group, so that none is left to learn from when it is "
        "judged; its figures are those of a class never heard before"
        for short in lonely
    ]
    return found.splits, tuple(notes)


def out_of_fold_logs(
    candidate: Candidate, problem: Problem, splits: Sequence[Split], *, seed: int
) -> tuple[Numbers, dict[str, Array]]:
    """Log-chances of every row from a model that had not seen it, not calibrated, shape (N, C).

    Returns:
        With them the arrays that only such rows can choose: the weight of the forest in a vote.
    """
    if candidate.recipe != "vote":
        logs = np.empty((len(problem), len(problem.classes)))
        for split in splits:
            arrays = fit(candidate, problem.take(split.learn), seed=seed)
            logs[split.apart] = raw_log_chances(candidate.kind, problem.values[split.apart], arrays)
        return logs, {}
    forest, boosted = np.empty((2, len(problem), len(problem.classes)))
    for split in splits:
        arrays = fit(candidate, problem.take(split.learn), seed=seed)
        forest[split.apart], boosted[split.apart] = members(arrays, problem.values[split.apart])
    votes = [np.log(np.maximum(share * forest + (1 - share) * boosted, LEAST_LOG)) for share in FOREST_WEIGHTS]
    losses = [-logs[np.arange(len(problem)), problem.labels].mean() for logs in votes]
    best = int(np.argmin(losses))
    return votes[best], {"forest_weight": np.array([FOREST_WEIGHTS[best]])}
