"""Models in folders: the same bytes there and back, and a reason for each folder that holds none."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from cueline.errors import FormatError
from cueline.models.checkpoints import (
    CARD,
    LAST,
    WEIGHTS,
    load_card,
    load_model,
    model_hash,
    save_model,
    write_arrays,
)
from tests.models.made import made_model, made_rows


@pytest.fixture
def folder(tmp_path):
    save_model(made_model(), tmp_path / "model")
    return tmp_path / "model"


def rewritten(folder, **changes):
    """Change the card as no honest hand would."""
    values = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps({**values, **changes}))


def with_weights(folder, data):
    """Put other weights there, and let the card speak of them."""
    import hashlib

    (folder / WEIGHTS).write_bytes(data)
    rewritten(folder, weights_sha256=hashlib.sha256(data).hexdigest())


def test_a_model_comes_back_as_it_was(folder):
    made, found = made_model(), load_model(folder)
    assert found.card == made.card == load_card(folder)
    assert found.arrays.keys() == made.arrays.keys()
    for name, array in made.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)
    np.testing.assert_array_equal(found.top(made_rows()).scores, made.top(made_rows()).scores)


def test_weights_that_half_precision_holds_exactly_take_half_the_bytes(tmp_path):
    exact, odd = np.full((64, 64), 0.25, np.float32), np.full((64, 64), 0.1, np.float32)
    for name, array in (("exact", exact), ("odd", odd)):
        write_arrays(tmp_path / name, {"a": array})
        np.testing.assert_array_equal(load_file(tmp_path / name)["a"].astype(np.float32), array)
    assert (tmp_path / "exact").stat().st_size < 0.55 * (tmp_path / "odd").stat().st_size


def test_the_last_weights_lie_beside_the_best(folder, tmp_path):
    model = load_model(folder)
    save_model(model, tmp_path / "both", last=model)
    assert (tmp_path / "both" / LAST).read_bytes() == (tmp_path / "both" / WEIGHTS).read_bytes()


def test_the_same_model_is_written_to_the_same_bytes(folder, tmp_path):
    save_model(load_model(folder), tmp_path / "again")
    for name in (CARD, WEIGHTS):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert model_hash(tmp_path / "again") == model_hash(folder)


def test_nothing_is_left_beside_a_model(folder):
    assert sorted(path.name for path in folder.iterdir()) == [WEIGHTS, CARD]


def test_weights_may_be_read_by_whoever_may_read_the_card(folder):
    modes = {(folder / name).stat().st_mode for name in (CARD, WEIGHTS)}
    assert len(modes) == 1


def test_another_model_has_another_hash(folder, tmp_path):
    before = model_hash(folder)
    save_model(made_model(seed=1), folder)
    assert model_hash(folder) != before
    save_model(made_model(seed=0), folder)
    assert model_hash(folder) == before
    rewritten(folder, measures={"GAP@20": 0.5})
    assert model_hash(folder) != before


def test_arrays_that_lie_crosswise_are_kept_as_they_read(tmp_path):
    crosswise = made_rows(3).T
    write_arrays(tmp_path / "x.safetensors", {"x": crosswise})
    save_model(made_model(), tmp_path / "model")
    from safetensors.numpy import load_file

    np.testing.assert_array_equal(load_file(tmp_path / "x.safetensors")["x"], crosswise)


@pytest.mark.parametrize("read", [load_model, load_card, model_hash])
def test_a_folder_without_a_model_is_refused(read, tmp_path):
    for place in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(FormatError, match=rf"a model is a folder with a file {CARD}, got .* Is it the folder that"):
            read(place)


def test_a_card_without_weights_is_refused(folder):
    (folder / WEIGHTS).unlink()
    with pytest.raises(
        FormatError, match=f"a model has a file {WEIGHTS}, got none in .* Was it copied whole?"
    ) as error:
        load_model(folder)
    assert error.value.path == folder / WEIGHTS


def test_weights_of_another_model_are_refused(folder, tmp_path):
    save_model(made_model(seed=1), tmp_path / "other")
    (folder / WEIGHTS).write_bytes((tmp_path / "other" / WEIGHTS).read_bytes())
    with pytest.raises(FormatError, match=f"the weights must be those that {CARD} speaks of, got others"):
        load_model(folder)


@pytest.mark.parametrize("left", [0, 4, 100, -1])
def test_truncated_weights_are_refused(folder, left):
    data = (folder / WEIGHTS).read_bytes()[:left]
    (folder / WEIGHTS).write_bytes(data)
    with pytest.raises(FormatError, match="the weights must be those"):
        load_model(folder)
    with_weights(folder, data)
    with pytest.raises(FormatError, match="holds no weights of this model"):
        load_model(folder)


def test_weights_that_do_not_fit_the_card_are_refused(folder):
    with_weights(folder, save({"mean": np.zeros(3, np.float32)}))
    with pytest.raises(FormatError, match=r"holds no weights of this model: the array 'mean' must have shape \(8,\)"):
        load_model(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "3",
        "null",
        "{}",
        '{"schema": ',
        "[" * 100_000,
        '{"a":' * 100_000,
        "\x00",
        '{"schema": NaN}',
    ],
)
def test_a_card_that_is_none_is_refused(folder, text):
    (folder / CARD).write_text(text)
    for read in (load_model, load_card, model_hash):
        with pytest.raises(FormatError, match=r"is no card of a model"):
            read(folder)


def test_a_card_that_is_no_text_is_refused(folder):
    (folder / CARD).write_bytes(b"\xff\xfe{}")
    with pytest.raises(FormatError, match="is no card of a model"):
        load_card(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 2}, "must be of schema 'cueline.multilabel', version 1"),
        ({"classes": None}, "a value is missing or strange"),
        ({"recipe": []}, "recipe must hold values by name"),
        ({"deep": [[]]}, "a value is missing or strange"),
    ],
)
def test_a_card_with_a_strange_value_is_refused_by_file(folder, change, reason):
    rewritten(folder, **change)
    with pytest.raises(FormatError, match=f"model.json' is no card of a model: .*{reason}"):
        load_card(folder)


def test_names_in_any_script_are_kept(tmp_path):
    from dataclasses import replace

    from cueline.models.cards import ClassEntry

    model = made_model(classes=2)
    card = replace(model.card, classes=(ClassEntry("Hund 🐕"), ClassEntry("猫")))
    save_model(replace(model, card=card), tmp_path)
    assert load_card(tmp_path).names == ("Hund 🐕", "猫")
    assert "猫" in (tmp_path / CARD).read_text(encoding="utf-8")
