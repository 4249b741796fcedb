"""Strategies that ask for labels, raced against one that asks by chance: who gets far with few labels.

A `Contest` is one class, or the mean of several; in it each strategy is a `Racer` with its learning curve, its area
against the baseline's and the labels that it took to get where the baseline ended. `Race` is all contests together,
with what they cost in time and what failed: for a report, for JSON, for a test that a number still holds.

    contest   curves of all seeds -> `Contest`

Better or worse is said where the interval of the difference holds no 0; of twenty such intervals one misses by chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.curves import label_curve
from cueline.evaluation.learning_curves import (
    area_under_learning_curve,
    difference_over_seeds,
    labels_to_reach,
    mean_over_seeds,
    median_over_seeds,
    on_grid,
)
from cueline.evaluation.summaries import Curve, Interval, Numbers

Drawn = Mapping[int, tuple[npt.ArrayLike, npt.ArrayLike]]
Verdict = Literal["baseline", "better", "worse", "open"]


@dataclass(frozen=True, slots=True, eq=False)
class Racer:
    """One strategy in one contest.

    Attributes:
        strategy: Its name.
        curve: Mean over seeds with its interval, of kind "labels"; weights are the seeds.
        area: Mean height of the curve.
        against: Area minus the baseline's on the same seeds; NaN of the baseline itself.
        reach: Labels to get where the baseline ends, median over seeds; infinite where half of them do not.
        arrived: How many seeds get there.
        seeds: How many there are.
    """

    strategy: str
    curve: Curve
    area: Interval
    against: Interval
    reach: Interval
    arrived: int
    seeds: int

    def __post_init__(self) -> None:
        """Refuse more that arrive than start."""
        if not 0 <= self.arrived <= self.seeds:
            raise TimelineError(f"of {self.seeds} seeds of {self.strategy!r} none to all arrive, got {self.arrived}")

    def __repr__(self) -> str:
        """Numbers that one looks for."""
        return f"Racer({self.strategy!r}, area {self.area.value:.3f}, {self.verdict}, {self.seeds} seeds)"

    @property
    def verdict(self) -> Verdict:
        """Against the baseline; "open" where the interval holds 0 or is none."""
        if math.isnan(self.against.value):
            return "baseline"
        if self.against.low > 0:
            return "better"
        return "worse" if self.against.high < 0 else "open"


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """All strategies on one class.

    Attributes:
        number: Of the class; None for a mean over classes.
        name: What it is called.
        measure: What is measured, such as "average precision".
        positives: Rows of the pool that have the class.
        base_rate: What guessing gets: the share of positives in the test set.
        test_positives: Rows of the test set that have it.
        target: Where the baseline ends, mean over seeds; NaN without a baseline.
        racers: The baseline first, the others as they were given.
    """

    number: int | None
    name: str
    measure: str
    positives: int
    base_rate: float
    test_positives: int
    target: float
    racers: tuple[Racer, ...]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Contest({self.name!r}, {len(self.racers)} strategies)"

    @property
    def ranked(self) -> tuple[Racer, ...]:
        """By area, the greatest first."""
        return tuple(sorted(self.racers, key=lambda racer: -np.nan_to_num(racer.area.value, nan=-np.inf)))

    @property
    def winner(self) -> str:
        """The strategy with the greatest area, and in words whether that is more than chance."""
        if not self.racers:
            return ""
        best = self.ranked[0]
        told = {"baseline": "", "better": "", "worse": "", "open": " (not clearly)"}[best.verdict]
        if best.verdict == "baseline" and any(racer.verdict == "open" for racer in self.racers):
            told = " (not clearly)"
        return best.strategy + told


@dataclass(frozen=True, slots=True, eq=False)
class Race:
    """Everything that a simulation found.

    Attributes:
        title: What was simulated on what.
        baseline: The strategy that all are measured against.
        contests: One a class; the mean over classes first where one question answers all.
        query_seconds: To choose the next rows, mean over queries, by strategy.
        fit_seconds: To fit the model and to score the pool, likewise.
        study_seconds: To look at the features before all else, mean over seeds, by strategy.
        failed: Runs that did not end: strategy, seed, class and reason.
        facts: What one must know to repeat it, by name.
        notes: What is doubtful, in sentences.
    """

    title: str
    baseline: str
    contests: tuple[Contest, ...]
    query_seconds: Mapping[str, float] = field(default_factory=dict)
    fit_seconds: Mapping[str, float] = field(default_factory=dict)
    study_seconds: Mapping[str, float] = field(default_factory=dict)
    failed: tuple[Mapping[str, Any], ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Race({len(self.contests)} contests, {len(self.query_seconds)} strategies, {len(self.failed)} failed)"

    def to_json(self) -> dict[str, Any]:
        """Plain values, as `cueline simulate --json` prints them; null where there is no finite number."""
        return {
            "classes": [_class(contest) for contest in self.contests],
            "strategies": list(self.query_seconds),
            "baseline": self.baseline,
            "curves": [_curve(contest, racer) for contest in self.contests for racer in contest.racers],
            "areas": [_area(contest, racer) for contest in self.contests for racer in contest.racers],
            "reach": [_reach(contest, racer) for contest in self.contests for racer in contest.racers],
            "queries": [
                {
                    "strategy": name,
                    "seconds": _plain(seconds),
                    "fit_seconds": _plain(self.fit_seconds.get(name)),
                    "study_seconds": _plain(self.study_seconds.get(name)),
                }
                for name, seconds in self.query_seconds.items()
            ],
            "failed": [dict(each) for each in self.failed],
            "facts": dict(self.facts),
            "notes": list(self.notes),
        }


def contest(
    drawn: Mapping[str, Drawn],
    *,
    baseline: str,
    number: int | None,
    name: str,
    positives: int,
    base_rate: float,
    test_positives: int,
    measure: str = "average precision",
    level: float = 0.95,
) -> Contest:
    """Compare curves of the same class.

    Args:
        drawn: For each strategy the curve of each seed: numbers of labels, and what was measured after each.
        baseline: The strategy that the others are compared with; without it nothing is compared.
        number: As `Contest`.
        name: As `Contest`.
        positives: As `Contest`.
        base_rate: As `Contest`.
        test_positives: As `Contest`.
        measure: As `Contest`.
        level: Of all intervals.

    Raises:
        TimelineError: If numbers of labels do not rise, or are not as many as values.
    """
    tables = {strategy: _table(curves) for strategy, curves in drawn.items() if curves}
    target = math.nan
    if baseline in tables:
        tables = {baseline: tables[baseline], **tables}
        target = mean_over_seeds(tables[baseline][1][:, -1]).value
    base_areas = _areas(drawn.get(baseline, {}))
    racers = []
    for strategy, (grid, table) in tables.items():
        areas = _areas(drawn[strategy])
        both = [seed for seed in areas if seed in base_areas and strategy != baseline]
        reach = labels_to_reach(grid, table, target)
        racers.append(
            Racer(
                strategy,
                label_curve(grid, table, name=strategy, measure=measure, level=level),
                mean_over_seeds(list(areas.values()), level=level),
                difference_over_seeds([areas[s] for s in both], [base_areas[s] for s in both], level=level),
                median_over_seeds(reach, level=level),
                int(np.count_nonzero(np.isfinite(reach))),
                len(reach),
            )
        )
    return Contest(number, name, measure, positives, base_rate, test_positives, target, tuple(racers))


def _table(curves: Drawn) -> tuple[Numbers, Numbers]:
    """Curves of all seeds on one grid: every number of labels after which one of them was measured."""
    grid = np.unique(np.concatenate([np.asarray(labels, np.float64) for labels, _ in curves.values()]))
    return grid, np.array([on_grid(labels, values, grid) for labels, values in curves.values()])


def _areas(curves: Drawn) -> dict[int, float]:
    return {
        seed: float(area_under_learning_curve(labels, np.atleast_2d(values))[0])
        for seed, (labels, values) in curves.items()
    }


def _class(contest: Contest) -> dict[str, Any]:
    return {
        "class": contest.number,
        "name": contest.name,
        "measure": contest.measure,
        "positives": contest.positives,
        "base_rate": _plain(contest.base_rate),
        "test_positives": contest.test_positives,
        "winner": contest.winner,
    }


def _curve(contest: Contest, racer: Racer) -> dict[str, Any]:
    curve = racer.curve
    parts = {"labels": curve.x, "ap": curve.y, "low": curve.low, "high": curve.high}
    numbers = {name: [_plain(value) for value in part.tolist()] for name, part in parts.items()}
    return {**_of(contest, racer), **numbers}


def _area(contest: Contest, racer: Racer) -> dict[str, Any]:
    against = racer.against
    return {
        **_of(contest, racer),
        "area": _plain(racer.area.value),
        "against_random": _plain(against.value),
        "low": _plain(against.low),
        "high": _plain(against.high),
        "verdict": racer.verdict,
    }


def _reach(contest: Contest, racer: Racer) -> dict[str, Any]:
    reach = {"labels": racer.reach.value, "low": racer.reach.low, "high": racer.reach.high}
    return {
        **_of(contest, racer),
        "target": _plain(contest.target),
        **{name: _plain(value) for name, value in reach.items()},
        "arrived": racer.arrived,
        "seeds": racer.seeds,
    }


def _of(contest: Contest, racer: Racer) -> dict[str, Any]:
    return {"strategy": racer.strategy, "class": contest.number, "measure": contest.measure}


def _plain(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return int(value) if float(value).is_integer() and abs(value) > 1 else float(value)
