"""What all strategies share: the best of scores, a beginning without a model, a share for starved classes."""

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.learning.active.asking import UNKNOWN, Known
from cueline.learning.active.picking import beginning, believed, best, in_turn, middles, picked, spread
from tests.learning.active.pools import known, made, unit


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_best_come_first():
    scores = rng().random(1000)
    rows = np.arange(1000) * 3
    assert best(rows, scores, 10, rng()).tolist() == (np.argsort(-scores)[:10] * 3).tolist()


def test_all_are_the_best_where_there_are_fewer():
    assert best(np.array([5, 2]), np.array([0.0, 1.0]), 9, rng()).tolist() == [2, 5]
    assert not len(best(np.array([], np.int64), np.array([]), 3, rng()))


def test_equal_scores_are_drawn():
    counts = np.zeros(6)
    for seed in range(600):
        found = best(np.arange(6), np.array([1.0, 0, 0, 0, 0, 0]), 2, rng(seed))
        assert found[0] == 0
        counts[found[1]] += 1
    assert counts[1:].min() > 80


def test_scores_that_are_unknown_come_last():
    found = best(np.arange(4), np.array([np.nan, -5.0, np.nan, 3.0]), 4, rng())
    assert found[:2].tolist() == [3, 1]


def test_orders_take_turns():
    assert in_turn([np.array([1, 2]), np.array([2, 1]), np.array([7])], 9).tolist() == [1, 2, 7]
    assert not len(in_turn([], 3))


def blobs(count=5, each=40):
    """Tight blobs far apart, and the number of each row's blob."""
    centres = np.eye(count, 8)
    blob = np.repeat(np.arange(count), each)
    return unit(centres[blob] + 0.05 * rng().standard_normal((len(blob), 8))), blob


@pytest.mark.parametrize("seed", range(5))
def test_middles_are_one_of_each_blob(seed):
    values, blob = blobs()
    found = middles(values, 5, rng(seed))
    assert sorted(blob[found].tolist()) == [0, 1, 2, 3, 4]
    for row in found:
        mine = values[blob == blob[row]]
        far = np.linalg.norm(values[row] - mine.mean(axis=0))
        assert far <= np.quantile(np.linalg.norm(mine - mine.mean(axis=0), axis=1), 0.05)


def test_rows_that_weigh_more_draw_the_middle():
    values = np.array([[0.0], [1.0], [2.0]], np.float32)
    assert middles(values, 1, rng()).tolist() == [1]
    assert middles(values, 1, rng(), weights=np.array([100.0, 1, 1])).tolist() == [0]


def test_rows_that_are_the_same_still_give_as_many():
    found = middles(np.ones((20, 3), np.float32), 6, rng())
    assert len(set(found.tolist())) == 6
    values = np.repeat(np.eye(2, 3, dtype=np.float32), 10, axis=0)
    found = middles(values, 5, rng())
    assert len(set(found.tolist())) == 5
    assert {row // 10 for row in found.tolist()} == {0, 1}


def test_rows_are_spread_over_a_pool_too_large_to_look_at():
    values = made(6000)[0]
    found = spread(values, np.arange(1000, 6000), 20, rng())
    assert len(set(found.tolist())) == 20
    assert found.min() >= 1000
    assert not len(spread(values, np.arange(5), 0, rng()))


def test_a_beginning_without_a_prior_meets_every_blob():
    values, blob = blobs()
    nothing = known(values, np.zeros((len(values), 1), np.int8))
    assert sorted(blob[beginning(nothing, 5, rng())].tolist()) == [0, 1, 2, 3, 4]


def test_a_beginning_with_a_prior_takes_every_other_row_from_its_top():
    values, truth = made(200, classes=2)
    prior = rng().random((200, 2)).astype(np.float32)
    found = beginning(known(values, truth, prior=prior), 8, rng())
    assert len(set(found.tolist())) == 8
    top = [np.argsort(-column)[:2].tolist() for column in prior.T]
    assert set(found[:4].tolist()) == {*top[0], *top[1]}


def own(rows, chances, count):
    """A strategy that takes the last rows."""
    return rows[::-1][:count]


def test_without_a_model_rows_are_a_beginning():
    values, truth = made()
    nothing = known(values, truth, asked=[4])
    assert picked(nothing, 6, rng(), own).tolist() == beginning(nothing, 6, rng()).tolist()


def test_with_a_model_of_every_class_rows_are_the_strategy_s_own():
    values, truth = made(classes=2)
    assert picked(known(values, truth, asked=range(40)), 3, rng(), own).tolist() == [299, 298, 297]


def test_classes_that_starve_get_their_share():
    values, truth = made(rows=400, classes=4)
    truth[:, 1] = 0
    own_counts = []
    for seed in range(200):
        found = picked(known(values, truth, asked=range(40)), 2, rng(seed), own)
        assert len(set(found.tolist())) == 2
        own_counts.append(np.count_nonzero(found >= 398))
    assert 1.35 < np.mean(own_counts) < 1.65


def test_a_strategy_sees_the_chances_of_fitted_classes_alone():
    values, truth = made(classes=3)
    truth[:, 1] = 1

    def looks(rows, chances, count):
        assert chances.shape == (300, 2)
        return rows[:count]

    assert len(picked(known(values, truth, asked=range(40)), 30, rng(), looks)) == 30


def test_a_prior_counts_less_the_more_is_answered():
    values, truth = made(400)
    prior = truth + 0.01 * rng().standard_normal(truth.shape).astype(np.float32)
    order = np.concatenate((np.flatnonzero(truth[:, 0])[:60], np.flatnonzero(truth[:, 0] == 0)[:60]))
    few, many = (known(values, truth, asked=order[np.r_[:n, 60 : 60 + n]], prior=prior) for n in (2, 60))
    agree = [np.corrcoef(believed(each)[:, 0], prior[:, 0])[0, 1] for each in (few, many)]
    alone = [np.corrcoef(each.chances[:, 0], prior[:, 0])[0, 1] for each in (few, many)]
    assert agree[0] > 0.99 > alone[0]
    assert agree[1] - alone[1] < agree[0] - alone[0]
    assert believed(few).min() >= 0
    assert believed(few).max() <= 1


def test_a_prior_that_answers_contradict_loses_its_say():
    values, truth = made(400)
    wrong = -truth + 0.01 * rng().standard_normal(truth.shape).astype(np.float32)
    order = np.concatenate((np.flatnonzero(truth[:, 0])[:5], np.flatnonzero(truth[:, 0] == 0)[:5]))
    pool = known(values, truth, asked=order, prior=wrong)
    assert np.corrcoef(believed(pool)[:, 0], truth[:, 0])[0, 1] > 0.5


def test_the_scale_of_a_prior_does_not_matter():
    values, truth = made(100)
    prior = rng().random(truth.shape).astype(np.float32)
    one, other = (believed(known(values, truth, asked=range(30), prior=each)) for each in (prior, 1000 * prior - 7))
    np.testing.assert_allclose(one, other, atol=1e-3)


def test_a_constant_prior_changes_no_order():
    values, truth = made(100)
    pool = known(values, truth, asked=range(30), prior=np.ones(truth.shape, np.float32))
    assert np.argmax(believed(pool)) == np.argmax(pool.chances)


def test_without_chances_there_is_nothing_to_believe():
    values, truth = made(10)
    with pytest.raises(TimelineError, match="there must be chances to believe in, got None"):
        believed(Known(values, np.full(truth.shape, UNKNOWN, np.int8), None, None, np.zeros(10, np.bool_)))
