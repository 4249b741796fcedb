"""Labelling guided by clusters: what it asks for, and what follows."""

import math

import numpy as np

from cueline.learning.clustering.guiding import guided
from tests.learning.clustering.made import heaps

ROWS, HEAP = heaps()


def test_a_few_answers_name_all_clips_of_three_heaps():
    found = guided(ROWS, reference=HEAP, ask=15, seed=1)
    assert len(found.asked) == 15
    assert len(set(found.asked.tolist())) == 15
    assert (found.named, found.right) == (1, 1)
    assert len(found.followed) == 75
    assert 0.2 < found.base < 0.5
    assert found.clustering.method == "guided"


def test_without_labels_the_first_clips_are_told_and_nothing_else():
    for reference in (None, np.full(90, -1)):
        found = guided(ROWS, reference=reference, ask=5)
        assert len(found.asked) == 5
        assert len(found.followed) == 0
        assert math.isnan(found.named)


def test_clips_that_nobody_labelled_are_no_judges():
    some = np.where(np.arange(90) % 2, HEAP, -1)
    found = guided(ROWS, reference=some, ask=30)
    assert found.named == 1


def test_more_questions_than_clips_ask_for_each_once():
    found = guided(ROWS[::15], reference=HEAP[::15], ask=100)
    assert sorted(found.asked.tolist()) == list(range(6))
    assert math.isnan(found.named)


def test_clips_that_are_all_alike_need_one_answer():
    found = guided(np.zeros((4, 2), np.float32), reference=np.zeros(4, np.int64))
    assert (found.asked.tolist(), found.followed.tolist()) == ([0], [1, 2, 3])


def test_the_same_seed_asks_for_the_same_clips():
    assert guided(ROWS, reference=HEAP, seed=2).asked.tolist() == guided(ROWS, reference=HEAP, seed=2).asked.tolist()
