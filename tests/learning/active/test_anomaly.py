"""Odd rows are asked first, whatever people answer."""

import numpy as np

from cueline.learning.active.anomaly import Anomaly
from tests.learning.active.pools import chosen, known


def odd_ones():
    """Two hundred rows alike, and three that are odd."""
    values = 0.1 * np.random.default_rng(0).standard_normal((203, 3))
    values[[20, 90, 150]] += [[3, 0, 0], [0, -3, 0], [0, 3, 3]]
    return values.astype(np.float32), (np.arange(203) % 5 == 0).astype(np.int8)[:, None]


def test_odd_rows_come_first():
    values, truth = odd_ones()
    assert set(chosen(Anomaly(), known(values, truth), 3).tolist()) == {20, 90, 150}


def test_answers_change_nothing_but_what_is_open():
    values, truth = odd_ones()
    asker = Anomaly(trees=20).study(values, seed=0)
    before = asker.choose(known(values, truth), 40, np.random.default_rng(0)).tolist()
    after = asker.choose(known(values, truth, asked=before[:10]), 30, np.random.default_rng(0)).tolist()
    assert len(set(asker.oddness[before].tolist())) == 40, "equal scores are drawn"
    assert after == before[10:]


def test_rows_that_nobody_looked_at_come_last():
    values, truth = odd_ones()
    asker = Anomaly(candidates=50, trees=10).study(values, seed=0)
    looked = np.flatnonzero(np.isfinite(asker.oddness))
    assert len(looked) == 50
    rows = asker.choose(known(values, truth), 60, np.random.default_rng(0))
    assert set(rows[:50].tolist()) == set(looked.tolist())


def test_a_seed_decides_the_forest():
    values, _ = odd_ones()
    first, second, other = (Anomaly(trees=5).study(values, seed=seed).oddness for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()
