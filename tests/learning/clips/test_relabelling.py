"""Labels that were swapped are found, and a random split is shown up."""

from dataclasses import replace

import numpy as np
import pytest

from cueline.learning.clips.choosing import Search
from cueline.learning.clips.recipes import Candidate
from cueline.learning.clips.relabelling import random_claim, relabels_of
from cueline.learning.clips.training import train_clips
from cueline.learning.flattery import Flattery
from tests.learning.clips.made import made_problem


def test_labels_that_were_swapped_come_first():
    problem = made_problem(30, spread=0.4)
    labels = problem.labels.copy()
    labels[[4, 17, 33]] = (labels[[4, 17, 33]] + 1) % 3
    wrong = replace(problem, labels=labels)
    trained = train_clips(wrong, seconds=10, search=Search(("logistic",)), test_share=0.0)
    found = relabels_of(wrong, trained.chances)
    assert {one.row for one in found.found[:3]} == {4, 17, 33}
    assert [one.doubt for one in found.found] == sorted((one.doubt for one in found.found), reverse=True)
    for one in found.found[:3]:
        assert one.suggested == problem.classes[problem.labels[one.row]]
        assert one.said == problem.classes[labels[one.row]]
        assert one.chance_suggested > one.chance_said
    assert 1 <= found.expected <= 8


def test_where_no_class_can_be_looked_at_the_reason_is_given():
    problem = made_problem(3, each=2)
    found = relabels_of(problem, np.full((6, 3), 1 / 3))
    assert found.found == ()
    assert "in one group" in found.notes[0]


@pytest.mark.parametrize(
    "candidate", [Candidate("logistic", {"C": 0.1}), Candidate("adapted", {"verdict": 3.0, "sound": 30.0})]
)
def test_a_random_split_claims_more_where_groups_are_alike_inside(candidate):
    chance = np.random.default_rng(0)
    problem = made_problem(12, each=5, spread=0.1)
    own = np.repeat(chance.normal(size=(12, 13)) * 3, 5, axis=0).astype(np.float32)
    alike = replace(problem, values=np.abs(own + chance.normal(size=own.shape).astype(np.float32) * 0.1).clip(1e-3))
    found = random_claim(alike, candidate, seed=0)
    assert isinstance(found, Flattery)
    assert found.mean.first_value > found.mean.second_value + 0.1


def test_clips_that_are_each_a_group_have_nothing_to_be_flattered_by():
    assert "each clip is a group of its own" in random_claim(
        made_problem(6, each=1), Candidate("logistic", {"C": 1.0}), seed=0
    )
