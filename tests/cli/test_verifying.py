"""The verbs verify draw and verify result: what they print, and their exit codes."""

import csv
import json

import pytest


@pytest.fixture
def lists(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "music.m3u").write_text("#EXTM3U\n" + "".join(f"/radio/{n}.mp3\n" for n in range(40)))
    (tmp_path / "speech.m3u").write_text("#EXTM3U\n" + "".join(f"/radio/{n}.mp3\n" for n in range(40, 50)))
    return tmp_path


def answer(folder, wrong):
    """Fill in the sheet: a few are wrong, all others right."""
    sheet = folder / "check" / "answers.csv"
    with sheet.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with sheet.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows({**row, "answer": "Speech" if number in wrong else "y"} for number, row in enumerate(rows))


def test_a_sample_is_drawn_answered_and_counted(lists, cueline):
    code, out, err = cueline(
        "verify", "draw", "music.m3u", "speech.m3u", "--each", "8", "--seed", "3", "--out", "check"
    )
    assert code == 0
    assert "music_sample.m3u8" in out
    assert "fill in the column answer of check/answers.csv" in err
    answer(lists, {2})
    code, out, _ = cueline("verify", "result", "check/answers.csv")
    assert code == 0
    assert "7 / 8" in out
    assert "1 speech" in out
    assert "of all, each playlist by its size: 0.900" in out


def test_json_is_alone(lists, cueline):
    told = json.loads(cueline("verify", "draw", "music.m3u", "--out", "check", "--json")[1])
    assert told["classes"][0]["size"] == 40
    code, out, _ = cueline("verify", "result", "check/answers.csv", "--json")
    told = json.loads(out)
    assert code == 1
    assert told["classes"][0]["share"]["value"] is None
    assert told["classes"][0]["unanswered"] == 20
    answer(lists, {0})
    code, out, _ = cueline("verify", "result", "check/answers.csv", "--json", "--class", "speech")
    told = json.loads(out)
    assert code == 0
    assert told["classes"][0]["instead"] == {"speech": 1}
    assert told["whole"]["low"] < told["whole"]["value"] == 0.95


def test_what_cannot_be_read_is_told(lists, cueline):
    cueline("verify", "draw", "music.m3u", "--out", "check")
    answer(lists, {0})
    code, _, err = cueline("verify", "result", "check/answers.csv")
    assert code == 1
    assert "check/answers.csv line 2: an answer is yes, no, ? or one of music, got 'Speech'" in err
    code, _, err = cueline("verify", "draw", "music.m3u", "--out", "check")
    assert (code, "may hold answers" in err) == (2, True)
