"""What is measured: a reference from files, and what a model or a file of predictions says of its rows.

A model is a folder with a card; it gives every row a chance of every class. A file of predictions lists the best few
classes of each item; only the listed pairs have scores, unless it lists them all. Predictions belong to items by id
where both sides have ids, else by the number of the row; an item without a prediction stays and ranks last: nothing
was said of it, so that no list has a class for it, and each of its pairs scores lower than any that was said.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cueline.datasets.youtube8m import Predictions, read_examples, read_labels, read_predictions, read_vocabulary
from cueline.errors import FormatError, MediaError, OptionError
from cueline.evaluation.judging import Policy, aligned_lists
from cueline.models.checkpoints import load_model
from cueline.models.multilabel import MultiLabelModel
from cueline.timeline.examples import Examples, Indices
from cueline.timeline.toplists import Scores, TopLists
from cueline.workbench.scoring_groups import read_groups
from cueline.workbench.scoring_lists import alignment_of, complete_scores
from cueline.workbench.scoring_parts import Part, doubts, part_of

Limits = npt.NDArray[np.floating]

HALF = 0.5  # from which chance on a class is said to be there, where nothing else is known
_IN_MEMORY = 1 << 30  # bytes of scores; more lie in a temporary file
_MOST_CLASSES = 1 << 24


@dataclass(frozen=True, slots=True)
class ReferenceFiles:
    """Where the reference lies.

    Attributes:
        features: Rows of numbers, as `read_examples` takes them; a model needs them, predictions do not.
        labels: Their classes, where the features do not hold them.
        vocabulary: Names of the classes; a model brings its own.
        groups: Which group each row is of; those of the features, or each row by itself, if None.
    """

    features: Path | None = None
    labels: Path | None = None
    vocabulary: Path | None = None
    groups: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one model, or one file, says of N rows.

    Attributes:
        name: Of the model or the file.
        scores: Of all classes, shape (N, C); None where only lists are known.
        top: The best classes of each row; None where all scores are known.
        silent: Rows without a prediction, which have scores too; none where only lists are known.
        limits: The score from which on each class is said to be there, shape (C,); None where none is known.
        chances: Whether all scores lie in [0, 1].
        notes: What is doubtful about them.
    """

    name: str
    scores: Scores | None = None
    top: TopLists | None = None
    silent: Indices = field(default_factory=lambda: np.empty(0, np.int64))
    limits: Limits | None = None
    chances: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Answers beside the reference, row by row.

    Attributes:
        reference: The rows that are measured; their values take no part any more.
        answers: Of each model or file, in the order asked for.
        policy: What an answer that nobody gave counts as.
        notes: What is doubtful about the reference.
        facts: Where all of it comes from.
    """

    reference: Examples
    answers: tuple[Answers, ...]
    policy: Policy = "judged"
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def matched(
    paths: Sequence[Path],
    files: ReferenceFiles,
    *,
    policy: Policy = "judged",
    threshold: float | None = None,
    test_rows: int = 0,
) -> Match:
    """Read a reference and what models or files say of it.

    Args:
        paths: Folders of models, and files of predictions.
        files: The reference.
        policy: With "judged", rows of which nobody judged any class are left out and counted.
        threshold: The score from which on a class is said to be there; None for a model's own, and for half of the
            way where predictions are chances.
        test_rows: As `train_multilabel`: the rows that it kept apart are measured alone; 0 for all.

    Raises:
        MediaError: If something is not there.
        FormatError: If a file is broken or empty, or about other rows or classes than the others.
        OptionError: If the reference lacks features for a model, or classes; the threshold is no number; or so many
            rows cannot be kept apart.
        TimelineError: If predictions are of other items.
    """
    if threshold is not None and math.isnan(threshold):
        raise OptionError("a threshold must be a number, got nan. Infinity means never.")
    models, lists, names = _read(paths, files)
    least = max((_classes(each) for each in lists.values()), default=0)
    examples = _reference(files, len(names) if names else None, least)
    if names:
        examples = replace(examples, classes=names)
    part = part_of(examples, policy, test_rows)
    notes = [*part.notes]
    for path, model in models.items():
        notes += doubts(path.resolve().name, model.card, examples, test_rows)
    if files.groups is not None:
        examples = replace(examples, groups=read_groups(files.groups, items=examples.assets, rows=len(examples)))
    kept = part.of(examples)
    answers = [
        _of_model(path, models[path], kept, threshold)
        if path in models
        else _of_lists(path, lists[path], examples, part, threshold)
        for path in paths
    ]
    facts = _facts(paths, files)
    if test_rows:
        facts["rows"] = f"those of {len(examples):,} that `train multilabel --test-rows {test_rows}` keeps apart"
    kept = replace(kept, values=np.empty((len(kept), 0)))
    return Match(kept, tuple(answers), policy, tuple(notes), facts)


def _read(
    paths: Sequence[Path], files: ReferenceFiles
) -> tuple[dict[Path, MultiLabelModel], dict[Path, Predictions], tuple[str, ...]]:
    """Models and lists by path, and names of the classes, where anybody knows them."""
    for path in (*paths, *(each for each in (files.labels, files.vocabulary, files.groups) if each is not None)):
        if not path.exists():
            raise MediaError(f"there is no file or folder {str(path)!r}", path=path)
    models = {path: load_model(path) for path in paths if path.is_dir()}
    known = {path: model.card.names for path, model in models.items()}
    if files.vocabulary is not None:
        known[files.vocabulary] = read_vocabulary(files.vocabulary).names
    (first, names), *others = [*known.items()] or [(Path(), ())]
    for path, own in others:
        _same_classes(first, names, path, own)
        names = own if _numbered(names) else names
    lists = {
        path: _filled(path, read_predictions(path, width=len(names) or _MOST_CLASSES))
        for path in paths
        if path not in models
    }
    return models, lists, names


def _same_classes(first: Path, names: tuple[str, ...], path: Path, own: tuple[str, ...]) -> None:
    if len(names) != len(own):
        raise FormatError(
            f"all must be about the same classes, got {len(names):,} of '{first}' and {len(own):,} of '{path}'"
        )
    if names != own and not (_numbered(names) or _numbered(own)):
        number = next(n for n, (mine, theirs) in enumerate(zip(names, own, strict=True)) if mine != theirs)
        raise FormatError(
            f"all must be about the same classes in one order, got {names[number]!r} of '{first}' and {own[number]!r} "
            f"of '{path}' as class {number}"
        )


def _numbered(names: tuple[str, ...]) -> bool:
    """Whether these are what classes are called where nobody named them."""
    return names == tuple(map(str, range(len(names))))


def _filled(path: Path, found: Predictions) -> Predictions:
    if not len(found.top):
        raise FormatError(f"there must be one prediction or more, got none in '{path}'", path=path)
    return found


def _classes(found: Predictions) -> int:
    """How many classes there are, as far as lists show it."""
    return int(found.top.classes.max(initial=-1)) + 1


def _reference(files: ReferenceFiles, classes: int | None, least: int) -> Examples:
    """Rows and their classes; what lists of classes leave open, predictions tell."""
    examples = _examples(files, classes)
    if classes is None and least > examples.yes.width:
        examples = _examples(files, least)
    if not len(examples):
        raise FormatError(f"there must be one row or more, got none in '{files.features or files.labels}'")
    if not examples.yes.width:
        raise OptionError(
            f"say with --labels L which classes the rows of '{files.features or files.labels}' have; it names none"
        )
    return examples


def _examples(files: ReferenceFiles, classes: int | None) -> Examples:
    if files.features is not None:
        return read_examples(files.features, files.labels, classes=classes)
    if files.labels is None:
        raise OptionError("say what is there: --labels L, or --features F that hold labels of their own")
    found = read_labels(files.labels, classes=classes)
    return found.examples(np.empty((len(found.labels), 0)))


def _of_model(path: Path, model: MultiLabelModel, examples: Examples, threshold: float | None) -> Answers:
    if not examples.values.shape[1]:
        raise OptionError(f"the model {str(path)!r} needs rows of numbers: --features F")
    if examples.values.shape[1] != model.card.width:
        parts = " + ".join(f"{one.numbers:,} of {one.track}" for one in model.card.inputs)
        raise FormatError(
            f"features must have the {model.card.width:,} columns that '{path}' takes ({parts}), got "
            f"{examples.values.shape[1]:,}"
        )
    scores = _table(len(examples), examples.yes.width)
    first = 0
    for block in model.chances(examples.values):
        scores[first : first + len(block)] = block
        first += len(block)
    limits = model.thresholds if threshold is None else np.full(examples.yes.width, threshold)
    return Answers(path.resolve().name, scores, limits=limits)


def _of_lists(path: Path, found: Predictions, examples: Examples, part: Part, threshold: float | None) -> Answers:
    top = TopLists(found.top.classes, found.top.scores, examples.yes.width)
    alignment, notes = alignment_of(path, found, examples, part.rows)
    used = top.scores[top.classes >= 0]
    chances = bool(((used >= 0) & (used <= 1)).all())
    limit = HALF if threshold is None and chances else threshold
    if limit is None:
        notes.append(f"The scores of {path.name} are no chances; say with --threshold from which on a class is there.")
    limits = None if limit is None else np.full(top.width, limit)
    scores = complete_scores(top, alignment)
    if scores is not None:
        silent = np.flatnonzero(alignment.rows < 0)
        return Answers(path.name, scores, silent=silent, limits=limits, chances=chances, notes=tuple(notes))
    notes.append(
        f"{path.name} lists at most {top.depth} of {top.width:,} classes a row: only listed pairs have scores. What "
        "needs all pairs, such as ROC AUC and mAP over all rows, is left out; labels that are not listed were missed."
    )
    return Answers(path.name, top=aligned_lists(top, alignment), limits=limits, chances=chances, notes=tuple(notes))


def _table(rows: int, width: int) -> npt.NDArray[np.float32]:
    """Room for scores: in memory, or in a file that is gone when nobody looks at it any more."""
    if rows * width * 4 <= _IN_MEMORY:
        return np.empty((rows, width), np.float32)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.float32, "w+", shape=(rows, width))


def _facts(paths: Sequence[Path], files: ReferenceFiles) -> dict[str, str]:
    sides = ("answers",) if len(paths) == 1 else ("first", "second")
    named = dict(zip(sides, map(str, paths), strict=False))
    for what in ("features", "labels", "vocabulary", "groups"):
        if getattr(files, what) is not None:
            named[what] = str(getattr(files, what))
    return named
