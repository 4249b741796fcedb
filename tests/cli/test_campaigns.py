"""`cueline label campaign`: what it prints, and its exit codes."""

import json

import pytest

from cueline import Library
from cueline.timeline.answers import Clip
from cueline.workbench.labelling.classes import add_class, edit_class


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    library = Library("films.cue")
    library.init()
    for name in ("dog", "cat"):
        add_class(library, name)
    with library.answers() as book:
        book.put_clips(*(Clip(f"clip-{number}", f"https://example.org/pets/{number}.mp4") for number in range(3)))
    return library


@pytest.fixture
def pets(place, cueline):
    create = ("label", "campaign", "create", "films.cue", "pets", "--classes", "dog,cat", "--question", "Which?")
    assert cueline(*create)[0] == 0
    assert cueline("label", "campaign", "insert", "films.cue", "pets")[0] == 0
    return place


def test_a_campaign_is_created_loaded_and_edited(place, cueline):
    create = ("label", "campaign", "create", "films.cue", "pets")
    code, out, err = cueline(*create, "--classes", "dog, cat", "--exclusive", "--shown", "audio", "--json")
    made = json.loads(out)
    assert (code, made["classes"], made["exclusive"], made["shown"], made["version"]) == (
        0,
        ["dog", "cat"],
        True,
        "audio",
        1,
    )
    assert "campaign 'pets' is there, version 1" in err
    assert json.loads(cueline(*create, "--json")[1]) == made
    assert json.loads(cueline(*create, "--several", "--source", "a page", "--json")[1])["version"] == 2
    assert "pets" in cueline("label", "campaign", "list", "films.cue")[1]
    code, out, _ = cueline("label", "campaign", "show", "films.cue", "pets")
    assert code == 0
    assert "a page" in out
    assert "any of them" in out


def test_wrong_campaigns_are_refused(place, cueline):
    create = ("label", "campaign", "create", "films.cue", "pets")
    code, _, err = cueline(*create, "--classes", "dog,cta")
    assert code == 2
    assert "got 'cta'; there are: cat, dog. Did you mean 'cat'?" in err
    code, _, err = cueline(*create, "--classes", "dog", "--shown", "vidoe")
    assert code == 2
    assert "video, audio, picture, text, got 'vidoe'" in err
    code, _, err = cueline("label", "campaign", "show", "films.cue", "pest")
    assert code == 2
    assert "knows no campaign 'pest'; there are: none" in err


def test_tasks_are_inserted_once_and_listed(pets, cueline):
    insert = ("label", "campaign", "insert", "films.cue", "pets")
    assert "0 tasks are new, 3 were there" in cueline(*insert)[2]
    code, out, _ = cueline(*insert, "1.mp4", "--priority", "2", "--json")
    assert (code, json.loads(out)) == (0, {"new": 0, "known": 1, "skipped": []})
    tasks = ("label", "campaign", "tasks", "films.cue", "pets")
    (first,) = json.loads(cueline(*tasks, "--limit", "1", "--json")[1])
    assert first == {
        "asset": "clip-1",
        "file": "https://example.org/pets/1.mp4",
        "start": None,
        "end": None,
        "priority": 2.0,
        "labelled": False,
        "people": [],
    }
    assert cueline(*tasks, "--state", "labelled")[0] == 1
    assert "3 of 3 tasks" in cueline(*tasks, "--state", "unlabelled")[2]
    assert "Did you mean 'labelled'?" in cueline(*tasks, "--state", "labeled")[2]


def test_tables_of_tasks_are_inserted(pets, cueline, tmp_path):
    (tmp_path / "t.csv").write_text("file,start,end,margin\n1.mp4,1,2,0.5\n9.mp4,1,2,0.25\n")
    insert = ("label", "campaign", "insert", "films.cue", "pets", "--table", "t.csv")
    code, _, err = cueline(*insert, "--priority", "margin")
    assert code == 1
    assert "t.csv, line 3: the library 'films.cue' knows no file or clip '9.mp4'" in err
    assert "1 tasks are new, 0 were there, 1 left out" in err
    assert cueline(*insert, "--make-clips")[0] == 0
    assert "--table says itself" in cueline(*insert, "--over", "shots")[2]
    assert "name it with --table" in cueline(*insert[:-2], "--make-clips")[2]


def test_what_cannot_be_cut_is_told(pets, cueline):
    insert = ("label", "campaign", "insert", "films.cue", "pets")
    code, _, err = cueline(*insert, "--every", "10", "--from-end")
    assert code == 2
    assert "nobody knows how long it lasts" in err
    assert "spans of a track or pieces of one length" in cueline(*insert, "--every", "10", "--over", "shots")[2]


def test_a_campaign_tells_who_labelled_and_what_was_edited_since(pets, cueline):
    for name in ("dog", "cat"):
        cueline("label", "answer", "films.cue", "1.mp4", name, "yes", "--who", "ann", "--campaign", "pets")
    edit_class(pets, "dog", definition="it barks")
    _, out, err = cueline("label", "campaign", "list", "films.cue")
    assert out.splitlines()[1].split()[-5:] == ["3", "1", "1", "ann", "1"]
    assert "pets: 1 of its answers are about an older version of 'dog'" in err
    (told,) = json.loads(cueline("label", "campaign", "list", "films.cue", "--json")[1])
    assert (told["people"], told["older"], told["answers"], told["labelled"]) == ({"ann": 1}, {"dog": 1}, 2, 1)
    assert (told["answered"], told["answered_by"]) == (1, {"ann": 1})
    out = cueline("label", "campaign", "show", "films.cue", "pets")[1]
    assert ["answered", "1"] in [line.split() for line in out.splitlines()]
    assert out.splitlines()[-1].split() == ["ann", "1", "1"]
    assert "older version of 'dog'" in cueline("label", "campaign", "show", "films.cue", "pets")[2]
    assert json.loads(cueline("label", "campaign", "show", "films.cue", "pets", "--json")[1]) == told
    assert "ann" in cueline("label", "campaign", "tasks", "films.cue", "pets", "--state", "labelled")[1]


def test_a_deleted_campaign_comes_back_with_its_answers(pets, cueline):
    cueline("label", "answer", "films.cue", "1.mp4", "dog", "yes", "--who", "ann", "--campaign", "pets")
    code, out, _ = cueline("label", "campaign", "delete", "films.cue", "pets", "--json")
    assert (code, json.loads(out)) == (0, {"campaign": "pets", "answers": 1})
    code, _, err = cueline("label", "campaign", "tasks", "films.cue", "pets")
    assert code == 2
    assert "the campaign 'pets' was deleted, and its answers stay; create it again" in err
    assert "0 campaigns" in cueline("label", "campaign", "list", "films.cue")[2]
    code, out, err = cueline("label", "campaign", "create", "films.cue", "pets", "--json")
    back = json.loads(out)
    assert (code, back["classes"], back["tasks"], back["answered"]) == (0, ["dog", "cat"], 1, 1)
    assert "was deleted before, and is there again with its 1 answers and the 1 tasks" in err
    assert "it asks about dog, cat" in err
    assert "deleted before" not in cueline("label", "campaign", "create", "films.cue", "pets")[2]


def test_a_person_of_no_name_is_refused(pets, cueline):
    code, _, err = cueline("label", "campaign", "tasks", "films.cue", "pets", "--who", "")
    assert code == 2
    assert "a person has a name, got ''" in err
