"""Feeds show the top, the bottom, the border, and all of them with some by chance."""

import numpy as np

from cueline.learning.active.feeds import Borderline, Feeds, Negative, Positive
from tests.learning.active.pools import chosen, with_chances

CHANCES = np.linspace(0, 1, 102)[1:-1]


def test_the_positive_feed_is_the_top():
    assert chosen(Positive(), with_chances(CHANCES), 3).tolist() == [101, 100, 99]


def test_the_negative_feed_is_the_bottom():
    assert chosen(Negative(), with_chances(CHANCES), 3).tolist() == [2, 3, 4]


def test_the_borderline_feed_is_the_middle():
    assert set(chosen(Borderline(), with_chances(CHANCES), 2).tolist()) == {51, 52}


def test_classes_take_turns_at_the_top():
    known = with_chances(np.column_stack((CHANCES, CHANCES[::-1])))
    assert chosen(Positive(), known, 4).tolist() == [101, 2, 100, 3]


def test_the_mixed_feed_has_equal_parts():
    rows = chosen(Feeds(), with_chances(CHANCES), 40)
    assert np.count_nonzero(rows >= 92) >= 10
    assert np.count_nonzero(rows <= 11) >= 10
    assert np.count_nonzero((rows >= 46) & (rows <= 57)) >= 10
    assert rows[0] == 101
    assert rows[2] == 2


def test_the_part_by_chance_is_drawn():
    known = with_chances(CHANCES)
    assert chosen(Feeds(), known, 20, seed=0).tolist() != chosen(Feeds(), known, 20, seed=1).tolist()
