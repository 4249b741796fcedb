"""Verbs on a library that was analysed once, run in this process: what they print, and their exit codes."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from cueline import Library
from cueline.engines.local import Local
from cueline.timeline.answers import Answer
from tests.films import CUTS, DURATION, silence, small_collection

SUBTITLES = "1\n00:00:00,500 --> 00:00:01,000\nA red dog\n\n2\n00:00:02,000 --> 00:00:03,000\nA blue cat\n"


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    place = tmp_path_factory.mktemp("verbs")
    films = small_collection(place / "films")
    (films / "a day.srt").write_text(SUBTITLES)
    Library(place / "films.cue").analyze(films, engine=Local(jobs=1))
    return place


@pytest.fixture
def place(analysed, monkeypatch):
    """The library's folder; tests here only read."""
    monkeypatch.chdir(analysed)
    return analysed


@pytest.fixture
def mine(analysed, tmp_path, monkeypatch):
    """A copy that a test may change."""
    shutil.copytree(analysed / "films.cue", tmp_path / "films.cue")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_words_find_lines_of_subtitles(place, cueline):
    code, out, _ = cueline("search", "films.cue", "red", "dog", "--json")
    assert code == 0
    (hit,) = json.loads(out)
    assert (hit["track"], hit["start"], hit["end"], hit["text"]) == ("subtitles", 0.5, 1.0, "A red dog")
    assert "A blue cat" in cueline("search", "films.cue", "cat OR dog")[1]


def test_words_find_names_of_files(place, cueline):
    (hit,) = json.loads(cueline("search", "films.cue", "radio", "--json")[1])
    assert hit["text"] == "radio.wav"
    assert hit["start"] is None


def test_a_search_that_finds_nothing_says_so(place, cueline):
    assert cueline("search", "films.cue", "elephant")[0] == 1
    assert cueline("search", "films.cue", "dog", "--from", "2")[0] == 1


def test_a_wrong_search_is_shown_with_a_caret(place, cueline):
    code, out, err = cueline("search", "films.cue", "dog (cat")
    assert (code, out) == (2, "")
    assert err.endswith("\n    dog (cat\n        ^\n")


def test_moments_like_an_example_are_found(place, cueline):
    code, out, _ = cueline("search", "films.cue", "--like", "a day.mp4", "--at", "0-1", "--by", "color", "--json")
    assert code == 0
    starts = [round(hit["start"], 2) for hit in json.loads(out)]
    assert starts == sorted(starts, key=lambda start: start != starts[0])
    assert set(starts) <= {0.0, *CUTS}


def test_words_and_an_example_do_not_mix(place, cueline):
    code, _, err = cueline("search", "films.cue", "dog", "--like", "a day.mp4")
    assert code == 2
    assert "--like finds by example: --from" in err
    assert "--at must look like" in cueline("search", "films.cue", "--like", "a day.mp4", "--at", "5")[2]


def test_tags_are_filtered(place, cueline):
    rows = json.loads(cueline("tags", "films.cue", "--track", "shots", "--from", "1.5", "--to", "2", "--json")[1])
    assert [(row["start"], row["end"]) for row in rows] == [pytest.approx(CUTS)]
    assert cueline("tags", "films.cue", "--class", "nothing")[1].count("\n") == 1
    assert "the first time must come before the second" in cueline("tags", "films.cue", "--from", "2", "--to", "1")[2]


def test_tags_tell_who_made_them(place, cueline):
    rows = json.loads(cueline("tags", "films.cue", "--track", "shots", "--provenance", "--json")[1])
    assert rows[0]["provenance"]["plugin"] == "shots"
    assert "made by" in cueline("tags", "films.cue", "--track", "shots", "--provenance")[1]


def test_options_of_an_example_need_one(place, cueline):
    assert "name it with --like" in cueline("search", "films.cue", "dog", "--by", "sound")[2]


def test_numbers_of_a_track_are_shown(place, cueline):
    (row,) = json.loads(cueline("features", "films.cue", "radio", "loudness", "--json")[1])
    assert (row["start"], row["integrated"]) == (0.0, -120.0)
    code, out, err = cueline("features", "films.cue", "a day", "color", "--from", "1", "--limit", "3")
    assert (code, out.count("\n")) == (0, 4)
    assert "3 of 65 rows" in err


def test_answers_that_no_table_holds_are_refused_or_made_plain(place, cueline, tmp_path):
    assert "each column of an answer needs a name" in cueline("sql", "films.cue", "select 1 as a, 2 as a", "--json")[2]
    assert json.loads(cueline("sql", "films.cue", "select x'00ff' as b, 1e308 * 10 as i", "--json")[1]) == [
        {"b": "00ff", "i": None}
    ]
    mixed = "select 1 as x union all select 'a'"
    assert "values of several kinds" in cueline("sql", "films.cue", mixed, "--out", tmp_path / "m.parquet")[2]


def test_stats_count(place, cueline):
    rows = {(row["track"], row["name"]): row for row in json.loads(cueline("stats", "films.cue", "--json")[1])}
    shots = rows["shots", "shot"]
    assert (shots["rows"], shots["files"], shots["seconds"]) == (3, 1, pytest.approx(DURATION))
    assert "shots" in cueline("stats", "films.cue")[1]


def test_sql_answers_on_the_screen_and_into_files(place, cueline, tmp_path):
    query = "select name, count(*) as n from tags where track = 'shots' group by name"
    assert json.loads(cueline("sql", "films.cue", query, "--json")[1]) == [{"name": "shot", "n": 3}]
    assert "shot" in cueline("sql", "films.cue", query)[1]
    readers = {"parquet": pd.read_parquet, "arrow": pd.read_feather, "csv": pd.read_csv, "json": pd.read_json}
    for ending, read in readers.items():
        out = tmp_path / f"answer.{ending}"
        assert cueline("sql", "films.cue", query, "--out", out)[0] == 0
        assert read(out).to_dict("records") == [{"name": "shot", "n": 3}]
    assert "--out must end in .parquet, .arrow, .csv, .json" in cueline("sql", "films.cue", query, "--out", "x.txt")[2]


def test_a_wrong_query_is_shown_with_a_caret(place, cueline):
    code, _, err = cueline("sql", "films.cue", "select nome from tags")
    assert code == 2
    assert err.endswith("\n    select nome from tags\n           ^\n")


def test_status_tells_why_a_file_is_as_it_is(place, cueline):
    steps = {step["plugin"]: step for step in json.loads(cueline("status", "films.cue", "--why", "a day", "--json")[1])}
    assert (steps["shots"]["state"], steps["shots"]["due"]) == ("done", [])
    assert steps["silence"]["state"] == "nothing"
    text = cueline("status", "films.cue", "--why", "a day.mp4", "--set", "shots.cut=0.3")[1]
    assert "shots.cut: 0.5 -> 0.3" in text
    text = cueline("status", "films.cue", "--why", "broken.mp4")[1]
    assert "it has not run yet" in text


def test_a_dry_run_tells_what_is_due_and_does_nothing(place, cueline):
    before = (place / "films.cue/library.sqlite").read_bytes()
    code, out, err = cueline("analyze", "films.cue", "--dry-run", "--set", "shots.cut=0.3")
    assert code == 0
    assert "shots, thumbnails.short, keyframes" in out
    assert "from what was seen: shots" in err
    assert "a dry run: nothing was done" in err
    told = json.loads(cueline("analyze", "films.cue", "--dry-run", "--json")[1])
    assert told["work"] == []
    assert (place / "films.cue/library.sqlite").read_bytes() == before


def test_a_dry_run_of_a_new_folder_makes_no_library(place, cueline, tmp_path):
    small_collection(tmp_path / "new")
    code, _, err = cueline("analyze", tmp_path / "new", "--dry-run")
    assert code == 0
    assert "3 new files would be looked at first" in err
    assert not (tmp_path / "new.cue").exists()


def test_groups_are_set_and_counted(mine, cueline):
    code, out, err = cueline("groups", "films.cue", "--names", "{kind} *", "--json")
    assert code == 0
    assert json.loads(out)["kinds"] == {"kind": 1}
    assert "1 files were grouped by their names" in err
    (mine / "groups.csv").write_text("file,show\nradio.wav,News\nnone.mp4,X\n")
    code, _, err = cueline("groups", "films.cue", "--csv", "groups.csv")
    assert code == 1
    assert "groups.csv: line 3: no file is called 'none.mp4'" in err
    assert [row["file"] for row in json.loads(cueline("tags", "films.cue", "--group", "kind=a", "--json")[1])]
    assert cueline("groups", "films.cue", "--forget", "kind")[0] == 0
    assert "no groups are of kind 'kind'; there are: show" in cueline("groups", "films.cue", "--forget", "kind")[2]
    assert "no file is called as" in cueline("groups", "films.cue", "--names", "nothing_{x}")[2]
    assert "a group must look like show=Cosmos" in cueline("tags", "films.cue", "--group", "kind")[2]


def test_labels_are_taken_in(mine, cueline):
    (mine / "labels.txt").write_text("0.5\t1.5\tdog\n")
    code, _, err = cueline("import", "films.cue", "labels.txt", "--track", "dogs", "--file", "a day.mp4")
    assert code == 0
    assert "1 labels for 1 files taken in, 0 faults" in err
    assert [row["name"] for row in json.loads(cueline("tags", "films.cue", "--track", "dogs", "--json")[1])] == ["dog"]
    assert cueline("import", "films.cue", "labels.txt", "--json")[0] == 1


def test_runs_are_listed_and_compared(mine, cueline):
    Library("films.cue").analyze(options={"shots": {"shortest_seconds": 2.0}}, engine=Local(jobs=1))
    runs = json.loads(cueline("runs", "films.cue", "--json")[1])
    assert [run["state"] for run in runs] == ["done", "done"]
    code, out, err = cueline("diff", "films.cue", "1", "2")
    assert code == 0
    assert "shots.shortest_seconds: 0.08 -> 2.0" in out
    assert "run 1 -> run 2" in err
    assert json.loads(cueline("diff", "films.cue", "1", "2", "--json")[1])["causes"]
    assert "knows no run 9" in cueline("diff", "films.cue", "1", "9")[2]


def test_moved_files_are_found_again(mine, cueline, analysed):
    films = mine / "films"
    small_collection(films, analysed / "films/a day.mp4")
    library = Library(mine / "own.cue")
    library.add(films)
    with library.answers() as book:
        book.add(Answer(library.assets()[0].id, "dog", "yes", "ann"))
    (films / "a day.mp4").rename(mine / "moved.mp4")
    code, _, err = cueline("relink", "own.cue")
    assert code == 1
    assert "missing: " in err
    code, out, _ = cueline("relink", "own.cue", mine, "--json")
    assert code == 0
    assert json.loads(out)["moved"][0]["to"].endswith("moved.mp4")


def test_work_follows_a_changed_file_when_it_is_asked_to(mine, cueline):
    films = mine / "films"
    films.mkdir()
    shutil.copy(mine / "films.cue/library.sqlite", films / "not media.txt")
    silence(films / "radio.wav")
    library = Library(mine / "own.cue")
    library.add(films)
    (mine / "labels.txt").write_text("0.1\t0.2\tdog\n")
    cueline("import", "own.cue", "labels.txt", "--track", "dogs", "--file", "radio")
    silence(films / "radio.wav", 2.0)
    code, _, err = cueline("relink", "own.cue")
    assert (code, "tracks dogs carried over" in err) == (0, True)
    silence(films / "radio.wav", 3.0)
    assert "`cueline relink own.cue` carries it over" in cueline("add", films, "--library", "own.cue")[2]


def test_deleted_pictures_are_made_again(mine, cueline, analysed):
    shutil.copytree(analysed / "films", mine / "films")
    Library("films.cue").analyze("films", engine=Local(jobs=1))
    shutil.rmtree("films.cue/derived")
    assert "thumbnails" in cueline("analyze", "films.cue", "films", "--library", "films.cue", "--dry-run")[1]
    Library("films.cue").analyze("films", engine=Local(jobs=1))
    assert list(Path("films.cue/derived").rglob("*.arrow"))


def test_exports_are_chosen_by_track_and_file(mine, cueline):
    assert cueline("export", "films.cue", "--to", "csv", "--out", "out", "--track", "shots", "--file", "a day")[0] == 0
    table = pd.read_csv(mine / "out/labels.csv")
    assert set(table["track"]) == {"shots"}
    code, _, err = cueline("export", "films.cue", "--to", "csv", "--out", "out", "--track", "shotz")
    assert code == 2
    assert "no track is called 'shotz'" in err


def test_what_browsers_do_not_play_gets_a_proxy_once(mine, cueline, analysed):
    code, out, _ = cueline("proxy", "films.cue", "a day", "--json")
    (told,) = json.loads(out)
    assert (code, told["why"], told["proxy"]) == (0, "", None)
    code, out, _ = cueline("proxy", "films.cue", "a day", "--always", "--height", "54", "--json")
    made = json.loads(out)[0]["proxy"]
    assert made.startswith(str(mine / "films.cue" / "derived"))
    before = Path(made).stat().st_mtime_ns
    assert "a proxy was asked for" in cueline("proxy", "films.cue", "a day", "--always", "--height", "54")[1]
    assert Path(made).stat().st_mtime_ns == before
    assert cueline("proxy", "films.cue", "none.mp4")[0] == 2
