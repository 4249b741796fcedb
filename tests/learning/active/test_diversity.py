"""Rows unlike those asked, and unsure rows like many others: as plain loops say."""

import numpy as np
import pytest

from cueline.learning.active.diversity import Density, KCentre, likeness_to_all
from cueline.learning.active.uncertainty import uncertainty
from tests.learning.active.pools import chosen, known, made, unit


def by_loops(values, seen, count):
    """The farthest rows one after the other, looking at all pairs each time."""
    centres, found = list(np.flatnonzero(seen)), []
    for _ in range(count):
        far = [
            -1 if row in centres else np.linalg.norm(values[centres] - values[row], axis=1).min()
            for row in range(len(values))
        ]
        found.append(int(np.argmax(far)))
        centres.append(found[-1])
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_farthest_rows_are_those_of_plain_loops(seed):
    values, truth = made(60, 4, seed=seed)
    state = known(values, truth, asked=[3, 40])
    assert chosen(KCentre(), state, 12).tolist() == by_loops(values.astype(float), state.seen, 12)


def test_features_of_any_length_are_measured():
    values, truth = made(50, 3)
    values = values * np.random.default_rng(0).uniform(0.1, 5, (50, 1)).astype(np.float32)
    state = known(values, truth, asked=[7], fit=False)
    assert chosen(KCentre(), state, 8).tolist() == by_loops(values.astype(float), state.seen, 8)


def test_rows_that_nobody_could_judge_count_as_asked():
    values = np.array([[0.0], [1.0], [10.0]], np.float32)
    state = known(values, np.zeros((3, 1), np.int8), asked=[0], unsure=[2])
    assert chosen(KCentre(), state, 1).tolist() == [1]


def test_the_first_row_of_an_untouched_pool_is_drawn():
    values, truth = made()
    first = {chosen(KCentre(), known(values, truth), 1, seed=seed)[0] for seed in range(10)}
    assert len(first) > 3


def test_many_rows_are_looked_at_in_part():
    values, truth = made(500)
    rows = chosen(KCentre(candidates=20), known(values, truth, asked=[0]), 30)
    assert len(set(rows.tolist())) == 30
    assert chosen(KCentre(candidates=20), known(values, truth, asked=[0]), 5, seed=1).tolist() != rows[:5].tolist()


def test_blocks_of_centres_agree_with_all_at_once():
    values, truth = made(1500, 3)
    state = known(values, truth, asked=range(1400), fit=False)
    assert chosen(KCentre(), state, 3).tolist() == by_loops(values.astype(float), state.seen, 3)


def test_likeness_is_the_mean_of_all_cosines():
    values = made(80, 5)[0] * 3
    cosines = unit(values) @ unit(values).T
    np.testing.assert_allclose(likeness_to_all(values), (1 + cosines.mean(axis=1)) / 2, atol=1e-5)


def test_a_row_of_zeros_is_like_none():
    values = np.array([[0.0, 0], [1, 0], [1, 0]], np.float32)
    np.testing.assert_allclose(likeness_to_all(values), [0.5, (1 + 2 / 3) / 2, (1 + 2 / 3) / 2], atol=1e-6)
    assert likeness_to_all(np.empty((0, 2), np.float32)).shape == (0,)


def test_unsure_rows_that_are_like_many_come_first():
    values, truth = made(200)
    state = known(values, truth, asked=range(30))
    for weight in (1.0, 3.0):
        product = uncertainty(state.chances) * likeness_to_all(values) ** weight
        product[state.seen] = -1
        assert chosen(Density(weight=weight), state, 10).tolist() == np.argsort(-product)[:10].tolist()


def test_a_weight_of_nothing_is_uncertainty_alone():
    values, truth = made(200)
    state = known(values, truth, asked=range(30))
    order = np.argsort(-np.where(state.seen, -1, uncertainty(state.chances)))
    assert chosen(Density(weight=0), state, 10).tolist() == order[:10].tolist()
