"""Nothing stands on both sides of a split unseen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.learning.leaks import keep_together, refuse_leak
from cueline.learning.splits import Split
from cueline.learning.stratified import stratified_folds
from cueline.timeline.examples import LabelLists


def split(learn, apart):
    return Split(np.array(learn, np.int64), np.array(apart, np.int64))


def test_a_split_of_whole_groups_passes():
    values = np.arange(8.0).reshape(4, 2)
    refuse_leak(split([0, 1], [2, 3]), ["a", "a", "b", "b"], assets=["p", "q", "r", "s"], values=values)


def test_rows_in_neither_side_do_not_matter():
    refuse_leak(split([0], [2]), [1, 1, 2, 1], values=np.ones((4, 1)) * [[1], [1], [2], [1]])


def test_a_group_on_both_sides_is_named_with_its_rows():
    with pytest.raises(TimelineError, match=r"got 1 group: 'show A' \(2 rows to learn from, 1 apart\)\. A model"):
        refuse_leak(split([0, 1], [2, 3]), ["show A", "show A", "show A", "show B"])


def test_of_many_groups_the_worst_are_named_and_the_rest_counted():
    groups = [*range(5)] * 2 + [4, 4, 4, 4]
    with pytest.raises(TimelineError, match=r"got 5 groups: 4 \(3 rows to learn from, 3 apart\), 0 .* and 2 more"):
        refuse_leak(split([*range(5), 10, 11], [*range(5, 10), 12, 13]), groups)


def test_an_asset_on_both_sides_is_named():
    with pytest.raises(TimelineError, match=r"got 1 asset: 'film.mp4' \(1 row to learn from, 1 apart\)"):
        refuse_leak(split([0, 1], [2]), [0, 1, 2], assets=["film.mp4", "other.mp4", "film.mp4"])


def test_the_same_numbers_on_both_sides_are_named_by_their_rows():
    values = np.array([[1, 2], [3, 4], [1, 2], [1, 2]], np.float32)
    with pytest.raises(
        TimelineError, match="2 rows apart with the numbers of one to learn from: row 2 equals row 0, row"
    ):
        refuse_leak(split([0, 1], [2, 3]), [0, 1, 2, 3], values=values)


def test_numbers_that_differ_in_one_bit_are_not_the_same():
    values = np.array([[1.0], [np.nextafter(1.0, 2)]])
    refuse_leak(split([0], [1]), [0, 1], values=values)


def test_a_row_on_both_sides_is_named():
    with pytest.raises(TimelineError, match="got 1 row: 1; 1 group: 1 "):
        refuse_leak(split([0, 1], [1, 2]), [0, 1, 2], values=np.eye(3))


def test_all_leaks_are_told_at_once():
    with pytest.raises(TimelineError, match="1 group: .*; 1 asset: .*; 1 row apart with .* split what keep_together"):
        refuse_leak(split([0], [1]), ["a", "a"], assets=["x", "x"], values=np.zeros((2, 2)))


def test_what_is_not_about_the_same_rows_is_refused():
    with pytest.raises(TimelineError, match="one of everything a row, got 2 groups and 3 assets"):
        refuse_leak(split([0], [1]), [0, 1], assets=["x", "y", "z"])
    with pytest.raises(TimelineError, match="one of everything a row, got 2 groups and 1 values"):
        keep_together([0, 1], values=np.zeros((1, 2)))
    with pytest.raises(TimelineError, match="rows of a split must lie in 0 to 1, got 2"):
        refuse_leak(split([0], [2]), [0, 1])


@given(st.integers(0, 2**32), st.integers(6, 40))
def test_folds_of_what_is_kept_together_never_leak(seed, rows):
    rng = np.random.default_rng(seed)
    groups, values = rng.integers(rows, size=rows), rng.integers(rows, size=(rows, 1))
    assets = [f"asset {number}" for number in rng.integers(2 * rows, size=rows)]
    bound = keep_together(groups, assets=assets, values=values)
    if bound.max() < 2:
        return
    for part in stratified_folds(LabelLists.none(rows, width=1), folds=2, seed=seed, groups=bound).splits:
        refuse_leak(part, groups, assets=assets, values=values)


def test_what_is_bound_by_a_third_is_kept_together():
    values = np.array([[1.0], [2.0], [2.0], [3.0]])
    assert keep_together(["a", "a", "b", "c"], values=values).tolist() == [0, 0, 0, 1]


def test_nothing_shared_leaves_groups_as_they_are():
    assert keep_together([5, 5, 2, 9]).tolist() == [0, 0, 1, 2]


def test_no_rows_are_no_groups():
    assert keep_together([]).tolist() == []
