"""Items that people see differently, the most evenly split first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cueline.evaluation.consensus import Consensus
from cueline.timeline.spans import Span
from cueline.timeline.votes import NO, UNSURE, YES
from cueline.workbench.labelling.said import Said


@dataclass(frozen=True, slots=True)
class Dispute:
    """One class in one item that some say yes to and others no.

    Attributes:
        asset: Id of the asset.
        name: What it is called.
        span: Which part of it; None for the whole.
        label: Name of the class.
        yes: Who said so.
        no: Who said not.
        unsure: Who could not say.
        chance: That the class is there, by Dawid and Skene's estimate, in [0, 1].
    """

    asset: str
    name: str
    span: Span | None
    label: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    unsure: tuple[str, ...]
    chance: float


def disputes(
    found: Said, estimates: Mapping[str, Consensus | None], *, most: int = 20
) -> tuple[tuple[Dispute, ...], int]:
    """The most disputed, and how many there are.

    Args:
        found: What people said.
        estimates: Of each class, where there is one.
        most: How many to name.

    Returns:
        The most evenly split first; of those, what more people judged; then in order of items and classes.
    """
    table = found.votes.table
    yes, no = (np.count_nonzero(table == verdict, axis=2) for verdict in (YES, NO))
    rows, columns = np.nonzero((yes > 0) & (no > 0))
    ours, theirs = yes[rows, columns], no[rows, columns]
    order = np.lexsort((columns, rows, -(ours + theirs), -np.minimum(ours, theirs) / (ours + theirs)))
    named = [
        _named(found, estimates, row, column)
        for row, column in zip(rows[order][:most].tolist(), columns[order][:most].tolist(), strict=True)
    ]
    return tuple(named), len(rows)


def _named(found: Said, estimates: Mapping[str, Consensus | None], row: int, column: int) -> Dispute:
    votes = found.votes
    (asset, span), label = votes.items[row], votes.classes[column]
    given = list(zip(votes.people, votes.table[row, column].tolist(), strict=True))
    yes, no, unsure = (tuple(who for who, said in given if said == verdict) for verdict in (YES, NO, UNSURE))
    estimate = estimates[label]
    chance = math.nan if estimate is None else float(estimate.chance[row])
    return Dispute(asset, found.names[row], span, label, yes, no, unsure, chance)
