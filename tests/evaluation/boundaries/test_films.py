"""A film is checked before its scenes are measured."""

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.evaluation.boundaries.films import as_film, as_films


def test_lists_become_arrays_and_scores_keep_their_precision():
    film = as_film(([0, 1], np.array([0.1, 0.9], np.float32), np.array([9, 19, 29], np.int32)))
    assert [array.dtype for array in film] == [np.bool_, np.float32, np.int64]
    assert as_film(([0], [1], [4, 5])).scores.dtype == np.float64


def test_a_message_says_which_film():
    with pytest.raises(TimelineError, match="the scores of 'tt1' must be finite, got nan at boundary 0"):
        as_film(([0], [np.nan], [1, 2]), what="'tt1'")
    with pytest.raises(TimelineError, match="film 1 of N shots must have"):
        as_films([([], [], [1]), ([], [], [1, 2])])
