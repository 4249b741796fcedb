"""Drift: media like those learned from are quiet, others are not."""

from dataclasses import replace

import numpy as np
import pytest

from cueline.learning.clips.choosing import Search
from cueline.learning.clips.drift import drift_of, reference_of
from cueline.learning.clips.training import train_clips
from tests.learning.clips.made import made_problem


@pytest.fixture(scope="module")
def model():
    return train_clips(made_problem(60, curve=False), seconds=10, search=Search(("logistic",)), test_share=0.0).model


def test_other_media_of_the_same_source_do_not_drift(model):
    found = drift_of(model, made_problem(60, curve=False, seed=7).values)
    assert not found.much
    assert found.beyond < 0.1


def test_media_that_are_louder_drift_and_the_column_is_named(model):
    values = made_problem(60, curve=False, seed=7).values.copy()
    values[:, 0] += 30
    found = drift_of(model, values)
    assert found.much
    assert found.columns[0].column == "sound loud mean"
    assert found.columns[0].spreads > 3
    assert "sound loud mean by +" in str(found)


def test_few_clips_and_none_say_nothing(model):
    values = made_problem(3, curve=False).values + 100
    assert not drift_of(model, values[:5]).much
    none = drift_of(model, values[:0])
    assert (none.clips, str(none)) == (0, "no clip could be looked at")


def test_a_model_that_keeps_nothing_cannot_be_asked(model):
    assert drift_of(replace(model, card=replace(model.card, drift={})), np.zeros((3, model.card.width))) is None


def test_a_column_that_never_changed_is_no_division_by_zero():
    arrays, limit = reference_of(np.column_stack((np.zeros(50), np.arange(50.0))))
    assert np.isfinite(limit)
    assert (arrays["drift.spread"] > 0).all()
