"""Labels looked at again: which are likely wrong, and what more of them would bring.

    doubtful_labels  answers that a model which did not learn from them speaks against
    label_gain       what so many more labels are expected to bring, and what a random split would have claimed

Both learn from the feature tracks of the library and from what people agree on in a campaign, groups kept whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from cueline.learning.active.asking import UNKNOWN, YES
from cueline.learning.active.learning_curve import LearningCurve, learning_curve
from cueline.learning.active.stopping import Gain, expected_gain
from cueline.learning.doubts import find_doubts
from cueline.learning.flattery import Flattery, flattery
from cueline.timeline.examples import Examples, LabelLists
from cueline.timeline.spans import Span
from cueline.workbench.labelling.lessons import CampaignLesson, campaign_lesson
from cueline.workbench.library import Library


@dataclass(frozen=True, slots=True)
class DoubtfulLabel:
    """An answer that is perhaps wrong.

    Attributes:
        asset: Id of the asset.
        file: Its name.
        span: Which part; None for the whole.
        label: Name of the class.
        said: "yes" or "no": what most people say.
        chance: Of yes, balanced, from a model that learned from other groups.
        doubt: Above 0, at most 1: how much more the clip is like those of the other answer.
    """

    asset: str
    file: str
    span: Span | None
    label: str
    said: str
    chance: float
    doubt: float


@dataclass(frozen=True, slots=True)
class Doubted:
    """Answers to look at again.

    Attributes:
        labels: The most doubtful first.
        judged: How many answers were looked at.
        expected: How many of each class are expected to be wrong; classes that could not be looked at are left out.
        notes: Those classes, and why; how many labels nobody could decide.
        left_out: Clips that take no part, and why.
    """

    labels: tuple[DoubtfulLabel, ...]
    judged: int
    expected: Mapping[str, float]
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class LabelGain:
    """What more labels would bring.

    Attributes:
        curve: What fewer of the labels would have brought.
        gain: What so many more will bring, if the curve goes on.
        flattery: What a random split of the same clips would have claimed.
    """

    curve: LearningCurve
    gain: Gain
    flattery: Flattery


def doubtful_labels(
    library: Library,
    campaign: str,
    tracks: Sequence[str],
    *,
    classes: Sequence[str] = (),
    folds: int = 5,
    seed: int = 0,
) -> Doubted:
    """Find answers that are likely wrong, from models that did not learn from their groups.

    Args:
        library: Where.
        campaign: Name of the campaign.
        tracks: Feature tracks to learn from.
        classes: Only these classes of the campaign; all where none is given.
        folds: How many models, 2 or more.
        seed: Of the folds.

    Raises:
        OptionError: If a name is unknown, no clip has the tracks, or there are fewer groups than folds.
        TimelineError: If no class has enough of both answers.
    """
    lesson = campaign_lesson(library, campaign, tracks)
    columns = lesson.columns(classes)
    names = [lesson.campaign.classes[column] for column in columns]
    answers = lesson.answers[:, columns]
    there = (answers != UNKNOWN).any(axis=1)
    rows = np.flatnonzero(there)
    found = find_doubts(
        lesson.examples.values[rows],
        answers[rows],
        lesson.examples.groups[rows],
        folds=folds,
        seed=seed,
        classes=names,
    )
    labels = tuple(
        DoubtfulLabel(
            lesson.items[row][0],
            lesson.examples.assets[row],
            lesson.items[row][1],
            names[label],
            "yes" if said else "no",
            chance,
            doubt,
        )
        for row, label, said, chance, doubt in zip(
            rows[found.rows].tolist(),
            found.labels.tolist(),
            found.said.tolist(),
            found.chances.tolist(),
            found.doubts.tolist(),
            strict=True,
        )
    )
    expected = {name: wrong for name, wrong in zip(names, found.expected.tolist(), strict=True) if not isnan(wrong)}
    split = int((lesson.asked[:, columns] & (answers == UNKNOWN)).sum())
    notes = (*found.notes, *([f"{split} labels are not looked at: people are tied, or cannot say"] if split else []))
    return Doubted(labels, int((answers != UNKNOWN).sum()), expected, notes, lesson.left_out)


def label_gain(
    library: Library,
    campaign: str,
    tracks: Sequence[str],
    *,
    more: int = 50,
    classes: Sequence[str] = (),
    draws: int = 10,
    folds: int = 5,
    seed: int = 0,
) -> LabelGain:
    """What so many more labels are expected to bring.

    Args:
        library: Where.
        campaign: Name of the campaign.
        tracks: Feature tracks to learn from.
        more: How many labels, 1 or more.
        classes: Only these classes of the campaign; all where none is given.
        draws: Orders in which the labels are learned; more make the interval better.
        folds: How many models each, 2 or more.
        seed: Of orders and folds.

    Raises:
        OptionError: If a name is unknown, no clip has the tracks, or there are fewer groups than folds.
        TimelineError: If no class has enough of both answers.
    """
    lesson = campaign_lesson(library, campaign, tracks)
    columns = lesson.columns(classes)
    curve = learning_curve(
        lesson.examples.values,
        lesson.answers[:, columns],
        lesson.examples.groups,
        draws=draws,
        folds=folds,
        seed=seed,
        classes=[lesson.campaign.classes[column] for column in columns],
    )
    flattered = flattery(_of_columns(lesson, columns), folds=folds, seed=seed)
    return LabelGain(curve, expected_gain(curve, more), flattered)


def _of_columns(lesson: CampaignLesson, columns: Sequence[int]) -> Examples:
    """The answered rows, with answers about some classes alone."""
    answers = lesson.answers[:, columns]
    rows = np.flatnonzero((answers != UNKNOWN).any(axis=1))
    whole = lesson.examples
    return Examples(
        whole.values[rows],
        LabelLists.of_flags(answers[rows] == YES),
        LabelLists.of_flags(answers[rows] == UNKNOWN),
        tuple(whole.classes[column] for column in columns),
        groups=whole.groups[rows],
    )
