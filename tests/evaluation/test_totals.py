"""Totals chunk by chunk: the same numbers as of all rows at once."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.evaluation import totals
from cueline.evaluation.ranking import global_average_precision, hit_at_k, precision_at_equal_recall_rate
from cueline.evaluation.totals import BestHits, RankingTotals
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import TopLists, top_classes


def made(rows=200, classes=30, seed=0, share=0.1):
    rng = np.random.default_rng(seed)
    return rng.random((rows, classes)) < share, (rng.integers(0, 40, (rows, classes)) / 40).astype(np.float32)


def chunked(flags, scores, *, k, depth, chunk, budget=1000):
    sums = RankingTotals(k, budget=budget)
    for first in range(0, len(flags), chunk):
        rows = slice(first, first + chunk)
        sums.add(LabelLists.of_flags(flags[rows]), top_classes(scores[rows], depth))
    return sums


class TestPerfect:
    def test_right_classes_first_score_one(self):
        flags = np.eye(5, dtype=bool)
        sums = chunked(flags, flags.astype(float), k=1, depth=1, chunk=2)
        assert sums.global_average_precision == sums.hit_at(1) == sums.precision_at_equal_recall_rate == 1
        assert (sums.rows, sums.positives) == (5, 5)


class TestEmpty:
    def test_no_rows_have_a_gap_of_zero_and_no_means(self):
        sums = RankingTotals()
        sums.add(LabelLists.none(0, width=4), top_classes(np.zeros((0, 4)), 20))
        assert sums.global_average_precision == 0
        assert math.isnan(sums.hit_at(1))
        assert math.isnan(sums.precision_at_equal_recall_rate)

    def test_rows_that_say_nothing_find_nothing(self):
        sums = RankingTotals(k=2)
        nothing = TopLists(np.full((3, 2), -1), np.full((3, 2), np.nan), 9)
        sums.add(LabelLists.of([[0], [], [8]], width=9), nothing)
        assert sums.global_average_precision == sums.hit_at(2) == sums.precision_at_equal_recall_rate == 0
        assert (sums.rows, sums.positives) == (3, 2)


class TestRefusal:
    def test_k_is_one_or_more(self):
        with pytest.raises(TimelineError, match="1 best class or more, got k=0"):
            RankingTotals(0)
        with pytest.raises(TimelineError, match="1 best class or more, got k=0"):
            RankingTotals().hit_at(0)

    def test_a_budget_is_one_or_more(self):
        with pytest.raises(TimelineError, match="keeps 1 pair or more"):
            RankingTotals(budget=0)

    def test_labels_and_lists_are_about_the_same(self):
        with pytest.raises(TimelineError, match="same rows and classes, got LabelLists.2 rows.* and TopLists.1 rows"):
            RankingTotals(1).add(LabelLists.none(2, width=4), top_classes(np.zeros((1, 4)), 1))
        with pytest.raises(TimelineError, match="of 3 classes.* of 4 classes"):
            RankingTotals(1).add(LabelLists.none(1, width=3), top_classes(np.zeros((1, 4)), 1))

    def test_lists_are_long_enough_for_gap(self):
        with pytest.raises(TimelineError, match="GAP@20 needs the 20 best classes of a row, got lists of 3"):
            RankingTotals(20).add(LabelLists.none(1, width=30), top_classes(np.zeros((1, 30)), 3))

    def test_lists_are_long_enough_for_hits(self):
        sums = chunked(*made(), k=2, depth=3, chunk=50)
        with pytest.raises(TimelineError, match="Hit@4 needs the 4 best classes of a row, got lists of 3"):
            sums.hit_at(4)

    def test_totals_of_another_k_do_not_merge(self):
        with pytest.raises(TimelineError, match="got k=2 and k=3"):
            RankingTotals(2).merge(RankingTotals(3))


class TestGolden:
    def test_two_rows_by_hand(self):
        """Pairs 0.9 right, 0.8 wrong, 0.7 right, 0.6 right of four labels: (1 + 2/3 + 3/4) / 4."""
        sums = RankingTotals(2)
        scores = np.array([[0.9, 0.1, 0.8, 0.3], [0.2, 0.7, 0.6, 0.4]])
        sums.add(LabelLists.of([[0, 3], [1, 2]], width=4), top_classes(scores, 2))
        assert sums.global_average_precision == pytest.approx((1 + 2 / 3 + 3 / 4) / 4)
        assert sums.precision_at_equal_recall_rate == 0.75

    def test_a_row_with_more_labels_than_its_list_is_long_has_no_perr(self):
        sums = RankingTotals(2)
        sums.add(LabelLists.of([[0, 1, 2], [0]], width=9), top_classes(np.ones((2, 9)), 2))
        assert math.isnan(sums.precision_at_equal_recall_rate)
        assert sums.hit_at(2) == 1

    def test_a_row_may_end_early(self):
        sums = RankingTotals(2)
        lists = TopLists(np.array([[3, -1], [1, 0]]), np.array([[0.5, np.nan], [0.9, 0.1]]), 9)
        sums.add(LabelLists.of([[3, 4], [0]], width=9), lists)
        assert sums.global_average_precision == pytest.approx((1 / 2 + 2 / 3) / 3)
        assert [sums.hit_at(k) for k in (1, 2)] == [0.5, 1]
        assert sums.precision_at_equal_recall_rate == 0.25


class TestOracle:
    @settings(max_examples=25)
    @given(
        st.integers(0, 50), st.sampled_from([1, 3, 20, 30, 99]), st.integers(20, 250), st.sampled_from([1, 50, 10**6])
    )
    def test_chunks_give_the_numbers_of_all_rows(self, seed, k, chunk, budget):
        flags, scores = made(seed=seed)
        sums = chunked(flags, scores, k=k, depth=k, chunk=chunk, budget=budget)
        assert sums.global_average_precision == pytest.approx(global_average_precision(flags, scores, k=k), abs=1e-12)
        assert sums.hit_at(min(k, 3)) == hit_at_k(flags, scores, k=min(k, 3))
        if k >= flags.sum(axis=1).max():
            perr = precision_at_equal_recall_rate(flags, scores)
            assert sums.precision_at_equal_recall_rate == pytest.approx(perr, abs=1e-12)

    def test_sums_are_both_and_leave_both_as_they_were(self):
        flags, scores = made()
        whole = chunked(flags, scores, k=5, depth=20, chunk=200)
        one, other = (chunked(flags[i::2], scores[i::2], k=5, depth=20 + i, chunk=30, budget=70) for i in (0, 1))
        both = one + other
        assert both.global_average_precision == pytest.approx(whole.global_average_precision, abs=1e-12)
        assert both.hit_at(20) == whole.hit_at(20)
        assert both.precision_at_equal_recall_rate == pytest.approx(whole.precision_at_equal_recall_rate, abs=1e-12)
        assert (both.rows, both.positives, one.rows, other.rows) == (200, whole.positives, 100, 100)
        assert repr(both) == f"RankingTotals(200 rows, {whole.positives} labels, k=5)"

    def test_blocks_come_in_the_order_of_rows_however_many_there_are(self, monkeypatch):
        flags, scores = made(rows=500)
        whole = global_average_precision(flags, scores, k=4), hit_at_k(flags, scores, k=4)
        monkeypatch.setattr(totals, "_CELLS", 60)
        found = list(totals.best_hits(flags, scores, 4))
        assert len(found) == 250
        assert np.concatenate([best.labels for best in found]).tolist() == flags.sum(axis=1).tolist()
        assert (global_average_precision(flags, scores, k=4), hit_at_k(flags, scores, k=4)) == whole

    def test_many_rows_are_looked_up_in_blocks(self):
        flags, scores = made(rows=3000, classes=3000, share=0.002)
        best = BestHits.of(LabelLists.of_flags(flags), top_classes(scores, 5))
        assert (best.hits == np.take_along_axis(flags, best.top.classes, axis=1)).all()
        assert (best.labels == flags.sum(axis=1)).all()
