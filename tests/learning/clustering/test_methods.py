"""Each way to cluster finds three heaps, says what it tried, and refuses what it cannot do."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import DBSCAN, HDBSCAN

from cueline.errors import OptionError
from cueline.evaluation.clusterings import adjusted_rand_index
from cueline.learning.clustering import density, linkages, means
from cueline.learning.clustering.density import dbscan, hdbscan
from cueline.learning.clustering.linkages import linked
from cueline.learning.clustering.means import k_means
from cueline.learning.clustering.methods import METHODS, How, cluster
from tests.learning.clustering.made import heaps

ROWS, HEAP = heaps()
ALONE = [method for method in METHODS if method != "guided"]
TREES = ["single", "complete", "average", "weighted", "centroid", "median", "ward"]


@pytest.mark.parametrize("method", ALONE)
def test_three_heaps_are_three_clusters(method):
    found = cluster(ROWS, How(method))
    assert found.count == 3
    inside = found.groups >= 0
    assert inside.mean() > 0.9
    assert adjusted_rand_index(HEAP[inside], found.groups[inside]) == 1


@pytest.mark.parametrize("method", ALONE)
def test_the_same_seed_gives_the_same_clusters(method):
    rows, _ = heaps(each=20, apart=2.0)
    assert np.array_equal(cluster(rows, How(method, seed=4)).groups, cluster(rows, How(method, seed=4)).groups)


@pytest.mark.parametrize("method", ALONE)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_few_clips_are_clustered_or_it_is_said_why_not(method, count):
    rows = np.random.default_rng(1).normal(size=(count, 3)).astype(np.float32)
    found = cluster(rows, How(method))
    assert len(found.groups) == count
    assert found.count or "outsiders" in found.notes[0]


@pytest.mark.parametrize("method", ALONE)
def test_clips_that_are_all_alike_are_one_cluster_and_that_is_said(method):
    found = cluster(np.zeros((9, 2), np.float32), How(method))
    assert found.count == 1
    assert found.notes == ("All clips are alike: nothing can part them.",)
    assert cluster(np.zeros((1, 2), np.float32), How(method)).notes == ("There is one clip: it cannot be parted.",)


def test_clips_of_which_many_are_alike_are_no_trouble():
    rows = np.repeat(np.array([[0.0, 0], [5, 5], [9, 0]], np.float32), 10, axis=0)
    for method in ALONE:
        assert cluster(rows, How(method)).count in (2, 3)


class TestMeans:
    def test_every_number_is_tried_and_the_greatest_silhouette_taken(self):
        found = k_means(ROWS, numbers=(2, 3, 4, 5))
        assert [each.setting["k"] for each in found.tried] == [2, 3, 4, 5]
        assert found.tried[found.chosen].silhouette == max(each.silhouette for each in found.tried)

    def test_the_last_of_a_range_is_told(self):
        assert "2, has the greatest" not in "".join(k_means(ROWS, numbers=(2,)).notes)
        rows = np.repeat(9 * np.eye(8), 5, axis=0) + np.random.default_rng(0).normal(size=(40, 8))
        assert (
            "tried, 5, has the greatest silhouette" in k_means(rows.astype(np.float32), numbers=(2, 3, 4, 5)).notes[0]
        )

    def test_of_many_rows_a_draw_decides_the_number_and_all_are_clustered(self, monkeypatch):
        monkeypatch.setattr(means, "MANY_ROWS", 40)
        found = k_means(ROWS)
        assert len(found.groups) == 90
        assert adjusted_rand_index(HEAP, found.groups) == 1

    def test_fewer_clips_than_clusters_are_refused_with_what_to_do(self):
        with pytest.raises(OptionError, match="3 different clips cannot be parted into 4 clusters or more.*--k"):
            k_means(ROWS[:3], numbers=(4, 5))
        with pytest.raises(OptionError, match="1 cluster or more, got k=0"):
            k_means(ROWS, numbers=(0, 1))
        assert [each.setting["k"] for each in k_means(ROWS[:3], numbers=(2, 3, 4)).tried] == [2, 3]


class TestDensity:
    def test_dbscan_is_that_of_scikit_learn(self):
        found = dbscan(ROWS, eps=[3.0], samples=[4])
        slow = DBSCAN(eps=3.0, min_samples=4).fit_predict(ROWS)
        assert adjusted_rand_index(slow, found.groups) == 1
        assert found.tried[0].setting == {"eps": 3.0, "min_samples": 4}

    def test_hdbscan_is_that_of_scikit_learn(self):
        found = hdbscan(ROWS, sizes=[7])
        slow = HDBSCAN(min_cluster_size=7, copy=True).fit_predict(ROWS)
        assert adjusted_rand_index(slow, found.groups) == 1

    def test_without_eps_the_distances_of_neighbours_give_it(self):
        found = dbscan(ROWS, samples=[3, 5])
        assert set(found.curves) == {"3", "5"}
        for each in found.tried:
            curve = found.curves[f"{each.setting['min_samples']:g}"]
            assert curve[0] <= each.setting["eps"] <= curve[-1]
        assert (np.diff(found.curves["3"]) >= 0).all()

    def test_noise_is_called_noise(self):
        found = dbscan(ROWS, eps=[1e-6], samples=[3])
        assert (found.count, found.outside) == (0, 90)
        assert found.notes[0].startswith("All clips are outsiders with the one setting that was tried: nowhere")

    def test_one_cloud_is_called_one_cloud(self):
        found = dbscan(ROWS, eps=[500.0, 600.0], samples=[3])
        assert (found.count, found.outside) == (1, 0)
        assert "Not two clusters with any of the 2 settings tried" in found.notes[0]

    def test_most_clips_outside_is_told(self):
        rows = np.concatenate((ROWS[:6], ROWS[30:36], np.random.default_rng(0).uniform(-90, 90, (40, 6)))).astype("f4")
        assert "of the clips belong to no cluster" in dbscan(rows, eps=[4.0], samples=[3]).notes[0]

    def test_settings_that_cannot_be_are_refused(self, monkeypatch):
        with pytest.raises(OptionError, match="eps must be above 0, got -1"):
            dbscan(ROWS, eps=[-1.0])
        with pytest.raises(OptionError, match="min_samples must be 2 or more, got 1"):
            hdbscan(ROWS, sizes=[1])
        monkeypatch.setattr(density, "MOST_ROWS", 50)
        for method in (dbscan, hdbscan):
            with pytest.raises(OptionError, match="at most 50 clips, got 90. Take --method kmeans"):
                method(ROWS)


class TestTrees:
    @pytest.mark.parametrize("how", TREES)
    def test_a_tree_is_that_of_scipy_and_so_is_its_cut(self, how):
        rows, _ = heaps(each=12, apart=2.0)
        found = linked(rows, how=how, numbers=[4])
        joins = linkage(rows.astype(np.float64), how)
        assert np.allclose(found.joins, joins)
        assert adjusted_rand_index(fcluster(joins, 4, "maxclust"), found.groups) == 1

    @pytest.mark.parametrize("how", TREES)
    def test_the_height_that_is_shown_parts_the_tree_likewise(self, how):
        rows, _ = heaps(each=12, apart=2.0)
        found = linked(rows, how=how, numbers=[4])
        assert adjusted_rand_index(linked(rows, how=how, height=found.height).groups, found.groups) == 1

    def test_a_cut_above_the_tree_is_told(self):
        found = linked(ROWS, height=1e9)
        assert found.count == 1
        assert "lies above the tree" in found.notes[0]

    def test_joins_at_one_height_cannot_be_parted(self):
        rows = np.arange(6, dtype=np.float32).reshape(-1, 1)
        found = linked(rows, how="single", numbers=[3])
        assert found.count == 1
        assert "cannot be cut into 3 clusters" in found.notes[0]

    def test_a_tree_that_parts_off_single_clips_is_told(self):
        rows = np.concatenate((ROWS[:30], [[99.0] * 6])).astype(np.float32)
        assert "30 of 31 clips stay in one cluster" in linked(rows, how="single", numbers=[2]).notes[0]

    def test_many_rows_are_joined_as_small_groups_where_the_linkage_can(self, monkeypatch):
        monkeypatch.setattr(linkages, "MOST_ROWS", 50)
        monkeypatch.setattr(linkages, "LEAVES", 16)
        for how in ("ward", "average", "complete", "single"):
            found = linked(ROWS, how=how)
            assert adjusted_rand_index(HEAP, found.groups) == 1
            assert "90 clips are more than 50: they are joined as" in found.notes[0]
        for how in ("weighted", "centroid", "median"):
            with pytest.raises(OptionError, match=f"{how} joins at most 50 clips, got 90. Take --method ward"):
                linked(ROWS, how=how)

    def test_what_cannot_be_is_refused(self):
        with pytest.raises(OptionError, match=r"got 'wards'\. Did you mean 'ward'\?"):
            linked(ROWS, how="wards")
        with pytest.raises(OptionError, match="at a height of 0 or above, got -2"):
            linked(ROWS, height=-2.0)


class TestHow:
    def test_methods_and_options_that_do_not_fit_are_refused(self):
        with pytest.raises(OptionError, match=r"got 'kmean'\. Did you mean 'kmeans'\?"):
            How("kmean")
        with pytest.raises(OptionError, match="--eps means nothing to the method 'ward'"):
            How("ward", eps=(1.0,))
        with pytest.raises(OptionError, match="--min-samples means nothing to the method 'kmeans'"):
            How("kmeans", samples=(3,))
        with pytest.raises(OptionError, match="a height means nothing to the method 'dbscan'"):
            How("dbscan", height=3.0)
        with pytest.raises(OptionError, match="1 clip or more, got 0"):
            How("guided", ask=0)
