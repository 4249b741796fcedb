"""A model of clips from labelled rows, and honest figures of it: groups that judge it chose nothing of it.

Where there are groups enough, some are kept apart for good: they take no part in the choice nor in the fit, and an
update of the model is judged on the same ones later. Where there are few, keeping some apart would leave too few to
learn from, and a figure of five clips says nothing: all groups are judged by turns, each by a model that was chosen and
fitted without them, choice and all; the model that is kept is then chosen and fitted on all rows. Its figures are those
of the way it was made.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError
from cueline.learning.clips.choosing import Chosen, Search, choose, folds_of
from cueline.learning.clips.drift import reference_of
from cueline.learning.clips.problems import CURVE, Problem, problem_hash
from cueline.learning.clips.recipes import Candidate
from cueline.learning.stratified import stratified_split
from cueline.models.clip_cards import ClipCard
from cueline.models.clip_models import ClipModel, log_softmax, raw_log_chances

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

TEST_SHARE = 0.2
LEAST_GROUPS, LEAST_OF_CLASS = 40, 8  # below which no groups are kept apart
_INNER_FOLDS = 4  # of the choice, where all groups are judged by turns


@dataclass(frozen=True, slots=True, eq=False)
class TrainedClips:
    """A model and what it was judged by.

    Attributes:
        model: The model; its card knows no measures yet.
        chosen: How it was chosen.
        chances: Of every row from a model that had not seen its group, shape (N, C).
        judged: The rows that judge it, rising: those of the groups kept apart, or all.
        by_turns: Whether all groups were judged by turns.
        notes: What was wanting.
    """

    model: ClipModel
    chosen: Chosen
    chances: Numbers
    judged: Rows
    by_turns: bool
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        how = "by turns" if self.by_turns else "kept apart"
        return f"TrainedClips({self.chosen.candidate}, judged on {len(self.judged)} clips {how})"


def train_clips(
    problem: Problem,
    *,
    seconds: float,
    search: Search | None = None,
    test_share: float | None = None,
    test_groups: Collection[str] | None = None,
) -> TrainedClips:
    """Choose, fit and judge.

    Args:
        problem: Labelled rows.
        seconds: How long the clips are.
        search: How the model is looked for.
        test_share: Share of the rows in groups kept apart, in (0, 1); 0 judges all groups by turns; None decides by
            how many groups there are.
        test_groups: Keep just these groups apart, as an earlier model did.

    Raises:
        OptionError: If all rows are of one class or one group, in all or in those to learn from.
    """
    search = search or Search()
    folds_of(problem, folds=search.folds, seed=search.seed)  # refuses what nobody can judge, in all the rows' words
    apart = _kept_apart(problem, search, test_share, test_groups)
    if not len(apart):
        return _by_turns(problem, seconds, search)
    learn = np.setdiff1d(np.arange(len(problem)), apart)
    own = problem.take(learn)
    chosen = choose(own, search)
    model = _model(own, chosen, seconds, search, tuple(sorted({problem.groups[row] for row in apart.tolist()})))
    chances = np.empty((len(problem), len(problem.classes)))
    chances[learn] = chosen.chances
    chances[apart] = calibrated(chosen, problem.take(apart))
    return TrainedClips(model, chosen, chances, apart, by_turns=False, notes=chosen.notes)


def calibrated(chosen: Chosen, problem: Problem) -> Numbers:
    """What the model that was chosen says of rows with all inputs, shape (N, C)."""
    logs = raw_log_chances(chosen.candidate.kind, problem.values, chosen.arrays)
    return np.exp(log_softmax(logs * chosen.arrays["slope"] + chosen.arrays["offsets"]))


def wanted_inputs(candidate: Candidate, problem: Problem) -> Problem:
    """The problem with the inputs alone that a candidate looks at."""
    tracks = [one.track for one in problem.inputs if candidate.uses_shipped or one.track != CURVE]
    if candidate.uses_shipped and math.isinf(candidate.options["sound"]):
        tracks = [CURVE]
    return problem.only(tracks)


def _kept_apart(
    problem: Problem, search: Search, share: float | None, names: Collection[str] | None
) -> npt.NDArray[np.int64]:
    if names is not None:
        wanted = set(names)
        return np.flatnonzero([group in wanted for group in problem.groups])
    if share is None:
        share = TEST_SHARE if _enough(problem) else 0.0
    if not 0 <= share < 1:
        raise OptionError(f"the share kept apart must lie between 0 and 1, got {share}. Is it a percentage?")
    if not share:
        return np.empty(0, np.int64)
    parted = stratified_split(
        problem.yes, share=share, seed=search.seed, groups=problem.numbers, classes=problem.classes
    )
    return parted.splits[0].apart


def _enough(problem: Problem) -> bool:
    """Whether some groups can be spared: enough of them, and enough of each of two classes."""
    numbers = problem.numbers
    of_class = [len(np.unique(numbers[problem.labels == label])) for label in range(len(problem.classes))]
    return len(np.unique(numbers)) >= LEAST_GROUPS and sum(count >= LEAST_OF_CLASS for count in of_class) >= 2


def _by_turns(problem: Problem, seconds: float, search: Search) -> TrainedClips:
    splits, notes = folds_of(problem, folds=search.folds, seed=search.seed)
    chances = np.empty((len(problem), len(problem.classes)))
    inner = replace(search, folds=min(search.folds, _INNER_FOLDS))
    for split in splits:
        chances[split.apart] = _of_others(problem.take(split.learn), problem.take(split.apart), inner)
    chosen = choose(problem, search)
    model = _model(problem, chosen, seconds, search, ())
    rows = np.arange(len(problem))
    return TrainedClips(model, chosen, chances, rows, by_turns=True, notes=(*notes, *_alone(problem, splits)))


def _of_others(learn: Problem, apart: Problem, search: Search) -> Numbers:
    """Chances of rows apart, from a model that was chosen and fitted on others; shares where nothing can be chosen."""
    if np.count_nonzero(learn.counts) < 2 or len(set(learn.groups)) < 2:
        share = (learn.counts + 1) / (len(learn) + len(learn.classes))
        return np.repeat(share[None], len(apart), axis=0)
    return calibrated(choose(learn, search), apart)


def _alone(problem: Problem, splits: Any) -> list[str]:
    bare = sum(
        np.count_nonzero(problem.take(split.learn).counts) < 2 or len(set(problem.take(split.learn).groups)) < 2
        for split in splits
    )
    return [f"in {bare} of {len(splits)} turns too little was left to learn from: shares were said"] if bare else []


def _model(problem: Problem, chosen: Chosen, seconds: float, search: Search, test_groups: tuple[str, ...]) -> ClipModel:
    candidate = chosen.candidate
    own = wanted_inputs(candidate, problem)
    drift, limit = reference_of(own.values)
    card = ClipCard(
        inputs=own.inputs,
        classes=problem.classes,
        seconds=seconds,
        recipe={"name": candidate.recipe, "kind": candidate.kind, **_plain(candidate.options)},
        seed=search.seed,
        data={
            "rows": len(problem),
            "groups": len(set(problem.groups)),
            "classes": dict(zip(problem.classes, problem.counts.tolist(), strict=True)),
            "sha256": problem_hash(problem),
            "test_groups": list(test_groups),
        },
        drift={"limit": limit},
    )
    return ClipModel(card, {**_of_columns(chosen, problem, own), **drift})


def _of_columns(chosen: Chosen, problem: Problem, own: Problem) -> dict[str, npt.NDArray[Any]]:
    """Weights for the columns alone that the model looks at."""
    arrays = dict(chosen.arrays)
    kept = np.concatenate([problem.columns(one.track) for one in own.inputs])
    place = {int(column): number for number, column in enumerate(kept)}
    for name in ("columns", "kinds"):
        if name in arrays:
            arrays[name] = np.array([place[column] for column in arrays[name].tolist() if column in place], np.int64)
    for name in ("mean", "scale", "weights"):
        if name in arrays:
            arrays[name] = arrays[name][kept]
    return {name: array.astype(np.float32) if array.dtype == np.float64 else array for name, array in arrays.items()}


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that JSON can hold: null for what is infinite, a number that never moves."""
    return {name: None if isinstance(value, float) and math.isinf(value) else value for name, value in options.items()}
