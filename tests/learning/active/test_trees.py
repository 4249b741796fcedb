"""Trees of groups: the cut of scipy, sums by brute force, and what is no tree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy as scipy_hierarchy

from cueline.errors import TimelineError
from cueline.learning.active.growing import grow
from cueline.learning.active.trees import Hierarchy


def made_tree(rows=60, *, seed=0, leaves=4096):
    values = np.random.default_rng(seed).standard_normal((rows, 4)).astype(np.float32)
    return grow(values, leaves=leaves)


def rows_by_walking(tree, node):
    """The rows of a node, found by going down its joins."""
    if node < tree.leaf_count:
        return set(np.flatnonzero(tree.leaves == node).tolist())
    left, right = tree.children[node - tree.leaf_count].tolist()
    return rows_by_walking(tree, left) | rows_by_walking(tree, right)


def same_groups(one, other):
    """Whether two numberings part rows alike."""
    return (
        len(set(zip(one.tolist(), other.tolist(), strict=True))) == len(set(one.tolist())) == len(set(other.tolist()))
    )


@pytest.mark.parametrize("leaves", [4096, 9])
def test_the_rows_of_a_node_are_those_found_by_going_down(leaves):
    tree = made_tree(leaves=leaves)
    for node in range(len(tree.parents)):
        assert set(tree.rows(node).tolist()) == rows_by_walking(tree, node)
        assert tree.sizes[node] == len(tree.rows(node))
    assert tree.sizes[-1] == 60


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 40), st.integers(2, 12), st.integers(0, 5))
def test_sums_are_those_of_brute_force(rows, leaves, seed):
    tree = made_tree(rows, seed=seed, leaves=leaves)
    rng = np.random.default_rng(seed)
    whole, parts = rng.integers(-5, 100, (rows, 3)), rng.random(rows)
    for node in range(len(tree.parents)):
        own = sorted(rows_by_walking(tree, node))
        np.testing.assert_array_equal(tree.sums(whole)[node], whole[own].sum(axis=0))
        assert tree.sums(parts)[node] == pytest.approx(parts[own].sum())
        assert tree.sums(parts > 0.5)[node] == np.count_nonzero(parts[own] > 0.5)
    of_leaves = np.array([whole[tree.leaves == leaf].sum(axis=0) for leaf in range(tree.leaf_count)])
    np.testing.assert_array_equal(tree.sums_of_leaves(of_leaves), tree.sums(whole))


@pytest.mark.parametrize("linkage", ["ward", "average", "complete", "single"])
def test_a_cut_is_that_of_scipy(linkage):
    values = np.random.default_rng(3).standard_normal((80, 5)).astype(np.float32)
    tree = grow(values, linkage=linkage)
    oracle = scipy_hierarchy.linkage(values.astype(float), linkage)
    for count in (1, 2, 3, 7, 40, 80):
        found = tree.cut(count)
        assert same_groups(found, scipy_hierarchy.fcluster(oracle, count, "maxclust"))
        assert sorted(set(found.tolist())) == list(range(count))


def test_a_cut_of_small_groups_keeps_their_rows_together():
    tree = made_tree(60, leaves=9)
    groups = tree.cut(4)
    assert all(len(set(groups[tree.leaves == leaf].tolist())) == 1 for leaf in range(tree.leaf_count))


def test_scipy_takes_the_joins_as_its_own_and_draws_them():
    tree = made_tree(30)
    assert scipy_hierarchy.is_valid_linkage(tree.linkage())
    drawn = scipy_hierarchy.dendrogram(tree.linkage(), no_plot=True)
    assert len(drawn["leaves"]) == 30


def test_one_row_is_a_tree_of_one_leaf():
    tree = Hierarchy(np.empty((0, 2), np.int64), np.empty(0), np.zeros(1, np.int64))
    assert (tree.cut(1).tolist(), tree.sums(np.array([5])).tolist(), repr(tree)) == (
        [0],
        [5],
        "Hierarchy(1 rows in 1 leaves, height 0)",
    )


def test_nothing_in_a_tree_can_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        made_tree().order[0] = 1


@pytest.mark.parametrize(
    ("children", "heights", "leaves", "message"),
    [
        ([[0, 0], [1, 3]], [1, 2], [0, 1, 2], "joined once, by a later one"),
        ([[0, 4], [1, 2]], [1, 2], [0, 1, 2], "joined once, by a later one"),
        ([[0, 1], [2, 3]], [2, 1], [0, 1, 2], "heights that start at 0 or above and never fall"),
        ([[0, 1], [2, 3]], [1], [0, 1, 2], "2 joins must have 2 heights"),
        ([[0, 1], [2, 3]], [1, np.nan], [0, 1, 2], "2 joins must have 2 heights"),
        ([[0, 1], [2, 3]], [1, 2], [0, 1, 3], "every row must be of a leaf from 0 to 2"),
        ([[0, 1], [2, 3]], [1, 2], [0, 0, 2], "every leaf must have a row, got none for leaf 1"),
    ],
)
def test_what_is_no_tree_is_refused(children, heights, leaves, message):
    with pytest.raises(TimelineError, match=message):
        Hierarchy(np.array(children), np.array(heights, float), np.array(leaves))


def test_more_groups_than_leaves_are_refused():
    with pytest.raises(TimelineError, match="a tree of 60 leaves can be cut into 1 to 60 groups, got 61"):
        made_tree().cut(61)


def test_a_node_that_is_not_there_is_refused():
    with pytest.raises(TimelineError, match="nodes are numbered 0 to 118, got 119"):
        made_tree().rows(119)


def test_a_table_about_other_rows_is_refused():
    with pytest.raises(TimelineError, match="a line for each of 60 rows, got 59"):
        made_tree().sums(np.zeros(59))
    with pytest.raises(TimelineError, match="a line for each of 60 leaves, got 59"):
        made_tree().sums_of_leaves(np.zeros(59))
