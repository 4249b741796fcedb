"""mAP@K over rated segments."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.evaluation.ranking import average_precision_at
from cueline.evaluation.segments import segment_average_precision, segment_mean_average_precision


def test_rated_segments_in_the_right_order_score_one():
    flags = np.array([[True, False], [False, True]])
    assert segment_mean_average_precision(flags, flags + 0.0, rated=np.ones((2, 2), bool)) == 1


def test_without_a_rated_positive_there_is_no_number():
    flags = np.array([[True], [False]])
    rated = np.array([[False], [True]])
    assert np.isnan(segment_average_precision(flags, [[0.5], [0.5]], rated=rated)).all()
    assert math.isnan(segment_mean_average_precision(flags, [[0.5], [0.5]], rated=rated))
    assert segment_average_precision(np.zeros((0, 3), bool), np.zeros((0, 3)), rated=np.zeros((0, 3), bool)).shape == (
        3,
    )


def test_what_cannot_be_is_refused():
    with pytest.raises(TimelineError, match="1 pair or more, got k=0"):
        segment_average_precision([[True]], [[0.5]], rated=[[True]], k=0)
    with pytest.raises(TimelineError, match=r"must have shape \(N, C\), got \(1,\)"):
        segment_average_precision([True], [0.5], rated=[True])
    with pytest.raises(TimelineError, match="got nan in row 0, column 0"):
        segment_average_precision([[True]], [[np.nan]], rated=[[True]])


def test_the_unrated_leave_the_list_before_it_is_cut():
    """Rated: wrong, right, right of five; cut at two: (1/2) / 2."""
    flags = np.array([[False], [False], [True], [True], [True]])
    scores = np.array([[0.9], [np.nan], [0.7], [0.6], [0.95]])
    rated = np.array([[True], [False], [True], [True], [False]])
    assert segment_average_precision(flags, scores, rated=rated).tolist() == pytest.approx([(1 / 2 + 2 / 3) / 2])
    assert segment_average_precision(flags, scores, rated=rated, k=2).tolist() == [0.25]
    assert segment_average_precision(flags, scores, rated=rated, k=1).tolist() == [0]


@given(st.integers(0, 100), st.integers(1, 12))
def test_each_class_is_one_ranked_list_of_what_was_rated(seed, k):
    rng = np.random.default_rng(seed)
    flags, rated = rng.random((2, 20, 4)) < 0.4
    scores = rng.integers(0, 9, (20, 4)) / 8
    found = segment_average_precision(flags, scores, rated=rated, k=k)
    for column, own in enumerate(rated.T):
        expected = average_precision_at(flags[own, column], scores[own, column], n=k)
        assert found[column] == pytest.approx(expected if flags[own, column].any() else math.nan, nan_ok=True)
    assert segment_mean_average_precision(flags, scores, rated=rated, k=k) == pytest.approx(np.nanmean(found))
