"""Not judged is not negative, and nothing vanishes unsaid."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError, TimelineError
from cueline.evaluation import judging
from cueline.evaluation.judging import (
    aligned,
    aligned_lists,
    aligned_scores,
    judged_blocks,
    judged_counts,
    judged_rows,
)
from cueline.timeline.examples import LabelLists
from cueline.timeline.toplists import top_classes

YES, UNKNOWN = LabelLists.of([[0], [1], []], width=3), LabelLists.of([[2], [], [0, 1]], width=3)


@st.composite
def answers(draw):
    """Codes: 0 no, 1 yes, 2 unknown."""
    rows, classes = draw(st.integers(0, 6)), draw(st.integers(1, 5))
    codes = draw(st.lists(st.integers(0, 2), min_size=rows * classes, max_size=rows * classes))
    return np.array(codes, int).reshape(rows, classes)


class TestPolicies:
    def test_what_nobody_judged_is_left_out_by_default(self):
        counts = judged_counts(YES, UNKNOWN)
        assert (counts.yes, counts.no, counts.left_out, counts.assumed) == (2, 4, 3, 0)
        assert counts.positives.tolist() == [1, 1, 0]
        assert counts.judged.tolist() == [2, 2, 2]
        assert counts.note == "judged: 2 yes, 4 no, 3 not judged and left out"

    def test_what_nobody_judged_is_a_no_where_labels_are_complete(self):
        counts = judged_counts(YES, UNKNOWN, policy="closed")
        assert (counts.yes, counts.no, counts.left_out, counts.assumed) == (2, 7, 0, 3)
        assert counts.note == "closed: 2 yes, 7 no, of which 3 not judged and taken for no"

    def test_complete_labels_need_no_such_word(self):
        counts = judged_counts(YES, LabelLists.none(3, width=3), policy="closed")
        assert counts.note == "closed: 2 yes, 7 no"

    @pytest.mark.parametrize("policy", judging.POLICIES)
    @given(codes=answers())
    def test_blocks_rows_and_counts_agree(self, policy, codes):
        yes, unknown = LabelLists.of_flags(codes == 1), LabelLists.of_flags(codes == 2)
        before, judging._CELLS = judging._CELLS, 2 * codes.shape[1]
        blocks = list(judged_blocks(yes, unknown, policy=policy))
        judging._CELLS = before
        reference = np.concatenate([np.zeros((0, codes.shape[1]), bool), *(block.reference for block in blocks)])
        judged = np.concatenate([np.zeros((0, codes.shape[1]), bool), *(block.judged for block in blocks)])
        assert np.array_equal(reference, codes == 1)
        assert np.array_equal(judged, (codes != 2) | (policy == "closed"))
        assert all(block.rows.stop - block.rows.start == len(block.reference) <= 2 for block in blocks)
        counts = judged_counts(yes, unknown, policy=policy)
        assert np.array_equal(counts.judged, judged.sum(axis=0))
        for number in range(codes.shape[1]):
            rows, flags = judged_rows(yes, unknown, number, policy=policy)
            assert np.array_equal(rows, np.flatnonzero(judged[:, number]))
            assert np.array_equal(flags, reference[rows, number])

    def test_a_policy_that_does_not_exist_is_refused(self):
        with pytest.raises(OptionError, match="one of judged, closed, got 'judge'. Did you mean 'judged'"):
            judged_counts(YES, UNKNOWN, policy="judge")

    def test_unknowns_of_other_classes_are_refused(self):
        with pytest.raises(TimelineError, match=r"the same rows and classes, got \(3, 3\) and \(3, 4\)"):
            list(judged_blocks(YES, LabelLists.none(3, width=4)))

    @pytest.mark.parametrize("number", [-1, 3])
    def test_a_class_that_does_not_exist_is_refused(self, number):
        with pytest.raises(TimelineError, match=f"classes must lie in 0 to 2, got {number}"):
            judged_rows(YES, UNKNOWN, number)


class TestAlignment:
    def test_items_without_a_prediction_are_counted_and_rank_last(self):
        found = aligned(["a", "b", "c", "d"], ["d", "b"])
        assert found.missing == ("a", "c")
        assert found.note == "2 of 4 items have no prediction and rank last (a, c)"
        assert aligned_scores(np.array([0.5, 0.25]), found).tolist() == [0, 0.25, 0, 0.5]

    def test_scores_below_zero_leave_a_missing_item_just_below_them(self):
        found = aligned_scores(np.array([[2.0, -3.0]], np.float32), aligned(["a", "b"], ["a"]))
        assert found[0].tolist() == [2, -3]
        assert (found[1] < -3).all()
        assert found.dtype == np.float32
        assert np.isfinite(found).all()

    def test_where_all_fit_there_is_nothing_to_say(self):
        found = aligned(["a", "b"], ["b", "a"])
        assert found.note == ""
        assert aligned_scores(np.array([-1.0, 5.0]), found).tolist() == [5, -1]

    def test_predictions_of_strangers_take_no_part(self):
        found = aligned(["a"], ["v", "w", "x", "y", "a"])
        assert found.extra == ("v", "w", "x", "y")
        assert found.note == "4 predictions are of no item of the reference (v, w, x, ...)"

    def test_lists_of_missing_items_are_empty(self):
        top = aligned_lists(top_classes(np.array([[0.1, 0.9, 0.5]]), 2), aligned(["a", "b"], ["b"]))
        assert top.classes.tolist() == [[-1, -1], [1, 2]]
        assert top.scores[1].tolist() == [0.9, 0.5]

    def test_no_items_fit_no_predictions(self):
        assert len(aligned([], []).rows) == 0

    @pytest.mark.parametrize(
        ("reference", "predicted", "side"),
        [
            (["a", "b", "a"], ["a"], "reference"),
            (["a"], ["a", "b", "a"], "predictions"),
        ],
    )
    def test_an_item_that_stands_twice_is_refused(self, reference, predicted, side):
        with pytest.raises(TimelineError, match=f"{side} must have an item once, got 'a' in rows 0 and 2"):
            aligned(reference, predicted)

    @pytest.mark.parametrize(("predicted", "what"), [(["x"], "x"), ([], "none")])
    def test_predictions_of_quite_other_items_are_refused(self, predicted, what):
        with pytest.raises(TimelineError, match=f"got {what} where the reference has a, b. Are they of another split"):
            aligned(["a", "b"], predicted)
