"""Each person beside the others: every pair's agreement, and who stands apart.

Ratings are as in `cueline.evaluation.agreement`: whole numbers, shape (I, P), below 0 for no judgement.

    pairs_of_people     percent agreement and Cohen's kappa of every two, over the items that both judged
    people_and_others   how often each says what the others say, and what alpha is without them

Who says otherwise than the others need not be wrong: three can share a mistake. A much higher alpha without one person
says where to look first.

References:
    K. Krippendorff, 2004, Content analysis, 11.3: reliability with one observer left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from cueline.evaluation.agreement import as_ratings, cohen_kappa, counted, krippendorff_alpha, percent_agreement


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two people.

    Attributes:
        first: Column of one of them.
        second: Column of the other.
        items: How many both judged.
        percent: Share of them of which they say the same; NaN where there are none.
        kappa: Cohen's; NaN where it is not defined.
    """

    first: int
    second: int
    items: int
    percent: float
    kappa: float


@dataclass(frozen=True, slots=True)
class PersonAgreement:
    """One person and the others.

    Attributes:
        judged: Items that this person judged.
        shared: Those that somebody else judged too.
        percent: Share of the judgements of others, of these items, that are the same; averaged over items; NaN of none.
        majority: Share of items on which this person says what most of the others say; where the others are tied the
            item does not count; NaN of none.
        alpha_without: Krippendorff's alpha of all others; NaN where it is not defined.
    """

    judged: int
    shared: int
    percent: float
    majority: float
    alpha_without: float


def pairs_of_people(ratings: npt.ArrayLike) -> list[PairAgreement]:
    """Agreement of every two people.

    Args:
        ratings: Whole numbers, shape (I, P), below 0 for no judgement.

    Returns:
        P (P - 1) / 2 of them, in order of columns.

    Raises:
        TimelineError: If the table has another shape or holds no whole numbers.

    Example:
        >>> pairs_of_people([[1, 1], [1, 0], [0, 0], [0, -1]])
        [PairAgreement(first=0, second=1, items=3, percent=0.66..., kappa=0.4)]
    """
    table = as_ratings(ratings)
    found = []
    for first, second in combinations(range(table.shape[1]), 2):
        both = table[:, [first, second]]
        both = both[(both >= 0).all(axis=1)]
        found.append(PairAgreement(first, second, len(both), percent_agreement(both), cohen_kappa(*both.T)))
    return found


def people_and_others(ratings: npt.ArrayLike) -> list[PersonAgreement]:
    """How each person stands to the others.

    Args:
        ratings: Whole numbers, shape (I, P), below 0 for no judgement.

    Returns:
        One a column.

    Raises:
        TimelineError: If the table has another shape or holds no whole numbers.

    Example:
        >>> ann, *_ = people_and_others([[1, 1, 1], [0, 1, 1], [0, 0, 0], [1, 0, 1]])
        >>> ann.shared, ann.percent, round(ann.majority, 4)
        (4, 0.625, 0.6667)
    """
    table = as_ratings(ratings)
    counts, names = counted(table)
    return [_beside(table, counts, names, person) for person in range(table.shape[1])]


def _beside(
    table: npt.NDArray[np.int64], counts: npt.NDArray[np.float64], names: npt.NDArray[np.int64], person: int
) -> PersonAgreement:
    judged = np.flatnonzero(table[:, person] >= 0)
    said = np.searchsorted(names, table[judged, person])
    others = counts[judged]
    others[np.arange(len(judged)), said] -= 1
    shared = others.sum(axis=1) > 0
    others, said = others[shared], said[shared]
    alone = krippendorff_alpha(np.delete(table, person, axis=1))
    if not len(said):
        return PersonAgreement(len(judged), 0, math.nan, math.nan, alone)
    most = others.max(axis=1)
    clear = (others == most[:, None]).sum(axis=1) == 1
    same = others[np.arange(len(said)), said]
    return PersonAgreement(
        judged=len(judged),
        shared=len(said),
        percent=float((same / others.sum(axis=1)).mean()),
        majority=float((same == most)[clear].mean()) if clear.any() else math.nan,
        alpha_without=alone,
    )
