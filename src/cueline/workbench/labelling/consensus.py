"""What the answers of a campaign amount to: for each item and class the chance that the class is there.

majority      the share of yes; where as many say yes as no it is 0.5
dawid-skene   people are believed as far as they have earned it (`cueline.evaluation.consensus`)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cueline.errors import OptionError, near_miss
from cueline.evaluation.consensus import Consensus, dawid_skene, majority
from cueline.timeline.spans import Span
from cueline.timeline.votes import NO, UNSURE, YES, Table
from cueline.workbench.labelling.said import said
from cueline.workbench.library import Library


@dataclass(frozen=True, slots=True)
class Meant:
    """One class in one item.

    Attributes:
        asset: Id of the asset.
        name: What it is called.
        span: Which part of it; None for the whole.
        label: Name of the class.
        chance: That the class is there, in [0, 1].
        yes: How many said so.
        no: How many said not.
        unsure: How many could not say.
    """

    asset: str
    name: str
    span: Span | None
    label: str
    chance: float
    yes: int
    no: int
    unsure: int


@dataclass(frozen=True, slots=True)
class CampaignConsensus:
    """What all answers amount to.

    Attributes:
        campaign: Its name.
        method: How the chances were found.
        rows: Of each item and class that somebody judged, in order of items, then classes.
        unjudged: How many items and classes nobody could judge.
        notes: What is doubtful.
    """

    campaign: str
    method: str
    rows: tuple[Meant, ...]
    unjudged: int
    notes: tuple[str, ...] = ()


def consensus(
    library: Library, campaign: str, *, method: str = "majority", classes: Sequence[str] = ()
) -> CampaignConsensus:
    """The chance of each class in each item.

    Args:
        library: Where.
        campaign: Name of the campaign.
        method: "majority" or "dawid-skene".
        classes: Which of its classes; all where none is given.

    Raises:
        StoreError: If there is no such campaign.
        OptionError: If there is no such method, or the campaign does not ask about a class.
    """
    way = way_of(method)
    found = said(library, campaign, classes)
    votes, rows, notes = found.votes, list[tuple[int, int, Meant]](), list[str]()
    for column, label in enumerate(votes.classes):
        table = votes.about(label)
        meant = way(table)
        notes += doubts(label, meant)
        counts = [np.count_nonzero(table == verdict, axis=1).tolist() for verdict in (YES, NO, UNSURE)]
        for item in np.flatnonzero(~np.isnan(meant.chance)).tolist():
            asset, span = votes.items[item]
            chance = float(meant.chance[item])
            own = Meant(asset, found.names[item], span, label, chance, *(count[item] for count in counts))
            rows.append((item, column, own))
    rows.sort(key=lambda row: row[:2])
    unjudged = len(votes.items) * len(votes.classes) - len(rows)
    return CampaignConsensus(campaign, method, tuple(row for _, _, row in rows), unjudged, tuple(notes))


def doubts(label: str, found: Consensus) -> list[str]:
    """What must be known beside an estimate of one class."""
    if found.method != "dawid-skene":
        return []
    if not found.converged:
        return [f"{label}: the estimate still moved after {found.turns} turns; its chances are rough"]
    if not found.turns and not np.isnan(found.chance).all():
        return [f"{label}: no item has two judgements, so that people are taken at their word"]
    return []


def learned(table: Table) -> Consensus | None:
    """Dawid-Skene of one class, None where no item has two judgements to learn from."""
    return dawid_skene(table) if ((table >= 0).sum(axis=1) > 1).any() else None


def way_of(method: str) -> Callable[[Table], Consensus]:
    """How votes become chances, by name.

    Raises:
        OptionError: If there is none of that name.
    """
    if method not in _WAYS:
        raise OptionError(f"a consensus is {' or '.join(_WAYS)}, got {method!r}.{near_miss(method, _WAYS)}")
    return _WAYS[method]


_WAYS: Mapping[str, Callable[[Table], Consensus]] = {"majority": majority, "dawid-skene": dawid_skene}
