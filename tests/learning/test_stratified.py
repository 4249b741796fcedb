"""Folds keep groups whole, share classes out, and say what groups do not allow."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError, TimelineError
from cueline.learning.stratified import stratified_folds, stratified_split, why_not_judged
from cueline.timeline.examples import LabelLists


@st.composite
def labelled(draw):
    """Labels, groups and a number of folds that can be had."""
    rows, width = draw(st.integers(2, 40)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    yes = rng.random((rows, width)) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    unknown = ~yes & (rng.random((rows, width)) < draw(st.sampled_from([0.0, 0.5])))
    groups = rng.integers(draw(st.integers(1, rows)), size=rows) * 7 - 3
    groups[:2] = (-100, 100)
    folds = draw(st.integers(2, len(np.unique(groups))))
    return LabelLists.of_flags(yes), LabelLists.of_flags(unknown), groups, folds, draw(st.integers(0, 2**32))


@given(labelled())
def test_every_row_is_apart_exactly_once_and_groups_stay_whole(made):
    yes, unknown, groups, folds, seed = made
    found = stratified_folds(yes, folds=folds, seed=seed, unknown=unknown, groups=groups)
    assert len(found.splits) == folds
    apart = np.concatenate([split.apart for split in found.splits])
    assert sorted(apart.tolist()) == list(range(len(yes)))
    for split in found.splits:
        assert len(split.apart)
        assert not set(groups[split.learn]) & set(groups[split.apart])
        assert sorted([*split.learn, *split.apart]) == list(range(len(yes)))


@given(labelled())
def test_the_same_seed_gives_the_same_folds(made):
    yes, unknown, groups, folds, seed = made
    first, second = (
        stratified_folds(yes, folds=folds, seed=seed, unknown=unknown, groups=groups).splits for _ in range(2)
    )
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.apart, other.apart)


@given(labelled())
def test_classes_are_short_where_counting_finds_no_positive(made):
    yes, unknown, groups, folds, seed = made
    found = stratified_folds(yes, folds=folds, seed=seed, unknown=unknown, groups=groups)
    flags = yes.dense()
    counted = {}
    for label in range(yes.width):
        empty = tuple(fold for fold, split in enumerate(found.splits) if not flags[split.apart, label].any())
        if empty:
            counted[label] = (int(flags[:, label].sum()), len(set(groups[flags[:, label]].tolist())), empty)
    assert {short.label: (short.positives, short.groups, short.folds) for short in found.short} == counted


def test_rows_by_themselves_give_each_fold_its_share_of_each_class():
    flags = np.random.default_rng(0).random((1000, 6)) < [0.5, 0.2, 0.1, 0.05, 0.02, 0.01]
    found = stratified_folds(LabelLists.of_flags(flags), folds=5, seed=1)
    for split in found.splits:
        assert abs(len(split.apart) - 200) <= 2
        assert (np.abs(flags[split.apart].sum(axis=0) - flags.sum(axis=0) / 5) <= 2).all()


def test_a_rare_class_is_in_every_fold_where_chance_leaves_some_without():
    flags = np.zeros((500, 1), bool)
    flags[:5] = True
    assert not stratified_folds(LabelLists.of_flags(flags), folds=5, seed=0).short
    chance = np.random.default_rng(0).permuted(np.tile(np.arange(500), (20, 1)), axis=1).reshape(100, 100)
    assert sum(not flags[fold].any() for fold in chance) > 20


def test_the_rare_no_of_a_common_class_is_shared_out_too():
    flags = np.ones((500, 1), bool)
    flags[:5] = False
    for split in stratified_folds(LabelLists.of_flags(flags), folds=5, seed=0).splits:
        assert np.count_nonzero(~flags[split.apart]) == 1


def test_what_nobody_judged_is_no_no():
    yes, unknown = np.zeros((60, 1), bool), np.ones((60, 1), bool)
    yes[:20], unknown[:23] = True, False
    lists = (LabelLists.of_flags(flags) for flags in (yes, unknown))
    for split in stratified_folds(next(lists), folds=3, seed=0, unknown=next(lists)).splits:
        assert np.count_nonzero(~yes[split.apart] & ~unknown[split.apart]) == 1


def test_large_groups_are_shared_out_better_than_by_chance():
    rng = np.random.default_rng(3)
    groups = rng.integers(58, size=1000)
    flags = (rng.random((58, 5)) < 0.3)[groups] & (rng.random((1000, 5)) < 0.7)

    def off(rows):
        return np.abs(flags[rows].sum(axis=0) / flags.sum(axis=0) - 0.2).max()

    found = stratified_folds(LabelLists.of_flags(flags), folds=5, seed=0, groups=groups)
    chance = rng.permutation(58) % 5
    assert max(off(split.apart) for split in found.splits) < 0.05
    assert max(off(chance[groups] == fold) for fold in range(5)) > 0.1


def test_a_class_that_is_in_fewer_groups_than_folds_is_named():
    yes = LabelLists.of([[0], [0], [], [], [], [], [], []], width=2)
    found = stratified_folds(yes, folds=4, seed=0, groups=np.repeat(range(4), 2), classes=["rain", "snow"])
    rain, snow = found.short
    assert (rain.positives, rain.groups, len(rain.folds)) == (2, 1, 3)
    assert str(rain).startswith("'rain' has 2 positives in 1 group: none is apart in folds")
    assert str(snow) == "'snow' has 0 positives: none is apart in folds 0, 1, 2, 3"
    assert repr(found) == "Folds(4 with 2 to 2 rows apart, 2 classes short)"


def test_a_class_without_a_name_is_called_by_its_number():
    assert stratified_folds(LabelLists.of([[1], [1]], width=2), folds=2, seed=0).short[0].name == "class 0"


def test_names_of_groups_are_as_good_as_numbers():
    yes = LabelLists.of([[0], [0], [], []], width=1)
    found = stratified_folds(yes, folds=2, seed=0, groups=["a", "b", "a", "b"])
    assert sorted(split.apart.tolist() for split in found.splits) == [[0, 2], [1, 3]]


@pytest.mark.parametrize(("folds", "groups"), [(3, [1, 1, 2]), (1, [1, 2, 3]), (2, [5, 5, 5])])
def test_too_few_groups_or_folds_are_refused(folds, groups):
    with pytest.raises(OptionError, match=f"{folds} folds need . groups or more, and two folds at least; got"):
        stratified_folds(LabelLists.none(3, width=1), folds=folds, seed=0, groups=groups)


@pytest.mark.parametrize(
    ("yes", "why"),
    [
        ([[], [], [], []], "'rain': nobody said yes to it"),
        ([[0], [0], [0], [0]], "'rain': nobody said no to it"),
        ([[0], [0], [], []], "'rain': all 2 yes are in one group"),
        ([[0], [], [], []], "'rain': its one yes is in one group"),
        ([[], [], [0], [0]], "'rain': all 2 yes are in one group"),
        ([[0], [], [0], [0]], "'rain': its one no is in one group"),
    ],
)
def test_a_class_asked_for_that_can_never_be_judged_is_refused(yes, why):
    yes = LabelLists.of(yes, width=2)
    for split in (
        lambda **about: stratified_folds(yes, folds=2, **about),
        lambda **about: stratified_split(yes, share=0.5, **about),
    ):
        with pytest.raises(OptionError, match=f"got {why}"):
            split(seed=0, groups=[1, 1, 2, 2], classes=["rain", "snow"], asked=[0])


def test_all_hopeless_classes_are_named_at_once_and_others_are_none_of_their_business():
    yes = LabelLists.of([[0], [], [0], []], width=3)
    assert stratified_folds(yes, folds=2, seed=0, groups=[1, 1, 2, 2], asked=[0]).short
    with pytest.raises(OptionError, match="'class 1': nobody said yes to it; 'class 2': nobody"):
        stratified_folds(yes, folds=2, seed=0, groups=[1, 1, 2, 2], asked=[0, 1, 2])
    with pytest.raises(OptionError, match="classes asked for must lie in 0 to 2, got 3"):
        stratified_folds(yes, folds=2, seed=0, asked=[3])


def test_labels_groups_unknowns_and_names_must_be_about_the_same():
    yes = LabelLists.none(4, width=2)
    with pytest.raises(TimelineError, match=r"groups must have shape \(4,\), one a row of labels, got \(3,\)"):
        stratified_folds(yes, folds=2, seed=0, groups=[1, 2, 3])
    with pytest.raises(TimelineError, match="same rows and classes as labels, got 4 x 3 and 4 x 2"):
        stratified_folds(yes, folds=2, seed=0, unknown=LabelLists.none(4, width=3))
    with pytest.raises(TimelineError, match="a name for each of 2 classes, got 1"):
        stratified_folds(yes, folds=2, seed=0, classes=["rain"])


@given(labelled(), st.floats(0.05, 0.95))
def test_a_split_parts_no_group_and_leaves_rows_on_both_sides(made, share):
    yes, unknown, groups, _, seed = made
    split = stratified_split(yes, share=share, seed=seed, unknown=unknown, groups=groups).splits[0]
    assert len(split.learn)
    assert len(split.apart)
    assert not set(groups[split.learn]) & set(groups[split.apart])
    assert sorted([*split.learn, *split.apart]) == list(range(len(yes)))


def test_a_split_keeps_its_share_of_rows_and_classes_apart():
    flags = np.random.default_rng(0).random((1000, 4)) < [0.5, 0.2, 0.05, 0.01]
    split = stratified_split(LabelLists.of_flags(flags), share=0.2, seed=0).splits[0]
    assert abs(len(split.apart) - 200) <= 5
    assert (np.abs(flags[split.apart].sum(axis=0) - flags.sum(axis=0) / 5) <= 3).all()


def test_a_class_of_two_groups_is_on_both_sides_of_a_split():
    yes = LabelLists.of([[0], [0]] + [[]] * 98, width=1)
    found = stratified_split(yes, share=0.1, seed=0)
    assert not found.short
    assert yes.take(found.splits[0].learn).counts()[0] == 1


@pytest.mark.parametrize("share", [0, 1, 20, -0.1, float("nan")])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(OptionError, match="the share of rows apart must lie between 0 and 1, got"):
        stratified_split(LabelLists.none(4, width=1), share=share, seed=0)


def test_one_group_cannot_be_split():
    with pytest.raises(OptionError, match="a split needs 2 groups or more, got 1"):
        stratified_split(LabelLists.none(3, width=1), share=0.5, seed=0, groups=[4, 4, 4])


def test_a_class_with_yes_and_no_in_two_groups_can_be_judged():
    yes = np.array([True, False, True, False])
    assert why_not_judged(yes, ~yes, np.array([0, 0, 1, 1])) == ""


def test_tens_of_thousands_of_rows_of_thousands_of_classes_take_a_moment():
    common = np.random.default_rng(0).zipf(1.3, size=30_000) % 1931
    ids = np.column_stack([common, 1931 + np.arange(30_000) % 1931]).ravel()
    yes = LabelLists(np.arange(30_001) * 2, ids, 3862)
    start = time.process_time()
    found = stratified_folds(yes, folds=5, seed=0)
    assert time.process_time() - start < 10  # less than one where nothing else is at work
    assert max(len(split.apart) for split in found.splits) < 6_100
