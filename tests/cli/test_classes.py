"""`cueline classes`: what it prints, and its exit codes."""

import json

import pytest

from cueline import Library
from cueline.timeline.answers import Answer, Clip


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Library("films.cue").init()
    return tmp_path


def test_classes_are_added_edited_and_listed(place, cueline):
    code, out, err = cueline("classes", "add", "films.cue", "dog", "--definition", "it barks", "--secondary")
    assert (code, out) == (0, "")
    assert "class 'dog' is there, version 1" in err
    kept = json.loads(cueline("classes", "add", "films.cue", "cat", "--excluded", "lion, puma", "--json")[1])
    assert (kept["excluded"], kept["primary"], kept["version"]) == (["lion", "puma"], True, 1)
    with Library("films.cue").answers() as book:
        book.put_clips(Clip("clip-1", "one"))
        book.add(Answer("clip-1", "dog", "yes", "ann", label_version=1))
    code, out, err = cueline("classes", "edit", "films.cue", "dog", "--primary", "--json")
    assert json.loads(out) == {
        "name": "dog",
        "definition": "it barks",
        "primary": True,
        "excluded": [],
        "version": 2,
        "answers": 1,
        "older": {"1": 1},
    }
    assert "1 answer is about version 1 of 2 of 'dog'" in err
    code, out, err = cueline("classes", "list", "films.cue")
    assert out.splitlines()[0].split() == ["class", "version", "primary", "answers", "definition", "excluded"]
    assert out.splitlines()[2].split() == ["dog", "2", "yes", "1", "it", "barks"]
    assert "1 answer is about version 1 of 2 of 'dog'" in err
    assert [each["name"] for each in json.loads(cueline("classes", "list", "films.cue", "--json")[1])] == ["cat", "dog"]


def test_wrong_classes_are_refused(place, cueline):
    cueline("classes", "add", "films.cue", "dog")
    code, _, err = cueline("classes", "add", "films.cue", "Dog")
    assert code == 2
    assert "there is 'dog' already" in err
    code, _, err = cueline("classes", "edit", "films.cue", "dgo", "--secondary")
    assert code == 2
    assert "Did you mean 'dog'?" in err
    assert "say what to edit" in cueline("classes", "edit", "films.cue", "dog")[2]
    assert "there is no library at" in cueline("classes", "list", "none.cue")[2]


def test_real_classes_come_in_and_go_out(place, cueline, real_data):
    path = real_data / "contextual/classes.json"
    code, out, _ = cueline("classes", "import", "films.cue", path, "--json")
    assert code == 0
    assert len(json.loads(out)["added"]) == 5
    for form in ("json", "csv"):
        code, out, _ = cueline("classes", "export", "films.cue", f"out.{form}", "--json")
        assert (code, json.loads(out)) == (0, {"file": f"out.{form}", "classes": 5})
        assert cueline("classes", "import", "films.cue", f"out.{form}")[2].startswith("0 added, 0 edited, 5 there")
    assert cueline("classes", "export", "films.cue", "table.txt", "--to", "csv")[0] == 0
    assert "Did you mean 'csv'?" in cueline("classes", "export", "films.cue", "out.json", "--to", "cvs")[2]


def test_what_is_wrong_in_a_file_is_told_and_the_rest_is_kept(place, cueline):
    (place / "mine.json").write_text('[{"class": "dog", "color": 3}, {"class": "DOG", "definition": "it bites"}, {}]')
    code, out, err = cueline("classes", "import", "films.cue", "mine.json")
    assert (code, out) == (1, "")
    assert "mine.json, item 2: class 'DOG' stands there already as 'dog', item 1" in err
    assert "mine.json, item 3: a class needs a name" in err
    assert "not kept: color" in err
    assert "1 added, 0 edited, 0 there already, 2 left out" in err
    (place / "none.json").write_text("[]")
    assert cueline("classes", "import", "films.cue", "none.json")[0] == 1
    (place / "other.json").write_text('{"version": "1.3", "database": {}}')
    code, _, err = cueline("classes", "import", "films.cue", "other.json")
    assert code == 2
    assert "got dict with 'version', 'database' in 'other.json'" in err
