"""What a clustering is: numbered by size, judged by silhouette, with its typical rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score

from cueline.learning.clustering.clusterings import (
    SILHOUETTE_ROWS,
    Clustering,
    Trial,
    best,
    by_size,
    silhouette,
    silhouettes,
    typical,
)
from tests.learning.clustering.made import heaps


@given(st.lists(st.integers(-1, 5), min_size=1, max_size=40))
def test_the_largest_cluster_is_the_first_and_outsiders_stay(groups):
    found = by_size(np.array(groups))
    counts = np.bincount(found[found >= 0]).tolist()
    assert counts == sorted(counts, reverse=True)
    assert ((found < 0) == (np.array(groups) < 0)).all()
    assert len({*zip(groups, found.tolist(), strict=True)}) == len(set(groups))


def test_silhouette_agrees_with_scikit_learn_and_leaves_outsiders_out():
    rows, heap = heaps()
    assert silhouette(rows, heap) == pytest.approx(silhouette_score(rows, heap))
    outside = np.where(np.arange(90) % 9 == 0, -1, heap)
    assert silhouette(rows, outside) == pytest.approx(silhouette_score(rows[outside >= 0], heap[outside >= 0]))
    assert np.isnan(silhouettes(rows, outside)[outside < 0]).all()


def test_silhouette_of_many_rows_is_that_of_a_seeded_draw():
    rows, heap = heaps(2000, width=2)
    found = silhouettes(rows, heap, seed=3)
    assert np.count_nonzero(~np.isnan(found)) == SILHOUETTE_ROWS
    assert np.array_equal(found, silhouettes(rows, heap, seed=3), equal_nan=True)


def test_one_cluster_and_a_cluster_for_each_row_have_no_silhouette():
    rows, _ = heaps(3)
    assert math.isnan(silhouette(rows, np.zeros(9, np.int64)))
    assert math.isnan(silhouette(rows, np.arange(9)))


def test_outsiders_count_as_nothing_where_settings_are_compared():
    few = Trial({"eps": 1}, 2, 0.9, 0.9)
    most = Trial({"eps": 2}, 2, 0.1, 0.5)
    none = Trial({"eps": 3}, 1, 0.0, math.nan)
    assert best([few, most, none]) == 1
    assert best([none]) == -1


def test_typical_rows_lie_nearest_to_the_middle():
    rows = np.array([[0.0], [2.0], [3.0], [90.0]], np.float32)
    assert typical(rows, np.array([0, 0, 0, 1]), 0, count=2).tolist() == [1, 2]
    assert typical(rows, np.array([0, 0, 0, 1]), 1, count=2).tolist() == [3]


def test_a_clustering_tells_its_sizes_in_one_line():
    found = Clustering("kmeans", np.array([0, 0, 1, -1]))
    assert (found.count, found.sizes.tolist(), found.outside) == (2, [2, 1], 1)
    assert repr(found) == "Clustering(kmeans, 4 rows, 2 clusters, 1 outside)"
