"""Recipes: what can be trained, and how few rows change it."""

import json
from dataclasses import replace

import pytest

from cueline.errors import OptionError
from cueline.learning.recipes import COURSE, RECIPES, TAGGER, Recipe


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_comes_back_from_json_as_it_was(name):
    recipe = RECIPES[name]
    assert Recipe(**json.loads(json.dumps(recipe.to_json()))) == recipe


def test_the_perceptron_is_that_of_the_course():
    assert (COURSE.network, COURSE.hidden, COURSE.rate, COURSE.members) == ("perceptron", (2000, 3200), 1e-3, 1)
    plain = ("dropout", "input_dropout", "decay", "mixup", "standard", "unit", "cycle", "calibrated")
    assert not any(getattr(COURSE, name) for name in plain)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"network": "transformer"}, "network must be one of residual, perceptron, logistic, experts"),
        ({"hidden": ()}, "hidden widths must be 1 or more, all equal in a residual network"),
        ({"hidden": (16, 0)}, "hidden widths must be 1 or more"),
        ({"hidden": (16, 8)}, "all equal in a residual network"),
        ({"dropout": 1.0}, "dropout must lie in 0 to 1, 1 left out, got 1.0"),
        ({"dropout": float("nan")}, "dropout must lie in 0 to 1"),
        ({"input_dropout": -0.1}, "input_dropout must lie in 0 to 1"),
        ({"members": 0}, "members must be 1 or more, got 0"),
        ({"epochs": 0}, "epochs must be 1 or more"),
        ({"experts": 0}, "experts must be 1 or more"),
        ({"batch_rows": 1}, "batch_rows must be 2 or more, got 1"),
        ({"rate": 0.0}, "rate must be above 0"),
        ({"rate": float("nan")}, "rate must be above 0"),
        ({"decay": -1.0}, "decay and mixup 0 or more"),
        ({"mixup": -1.0}, "decay and mixup 0 or more"),
    ],
)
def test_nonsense_is_refused(change, reason):
    with pytest.raises(OptionError, match=reason):
        replace(TAGGER, **change)


def test_layers_of_a_perceptron_may_differ():
    assert replace(COURSE, hidden=[5, 7]).hidden == (5, 7)


def test_many_rows_take_whole_batches_and_few_rows_smaller_ones():
    recipe = replace(TAGGER, batch_rows=512)
    assert recipe.batch_for(40_000) == 512
    assert recipe.batch_for(80) == 10
    assert recipe.batch_for(5) == 2
    assert recipe.batch_for(2) == 2


def test_few_rows_are_seen_more_often():
    recipe = replace(TAGGER, batch_rows=32, epochs=2, least_steps=100)
    assert recipe.fitted_to(32_000, members=1).epochs == 2
    assert recipe.fitted_to(320, members=1).epochs == 10
    assert replace(recipe, least_steps=0).fitted_to(320, members=1).epochs == 2


def test_few_rows_make_residual_layers_narrower():
    assert set(TAGGER.fitted_to(400, members=1).hidden) == {100}
    assert set(TAGGER.fitted_to(10, members=1).hidden) == {64}
    assert TAGGER.fitted_to(1_000_000, members=1).hidden == TAGGER.hidden
    assert COURSE.fitted_to(10, members=1).hidden == COURSE.hidden


def test_members_are_as_many_as_the_rows_allow():
    assert TAGGER.fitted_to(100, members=2).members == 2
