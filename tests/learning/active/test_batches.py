"""Batches are unsure rows of several kinds."""

import numpy as np

from cueline.learning.active.batches import Batches
from cueline.learning.active.uncertainty import Margin
from tests.learning.active.pools import chosen, unit, with_chances


def kinds():
    """Four kinds of unsure rows, one of which is the most unsure, and sure rows."""
    blob = np.repeat(np.arange(5), 20)
    values = unit(np.eye(5, 8)[blob] + 0.05 * np.random.default_rng(0).standard_normal((100, 8)))
    chances = np.where(blob == 0, 0.5, np.where(blob == 4, 0.99, 0.4))
    return with_chances(chances, values=np.concatenate((values[:2], values))), np.concatenate(([0, 0], blob))


def test_each_kind_of_unsure_rows_is_asked():
    known, blob = kinds()
    assert sorted(blob[chosen(Batches(times=20), known, 4)].tolist()) == [0, 1, 2, 3]
    assert blob[chosen(Margin(), known, 4)].tolist() == [0, 0, 0, 0]


def test_looking_at_no_more_than_are_wanted_is_uncertainty_alone():
    known, _ = kinds()
    chances = known.chances.copy()
    chances[:, 0] += 0.001 * np.arange(102)
    known = with_chances(chances[2:].clip(0, 1), values=known.values)
    assert set(chosen(Batches(times=1), known, 6).tolist()) == set(chosen(Margin(), known, 6).tolist())


def test_the_least_sure_of_a_batch_come_first():
    known, blob = kinds()
    assert blob[chosen(Batches(times=20), known, 4)[0]] == 0


def test_rows_the_model_is_sure_of_make_batches_too():
    known = with_chances(np.ones(30))
    assert len(set(chosen(Batches(), known, 10).tolist())) == 10
