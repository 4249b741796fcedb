"""What is known of a pool is about the same rows and classes."""

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.learning.active.asking import NO, UNKNOWN, YES, Known


def made(**changed):
    parts = {
        "values": np.eye(4, dtype=np.float32),
        "answers": np.array([[YES, NO], [NO, NO], [UNKNOWN, UNKNOWN], [UNKNOWN, UNKNOWN]], np.int8),
        "chances": None,
        "prior": None,
        "seen": np.array([True, True, True, False]),
    }
    return Known(**(parts | changed))


def test_rows_that_were_seen_are_not_open_even_where_nobody_could_say():
    assert made().open.tolist() == [3]


def test_a_class_without_a_yes_or_a_no_is_starved():
    assert made().starved().tolist() == [False, True]
    assert made(answers=np.full((4, 2), UNKNOWN, np.int8)).starved().tolist() == [True, True]


def test_it_says_its_size():
    assert repr(made()) == "Known(3 of 4 rows seen, 2 classes)"


def test_arrays_about_other_rows_are_refused():
    with pytest.raises(TimelineError, match=r"must be about the 4 rows of features, got \(3, 2\) and \(4,\)"):
        made(answers=np.zeros((3, 2), np.int8))
    with pytest.raises(TimelineError, match=r"must be about the 4 rows of features, got \(4, 2\) and \(3,\)"):
        made(seen=np.zeros(3, np.bool_))
    with pytest.raises(TimelineError, match=r"must be about the 4 rows of features, got \(4,\) and \(4,\)"):
        made(answers=np.zeros(4, np.int8))


@pytest.mark.parametrize("what", ["chances", "prior"])
def test_scores_of_another_shape_are_refused(what):
    with pytest.raises(TimelineError, match=rf"{what} must have the shape of the answers, \(4, 2\), got \(4, 1\)"):
        made(**{what: np.zeros((4, 1), np.float32)})
