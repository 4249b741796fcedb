"""Rows on which members disagree are asked."""

import numpy as np

from cueline.learning.active.asking import NO, UNKNOWN, YES, Known
from cueline.learning.active.committee import Committee, disagreement
from cueline.learning.active.few import fit_few
from tests.learning.active.pools import chosen, known, made


def test_disagreement_is_what_members_one_by_one_give():
    values, truth = made(120, classes=2)
    state = known(values, truth, asked=range(30))
    found = disagreement(state, np.arange(120), 5, np.random.default_rng(4))
    weights = np.random.default_rng(4).exponential(size=(30, 5))
    said = np.stack([fit_few(values[:30], truth[:30], weights=weights[:, m]).chances(values) for m in range(5)])

    def entropy(p):
        p = p.astype(float).clip(1e-6, 1 - 1e-6)
        return -(p * np.log2(p) + (1 - p) * np.log2(1 - p))

    votes = (said > 0.5).mean(axis=0)
    expected = (entropy(votes) + 1e-3 * entropy(said.mean(axis=0))).mean(axis=1)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert found.max() > 0.5  # some votes are split


def test_of_rows_with_the_same_votes_the_least_sure_comes_first():
    values = np.array([[1, 0], [-1, 0], [0.9, 0.1], [0.2, 0.1]], np.float32)
    answers = np.array([[YES], [NO], [UNKNOWN], [UNKNOWN]], np.int8)
    state = Known(values, answers, np.full((4, 1), 0.5, np.float32), None, answers[:, 0] != UNKNOWN)
    assert chosen(Committee(), state, 1).tolist() == [3]


def test_a_direction_that_no_answer_is_about_splits_no_committee():
    values = np.eye(4, dtype=np.float32)[[0, 1, 0, 1, 2, 3]]
    answers = np.array([[YES], [NO], [YES], [NO], [UNKNOWN], [UNKNOWN]], np.int8)
    state = Known(values, answers, np.full((6, 1), 0.5, np.float32), None, answers[:, 0] != UNKNOWN)
    apart = disagreement(state, np.arange(6), 8, np.random.default_rng(0))
    np.testing.assert_allclose(apart[4], apart[5], atol=1e-5)


def test_rows_where_members_disagree_come_first():
    # Two answered rows each for the first two directions; their answers contradict one another along the second.
    values = np.eye(3, dtype=np.float32)[[0, 0, 1, 1, 2, 0, 1, 0, 1]]
    answers = np.array([[YES], [YES], [YES], [NO], [NO], [UNKNOWN], [UNKNOWN], [UNKNOWN], [UNKNOWN]], np.int8)
    state = Known(values, answers, np.full((9, 1), 0.5, np.float32), None, answers[:, 0] != UNKNOWN)
    assert set(chosen(Committee(members=16), state, 2).tolist()) == {6, 8}


def test_many_rows_are_looked_at_in_part():
    values, truth = made(400)
    state = known(values, truth, asked=range(30))
    apart = disagreement(state, np.arange(400), 8, np.random.default_rng(0))
    few = chosen(Committee(candidates=20), state, 10, seed=0)
    assert few.tolist() != chosen(Committee(candidates=20), state, 10, seed=1).tolist()
    assert apart[few].mean() < apart[chosen(Committee(), state, 10)].mean()
    assert len(set(chosen(Committee(candidates=20), state, 50).tolist())) == 50


def test_classes_that_cannot_be_fitted_have_no_say():
    values, truth = made(100, classes=2)
    truth[:, 1] = 0
    state = known(values, truth, asked=range(30))
    alone = known(values, truth[:, [0]], asked=range(30))
    one, other = (disagreement(each, each.open, 4, np.random.default_rng(1)) for each in (state, alone))
    np.testing.assert_allclose(one, other, atol=1e-6)
