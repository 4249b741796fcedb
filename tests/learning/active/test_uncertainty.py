"""The least sure rows are asked, in the three ways there are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.learning.active.uncertainty import Entropy, LeastConfident, Margin, uncertainty
from tests.learning.active.pools import chosen, with_chances

ALL = pytest.mark.parametrize("strategy", [LeastConfident(), Margin(), Entropy()], ids=lambda each: each.name)


@ALL
def test_the_least_sure_rows_come_first(strategy):
    known = with_chances([0.92, 0.45, 0.1, 0.7, 0.02])
    assert chosen(strategy, known, 4).tolist() == [3, 5, 4, 2]


@ALL
def test_rows_that_are_equally_unsure_are_drawn(strategy):
    known = with_chances([0.5] * 50)
    assert chosen(strategy, known, 5, seed=0).tolist() != chosen(strategy, known, 5, seed=1).tolist()


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=30, unique=True))
def test_for_one_class_all_three_rank_alike(chances):
    table = np.array(chances, np.float32)[:, None]
    margin = uncertainty(table, kind="margin")
    order = np.argsort(-margin)
    for kind in ("least_confident", "entropy"):
        other = uncertainty(table, kind=kind)[order]
        assert (np.diff(other) <= 1e-6).all()


def test_for_several_classes_the_mean_over_them_counts():
    table = np.array([[0.5, 1.0], [0.75, 0.75]], np.float32)
    assert uncertainty(table, kind="margin").tolist() == [0.5, 0.5]
    assert uncertainty(table, kind="least_confident").tolist() == [0.5, 0.5]
    assert uncertainty(table, kind="entropy").tolist() == pytest.approx([0.5, 0.811278], abs=1e-6)


def test_for_exclusive_classes_the_three_differ():
    table = np.array([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3], [0.8, 0.1, 0.1]], np.float32)
    one = {kind: uncertainty(table, kind=kind, exclusive=True) for kind in ("least_confident", "margin", "entropy")}
    assert one["least_confident"].tolist() == pytest.approx([0.5, 0.6, 0.2])
    assert one["margin"].tolist() == pytest.approx([1.0, 0.9, 0.3])
    assert one["entropy"].tolist() == pytest.approx([0.693147, 1.088900, 0.639032], abs=1e-5)
    assert chosen(Margin(exclusive=True), with_chances(table), 1).tolist() == [2]
    assert chosen(LeastConfident(exclusive=True), with_chances(table), 1).tolist() == [3]


def test_exclusive_chances_are_made_to_sum_to_one():
    table = np.array([[0.9, 0.9], [0.1, 0.1], [0.0, 0.0]], np.float32)
    np.testing.assert_allclose(uncertainty(table, kind="entropy", exclusive=True), np.log(2), atol=1e-6)


def test_exclusive_says_nothing_of_a_single_class():
    table = np.array([[0.3], [0.5]], np.float32)
    assert uncertainty(table, exclusive=True).tolist() == uncertainty(table).tolist()


def test_large_tables_are_looked_at_in_blocks():
    table = np.random.default_rng(0).random((150_000, 2), dtype=np.float32)
    np.testing.assert_allclose(uncertainty(table), (1 - np.abs(2 * table - 1)).mean(axis=1), atol=1e-6)


def test_nothing_has_no_uncertainty():
    assert uncertainty(np.empty((0, 2), np.float32)).shape == (0,)
