"""Models of clips: what goes in comes out again, and what is broken is refused in words."""

import json
from dataclasses import replace

import numpy as np
import pytest

from cueline.errors import FormatError, TimelineError
from cueline.learning.clips.choosing import Search
from cueline.learning.clips.training import train_clips
from cueline.models.cards import Input
from cueline.models.clip_cards import ClipCard
from cueline.models.clip_models import (
    ClipModel,
    clip_model_hash,
    load_clip_card,
    load_clip_model,
    log_softmax,
    save_clip_model,
)
from tests.learning.clips.few_trees import few_trees
from tests.learning.clips.made import made_problem


@pytest.fixture(scope="module", params=["adapted", "logistic", "vote"])
def trained(request):
    with few_trees():
        return made_problem(), train_clips(made_problem(), seconds=10.0, search=Search((request.param,), searches=1))


@pytest.fixture
def folder(trained, tmp_path):
    save_clip_model(trained[1].model, tmp_path / "M")
    return tmp_path / "M"


def test_a_model_that_was_read_says_exactly_what_the_one_that_was_written_says(trained, folder):
    problem, made = trained
    read = load_clip_model(folder)
    own = problem.only([one.track for one in made.model.card.inputs]).values
    assert read.card == made.model.card
    np.testing.assert_array_equal(read.chances(own), made.model.chances(own))
    np.testing.assert_allclose(read.chances(own).sum(axis=1), 1)


def test_writing_the_same_model_twice_gives_the_same_bytes(trained, folder, tmp_path):
    save_clip_model(trained[1].model, tmp_path / "again")
    for name in ("model.json", "weights.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert clip_model_hash(tmp_path / "again") == clip_model_hash(folder)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(FormatError, match="a model is a folder with a file model.json"):
        load_clip_model(tmp_path)


def test_other_weights_than_the_card_speaks_of_are_refused(folder):
    (folder / "weights.safetensors").write_bytes(b"none")
    with pytest.raises(FormatError, match="the weights must be those that model.json speaks of"):
        load_clip_model(folder)
    (folder / "weights.safetensors").unlink()
    with pytest.raises(FormatError, match="got none in"):
        load_clip_model(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": "cueline.multilabel"}, "schema and version"),
        ({"version": 9}, "schema and version"),
        ({"classes": ["one"]}, "two classes or more"),
        ({"classes": ["a", "a"]}, "each once"),
        ({"seconds": 0}, "longer than 0 s"),
        ({"inputs": []}, "names the columns"),
        ({"inputs": [{"track": "sound"}]}, "missing or strange"),
        ({"recipe": 3}, "recipe must hold values by name"),
        ({"surprise": 3}, "missing or strange"),
    ],
)
def test_a_card_that_cannot_be_is_refused(folder, change, words):
    values = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**values, **change}))
    with pytest.raises(FormatError, match=words):
        load_clip_card(folder)


def test_rows_of_another_width_and_what_is_no_number_are_refused(trained):
    model = trained[1].model
    with pytest.raises(TimelineError, match="must have .* numbers, got shape"):
        model.chances(np.zeros((2, model.card.width + 1)))
    rows = np.zeros((2, model.card.width))
    rows[1, 2] = np.nan
    with pytest.raises(TimelineError, match="got nan in row 1, column 2"):
        model.chances(rows)


def test_a_model_without_its_calibration_or_of_an_unknown_kind_is_refused(trained):
    model = trained[1].model
    with pytest.raises(FormatError, match="array 'slope'"):
        ClipModel(model.card, {name: array for name, array in model.arrays.items() if name != "slope"})
    with pytest.raises(FormatError, match="is one of softmax, vote, got 'oracle'"):
        ClipModel(replace(model.card, recipe={"kind": "oracle"}), model.arrays)


def test_numbers_far_beyond_those_learned_from_give_finite_chances(trained):
    model = trained[1].model
    for value in (-1e30, 0.0, 1e30):
        chances = model.chances(np.full((1, model.card.width), value, np.float32))
        assert np.isfinite(chances).all()
        np.testing.assert_allclose(chances.sum(), 1)


def test_log_softmax_neither_overflows_nor_loses_order():
    logs = log_softmax(np.array([[1e300, 0.0, -1e300], [0.0, 1.0, 2.0]]))
    assert logs[0, 0] == 0
    np.testing.assert_allclose(np.exp(logs).sum(axis=1), 1)


def test_columns_of_a_card_are_named_after_track_column_and_pool():
    card = ClipCard((Input("sound", 2, ("mean", "std"), ("a", "b")),), ("x", "y"), 3.0, {"name": "logistic"})
    assert card.columns == ("sound a mean", "sound b mean", "sound a std", "sound b std")
    assert card.test_groups == ()
    assert repr(card) == "ClipCard(logistic, 4 numbers of sound, x, y)"
