"""Models of people's own clips: trained, judged on groups that chose nothing, and continued with new labels.

A model is a folder: the model itself, what it learned from, a report, and the clips most worth relabelling. One that
is continued learns from all rows, old and new; the groups that judged it before judge the new one too and take no part
in it. Beside the new model stand the one before and the one that ships with Cueline, on the same clips. Where the one
before did better on them, it stays, unless somebody insists.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError
from cueline.evaluation.summaries import Comparison
from cueline.learning.clips.choosing import Search
from cueline.learning.clips.judging import Figures, compare, judge
from cueline.learning.clips.problems import Problem, kind_of, shipped_chances
from cueline.learning.clips.relabelling import Relabels, random_claim, relabels_of
from cueline.learning.clips.training import TrainedClips, train_clips
from cueline.learning.flattery import Flattery
from cueline.models.checkpoints import CARD
from cueline.models.clip_cards import ClipCard
from cueline.models.clip_models import ClipModel, load_clip_model
from cueline.workbench.clips.joining import groups_apart, join, said_before
from cueline.workbench.clips.material import Material, bound
from cueline.workbench.clips.memory import Memory, read_memory
from cueline.workbench.clips.writing import write_model

THIS, BEFORE, SHIPPED = "this model", "the model before", "the shipped model"
Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SoundModel:
    """A model that was trained, and what is to be known of it.

    Attributes:
        folder: Where it is, or would be.
        model: The model, its card complete.
        trained: How it was chosen and judged.
        material: What it learned from, and was judged on.
        figures: On the clips that judge it: of this model, of the one before and of the shipped one, where these can.
        differences: This model minus each of the others, on the same clips.
        fresh: On the clips of groups that came with an update; None where nothing was updated, or none came.
        claim: What a random split would have claimed, or why that cannot be told.
        relabels: Labels worth a second look.
        notes: What a reader must know, in sentences.
        written: Whether the folder holds it; False where the model before did better and stayed.
    """

    folder: Path
    model: ClipModel
    trained: TrainedClips
    material: Material
    figures: tuple[Figures, ...]
    differences: tuple[Comparison, ...]
    fresh: tuple[Figures, ...]
    claim: Flattery | str
    relabels: Relabels
    notes: tuple[str, ...]
    written: bool = True

    @property
    def card(self) -> ClipCard:
        """The card of the model."""
        return self.model.card

    def __repr__(self) -> str:
        """The two numbers that people ask for."""
        return f"SoundModel({str(self.folder)!r}, {self.figures[0]!r})"


def train_sound(
    material: Material,
    folder: Path,
    *,
    search: Search | None = None,
    test_share: float | None = None,
    force: bool = False,
) -> SoundModel:
    """Train a model of clips and write it.

    Args:
        material: What there is to learn from.
        folder: Of the model; made if it is missing.
        search: How it is looked for.
        test_share: Share of the rows in groups kept apart; 0 judges all by turns; None decides by how many there are.
        force: Whether a model that lies there already is replaced.

    Raises:
        OptionError: If a model lies there already, or all clips are of one class or one group.
    """
    must_be_free(folder, force=force)
    material = bound(material)
    problem = material.problem()
    trained = train_clips(problem, seconds=material.seconds, search=search, test_share=test_share)
    return _ended(folder, material, problem, trained, None, force=True)


def must_be_free(folder: Path, *, force: bool = False) -> None:
    """Refuse a place where a model lies, before files are decoded for another one.

    Raises:
        OptionError: If a model lies there and is not to be replaced, or a file is in the way.
    """
    if (folder / CARD).exists() and not force:
        raise OptionError(
            f"a model lies in {str(folder)!r} already. Continue it with --update {folder}, or replace it with --force."
        )
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"a model is a folder, got a file at {str(folder)!r}. Name another place.")


def update_sound(
    model: Path,
    material: Material,
    *,
    folder: Path | None = None,
    search: Search | None = None,
    force: bool = False,
) -> SoundModel:
    """Continue a model with new labels.

    Args:
        model: Its folder.
        material: The new clips, rows of the same inputs as `inputs_of_model` tells; one that was there before takes
            its new label.
        folder: Where the new model goes; to the place of the old one if None.
        search: How it is looked for.
        force: Whether it is written though the old one does better.

    Raises:
        FormatError: If there is no model, or it cannot be continued.
        OptionError: If rows are made of other inputs, or as `train_sound`.
    """
    before, memory = load_clip_model(model), read_memory(model)
    if material.inputs != memory.material.inputs:
        raise OptionError(f"new rows must be made of the inputs of {str(model)!r}, got others")
    both, tested, old = join(memory, material)
    both = bound(both)
    apart = groups_apart(both, tested)
    problem = both.problem(memory.classes)
    trained = train_clips(
        problem,
        seconds=both.seconds,
        search=search or Search(seed=before.card.seed),
        test_groups=apart or None,
    )
    said = said_before(before, memory, problem, old)
    return _ended(folder or model, both, problem, trained, _Before(said, old), force=force or folder is not None)


def inputs_of_model(model: Path) -> Material:
    """What a model learned from, whose inputs new rows must be made of.

    Raises:
        FormatError: If it cannot be continued.
    """
    return read_memory(model).material


@dataclass(frozen=True, slots=True, eq=False)
class _Before:
    """The model before: what it says of every row without having seen its group, and which row it knows, or -1."""

    chances: Numbers
    old: Indices


def _ended(
    folder: Path, material: Material, problem: Problem, trained: TrainedClips, before: _Before | None, *, force: bool
) -> SoundModel:
    """Judge, compare, and write unless the model before did better."""
    rows, seed = trained.judged, trained.model.card.seed
    said = {THIS: trained.chances, **({BEFORE: before.chances} if before else {}), **_shipped(problem)}
    labels, groups = problem.labels[rows], [problem.groups[row] for row in rows.tolist()]
    figures = tuple(
        judge(labels, chances[rows], groups, classes=problem.classes, name=name, seed=seed)
        for name, chances in said.items()
    )
    differences = tuple(
        compare(labels, trained.chances[rows], chances[rows], groups, names=(THIS, name), seed=seed)
        for name, chances in said.items()
        if name != THIS
    )
    worse = before is not None and differences[0].difference.value < 0
    ended = SoundModel(
        folder=folder,
        model=trained.model,
        trained=trained,
        material=material,
        figures=figures,
        differences=differences,
        fresh=_on_new_groups(problem, said, before, seed) if before else (),
        claim=random_claim(_learned(problem, trained), trained.chosen.candidate, seed=seed),
        relabels=relabels_of(problem, trained.chances),
        notes=(*material.notes, *trained.notes, *_notes(problem, trained), *_doubts_of(figures[0])),
        written=force or not worse,
    )
    ended = replace(ended, model=_told(ended))
    if ended.written:
        tested = np.zeros(len(problem), np.bool_)
        tested[rows] = not trained.by_turns
        write_model(ended, Memory(material, problem.classes, trained.chances, tested))
    return ended


def _told(ended: SoundModel) -> ClipModel:
    """The model with its measures and the story of its labels on its card."""
    card = ended.model.card
    measures = {
        "judged": "by turns, each group by a model that had not seen it"
        if ended.trained.by_turns
        else "on groups kept apart",
        "models": [figures.to_json() for figures in ended.figures],
    }
    counts = {"clips": len(ended.material.clips), "left_out": len(ended.material.left_out)}
    data = {**card.data, **counts, **ended.material.data}
    return replace(ended.model, card=replace(card, measures=measures, data=data))


def _shipped(problem: Problem) -> dict[str, Numbers]:
    chances = shipped_chances(problem)
    return {} if chances is None else {SHIPPED: chances}


def _learned(problem: Problem, trained: TrainedClips) -> Problem:
    """The rows that were learned from."""
    every = np.arange(len(problem))
    return problem if trained.by_turns else problem.take(np.setdiff1d(every, trained.judged))


def _on_new_groups(problem: Problem, said: dict[str, Numbers], before: _Before, seed: int) -> tuple[Figures, ...]:
    """All models on the groups that the model before knows no clip of; this one by turns."""
    known = {group for group, old in zip(problem.groups, before.old.tolist(), strict=True) if old >= 0}
    rows = np.flatnonzero([group not in known for group in problem.groups])
    if not len(rows):
        return ()
    groups = [problem.groups[row] for row in rows.tolist()]
    return tuple(
        judge(problem.labels[rows], chances[rows], groups, classes=problem.classes, name=name, seed=seed)
        for name, chances in said.items()
    )


def _doubts_of(figures: Figures) -> list[str]:
    """What is to be known of an interval, such as that few groups make it rough."""
    return [f"macro F1: {figures.macro_f1.note}"] if figures.macro_f1.note else []


def _notes(problem: Problem, trained: TrainedClips) -> list[str]:
    named = [(name, kind_of(name)) for name in problem.classes]
    kinds = [kind for _, kind in named if kind]
    same = [name for name, kind in named if kind and kinds.count(kind) > 1]
    notes = [f"{' and '.join(map(repr, same))} sound like one class under two names"] if same else []
    few = [name for name, count in zip(problem.classes, problem.counts.tolist(), strict=True) if count < 5]
    if few:
        notes.append(f"{', '.join(map(repr, few))}: fewer than 5 clips, so that little can be learned or said of them")
    if not trained.by_turns:
        missing = set(range(len(problem.classes))) - set(problem.labels[trained.judged].tolist())
        notes += [f"no clip that judges is {problem.classes[label]!r}" for label in sorted(missing)]
    return notes
