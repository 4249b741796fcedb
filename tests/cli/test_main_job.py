"""The main job through the command line, as scripts use it: real processes, real files."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cueline import Library
from tests.films import CUTS, DURATION, small_collection, three_shots


def cueline(*arguments, cwd=None):
    command = [sys.executable, "-m", "cueline", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """A folder with a film, a sound file and a broken file, analysed once."""
    place = tmp_path_factory.mktemp("main job")
    ended = cueline("analyze", small_collection(place / "films"), "--json")
    return place, ended


def test_analyze_makes_a_library_beside_the_folder_and_names_what_failed(analysed):
    place, ended = analysed
    told = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert told["done"] == 2
    assert [Path(failure["file"]).name for failure in told["failed"]] == ["broken.mp4"]
    assert told["failed"][0]["reason"]
    assert Path(told["library"]) == place / "films.cue"
    assert "2 done, 1 failed: " in ended.stderr


def test_status_counts_assets_done_and_failed(analysed):
    place, _ = analysed
    told = json.loads(cueline("status", place / "films.cue", "--json").stdout)
    assert (told["assets"], told["done"], len(told["failed"])) == (3, 2, 1)
    assert told["tracks"]["shots"] == 1
    assert told["duration"] == pytest.approx(DURATION + 1.0)


def test_tags_tell_shots_in_seconds(analysed):
    place, _ = analysed
    rows = json.loads(cueline("tags", place / "films.cue", "--name", "shots", "--json").stdout)
    assert [row["start"] for row in rows] == pytest.approx([0.0, *CUTS])
    assert [row["end"] for row in rows] == pytest.approx([*CUTS, DURATION])
    assert {row["name"] for row in rows} == {"shot"}


def test_a_second_run_has_nothing_to_do_and_says_the_same(analysed):
    place, _ = analysed
    ended = cueline("analyze", place / "films", "--json")
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["done"], told["fresh"], len(told["failed"])) == (1, 2, 0, 1)


def test_a_library_can_be_analysed_by_its_own_name(analysed):
    place, _ = analysed
    told = json.loads(cueline("analyze", place / "films.cue", "--json").stdout)
    assert (told["done"], told["fresh"]) == (2, 0)


def test_export_writes_every_format(analysed, tmp_path):
    place, _ = analysed
    ended = cueline("export", place / "films.cue", "--to", "csv,json,webvtt", "--out", tmp_path / "out", "--json")
    written = [Path(path) for path in json.loads(ended.stdout)["files"]]
    assert ended.returncode == 0
    assert {path.suffix for path in written} == {".csv", ".json", ".vtt"}
    assert all(path.is_file() for path in written)


def test_report_prints_where_the_first_page_is(analysed):
    place, _ = analysed
    ended = cueline("report", place / "films.cue")
    page = Path(ended.stdout.strip())
    assert ended.returncode == 0
    text = page.read_text()
    assert "a day.mp4" in text
    assert "broken.mp4" in text


def test_words_for_people_stay_off_standard_output(analysed):
    place, _ = analysed
    ended = cueline("status", place / "films.cue", "--json")
    assert json.loads(ended.stdout)
    assert len(ended.stdout.splitlines()) == 1


def test_shots_needs_no_library(analysed):
    place, _ = analysed
    ended = cueline("shots", place / "films" / "a day.mp4", "--json")
    (answer,) = json.loads(ended.stdout)
    assert answer["file"] == str(place / "films" / "a day.mp4")
    assert answer["frame_rate"] == 25.0
    assert [shot["start_frame"] for shot in answer["shots"]] == [0, 30, 60]
    assert [shot["start"] for shot in answer["shots"]] == pytest.approx([0.0, *CUTS])
    assert answer["shots"][-1]["end"] == pytest.approx(DURATION)


def test_shots_of_a_broken_and_of_a_sound_file_say_why_there_are_none(analysed):
    place, _ = analysed
    ended = cueline("shots", place / "films" / "broken.mp4", place / "films" / "radio.wav", "--json")
    answers = json.loads(ended.stdout)
    assert ended.returncode == 1
    assert [answer["shots"] for answer in answers] == [[], []]
    assert answers[1]["reason"] == "there is no video in it"


def test_doctor_tells_what_is_wrong_before_any_compute(analysed):
    place, _ = analysed
    ended = cueline("doctor", place / "films", "--json")
    told = {Path(answer["file"]).name: answer for answer in json.loads(ended.stdout)}
    assert ended.returncode == 1
    assert {name: answer["ok"] for name, answer in told.items()} == {
        "a day.mp4": True,
        "broken.mp4": False,
        "radio.wav": True,
    }
    assert told["broken.mp4"]["problems"]


def test_plugins_lists_what_is_installed():
    told = json.loads(cueline("plugins", "--json").stdout)
    assert {"shots", "black", "color", "csv", "local"} <= {plugin["name"] for plugin in told}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["analyze", "nowhere"], "there is no file or folder 'nowhere'"),
        (["analyze", "nowhere", "--library", "x.cue"], "there is no file or folder 'nowhere'"),
        (["status", "nowhere.cue"], "nowhere.cue"),
        (["analyze", ".", "--with", "shotz"], "Did you mean 'shots'?"),
        (["analyze", ".", "--set", "shots.sensitivty=1"], "has no option 'sensitivty'"),
        (["analyze", ".", "--set", "sensitivity"], "a setting must look like"),
    ],
)
def test_a_wrong_command_says_what_to_do_and_exits_with_two(arguments, message, tmp_path):
    ended = cueline(*arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_an_empty_folder_is_not_success(tmp_path):
    (tmp_path / "empty").mkdir()
    ended = cueline("analyze", tmp_path / "empty", "--json")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["done"] == 0
    assert "nothing was found to analyse" in ended.stderr


def slow_collection(folder, count=6):
    folder.mkdir()
    for number in range(count):
        three_shots(folder / f"film {number}.mp4", seed=number, size=(320, 180))
    return folder


def wait_for(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def committed(library):
    path = library.path / "library.sqlite"
    return path.exists() and len(library.sql("select 1 from outcomes where plugin = 'shots'")) >= 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_keeps_what_was_done_and_goes_on(tmp_path, how):
    folder = slow_collection(tmp_path / "films")
    library = Library(tmp_path / "films.cue")
    command = [sys.executable, "-m", "cueline", "analyze", str(folder), "--jobs", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        wait_for(lambda: committed(library))
        os.kill(run.pid, how)
        errors = run.stderr.read()
    assert run.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    assert ("interrupted" in errors) == (how == signal.SIGINT)
    before = library.status().done
    assert before >= 1
    ended = cueline("analyze", folder, "--json")
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["done"], told["fresh"]) == (0, 6, 6 - before)
