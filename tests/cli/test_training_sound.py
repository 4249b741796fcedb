"""`cueline train sound` on files with labels as people leave them."""

import json

import numpy as np
import pytest
import soundfile

from tests.commands import here

RATE = 22050


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Chunks of eight programmes, hums and hisses, and their labels."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "media").mkdir()
    chance = np.random.default_rng(0)
    times = np.arange(RATE) / RATE
    labels = {}
    for number in range(8):
        for chunk in (1, 2):
            name = f"show{number}_chunk_{chunk}.wav"
            hum = np.sin(2 * np.pi * chance.uniform(80, 400) * times)
            soundfile.write(folder / "media" / name, 0.2 * (hum if number % 2 else chance.standard_normal(RATE)), RATE)
            labels[name] = "M" if number % 2 else "D"
    (folder / "labels.json").write_text(json.dumps(labels))
    first = dict(list(labels.items())[:8])
    first["nowhere_chunk_1.wav"] = "M"
    (folder / "first.json").write_text(json.dumps(first))
    (folder / "other.csv").write_text("Filename,Classification\nshow0_chunk_1.wav,Music\nshow1_chunk_1.wav,Music\n")
    (folder / "one.json").write_text(json.dumps(dict.fromkeys(list(labels)[2:4], "M")))
    return folder


@pytest.fixture(scope="module")
def trained(archive):
    return here(
        *("train", "sound", archive / "media", "--labels", archive / "first.json", "--labels", archive / "other.csv"),
        *("--out", archive / "M", "--recipe", "logistic", "--jobs", "1"),
    )


def test_it_prints_what_was_tried_what_was_reached_and_what_labels_were_like(trained):
    assert trained.returncode == 0, trained.stderr
    for words in ("Tried out of fold", "Judged by turns", "this model", "precision", "Which was taken for which"):
        assert words in trained.stdout
    assert "7 clips with a class, 1 said twice, 1 contradicted, 1 not taken" in trained.stderr
    assert "show0_chunk_1.wav: Dialogue (first.json, item 1); Music (other.csv, line 2): left out" in trained.stderr
    assert "no file is called 'nowhere_chunk_1.wav'" in trained.stderr
    assert "a group is what stands before the last '_chunk_N'" in trained.stderr
    assert "a random split would have said" in trained.stderr


def test_an_update_learns_from_old_and_new_and_prints_json_alone(archive, trained):
    ended = here(
        *("train", "sound", archive / "media", "--labels", archive / "labels.json", "--update", archive / "M"),
        *("--out", archive / "N", "--recipe", "logistic", "--jobs", "1", "--json"),
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["clips"] == 16
    assert "the model before" in [row["model"] for row in told["models"]]
    assert told["written"]
    assert (archive / "N" / "model.json").is_file()


def test_an_update_groups_as_the_model_before_did(archive):
    words = ("train", "sound", archive / "media", "--labels", archive / "labels.json", "--recipe", "logistic")
    first = here(*words, "--out", archive / "G", "--group-by", "show[0-9]+", "--jobs", "1")
    again = here(*words, "--update", archive / "G", "--out", archive / "H", "--jobs", "1")
    assert (first.returncode, again.returncode) == (0, 0), again.stderr
    assert "groups as before, by the pattern 'show[0-9]+'" in again.stderr
    card = json.loads((archive / "H" / "model.json").read_text())
    assert card["data"]["groups_by"] == "show[0-9]+"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("media", "--labels", "labels.json"), "name the folder of the model with: --out MODEL"),
        (("media", "--out", "X"), "learn from files with their labels"),
        (("media", "--out", "X", "--labels", "labels.json", "--clip", "intro"), "a clip is outro, whole or"),
        (("media", "--out", "X", "--labels", "labels.json", "--recipe", "votes"), "Did you mean 'vote'?"),
        (("media", "--out", "X", "--labels", "one.json"), "got 2 of the class 'Music' alone"),
        (("media", "--out", "X", "--labels", "labels.json", "--group-by", "show"), "of the group 'show' alone"),
        (("media", "--out", "M", "--labels", "labels.json"), "a model lies in"),
        (("media", "--update", "media", "--labels", "labels.json"), "a model that is continued has"),
    ],
)
def test_what_cannot_be_is_said_in_words_with_the_code_of_a_wrong_command(archive, trained, words, told):
    places = [archive / word if word in ("media", "M", "X") or "." in word else word for word in words]
    ended = here("train", "sound", *places, "--jobs", "1")
    assert ended.returncode != 0
    assert told in ended.stderr
    assert not (archive / "X").exists()
