"""Pools of pairs: the same numbers in memory and in files, in any chunks."""

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.evaluation import pooling
from cueline.evaluation.pooling import PairPool

pairs = st.lists(st.tuples(st.sampled_from([-1.0, -0.0, 0.0, 0.25, 0.5, 1e-300, 7.0]), st.booleans()), max_size=40)


def pool_of(rows, *, budget=pooling.BUDGET, chunk=7):
    pool = PairPool(budget=budget)
    for first in range(0, len(rows), chunk):
        part = rows[first : first + chunk]
        pool.add(np.array([score for score, _ in part]), np.array([hit for _, hit in part], dtype=bool))
    return pool


def plain(rows):
    """Average precision of pairs without ties, by the definition."""
    hits = np.array([hit for _, hit in sorted(rows, reverse=True)])
    places = np.flatnonzero(hits)
    return float((np.arange(1, len(places) + 1) / (places + 1)).sum() / len(places))


class TestPerfect:
    def test_right_pairs_first_score_one(self):
        assert pool_of([(0.9, True), (0.8, True), (0.1, False)]).average_precision() == 1


class TestEmpty:
    def test_no_pairs_and_no_positives_score_zero(self):
        assert PairPool().average_precision() == 0
        assert PairPool().average_precision(positives=3) == 0
        assert pool_of([(0.5, False)]).average_precision() == 0
        assert pool_of([(0.5, False)] * 9, budget=2).average_precision() == 0


class TestRefusal:
    def test_a_budget_is_one_or_more(self):
        with pytest.raises(TimelineError, match="keeps 1 pair or more in memory, got 0"):
            PairPool(budget=0)

    def test_scores_and_flags_have_one_shape(self):
        with pytest.raises(TimelineError, match=r"must have one shape, got \(2,\) and \(1,\)"):
            PairPool().add(np.zeros(2), np.zeros(1, bool))

    def test_there_are_as_many_positives_as_right_pairs(self):
        with pytest.raises(TimelineError, match="there are 2 right pairs, so there must be as many positives, got 1"):
            pool_of([(0.5, True), (0.4, True)]).average_precision(positives=1)

    def test_a_list_has_one_pair_or_more(self):
        with pytest.raises(TimelineError, match="1 pair or more, got n=0"):
            PairPool().average_precision(n=0)


class TestOracle:
    @given(pairs, st.integers(1, 30), st.integers(1, 12), st.none() | st.integers(1, 50))
    def test_files_give_the_same_number_as_memory(self, rows, budget, chunk, n):
        whole, spilled = pool_of(rows), pool_of(rows, budget=budget, chunk=chunk)
        assert (len(spilled), spilled.right) == (len(rows), sum(hit for _, hit in rows))
        assert spilled.in_memory <= budget
        expected = whole.average_precision(positives=50, n=n)
        assert spilled.average_precision(positives=50, n=n) == pytest.approx(expected, abs=1e-12)
        assert spilled.average_precision(positives=50, n=n) == pytest.approx(expected, abs=1e-12)  # asked again

    @given(pairs, pairs, st.integers(1, 30))
    def test_merged_pools_are_one_and_stay_what_they_were(self, one, other, budget):
        merged, second = pool_of(one, budget=budget), pool_of(other, budget=3)
        before = (len(second), second.average_precision())
        merged.merge(second)
        assert merged.average_precision() == pytest.approx(pool_of(one + other).average_precision(), abs=1e-12)
        assert (len(second), second.average_precision()) == before

    def test_many_pairs_in_many_ranges(self, monkeypatch):
        monkeypatch.setattr(pooling, "_SAMPLES", 8)
        rng = np.random.default_rng(0)
        rows = list(zip(rng.permutation(5000) / 5000, rng.random(5000) < 0.2, strict=True))
        pool = pool_of(rows, budget=300, chunk=100)
        assert pool.average_precision() == pytest.approx(plain(rows), abs=1e-12)

    def test_one_score_for_all_is_counted_and_never_read(self, monkeypatch):
        read = []
        monkeypatch.setattr(pooling, "_SAMPLES", 8)
        plain_read = pooling._Spool.read
        monkeypatch.setattr(
            pooling._Spool, "read", lambda self, start, count: read.append(count) or plain_read(self, start, count)
        )
        hits = np.random.default_rng(0).random(5000) < 0.2
        pool = pool_of([(0.5, hit) for hit in hits], budget=300, chunk=100)
        whole = pool_of([(0.5, hit) for hit in hits])
        assert pool.average_precision() == pytest.approx(whole.average_precision(), abs=1e-12)
        assert sum(read) == 0

    def test_no_range_is_longer_than_the_budget(self, monkeypatch):
        sizes = []
        plain_of = pooling.Ties.of
        monkeypatch.setattr(
            pooling.Ties, "of", lambda right, wrong: sizes.append(len(right) + len(wrong)) or plain_of(right, wrong)
        )
        rng = np.random.default_rng(1)
        scores, hits = rng.random(60_000) ** 9, rng.random(60_000) < 0.1
        scores[::3] = 0.5
        pool = PairPool(budget=6_000)
        for first in range(0, 60_000, 1_000):
            pool.add(scores[first : first + 1_000], hits[first : first + 1_000])
        pool.average_precision()
        assert len(sizes) > 10
        assert max(sizes) <= 6_000
        assert sum(sizes) < 41_000

    def test_the_file_goes_with_its_last_reader(self):
        first, second = pool_of([(0.5, True)] * 9, budget=2), PairPool()
        second.merge(first)
        file = first._right.runs[0].spool.file
        del first
        gc.collect()
        assert not file.closed
        assert second.average_precision() == 1
        del second
        gc.collect()
        assert file.closed
