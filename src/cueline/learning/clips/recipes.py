"""Three ways to learn a class of clips, and the options that are tried of each.

    adapted    the shipped model's verdict, corrected: its log-chances keep their weights unless rows speak against
               them, and numbers of the sound may add to them a little; the first candidate is the shipped verdict as
               it is, so that few labels help and none hurt
    logistic   logistic regression on scaled numbers of the sound, classes balanced, its strength chosen
    vote       a random forest and gradient boosted trees, whose chances are averaged by weights chosen out of fold

Each tries a few candidates, the plainest first. What a candidate gives is arrays for `cueline.models.clip_models`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, near_miss
from cueline.learning.clips.problems import CURVE, Problem
from cueline.learning.clips.softmax import fit_softmax
from cueline.learning.clips.votes import grow_boosted, grow_forest
from cueline.models.clip_models import boosted_chances, standardised
from cueline.models.clip_verdicts import KINDS
from cueline.models.forests import boosted_scores, forest_chances

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.float64]

RECIPES = ("adapted", "logistic", "vote")  # the plainest first: it wins where two do as well
STRENGTHS = (0.001, 0.01, 0.1, 1.0)  # C of logistic regression: small is strong
NEAR = ((math.inf, math.inf), (30.0, math.inf), (3.0, math.inf), (30.0, 300.0), (3.0, 100.0), (3.0, 30.0))
FOREST_WEIGHTS = (1 / 3, 0.5, 2 / 3, 0.0, 1.0)  # the first is what forests and boosted trees had in the old ensemble
TREES, ROUNDS = 100, 60
_LEAST_SPREAD = 1e-9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recipe with its options.

    Attributes:
        recipe: One of `RECIPES`.
        options: Plain values.
    """

    recipe: str
    options: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """How its arrays are worked out: a name of `cueline.models.clip_models.KINDS`."""
        return "vote" if self.recipe == "vote" else "softmax"

    @property
    def uses_shipped(self) -> bool:
        """Whether it looks at what the shipped model says."""
        return self.recipe == "adapted"

    def __str__(self) -> str:
        """As tables show it."""
        said = (f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in self.shown())
        return f"{self.recipe} ({', '.join(said)})"

    def shown(self) -> list[tuple[str, Any]]:
        """Options by name, without those that never change."""
        return [(name, value) for name, value in self.options.items() if name not in ("trees", "rounds")]


def candidates(problem: Problem, recipes: Sequence[str] = (), *, searches: int = 3, seed: int = 0) -> list[Candidate]:
    """What is tried.

    Args:
        problem: What there is to learn; recipes that need the shipped model's chances are tried where rows have them.
        recipes: Some of `RECIPES`; all that can be where none is named.
        searches: How many draws of the options of "vote".
        seed: Of the draws.

    Raises:
        OptionError: If there is no such recipe, or rows lack what it needs.
    """
    for name in recipes:
        if name not in RECIPES:
            raise OptionError(f"a recipe is one of {', '.join(RECIPES)}, got {name!r}.{near_miss(name, RECIPES)}")
    if "adapted" in recipes and not len(problem.places):
        raise OptionError(f"the recipe adapted needs the track {CURVE!r}, which these clips do not have")
    wanted = recipes or [name for name in RECIPES if name != "adapted" or len(problem.places)]
    found: list[Candidate] = []
    for name in RECIPES:
        if name in wanted:
            found += _TRIED[name](problem, searches, seed)
    return found


def _adapted(problem: Problem, searches: int, seed: int) -> list[Candidate]:  # noqa: ARG001  # all have one signature
    known = sum(map(bool, problem.kinds)) >= 2  # else the shipped verdict says nothing of these classes
    return [Candidate("adapted", {"verdict": mine, "sound": sound}) for mine, sound in NEAR[0 if known else 1 :]]


def _logistic(problem: Problem, searches: int, seed: int) -> list[Candidate]:  # noqa: ARG001
    return [Candidate("logistic", {"C": strength}) for strength in STRENGTHS]


def _vote(problem: Problem, searches: int, seed: int) -> list[Candidate]:  # noqa: ARG001
    chance = np.random.default_rng(seed)
    plain = {"trees": TREES, "least_leaf": 1, "features": "sqrt", "rounds": ROUNDS, "rate": 0.1, "depth": 3}
    drawn = [
        {
            **plain,
            "least_leaf": int(chance.choice([1, 2, 4])),
            "features": [0.1, "sqrt", 0.3][int(chance.integers(3))],
            "rate": float(chance.choice([0.03, 0.05, 0.1, 0.2])),
            "depth": int(chance.integers(2, 5)),
        }
        for _ in range(searches - 1)
    ]
    return [Candidate("vote", options) for options in (plain, *drawn)]


_TRIED = {"adapted": _adapted, "logistic": _logistic, "vote": _vote}


def fit(candidate: Candidate, problem: Problem, *, seed: int) -> dict[str, Array]:
    """Learn from all rows of a problem.

    Args:
        candidate: How.
        problem: From what.
        seed: Decides every draw.

    Returns:
        Arrays for `raw_log_chances` on the same columns; those of "vote" lack the weight of the forest.
    """
    if candidate.recipe == "vote":
        return _grown(candidate, problem, seed)
    return _fit_adapted(candidate, problem) if candidate.uses_shipped else _fit_logistic(candidate, problem)


def _grown(candidate: Candidate, problem: Problem, seed: int) -> dict[str, Array]:
    columns, classes = _sound(problem), len(problem.classes)
    x = np.ascontiguousarray(problem.values[:, columns], np.float32)
    arrays: dict[str, Array] = {"columns": columns}
    for name, grow in (("forest", grow_forest), ("boosted", grow_boosted)):
        trees = grow(x, problem.labels, classes=classes, seed=seed, options=candidate.options)
        arrays |= {f"{name}.{part}": array for part, array in trees.items()}
    return arrays


def members(arrays: Mapping[str, Array], values: npt.NDArray[np.float32]) -> tuple[Numbers, Numbers]:
    """What the forest and the boosted trees say apart, chances of shape (N, C) each, to choose their weights by."""
    x = np.ascontiguousarray(values[:, arrays["columns"]], np.float32)
    parts: dict[str, dict[str, Array]] = {"forest": {}, "boosted": {}}
    for name, array in arrays.items():
        part, dot, rest = name.partition(".")
        if dot:
            parts[part][rest] = array
    return forest_chances(x, parts["forest"]), boosted_chances(boosted_scores(x, parts["boosted"]))


def _fit_logistic(candidate: Candidate, problem: Problem) -> dict[str, Array]:
    columns = _sound(problem)
    arrays = _scaling(problem, columns)
    counts = np.maximum(problem.counts, 1)
    counted = (len(problem) / (np.count_nonzero(problem.counts) * counts))[problem.labels]
    precision = np.full(len(columns), 1 / candidate.options["C"])
    x = standardised(problem.values, arrays)[:, columns]
    classes = len(problem.classes)
    inner, bias = fit_softmax(x, problem.labels, classes=classes, precision=precision, counted=counted)
    weights = np.zeros((problem.values.shape[1], classes))
    weights[columns] = inner
    return {**arrays, "weights": weights.astype(np.float32), "bias": bias.astype(np.float32)}


def _fit_adapted(candidate: Candidate, problem: Problem) -> dict[str, Array]:
    arrays = _scaling(problem, _sound(problem))
    prior = _prior(problem)
    precision = np.full(problem.values.shape[1], float(candidate.options["sound"]))
    precision[problem.places] = candidate.options["verdict"]
    weights, bias = fit_softmax(
        standardised(problem.values, arrays),
        problem.labels,
        classes=len(problem.classes),
        precision=precision,
        prior=prior,
        bias_precision=float(min(1.0, candidate.options["verdict"])) if np.isfinite(precision).any() else math.inf,
    )
    return {**arrays, "weights": weights.astype(np.float32), "bias": bias.astype(np.float32)}


def _prior(problem: Problem) -> Numbers:
    """Weights that say what the shipped model says, shape (D, C).

    A class that it does not know is as likely as the kinds, on average, that nobody named.
    """
    prior = np.zeros((problem.values.shape[1], len(problem.classes)))
    kinds = problem.kinds
    if sum(map(bool, kinds)) < 2:
        return prior
    places = dict(zip(KINDS, problem.places.tolist(), strict=True))
    rest = [places[kind] for kind in KINDS if kind not in kinds]
    for label, kind in enumerate(kinds):
        if kind:
            prior[places[kind], label] = 1
        elif rest:
            prior[rest, label] = 1 / len(rest)
    return prior


def _scaling(problem: Problem, columns: npt.NDArray[np.int64]) -> dict[str, Array]:
    """Mean and scale of the numbers of the sound; the shipped verdict is not scaled, its logarithms mean something."""
    width = problem.values.shape[1]
    mean, scale = np.zeros(width), np.ones(width)
    own = problem.values[:, columns].astype(np.float64)
    spread = own.std(axis=0)
    mean[columns] = own.mean(axis=0)
    scale[columns] = np.where(spread > _LEAST_SPREAD, 1 / np.maximum(spread, _LEAST_SPREAD), 0)
    arrays: dict[str, Array] = {"mean": mean, "scale": scale}
    if len(problem.places):
        arrays["kinds"] = problem.places
        arrays |= {} if problem.curves is None else {"curves": problem.curves}
    return arrays


def _sound(problem: Problem) -> npt.NDArray[np.int64]:
    """The numbers that are not the shipped model's chances."""
    own = np.ones(problem.values.shape[1], np.bool_)
    own[problem.places] = False
    return np.flatnonzero(own)
