"""The player's file of one class a clip."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.labelfiles import player, read_labels
from cueline.datasets.labelfiles.texts import Pairs
from cueline.errors import FormatError


def _read(tmp_path, text):
    path = tmp_path / "labels.json"
    path.write_text(text)
    return read_labels(path)


@pytest.mark.parametrize(
    ("word", "meant"), [("Dialogue", "Dialogue"), ("m", "Music"), ("B", "Both"), ("MUSIC", "Music")]
)
def test_a_word_and_its_short_form_mean_the_same(tmp_path, word, meant):
    found = _read(tmp_path, json.dumps({"a.mp3": word}))
    assert (dict(found.items[0].said), found.items[0].rest, found.exclusive) == ({meant: "yes"}, "no", True)


def test_a_name_that_stands_twice_gives_two_items(tmp_path):
    found = _read(tmp_path, '{"a.mp3": "Music", "a.mp3": "Dialogue"}')
    assert [(item.where, *item.said) for item in found.items] == [("item 1", "Music"), ("item 2", "Dialogue")]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("Muzic", "must be Dialogue, Music or Both, or D, M or B, got 'Muzic'. Did you mean 'Music'?"),
        ("None", "the player means as no answer"),
        (None, "the player means as no answer"),
        (["Music"], "got ['Music']"),
    ],
)
def test_another_word_is_skipped_and_the_others_are_kept(tmp_path, word, told):
    found = _read(tmp_path, json.dumps({"a.mp3": "Music", "b.mp3": word}))
    assert len(found.items) == 1
    assert (found.skipped[0].where, found.skipped[0].clip) == ("item 2", "b.mp3")
    assert told in found.skipped[0].reason


def test_what_is_no_object_is_refused(tmp_path):
    with pytest.raises(FormatError, match="must be an object of names and classes"):
        player.read(tmp_path, [1])


@given(st.dictionaries(st.text(min_size=1).filter(str.strip), st.sampled_from(["Dialogue", "Music", "Both"])))
def test_what_is_written_is_read_back(said):
    text, left_out = player.written(said.items())
    items = player.read(None, json.loads(text, object_pairs_hook=Pairs)).items
    assert ({item.clip: next(iter(item.said)) for item in items}, left_out) == (said, [])


def test_it_is_written_as_the_player_writes_it():
    assert player.written([("a.mp3", "Music")])[0] == '{\n    "a.mp3": "Music"\n}\n'


def test_what_the_player_cannot_hold_is_told():
    text, left_out = player.written([("a.mp3", "Music"), ("a.mp3", "Both"), ("b.mp3", "Jazz")])
    assert json.loads(text) == {"a.mp3": "Music"}
    assert [skip.reason for skip in left_out] == [
        "another clip is called 'a.mp3' too",
        "the player knows Dialogue, Music and Both, not 'Jazz'",
    ]


def test_the_words_are_those_of_the_original_player(golden):
    case = json.loads((golden / "audio_id.json").read_text())["labels"]
    assert {short.upper(): word for short, word in player.WORDS.items()}.items() <= case["keys"].items()
    assert case["indent"] == 4
