"""What answers about a few rows say of whole groups: how pure each is, and which can be taken as settled.

A row's answer is that about all C classes together; rows agree when the whole vectors are equal. Where n rows of a node
were answered, k of them with the commonest vector, the share of rows that have it is expected at (k + 1) / (n + 2), the
mean when every share was as likely beforehand. That is the node's trust: after five answers that agree .86, so one row
in seven may still be otherwise; after fifty .98. A prior that deducts less (Jeffreys': .92 after five) promises too
much here, for nodes are taken because their answers agree.

Answers count as a sample only as far as they are spread. If one of the two parts of a node holds the share s of its
rows and has m answers, the node's count for no more than (m + 1) / s, however many fell into the other part: ten
answers in one half say nothing of the other.

    evidence   answers -> counts of every node
    trust      how pure each node is taken to be
    missing    how many more answers that agree a node needs
    settled    the nodes that together label most

References:
    S. Dasgupta and D. Hsu, 2008, Hierarchical sampling for active learning: the best pruning of a tree.
    P. S. de Laplace, 1774, Memoire sur la probabilite des causes par les evenements: the rule of succession.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.learning.active.asking import UNKNOWN, Known, Verdicts
from cueline.learning.active.trees import Hierarchy

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_CHUNK_KINDS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Counts of the V nodes of a tree.

    Attributes:
        kinds: The vectors that were answered, each once, shape (K, C).
        answered: As how many answers a node's answers count, shape (V,).
        agreeing: How many of those have the commonest vector, shape (V,).
        commonest: That vector, as a number in `kinds`, the lower where two are as common, shape (V,).
        open: Rows that nobody was asked about, shape (V,).
    """

    kinds: Verdicts
    answered: Numbers
    agreeing: Numbers
    commonest: Rows
    open: Rows

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Evidence({len(self.open)} nodes, {len(self.kinds)} kinds of answers, {self.open[-1]} rows open)"


def evidence(tree: Hierarchy, known: Known) -> Evidence:
    """Count the answers of every node.

    Args:
        tree: Of the rows of `known`.
        known: A row counts as answered when each class is that anybody ever answered.

    Returns:
        Counts; `kinds` is UNKNOWN for classes that nobody answered.
    """
    rows, kinds, kind = _vectors(known.answers)
    leaves = tree.leaves[rows]
    counted = tree.sums_of_leaves(np.bincount(leaves, minlength=tree.leaf_count))
    most, commonest = np.zeros_like(counted), np.zeros_like(counted)
    for first in range(0, len(kinds), _CHUNK_KINDS):
        width = min(_CHUNK_KINDS, len(kinds) - first)
        own = (kind >= first) & (kind < first + width)
        table = np.bincount(leaves[own] * width + kind[own] - first, minlength=tree.leaf_count * width)
        sums = tree.sums_of_leaves(table.reshape(tree.leaf_count, width))
        at = sums.argmax(axis=1)
        best = sums[np.arange(len(sums)), at]
        commonest[best > most], most = at[best > most] + first, np.maximum(most, best)
    effective = _spread(tree, counted)
    share = np.divide(most, counted, out=np.zeros(len(counted)), where=counted > 0)
    shut = np.bincount(tree.leaves[np.flatnonzero(known.seen)], minlength=tree.leaf_count)
    return Evidence(kinds, effective, effective * share, commonest, tree.sizes - tree.sums_of_leaves(shut))


def trust(found: Evidence) -> Numbers:
    """The share of each node's rows that is expected to have its commonest answer, in (0, 1), shape (V,)."""
    return np.asarray((found.agreeing + 1) / (found.answered + 2))


def missing(found: Evidence, *, audit: int, purity: float) -> Rows:
    """How many more answers each node needs, should they all agree, until it can be settled.

    Args:
        found: The counts.
        audit: The fewest answers that a node is settled by.
        purity: The least trust.

    Returns:
        0 or more, never more than rows are open, shape (V,).
    """
    short = (purity * (found.answered + 2) - found.agreeing - 1) / (1 - purity)
    more = np.ceil(np.maximum(audit - found.answered, short) - 1e-9)
    return np.clip(more, 0, found.open).astype(np.int64)


def settled(tree: Hierarchy, found: Evidence, *, audit: int, purity: float) -> Flags:
    """The nodes whose rows get their commonest answer, shape (V,); none lies within another.

    A right row counts 1 and a wrong one as much as `purity` asks for, so that a node of just that purity is worth
    nothing and one without a wrong row its open rows. Of all ways to take some nodes, the one worth most is taken: a
    mixed node is thus opened as soon as its parts are worth more than it is.
    """
    own = found.open * (trust(found) - purity) / (1 - purity)
    own[found.answered < audit - 1e-9] = 0
    worth = np.maximum(own, 0).tolist()
    keep = [value > 0 for value in worth]
    leaves = tree.leaf_count
    for join, (left, right) in enumerate(tree.children.tolist(), leaves):
        parts = worth[left] + worth[right]
        if worth[join] < parts:
            worth[join], keep[join] = parts, False
    covered = [False] * len(keep)
    for join in range(len(keep) - 1, leaves - 1, -1):
        if keep[join] or covered[join]:
            for child in tree.children[join - leaves].tolist():
                covered[child] = True
    taken: Flags = np.array(keep) & ~np.array(covered)
    return taken


def inside(tree: Hierarchy, nodes: Rows) -> Rows:
    """The node among these that each leaf lies in, -1 where in none; none may lie within another, shape (L,)."""
    within = np.full(tree.leaf_count, -1, np.int64)
    for node, (start, end) in zip(nodes.tolist(), tree.ends[nodes].tolist(), strict=True):
        within[start:end] = node
    found: Rows = within[tree.ends[: tree.leaf_count, 0]]
    return found


def _vectors(answers: Verdicts) -> tuple[Rows, Verdicts, Rows]:
    """Answered rows, the vectors there are, and the vector of each answered row."""
    known = answers != UNKNOWN
    asked = known.any(axis=0)
    if not asked.any():
        return np.empty(0, np.int64), np.empty((0, answers.shape[1]), np.int8), np.empty(0, np.int64)
    rows = np.flatnonzero(known[:, asked].all(axis=1))
    kinds, kind = np.unique(answers[rows], axis=0, return_inverse=True)
    return rows, kinds, kind.reshape(-1).astype(np.int64)


def _spread(tree: Hierarchy, counted: Rows) -> Numbers:
    """As how many answers the answers of each node count."""
    counts, sizes = counted.astype(np.float64).tolist(), tree.sizes.tolist()
    for join, (left, right) in enumerate(tree.children.tolist(), tree.leaf_count):
        if counts[join]:
            bound = min((counts[left] + 1) / sizes[left], (counts[right] + 1) / sizes[right])
            counts[join] = min(counts[join], bound * sizes[join])
    return np.array(counts)
