"""`cueline label answer` and `cueline label undo`: what they print, and their exit codes."""

import json

import pytest

from cueline import Library
from cueline.ports import Placed
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Clip, standing
from cueline.timeline.assets import Asset, Location
from cueline.workbench.labelling.campaigns import create_campaign
from cueline.workbench.labelling.classes import add_class


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    library = Library("films.cue")
    library.init()
    for name in ("dog", "cat"):
        add_class(library, name)
    create_campaign(library, "which", ["dog", "cat"], exclusive=True)
    with library.answers() as book:
        book.put_clips(Clip("clip-1", "https://example.org/pets/1.mp4"))
    return library


def held(library):
    with library.answers() as book:
        return [(each.label, each.verdict, each.who, each.span and [*each.span]) for each in standing(book.answers())]


def test_an_answer_is_kept_and_taken_back(library, cueline):
    give = ("label", "answer", "films.cue", "1.mp4", "dog", "yes", "--who", "ann")
    code, out, err = cueline(*give, "--from", "1", "--to", "0:02.5", "--json")
    (said,) = json.loads(out)
    assert (code, said["span"], said["label_version"], said["asset"]) == (0, [1.0, 2.5], 1, "clip-1")
    assert f"`cueline label undo films.cue {said['id']}` takes it back" in err
    assert held(library) == [("dog", "yes", "ann", [1.0, 2.5])]
    code, out, err = cueline("label", "undo", "films.cue", said["id"])
    assert code == 0
    assert said["id"] in out
    assert held(library) == []
    assert "is taken back already" in cueline("label", "undo", "films.cue", said["id"])[2]


def test_where_one_class_is_right_what_follows_is_shown(library, cueline):
    give = ("label", "answer", "films.cue", "1.mp4", "dog", "yes", "--who", "ann", "--campaign", "which")
    code, out, _ = cueline(*give)
    assert code == 0
    assert [line.split()[1:4] for line in out.splitlines()[1:]] == [["dog", "yes", "ann"], ["cat", "no", "ann"]]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("1.mp4", "dgo", "yes"), "knows no class 'dgo'; there are: cat, dog. Did you mean 'dog'?"),
        (("2.mp4", "dog", "yes"), "knows no file or clip '2.mp4'. Did you mean '1.mp4'?"),
        (("1.mp4", "dog", "yse"), "a verdict is one of yes, no, unsure, skipped, got 'yse'. Did you mean 'yes'?"),
        (("1.mp4", "dog", "yes", "--campaign", "wich"), "Did you mean 'which'?"),
        (("1.mp4", "dog", "yes", "--from", "3"), "names both its ends, got --from 3 --to None"),
        (("1.mp4", "dog", "yes", "--from", "3", "--to", "2"), "a span must not end before it starts"),
    ],
)
def test_wrong_answers_are_refused(library, cueline, words, told):
    code, out, err = cueline("label", "answer", "films.cue", *words, "--who", "ann")
    assert (code, out) == (2, "")
    assert told in err
    assert held(library) == []


def test_an_answer_that_was_never_given_cannot_be_taken_back(library, cueline):
    code, _, err = cueline("label", "undo", "films.cue", "none")
    assert code == 2
    assert "holds no answer with the id 'none'" in err


def test_nobody_cannot_answer_or_take_back(library, cueline):
    give = ("label", "answer", "films.cue", "1.mp4", "dog", "yes", "--json", "--who")
    code, _, err = cueline(*give, "")
    assert code == 2
    assert "names its person, got ''" in err
    (said,) = json.loads(cueline(*give, "ann")[1])
    code, _, err = cueline("label", "undo", "films.cue", said["id"], "--who", "")
    assert code == 2
    assert "a person has a name, got ''" in err
    assert held(library) == [("dog", "yes", "ann", None)]


def test_an_answer_about_a_file_that_is_gone_is_kept_with_a_word(library, cueline, tmp_path):
    gone, give = tmp_path / "gone.mp4", ("label", "answer", "films.cue", "gone.mp4", "dog", "yes", "--who", "ann")
    with LibraryStore(library.path) as store:
        store.put_asset(Asset("g" * 8, 4.0, ()))
        store.put_place(Placed(Location(gone, 1, 1), "g" * 8))
    code, _, err = cueline(*give)
    assert code == 0
    assert f"its media are not there any more, at {gone}; the answer is kept all the same" in err
    assert held(library) == [("dog", "yes", "ann", None)]
    gone.touch()
    assert "not there" not in cueline(*give)[2]
