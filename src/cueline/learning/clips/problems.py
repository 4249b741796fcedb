"""Rows with one class each, the groups that no split parts, and what the shipped model says of the same clips.

The shipped model tells speech, music, both, noise and silence; its chances, pooled over each clip, are numbers of a row
like others, known by the track they come from. A class that people named is one of its five where the name says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.models.cards import Input
from cueline.models.clip_models import checked
from cueline.models.clip_verdicts import KINDS, clip_verdicts
from cueline.timeline.examples import LabelLists

Values = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

CURVE = "sound.curve"
_MEANT = {
    **{kind: kind for kind in KINDS},
    "d": "speech",
    "dialogue": "speech",
    "dialog": "speech",
    "talk": "speech",
    "voice": "speech",
    "m": "music",
    "b": "both",
    "speech over music": "both",
    "music and speech": "both",
    "speech and music": "both",
    "silent": "silence",
}


def kind_of(name: str) -> str:
    """Which kind of the shipped model a class is; empty where its name says none.

    Example:
        >>> kind_of("Dialogue"), kind_of("B"), kind_of("jingle")
        ('speech', 'both', '')
    """
    return _MEANT.get(" ".join(name.replace("_", " ").replace("+", " and ").casefold().split()), "")


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """What there is to learn.

    Attributes:
        values: Rows of the inputs, finite, shape (N, D).
        labels: Number of each row's class, shape (N,).
        groups: The group of each row, by name, length N.
        classes: Names of the C classes; two or more of them have rows.
        inputs: What the numbers of a row are.
        curves: Those by which the shipped model makes a verdict of its mean chances, shape (2, 2); None for none.
    """

    values: Values
    labels: Rows
    groups: tuple[str, ...]
    classes: tuple[str, ...]
    inputs: tuple[Input, ...]
    curves: Numbers | None = None

    def __post_init__(self) -> None:
        """Refuse rows of different lengths, numbers that are none, and labels beyond the last class."""
        checked(self.values, sum(one.numbers for one in self.inputs))
        if not len(self.values) == len(self.labels) == len(self.groups):
            raise TimelineError(
                f"each clip has one label and one group, got {len(self.values)} rows, {len(self.labels)} labels, "
                f"{len(self.groups)} groups"
            )
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            raise TimelineError(f"labels must lie in 0 to {len(self.classes) - 1}, got {self.labels.max()}")

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.labels)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        counts = np.bincount(self.labels, minlength=len(self.classes)).tolist()
        said = ", ".join(f"{name} {count}" for name, count in zip(self.classes, counts, strict=True))
        return f"Problem({len(self)} clips in {len(set(self.groups))} groups: {said})"

    @property
    def numbers(self) -> Rows:
        """The group of each row as a number, shape (N,)."""
        return np.unique(np.array(self.groups, dtype=str), return_inverse=True)[1].astype(np.int64)

    @property
    def yes(self) -> LabelLists:
        """The same labels as lists of classes."""
        return LabelLists(np.arange(len(self) + 1), self.labels, len(self.classes))

    @property
    def counts(self) -> Rows:
        """Rows of each class, shape (C,)."""
        return np.bincount(self.labels, minlength=len(self.classes)).astype(np.int64)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which kind of the shipped model each class is; empty where it is none, or two classes would be the same."""
        meant = [kind_of(name) for name in self.classes]
        return tuple(kind if meant.count(kind) == 1 else "" for kind in meant)

    def take(self, rows: npt.NDArray[np.integer]) -> Problem:
        """Some rows, of the same classes."""
        groups = tuple(self.groups[row] for row in rows.tolist())
        return replace(self, values=self.values[rows], labels=self.labels[rows], groups=groups)

    def columns(self, track: str) -> Rows:
        """Which numbers of a row come from a track."""
        edges = np.cumsum([0, *(one.numbers for one in self.inputs)])
        stretches = [
            np.arange(edges[place], edges[place + 1]) for place, one in enumerate(self.inputs) if one.track == track
        ]
        return np.concatenate([np.empty(0, np.int64), *stretches])

    @property
    def places(self) -> Rows:
        """Which numbers of a row are the shipped model's mean chances, in the order of its kinds; none without it."""
        curve = next((one for one in self.inputs if one.track == CURVE), None)
        if curve is None or curve.pools != ("mean",) or set(curve.columns) != set(KINDS):
            return np.empty(0, np.int64)
        return self.columns(CURVE)[[curve.columns.index(kind) for kind in KINDS]]

    def only(self, tracks: Sequence[str]) -> Problem:
        """The same with the numbers of some tracks alone."""
        kept = [one for one in self.inputs if one.track in tracks]
        columns = np.concatenate([np.empty(0, np.int64), *(self.columns(one.track) for one in kept)])
        return replace(self, values=np.ascontiguousarray(self.values[:, columns]), inputs=tuple(kept))


def shipped_chances(problem: Problem) -> Numbers | None:
    """What the shipped model says of each row, over the classes that it knows, shape (N, C).

    Returns:
        Rows sum to 1, classes that it does not know have 0; None where rows lack its chances, or it knows fewer than
        two of the classes.
    """
    places, kinds = problem.places, problem.kinds
    if not len(places) or sum(map(bool, kinds)) < 2:
        return None
    verdicts = clip_verdicts(problem.values[:, places], problem.curves)
    said = np.zeros((len(problem), len(kinds)))
    for label, kind in enumerate(kinds):
        if kind:
            said[:, label] = verdicts[:, KINDS.index(kind)]
    known = np.array([bool(kind) for kind in kinds])
    total = said.sum(axis=1, keepdims=True)
    return np.where(total > 0, said / np.where(total > 0, total, 1), known / known.sum())


def problem_hash(problem: Problem) -> str:
    """SHA-256 of rows, labels and groups, as a card keeps it."""
    book = hashlib.sha256(np.ascontiguousarray(problem.values).tobytes())
    book.update(problem.labels.astype("<i8").tobytes())
    book.update("\n".join((*problem.classes, "", *problem.groups)).encode())
    return book.hexdigest()
