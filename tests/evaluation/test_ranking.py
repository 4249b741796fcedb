"""Ranking measures: perfect, empty, refusal, golden, oracle."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, top_k_accuracy_score

from cueline.errors import TimelineError
from cueline.evaluation import ranking
from cueline.evaluation.ranking import (
    RankingTotals,
    average_precision,
    average_precision_at,
    global_average_precision,
    hit_at_k,
    mean_average_precision,
    precision_at_equal_recall_rate,
    reciprocal_rank,
    roc_auc,
    top_k_accuracy,
)
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import top_classes

NAMES = (
    "tiny_2x4",
    "tiny_2x4_top2",
    "one_row_without_labels",
    "no_positives_at_all",
    "all_positive",
    "k_larger_than_classes",
    "zero_scores_in_perr",
    "negative_scores",
)
OF_TABLES = (
    lambda flags, scores: global_average_precision(flags, scores, k=3),
    lambda flags, scores: hit_at_k(flags, scores, k=3),
    precision_at_equal_recall_rate,
    lambda flags, scores: mean_average_precision(flags, scores, k=3),
    mean_average_precision,
    reciprocal_rank,
)


@pytest.fixture(scope="module")
def cases(golden):
    return json.loads((golden / "youtube8m_metrics.json").read_text())


@st.composite
def tables(draw, *, rows=8, classes=6, levels=5):
    """Reference and scores, with many ties."""
    shape = draw(st.integers(1, rows)), draw(st.integers(1, classes))
    size = shape[0] * shape[1]
    flags = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    scores = draw(st.lists(st.integers(-1, levels), min_size=size, max_size=size))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    return np.array(flags).reshape(shape), (np.array(scores) / 4).astype(dtype).reshape(shape)


def untied(seed=0, rows=300, classes=50):
    """Reference and scores, no two scores equal."""
    rng = np.random.default_rng(seed)
    scores = rng.permutation(rows * classes).reshape(rows, classes) / (rows * classes)
    return rng.random(scores.shape) < 0.1 * (1 + 5 * scores), scores


class TestPerfect:
    def test_right_classes_first_score_one(self):
        flags = np.array([[True, False, False], [False, True, True], [True, True, False]])
        scores = np.where(flags, 0.75, 0.25)
        for measure in OF_TABLES[:-1]:
            assert measure(flags, scores) == 1
        assert average_precision(flags[:, 0], scores[:, 0]) == roc_auc(flags[:, 0], scores[:, 0]) == 1
        assert average_precision_at(flags[:, 0], scores[:, 0], n=2) == 1
        assert top_k_accuracy([0, 1, 0], scores, k=1) == 1

    def test_reciprocal_rank_of_a_perfect_answer_is_one_for_one_label_and_less_for_more(self):
        assert reciprocal_rank(np.eye(4, dtype=bool), np.eye(4)) == 1
        assert reciprocal_rank(np.ones((1, 4), bool), np.ones((1, 4))) == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


class TestEmpty:
    def test_no_rows_have_no_mean_and_a_gap_of_zero(self):
        nothing = np.zeros((0, 4), bool), np.zeros((0, 4))
        assert global_average_precision(*nothing) == 0
        for measure in OF_TABLES[1:]:
            assert math.isnan(measure(*nothing))
        assert math.isnan(top_k_accuracy([], np.zeros((0, 4)), k=1))
        assert np.isnan(average_precision(*nothing)).tolist() == [True] * 4
        assert math.isnan(average_precision([], []))
        assert math.isnan(roc_auc([], []))
        assert average_precision_at([], []) == 0

    def test_rows_without_labels_count_as_zero_and_classes_without_positives_do_not_count(self):
        flags, scores = np.array([[True, False], [False, False]]), np.array([[0.9, 0.1], [0.8, 0.2]])
        assert hit_at_k(flags, scores, k=1) == precision_at_equal_recall_rate(flags, scores) == 0.5
        assert reciprocal_rank(flags, scores) == 0.5
        assert mean_average_precision(flags, scores) == mean_average_precision(flags, scores, k=1) == 1

    def test_without_any_positive_gap_is_zero_and_map_is_not_defined(self):
        flags, scores = np.zeros((2, 3), bool), np.ones((2, 3))
        assert global_average_precision(flags, scores) == 0
        assert math.isnan(mean_average_precision(flags, scores))
        assert math.isnan(mean_average_precision(flags, scores, k=2))

    def test_one_side_empty_has_no_roc(self):
        assert np.isnan(roc_auc([[True, False], [True, False]], [[0.1, 0.2], [0.3, 0.4]])).all()

    def test_no_classes_are_no_hits(self):
        flags, scores = np.zeros((2, 0), bool), np.zeros((2, 0))
        assert hit_at_k(flags, scores, k=1) == precision_at_equal_recall_rate(flags, scores) == 0
        assert reciprocal_rank(flags, scores) == global_average_precision(flags, scores) == 0
        assert math.isnan(mean_average_precision(flags, scores, k=1))
        assert average_precision(flags, scores).shape == (0,)


class TestRefusal:
    @pytest.mark.parametrize("measure", OF_TABLES)
    def test_scores_that_are_no_numbers_are_refused_with_their_place(self, measure):
        flags, scores = np.zeros((3, 40), bool), np.zeros((3, 40))
        for strange in (np.nan, np.inf, -np.inf):
            scores[2, 33] = strange
            with pytest.raises(TimelineError, match=f"scores must be finite, got {strange} in row 2, column 33"):
                measure(flags, scores)

    def test_the_row_of_a_strange_score_is_that_of_the_whole_table(self):
        flags, scores = np.zeros((3000, 100), bool), np.zeros((3000, 100), np.float32)
        scores[2900, 7] = np.nan
        for measure in OF_TABLES:
            with pytest.raises(TimelineError, match="got nan in row 2900, column 7"):
                measure(flags, scores)

    @pytest.mark.parametrize("measure", [*OF_TABLES, average_precision, roc_auc])
    def test_shapes_and_dtypes_are_those_of_flags_and_scores(self, measure):
        with pytest.raises(TimelineError, match=r"must have one shape, got \(2, 3\) and \(2, 4\)"):
            measure(np.zeros((2, 3), bool), np.zeros((2, 4)))
        with pytest.raises(TimelineError, match="reference must be bool, or 0 and 1, got int64"):
            measure(np.full((2, 3), 2), np.zeros((2, 3)))
        with pytest.raises(TimelineError, match="Do reference and scores stand in the wrong order"):
            measure(np.zeros((2, 3), bool), np.zeros((2, 3), bool))

    @pytest.mark.parametrize("measure", [OF_TABLES[1], precision_at_equal_recall_rate, reciprocal_rank])
    def test_what_ranks_the_classes_of_a_row_needs_rows(self, measure):
        with pytest.raises(TimelineError, match=r"must have shape \(N, C\), got \(2,\)"):
            measure(np.zeros(2, bool), np.zeros(2))

    def test_k_is_one_or_more(self):
        flags, scores = np.zeros((2, 3), bool), np.zeros((2, 3))
        for measure in (global_average_precision, hit_at_k, mean_average_precision):
            with pytest.raises(TimelineError, match="1 best class or more, got k=0"):
                measure(flags, scores, k=0)
        with pytest.raises(TimelineError, match="1 best class or more, got k=0"):
            top_k_accuracy([0, 0], scores, k=0)
        with pytest.raises(TimelineError, match="1 pair or more, got n=0"):
            average_precision_at([True], [0.5], n=0)

    def test_k_and_judged_do_not_go_together(self):
        with pytest.raises(TimelineError, match="got judged as well. Leave one of the two out"):
            mean_average_precision([[True]], [[0.5]], k=1, judged=[[True]])

    def test_one_ranked_list_has_one_dimension(self):
        with pytest.raises(TimelineError, match=r"one ranked list has shape \(N,\), got \(1, 1\)"):
            average_precision_at([[True]], [[0.5]])

    def test_one_ranked_list_is_finite_and_holds_no_more_right_pairs_than_positives(self):
        with pytest.raises(TimelineError, match="scores must be finite, got nan in row 0"):
            average_precision_at([True], [np.nan])
        with pytest.raises(TimelineError, match="so there must be as many positives, got 0"):
            average_precision_at([True], [0.5], positives=0)

    def test_top_k_accuracy_wants_numbers_of_classes_and_a_table(self):
        with pytest.raises(TimelineError, match=r"scores must have shape \(N, C\), got \(1,\)"):
            top_k_accuracy([0], [0.5], k=1)
        with pytest.raises(TimelineError, match="reference must lie in 0 to 1, got 2 in row 0"):
            top_k_accuracy([2], [[0.5, 0.5]], k=1)
        with pytest.raises(TimelineError, match="whole ones, got float64"):
            top_k_accuracy([0.0], [[0.5, 0.5]], k=1)
        with pytest.raises(TimelineError, match="scores must be finite, got nan in row 0, column 1"):
            top_k_accuracy([0], [[0.5, np.nan]], k=1)


class TestGolden:
    def test_every_case_is_looked_at(self, cases):
        assert {case["name"] for case in cases["cases"]} == set(NAMES)

    @pytest.mark.parametrize("name", NAMES)
    def test_numbers_equal_those_of_the_official_code(self, cases, name):
        case = next(case for case in cases["cases"] if case["name"] == name)
        flags, scores, k = np.array(case["labels"]) == 1, np.array(case["predictions"]), case["top_k"]
        expected = case["expected"]
        gap = global_average_precision(flags, scores, k=k)
        assert expected["gap_ties_worst"] - 1e-9 <= gap <= expected["gap_ties_best"] + 1e-9
        if expected["gap_ties_worst"] == expected["gap_ties_best"]:
            assert gap == pytest.approx(expected[f"gap_at_{k}"], abs=1e-9)
        assert hit_at_k(flags, scores, k=1) == pytest.approx(expected["hit_at_one"], abs=1e-9)
        assert precision_at_equal_recall_rate(flags, scores) == pytest.approx(expected["perr"], abs=1e-9)
        mean = expected["EvaluationMetrics"]["mean_ap"]
        mean = math.nan if mean is None else mean
        assert mean_average_precision(flags, scores, k=k) == pytest.approx(mean, abs=1e-9, nan_ok=True)
        course = expected["course_evaluate_py"]
        assert reciprocal_rank(flags, scores) == pytest.approx(course["reciprocal_rank"], abs=1e-9)
        for limit in (1, 5, 20):
            assert hit_at_k(flags, scores, k=limit) == pytest.approx(course[f"hit{limit}"], abs=1e-9)

    @pytest.mark.parametrize("name", NAMES)
    def test_average_precision_of_each_class_equals_that_of_the_official_code(self, cases, name):
        case = next(case for case in cases["cases"] if case["name"] == name)
        flags, scores = np.array(case["labels"]) == 1, np.array(case["predictions"])
        each = average_precision(flags, scores)
        if case["top_k"] >= flags.shape[1]:
            aps = case["expected"]["EvaluationMetrics"]["aps_nonempty_classes"]
            assert each[flags.any(axis=0)] == pytest.approx(np.array(aps), abs=1e-9)
        assert np.isnan(each[~flags.any(axis=0)]).all()

    @pytest.mark.parametrize("name", NAMES)
    def test_batches_give_what_the_official_code_gives_for_all(self, cases, name):
        case = next(case for case in cases["cases"] if case["name"] == name)
        flags, scores, k = np.array(case["labels"]) == 1, np.array(case["predictions"]), case["top_k"]
        totals = RankingTotals(k)
        for row in range(len(flags)):
            totals.add(LabelLists.of_flags(flags[row : row + 1]), top_classes(scores[row : row + 1], k))
        expected = case["expected"]["EvaluationMetrics"]
        assert totals.hit_at(1) == pytest.approx(expected["avg_hit_at_one"], abs=1e-9)
        assert totals.precision_at_equal_recall_rate == pytest.approx(expected["avg_perr"], abs=1e-9)
        assert totals.global_average_precision == pytest.approx(global_average_precision(flags, scores, k=k), abs=1e-12)

    def test_average_precision_at_n_equals_that_of_the_official_code(self, cases):
        assert len(cases["ap_at_n"]) == 7
        for case in cases["ap_at_n"]:
            right = np.array(case["actuals"], dtype=int) == 1
            found = average_precision_at(
                right, case["predictions"], n=case["n"], positives=case.get("total_num_positives")
            )
            assert found == pytest.approx(case["expected"], abs=1e-9)

    def test_top_k_accuracy_of_four_videos(self):
        """Right class first, second, fifth and never among five of six."""
        scores = np.array([[6, 5, 4, 3, 2, 1], [5, 6, 4, 3, 2, 1], [2, 6, 5, 4, 3, 1], [1, 6, 5, 4, 3, 2.0]])
        assert [top_k_accuracy([0, 0, 0, 0], scores, k=k) for k in (1, 2, 5, 6, 9)] == [0.25, 0.5, 0.75, 1, 1]

    def test_equal_scores_of_a_row_stand_in_the_order_of_classes(self):
        scores = np.zeros((1, 4))
        flags = np.array([[False, False, True, False]])
        assert [hit_at_k(flags, scores, k=k) for k in (2, 3)] == [0, 1]
        assert reciprocal_rank(flags, scores) == pytest.approx(1 / 3)
        assert [top_k_accuracy([2], scores, k=k) for k in (2, 3)] == [0, 1]

    def test_what_nobody_judged_does_not_count(self):
        flags, scores = np.array([True, False, True, False]), np.array([0.9, np.nan, 0.7, 0.5])
        judged = np.array([True, False, True, True])
        assert average_precision(flags, scores, judged=judged) == roc_auc(flags, scores, judged=judged) == 1


class TestOracle:
    @settings(max_examples=40)
    @given(tables())
    def test_average_precision_and_roc_equal_those_of_scikit_learn(self, table):
        flags, scores = table
        precisions, areas = average_precision(flags, scores), roc_auc(flags, scores)
        for column in range(flags.shape[1]):
            own = flags[:, column], scores[:, column]
            if own[0].any():
                assert precisions[column] == pytest.approx(average_precision_score(*own), abs=1e-12)
                assert average_precision(*own) == pytest.approx(precisions[column], abs=1e-12)
            else:
                assert math.isnan(precisions[column])
            if own[0].any() and not own[0].all():
                assert areas[column] == pytest.approx(roc_auc_score(*own), abs=1e-12)
            else:
                assert math.isnan(areas[column])

    @settings(max_examples=40)
    @given(tables(), st.data())
    def test_what_is_not_judged_could_as_well_not_be_there(self, table, data):
        flags, scores = table
        judged = np.array(data.draw(st.lists(st.booleans(), min_size=flags.size, max_size=flags.size)))
        judged = judged.reshape(flags.shape)
        hidden = np.where(judged, scores, np.nan)
        for measure in (average_precision, roc_auc):
            found = measure(flags, hidden, judged=judged)
            for column in range(flags.shape[1]):
                kept = judged[:, column]
                expected = measure(flags[kept, column], scores[kept, column])
                assert found[column] == pytest.approx(expected, abs=1e-12, nan_ok=True)
        each = average_precision(flags, hidden, judged=judged)
        expected = np.nanmean(each) if not np.isnan(each).all() else math.nan
        assert mean_average_precision(flags, hidden, judged=judged) == pytest.approx(expected, nan_ok=True)

    def test_many_columns_in_blocks_equal_those_by_themselves(self, monkeypatch):
        monkeypatch.setattr("cueline.evaluation.classwise._CELLS", 1000)
        flags, scores = untied(rows=1500, classes=7)
        assert average_precision(flags, scores) == pytest.approx(average_precision_score(flags, scores, average=None))
        assert roc_auc(flags, scores) == pytest.approx(roc_auc_score(flags, scores, average=None))

    @settings(max_examples=40)
    @given(tables(rows=3, classes=2, levels=1), st.integers(1, 3))
    def test_gap_is_the_mean_over_all_orders_and_within_their_bounds(self, table, k):
        flags, scores = table
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        pairs = list(
            zip(np.take_along_axis(scores, order, 1).ravel(), np.take_along_axis(flags, order, 1).ravel(), strict=True)
        )
        gaps = [
            ap for ways in [itertools.permutations(pairs)] for way in ways if (ap := in_this_order(way)) is not None
        ]
        gap = global_average_precision(flags, scores, k=k) * max(1, flags.sum())
        assert min(gaps) - 1e-12 <= gap <= max(gaps) + 1e-12
        assert gap == pytest.approx(np.mean(gaps), abs=1e-12)

    @pytest.mark.parametrize("k", [1, 3, 20, 50, 99])
    def test_measures_of_tables_equal_their_definitions(self, k):
        flags, scores = untied()
        order = np.argsort(-scores, axis=1)
        hits = np.take_along_axis(flags, order, axis=1)
        ranked = sorted(
            zip(np.take_along_axis(scores, order, 1)[:, :k].ravel(), hits[:, :k].ravel(), strict=True), reverse=True
        )
        assert global_average_precision(flags, scores, k=k) == pytest.approx(in_this_order(ranked) / flags.sum())
        assert hit_at_k(flags, scores, k=k) == pytest.approx(hits[:, :k].any(axis=1).mean())
        perr = [row[: row.sum()].mean() if row.any() else 0 for row in hits]
        assert precision_at_equal_recall_rate(flags, scores + 1) == pytest.approx(np.mean(perr))
        ranks = [(1 / (np.flatnonzero(row) + 1)).mean() if row.any() else 0 for row in hits]
        assert reciprocal_rank(flags, scores) == pytest.approx(np.mean(ranks))
        listed = np.zeros_like(flags)
        np.put_along_axis(listed, order[:, :k], values=True, axis=1)
        each = [
            in_this_order(sorted(zip(scores[own, c], flags[own, c], strict=True), reverse=True)) / flags[:, c].sum()
            for c, own in enumerate(listed.T)
        ]
        assert mean_average_precision(flags, scores, k=k) == pytest.approx(np.mean(each))

    @given(st.integers(0, 20), st.integers(1, 5))
    def test_top_k_accuracy_equals_that_of_scikit_learn(self, seed, k):
        rng = np.random.default_rng(seed)
        scores = rng.permutation(60).reshape(10, 6) / 60
        right = rng.integers(0, 6, 10)
        expected = top_k_accuracy_score(right, scores, k=k, labels=range(6))
        assert top_k_accuracy(right, scores, k=k) == pytest.approx(expected)

    @settings(max_examples=40)
    @given(tables())
    def test_a_monotone_scale_changes_nothing(self, table):
        flags, scores = table
        for measure in (*OF_TABLES[:2], *OF_TABLES[3:]):
            assert measure(flags, scores) == pytest.approx(measure(flags, np.exp(scores)), abs=1e-12, nan_ok=True)

    def test_one_dimension_is_one_class(self):
        flags, scores = untied(classes=1)
        assert global_average_precision(flags[:, 0], scores[:, 0]) == pytest.approx(average_precision(flags, scores)[0])
        assert mean_average_precision(flags[:, 0], scores[:, 0]) == pytest.approx(average_precision(flags, scores)[0])


def in_this_order(pairs):
    """Precision at each right pair, summed; None where the scores do not allow the order."""
    if any(a[0] < b[0] for a, b in itertools.pairwise(pairs)):
        return None
    hits = np.array([hit for _, hit in pairs], dtype=bool)
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].sum())


def test_what_is_exported_is_there_and_sorted():
    assert ranking.__all__ == sorted(ranking.__all__)
    assert all(hasattr(ranking, name) for name in ranking.__all__)
