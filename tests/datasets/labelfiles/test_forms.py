"""Which format a label file is in, told by its content."""

import json

import pytest

from cueline.datasets.labelfiles import form_of, open_labels, read_labels
from cueline.errors import FormatError, OptionError

ANSWERS = {"completed_by": 1, "result": []}


@pytest.mark.parametrize(
    ("content", "form"),
    [
        ([{"etag": "1", "labels": [], "data": "a"}], "json"),
        ([], "json"),
        ({"a.mp3": "Music"}, "player"),
        ({}, "player"),
        ([{"data": {"video": "a"}, "annotations": [ANSWERS]}], "labelstudio"),
        ({"version": "1", "database": {}}, "activitynet"),
        ("Filename,Classification\na,M\n", "classification"),
        ("clip,class,verdict\na,rain,yes\n", "csv"),
        ("file,start,end,label\na,1,2,rain\n", "ranges"),
        ("1.0\t2.0\train\n", "audacity"),
        ("\n#EXTM3U\n", "m3u"),
    ],
)
def test_the_content_tells_whatever_the_ending(tmp_path, content, form):
    path = tmp_path / ("x.m3u" if form == "m3u" else "x.txt")
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    assert form_of(open_labels(path)) == form


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"images": [], "annotations": [], "categories": []}, "got a COCO data set. What is read: a list of {etag"),
        ({"a": 1, "b": 2}, "got an object with the keys 'a', 'b'"),
        (dict.fromkeys("abcdefgh", "x"), "'f', .... What"),
        ([{"class": "rain", "definition": "wet"}], "got a list of classes; `cueline classes import` reads it"),
        ([{"video": "a"}], "got a list of objects with the keys 'video'"),
        ([1, 2], "got a list of int"),
        ({"version": "1", "results": {}}, "got predictions, which a model made; `cueline import` reads them"),
        ("only words\n", "got a text that begins with 'only words'"),
        ("", "got an empty file"),
    ],
)
def test_a_file_of_another_tool_is_refused_saying_what_it_is(tmp_path, content, found):
    path = tmp_path / "x.txt"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(FormatError) as refused:
        read_labels(path)
    assert found in str(refused.value)


def test_a_single_value_is_refused(tmp_path):
    (tmp_path / "x.json").write_text("5")
    with pytest.raises(FormatError, match="got the value 5"):
        read_labels(tmp_path / "x.json")


def test_a_format_that_is_named_is_taken_at_its_word(tmp_path):
    (tmp_path / "x.txt").write_text('{"a.mp3": "Music"}')
    assert read_labels(tmp_path / "x.txt", "player").form == "player"
    with pytest.raises(FormatError, match="must be a list of objects"):
        read_labels(tmp_path / "x.txt", "json")
    with pytest.raises(OptionError, match="got 'plaier'. Did you mean 'player'"):
        read_labels(tmp_path / "x.txt", "plaier")
