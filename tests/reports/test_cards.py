"""What is told of each file on the library's page."""

import json

import numpy as np
import pytest

from cueline.reports.cards import FIELDS, card, packed
from cueline.reports.facts import Problem, library_facts
from cueline.reports.findings import findings
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import LabelTrack


def card_of(store, *, pictures=(), problems=(), word_bytes=1000):
    file = library_facts(store).files[0]
    return card(file, findings(store, file), pictures, problems=problems, word_bytes=word_bytes)


def texts(*lines):
    return LabelTrack(as_spans([[row, row + 1] for row in range(len(lines))]), lines)


def test_sound_alone_shows_its_silhouette_and_pictures_are_shown_before_it(empty, make_sound):
    empty.add("song.flac", Asset("a", 60.0, (Stream("audio:0", "audio", 0, "flac"),)), make_sound())
    assert len(card_of(empty).wave) == 120
    assert card_of(empty).figures == ("1 min", "\N{MINUS SIGN}17.3 LUFS", "734 MB")
    assert card_of(empty, pictures=("x",)).wave == ""


def test_words_of_subtitles_and_notes_are_kept_once_up_to_their_share(empty):
    tracks = {"subtitles": texts("The sea, the STORM", "die See. 港の記録"), "notes": texts("storm?", "retake")}
    empty.add("a.mp4", Asset("a", 60.0), tracks)
    assert card_of(empty).words == "the sea storm die see 港の記録 retake"
    assert card_of(empty, word_bytes=12).words == "the sea"
    assert card_of(empty, word_bytes=0).words == ""


def test_classes_are_those_found_and_lines_of_text_are_none(empty):
    scenes = LabelTrack(as_spans([[0, 1]]), ("sea",), classes=("fog", "sea"))
    many = texts(*(f"line {row}" for row in range(201)))
    empty.add("a.mp4", Asset("a", 60.0), {"scenes": scenes, "subtitles": texts("hello"), "words": many})
    assert card_of(empty).classes == ("sea",)
    assert card_of(empty).tracks == ("scenes", "subtitles", "words")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"tracks": {"black": texts("black")}}, 0),
        ({"failed": {"shots": "no memory"}}, 1),
        ({"tracks": {"black": texts("black")}, "missing": True}, 2),
        ({"failed": {"probe": "empty"}, "missing": True}, 3),
        ({}, 4),
    ],
)
def test_a_file_is_done_failed_missing_or_waiting(empty, facts, state):
    empty.add("a.mp4", Asset("a", 1.0), **facts)
    assert card_of(empty).state == state


def test_what_cannot_be_shown_is_a_failure_of_the_file(empty):
    empty.add("a.mp4", Asset("a", 1.0), {"black": texts("black")})
    told = card_of(empty, problems=(Problem("a.mp4", "pictures are not shown", "damaged"),))
    assert (told.state, told.warnings) == (1, ("pictures are not shown",))


def test_packed_cards_tell_the_same_and_shared_texts_once(empty, make_film):
    tracks, _ = make_film(1)
    streams = (Stream("video:0", "video", 0, "h264"),)
    for name in "ab":
        empty.add(f"films/{name}.mp4", Asset(name, 90.0, streams, {"show": "Harbour"}), tracks)
    cards = [card(file, findings(empty, file), (), problems=(), word_bytes=10) for file in library_facts(empty).files]
    data = json.loads(json.dumps(packed(cards, drawn=False)))
    first, second = (dict(zip(FIELDS, row, strict=True)) for row in data["rows"])
    texts_of = [[data["texts"][number] for number in data["sets"][first[field]]] for field in ("classes", "groups")]
    assert texts_of == [["black", "keyframe", "shot"], ["show: Harbour"]]
    assert (first["name"], second["name"], first["key"], first["has"]) == ("a.mp4", "b.mp4", "a", 1)
    assert {field for field in FIELDS if first[field] != second[field]} == {"key", "name"}
    assert len(data["texts"]) == len(set(data["texts"]))
    bits = f"{int(first['rhythm'], 16):0240b}"
    assert tuple(np.flatnonzero([bit == "1" for bit in bits]).tolist()) == cards[0].rhythm
    assert len(packed(cards, drawn=True)["rows"][0]) == FIELDS.index("figures")
