"""Multi-label models, from files or a library to a folder with a model, and from a model to predictions.

Features are rows of numbers and labels lists of classes, in any form that `cueline.datasets.youtube8m` reads; or the
feature tracks of a library with the names of one of its label tracks. Rows that a model shall be measured on are drawn
first, the same for every seed, and never reach its training.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cueline.datasets.youtube8m import (
    CLASSES,
    PARTS,
    Skipped,
    Vocabulary,
    open_compact,
    read_examples,
    read_vocabulary,
)
from cueline.datasets.youtube8m import write_predictions as write_lists
from cueline.datasets.youtube8m.compact import HEAD
from cueline.errors import FormatError, MissingExtraError, OptionError
from cueline.evaluation.judging import Policy
from cueline.evaluation.ranking import RankingTotals
from cueline.learning.progress import Epoch, Told, silent
from cueline.learning.recipes import Recipe
from cueline.learning.splits import Split, split_groups
from cueline.models.cards import ClassEntry, Input, ModelCard
from cueline.models.checkpoints import CARD, load_card, load_model, save_model
from cueline.models.multilabel import MultiLabelModel
from cueline.timeline.examples import Examples, LabelLists
from cueline.timeline.toplists import TopLists, top_classes
from cueline.workbench.lessons import library_lesson
from cueline.workbench.library import Library

if TYPE_CHECKING:
    from cueline.learning.tagging import Plan

UINT8 = (4 / 255, 4 / 512 - 2)  # how YouTube-8M keeps numbers in 8 bits
TEST_SEED = 8  # draws the rows that a model is measured on, whatever the seed of its training
DEPTH = 20


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What there is to learn from.

    Attributes:
        examples: All rows.
        inputs: What their numbers are.
        classes: What their classes are.
        notes: What was left out, and why; what was assumed.
    """

    examples: Examples
    inputs: tuple[Input, ...]
    classes: tuple[ClassEntry, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A model that was trained, or was there already.

    Attributes:
        folder: Where it lies.
        card: What it is.
        rows: Learned from, or kept apart while learning.
        epochs: Of each network; empty where the model was there already.
        test: Measures on the rows that took no part, by name; empty where there are none.
        bare: Share of the rows without any label: of those learned from, and of those that took no part.
        seconds: That training took now.
        notes: Those of the material.
    """

    folder: Path
    card: ModelCard
    rows: int
    epochs: Sequence[Epoch] = ()
    test: Mapping[str, float] = field(default_factory=dict)
    bare: tuple[float, float] = (0.0, 0.0)
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


def material_of_files(
    features: Path, labels: Path | None, *, vocabulary: Path | None = None, skip_bad: bool = False
) -> Material:
    """Rows, classes and their names from files.

    Args:
        features: As `read_examples` takes it.
        labels: Likewise.
        vocabulary: Names of the classes; they go by their numbers without one.
        skip_bad: Whether bad rows of text and records are left out and counted.

    Raises:
        FormatError: If a file is broken, or the vocabulary is of other classes.
        OptionError: If there are no labels.
    """
    words = read_vocabulary(vocabulary) if vocabulary else None
    skipped = Skipped()
    examples = read_examples(
        features, labels, classes=len(words) if words and labels else None, skipped=skipped if skip_bad else None
    )
    if not examples.yes.width:
        raise OptionError(f"learning needs labels, got none beside {str(features)!r}. Name their file with --labels.")
    notes = [str(skipped)] if skipped else []
    if labels and words is None:
        notes += _assumed(examples)
    return Material(examples, _inputs(features, examples), _entries(examples, words), tuple(notes))


def material_of_library(library: Library, tracks: Sequence[str], labels: str, *, policy: Policy) -> Material:
    """Rows and classes from the tracks of a library; see `library_lesson`."""
    lesson = library_lesson(library, tracks, labels, policy=policy)
    notes = tuple(f"{file} takes no part: {why}" for file, why in lesson.left_out)
    return Material(lesson.examples, lesson.inputs, _entries(lesson.examples, None), notes)


def train_multilabel(
    material: Material, out: Path, *, recipe: Recipe, seed: int = 0, test_rows: int = 0, told: Told = silent
) -> Trained:
    """Train a model and put it into a folder; goes on where an earlier call with the same arguments was ended.

    Args:
        material: What to learn from.
        out: The folder.
        recipe: How.
        seed: Decides every draw of the training.
        test_rows: About so many rows take no part in it and are measured at the end; they do not hang on the seed.
        told: Hears each epoch, and signs of life between.

    Raises:
        MissingExtraError: If torch is not installed.
        OptionError: If the folder holds another model, another training writes to it, or there are too few rows.
    """
    if find_spec("torch") is None:
        raise MissingExtraError("training needs torch. Install it with: pip install 'cueline[torch]'")
    from cueline.learning.tagging import Plan

    began, examples = time.monotonic(), material.examples
    test = None
    if test_rows:
        split = split_apart(examples, test_rows)
        examples, test = examples.take(split.learn), examples.take(split.apart)
    plan = Plan(examples, material.inputs, material.classes, recipe, seed, UINT8)
    epochs = _fit_into(out, plan, told)
    model = load_model(out)
    measures = {} if test is None else measures_on(model, test)
    spent = time.monotonic() - began if epochs else 0.0
    bare = (_bare(examples), 0.0 if test is None else _bare(test))
    return Trained(out, model.card, len(examples), epochs, measures, bare, spent, material.notes)


def _fit_into(out: Path, plan: Plan, told: Told) -> Sequence[Epoch]:
    """Train into a folder, unless the model is there already; give the epochs of what was trained now."""
    from cueline.learning.tagging import expected_card, fit_multilabel, forget_training

    with _alone(out):
        if (out / CARD).is_file():
            _must_be(load_card(out), expected_card(plan), out)
            forget_training(out)
            return ()
        fitted = fit_multilabel(plan, folder=out, told=told)
        save_model(fitted.model, out, last=fitted.last)
        forget_training(out)
        return fitted.epochs


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Nobody else trains into the folder meanwhile; the kernel lets go when the process ends, however it ends.

    Raises:
        OptionError: If another process does, or the path is a file.
    """
    import fcntl

    from cueline.learning.tagging import TRAINING

    if out.exists() and not out.is_dir():
        raise OptionError(f"a model is a folder, but {str(out)!r} is a file. Name another one with --out.")
    (out / TRAINING).mkdir(parents=True, exist_ok=True)  # refused here, before anything is learned
    with (out / TRAINING / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OptionError(
                f"another training writes to {str(out)!r}. Wait until it has ended, or name another folder."
            ) from error
        yield


def split_apart(examples: Examples, rows: int) -> Split:
    """Rows to learn from, and about so many that measure: the same whatever the seed of a training.

    Raises:
        OptionError: If so many cannot be kept apart.
    """
    return split_groups(examples.groups, apart=rows, seed=TEST_SEED)


def predict_multilabel(folder: Path, features: Path, out: Path, *, k: int = DEPTH) -> int:
    """Write the best classes of each row.

    Args:
        folder: Of the model.
        features: As `read_examples` takes it.
        out: .npz, .csv or .parquet.
        k: How many classes of each row.

    Returns:
        How many rows there are.

    Raises:
        FormatError: If the model or the features cannot be read, or `out` ends otherwise.
        TimelineError: If rows have another width than the model takes.
    """
    model, examples = load_model(folder), read_examples(features)
    write_lists(out, examples.assets, model.top(examples.values, k))
    return len(examples)


def measures_on(model: MultiLabelModel, examples: Examples) -> dict[str, float]:
    """What `ranking_measures` gives for a model on some rows; classes that nobody judged take no part."""
    totals, first = RankingTotals(k=DEPTH), 0
    for chances in model.chances(examples.values):
        rows = np.arange(first, first + len(chances))
        unknown = examples.unknown.take(rows)
        chances[unknown.rows, unknown.ids] = 0
        totals.add(examples.yes.take(rows), top_classes(chances, DEPTH))
        first += len(rows)
    return _measures(totals)


def ranking_measures(reference: LabelLists, top: TopLists) -> dict[str, float]:
    """GAP@20, Hit@1, 5 and 20, and PERR of lists of the best classes."""
    totals = RankingTotals(k=DEPTH)
    totals.add(reference, top)
    return _measures(totals)


def _measures(totals: RankingTotals) -> dict[str, float]:
    return {
        "GAP@20": totals.global_average_precision,
        "Hit@1": totals.hit_at(1),
        "Hit@5": totals.hit_at(5),
        "Hit@20": totals.hit_at(20),
        "PERR": totals.precision_at_equal_recall_rate,
    }


def uint8_of(examples: Examples) -> tuple[float, float]:
    """Scale and offset of numbers kept in 8 bits; floats stay as they are."""
    return UINT8 if examples.values.dtype == np.uint8 else (1.0, 0.0)


def _bare(examples: Examples) -> float:
    """Share of rows without any label."""
    return float(np.mean(examples.yes.lengths == 0))


def _assumed(examples: Examples) -> list[str]:
    """What is said where lists of a few classes are taken for YouTube-8M's, as their rows have its 1,152 numbers."""
    width, greatest = examples.yes.width, int(examples.yes.ids.max(initial=-1))
    if width != CLASSES or examples.values.shape[1] != sum(PARTS.values()) or greatest == CLASSES - 1:
        return []
    return [
        f"{width:,} classes are learned, those of YouTube-8M, though labels go up to class {greatest:,} alone: rows "
        "have its 1,152 numbers. --vocabulary names the classes, and tells how many there are."
    ]


def _must_be(found: ModelCard, wanted: ModelCard, out: Path) -> None:
    """Refuse to write over another model.

    Raises:
        OptionError: If the folder holds one.
    """
    if replace(found, measures={}) != replace(wanted, measures={}):
        raise OptionError(
            f"{str(out)!r} holds a model that was made from other rows, with another recipe or another seed. "
            "Name another folder, or delete that one."
        )


def _inputs(features: Path, examples: Examples) -> tuple[Input, ...]:
    width = examples.values.shape[1]
    parts: Mapping[str, int] = {"features": width}
    if (features / HEAD).is_file():
        parts = open_compact(features).parts
    elif width == sum(PARTS.values()):
        parts = PARTS
    return tuple(Input(name, numbers) for name, numbers in parts.items())


def _entries(examples: Examples, words: Vocabulary | None) -> tuple[ClassEntry, ...]:
    width = examples.yes.width
    if words is None:
        return tuple(ClassEntry(name) for name in examples.classes or map(str, range(width)))
    if width not in (0, len(words)):
        raise FormatError(
            f"a vocabulary must have the classes of the labels, {width}, got {len(words)} in '{words.path}'"
        )
    return tuple(ClassEntry(word.name, word.knowledge_graph_id, word.url, word.verticals) for word in words)
