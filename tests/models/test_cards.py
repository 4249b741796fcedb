"""Cards: plain values there and back, and refusals of all that is no card."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.models.cards import SCHEMA, VERSION, ClassEntry, Input, ModelCard
from tests.models.made import made_card

words = st.text(max_size=8)
numbers = st.floats(allow_nan=False, allow_infinity=False)
inputs = st.builds(
    Input,
    track=words,
    width=st.integers(1, 4),
    pools=st.lists(st.sampled_from(["mean", "max", "min", "std"]), min_size=1, max_size=4).map(tuple),
)
entries = st.builds(ClassEntry, name=words, id=words, link=words, verticals=st.lists(words, max_size=2).map(tuple))
cards = st.builds(
    ModelCard,
    inputs=st.lists(inputs, min_size=1, max_size=3).map(tuple),
    classes=st.lists(entries, min_size=1, max_size=4, unique_by=lambda entry: entry.name).map(tuple),
    uint8=st.tuples(numbers, numbers),
    recipe=st.dictionaries(words, st.one_of(words, numbers, st.booleans(), st.lists(st.integers()))),
    seed=st.integers(0, 2**63),
    data=st.dictionaries(words, words),
    measures=st.dictionaries(words, numbers),
)


@given(cards)
def test_a_card_comes_back_from_json_as_it_was(card):
    assert ModelCard.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_the_same_card_gives_the_same_text():
    assert json.dumps(made_card().to_json()) == json.dumps(made_card().to_json())


def test_a_card_knows_how_many_numbers_a_row_has():
    card = made_card(inputs=(Input("sound", 3, ("mean", "std")), Input("color", 2, ("max",))))
    assert card.width == 8
    assert card.names == ("class 0", "class 1", "class 2", "class 3", "class 4")
    assert repr(card) == "ModelCard(8 numbers of sound, color, 5 classes)"


@pytest.mark.parametrize("change", [{"schema": "another"}, {"version": VERSION + 1}, {"version": None}])
def test_another_schema_or_version_is_refused(change):
    with pytest.raises(FormatError, match=f"must be of schema {SCHEMA!r}, version {VERSION}, got .* Train it again"):
        ModelCard.from_json({**made_card().to_json(), **change})


@pytest.mark.parametrize("key", ["inputs", "classes", "uint8"])
def test_a_card_that_lacks_a_value_is_refused(key):
    values = made_card().to_json()
    del values[key]
    with pytest.raises(FormatError, match=f"a value is missing or strange: KeyError: '{key}'"):
        ModelCard.from_json(values)


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": 3},
        {"inputs": [3]},
        {"inputs": [{"track": "a"}]},
        {"inputs": [{"track": "a", "width": "wide", "pools": ["mean"], "columns": []}]},
        {"classes": {"a": 1}},
        {"classes": [{"name": ["a"], "verticals": []}]},
        {"uint8": 1},
        {"uint8": ["a", "b"]},
        {"another": 1},
    ],
)
def test_a_strange_value_is_refused(change):
    with pytest.raises(FormatError, match="a value is missing or strange"):
        ModelCard.from_json({**made_card().to_json(), **change})


@pytest.mark.parametrize("name", ["recipe", "data", "measures"])
def test_values_by_name_are_just_that(name):
    with pytest.raises(FormatError, match=f"{name} must hold values by name, got \\['a'\\]"):
        ModelCard.from_json({**made_card().to_json(), name: ["a"]})


def test_a_model_has_inputs_and_classes():
    for change in ({"inputs": ()}, {"classes": ()}):
        with pytest.raises(FormatError, match="a model has inputs and classes, got"):
            replace(made_card(), **change)


def test_a_name_that_stands_twice_is_refused():
    with pytest.raises(FormatError, match="classes must have different names, got 'dog' twice"):
        replace(made_card(), classes=(ClassEntry("cat"), ClassEntry("dog"), ClassEntry("dog", id="/m/1")))


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"pools": ()}, {"pools": ("median",)}, {"pools": "mean"}, {"columns": ("one",)}]
)
def test_an_input_that_cannot_be_read_from_a_track_is_refused(wrong):
    with pytest.raises(FormatError, match="an input has a width of 1 or more, pools out of mean, max, min, std"):
        Input(**{"track": "sound", "width": 3, **wrong})
