"""Reference and scores: what passes, what is refused."""

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.evaluation.inputs import (
    as_classes,
    as_columns,
    as_flags,
    as_judged,
    as_pair,
    as_scores,
    as_table,
    blocks,
    refuse_strange,
)


def test_flags_are_bool_or_zeros_and_ones_and_nothing_else():
    assert as_flags([True, False]).dtype == bool
    assert as_flags([]).dtype == bool
    for dtype in (np.int64, np.uint8, np.int8):
        assert as_flags(np.array([1, 0], dtype)).tolist() == [True, False]
    for strange in ([1, 2], [-1, 0], [0.0, 1.0], ["yes"]):
        with pytest.raises(TimelineError, match="reference must be bool, or 0 and 1, got .*Say which value means yes"):
            as_flags(strange)


def test_scores_are_real_numbers():
    assert as_scores(np.zeros(2, np.float16)).dtype == np.float32
    assert as_scores([1, 2]).dtype == np.float64
    same = np.zeros(2, np.float32)
    assert as_scores(same) is same
    with pytest.raises(TimelineError, match="scores must be numbers, got <U1"):
        as_scores(["a"])
    with pytest.raises(TimelineError, match="scores must be numbers, got complex128"):
        as_scores([1j])


def test_swapped_arguments_are_guessed():
    with pytest.raises(TimelineError, match="got bool. Do reference and scores stand in the wrong order"):
        as_scores([True])


def test_a_pair_has_one_shape_of_one_or_two_dimensions():
    with pytest.raises(TimelineError, match=r"must have one shape, got \(1,\) and \(2,\)"):
        as_pair([True], [0.5, 0.5])
    with pytest.raises(TimelineError, match=r"must have shape \(N,\) or \(N, C\), got \(1, 1, 1\)"):
        as_pair([[[True]]], [[[0.5]]])
    with pytest.raises(TimelineError, match=r"must have shape \(N, C\), got \(1,\). Is it one row\? Add \[None\]"):
        as_pair([True], [0.5], table=True)


def test_judged_has_the_shape_of_the_reference():
    assert as_judged(None, (2,)) is None
    with pytest.raises(TimelineError, match="judged must be bool, or 0 and 1, got float64"):
        as_judged([0.5], (1,))
    with pytest.raises(TimelineError, match=r"judged must have the shape of the reference, \(2,\), got \(1,\)"):
        as_judged([True], (2,))


def test_one_dimension_is_one_class():
    assert as_columns(np.zeros(3)).shape == (3, 1)
    assert as_columns(np.zeros((3, 2))).shape == (3, 2)
    assert [each.shape for each in as_table([True], [0.5], [False])] == [(1, 1)] * 3
    assert as_table([True], [0.5], None)[2] is None


def test_classes_are_whole_numbers_that_exist():
    assert as_classes(np.array([0, 1], np.uint8), rows=2, width=2).dtype == np.int64
    assert len(as_classes([], rows=0, width=2)) == 0
    with pytest.raises(TimelineError, match=r"must have one class a row, shape \(3,\), got \(2,\)"):
        as_classes([0, 1], rows=3, width=2)
    with pytest.raises(TimelineError, match="must be numbers of classes, whole ones, got float64"):
        as_classes([0.0], rows=1, width=2)
    with pytest.raises(TimelineError, match="estimated must lie in 0 to 1, got 2 in row 1"):
        as_classes([0, 2], rows=2, width=2, what="estimated")


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
def test_strange_scores_are_refused_with_their_place(strange):
    table = np.zeros((2, 3))
    table[1, 2] = strange
    with pytest.raises(TimelineError, match=f"scores must be finite, got {strange} in row 11, column 7"):
        refuse_strange(table, first_row=10, first_column=5)
    with pytest.raises(TimelineError, match=f"got {strange} in row 1$"):
        refuse_strange(np.array([0, strange]))
    refuse_strange(table, np.array([[True] * 3, [True, True, False]]))


def test_blocks_cover_all_rows_once():
    assert list(blocks(5, 2, cells=4)) == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert list(blocks(2, 10, cells=4)) == [slice(0, 1), slice(1, 2)]
    assert list(blocks(0, 3)) == []
    assert list(blocks(3, 0)) == [slice(0, 3)]
