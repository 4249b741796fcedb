"""Strategies that ask for labels, compared on data whose answers are known: many seeds, all classes, both cores.

Features are made comparable on the pool alone, written once and shared by all processes. Each class is a question of
its own, as a detector for one class is made; or one question is about all classes together, and then the mean over
classes comes first, and F1 and accuracy where classes exclude each other.

    Choice          what is simulated
    simulate        material and strategies -> `Race`
    strategies_of   names -> strategies
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from cueline.errors import OptionError
from cueline.evaluation.contests import Contest, Race, contest
from cueline.learning.active.asking import Strategy
from cueline.learning.active.preparing import prepare
from cueline.learning.active.schedules import Schedule
from cueline.learning.active.strategies import STRATEGIES
from cueline.learning.active.strategies import strategy as strategy_named
from cueline.learning.runs import Plan, Truth
from cueline.media.workers import cores
from cueline.timeline.examples import data_hash
from cueline.workbench.simulating_material import TEST_SEED, Entrant, Material
from cueline.workbench.simulating_runs import (
    Contested,
    Game,
    Record,
    Told,
    key_of,
    play_all,
    program_key,
    refuse_other_use,
    unheard,
    write_arena,
)

BASELINE = "random"
FEW_SEEDS, FEW_POSITIVES = 6, 10


@dataclass(frozen=True, slots=True)
class Choice:
    """What is simulated.

    Attributes:
        budget: Labels at the end of a run.
        schedule: How much each query asks for.
        seeds: How many runs of each strategy and class.
        start: Rows drawn by chance to begin with.
        positives: Rows known to be positive to begin with, of each class.
        components: Principal components of the features that are used; None for all features.
        together: Whether one question is about all classes.
        exclusive: Whether a row has exactly one class; with `together`.
    """

    budget: int
    schedule: Schedule
    seeds: int = 10
    start: int = 5
    positives: int = 1
    components: int | None = None
    together: bool = False
    exclusive: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.seeds < 1:
            raise OptionError(f"a simulation needs 1 seed or more, got {self.seeds}")
        if self.exclusive and not self.together:
            raise OptionError("exclusive classes are answered by one question: add --together to --exclusive")

    @property
    def plan(self) -> Plan:
        """The same for all runs."""
        return Plan(self.budget, self.schedule, self.start, self.positives, self.exclusive)


def strategies_of(names: Sequence[str], *, exclusive: bool = False) -> dict[str, Strategy]:
    """Strategies by name, each once; all if none is named.

    Args:
        names: Of strategies, or of the one name "all".
        exclusive: Whether a row has exactly one class, for the strategies that it matters to.

    Raises:
        OptionError: If there is none of a name; the message says which name is like it.
    """
    chosen = {}
    for name in STRATEGIES if not names or list(names) == ["all"] else names:
        knows = exclusive and name in STRATEGIES and "exclusive" in {field.name for field in fields(STRATEGIES[name])}  # type: ignore[arg-type]  # each is a dataclass
        chosen[name] = strategy_named(name, exclusive=True) if knows else strategy_named(name)
    return chosen


def simulate(
    material: Material,
    strategies: Mapping[str, Strategy],
    choice: Choice,
    *,
    out: Path | None = None,
    jobs: int = 0,
    told: Told = unheard,
) -> Race:
    """Play all strategies on all classes with all seeds.

    Args:
        material: What is played on.
        strategies: By name; those that are called "random" are what the others are compared with.
        choice: How.
        out: A folder where each run is kept as soon as it is done; None to keep none.
        jobs: Processes; 0 for one a core, 1 for none beside this one.
        told: Hears how many runs are done, of how many.

    Raises:
        OptionError: If the budget is more than the pool, or less than a run begins with.
        CuelineError: If the folder cannot be made.
    """
    _refuse(material, choice)
    if out is not None:
        refuse_other_use(out)
    with tempfile.TemporaryDirectory(prefix=".arena-", dir=out) as folder:
        prepared = prepare(material.examples.values, rows=material.pool, components=choice.components)
        pool, test = (
            Truth(prepared(material.examples.values[rows]), material.answers[rows])
            for rows in (material.pool, material.test)
        )
        write_arena(Path(folder), pool, test)
        games = list(_games(Path(folder), material, strategies, choice))
        records = list(play_all(games, out=out, jobs=jobs or cores(), told=told))
    return _race(material, strategies, choice, records)


def _refuse(material: Material, choice: Choice) -> None:
    first = choice.start + choice.positives * (len(material.entrants) if choice.together else 1)
    if not first <= choice.budget <= len(material.pool):
        raise OptionError(
            f"the budget must lie between the {first:,} labels that a run begins with and the "
            f"{len(material.pool):,} rows of the pool, got {choice.budget:,}"
        )


def _games(folder: Path, material: Material, strategies: Mapping[str, Strategy], choice: Choice) -> Iterable[Game]:
    every = tuple(range(len(material.entrants)))
    settings = {
        "program": program_key(),
        "data": data_hash(material.examples),
        "pool": key_of({"rows": material.pool.tolist(), "test": material.test.tolist()}),
        "components": choice.components,
        "plan": repr(choice.plan),
    }
    for seed in range(choice.seeds):
        for name, strategy in strategies.items():
            contests = []
            for columns in [every] if choice.together else [(column,) for column in every]:
                classes = tuple(material.entrants[column].number for column in columns)
                own = {"strategy": name, "options": repr(strategy), "seed": seed, "classes": classes}
                contests.append(Contested(columns, classes, key_of({**settings, **own})))
            yield Game(folder, name, strategy, seed, choice.plan, tuple(contests))


def _race(material: Material, strategies: Mapping[str, Strategy], choice: Choice, records: Sequence[Record]) -> Race:
    done = [record for record in records if "reason" not in record]
    failed = [record for record in records if "reason" in record]
    own = {name: [record for record in done if record["strategy"] == name] for name in strategies}
    contests = tuple(_together(material, own, exclusive=choice.exclusive) if choice.together else _each(material, own))
    return Race(
        f"Which rows to label: {material.title}",
        BASELINE if BASELINE in strategies else "",
        contests,
        {name: _mean(record["choose_seconds"] for record in own[name]) for name in strategies},
        {name: _mean(record["fit_seconds"] for record in own[name]) for name in strategies},
        {name: _mean([record["study_seconds"]] for record in own[name]) for name in strategies},
        tuple(
            {"strategy": r["strategy"], "seed": r["seed"], "class": _class_of(r), "reason": r["reason"]} for r in failed
        ),
        _facts(material, choice),
        tuple(_notes(material, strategies, choice, failed)),
    )


def _class_of(record: Record) -> int | None:
    return record["classes"][0] if len(record["classes"]) == 1 else None


def _each(material: Material, own: Mapping[str, Sequence[Record]]) -> Iterable[Contest]:
    """A contest a class."""
    for entrant in material.entrants:
        drawn = {
            name: {
                record["seed"]: (record["labels"], _floats(record["ap"])[:, 0])
                for record in records
                if record["classes"] == [entrant.number]
            }
            for name, records in own.items()
        }
        yield _of_class(drawn, entrant)


def _together(material: Material, own: Mapping[str, Sequence[Record]], *, exclusive: bool) -> Iterable[Contest]:
    """The mean over classes first, then each class."""

    def drawn(part: Any) -> dict[str, dict[int, tuple[Any, Any]]]:
        return {name: {r["seed"]: (r["labels"], part(r)) for r in records} for name, records in own.items()}

    entrants = material.entrants

    def whole(part: Any, base_rate: float, measure: str) -> Contest:
        return contest(
            drawn(part),
            baseline=BASELINE,
            number=None,
            name=f"mean of {len(entrants)} classes",
            positives=sum(entrant.positives for entrant in entrants),
            base_rate=base_rate,
            test_positives=sum(entrant.test_positives for entrant in entrants),
            measure=measure,
        )

    rates = [entrant.base_rate for entrant in entrants]
    yield whole(lambda record: _floats(record["ap"]).mean(axis=1), float(np.mean(rates)), "average precision")
    if exclusive:
        yield whole(lambda record: _floats(record["f1"]), math.nan, "macro F1")
        yield whole(lambda record: _floats(record["accuracy"]), max(rates), "accuracy")
    for place, entrant in enumerate(entrants):
        yield _of_class(drawn(lambda r, at=place: _floats(r["ap"])[:, at]), entrant)


def _of_class(drawn: Mapping[str, Mapping[int, tuple[Any, Any]]], entrant: Entrant) -> Contest:
    return contest(
        drawn,
        baseline=BASELINE,
        number=entrant.number,
        name=entrant.name,
        positives=entrant.positives,
        base_rate=entrant.base_rate,
        test_positives=entrant.test_positives,
    )


def _facts(material: Material, choice: Choice) -> dict[str, str]:
    width = material.examples.values.shape[1]
    groups = len(np.unique(material.examples.groups))
    rows = len(material.examples)
    count = "one question about a row answers all classes" if choice.together else "each class is a question of its own"
    first = (
        f"{choice.start} drawn by chance, {choice.positives} known to be positive" + " of each class" * choice.together
    )
    return {
        "pool": f"{len(material.pool):,} rows",
        "test set": f"{len(material.test):,} rows, whole groups, stratified by class, drawn by seed {TEST_SEED}",
        "groups": "each row its own" if groups == rows else f"{groups:,}",
        "features": f"{choice.components or width} {'principal components' if choice.components else 'columns'} of "
        f"{width}, standardised on the pool, rows of length 1",
        "model": "balanced logistic regression, fitted anew after each query",
        "labels": f"answers that people give; {count}",
        "first rows": f"{first}; the same for all strategies with the same seed",
        "budget": f"{choice.budget:,} labels",
        "queries": f"{choice.schedule}",
        "seeds": f"{choice.seeds}",
        "intervals": "95 %, over seeds: other first rows and draws, the same test set",
    }


def _notes(
    material: Material, strategies: Mapping[str, Strategy], choice: Choice, failed: Sequence[Record]
) -> Iterable[str]:
    yield from material.notes
    if BASELINE not in strategies:
        yield f"Nothing is compared: {BASELINE} is not among the strategies."
    if choice.seeds < FEW_SEEDS:
        seeds = f"{choice.seeds} seed{'s' * (choice.seeds != 1)}"
        yield f"With {seeds} intervals are wide or missing; 10 or more are advised."
    rare = [f"{each.name} ({each.test_positives})" for each in material.entrants if each.test_positives < FEW_POSITIVES]
    if rare:
        yield f"Few positives in the test set, so that another one may tell another story: {', '.join(rare)}."
    if not choice.positives:
        yield "Runs begin without a known positive: until one is found by chance, nothing is learned."
    if failed:
        yield f"{len(failed)} of the runs failed, first: {failed[0]['strategy']}, {failed[0]['reason']}"


def _mean(lists: Iterable[Sequence[float | None]]) -> float:
    values = [value for each in lists for value in each if value is not None]
    return float(np.mean(values)) if values else float("nan")


def _floats(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(values, np.float64)
