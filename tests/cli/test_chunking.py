"""The verb chunk: what it prints, and its exit codes."""

import json

import numpy as np
import pytest
import soundfile


@pytest.fixture
def radio(tmp_path, monkeypatch):
    """A folder with a show of 5 s and a file that is none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "radio").mkdir()
    soundfile.write(tmp_path / "radio" / "show.wav", 0.1 * np.sin(np.arange(40000) / 5), 8000)
    return tmp_path / "radio"


def chunk(cueline, *words):
    return cueline("chunk", *words, "--out", "clips", "--jobs", "1")


def test_it_cuts_says_so_and_does_nothing_the_second_time(radio, cueline):
    code, out, err = chunk(cueline, "radio", "--seconds", "2")
    assert code == 0
    assert "show.wav: 3 chunks of 5.000 s, show_chunk_3.mp3 to show_chunk_1.mp3" in out
    assert "1 files: 1 cut into 3, 0 cut before, 0 failed; chunks of 2 s, as mp3, in clips" in err
    code, out, err = chunk(cueline, "radio", "--seconds", "2")
    assert (code, out) == (0, "")
    assert "0 cut into 0, 1 cut before" in err


def test_json_is_alone_and_says_which_span_is_which_chunk(radio, cueline):
    code, out, _ = chunk(cueline, "radio", "--to", "wav", "--seconds", "3", "--hop", "2", "--json")
    (told,) = json.loads(out)
    assert code == 0
    assert (told["file"], told["state"]) == (str(radio / "show.wav"), "done")
    assert [(c["name"], c["start"], c["end"]) for c in told["chunks"]] == [
        ("show_chunk_1.wav", 2.0, 5.0),
        ("show_chunk_2.wav", 0.0, 3.0),
    ]


def test_failures_are_explained_counted_and_tried_again_when_asked(radio, cueline):
    (radio / "broken.mp3").write_bytes(b"no sound")
    code, _, err = chunk(cueline, "radio", "--copy")
    assert code == 1
    assert "broken.mp3: not a media file" in err
    code, out, _ = chunk(cueline, "--status")
    assert code == 1
    assert "broken.mp3: not a media file" in out
    told = json.loads(chunk(cueline, "--status", "radio", "--json")[1])
    assert (told["files"], told["done"], told["failed"], told["begun"], told["new"]) == (2, 1, 1, 0, 0)
    code, _, err = chunk(cueline, "radio", "--copy")
    assert code == 1
    assert "1 failed before and were not tried again; add --retry" in err
    soundfile.write(radio / "x.wav", np.zeros(800), 8000)
    (radio / "x.wav").replace(radio / "broken.mp3")
    assert chunk(cueline, "radio", "--copy", "--retry")[0] == 0


def test_status_counts_what_is_not_cut_yet(radio, cueline):
    told = json.loads(chunk(cueline, "--status", "radio", "--json")[1])
    assert (told["files"], told["new"]) == (0, 1)


def test_other_options_are_explained(radio, cueline):
    chunk(cueline, "radio")
    code, _, err = chunk(cueline, "radio", "--seconds", "2")
    assert code == 2
    assert "Name another folder, or replace them with --replace" in err
    assert chunk(cueline, "radio", "--seconds", "2", "--replace")[0] == 0


def test_what_makes_no_sense_is_refused(radio, cueline):
    code, _, err = chunk(cueline)
    assert (code, "there must be files or folders" in err) == (2, True)
    code, _, err = chunk(cueline, "radio", "--copy", "--to", "mp3")
    assert (code, "copied or encoded, got --copy and --to mp3" in err) == (2, True)
    code, _, err = chunk(cueline, "radio", "--to", "mp4")
    assert (code, "Did you mean" in err) == (2, True)
    code, _, err = chunk(cueline, "radio", "--seconds", "0")
    assert (code, "more than 0 s" in err) == (2, True)


def test_a_folder_without_media_is_no_success(radio, cueline, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = chunk(cueline, "empty")
    assert code == 1
    assert "no media files were found" in err


def test_the_status_of_a_folder_where_nothing_was_cut_says_so(cueline, tmp_path):
    code, _, err = cueline("chunk", "--out", tmp_path / "clips", "--status")
    assert code == 1
    assert "nothing was cut into" in err
