"""label import, label export: what they print, and their exit codes."""

import json

import pytest

from cueline.stores.library import LibraryStore

ROWS = [
    {"etag": "1", "labels": ["rain"], "data": "https://host/sky-1-of-2.mp4"},
    {"etag": "2", "labels": ["rain", "none of the above"], "data": "https://host/sky-2-of-2.mp4"},
    {"etag": "3", "labels": "rain", "data": "c.mp4"},
]


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    LibraryStore(tmp_path / "sky.cue", create=True).close()
    (tmp_path / "ann.json").write_text(json.dumps(ROWS))
    return tmp_path


def test_import_prints_what_scripts_rely_on(place, cueline):
    code, out, err = cueline("label", "import", "sky.cue", "ann.json", "--campaign", "sky", "--json")
    told = json.loads(out)
    assert code == 0
    assert list(told)[:5] == ["labels", "clips", "classes", "conflicts", "skipped"]
    assert (told["labels"], told["clips"], told["classes"]) == (1, 2, 1)
    assert [(each["file"], each["item"]) for each in told["conflicts"]] == [("ann.json", "item 2")]
    assert [(each["file"], each["item"]) for each in told["skipped"]] == [("ann.json", "item 3")]
    assert (told["campaign"], told["made"], told["people"], told["sources"]) == ("sky", ["rain"], ["ann"], 1)
    assert "conflict: ann.json, item 2, https://host/sky-2-of-2.mp4, rain: 'rain' and 'none of the above'" in err
    assert "1 source videos: the source video is the file name before the last '-N-of-M'" in err
    assert "1 labels of 2 clips taken in for 1 classes of 'sky', 0 were there already, 1 conflicts, 1 skipped" in err


def test_importing_again_changes_nothing_and_is_no_failure(place, cueline):
    cueline("label", "import", "sky.cue", "ann.json")
    code, out, _ = cueline("label", "import", "sky.cue", "ann.json", "--json")
    assert (code, json.loads(out)["labels"], json.loads(out)["duplicates"]) == (0, 0, 2)


def test_several_files_are_added_up_and_a_bad_one_stops_none(place, cueline):
    (place / "bob.json").write_text(json.dumps([ROWS[0] | {"labels": []}]))
    (place / "bad.json").write_text('{"images": [], "annotations": [], "categories": []}')
    code, out, _ = cueline("label", "import", "sky.cue", "ann.json", "bad.json", "bob.json", "--json")
    told = json.loads(out)
    assert (code, told["labels"], told["clips"], told["people"]) == (1, 1, 3, ["ann", "bob"])
    assert [each["kind"] for each in told["conflicts"]] == ["both", "people"]
    assert "got a COCO data set" in told["skipped"][1]["reason"]


def test_a_file_that_brings_nothing_is_a_failure(place, cueline):
    (place / "bob.json").write_text("[]")
    assert cueline("label", "import", "sky.cue", "bob.json")[0] == 1
    (place / "bad.json").write_text("[1, 2")
    code, _, err = cueline("label", "import", "sky.cue", "bad.json")
    assert (code, "'bad.json' line 1 must be JSON" in err) == (2, True)


def test_where_no_library_is_one_is_made_and_told_unless_there_is_nothing_to_take_in(place, cueline):
    assert cueline("label", "import", "sea.cue", "nowhere.json")[0] == 2
    assert not (place / "sea.cue").exists()
    code, _, err = cueline("label", "import", "sea.cue", "ann.json")
    assert (code, "sea.cue is a new library" in err) == (0, True)


def test_clips_without_media_are_told_in_one_line(place, cueline):
    rows = [{"etag": "", "labels": ["rain"], "data": f"{n}.mp4"} for n in range(5)]
    (place / "ann.json").write_text(json.dumps(rows))
    _, _, err = cueline("label", "import", "sky.cue", "ann.json")
    told = [line for line in err.splitlines() if "no media" in line]
    assert told == [
        "no media here, kept by name: 5 clips, '0.mp4', '1.mp4', '2.mp4', ...; leave such clips out with --known-only"
    ]
    assert "no media here" not in cueline("label", "import", "sky.cue", "ann.json", "--known-only")[2]


def test_a_file_that_an_importer_cannot_read_stops_no_other(place, cueline):
    (place / "eve.txt").write_text("1.0\t2.0\train\nnonsense\n")
    code, out, _ = cueline("label", "import", "sky.cue", "eve.txt", "ann.json", "--json")
    told = json.loads(out)
    assert (code, told["labels"], told["skipped"][-1]["file"]) == (1, 1, "eve.txt")


def test_long_lists_are_cut_for_people(place, cueline):
    rows = [{"etag": str(n), "labels": ["rain", "none of the above"], "data": f"{n}.mp4"} for n in range(13)]
    (place / "ann.json").write_text(json.dumps(rows))
    _, _, err = cueline("label", "import", "sky.cue", "ann.json")
    assert "conflict: 3 more; --json has them all" in err


def test_options_reach_the_import(place, cueline):
    words = ["label", "import", "sky.cue", "ann.json"]
    cueline(*words, "--who", "eve")
    (place / "ann.json").write_text('[{"etag": "1", "labels": ["fog"], "data": "new.mp4"}]')
    assert json.loads(cueline(*words, "--known-only", "--json")[1])["skipped"][0]["clip"] == "new.mp4"
    told = json.loads(cueline(*words, "--add-classes", "--as", "json", "--json")[1])
    assert (told["made"], told["classes"]) == (["fog"], 2)


def test_one_text_goes_to_standard_output(place, cueline):
    cueline("label", "import", "sky.cue", "ann.json")
    code, out, err = cueline("label", "export", "sky.cue", "--campaign", "labels", "--to", "json")
    assert code == 0
    assert json.loads(out) == ROWS[:2]
    assert "json: 2 clips, 0 left out" in err


def test_several_formats_go_to_a_folder(place, cueline):
    cueline("label", "import", "sky.cue", "ann.json")
    code, out, _ = cueline(
        "label", "export", "sky.cue", "--campaign", "labels", "--to", "json,classification", "--out", "out", "--json"
    )
    told = json.loads(out)
    assert (code, told["clips"]) == (0, {"json": 2, "classification": 1})
    assert told["files"] == ["out/labels.labels.json", "out/labels.classification.csv"]
    assert [(each["format"], each["clip"]) for each in told["left_out"]] == [("classification", ROWS[1]["data"])]


def test_one_format_may_name_its_file(place, cueline):
    cueline("label", "import", "sky.cue", "ann.json")
    words = ["label", "export", "sky.cue", "--campaign", "labels"]
    assert cueline(*words, "--to", "csv", "--out", "a.csv")[1] == "a.csv\n"
    assert (place / "a.csv").read_text().startswith("clip,key,asset,start,end,class,verdict")
    assert (
        "several formats need a folder, got the file 'a.csv'"
        in cueline(*words, "--to", "csv,json", "--out", "a.csv")[2]
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--to", ","], "--to must name a format"),
        (["--to", "json,csv"], "need a place for the files; name it with --out"),
        (["--to", "m3u"], "'m3u' is written as files"),
        (["--to", "jsn"], "no format is called 'jsn'"),
        (["--to", "json", "--who", "zoe"], "nobody called 'zoe' answered"),
    ],
)
def test_wrong_commands_are_refused(place, cueline, words, told):
    cueline("label", "import", "sky.cue", "ann.json")
    code, _, err = cueline("label", "export", "sky.cue", "--campaign", "labels", *words)
    assert (code, told in err) == (2, True)
