"""What a simulation is played on: rows with known answers, parted into a pool and a test set that is always the same.

The test set is drawn by a seed of its own, whatever the seeds of the runs: groups stay whole, every class of the labels
gets its share as far as groups allow. A class that cannot be learned or measured so is left out and explained; the
others go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cueline.datasets.youtube8m import Vocabulary, read_examples, read_vocabulary
from cueline.errors import OptionError, near_miss
from cueline.learning.active.asking import NO, UNKNOWN, YES, Rows, Verdicts
from cueline.learning.stratified import stratified_split
from cueline.timeline.examples import Examples
from cueline.workbench.library import Library
from cueline.workbench.scoring_groups import read_groups

TEST_SEED = 0
TEST_SHARE = 0.25
MOST_CLASSES = 20  # that are taken where nobody names them


@dataclass(frozen=True, slots=True)
class Entrant:
    """A class that is simulated.

    Attributes:
        number: Of the class among all that the labels know.
        name: What it is called.
        positives: Rows of the pool that have it.
        test_positives: Rows of the test set that have it.
        base_rate: Their share of the test rows that were judged.
    """

    number: int
    name: str
    positives: int
    test_positives: int
    base_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Rows, parted.

    Attributes:
        title: What they are, in a few words.
        examples: All rows, raw.
        entrants: The classes that are simulated.
        answers: YES, NO or UNKNOWN for each row and entrant, shape (N, C).
        pool: Rows that can be asked about, rising.
        test: Rows that models are measured on, rising.
        notes: What was left out, and why.
    """

    title: str
    examples: Examples
    entrants: tuple[Entrant, ...]
    answers: Verdicts
    pool: Rows
    test: Rows
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Material({len(self.pool)} rows in the pool, {len(self.test)} to test, {len(self.entrants)} classes)"


def material_of_files(
    features: Path,
    labels: Path,
    *,
    classes: Sequence[str],
    vocabulary: Path | None = None,
    groups: Path | None = None,
    test_share: float = TEST_SHARE,
    exclusive: bool = False,
) -> Material:
    """Rows and answers from files.

    Args:
        features: A .npy array, shape (N, D), bytes or floats.
        labels: A .npz, .npy or .csv file, as `cueline.datasets.youtube8m.labels` reads them.
        classes: Numbers of classes, or their names where a vocabulary is given; all where none is named and there are
            few.
        vocabulary: Names of the classes.
        groups: The group of each row; see `read_groups`.
        test_share: Of the rows in the test set, in (0, 1).
        exclusive: As `parted`.

    Raises:
        FormatError: If a file is broken, a feature is not finite, or files have different numbers of rows.
        OptionError: As `parted`, or if there is no such class.
    """
    words = read_vocabulary(vocabulary) if vocabulary else None
    examples = read_examples(features, labels, classes=len(words) if words else None)
    examples = replace(examples, classes=_names(words, examples.yes.width))
    if groups is not None:
        examples = replace(examples, groups=read_groups(groups, items=examples.assets, rows=len(examples)))
    return parted(examples, classes, title=features.name, test_share=test_share, exclusive=exclusive)


def material_of_library(
    library: Library,
    campaign: str,
    tracks: Sequence[str],
    *,
    classes: Sequence[str] = (),
    test_share: float = TEST_SHARE,
    exclusive: bool = False,
) -> Material:
    """Rows from feature tracks, answers from what people said in a campaign.

    Args:
        library: Where.
        campaign: Name of the campaign.
        tracks: Names of feature tracks.
        classes: Names of classes of the campaign; all if none.
        test_share: As `material_of_files`.
        exclusive: As `parted`.

    Raises:
        OptionError: As `parted`, or if no clip has the tracks.
        StoreError: If there is no such campaign.
    """
    from cueline.workbench.labelling.lessons import campaign_lesson

    lesson = campaign_lesson(library, campaign, tracks)
    title = f"{campaign} in {library.path.name}"
    found = parted(lesson.examples, classes, title=title, test_share=test_share, exclusive=exclusive)
    return replace(found, notes=(*(f"{name} takes no part: {why}." for name, why in lesson.left_out), *found.notes))


def parted(
    examples: Examples,
    classes: Sequence[str],
    *,
    title: str,
    test_share: float = TEST_SHARE,
    exclusive: bool = False,
) -> Material:
    """Choose classes and part rows.

    Args:
        examples: Rows with answers.
        classes: Numbers or names; all if none.
        title: What the rows are.
        test_share: Of the rows in the test set, in (0, 1).
        exclusive: Whether each row has exactly one of the classes; rows with none or several are left out.

    Raises:
        OptionError: If there is no such class, none can be measured, all rows are of one group, or the share is none.
    """
    numbers = _chosen(examples, classes)
    names = examples.classes or tuple(f"class {number}" for number in range(examples.yes.width))
    answers = _answers(examples, numbers)
    kept, notes = _kept(answers, exclusive=exclusive)
    groups = examples.groups
    split = stratified_split(
        examples.yes, share=test_share, seed=TEST_SEED, unknown=examples.unknown, groups=groups, classes=names
    ).splits[0]
    pool, test = split.learn[kept[split.learn]], split.apart[kept[split.apart]]
    places, entrants = list[int](), list[Entrant]()
    for place, number in enumerate(numbers):
        entrant = _entrant(number, names[number], answers[:, place], pool, test)
        why = _why_not(answers[:, place], pool, test, groups)
        if why:
            notes.append(f"{names[number]} is left out: {why}.")
        else:
            places.append(place)
            entrants.append(entrant)
    if not entrants:
        raise OptionError(f"no class can be simulated. {' '.join(notes)}")
    return Material(
        title, examples, tuple(entrants), np.ascontiguousarray(answers[:, places]), pool, test, tuple(notes)
    )


def _names(words: Vocabulary | None, width: int) -> tuple[str, ...]:
    return words.matching(width).names if words else ()


def _chosen(examples: Examples, classes: Sequence[str]) -> list[int]:
    width, names = examples.yes.width, {name.casefold(): place for place, name in enumerate(examples.classes)}
    if not classes:
        if width > MOST_CLASSES:
            raise OptionError(f"there are {width:,} classes; name those to simulate, such as --classes 1,5,9")
        return list(range(width))
    chosen = list[int]()
    for text in classes:
        number = names.get(text.casefold(), -1)
        if number < 0 and text.isascii() and text.isdecimal():
            number = int(text[:12])
            if number >= width:
                raise OptionError(f"classes are numbered from 0 to {width - 1:,}, got {text}")
        if number < 0:
            hint = near_miss(text, examples.classes) if names else " Name classes by number, or give --vocabulary."
            raise OptionError(f"no class is called {text!r}.{hint}")
        if number in chosen:
            raise OptionError(f"each class is simulated once, got {text!r} twice")
        chosen.append(number)
    return chosen


def _answers(examples: Examples, numbers: Sequence[int]) -> Verdicts:
    """YES, NO or UNKNOWN, without the N x C bytes of all classes."""
    answers = np.full((len(examples), len(numbers)), NO, np.int8)
    for lists, verdict in ((examples.yes, YES), (examples.unknown, UNKNOWN)):
        rows = lists.rows
        for place, number in enumerate(numbers):
            answers[rows[lists.ids == number], place] = verdict
    return answers


def _kept(answers: Verdicts, *, exclusive: bool) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], list[str]]:
    """Rows that take part, and what is to be said of the others."""
    judged = (answers != UNKNOWN).any(axis=1)
    notes = []
    silent = int(np.count_nonzero(~judged))
    if silent:
        notes.append(f"{silent:,} rows are left out: nobody judged any of the classes.")
    if not exclusive:
        return judged, notes
    one = judged & ((answers == YES).sum(axis=1) == 1) & (answers != UNKNOWN).all(axis=1)
    other = int(np.count_nonzero(judged & ~one))
    if other:
        notes.append(
            f"{other:,} rows are left out: they have none or several of the classes, which exclude each other."
        )
    return one, notes


def _entrant(number: int, name: str, answers: Verdicts, pool: Rows, test: Rows) -> Entrant:
    judged = int(np.count_nonzero(answers[test] != UNKNOWN))
    positives = int(np.count_nonzero(answers[test] == YES))
    return Entrant(
        number, name, int(np.count_nonzero(answers[pool] == YES)), positives, positives / judged if judged else 0.0
    )


def _why_not(answers: Verdicts, pool: Rows, test: Rows, groups: Rows) -> str:
    """Why a class cannot be simulated; empty if it can."""
    for verdict, what in ((YES, "positive"), (NO, "negative")):
        mine = np.flatnonzero(answers == verdict)
        there = [name for name, rows in (("pool", pool), ("test set", test)) if not (answers[rows] == verdict).any()]
        if there:
            held = len(np.unique(groups[mine]))
            count = f"{len(mine):,} {what}{'s' * (len(mine) != 1)}"
            where = f" in {held:,} group{'s' * (held != 1)}" if len(mine) else ""
            return f"it has {count}{where}, and none of them is in the {' or the '.join(there)}"
    return ""
