"""Splits that part groups, never rows of one group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError
from cueline.learning.splits import fold_groups, split_groups


@st.composite
def wishes(draw):
    """Groups of rows, folds, and rows apart, such that they can be had."""
    folds = draw(st.integers(1, 4))
    sizes = draw(st.lists(st.integers(1, 6), min_size=folds + 1, max_size=30))
    groups = draw(st.permutations(np.repeat(np.arange(len(sizes)) * 7 - 3, sizes).tolist()))
    apart = draw(st.integers(1, (len(groups) - 1) // folds))
    return np.array(groups), folds, apart, draw(st.integers(0, 2**32))


@given(wishes())
def test_groups_are_never_parted_and_every_row_has_a_side(wish):
    groups, folds, apart, seed = wish
    for split in fold_groups(groups, folds=folds, apart=apart, seed=seed):
        assert not set(groups[split.learn]) & set(groups[split.apart])
        assert sorted([*split.learn, *split.apart]) == list(range(len(groups)))
        assert (np.diff(split.learn) > 0).all()
        assert (np.diff(split.apart) > 0).all()


@given(wishes())
def test_folds_are_disjoint_and_none_is_empty(wish):
    groups, folds, apart, seed = wish
    splits = fold_groups(groups, folds=folds, apart=apart, seed=seed)
    assert len(splits) == folds
    assert all(len(split.apart) and len(split.learn) for split in splits)
    every = np.concatenate([split.apart for split in splits])
    assert len(set(every.tolist())) == len(every)


@given(wishes())
def test_the_same_seed_gives_the_same_split(wish):
    groups, folds, apart, seed = wish
    first, second = (fold_groups(groups, folds=folds, apart=apart, seed=seed) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.apart, other.apart)


@given(wishes())
def test_about_as_many_rows_are_apart_as_were_asked_for(wish):
    groups, folds, apart, seed = wish
    greatest = np.unique(groups, return_counts=True)[1].max()
    for split in fold_groups(groups, folds=folds, apart=apart, seed=seed):
        assert len(split.apart) <= apart + greatest


def test_rows_that_stand_alone_are_counted_exactly():
    for split in fold_groups(np.arange(1000), folds=3, apart=100, seed=5):
        assert (len(split.apart), len(split.learn)) == (100, 900)


def test_another_seed_gives_another_split():
    first, second = (split_groups(np.arange(100), apart=10, seed=seed) for seed in (0, 1))
    assert set(first.apart.tolist()) != set(second.apart.tolist())


def test_names_of_groups_may_be_any_numbers():
    groups = np.repeat([10**15, -4, 77, 0, 5], 4)
    split = split_groups(groups, apart=4, seed=0)
    assert len(np.unique(groups[split.apart])) == 1


def test_a_split_prints_its_sizes():
    assert repr(split_groups(np.arange(10), apart=3, seed=0)) == "Split(7 to learn from, 3 apart)"


@pytest.mark.parametrize(("groups", "folds"), [([1, 1, 1], 1), ([1, 2, 2], 2), ([], 1), ([1, 2], 0)])
def test_too_few_groups_are_refused(groups, folds):
    with pytest.raises(OptionError, match=r"splits need \d groups or more, got \d. Are all rows of one film"):
        fold_groups(np.array(groups, dtype=int), folds=folds, apart=1, seed=0)


@pytest.mark.parametrize("apart", [0, -1, 10, 11])
def test_as_many_rows_apart_as_there_are_or_none_are_refused(apart):
    with pytest.raises(OptionError, match=f"of 10 rows, 1 to 9 can be kept apart, got {apart}"):
        split_groups(np.arange(10), apart=apart, seed=0)


def test_folds_that_would_take_all_rows_are_refused():
    with pytest.raises(OptionError, match="of 10 rows, 1 to 4 can be kept apart in each of 2 splits, got 5"):
        fold_groups(np.arange(10), folds=2, apart=5, seed=0)
