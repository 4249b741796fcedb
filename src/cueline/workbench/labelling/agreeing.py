"""Do the people of a campaign agree: class by class, person by person, range by range, and about which clips not.

Two judgements of one class in one item can be compared: yes or no; who cannot say is counted apart and does not judge.
Intervals draw whole groups of items, such as all clips of one source video. Where there is one labeller nothing can be
compared: the numbers are NaN, and `why` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.evaluation.agreement import agreement_interval, cohen_kappa, fleiss_kappa, percent_agreement
from cueline.evaluation.annotators import PairAgreement, pairs_of_people
from cueline.evaluation.consensus import Consensus, majority
from cueline.evaluation.summaries import Interval
from cueline.timeline.votes import MISSING, NO, UNSURE, YES, Table
from cueline.workbench.labelling.consensus import doubts, learned
from cueline.workbench.labelling.disputes import Dispute, disputes
from cueline.workbench.labelling.labellers import Labeller, labellers
from cueline.workbench.labelling.marked import RangeAgreement, range_agreement
from cueline.workbench.labelling.said import Said, said
from cueline.workbench.library import Library

SURE = 0.9  # a chance within this of neither yes nor no is uncertain


@dataclass(frozen=True, slots=True)
class Meanings:
    """What all answers about a class amount to, counted in items.

    Attributes:
        yes: Where most say yes.
        no: Where most say no.
        tied: Where as many say yes as no.
        uncertain: Where Dawid-Skene's chance is between 0.1 and 0.9; None where nothing could be learned of people.
    """

    yes: int
    no: int
    tied: int
    uncertain: int | None


@dataclass(frozen=True, slots=True)
class ClassAgreement:
    """How far people agree about one class.

    Attributes:
        name: Of the class.
        people: How many judged it.
        judged: Items that somebody judged.
        shared: Items that two people or more judged.
        base: Share of yes among all judgements; NaN of none.
        unsure: Answers that could not say.
        older: Answers about an older version of the class.
        percent: Share of pairs that say the same; NaN where nothing is shared.
        cohen: Cohen's kappa, of exactly two people; else NaN.
        fleiss: Fleiss' kappa, where every shared item has as many judgements; else NaN.
        alpha: Krippendorff's, with its interval.
        pairs: Every two people; their numbers are places in `CampaignAgreement.people`.
        meanings: What the answers amount to.
        why: Why nothing can be compared, or empty.
    """

    name: str
    people: int
    judged: int
    shared: int
    base: float
    unsure: int
    older: int
    percent: float
    cohen: float
    fleiss: float
    alpha: Interval
    pairs: tuple[PairAgreement, ...]
    meanings: Meanings
    why: str = ""


@dataclass(frozen=True, slots=True)
class CampaignAgreement:
    """How far the people of a campaign agree.

    Attributes:
        campaign: Its name.
        items: Clips or ranges that were answered.
        groups: Sets of items that share groups, such as source videos.
        answers: Those that hold.
        people: Each beside the others, in order of name.
        classes: In the order in which the campaign asks.
        exclusive: Alpha over which class it is, or none, where just one is right; else None.
        ranges: Each class and pair of people that marked ranges.
        disputed: The most disputed items, the most evenly split first.
        disputes: How many items and classes are disputed in all.
        why: Why nothing can be compared, or empty.
        notes: What else must be known.
    """

    campaign: str
    items: int
    groups: int
    answers: int
    people: tuple[Labeller, ...]
    classes: tuple[ClassAgreement, ...]
    exclusive: Interval | None
    ranges: tuple[RangeAgreement, ...]
    disputed: tuple[Dispute, ...]
    disputes: int
    why: str = ""
    notes: tuple[str, ...] = ()


def agreement(
    library: Library,
    campaign: str,
    *,
    classes: Sequence[str] = (),
    most: int = 20,
    iou: float = 0.5,
    resamples: int = 1000,
    seed: int = 0,
) -> CampaignAgreement:
    """Measure how far people agree.

    Args:
        library: Where.
        campaign: Name of the campaign.
        classes: Which of its classes; all where none is given.
        most: How many disputed items to name.
        iou: Least intersection over union of two ranges that mean the same, in (0, 1].
        resamples: For the intervals, 1 or more.
        seed: Of the resamples.

    Raises:
        StoreError: If there is no such campaign.
        OptionError: If the campaign does not ask about a class.
        TimelineError: If `iou` or `resamples` cannot be.
    """
    found = said(library, campaign, classes)
    votes = found.votes
    estimates = {name: learned(votes.about(name)) for name in votes.classes}
    exclusive, notes = None, _notes(found, estimates)
    if found.campaign.exclusive:
        chosen, contradictory = chosen_classes(votes.table)
        exclusive = agreement_interval(chosen, found.groups, resamples=resamples, seed=seed)
        if contradictory:
            notes.append(
                f"{contradictory} times one person said yes to several classes of one item, where one is right"
            )
    named, count = disputes(found, estimates, most=most)
    return CampaignAgreement(
        campaign=campaign,
        items=len(votes),
        groups=len(np.unique(found.groups)),
        answers=len(found.answers),
        people=labellers(found, estimates),
        classes=tuple(_of_class(found, name, estimates[name], resamples, seed) for name in votes.classes),
        exclusive=exclusive,
        ranges=tuple(range_agreement(found.answers, votes.classes, iou=iou)),
        disputed=named,
        disputes=count,
        why=_why(votes.people, np.any(votes.table >= 0, axis=(0, 1)), shared=_sharing(votes.table)),
        notes=tuple(notes),
    )


def chosen_classes(table: Table) -> tuple[npt.NDArray[np.int16], int]:
    """Which class each person takes each item for, where just one is right.

    Args:
        table: Votes, shape (I, C, P).

    Returns:
        The number of the class that somebody said yes to, C where they said no to all, MISSING where they said yes to
        several or not enough, shape (I, P); and how often somebody said yes to several.
    """
    yes = (table == YES).sum(axis=1)
    none = (table == NO).all(axis=1) if table.shape[1] else np.zeros(yes.shape, np.bool_)
    first = (table == YES).argmax(axis=1) if table.shape[1] else np.zeros(yes.shape, np.intp)
    chosen = np.where(yes == 1, first, np.where(none, table.shape[1], MISSING))
    return chosen.astype(np.int16), int(np.count_nonzero(yes > 1))


def _of_class(found: Said, name: str, estimate: Consensus | None, resamples: int, seed: int) -> ClassAgreement:
    table = found.votes.about(name)
    judging = np.any(table >= 0, axis=0)
    counts = (table >= 0).sum(axis=1)
    shared = table[counts > 1]
    even = len(shared) and len(np.unique(counts[counts > 1])) == 1
    both = table[:, judging] if judging.sum() == 2 else np.empty((0, 2), np.int8)
    yes, judgements = np.count_nonzero(table == YES), np.count_nonzero(table >= 0)
    return ClassAgreement(
        name=name,
        people=int(judging.sum()),
        judged=int(np.count_nonzero(counts)),
        shared=len(shared),
        base=yes / judgements if judgements else float("nan"),
        unsure=int(np.count_nonzero(table == UNSURE)),
        older=found.older.get(name, 0),
        percent=percent_agreement(table),
        cohen=cohen_kappa(*both.T),
        fleiss=fleiss_kappa(shared) if even else float("nan"),
        alpha=agreement_interval(table, found.groups, resamples=resamples, seed=seed),
        pairs=tuple(pairs_of_people(table)),
        meanings=_meanings(table, estimate),
        why=_why(found.votes.people, judging, shared=bool(len(shared))),
    )


def _meanings(table: Table, estimate: Consensus | None) -> Meanings:
    share = majority(table).chance
    yes, no, tied = (int(np.count_nonzero(where)) for where in (share > 0.5, share < 0.5, share == 0.5))
    if estimate is None:
        return Meanings(yes, no, tied, None)
    doubtful = (estimate.chance > 1 - SURE) & (estimate.chance < SURE)
    return Meanings(yes, no, tied, int(np.count_nonzero(doubtful)))


def _sharing(table: Table) -> bool:
    return bool(((table >= 0).sum(axis=2) > 1).any())


def _why(people: Sequence[str], judging: Any, *, shared: bool) -> str:
    if shared:
        return ""
    named = [name for name, judges in zip(people, judging.tolist(), strict=True) if judges]
    if not named:
        return "nobody has judged anything yet"
    if len(named) == 1:
        return f"only {named[0]} has judged: agreement takes two people"
    return f"{len(named)} people have judged, but never the same item"


def _notes(found: Said, estimates: dict[str, Consensus | None]) -> list[str]:
    notes = [
        f"{name}: {count} answers are about an older version of the class; they count, and may mean something else"
        for name, count in found.older.items()
    ]
    notes += [
        f"{name}: {count} answers do not count, for the campaign does not ask about this class any more"
        for name, count in found.strays.items()
    ]
    for name, estimate in estimates.items():
        notes += doubts(name, estimate) if estimate else []
    return notes
