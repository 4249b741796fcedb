"""Multi-label models from examples: networks are trained, their chances calibrated, all of it put into one model.

Each network of a model keeps other rows apart: they choose its best epoch, and what it says of them, which it never
learned from, is what calibration and thresholds are fitted on. So every row teaches most of the networks, and none
judges what it learned. Rows that a model shall be measured on are not given to it at all.

A training that was killed goes on: finished networks and the state after each epoch lie in the folder `training` of the
model until it is whole. The same rows, recipe and seed give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cueline.errors import OptionError
from cueline.learning.calibration import Calibration, fit_calibration, fit_thresholds
from cueline.learning.members import Member, fit_member, keep_member, kept_member
from cueline.learning.progress import Epoch, Pace, Told, silent
from cueline.learning.recipes import TAGGER, Recipe
from cueline.learning.splits import Rows, Split, fold_groups
from cueline.learning.training import Lesson
from cueline.models.cards import ClassEntry, Input, ModelCard
from cueline.models.inputs import Floats, Preparation
from cueline.models.multilabel import MultiLabelModel
from cueline.models.networks import sigmoid
from cueline.timeline.examples import Examples, LabelLists, data_hash

MOST_APART = 1000  # rows that one network keeps apart: enough to calibrate on together, and few enough to miss
SHARE_APART, SHARE_OF_FEW = 10, 5  # one of so many rows, where there are fewer, and where there are few
ENOUGH_APART = 100  # rows apart from which on they are not few
LEAST_GROUPS = 4
BLOCK_ROWS = 8192
LEAST_DEVIATION, LEAST_NUMBER = 1e-6, 1e-30  # as a share of the mean, and at all: less tells nothing
TRAINING = "training"  # folder of a training that is not finished


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is to be learned.

    Attributes:
        examples: All rows that may be learned from or chosen on.
        inputs: What their numbers are.
        classes: What their classes are.
        recipe: How.
        seed: Decides every draw.
        uint8: Scale and offset by which whole numbers of 8 bits become numbers.
    """

    examples: Examples
    inputs: tuple[Input, ...]
    classes: tuple[ClassEntry, ...]
    recipe: Recipe = TAGGER
    seed: int = 0
    uint8: tuple[float, float] = (1.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse what cannot be learned."""
        if len(self.classes) != self.examples.yes.width:
            raise OptionError(
                f"each class needs one entry, got {len(self.classes)} entries and labels of {self.examples.yes.width} "
                "classes. Does the vocabulary belong to these labels?"
            )
        groups = len(np.unique(self.examples.groups))
        if groups < LEAST_GROUPS:
            raise OptionError(
                f"learning needs {LEAST_GROUPS} groups of rows or more, so that some can be kept apart, got {groups} "
                f"groups in {len(self.examples)} rows. Label more files, or leave fewer rows out of the training."
            )
        if not len(self.examples.yes.ids):
            raise OptionError(f"at least one row must have a class, got {len(self.examples)} rows without any")
        no = len(self.examples) - self.examples.yes.counts() - self.examples.unknown.counts()
        if not ((no > 0) & (self.examples.yes.counts() > 0)).any():
            raise OptionError(
                "at least one class must be there in some rows and judged absent in others, got none. Does the track "
                "tell only what is there? Then say with --policy closed that whatever was not labelled is absent."
            )
        if self.seed < 0:
            raise OptionError(f"a seed must be 0 or more, got {self.seed}")

    @property
    def mark(self) -> str:
        """SHA-256 of all that the model hangs on."""
        inputs = [(one.track, one.numbers) for one in self.inputs]
        about = {"recipe": self.recipe.to_json(), "seed": self.seed, "inputs": inputs, "uint8": self.uint8}
        about["data"] = data_hash(self.examples)
        return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A model, and how it came to be.

    Attributes:
        model: Ready to answer, with the weights of the best epochs.
        last: The same with those of the last ones.
        epochs: Of each network, in order.
    """

    model: MultiLabelModel
    last: MultiLabelModel
    epochs: tuple[Epoch, ...]


def fit_multilabel(plan: Plan, *, folder: Path | None = None, told: Told = silent) -> Fitted:
    """Train a multi-label model.

    Args:
        plan: What is to be learned.
        folder: Of the model; the state of the training is kept in it until `forget_training`. None to keep none.
        told: Hears each epoch, and signs of life between.

    Raises:
        OptionError: If rows are too few, or the folder holds another training.
        TimelineError: If a feature is no number, or the loss ceases to be one.
    """
    plan, splits = _made_to_measure(plan)
    prepare, mark = fit_preparation(plan), plan.mark
    place = None if folder is None else folder / TRAINING
    pace = Pace(sum(len(split.learn) for split in splits) * plan.recipe.epochs)
    members = []
    for number, split in enumerate(splits, start=1):
        path = None if place is None else place / f"member-{number}.safetensors"
        member = None if path is None else kept_member(path, mark)
        if member is None:
            state = None if place is None else place / f"state-{number}.safetensors"
            lesson = _lesson(plan, prepare, split, number, state, mark)
            member = fit_member(lesson, split.apart, _prior(plan.examples.yes, split.learn), pace, told)
            if path is not None:
                keep_member(path, mark, member)
        else:
            pace.skip(len(split.learn) * plan.recipe.epochs)
        members.append(member)
    model = _put_together(plan, prepare, members)
    return Fitted(model, _with_last(model, members), tuple(epoch for member in members for epoch in member.epochs))


def expected_card(plan: Plan) -> ModelCard:
    """The card that training after this plan would give, but for its measures."""
    plan, splits = _made_to_measure(plan)
    return _card(plan, sum(len(split.apart) for split in splits))


def forget_training(folder: Path) -> None:
    """Delete the state of a training that is done."""
    shutil.rmtree(folder / TRAINING, ignore_errors=True)


def fit_preparation(plan: Plan) -> Preparation:
    """Mean and deviation of the inputs, from all rows, where the recipe wants them; no labels take part."""
    width = sum(one.numbers for one in plan.inputs)
    as_they_are = Preparation(
        plan.inputs, plan.uint8, np.zeros(width, np.float32), np.ones(width, np.float32), unit=False
    )
    if not plan.recipe.standard:
        return replace(as_they_are, unit=plan.recipe.unit)
    total, squares, values = np.zeros(width), np.zeros(width), plan.examples.values
    origin = as_they_are.numbers(values[:1]).astype(np.float64)  # numbers that hardly differ lose no digits this way
    for first in range(0, len(values), BLOCK_ROWS):
        block = as_they_are.numbers(values[first : first + BLOCK_ROWS]) - origin
        total += block.sum(axis=0)
        squares += np.square(block).sum(axis=0)
    moved = total / len(values)
    mean = origin[0] + moved
    deviation = np.sqrt(np.maximum(squares / len(values) - np.square(moved), 0))
    least = np.maximum(np.abs(mean) * LEAST_DEVIATION, LEAST_NUMBER)
    scale = np.where(deviation > least, 1 / np.maximum(deviation, least), 0.0)
    return replace(as_they_are, mean=mean.astype(np.float32), scale=scale.astype(np.float32), unit=plan.recipe.unit)


def rows_apart(rows: int) -> int:
    """How many of so many rows one network keeps apart: a tenth, more of few, since chances are calibrated on them."""
    return max(1, min(MOST_APART, max(rows // SHARE_APART, min(rows // SHARE_OF_FEW, ENOUGH_APART))))


def _made_to_measure(plan: Plan) -> tuple[Plan, list[Split]]:
    """The plan with as many members and epochs as its rows allow and ask for, and the rows of each member."""
    examples, recipe = plan.examples, plan.recipe
    groups = len(np.unique(examples.groups))
    members = min(recipe.members, groups // LEAST_GROUPS)
    apart = rows_apart(len(examples))
    splits = fold_groups(examples.groups, folds=members, apart=apart, seed=plan.seed)
    fitting = recipe.fitted_to(min(len(split.learn) for split in splits), members=members)
    return replace(plan, recipe=fitting), splits


def _lesson(plan: Plan, prepare: Preparation, split: Split, number: int, state: Path | None, mark: str) -> Lesson:
    learn, apart = plan.examples.take(split.learn), plan.examples.take(split.apart)
    seed = int(np.random.default_rng((plan.seed, number)).integers(2**31))
    return Lesson(learn, apart, prepare, plan.recipe, seed, number, state, mark)


def _prior(labels: LabelLists, rows: Rows) -> Floats:
    """Log-odds of how common each class is among some rows, shape (C,)."""
    share = (labels.take(rows).counts() + 0.5) / (len(rows) + 1)
    prior: Floats = np.log(share / (1 - share)).astype(np.float32)
    return prior


def _put_together(plan: Plan, prepare: Preparation, members: Sequence[Member]) -> MultiLabelModel:
    """One model from its networks: calibrated, with thresholds, on what each said of the rows that it kept apart."""
    rows = np.concatenate([member.apart for member in members])
    yes, unknown = plan.examples.yes.take(rows), plan.examples.unknown.take(rows)
    odds = np.concatenate([member.odds for member in members])
    width = yes.width
    calibration = Calibration(np.ones(width, np.float32), np.zeros(width, np.float32))
    if plan.recipe.calibrated and len(yes.ids):
        calibration = fit_calibration(odds, yes, unknown)
    thresholds = np.full(width, 0.5, np.float32)
    if len(yes.ids):
        thresholds = fit_thresholds(sigmoid(calibration.apply(odds)), yes, unknown)
    arrays = {
        "mean": prepare.mean,
        "scale": prepare.scale,
        "slopes": calibration.slopes,
        "offsets": calibration.offsets,
        "thresholds": thresholds,
    }
    for number, member in enumerate(members):
        arrays |= {f"{number}.{name}": array.astype(np.float32) for name, array in member.best.items()}
    return MultiLabelModel(_card(plan, len(rows), _measures(members)), arrays)


def _with_last(model: MultiLabelModel, members: Sequence[Member]) -> MultiLabelModel:
    """The same model with the weights that its networks had at the end."""
    last = {
        f"{number}.{name}": array.astype(np.float32)
        for number, member in enumerate(members)
        for name, array in member.last.items()
    }
    return replace(model, arrays={**model.arrays, **last})


def _card(plan: Plan, apart: int, measures: Mapping[str, float] | None = None) -> ModelCard:
    data = {"rows": len(plan.examples), "rows_apart": apart, "sha256": data_hash(plan.examples)}
    return ModelCard(plan.inputs, plan.classes, plan.uint8, plan.recipe.to_json(), plan.seed, data, measures or {})


def _measures(members: Sequence[Member]) -> dict[str, float]:
    """What the networks reached on the rows that each kept apart, on average."""
    best = [max(member.epochs, key=lambda epoch: epoch.gap) for member in members]
    names = {"GAP@20": "gap", "Hit@1": "hit_at_1", "Hit@5": "hit_at_5", "Hit@20": "hit_at_20"}
    return {name: float(np.mean([getattr(epoch, field) for epoch in best])) for name, field in names.items()}
