"""Old and new clips of a model that is continued, and what the model before makes of them, heard honestly.

A clip counts once, with its newest label. What judged before judges again, and so does every clip of its group that
comes new. The model before says what it makes of clips that it learned from as it did out of fold, while it was made;
of others it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from cueline.learning.clips.problems import Problem
from cueline.models.clip_models import ClipModel
from cueline.workbench.clips.material import Clip, Material
from cueline.workbench.clips.memory import Memory

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


def join(memory: Memory, material: Material) -> tuple[Material, npt.NDArray[np.bool_], Indices]:
    """Old and new rows, a clip once with its newest label; which were kept apart; and the old row of each, or -1."""
    fresh = {clip.key: row for row, clip in enumerate(material.clips)}
    kept = [row for row, clip in enumerate(memory.material.clips) if clip.key not in fresh]
    places = {clip.key: row for row, clip in enumerate(memory.material.clips)}
    old = np.array([*kept, *(places.get(clip.key, -1) for clip in material.clips)], np.int64)
    clips = (*(memory.material.clips[row] for row in kept), *material.clips)
    values = np.concatenate([memory.material.values[kept], material.values])
    tested = np.array([row >= 0 and bool(memory.tested[row]) for row in old.tolist()], np.bool_)
    again = sum(key in fresh for key in places)
    changed = sum(
        memory.material.clips[places[clip.key]].label != clip.label for clip in material.clips if clip.key in places
    )
    notes = [f"{len(fresh) - again} new clips beside {len(places)}"]
    notes += [f"{again} clips were there before, {changed} of them have another label now"] if again else []
    if changed > again / 2:
        notes.append(
            "most labels of these are others now, and the model before is judged by the new ones. Are they right?"
        )
    joined = replace(material, values=values, clips=_spelled(clips, memory.classes), notes=(*material.notes, *notes))
    return joined, tested, old


def _spelled(clips: Sequence[Clip], classes: Sequence[str]) -> tuple[Clip, ...]:
    """Labels spelled as the model knows them, however their capital letters are written."""
    known = {name.casefold(): name for name in classes}
    return tuple(replace(clip, label=known.get(clip.label.casefold(), clip.label)) for clip in clips)


def groups_apart(material: Material, tested: npt.NDArray[np.bool_]) -> set[str]:
    """The groups that judge: all that hold a clip which judged before."""
    return {clip.group for clip, apart in zip(material.clips, tested.tolist(), strict=True) if apart}


def said_before(before: ClipModel, memory: Memory, problem: Problem, old: Indices) -> Numbers:
    """What the model before makes of every row without having seen its group, shape (N, C); new classes get 0."""
    own = np.concatenate([_columns(problem, one.track, one.columns) for one in before.card.inputs])
    said = before.chances(problem.values[:, own])
    known = old >= 0
    said[known] = memory.chances[old[known]]
    found = np.zeros((len(problem), len(problem.classes)))
    found[:, [problem.classes.index(name) for name in before.card.classes]] = said
    return found


def _columns(problem: Problem, track: str, columns: Sequence[str]) -> Indices:
    """Where the numbers of an input of a model stand in a row that has more."""
    found = list[int]()
    for one in problem.inputs:
        if one.track == track:
            first = int(problem.columns(track)[0])
            for number in range(len(one.pools)):
                found += [first + number * one.width + one.columns.index(name) for name in columns]
    return np.array(found, np.int64)
