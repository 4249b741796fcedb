"""Trees from features: the joins of scipy, weights that stand for rows, and small groups of many rows."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage as scipy_linkage

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.growing import divide, grow, join


def blobs(count=6, each=300, width=8, *, apart=20.0, seed=0):
    rng = np.random.default_rng(seed)
    blob = np.repeat(np.arange(count), each)
    values = apart * rng.standard_normal((count, width))[blob] + rng.standard_normal((count * each, width))
    return values.astype(np.float32), blob


@pytest.mark.parametrize("linkage", ["ward", "average", "complete", "single"])
@pytest.mark.parametrize("rows", [2, 3, 50, 200])
def test_joins_are_those_of_scipy(linkage, rows):
    values = np.random.default_rng(rows).standard_normal((rows, 6))
    oracle = scipy_linkage(values, linkage)
    found = join(values, np.ones(rows), linkage=linkage)
    np.testing.assert_allclose(found.heights, oracle[:, 2], atol=1e-9)
    np.testing.assert_array_equal(found.children, np.sort(oracle[:, :2], axis=1))


@pytest.mark.parametrize("linkage", ["ward", "average"])
def test_a_weight_stands_for_so_many_rows_that_are_alike(linkage):
    centres = np.random.default_rng(1).standard_normal((12, 3))
    weights = np.arange(1, 13)
    oracle = scipy_linkage(np.repeat(centres, weights, axis=0), linkage)
    found = join(centres, weights.astype(float), linkage=linkage)
    np.testing.assert_allclose(found.heights, oracle[-11:, 2], atol=1e-6)


def test_joining_changes_neither_centres_nor_weights():
    centres, weights = np.random.default_rng(1).standard_normal((9, 3)), np.arange(1.0, 10.0)
    before = centres.copy(), weights.copy()
    join(centres, weights)
    np.testing.assert_array_equal(centres, before[0])
    np.testing.assert_array_equal(weights, before[1])


@pytest.mark.parametrize("leaves", [40, 300])
def test_many_rows_are_small_groups_that_do_not_mix_what_lies_apart(leaves):
    values, blob = blobs()
    tree = grow(values, leaves=leaves)
    assert 0.5 * leaves < tree.leaf_count <= leaves
    assert all(len(set(blob[tree.leaves == leaf].tolist())) == 1 for leaf in range(tree.leaf_count))
    assert len(set(zip(tree.cut(6).tolist(), blob.tolist(), strict=True))) == 6


def test_groups_within_groups_are_made_where_one_k_means_would_not_do():
    values, _ = blobs(40, 60)
    groups = divide(values, count=400, seed=0)
    assert 200 < len(set(groups.tolist())) <= 400
    assert set(groups.tolist()) == set(range(groups.max() + 1))


def test_the_seed_decides_alone():
    values, _ = blobs()
    one, other = grow(values, leaves=40, seed=3), grow(values.copy(), leaves=40, seed=3)
    np.testing.assert_array_equal(one.children, other.children)
    np.testing.assert_array_equal(one.leaves, other.leaves)


@pytest.mark.parametrize("leaves", [2, 10, 300])
def test_rows_that_are_all_alike_are_one_tree_of_height_0(leaves):
    tree = grow(np.full((500, 3), 7.0, np.float32), leaves=leaves)
    assert tree.sizes[-1] == 500
    np.testing.assert_allclose(tree.heights, 0)


def test_few_values_that_repeat_make_as_many_leaves():
    values = np.repeat(np.array([[0.0], [5.0], [9.0]], np.float32), 200, axis=0)
    tree = grow(values, leaves=300)
    assert len(set(zip(tree.cut(3).tolist(), values.ravel().tolist(), strict=True))) == 3


def test_one_row_grows():
    assert len(grow(np.zeros((1, 4), np.float32))) == 1


@pytest.mark.parametrize("strange", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_named_by_its_row(strange):
    values = np.zeros((9000, 2), np.float32)
    values[8500, 1] = strange
    with pytest.raises(TimelineError, match="NaN or infinity in row 8500"):
        grow(values)


@pytest.mark.parametrize("shape", [(0, 3), (4,)])
def test_a_table_without_rows_or_columns_is_refused(shape):
    with pytest.raises(TimelineError, match=r"shape \(N, D\) with 1 row or more"):
        grow(np.zeros(shape, np.float32))


def test_an_unknown_linkage_is_refused_with_the_near_miss():
    with pytest.raises(OptionError, match="Did you mean 'ward'"):
        grow(np.zeros((3, 2), np.float32), linkage="wards")


def test_fewer_than_two_leaves_are_refused():
    with pytest.raises(OptionError, match="2 leaves or more, got leaves=1"):
        grow(np.zeros((3, 2), np.float32), leaves=1)
