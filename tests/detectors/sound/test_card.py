"""The data card of the shipped weights: what was learned from may be, and judges nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from benchmarks.kinds import recordings as known
from benchmarks.kinds.leaks import faults, likest
from benchmarks.kinds.recordings import FREE, Recording
from cueline.detectors.sound.network import WEIGHTS, data_card, weights_hash

LEARNED = Recording(Path("ls_1.flac"), "speech", "ls", "speaker 1", "CC BY 4.0 (LibriSpeech)", "learn")
JUDGING = Recording(Path("ls_2.flac"), "speech", "ls", "speaker 2", "CC BY 4.0 (LibriSpeech)", "judge")
UNCLEAR = Recording(Path("old_3.ogg"), "music", "old", "old_3", "none stated", "learn")


@pytest.fixture
def real_recordings(real_media, monkeypatch):
    """Every recording of the real manifest."""
    monkeypatch.setattr(known, "MEDIA", real_media)
    known.recordings.cache_clear()
    yield known.recordings()
    known.recordings.cache_clear()


def carded(*some, **changed):
    rows = [
        {"file": one.path.name, "kind": one.kind, "group": one.group, "licence": one.licence, **changed} for one in some
    ]
    return {"recordings": rows}


def test_every_licence_of_the_card_permits_it():
    licences = {one["licence"] for one in data_card()["recordings"]}
    assert licences
    assert [licence for licence in licences if not FREE.match(licence)] == []


def test_every_recording_of_the_card_stands_there_once():
    files = [one["file"] for one in data_card()["recordings"]]
    assert len(files) == len(set(files))


def test_the_card_names_the_seed_and_the_command_that_trains():
    card = data_card()
    assert card["command"].startswith("python -m benchmarks.kinds.train")
    assert f"--seed {card['seed']}" in card["command"]


def test_nothing_of_the_card_judges(real_recordings):
    assert faults(data_card(), real_recordings) == []


def test_the_card_names_every_recording_of_the_sides_that_are_learned_from(real_recordings):
    named = {one["file"] for one in data_card()["recordings"]}
    assert named == {one.path.name for one in real_recordings if one.side != "judge"}


def test_no_group_is_on_two_sides(real_recordings):
    sides: dict[str, set[str]] = {}
    for one in real_recordings:
        sides.setdefault(one.group, set()).add(one.side)
    assert {group: some for group, some in sides.items() if len(some) > 1} == {}


def test_the_hash_of_the_weights_is_that_of_the_file():
    assert weights_hash() == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()


def test_a_card_of_what_may_be_learned_from_has_no_fault():
    assert faults(carded(LEARNED), [LEARNED, JUDGING]) == []


def test_a_recording_that_judges_is_found_on_a_card():
    assert faults(carded(JUDGING), [LEARNED, JUDGING])[0] == "ls_2.flac judges"


def test_a_speaker_that_judges_is_found_under_another_file():
    (told,) = faults(carded(LEARNED, group="speaker 2"), [LEARNED, JUDGING])
    assert told == "ls_1.flac shares 'speaker 2' with recordings that judge"


def test_an_unclear_licence_is_found():
    (told,) = faults(carded(UNCLEAR), [UNCLEAR, JUDGING])
    assert told == "old_3.ogg is under 'none stated', which does not permit it"


def test_a_licence_that_the_manifest_does_not_say_is_found():
    (told,) = faults(carded(LEARNED, licence="CC0"), [LEARNED])
    assert "under 'CC BY 4.0 (LibriSpeech)' today, 'CC0' on the card" in told


def test_a_file_that_nobody_knows_and_an_empty_card_are_found():
    assert faults(carded(LEARNED), [JUDGING]) == ["ls_1.flac is no recording of the manifest"]
    assert faults({"recordings": []}, [JUDGING]) == ["the card names no recording"]


def test_a_copy_at_another_place_is_the_likest_of_all(monkeypatch):
    dice = np.random.default_rng(0)
    sound = dice.standard_normal(22050 * 8).astype(np.float32)
    other = dice.standard_normal(22050 * 8).astype(np.float32)
    held = {LEARNED.path: sound, JUDGING.path: np.roll(sound, 2205), Path("ls_9.flac"): other}
    monkeypatch.setattr("benchmarks.kinds.leaks.samples", held.__getitem__)
    stranger = Recording(Path("ls_9.flac"), "speech", "ls", "speaker 9", "none stated", "judge")
    (first, second) = likest([LEARNED], [stranger, JUDGING])
    assert (first[1], first[2]) == ("ls_1.flac", "ls_2.flac")
    assert first[0] > 0.6 > 0.2 > second[0]
