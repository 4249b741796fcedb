"""Chance is fair."""

import numpy as np

from cueline.learning.active.chance import Chance
from tests.learning.active.pools import chosen, known, made


def test_every_open_row_is_as_likely():
    values, truth = made(20)
    state = known(values, truth, asked=range(10))
    counts = np.zeros(20)
    for seed in range(1000):
        counts[chosen(Chance(), state, 2, seed=seed)] += 1
    assert not counts[:10].any()
    assert counts[10:].min() > 150
    assert counts[10:].max() < 250


def test_answers_change_nothing_but_what_is_open():
    values, truth = made(20)
    other = 1 - truth
    first, second = (chosen(Chance(), known(values, each, asked=range(10)), 4).tolist() for each in (truth, other))
    assert first == second
