"""Provenance tells whether work would come out differently."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance, Record

words = st.text(max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words, st.lists, max_leaves=5
)
provenances = st.builds(
    Provenance,
    plugin=words,
    version=words,
    options=st.dictionaries(words, plain, max_size=4),
    inputs=st.dictionaries(words, words, max_size=3),
    weights=st.dictionaries(words, words, max_size=3),
    classes=st.dictionaries(words, st.integers(0, 9), max_size=3),
    answers=st.none() | st.integers(0, 9),
)
SHOTS = Provenance("shots", "1", {"threshold": 0.5, "fades": True}, {"color": "ab12"})


@given(provenances)
def test_provenance_comes_back_from_its_text(provenance):
    back = Provenance.from_json(provenance.to_json())
    assert back == provenance
    assert back.fingerprint == provenance.fingerprint


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"plugin": "shots", "version": "1", "colour": 2}'])
def test_text_that_is_no_provenance_is_refused(text):
    with pytest.raises(FormatError, match=r"provenance must be JSON as to_json\(\) writes it, got"):
        Provenance.from_json(text)


def test_the_order_of_options_does_not_matter():
    assert replace(SHOTS, options={"fades": True, "threshold": 0.5}).fingerprint == SHOTS.fingerprint
    assert replace(SHOTS, options={"fades": True, "threshold": 0.5}).to_json() == SHOTS.to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"plugin": "scenes"},
        {"version": "2"},
        {"options": {"threshold": 0.6, "fades": True}},
        {"inputs": {"color": "cd34"}},
        {"weights": {"net": "ef56"}},
        {"classes": {"ad": 2}},
        {"answers": 0},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_could_change_the_result_changes_the_fingerprint(change):
    assert replace(SHOTS, **change).fingerprint != SHOTS.fingerprint


def test_a_fingerprint_stays_what_it_is_from_version_to_version():
    assert SHOTS.fingerprint == "9e4442869c016fd0976aefab2e61bea1"


def test_a_record_may_be_without_tracks():
    record = Record(Asset("a1", 1.0))
    assert (record.tracks, record.provenance) == ({}, {})
