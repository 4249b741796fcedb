"""The verb `sound`."""

import json

import numpy as np
import pytest
import soundfile

from cueline.features.sound import RATE_HZ
from tests.detectors.sound.made import hiss, music


@pytest.fixture(scope="module")
def programme(tmp_path_factory):
    path = tmp_path_factory.mktemp("programme") / "show.wav"
    soundfile.write(path, np.concatenate([hiss(8), music(14)]), RATE_HZ)
    return path


def test_json_is_what_scripts_rely_on(cueline, programme):
    code, out, _ = cueline("sound", programme, "--json", "--jobs", 1)
    (told,) = json.loads(out)
    assert code == 0
    assert list(told) == ["file", "regions", "clip", "outro"]
    assert told["file"] == str(programme)
    assert [list(region) for region in told["regions"]] == [["start", "end", "label", "score"]] * 2
    assert [region["label"] for region in told["regions"]] == ["noise", "music"]
    assert told["outro"]["label"] == "music"
    assert set(told["clip"]["scores"]) == {"speech", "music", "both", "noise", "silence"}


def test_people_read_regions_and_verdicts(cueline, programme):
    code, out, _ = cueline("sound", programme, "--jobs", 1)
    assert code == 0
    assert "show.wav: music" in out
    assert "its end music" in out
    assert len(out.splitlines()) == 3


def test_regions_are_written_where_formats_are_named(cueline, programme, tmp_path):
    code, _, err = cueline("sound", programme, "--to", "rttm,webvtt", "--out", tmp_path, "--jobs", 1)
    assert code == 0
    assert "3 files written" in err
    assert {path.suffix for path in tmp_path.iterdir()} == {".rttm", ".uem", ".vtt"}


def test_a_bad_file_is_told_and_the_code_says_so(cueline, programme, tmp_path):
    (tmp_path / "bad.mp3").write_bytes(b"nothing" * 50)
    code, out, err = cueline("sound", programme, tmp_path / "bad.mp3", "--json", "--jobs", 1)
    told = {one["file"]: one for one in json.loads(out)}
    assert code == 1
    bad = told[str(tmp_path / "bad.mp3")]
    assert (bad["regions"], bad["clip"], bad["outro"]) == ([], None, None)
    assert bad["reason"] in err


def test_files_are_sorted_into_playlists_and_a_second_run_knows_them(cueline, programme, tmp_path):
    words = ("sound", programme, "--playlists", tmp_path / "lists", "--jobs", 1)
    code, out, err = cueline(*words)
    assert code == 0
    assert "show.wav" in (tmp_path / "lists" / "music.m3u8").read_text()
    assert "1 files, 0 known before" in err
    assert "1 files, 1 known before" in cueline(*words)[2]
    told = json.loads(cueline(*words, "--json")[1])
    assert told["counts"]["music"] == 1
    assert told["files"][0]["label"] == "music"
    assert "music" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--to", "rttm"), "--to names formats and --out"),
        (("--retry",), "name the folder with --playlists"),
        (("--playlists", "x", "--to", "rttm"), "go without it"),
        (("--model", "nowhere"), "a model"),
        (("--to", "nonsense", "--out", "x"), "no exporter is called 'nonsense'"),
        (("--to", "csv", "--out", __file__), "--out is a folder, got a file"),
    ],
)
def test_what_does_not_go_together_is_refused(cueline, programme, words, told):
    code, _, err = cueline("sound", programme, *words)
    assert code == 2
    assert told in err


def test_nothing_is_never_success(cueline, tmp_path):
    code, out, err = cueline("sound", tmp_path, "--json")
    assert (code, json.loads(out)) == (1, [])
    assert "no media" in err


def test_files_of_one_name_are_told_apart_and_a_reason_is_told_once(cueline, programme, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "bad.mp3").write_bytes(b"nothing" * 50)
    code, out, err = cueline("sound", tmp_path, "--jobs", 1)
    assert code == 1
    assert str(tmp_path / "a" / "bad.mp3") in out
    assert str(tmp_path / "b" / "bad.mp3") in out
    assert err.strip() == "2 files, 2 without an answer"


def test_a_folder_without_media_has_nothing_to_sort(cueline, tmp_path):
    code, _, err = cueline("sound", tmp_path, "--playlists", tmp_path / "lists")
    assert code == 1
    assert "no media files were found" in err


def test_what_was_heard_before_an_interruption_is_shown(cueline, programme, monkeypatch):
    from cueline.workbench import sounding

    def stopped(*_, **__):
        yield sounding.FileSound(programme, reason="heard before")
        raise KeyboardInterrupt

    monkeypatch.setattr(sounding, "sounds_of_files", stopped)
    code, out, err = cueline("sound", programme, "--json")
    assert code == 130
    assert [one["reason"] for one in json.loads(out)] == ["heard before"]
    assert "interrupted" in err
