"""A tree of groups within groups: cut it, sum over its nodes, find the rows of a node as one slice.

The leaves of a tree are rows, or small groups of rows that stand together; every other node joins two. Nodes are
numbered as scipy numbers them: leaves 0 to L - 1, then the joins from the lowest to the highest, the root last. Rows
stand in one order, that of the leaves from left to right, in which the rows of any node are neighbours; so a sum over
every node is a difference of two running sums, whatever the depth.

`cueline.learning.active.growing` makes one from features.

References:
    J. H. Ward, 1963, Hierarchical grouping to optimize an objective function.
    scipy.cluster.hierarchy, linkage and fcluster: the numbering, and the cut that this agrees with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """Rows in groups within groups; L leaves, V = 2 L - 1 nodes.

    Attributes:
        children: The two nodes that each join joins, shape (L - 1, 2).
        heights: How far apart these two are, never falling, 0 or more, shape (L - 1,).
        leaves: The leaf of each row, every leaf has one or more, shape (N,).
        order: Rows in the order of the tree, shape (N,).
        slices: Where in `order` the rows of each node begin and end, shape (V, 2).
        parents: The node that each node is joined into, -1 for the root, shape (V,).
        ends: Where among the leaves from left to right those of each node begin and end, shape (V, 2).

    Example:
        >>> tree = Hierarchy(np.array([[0, 2], [1, 3]]), np.array([1.0, 4.0]), np.array([0, 1, 2]))
        >>> tree
        Hierarchy(3 rows in 3 leaves, height 4)
        >>> tree.rows(3).tolist(), tree.cut(2).tolist()
        ([0, 2], [1, 0, 1])
    """

    children: Rows
    heights: Numbers
    leaves: Rows
    order: Rows = field(init=False, repr=False)
    slices: Rows = field(init=False, repr=False)
    parents: Rows = field(init=False, repr=False)
    ends: Rows = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no tree, and lay out its rows."""
        children = np.asarray(self.children, np.int64).reshape(-1, 2)
        heights = np.asarray(self.heights, np.float64)
        leaves = np.asarray(self.leaves, np.int64)
        parents = _parents(children)
        _refuse_strange(heights, leaves, len(children))
        ends = _ends(children)
        count = len(children) + 1
        place = ends[:count, 0]
        order = np.argsort(place[leaves], kind="stable")
        first = np.concatenate(([0], np.cumsum(np.bincount(place[leaves], minlength=count))))
        given = {"children": children, "heights": heights, "leaves": leaves, "parents": parents, "ends": ends}
        for name, value in {**given, "order": order, "slices": first[ends]}.items():
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        height = self.heights[-1] if len(self.heights) else 0.0
        return f"Hierarchy({len(self)} rows in {self.leaf_count} leaves, height {height:.3g})"

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.leaves)

    @property
    def leaf_count(self) -> int:
        """L, how many leaves there are."""
        return len(self.children) + 1

    @property
    def sizes(self) -> Rows:
        """How many rows each node holds, shape (V,)."""
        sizes: Rows = self.slices[:, 1] - self.slices[:, 0]
        return sizes

    def rows(self, node: int) -> Rows:
        """The rows of a node, in the order of the tree."""
        if not 0 <= node < len(self.parents):
            raise TimelineError(f"nodes are numbered 0 to {len(self.parents) - 1}, got {node}")
        start, end = self.slices[node]
        return self.order[start:end]

    def sums(self, table: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Sum numbers of rows over the rows of every node.

        Args:
            table: Whole numbers, flags or floats of rows, shape (N,) or (N, K).

        Returns:
            Shape (V,) or (V, K): int64 and exact where the table is of whole numbers or flags, else float64.

        Raises:
            TimelineError: If there is not one line for each row.
        """
        if len(table) != len(self):
            raise TimelineError(f"a table must have a line for each of {len(self)} rows, got {len(table)}")
        wide = np.asarray(table, _wide(table.dtype))[self.order]
        running = np.concatenate((np.zeros_like(wide[:1]), np.cumsum(wide, axis=0)))
        return np.asarray(running[self.slices[:, 1]] - running[self.slices[:, 0]])

    def sums_of_leaves(self, table: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """As `sums`, of numbers that stand for leaves, shape (L,) or (L, K)."""
        if len(table) != self.leaf_count:
            raise TimelineError(f"a table must have a line for each of {self.leaf_count} leaves, got {len(table)}")
        wide = np.empty(table.shape, _wide(table.dtype))
        wide[self.ends[: self.leaf_count, 0]] = table
        running = np.concatenate((np.zeros_like(wide[:1]), np.cumsum(wide, axis=0)))
        return np.asarray(running[self.ends[:, 1]] - running[self.ends[:, 0]])

    def cut(self, count: int) -> Rows:
        """Undo the highest joins until so many groups are left.

        Args:
            count: How many groups, from 1 to L.

        Returns:
            The group of each row, 0 to count - 1 from left to right in the tree, shape (N,).

        Raises:
            TimelineError: If there cannot be so many.
        """
        if not 1 <= count <= self.leaf_count:
            raise TimelineError(
                f"a tree of {self.leaf_count} leaves can be cut into 1 to {self.leaf_count} groups, got {count}. "
                "Grow it with more leaves."
            )
        limit = len(self.parents) - (count - 1)
        nodes = np.arange(limit)
        tops = nodes[(self.parents[:limit] >= limit) | (self.parents[:limit] < 0)]
        starts = np.sort(self.ends[tops, 0])
        group = np.searchsorted(starts, self.ends[: self.leaf_count, 0], side="right") - 1
        labels: Rows = group[self.leaves]
        return labels

    def linkage(self) -> Numbers:
        """The joins as a linkage matrix of scipy, for its `dendrogram`, sizes in leaves; shape (L - 1, 4)."""
        sizes = (self.ends[:, 1] - self.ends[:, 0])[self.leaf_count :]
        return np.column_stack((self.children, self.heights, sizes)).astype(np.float64)


def _wide(dtype: np.dtype[Any]) -> type[np.generic]:
    return np.float64 if dtype.kind == "f" else np.int64


def _parents(children: Rows) -> Rows:
    count = 2 * len(children) + 1
    joins = np.arange(len(children) + 1, count)
    if not np.array_equal(np.sort(children, axis=None), np.arange(count - 1)) or (children >= joins[:, None]).any():
        raise TimelineError(
            f"every node but the root must be joined once, by a later one; {len(children)} joins do something else. "
            "Are the nodes numbered as scipy numbers them?"
        )
    parents = np.full(count, -1, np.int64)
    parents[children] = joins[:, None]
    return parents


def _ends(children: Rows) -> Rows:
    """Where the leaves of each node begin and end, from left to right."""
    leaves = len(children) + 1
    below = [1] * leaves
    pairs = children.tolist()
    for left, right in pairs:
        below.append(below[left] + below[right])
    first = [0] * len(below)
    for join in range(len(pairs) - 1, -1, -1):
        left, right = pairs[join]
        first[left] = first[leaves + join]
        first[right] = first[left] + below[left]
    starts = np.array(first, np.int64)
    return np.column_stack((starts, starts + np.array(below, np.int64)))


def _refuse_strange(heights: Numbers, leaves: Rows, joins: int) -> None:
    if heights.shape != (joins,) or not np.isfinite(heights).all() or (np.diff(heights, prepend=0.0) < 0).any():
        raise TimelineError(f"{joins} joins must have {joins} heights that start at 0 or above and never fall")
    if leaves.ndim != 1 or not leaves.size or leaves.min() < 0 or leaves.max() > joins:
        raise TimelineError(f"every row must be of a leaf from 0 to {joins}, got rows {leaves.shape}")
    empty = np.flatnonzero(np.bincount(leaves, minlength=joins + 1) == 0)
    if empty.size:
        raise TimelineError(f"every leaf must have a row, got none for leaf {empty[0]}")
