"""Labelled rows to learn from: clips of files with label files.

A clip is called by its file and, where it is a part of it, its times. Groups are what no split parts; a
group is told from the name of a file by one rule, `RULE`, or by a pattern that somebody gives.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.detectors.sound.verdicts import shipped_curves
from cueline.errors import OptionError
from cueline.learning.clips.problems import CURVE, Problem
from cueline.models.cards import Input
from cueline.ports import Engine, Watch
from cueline.timeline.groups import components
from cueline.timeline.spans import Span, Spans, as_spans
from cueline.workbench.clips.merging import LabelledClip, Merged, merge_labels
from cueline.workbench.clips.pooling import Cut, Pooled, pool_files
from cueline.workbench.finding import find_media
from cueline.workbench.labelling.clips import source_of, stem_of

YES = 1
RULE = "a group is what stands before the last '_chunk_N' or '-N-of-M' of a file's name, else the name itself"
Values = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip that has a label.

    Attributes:
        name: What people call it.
        file: Where it lies, as text; empty where nobody knows.
        span: Which part of the file.
        whole: Whether that is all of the file.
        label: Its class.
        group: What no split parts it from.
    """

    name: str
    file: str
    span: Span
    whole: bool
    label: str
    group: str

    @property
    def key(self) -> str:
        """What tells it from others: its file, and its times where it is a part of it."""
        return (
            self.file or self.name
            if self.whole
            else f"{self.file or self.name}#t={self.span.start:g},{self.span.end:g}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What there is to learn from.

    Attributes:
        values: A row a clip, shape (N, D).
        clips: Length N.
        inputs: What the numbers of a row are.
        data: What is known of where it comes from, plain values for a card.
        notes: What a reader must know, in sentences.
        merged: What became of label files, where it comes from them.
        left_out: Clips that take no part, and why.
    """

    values: Values
    clips: tuple[Clip, ...]
    inputs: tuple[Input, ...]
    data: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    merged: Merged | None = None
    left_out: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Material({len(self.clips)} clips, {self.values.shape[1]} numbers, {len(self.left_out)} left out)"

    @property
    def seconds(self) -> float:
        """How long a clip is: the median, to a tenth."""
        return round(float(np.median([clip.span.duration for clip in self.clips])), 1)

    def problem(self, classes: Sequence[str] = ()) -> Problem:
        """Rows with numbers of classes, those given first."""
        names = tuple(dict.fromkeys([*classes, *sorted({clip.label for clip in self.clips})]))
        labels = np.array([names.index(clip.label) for clip in self.clips], np.int64)
        groups = tuple(clip.group for clip in self.clips)
        return Problem(self.values, labels, groups, names, self.inputs, self._curves())

    def _curves(self) -> npt.NDArray[np.float64] | None:
        """The curves by which the shipped model makes a verdict of its chances; None where rows lack these."""
        told = CURVE in {one.track for one in self.inputs}
        return shipped_curves().astype(np.float64) if told else None


def material_of_files(
    media: Sequence[Path],
    labels: Sequence[Path],
    *,
    cut: Cut | None = None,
    group_by: str = "",
    prefer: Sequence[Path] = (),
    inputs: Sequence[Input] = (),
    jobs: int = 0,
    engine: Engine | None = None,
    watch: Watch | None = None,
) -> Material:
    """Labelled rows of files.

    Args:
        media: Files and folders.
        labels: Label files, and folders of them.
        cut: Which part of a file is its clip, where the label file does not say; the whole of it if None.
        group_by: A pattern (a regular expression) that finds the group in a file's path; its first pair of brackets,
            where it has one, else all that it matches. `RULE` where it is empty.
        prefer: Label files in the order in which they are believed.
        inputs: What a row is made of, where a model that is continued says so.
        jobs: Files decoded at once; 0 for one a core.
        engine: Where files are decoded.
        watch: Hears how it goes.

    Raises:
        MediaError: If a path does not exist.
        OptionError: If no label is about a file that could be read, or the pattern cannot be.
        FormatError: If a label file cannot be read.
    """
    grouping = grouped_by(group_by)
    found = find_media(media)
    merged = merge_labels(labels, found.files, prefer=prefer)
    by_file: dict[Path, list[LabelledClip]] = defaultdict(list)
    for clip in merged.clips:
        by_file[clip.file].append(clip)
    wanted = [(path, [clip.span for clip in clips]) for path, clips in by_file.items()]
    answers = {
        one.file: one
        for one in pool_files(wanted, cut=cut or Cut(), inputs=inputs, jobs=jobs, engine=engine, watch=watch)
    }
    gathered = _gathered(by_file, answers, grouping)
    if not gathered.clips:
        raise OptionError(_why_nothing(merged, gathered.left_out, len(found.files)))
    left = [*((one.clip, one.reason) for one in merged.left_out), *gathered.left_out]
    left += [(str(path), reason) for path, reason in found.unreadable.items()]
    rule = f"groups by the pattern {group_by!r}" if group_by else RULE
    data = {"labels": merged.to_json(), "groups_by": group_by or RULE}
    return replace(gathered, data=data, notes=(rule,), merged=merged, left_out=tuple(left))


def grouped_by(pattern: str) -> Callable[[Path], str]:
    """How the group of a file is told.

    Raises:
        OptionError: If the pattern is no regular expression.

    Example:
        >>> told = grouped_by("")
        >>> told(Path("news_2019-03-04_chunk_2.mp3")), told(Path("a.wav"))
        ('news_2019-03-04', 'a')
        >>> grouped_by("([a-z]+)_")(Path("news_2019-03-04_chunk_2.mp3"))
        'news'
    """
    if not pattern:
        return lambda path: source_of(path.name) or stem_of(path.name)
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise OptionError(f"--group-by must be a regular expression, got {pattern!r}: {error}") from error

    def told(path: Path) -> str:
        match = compiled.search(path.name) or compiled.search(path.as_posix())
        if match is None:
            return stem_of(path.name)
        return match[1] or match[0] if compiled.groups else match[0]

    return told


def bound(material: Material) -> Material:
    """Clips whose rows are the same, number for number, are of one group: the same sound lies there twice.

    A group that is bound to others takes the first of their names, and is told.
    """
    marks = [row.tobytes().hex() for row in np.ascontiguousarray(material.values)]
    groups = [clip.group for clip in material.clips]
    same = components([{"group": group, "row": mark} for group, mark in zip(groups, marks, strict=True)])
    names: dict[int, str] = {}
    for number, group in zip(same.tolist(), groups, strict=True):
        names[number] = min(names.get(number, group), group)
    fresh = [names[number] for number in same.tolist()]
    joined = len(set(groups)) - len(set(fresh))
    if not joined:
        return material
    clips = tuple(replace(clip, group=group) for clip, group in zip(material.clips, fresh, strict=True))
    note = f"the same sound lies in files of several groups: {joined} of them were joined to others"
    return replace(material, clips=clips, notes=(*material.notes, note))


def _gathered(
    by_file: Mapping[Path, Sequence[LabelledClip]], answers: Mapping[Path, Pooled], grouping: Callable[[Path], str]
) -> Material:
    """Rows of files in order of their names, and what could not be taken."""
    rows, clips, left = list[Values](), list[Clip](), list[tuple[str, str]]()
    inputs: tuple[Input, ...] = ()
    for path, labelled in sorted(by_file.items()):
        pooled = answers[path]
        if pooled.reason or pooled.values is None or pooled.spans is None:
            left.append((str(path), pooled.reason))
            continue
        inputs = _same(inputs, pooled)
        for clip, row, span, fault in zip(labelled, pooled.values, _each(pooled.spans), pooled.faults, strict=True):
            if fault:
                left.append((str(path), f"{clip.source.name}, {clip.where}: {fault}"))
            else:
                whole = clip.span is None
                clips.append(Clip(path.name, str(path), span, whole, clip.label, grouping(path)))
                rows.append(row)
    values = np.array(rows, np.float32) if rows else np.empty((0, sum(one.numbers for one in inputs)), np.float32)
    return Material(values, tuple(clips), inputs, left_out=tuple(left))


def _same(inputs: tuple[Input, ...], pooled: Pooled) -> tuple[Input, ...]:
    if inputs and inputs != pooled.inputs:
        raise OptionError(f"the tracks of all files must be of one kind, got others of {str(pooled.file)!r}")
    return pooled.inputs


def _each(spans: Spans) -> Iterable[Span]:
    return (Span(start, end) for start, end in as_spans(spans).tolist())


def _why_nothing(merged: Merged, left: Sequence[tuple[str, str]], files: int) -> str:
    first = [f"{one.clip}: {one.reason}" for one in merged.left_out] + [f"{name}: {reason}" for name, reason in left]
    first += [str(conflict) for conflict in merged.conflicts]
    why = f"; {first[0]}" if first else ""
    return (
        f"labels must be about clips that can be read, got {merged.items} items and {files} files, and none fits{why}"
    )
