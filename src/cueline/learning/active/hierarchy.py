"""Label groups, not rows: ask a few of a group, and where they agree let the rest have their answer.

A tree of groups within groups is grown once, from features alone. Of all its nodes the next to be audited is the one
where an answer is expected to label most rows:

    rows neither asked about nor settled  x  the chance that the audit comes out pure  /  answers it still needs

A node whose answers agree well enough is settled: its rows get the commonest answer, with the node's trust. A mixed
node is worth little, so its parts are audited next, and the answers given so far count for them. Before anything is
known of a node, its place in the tree says how likely it is pure: a group that holds together closely and lies far from
the next one has a small height and is joined at a great one. So the structural change of the paper is taken here; a
part of a group that stands out is held to be no less pure than the group.

The price is what the next answer costs: answers for each newly labelled row. It rises as the large pure groups are
settled. Above `dear`, guidance by groups pays no more, and single rows are asked: the ones of which the model is least
sure, and settled ones that it contradicts; without a model those that the prior thinks likeliest, and without a prior
rows spread over the tree. From each leaf first one.

As long as all answers are alike nothing follows from them. For a rare class most groups are settled as "no"; what a
trust of .97 leaves are three in a hundred that may be otherwise. Trust holds on average over all rows: of a rare class
it asks too much doubt of a "no" and too little of a "yes". Train with `Inferred.weights`, not with trust.

References:
    M. Wigness, B. A. Draper and J. R. Beveridge, 2015, Efficient label collection for unlabeled image datasets: labels
    for groups of a hierarchy, found by structural change. The estimates of purity and price are ours.
    S. Dasgupta and D. Hsu, 2008, Hierarchical sampling for active learning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from cueline.errors import OptionError, TimelineError, near_miss
from cueline.learning.active.asking import Floats, Inferred, Known, Rows
from cueline.learning.active.audits import Evidence, evidence, inside, missing, settled, trust
from cueline.learning.active.growing import Linkage, grow
from cueline.learning.active.trees import Hierarchy

Numbers = npt.NDArray[np.float64]

BELIEF_ROWS = 4.0  # as how many answers the place in the tree counts


@dataclass(frozen=True, slots=True)
class ClusterGuided:
    """Ask where one answer labels most.

    Attributes:
        linkage: How groups are joined: "ward", "average", "complete" or "single".
        leaves: The most leaves of the tree; of more rows each leaf is a small group.
        audit: The fewest answers that a group is settled by.
        purity: The least share of a group's rows that must be expected to have one answer, in (0.5, 1).
        dear: Answers for each newly labelled row above which single rows are asked instead, above 0.
    """

    name: ClassVar[str] = "clusters"
    linkage: Linkage = "ward"
    leaves: int = 4096
    audit: int = 5
    purity: float = 0.85
    dear: float = 0.5

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        known = get_args(Linkage)
        if self.linkage not in known:
            hint = near_miss(self.linkage, known)
            raise OptionError(f"linkage must be one of {', '.join(known)}, got {self.linkage!r}.{hint}")
        if self.leaves < 2 or self.audit < 1:
            raise OptionError(f"leaves must be 2 or more and audit 1 or more, got {self.leaves} and {self.audit}")
        if not 0.5 < self.purity < 1 or not self.dear > 0:
            raise OptionError(f"purity must lie in (0.5, 1) and dear above 0, got {self.purity} and {self.dear}")

    def study(self, values: Floats, *, seed: int) -> ClusterAsker:
        """Grow the tree.

        Args:
            values: Finite, shape (N, D).
            seed: Decides how many rows are divided into small groups.

        Raises:
            TimelineError: If there is no row, or a number is not finite.
        """
        tree = grow(values, linkage=self.linkage, leaves=self.leaves, seed=seed)
        return ClusterAsker(tree, coherence(tree), self)


class _Standing(NamedTuple):
    """What follows from the answers so far."""

    found: Evidence
    nodes: Rows  # settled ones
    within: Rows  # the settled node of each leaf, or -1
    gain: Numbers  # rows that an audit of each node is expected to label, 0 where none is wanted
    needs: Rows  # answers it takes


@dataclass(frozen=True, slots=True, eq=False)
class ClusterAsker:
    """A pool in groups within groups.

    Attributes:
        tree: The groups.
        belief: How likely each node is pure by its place in the tree, in [0, 1], shape (V,).
        options: What it was asked with.
    """

    tree: Hierarchy
    belief: Numbers
    options: ClusterGuided

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"ClusterAsker({self.tree})"

    def choose(self, known: Known, count: int, rng: np.random.Generator) -> Rows:
        """The next rows to ask about: audits of the cheapest nodes, then single rows."""
        now = self._standing(known)
        shut = known.seen.copy()
        picked: list[Rows] = []
        for node, wanted in self._audits(now, count):
            rows = self._spread(node, shut, math.ceil(now.found.answered[node]) + wanted, wanted, rng)
            shut[rows] = True
            picked.append(rows)
        left = count - sum(len(rows) for rows in picked)
        if left:
            picked.append(self._single(known, now, shut, left, rng))
        return np.concatenate(picked)

    def inferred(self, known: Known) -> Inferred:
        """The answers of settled nodes for their rows that were not asked about."""
        now = self._standing(known)
        if len(now.found.kinds) < 2:
            return _nothing(known)
        node = now.within[self.tree.leaves]
        rows = np.flatnonzero((node >= 0) & ~known.seen)
        node = node[rows]
        believed = trust(now.found).astype(np.float32)
        return Inferred(rows, now.found.kinds[now.found.commonest[node]], believed[node])

    def price(self, known: Known) -> float:
        """What the next answer costs when groups are audited.

        Returns:
            Answers for each newly labelled row, as expected: 0.01 when one answer labels a hundred rows, 1 when groups
            are worth no more than single rows; infinite when no group is left to settle.
        """
        return float(self._prices(self._standing(known)).min())

    def _prices(self, now: _Standing) -> Numbers:
        return np.asarray(np.divide(now.needs, now.gain, out=np.full(len(now.gain), np.inf), where=now.gain > 0))

    def _standing(self, known: Known) -> _Standing:
        if len(known.values) != len(self.tree):
            raise TimelineError(f"the pool that was studied has {len(self.tree)} rows, got {len(known.values)}")
        found = evidence(self.tree, known)
        audit, purity = self.options.audit, self.options.purity
        nodes = np.flatnonzero(settled(self.tree, found, audit=audit, purity=purity))
        within = inside(self.tree, nodes)
        needs = missing(found, audit=audit, purity=purity)
        # What could be settled but is not is worth more in parts, or lies in what is settled.
        loose = self.tree.sums_of_leaves(np.where(within < 0, found.open[: self.tree.leaf_count], 0))
        gain = np.where(needs > 0, loose * self._chances(found, needs), 0.0)
        return _Standing(found, nodes, within, gain, needs)

    def _chances(self, found: Evidence, needs: Rows) -> Numbers:
        """How likely it is that all missing answers of a node agree with those given."""
        for_it, against = BELIEF_ROWS * self.belief, BELIEF_ROWS * (1 - self.belief)
        first = found.answered == 0  # whatever comes first is what the others must agree with
        answered = found.answered + first
        agreeing = found.agreeing + first
        more = np.maximum(needs - first, 0)
        one, all_ = for_it + agreeing, for_it + against + answered
        chances = np.exp(gammaln(one + more) - gammaln(one) - gammaln(all_ + more) + gammaln(all_))
        return np.where(needs >= found.open, 1.0, chances)

    def _audits(self, now: _Standing, count: int) -> list[tuple[int, int]]:
        """Nodes that do not overlap, the cheapest first, and how many rows to ask of each; `count` rows at most."""
        prices = self._prices(now)
        cheap = np.flatnonzero(prices <= self.options.dear)
        cheap = cheap[np.lexsort((-cheap, prices[cheap]))]
        taken = np.zeros(self.tree.leaf_count, np.bool_)
        audits: list[tuple[int, int]] = []
        for node in cheap.tolist():
            start, end = self.tree.ends[node]
            if taken[start:end].any():
                continue
            taken[start:end] = True
            wanted = min(int(now.needs[node]), count)
            audits.append((node, wanted))
            count -= wanted
            if not count:
                break
        return audits

    def _spread(self, node: int, shut: npt.NDArray[np.bool_], parts: int, count: int, rng: np.random.Generator) -> Rows:
        """Open rows of a node, from equal parts of it; parts of which nothing was asked come first."""
        rows = self.tree.rows(node)
        part = np.arange(len(rows)) * parts // len(rows)
        closed = shut[rows]
        asked = np.bincount(part[closed], minlength=parts)
        rows, part = rows[~closed], part[~closed]
        draw = rng.permutation(len(rows))
        rows, part = rows[draw], part[draw]
        order = np.argsort(part, kind="stable")
        turn = np.empty(len(rows), np.int64)
        turn[order] = np.arange(len(rows)) - np.searchsorted(part[order], part[order])
        return rows[np.argsort(turn + asked[part], kind="stable")[:count]]

    def _single(
        self, known: Known, now: _Standing, shut: npt.NDArray[np.bool_], count: int, rng: np.random.Generator
    ) -> Rows:
        """Open rows by themselves."""
        if known.chances is None and known.prior is None:
            root = len(self.tree.parents) - 1
            return self._spread(root, shut, len(np.flatnonzero(shut)) + count, count, rng)
        rows = rng.permutation(np.flatnonzero(~shut))
        wanted = _ranks(known.prior[rows]) if known.chances is None and known.prior is not None else None
        doubt = self._doubts(known, now, rows) if wanted is None else wanted
        rows = rows[np.argsort(-doubt, kind="stable")]
        first = np.zeros(len(rows), np.bool_)
        first[np.unique(self.tree.leaves[rows], return_index=True)[1]] = True
        return np.concatenate((rows[first], rows[~first]))[:count]

    def _doubts(self, known: Known, now: _Standing, rows: Rows) -> Numbers:
        """How unsure the model is of a row that is not settled, and how far it contradicts one that is."""
        assert known.chances is not None
        chances = known.chances[rows].astype(np.float64)
        node = now.within[self.tree.leaves[rows]]
        taken = now.found.kinds[now.found.commonest[node]] if len(now.found.kinds) else np.zeros_like(chances)
        doubts = np.where((node >= 0)[:, None], np.abs(chances - taken), 1 - np.abs(2 * chances - 1))
        return np.asarray(np.where(taken < 0, 0.0, doubts).max(axis=1))


def coherence(tree: Hierarchy) -> Numbers:
    """How far each node, or a node that it is part of, stands out: 1 less its height by that of the next join.

    Returns:
        In [0, 1], 0 for the root, never falling from a node to its parts, shape (V,). A leaf of several rows has no
        height of its own, and counts as its parent does; a row by itself is 1.
    """
    heights = np.concatenate((np.zeros(tree.leaf_count), tree.heights)).tolist()
    believed, sizes = [0.0] * len(heights), tree.sizes.tolist()
    for node in range(len(heights) - 2, -1, -1):
        parent = int(tree.parents[node])
        own = 1 - heights[node] / heights[parent] if heights[parent] > 0 else 1.0
        own = 0.0 if node < tree.leaf_count and sizes[node] > 1 else own
        believed[node] = max(own, believed[parent])
    return np.array(believed)


def _ranks(scores: Floats) -> Numbers:
    """The greatest rank of each row in any class."""
    ranks = np.empty(scores.shape)
    np.put_along_axis(ranks, scores.argsort(axis=0), np.arange(len(scores))[:, None], axis=0)
    return np.asarray(ranks.max(axis=1))


def _nothing(known: Known) -> Inferred:
    classes = known.answers.shape[1]
    return Inferred(np.empty(0, np.int64), np.empty((0, classes), np.int8), np.empty(0, np.float32))
