"""The likeliest rows first, until there are enough."""

import numpy as np

from cueline.learning.active.asking import NO, UNKNOWN, YES
from cueline.learning.active.positives import Positives
from tests.learning.active.pools import chosen, with_chances

CHANCES = np.linspace(0, 1, 52)[1:-1]


def test_the_likeliest_rows_come_first_and_some_unsure_ones():
    rows = chosen(Positives(unsure=0.2), with_chances(CHANCES), 10)
    assert rows[:8].tolist() == [51 - place for place in range(8)]
    assert set(rows[8:].tolist()) == {26, 27}


def test_a_share_of_nothing_asks_the_likeliest_alone():
    assert chosen(Positives(unsure=0), with_chances(CHANCES), 4).tolist() == [51, 50, 49, 48]


def test_enough_positives_end_it():
    known = with_chances(CHANCES)
    assert set(chosen(Positives(enough=1), known, 2).tolist()) == {26, 27}
    assert chosen(Positives(enough=2, unsure=0), known, 2).tolist() == [51, 50]


def test_classes_that_have_enough_are_not_asked_for():
    answers = np.full((52, 2), UNKNOWN, np.int8)
    answers[0], answers[1], answers[2] = YES, NO, [YES, NO]
    known = with_chances(np.column_stack((CHANCES, CHANCES[::-1])), answers=answers)
    assert chosen(Positives(enough=2, unsure=0), known, 3).tolist() == [2, 3, 4]


def test_wanting_classes_take_turns():
    known = with_chances(np.column_stack((CHANCES, CHANCES[::-1])))
    assert chosen(Positives(unsure=0), known, 4).tolist() == [51, 2, 50, 3]
