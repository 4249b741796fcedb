"""Classes: added, edited, read from files and written back."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cueline import Library
from cueline.errors import FormatError, OptionError, StoreError, TimelineError
from cueline.timeline.answers import Answer, Clip, LabelClass
from cueline.workbench.labelling.class_files import read_classes, write_classes
from cueline.workbench.labelling.classes import (
    ClassFacts,
    add_class,
    edit_class,
    export_classes,
    import_classes,
    list_classes,
)


@pytest.fixture
def library(tmp_path):
    library = Library(tmp_path / "films.cue")
    library.init()
    return library


@pytest.fixture
def write(tmp_path):
    def written(content, name="classes.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written


def names(library):
    return [facts.value.name for facts in list_classes(library)]


def test_a_class_is_added_once(library):
    dog = add_class(library, "dog", "it barks", primary=False, excluded=["seal"])
    assert dog == LabelClass("dog", "it barks", primary=False, excluded=("seal",), version=1)
    assert add_class(library, "dog", "it barks", primary=False, excluded=["seal"]) == dog
    assert list_classes(library) == [ClassFacts(dog, {})]


@pytest.mark.parametrize("name", ["gift giving", "Gift Giving", " gift  giving "])
def test_two_classes_of_one_name_are_refused(library, name):
    add_class(library, "gift giving", "giving")
    with pytest.raises(
        OptionError, match="each class has a name of its own, got .*, and there is 'gift giving' already"
    ):
        add_class(library, name, "opening")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("rock, paper", "has no comma, .*got 'rock, paper'"),
        ("two\nlines", r"is one line without control characters, got 'two\\nlines'"),
        ("a\ttab", "is one line without control characters"),
        ("bell\a", "is one line without control characters"),
        ("line\u2028end", "is one line without control characters"),
        ("x" * 201, "has 200 letters at most, got 201: 'x+'"),
    ],
)
def test_a_new_name_that_lists_cannot_hold_is_refused(library, write, name, told):
    with pytest.raises(OptionError, match=told):
        add_class(library, name)
    done = import_classes(library, write([{"class": name}, {"class": "x" * 200}]))
    assert done.added == ["x" * 200]
    assert re.match(f"classes.json, item 1: the name of a class {told}", done.skipped[0])


@pytest.mark.parametrize("form", ["json", "csv"])
def test_names_that_are_there_keep_working_and_none_is_lost_on_the_way(library, tmp_path, form):
    there = ["rock, paper", "two\nlines", "MUSIC", "music", "y" * 300]
    with library.answers() as book:
        book.put_all([LabelClass(name, f"no. {number}") for number, name in enumerate(there)])
    assert add_class(library, "rock, paper", "no. 0").version == 1
    assert export_classes(library, tmp_path / f"out.{form}") == 5
    done = import_classes(library, tmp_path / f"out.{form}")
    assert (done.added, done.edited, done.same, done.skipped) == ([], [], 5, [])
    assert names(library) == sorted(there)


def test_names_that_differ_in_case_alone_are_both_told(library, write):
    add_class(library, "music")
    with pytest.raises(OptionError, match="got 'MUSIC', and there is 'music' already"):
        add_class(library, "MUSIC")
    done = import_classes(library, write([{"class": "MUSIC"}, {"class": "music"}]))
    assert (done.same, len(done.skipped)) == (1, 1)
    assert done.skipped[0].startswith("classes.json, item 1: class 'MUSIC' is 'music' in the library")


def test_a_class_needs_a_name(library):
    with pytest.raises(TimelineError, match="a class needs a name, got ' '"):
        add_class(library, " ")


def test_an_edit_tells_how_many_answers_are_about_older_versions(library):
    add_class(library, "dog", "it barks")
    with library.answers() as book:
        book.put_clips(Clip("clip-1", "one"))
        given = [Answer("clip-1", "dog", "yes", who, label_version=1) for who in ("ann", "bob")]
        book.add(*given, Answer("clip-1", "dog", "skipped", "bob", undoes=given[1].id))
        book.add(Answer("clip-1", "dog", "no", "eve"))
    edited = edit_class(library, "dog", definition="it barks, mostly")
    assert edited == ClassFacts(LabelClass("dog", "it barks, mostly", version=2), {0: 1, 1: 1})
    assert (edited.older, edited.total) == ({1: 1}, 2)
    assert edited.about_older() == ["1 answer is about version 1 of 2 of 'dog'"]
    assert list_classes(library) == [edited]


def test_an_edit_leaves_what_it_does_not_name(library):
    add_class(library, "dog", "it barks", primary=False, excluded=["seal"])
    assert edit_class(library, "dog", primary=True).value == LabelClass(
        "dog", "it barks", excluded=("seal",), version=2
    )
    assert edit_class(library, "dog", excluded=[]).value.excluded == ()
    assert edit_class(library, "dog").value.version == 3
    with pytest.raises(StoreError, match="no class 'dgo'; there are: dog. Did you mean 'dog'"):
        edit_class(library, "dgo", definition="")


def test_real_classes_come_in_and_come_back(library, real_data, tmp_path):
    path = real_data / "contextual/classes.json"
    done = import_classes(library, path)
    assert (len(done.added), done.edited, done.same, done.skipped) == (5, [], 0, [])
    assert [facts.value.name for facts in list_classes(library) if facts.value.primary] == [
        "gift giving",
        "halloween",
        "holiday",
    ]
    assert export_classes(library, tmp_path / "again.json") == 5
    known = {item["class"]: item for item in json.loads(path.read_text())}
    for item in json.loads((tmp_path / "again.json").read_text()):
        assert item == {**known[item["class"]], "excluded": []}
    assert import_classes(library, path).same == 5


def test_a_class_that_says_something_else_becomes_a_new_version(library, write):
    import_classes(library, write([{"class": "dog", "definition": "it barks", "primary": 1}, {"class": "cat"}]))
    done = import_classes(library, write("name,definition\ndog,it barks at cats\ncat,\n", "classes.csv"))
    assert (done.added, done.edited, done.same) == ([], ["dog"], 1)
    assert [facts.value.version for facts in list_classes(library)] == [1, 2]


def test_bad_items_are_told_with_their_place_and_good_ones_are_kept(library, write):
    add_class(library, "Sky")
    done = import_classes(
        library,
        write(
            [
                {"class": "dog", "definition": "it barks"},
                {"class": "dog", "definition": "it barks"},
                {"class": "Dog ", "definition": "it bites"},
                {"definition": "nothing"},
                {"class": 7},
                {"class": "cat", "primary": "perhaps"},
                {"class": "cow", "definition": ["moo"]},
                {"class": "cow", "excluded": "bull"},
                {"class": "cow", "defintion": "moo"},
                "cow",
                {"class": "half \ud83d"},
                {"class": "sky"},
                {"class": "owl", "primary": False, "color": "grey"},
            ]
        ),
    )
    assert (done.added, done.same, done.ignored) == (["dog", "owl"], 1, ["color"])
    expected = [
        "item 3: class 'Dog' stands there already as 'dog', item 1, and says something else; that one was taken",
        "item 4: a class needs a name, got ''",
        "item 5: a class needs a name, got 7",
        "item 6: primary of class 'cat' must be 1, 0, true or false, got 'perhaps'",
        "item 7: the definition of class 'cow' must be text",
        "item 8: the excluded terms of class 'cow' must be a list of texts, got 'bull'",
        "item 9: a class has class, name, definition, primary, excluded, got 'defintion'. Did you mean 'definition'?",
        "item 10: a class is an object, got 'cow'",
        "item 11: 'utf-8' codec can't encode",
        "item 12: class 'sky' is 'Sky' in the library",
    ]
    assert len(done.skipped) == len(expected)
    for told, wanted in zip(done.skipped, expected, strict=True):
        assert told.startswith(f"classes.json, {wanted}")
    assert names(library) == ["Sky", "dog", "owl"]


def test_bad_lines_of_a_table_are_told(library, write):
    table = (
        'Name,Definition,Primary,Excluded\ndog,barks,1,seal; lion\ncat,soft, warm,0,\ncow,,2,\nowl,"at\nnight",no,\n'
    )
    done = import_classes(library, write(table, "classes.csv"))
    assert done.added == ["dog", "owl"]
    assert done.skipped[0].startswith("classes.csv, line 3: 5 cells stand under 4 columns")
    assert done.skipped[1].startswith(
        "classes.csv, line 4: primary of class 'cow' must be 1, 0, true or false, got '2'"
    )
    dog, owl = (facts.value for facts in list_classes(library))
    assert dog.excluded == ("seal", "lion")
    assert (owl.definition, owl.primary) == ("at\nnight", False)


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("{", "a.json", "which is no JSON"),
        ("[" * 100_000, "a.json", "which is no JSON"),
        ('{"version": "1.3", "database": {}}', "a.json", "got dict with 'version', 'database'"),
        ('[{"etag": "a0", "labels": []}]', "a.json", "a label file, which `cueline label import` reads"),
        ("[1, 2]", "a.json", "got int as the first item"),
        ("Filename,Classification\na.mp3,Music\n", "a.csv", "has: filename, classification"),
        ("", "a.csv", "has: none"),
        ('name\n"dog', "a.csv", "a table of classes is CSV"),
    ],
)
def test_a_file_of_another_tool_is_refused(library, write, content, name, told):
    with pytest.raises(FormatError, match=told):
        import_classes(library, write(content, name))
    assert names(library) == []


def test_what_cannot_be_read_or_written_is_told(library, tmp_path):
    with pytest.raises(OptionError, match=r"classes stand in .json or .csv, got"):
        import_classes(library, tmp_path / "classes.txt")
    with pytest.raises(StoreError, match="cannot read the classes of"):
        import_classes(library, tmp_path / "none.json")
    with pytest.raises(StoreError, match="cannot write classes to"):
        export_classes(library, tmp_path / "none" / "classes.json")
    (tmp_path / "latin.csv").write_bytes(b"name\ncaf\xe9\n")
    with pytest.raises(FormatError, match="text in UTF-8"):
        import_classes(library, tmp_path / "latin.csv")


def test_a_file_without_classes_brings_none(library, write):
    assert import_classes(library, write([])).added == []


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0")).map(lambda text: " ".join(text.split()))
CLASSES = st.lists(
    st.builds(LabelClass, WORDS.filter(bool), st.text(), st.booleans(), st.lists(st.text(), max_size=3).map(tuple)),
    unique_by=lambda each: each.name,
    max_size=5,
)


@pytest.mark.parametrize("form", ["json", "csv"])
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(classes=CLASSES)
def test_classes_come_back_from_a_file(tmp_path, form, classes):
    path = tmp_path / f"classes.{form}"
    write_classes(path, classes, form=form)
    found = read_classes(path, known={each.name for each in classes})
    assert [value for _, value in found.classes] == classes
    assert (found.repeated, found.skipped, found.ignored) == (0, [], [])
