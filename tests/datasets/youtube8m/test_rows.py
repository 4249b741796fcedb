"""Rows as readers give them."""

import numpy as np
import pytest

from cueline.datasets.youtube8m.rows import Row, VideoRows, class_numbers, joined, unknown_of
from cueline.errors import FormatError, TimelineError
from cueline.timeline.examples import LabelLists


def segment(name, start, yes, rated):
    return Row(f"{name}:{start}", np.full(2, start), np.array(yes, int), np.array(rated, int), start, start + 5, name)


def test_batches_are_joined_in_order():
    first = VideoRows(np.zeros((1, 2), np.float32), LabelLists.of([[1]], width=3), ["a"])
    second = VideoRows(np.ones((2, 2), np.float32), LabelLists.of([[], [0, 2]], width=3), ["b", "c"])
    none = VideoRows(np.zeros((0, 2), np.float32), LabelLists.none(0, width=3))
    both = joined([first, none, second])
    assert both.values[:, 0].tolist() == [0, 1, 1]
    assert [both.yes[row].tolist() for row in range(3)] == [[1], [], [0, 2]]
    assert both.ids == ["a", "b", "c"]
    assert both.examples().groups.tolist() == [0, 1, 2]


def test_no_rows_at_all_are_refused():
    with pytest.raises(FormatError, match="one row or more, got none"):
        joined([])


def test_segments_of_a_video_are_one_group_and_classes_that_nobody_rated_are_unknown():
    rows = VideoRows.of([segment("a", 0, [1], [1]), segment("b", 0, [], [0, 2]), segment("a", 5, [], [])], classes=3)
    examples = joined([rows, rows]).examples()
    assert examples.groups.tolist() == [0, 1, 0, 0, 1, 0]
    assert [examples.unknown[row].tolist() for row in range(3)] == [[0, 2], [1], [0, 1, 2]]
    assert examples.spans[2].tolist() == [5, 10]
    assert list(examples.assets[:3]) == ["a:0", "b:0", "a:5"]


def test_where_all_were_judged_nothing_is_unknown():
    assert unknown_of(None, rows=2, classes=3).lengths.tolist() == [0, 0]


def test_there_is_one_of_everything_a_row():
    with pytest.raises(TimelineError, match="got 2 rows of labels and 1 ids"):
        VideoRows(np.zeros((2, 1)), LabelLists.none(2, width=1), ["a"])


def test_a_class_counts_once_and_must_exist():
    assert class_numbers(np.array([3, 1, 3]), 4).tolist() == [1, 3]
    with pytest.raises(FormatError, match="labels must lie in 0 to 3, got 4"):
        class_numbers(np.array([1, 4]), 4)
