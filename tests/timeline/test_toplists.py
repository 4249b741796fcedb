"""TopLists: what is refused, and the best classes against a full sort."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.timeline import toplists
from cueline.timeline.toplists import TopLists, top_classes


def lists(classes, scores, width=5):
    return TopLists(np.array(classes), np.array(scores, dtype=float), width)


class TestTopLists:
    def test_sizes_are_told_and_contents_are_read_only(self):
        top = lists([[3, 1], [4, -1]], [[0.9, 0.1], [0.5, np.nan]])
        assert (len(top), top.depth, top.width) == (2, 2, 5)
        assert repr(top) == "TopLists(2 rows, at most 2 of 5 classes)"
        with pytest.raises(ValueError, match="read-only"):
            top.scores[0, 0] = 1

    def test_rows_and_places_are_taken(self):
        top = lists([[3, 1], [4, 2]], [[0.9, 0.1], [0.5, 0.4]])
        assert top.first(1).classes.tolist() == [[3], [4]]
        assert top.first(9).classes.tolist() == [[3, 1], [4, 2]]
        assert top.take(np.array([1, 1])).scores.tolist() == [[0.5, 0.4], [0.5, 0.4]]

    @pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 1)])
    def test_lists_may_hold_nothing(self, shape):
        assert len(TopLists(np.full(shape, -1), np.zeros(shape), 5)) == shape[0]

    @pytest.mark.parametrize(
        ("classes", "scores", "message"),
        [
            ([1], [0.5], r"must both have shape \(N, K\), got \(1,\) and \(1,\)"),
            ([[1]], [[0.5, 0.4]], r"must both have shape \(N, K\), got \(1, 1\) and \(1, 2\)"),
            ([[1.0]], [[0.5]], "classes are whole numbers, scores floats; got float64 and float64"),
            ([[5]], [[0.5]], "classes must lie in -1 to 4, got 5 in row 0, column 0"),
            ([[-2]], [[0.5]], "classes must lie in -1 to 4, got -2 in row 0, column 0"),
            ([[0], [1]], [[0.5], [np.nan]], "scores must be finite, got nan in row 1, column 0"),
            ([[-1, 0]], [[0.5, 0.4]], "a row must not go on after -1, got 0 in row 0, column 0"),
            ([[0, 1]], [[0.5, 0.6]], "scores must not rise within a row, got 0.6 in row 0, column 0"),
            ([[1, 0, 1]], [[0.5, 0.4, 0.3]], "a row has a class once, got 1 in row 0"),
        ],
    )
    def test_what_cannot_be_is_refused(self, classes, scores, message):
        with pytest.raises(TimelineError, match=message):
            lists(classes, scores)

    def test_scores_are_floats(self):
        with pytest.raises(TimelineError, match="got int64 and int64"):
            TopLists(np.array([[1]]), np.array([[1]]), 5)


class TestTopClasses:
    @given(
        st.integers(0, 10**6),
        st.integers(0, 30),
        st.integers(0, 400),
        st.integers(1, 30),
        st.sampled_from([2, 50, 10**6]),
        st.sampled_from([np.float16, np.float32, np.float64, ">f4"]),
    )
    def test_the_best_are_those_of_a_full_sort_and_of_equals_the_lower_number(
        self, seed, rows, width, k, levels, dtype
    ):
        scores = (np.random.default_rng(seed).integers(0, levels, (rows, width)) / levels - seed % 2 / 2).astype(dtype)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        for layout in (scores, np.asfortranarray(scores)):
            top = top_classes(layout, k)
            assert top.classes.tolist() == order.tolist()
            assert top.scores.tolist() == np.take_along_axis(scores, order, axis=1).tolist()
            assert (top.scores.dtype, top.width) == (np.dtype(dtype).newbyteorder("="), width)

    def test_rows_are_looked_at_in_blocks(self, monkeypatch):
        scores = np.random.default_rng(0).random((50, 40))
        whole = top_classes(scores, 3)
        monkeypatch.setattr(toplists, "_CELLS", 130)
        assert top_classes(scores, 3).classes.tolist() == whole.classes.tolist()

    def test_zero_has_no_sign(self):
        assert top_classes(np.array([[-0.0, 0.0, -0.0]]), 2).classes.tolist() == [[0, 1]]

    @pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("column", [0, 17, 399])
    def test_a_score_that_is_no_number_is_refused_with_its_place(self, strange, column):
        scores = np.zeros((9, 400), np.float32)
        scores[7, column] = strange
        with pytest.raises(TimelineError, match=f"scores must be finite, got {strange} in row 7, column {column}"):
            top_classes(scores, 2)
        with pytest.raises(TimelineError, match=f"in row 107, column {column}"):
            top_classes(scores, 2, first_row=100)

    def test_what_cannot_be_ranked_is_refused(self):
        with pytest.raises(TimelineError, match="a top list has 1 class or more, got k=0"):
            top_classes(np.zeros((1, 3)), 0)
        with pytest.raises(TimelineError, match=r"floats of shape \(N, C\), got float64 \(3,\)"):
            top_classes(np.zeros(3), 1)
        with pytest.raises(TimelineError, match=r"floats of shape \(N, C\), got int64 \(1, 3\)"):
            top_classes(np.zeros((1, 3), np.int64), 1)
