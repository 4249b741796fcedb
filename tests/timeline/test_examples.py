"""Examples and LabelLists: what is refused, and what rows are taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.timeline.examples import Examples, LabelLists, data_hash, read_only

rows_of_labels = st.lists(st.sets(st.integers(0, 6)), max_size=8)


def raw(offsets, ids, width=4):
    return LabelLists(np.array(offsets), np.array(ids), width)


class TestLabelLists:
    @given(rows_of_labels)
    def test_rows_and_flags_say_the_same(self, rows):
        labels = LabelLists.of(rows, width=7)
        flags = labels.dense()
        assert flags.shape == (len(rows), 7)
        assert [set(np.flatnonzero(row)) for row in flags] == rows
        again = LabelLists.of_flags(flags)
        assert (again.offsets.tolist(), again.ids.tolist()) == (labels.offsets.tolist(), labels.ids.tolist())
        assert labels.counts().tolist() == flags.sum(axis=0).tolist()
        assert labels.lengths.tolist() == flags.sum(axis=1).tolist()
        assert labels.rows.tolist() == np.nonzero(flags)[0].tolist()
        assert labels.ids.dtype == np.int32

    @given(rows_of_labels.filter(len), st.data())
    def test_rows_are_taken_in_the_order_asked_for(self, rows, data):
        wanted = data.draw(st.lists(st.integers(0, len(rows) - 1)))
        taken = LabelLists.of(rows, width=7).take(np.array(wanted, dtype=np.int64))
        assert [set(taken[row].tolist()) for row in range(len(taken))] == [rows[row] for row in wanted]

    def test_one_row_is_asked_for_from_either_end(self):
        labels = LabelLists.of([[2], [], [1, 0]], width=3)
        assert labels[-1].tolist() == labels[2].tolist() == [0, 1]
        assert labels[1].tolist() == []
        for row in (3, -4):
            with pytest.raises(IndexError, match=f"there are 3 rows, got {row}"):
                labels[row]

    def test_rows_in_any_order_of_classes_are_sorted(self):
        assert raw([0, 3, 5], [3, 0, 1, 2, 0]).ids.tolist() == [0, 1, 3, 0, 2]

    def test_no_labels(self):
        labels = LabelLists.none(3, width=2)
        assert (len(labels), labels.ids.tolist(), labels.dense().sum()) == (3, [], 0)
        assert len(LabelLists(np.array([0]), np.array([]), 0)) == 0

    def test_sizes_are_told_and_contents_are_read_only(self):
        labels = LabelLists.of([[2], [2, 3]], width=9)
        assert repr(labels) == "LabelLists(2 rows, 2 of 9 classes, 3 labels)"
        with pytest.raises(ValueError, match="read-only"):
            labels.ids[0] = 1

    @pytest.mark.parametrize(
        ("offsets", "ids", "message"),
        [
            ([0, 1], [0.5], "classes are whole numbers, got float64"),
            ([0, 2], [1], "offsets must run from 0 to the number of labels, 1, got 0 to 2"),
            ([1, 1], [1], "offsets must run from 0 to the number of labels, 1, got 1 to 1"),
            ([], [], r"offsets must run from 0 to the number of labels, 0, got shape \(0,\)"),
            ([[0, 1]], [1], r"got shape \(1, 2\)"),
            ([0, 1], [[1]], "offsets must run from 0 to the number of labels, 1, got 0 to 1"),
            ([0, 2, 1, 3], [0, 1, 2], "offsets must not fall, got a fall at row 1"),
            ([0, 1, 2], [0, 4], "classes must lie in 0 to 3, got 4 in row 1"),
            ([0, 0, 1], [-1], "classes must lie in 0 to 3, got -1 in row 1"),
            ([0, 1, 3], [0, 2, 2], "a row has a class once, got class 2 twice in row 1"),
        ],
    )
    def test_what_cannot_be_is_refused(self, offsets, ids, message):
        with pytest.raises(TimelineError, match=message):
            raw(offsets, ids)

    def test_flags_are_bool_and_have_two_dimensions(self):
        with pytest.raises(TimelineError, match=r"flags must be bool of shape \(N, C\), got int64 \(1, 2\)"):
            LabelLists.of_flags(np.array([[0, 1]]))
        with pytest.raises(TimelineError, match=r"got bool \(2,\)"):
            LabelLists.of_flags(np.array([True, False]))


def examples(**changes):
    known = {
        "values": np.arange(6.0).reshape(3, 2),
        "yes": LabelLists.of([[0], [], [1]], width=2),
        "unknown": LabelLists.of([[1], [], []], width=2),
        "classes": ["music", "speech"],
        "assets": ["a", "a", "b"],
        "spans": np.array([[0, 1], [1, 2], [0, 1.0]]),
        "groups": np.array([7, 7, 8]),
    }
    return Examples(**known | changes)


class TestExamples:
    def test_what_is_not_given_is_nothing_known(self):
        few = Examples(np.zeros((2, 3)), LabelLists.of([[0], []], width=1))
        assert (len(few), few.unknown.ids.tolist(), few.spans.shape, few.groups.tolist()) == (2, [], (0, 2), [0, 1])
        assert (few.classes, few.assets) == ((), ())
        taken = few.take(np.array([1]))
        assert (len(taken), taken.assets, taken.spans.shape, taken.groups.tolist()) == (1, (), (0, 2), [1])

    def test_rows_are_taken_with_all_that_belongs_to_them(self):
        taken = examples().take(np.array([2, 0]))
        assert taken.values.tolist() == [[4, 5], [0, 1]]
        assert taken.yes.dense().astype(int).tolist() == [[0, 1], [1, 0]]
        assert taken.unknown.dense().astype(int).tolist() == [[0, 0], [0, 1]]
        assert (taken.classes, list(taken.assets)) == (("music", "speech"), ["b", "a"])
        assert (taken.spans.tolist(), taken.groups.tolist()) == ([[0, 1], [0, 1]], [8, 7])

    def test_sizes_are_told(self):
        assert repr(examples()) == "Examples(3 x 2 float64, 2 classes, 2 labels)"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"values": np.zeros(3)}, r"values must be numbers of shape \(N, D\), got float64 \(3,\)"),
            ({"values": np.array([["a"], ["b"], ["c"]])}, r"values must be numbers of shape \(N, D\), got <U1"),
            ({"values": np.zeros((2, 2))}, "one of everything a row, got 3 rows of labels and 2 values"),
            ({"unknown": LabelLists.none(4, width=2)}, "got 3 rows of labels and 4 unknown"),
            ({"groups": np.arange(2)}, "got 3 rows of labels and 2 groups"),
            ({"assets": ["a"]}, "got 3 rows of labels and 1 assets"),
            ({"spans": np.zeros((2, 2))}, "got 3 rows of labels and 2 spans"),
            ({"unknown": LabelLists.none(3, width=5)}, r"must be about the same classes, got \[2, 5\]"),
            ({"classes": ["music"]}, r"must be about the same classes, got \[1, 2\]"),
            ({"unknown": LabelLists.of([[0], [], []], width=2)}, "an answer is yes or unknown, not both"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, changes, message):
        with pytest.raises(TimelineError, match=message):
            examples(**changes)


def test_the_hash_is_of_values_answers_and_groups():
    yes, unknown = LabelLists.of([[0], [1]], width=2), LabelLists.of([[1], []], width=2)
    plain = Examples(np.zeros((2, 3)), yes)
    others = [Examples(np.ones((2, 3)), yes), Examples(np.zeros((2, 3)), LabelLists.of([[0], []], width=2))]
    others += [Examples(np.zeros((2, 3)), yes, unknown), Examples(np.zeros((2, 3)), yes, groups=np.zeros(2, int))]
    assert len({data_hash(each) for each in (plain, *others)}) == 5
    assert data_hash(plain) == data_hash(Examples(np.zeros((2, 3), order="F"), yes, assets=["a", "b"]))
    some = np.array([1])
    assert data_hash(plain, some) == data_hash(plain.take(some)) != data_hash(plain)


def test_a_read_only_view_shares_memory():
    values = np.zeros(2)
    view = read_only(values)
    values[0] = 5
    assert view[0] == 5
    assert values.flags.writeable
    assert not view.flags.writeable
