"""Rows picked by a score, and rows picked before there is a model: what all strategies share.

best         the open rows with the greatest scores, ties drawn
beginning    rows to begin with: by what is known beforehand, or spread over the pool
believed     what the model and what was known beforehand say together
picked       a strategy's own choice, with a share for classes of which nothing is learned yet
spread, middles, in_turn   rows over a pool, rows in the middle of clusters, rows of several orders
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from cueline.errors import TimelineError
from cueline.learning.active.asking import UNKNOWN, YES, Floats, Known, Rows
from cueline.learning.active.few import fit_few

SPREAD_ROWS = 4096  # looked at to spread a few rows over a pool
CLUSTER_ROUNDS = 20
PRIOR_WORTH = 10  # answers of the rarer kind that weigh as much as what was known beforehand
Scores = npt.NDArray[np.floating]


def best(rows: Rows, scores: Scores, count: int, rng: np.random.Generator) -> Rows:
    """Those of some rows with the greatest scores, the greatest first; equal scores in an order that is drawn.

    Args:
        rows: Shape (M,).
        scores: One each, shape (M,); NaN counts as least.
        count: How many; all where there are fewer.
        rng: Decides ties.

    Example:
        >>> best(np.array([4, 7, 9]), np.array([0.1, 0.9, 0.5]), 2, np.random.default_rng(0)).tolist()
        [7, 9]
    """
    low = np.nan_to_num(-scores, nan=np.inf)
    order = rng.permutation(len(rows))
    if count < len(rows):
        limit = np.partition(low, count - 1)[count - 1]
        order = order[low[order] <= limit]
    order = order[np.argsort(low[order], kind="stable")]
    found: Rows = rows[order[:count]]
    return found


def beginning(known: Known, count: int, rng: np.random.Generator) -> Rows:
    """Rows to begin with, before a model can be fitted.

    With prior scores, every other row is the likeliest left of a class in turn; the others, and all without prior
    scores, are spread over the pool: those in the middle of as many clusters of open rows, so that every kind of clip
    is seen early and odd ones late.

    Args:
        known: What is known; its chances are not looked at.
        count: How many.
        rng: Decides draws.

    References:
        G. Hacohen, A. Dekel and D. Weinshall, 2022, Active learning on a budget: typical clips first when there are
        few labels.
    """
    rows = known.open
    if count >= len(rows):
        return rng.permutation(rows)
    if known.prior is None:
        return spread(known.values, rows, count, rng)
    half = -(-count // 2)
    likely = in_turn([best(rows, column[rows], half, rng) for column in known.prior.T], half)
    rest = spread(known.values, rows[~np.isin(rows, likely)], count - len(likely), rng)
    return np.concatenate((likely, rest))


def believed(known: Known) -> Floats:
    """What the model and the prior scores say together: the fewer the answers, the more the prior counts.

    The prior scores of a class are made chances by the same answers, one weight and a bias, so that both are on one
    scale, whatever the scale of the prior, and so that a prior that the answers contradict loses its say. With y and n
    answers of either kind the model counts min(y, n) / (min(y, n) + 10).

    Args:
        known: What is known, with chances.

    Returns:
        In [0, 1], shape (N, C); the chances themselves where there is no prior, and for classes without a model.

    Raises:
        TimelineError: If there are no chances.
    """
    if known.chances is None:
        raise TimelineError("there must be chances to believe in, got None. Ask for a beginning instead.")
    if known.prior is None:
        return known.chances
    mixed = known.chances.copy()
    answered = np.flatnonzero((known.answers != UNKNOWN).any(axis=1))
    for column in np.flatnonzero(~known.starved()):
        score = known.prior[:, [column]].astype(np.float32)
        score = (score - score.mean()) / max(float(score.std()), 1e-12)
        answers = known.answers[answered][:, [column]]
        prior = fit_few(score[answered], answers).chances(score)[:, 0]
        fewest = min(np.count_nonzero(answers == YES), np.count_nonzero((answers != YES) & (answers != UNKNOWN)))
        share = np.float32(fewest / (fewest + PRIOR_WORTH))
        mixed[:, column] = share * mixed[:, column] + (1 - share) * prior
    return mixed


def picked(known: Known, count: int, rng: np.random.Generator, own: Callable[[Rows, Floats, int], Rows]) -> Rows:
    """What a strategy picks where models are fitted, and a beginning for the classes where none is.

    The classes without a model get their share of the rows, what is left of a row by chance.

    Args:
        known: What is known.
        count: How many rows.
        rng: Decides draws.
        own: The strategy's own pick, from open rows, what is `believed` of all rows and of the fitted classes alone,
            and a count.
    """
    count = min(count, len(known.open))
    starved = known.starved()
    if known.chances is None or starved.all():
        return beginning(known, count, rng)
    mine = count - int(count * np.count_nonzero(starved) / len(starved) + rng.random())
    found = own(known.open, believed(known)[:, ~starved], mine) if mine else np.empty(0, np.int64)
    if mine == count:
        return found
    seen = known.seen.copy()
    seen[found] = True
    prior = None if known.prior is None else known.prior[:, starved]
    rest = beginning(Known(known.values, known.answers[:, starved], None, prior, seen), count - mine, rng)
    return np.concatenate((found, rest))


def spread(values: Floats, rows: Rows, count: int, rng: np.random.Generator) -> Rows:
    """Rows in the middle of as many clusters of some rows; large pools are looked at in part."""
    if count >= len(rows):
        return rng.permutation(rows)
    if not count:
        return np.empty(0, np.int64)
    some = np.sort(rng.choice(rows, min(max(SPREAD_ROWS, count), len(rows)), replace=False))
    found: Rows = some[rng.permutation(middles(values[some], count, rng))]
    return found


def middles(values: Floats, count: int, rng: np.random.Generator, *, weights: Scores | None = None) -> Rows:
    """The rows nearest to the middles of as many clusters.

    Args:
        values: Shape (M, D).
        count: How many, at most M.
        rng: Decides where clusters begin.
        weights: How much each row counts, above 0, shape (M,); all alike if None.

    Returns:
        Numbers of rows, each once, shape (count,); rows that are the same make fewer clusters, and others of them are
        drawn.
    """
    if count >= len(values):
        return np.arange(len(values))
    groups, far = _clusters(values, count, np.ones(len(values)) if weights is None else weights, rng)
    order = np.lexsort((rng.permutation(len(values)), far))
    found = order[np.unique(groups[order], return_index=True)[1]]
    others = rng.permutation(np.setdiff1d(np.arange(len(values)), found))
    return np.concatenate((found, others[: count - len(found)]))


def _clusters(values: Floats, count: int, weights: Scores, rng: np.random.Generator) -> tuple[Rows, Scores]:
    """Lloyd's k-means from centres drawn far apart: the cluster of each row, and its squared distance to the middle.

    On one thread or several the sums are made in one order, so that the same draw gives the same clusters.
    """
    lengths = np.square(values).sum(axis=1)
    centres = _far_apart(values, lengths, count, weights, rng)
    groups = np.full(len(values), -1)
    for _ in range(CLUSTER_ROUNDS):
        square = np.square(centres).sum(axis=1) - 2 * (values @ centres.T)
        before, groups = groups, square.argmin(axis=1)
        if (groups == before).all():
            break
        members = csr_array((weights, (groups, np.arange(len(values)))), shape=(count, len(values)))
        total = members.sum(axis=1)
        centres[total > 0] = ((members @ values)[total > 0] / total[total > 0, None]).astype(np.float32)
    return groups, lengths + square[np.arange(len(values)), groups]


def _far_apart(values: Floats, lengths: Scores, count: int, weights: Scores, rng: np.random.Generator) -> Floats:
    """Rows to begin clusters with, each drawn by its squared distance to those drawn before (k-means++)."""
    chosen = [int(rng.choice(len(values), p=weights / weights.sum()))]
    far = np.full(len(values), np.inf)
    while len(chosen) < count:
        last = chosen[-1]
        far = np.minimum(far, (lengths + lengths[last] - 2 * (values @ values[last])).clip(0))
        far[chosen] = 0
        chance = far * weights if far.any() else weights
        chosen.append(int(rng.choice(len(values), p=chance / chance.sum())))
    return values[chosen].copy()


def in_turn(orders: Sequence[Rows], count: int) -> Rows:
    """One row of each order in turn, each once, until there are so many or all orders are at their end.

    Example:
        >>> in_turn([np.array([1, 2, 3]), np.array([2, 5])], 4).tolist()
        [1, 2, 5, 3]
    """
    found = dict.fromkeys(row for rank in zip_longest(*(order.tolist() for order in orders)) for row in rank)
    found.pop(None, None)
    return np.array(list(found)[:count], np.int64)
