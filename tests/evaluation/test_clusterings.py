"""Clusters against known labels: perfect, empty, refusal, golden, oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from cueline.errors import TimelineError
from cueline.evaluation.clusterings import (
    adjusted_rand_index,
    cluster_purities,
    normalised_mutual_information,
    purity,
    purity_interval,
    v_measure,
)
from cueline.evaluation.intervals import bootstrap_interval

ONE_NUMBER = (purity, adjusted_rand_index, normalised_mutual_information)
ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 5)), min_size=1, max_size=60)


def made(rows):
    pairs = np.array(rows)
    return pairs[:, 0], pairs[:, 1]


class TestPerfect:
    @pytest.mark.parametrize("measure", ONE_NUMBER)
    def test_the_reference_itself_under_other_names_scores_one(self, measure):
        assert measure(["rain", "wind", "rain", "snow"], [7, -1, 7, 3]) == pytest.approx(1)

    @pytest.mark.parametrize("measure", ONE_NUMBER)
    def test_one_class_in_one_cluster_scores_one(self, measure):
        assert measure(["rain"] * 3, [5] * 3) == 1
        assert measure(["rain"], [5]) == 1

    def test_a_cluster_for_each_row_is_pure_but_not_complete(self):
        reference, estimated = ["rain", "rain", "wind", "wind"], [0, 1, 2, 3]
        assert purity(reference, estimated) == 1
        assert adjusted_rand_index(reference, estimated) == 0
        found = v_measure(reference, estimated)
        assert [round(value, 9) for value in found[:2]] == [1, 0.5]

    def test_pure_clusters_have_an_interval_without_width(self):
        found = purity_interval(["rain", "wind"] * 20, [0, 1] * 20, np.arange(40))
        assert (found.value, found.low, found.high) == (1, 1, 1)


class TestEmpty:
    @pytest.mark.parametrize("measure", ONE_NUMBER)
    def test_of_no_rows_there_is_no_number(self, measure):
        assert math.isnan(measure([], []))

    def test_of_no_rows_there_is_no_interval_and_no_cluster(self):
        found = purity_interval([], [], [])
        assert math.isnan(found.value)
        assert found.note == "there are no items"
        assert cluster_purities([], []) == ()
        assert np.isnan(v_measure([], [])).all()

    def test_rows_of_one_group_have_no_interval(self):
        found = purity_interval(["rain", "wind"], [0, 0], ["a", "a"])
        assert found.value == 0.5
        assert math.isnan(found.low)
        assert "one group" in found.note


class TestRefusal:
    @pytest.mark.parametrize("measure", [*ONE_NUMBER, v_measure, cluster_purities])
    def test_rows_must_fit_and_be_named(self, measure):
        with pytest.raises(TimelineError, match="a class and a cluster, got 2 and 1 rows"):
            measure(["rain", "wind"], [0])
        with pytest.raises(TimelineError, match=r"reference must have the shape \(N,\).*got \(1, 2\)"):
            measure([["rain", "wind"]], [0])
        with pytest.raises(TimelineError, match=r"estimated must be names or numbers, got nan in row 1\. Leave"):
            measure(["rain", "wind"], [0.0, math.nan])

    def test_each_row_has_one_group(self):
        with pytest.raises(TimelineError, match=r"each of 2 rows must have one group, got groups of shape \(3,\)"):
            purity_interval(["rain", "wind"], [0, 1], ["a", "b", "c"])


class TestGolden:
    def test_a_case_worked_by_hand(self):
        # Manning, Raghavan and Schuetze, Introduction to information retrieval, figure 16.4: purity 12/17
        reference = list("xxxxxo") + list("xoooo+") + list("xx+++")
        estimated = [0] * 6 + [1] * 6 + [2] * 5
        assert purity(reference, estimated) == 12 / 17
        assert adjusted_rand_index(reference, estimated) == pytest.approx(0.2429, abs=1e-4)
        assert round(normalised_mutual_information(reference, estimated), 2) == 0.36
        rows = cluster_purities(reference, estimated)
        assert [(row.cluster, row.rows, row.main) for row in rows] == [(0, 6, "x"), (1, 6, "o"), (2, 5, "+")]
        assert rows[0].purity == 5 / 6
        assert rows[0].base == 8 / 17


class TestOracle:
    @given(ROWS)
    def test_numbers_agree_with_scikit_learn(self, rows):
        reference, estimated = made(rows)
        assert adjusted_rand_index(reference, estimated) == pytest.approx(
            metrics.adjusted_rand_score(reference, estimated), abs=1e-9
        )
        assert normalised_mutual_information(reference, estimated) == pytest.approx(
            metrics.normalized_mutual_info_score(reference, estimated), abs=1e-9
        )
        assert list(v_measure(reference, estimated)) == pytest.approx(
            list(metrics.homogeneity_completeness_v_measure(reference, estimated)), abs=1e-9
        )
        counts = metrics.cluster.contingency_matrix(reference, estimated)
        assert purity(reference, estimated) == pytest.approx(counts.max(axis=0).sum() / len(rows))

    @given(ROWS)
    def test_purities_of_clusters_make_up_that_of_all(self, rows):
        reference, estimated = made(rows)
        own = cluster_purities(reference, estimated)
        assert sum(row.rows for row in own) == len(rows)
        assert sum(row.rows * row.purity for row in own) / len(rows) == pytest.approx(purity(reference, estimated))

    @given(ROWS)
    def test_names_and_order_do_not_matter(self, rows):
        reference, estimated = made(rows)
        other = np.array(list("fedcba"))[estimated]
        assert adjusted_rand_index(reference[::-1], other[::-1]) == pytest.approx(
            adjusted_rand_index(reference, estimated % 6)
        )

    def test_the_interval_is_that_of_purity_on_each_resample(self):
        rng = np.random.default_rng(1)
        reference, estimated = rng.integers(3, size=200), rng.integers(4, size=200)
        estimated = np.where(rng.random(200) < 0.6, reference, estimated)
        groups = np.repeat(np.arange(50), 4)
        found = purity_interval(reference, estimated, groups, resamples=100)
        slow = bootstrap_interval(lambda rows: purity(reference[rows], estimated[rows]), groups, resamples=100)
        assert [found.value, found.low, found.high] == pytest.approx([slow.value, slow.low, slow.high])
        assert found.low < found.value < found.high
