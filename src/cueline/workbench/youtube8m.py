"""The benchmark on YouTube-8M features: prior, ridge, the course's perceptron and our tagger on one fixed split.

Rows that measure are drawn once, the same for every seed and every model, and choose nothing: no epoch, no option, no
calibration. Every model of every seed is trained like any other, lies in a folder of its own, and is not trained again
when the benchmark is; one that was ended in the middle goes on.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from cueline.errors import FormatError, OptionError, near_miss
from cueline.learning.progress import Told, silent
from cueline.learning.splits import split_groups
from cueline.models.checkpoints import WEIGHTS, load_model, write_text
from cueline.reports.evaluations import write_evaluation
from cueline.timeline.examples import Examples
from cueline.timeline.toplists import TopLists, top_classes
from cueline.workbench.scoring import measured
from cueline.workbench.scoring_answers import Answers, Match
from cueline.workbench.taggers import (
    DEPTH,
    TEST_SEED,
    Material,
    material_of_files,
    ranking_measures,
    train_multilabel,
    uint8_of,
)

TEST_ROWS = 5000
SEEDS = (0, 1, 2)
OURS = "ours"
NETWORKS = {"course MLP": "course", OURS: "tagger"}  # name in the table -> recipe
MODELS = ("prior", "ridge", *NETWORKS)
RESULTS = "results.json"


@dataclass(frozen=True, slots=True)
class Result:
    """What one model with one seed reached on the rows that chose nothing.

    Attributes:
        model: Its name.
        seed: None for what does not hang on one.
        measures: By name.
        minutes: That its training took; NaN where it was ended once and went on.
        megabytes: Of its weights on disk.
    """

    model: str
    seed: int | None
    measures: Mapping[str, float]
    minutes: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        model: Its name.
        seeds: How many it was trained with.
        mean: Of each measure over the seeds.
        spread: Greatest less smallest of each.
        least: Smallest of each.
        minutes: Mean of the trainings that nothing ended in between; NaN if all were.
        megabytes: Of the weights.
    """

    model: str
    seeds: int
    mean: Mapping[str, float]
    spread: Mapping[str, float]
    least: Mapping[str, float]
    minutes: float
    megabytes: float


def bench_youtube8m(
    data: Path,
    out: Path,
    *,
    seeds: Sequence[int] = SEEDS,
    test_rows: int = TEST_ROWS,
    models: Sequence[str] = MODELS,
    told: Told = silent,
    done: Callable[[Result], None] = lambda _: None,
) -> list[Row]:
    """Train and measure; what an earlier run did is not done again.

    Args:
        data: Folder with `train_features_uint8.npy`, `train_labels.npz` and `vocabulary.csv`.
        out: Folder for models and results.
        seeds: Of the networks.
        test_rows: How many rows measure.
        models: Which, by their names in the table.
        told: Hears of each epoch.
        done: Hears of each result.

    Raises:
        FormatError: If a file is not there or cannot be read.
        OptionError: If there is no such model.
    """
    strange = [name for name in models if name not in MODELS]
    if strange:
        raise OptionError(f"models are {', '.join(MODELS)}, got {strange[0]!r}.{near_miss(strange[0], MODELS)}")
    material = material_of_data(data)
    results = []
    for name in models:
        for seed in seeds if name in NETWORKS else (None,):
            place = out / (name.replace(" ", "-") + ("" if seed is None else f"-{seed}"))
            result = _known(place) or _run(name, seed, material, place, test_rows, told)
            _keep(place, result)
            done(result)
            results.append(result)
    return [_row([result for result in results if result.model == name]) for name in models]


def material_of_data(data: Path) -> Material:
    """The rows of a folder as the course's data come in.

    Raises:
        FormatError: If a file is not there or cannot be read.
    """
    files = [data / name for name in ("train_features_uint8.npy", "train_labels.npz", "vocabulary.csv")]
    for file in files:
        if not file.is_file():
            raise FormatError(f"the benchmark reads {file.name}, got none in {str(data)!r}", path=file)
    return material_of_files(files[0], files[1], vocabulary=files[2])


def split_of(material: Material, test_rows: int = TEST_ROWS) -> tuple[Examples, Examples]:
    """Rows to learn from and choose on, and rows that measure."""
    split = split_groups(material.examples.groups, apart=test_rows, seed=TEST_SEED)
    return material.examples.take(split.learn), material.examples.take(split.apart)


def report_ours(
    data: Path, out: Path, rows: Sequence[Row], *, test_rows: int = TEST_ROWS, resamples: int = 1000
) -> Path:
    """Pages about our model of the first seed on the rows that chose nothing, with the table among the facts.

    Args:
        data: As for `bench_youtube8m`.
        out: As there; the pages lie in its folder `report`.
        rows: The table.
        test_rows: As there.
        resamples: For the intervals; 0 for none.
    """
    _, test = split_of(material_of_data(data), test_rows)
    places = sorted(out.glob(f"{OURS}-*"), key=lambda place: int(place.name.rpartition("-")[2]))
    if not places:
        raise OptionError(f"the report is about {OURS!r}, which {str(out)!r} does not hold. Train it first.")
    model = load_model(places[0])
    scores = np.concatenate(list(model.chances(test.values)))
    reference = replace(test, values=np.empty((len(test), 0)), classes=model.card.names)
    match = Match(reference, (Answers(places[0].name, scores, limits=model.thresholds),))
    found = measured(match, resamples=resamples)
    table = {f"{row.model}, {row.seeds} runs": "; ".join(f"{k} {v:.4f}" for k, v in row.mean.items()) for row in rows}
    return write_evaluation(replace(found, facts={**table, **found.facts}), out / "report")


def _run(name: str, seed: int | None, material: Material, place: Path, test_rows: int, told: Told) -> Result:
    began = time.monotonic()
    if seed is None:
        learn, test = split_of(material, test_rows)
        top, megabytes = _plain(name, material, learn, test)
        return Result(name, seed, ranking_measures(test.yes, top), (time.monotonic() - began) / 60, megabytes)
    from cueline.learning.recipes import RECIPES

    whole = not place.exists()  # how long the rest of a training takes says nothing
    trained = train_multilabel(
        material, place, recipe=RECIPES[NETWORKS[name]], seed=seed, test_rows=test_rows, told=told
    )
    minutes = trained.seconds / 60 if whole else math.nan
    return Result(name, seed, trained.test, minutes, (place / WEIGHTS).stat().st_size / 1e6)


def _plain(name: str, material: Material, learn: Examples, test: Examples) -> tuple[TopLists, float]:
    """Prior or ridge: the best classes of the rows that measure, and megabytes."""
    from cueline.learning.linear import fit_prior, fit_ridge
    from cueline.learning.recipes import LOGISTIC
    from cueline.learning.tagging import Plan, fit_preparation

    prepare = fit_preparation(Plan(learn, material.inputs, material.classes, LOGISTIC, 0, uint8_of(learn)))
    linear = (fit_ridge if name == "ridge" else fit_prior)(learn, prepare)
    numbers = linear.bias.size + (linear.weights.size if name == "ridge" else 0)
    return top_classes(linear.scores(test.values), DEPTH), numbers * 4 / 1e6


def _known(place: Path) -> Result | None:
    path = place / RESULTS
    return Result(**json.loads(path.read_text())) if path.is_file() else None


def _keep(place: Path, result: Result) -> None:
    place.mkdir(parents=True, exist_ok=True)
    write_text(place / RESULTS, json.dumps(asdict(result), indent=1) + "\n")


def _row(results: Sequence[Result]) -> Row:
    names = list(results[0].measures)
    table = np.array([[result.measures[name] for name in names] for result in results])
    mean, spread, least = (
        dict(zip(names, line.tolist(), strict=True)) for line in (table.mean(0), np.ptp(table, axis=0), table.min(0))
    )
    timed = [result.minutes for result in results if not math.isnan(result.minutes)]
    minutes = float(np.mean(timed)) if timed else math.nan
    return Row(results[0].model, len(results), mean, spread, least, minutes, results[0].megabytes)
