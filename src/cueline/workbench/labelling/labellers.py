"""Each person of a campaign: how much they answered, how often they say what others say, how far to believe them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cueline.evaluation.annotators import people_and_others
from cueline.evaluation.consensus import Consensus
from cueline.timeline.votes import UNSURE, Votes
from cueline.workbench.labelling.said import Said


@dataclass(frozen=True, slots=True)
class OnClass:
    """One person on one class.

    Attributes:
        judged: Items that they judged.
        shared: Those that somebody else judged too.
        percent: Share of others that say the same; NaN where nothing is shared.
        majority: How often they say what most of the others say; NaN likewise.
        alpha_without: Krippendorff's alpha of all others; NaN where it is not defined.
        sensitivity: How often they say yes where yes is right, by Dawid and Skene's estimate; NaN where there is none.
        specificity: How often they say no where no is right, likewise.
    """

    judged: int
    shared: int
    percent: float
    majority: float
    alpha_without: float
    sensitivity: float
    specificity: float


@dataclass(frozen=True, slots=True)
class Labeller:
    """One person.

    Attributes:
        name: As the team calls them.
        answers: Those that hold, whatever they say.
        unsure: Answers that could not say.
        skipped: Answers that did not want to.
        percent: Share of others that say the same, over all classes; NaN where nothing is shared.
        majority: How often they say what most of the others say, likewise.
        classes: Each class by itself.
    """

    name: str
    answers: int
    unsure: int
    skipped: int
    percent: float
    majority: float
    classes: Mapping[str, OnClass]

    @property
    def sensitivity(self) -> float:
        """Mean over the classes where it is known, else NaN."""
        return _mean([each.sensitivity for each in self.classes.values()])

    @property
    def specificity(self) -> float:
        """Mean over the classes where it is known, else NaN."""
        return _mean([each.specificity for each in self.classes.values()])


def labellers(found: Said, estimates: Mapping[str, Consensus | None]) -> tuple[Labeller, ...]:
    """Every person of a campaign, in order of name.

    Args:
        found: What people said.
        estimates: Of each class, where there is one.
    """
    votes = found.votes
    answers = Counter(answer.who for answer in found.answers)
    skipped = Counter(answer.who for answer in found.answers if answer.verdict == "skipped")
    whole = people_and_others(np.concatenate([votes.about(name) for name in votes.classes]))
    each = {name: _on_class(votes, name, estimates[name]) for name in votes.classes}
    return tuple(
        Labeller(
            name=who,
            answers=answers[who],
            unsure=int(np.count_nonzero(votes.table[:, :, person] == UNSURE)),
            skipped=skipped[who],
            percent=whole[person].percent,
            majority=whole[person].majority,
            classes={name: own[person] for name, own in each.items()},
        )
        for person, who in enumerate(votes.people)
    )


def _on_class(votes: Votes, name: str, estimate: Consensus | None) -> list[OnClass]:
    found = people_and_others(votes.about(name))
    unknown = np.full(len(found), np.nan)
    sides = (unknown, unknown) if estimate is None else (estimate.sensitivity, estimate.specificity)
    return [
        OnClass(
            one.judged, one.shared, one.percent, one.majority, one.alpha_without, float(sides[0][i]), float(sides[1][i])
        )
        for i, one in enumerate(found)
    ]


def _mean(values: list[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan
