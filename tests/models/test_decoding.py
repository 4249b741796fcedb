"""The most likely sequence of classes with least durations, against trying every sequence."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.models.decoding import LEAST_CHANCE, decode


def worth(chances, path, change):
    told = sum(np.log(max(chances[row, state], LEAST_CHANCE)) for row, state in enumerate(path))
    return told - change * sum(one != other for one, other in itertools.pairwise(path))


def best_of_all(chances, shortest, change):
    """Every sequence is tried; only regions between two others must last."""
    found = []
    for path in itertools.product(range(chances.shape[1]), repeat=len(chances)):
        runs = [(state, len(list(run))) for state, run in itertools.groupby(path)]
        if all(rows >= shortest[state] for state, rows in runs[1:-1]):
            found.append(worth(chances, path, change))
    return max(found)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 7),
    shortest=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    change=st.sampled_from([0.0, 0.7, 3.0]),
    seed=st.integers(0, 10_000),
)
def test_no_sequence_that_lasts_is_likelier(rows, shortest, change, seed):
    chances = np.random.default_rng(seed).dirichlet(np.full(len(shortest), 0.5), size=rows)
    path = decode(chances, 1.0, shortest=shortest, change=change).tolist()
    runs = [(state, len(list(run))) for state, run in itertools.groupby(path)]
    assert all(length >= shortest[state] for state, length in runs[1:-1])
    assert worth(chances, path, change) == pytest.approx(best_of_all(chances, shortest, change))


def test_sure_rows_stay_as_they_are():
    chances = np.eye(3)[[0, 0, 1, 1, 1, 2, 2]]
    assert decode(chances, 0.5, shortest=(1.0, 1.0, 1.0), change=1.0).tolist() == [0, 0, 1, 1, 1, 2, 2]


def test_a_flicker_shorter_than_a_class_may_last_is_bridged():
    chances = np.array([[0.9, 0.1]] * 5 + [[0.1, 0.9]] * 2 + [[0.9, 0.1]] * 5)
    assert decode(chances, 0.5, shortest=(0, 1.5), change=2.0).tolist() == [0] * 12
    assert decode(chances, 0.5, shortest=(0, 1.0), change=0.5).tolist() == [0] * 5 + [1, 1] + [0] * 5


def test_the_ends_may_cut_a_region_short():
    chances = np.array([[0.1, 0.9]] + [[0.9, 0.1]] * 5 + [[0.1, 0.9]])
    assert decode(chances, 1.0, shortest=(3, 3), change=0.5).tolist() == [1, 0, 0, 0, 0, 0, 1]


def test_nothing_gives_nothing():
    assert decode(np.zeros((0, 2)), 0.5, shortest=(1, 1), change=1).tolist() == []


@pytest.mark.parametrize(
    ("chances", "options", "told"),
    [
        (np.zeros((3, 2)), {"shortest": (1,), "change": 1}, "a column for each of the 1 least durations"),
        (np.zeros((3, 1)), {"shortest": (-1,), "change": 1}, "least durations be 0 or more"),
        (np.zeros((3, 1)), {"shortest": (1,), "change": -1}, "a change cost 0 or more"),
        (np.full((3, 1), np.nan), {"shortest": (1,), "change": 1}, "NaN or infinity in row 0"),
    ],
)
def test_what_does_not_fit_is_refused(chances, options, told):
    with pytest.raises(TimelineError, match=told):
        decode(chances, 0.5, **options)
