"""Annotations come back exactly, follow the standard, and those of others are read as it shows them."""

import json
import re
import tempfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.webannotation import MEDIA_FRAGMENTS, WebAnnotation
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack

FRAGMENT = {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": "t=30,60"}
ANNOTATION = {  # in the form of the examples of the standard
    "@context": "http://www.w3.org/ns/anno.jsonld",
    "id": "http://example.org/anno1",
    "type": "Annotation",
    "body": {"type": "TextualBody", "value": "skiing", "purpose": "tagging"},
    "target": {"source": "http://example.org/video1.mp4", "selector": FRAGMENT},
}


def rows_of(path, **options):
    return sorted(
        (one.media, one.track, span.start, span.end, name, score)
        for one in WebAnnotation(**options).read(path)
        for span, name, score in one.labels
    )


def given_file(tmp_path, value):
    path = tmp_path / "a.jsonld"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def end_of(span):
    return span.end if span.duration else float(Decimal(repr(span.start)) + Decimal("0.001"))


@given(data=st.data(), base=st.sampled_from(["", "https://films.org/media/"]))
@settings(max_examples=50)
def test_what_the_format_keeps_reads_back(sources, data, base):
    one = data.draw(sources())
    media = one.name if base or one.location is None else str(one.location.path)
    with tempfile.TemporaryDirectory() as folder:
        (path,) = WebAnnotation(base=base).export([one], Path(folder))
        back = rows_of(path, base=base)
    assert back == sorted(
        (media, name, span.start, end_of(span), label, score)
        for name, track in one.record.tracks.items()
        for span, label, score in track
    )


def test_a_collection_has_what_the_standard_asks_for(tmp_path, film):
    (path,) = WebAnnotation(base="https://films.org/").export([film], tmp_path)
    assert path.name == "=night_train.jsonld"
    document = json.loads(path.read_text())
    items = document["first"]["items"]
    assert document["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert (document["type"], document["total"], document["label"]) == ("AnnotationCollection", 3, "=night train.mp4")
    assert (document["first"]["type"], document["first"]["startIndex"]) == ("AnnotationPage", 0)
    ids = [document["id"], document["first"]["id"], *(item["id"] for item in items)]
    assert len(set(ids)) == 5
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", one) for one in ids)
    assert items[2] == {
        "id": items[2]["id"],
        "type": "Annotation",
        "motivation": "tagging",
        "cueline:track": "shots",
        "body": {"type": "TextualBody", "purpose": "tagging", "value": "shot", "cueline:score": 0.1},
        "target": {
            "source": "https://films.org/%3Dnight%20train.mp4",
            "selector": {
                "type": "FragmentSelector",
                "conformsTo": MEDIA_FRAGMENTS,
                "value": "t=0.3333333333333333,2.0",
            },
        },
    }
    assert items[0]["target"]["selector"]["value"] == "t=0.1,0.101"


def test_the_same_labels_have_the_same_ids(tmp_path, film):
    first, second = (WebAnnotation().export([film], tmp_path / folder)[0].read_text() for folder in "ab")
    assert first == second


def test_times_have_no_exponent_and_none_lies_before_zero(tmp_path):
    track = LabelTrack(np.array([[-2.0, -1.0], [1e-7, 1e16]]), ("a", "b"))
    (path,) = WebAnnotation().export([Source(Record(Asset("x", 9.0), {"a": track}), "x")], tmp_path)
    items = json.loads(path.read_text())["first"]["items"]
    assert [item["target"]["selector"]["value"] for item in items] == ["t=0.0,0.001", "t=0.0000001,10000000000000000"]
    assert [row[2:4] for row in rows_of(path)] == [(0.0, 0.001), (1e-7, 1e16)]


@pytest.mark.parametrize(
    "value",
    [
        ANNOTATION,
        [ANNOTATION],
        {"type": "AnnotationPage", "items": [ANNOTATION]},
        {"type": ["AnnotationCollection"], "first": {"type": "AnnotationPage", "items": [ANNOTATION]}},
        ANNOTATION | {"body": "skiing"},
        {key: value for key, value in ANNOTATION.items() if key != "body"} | {"bodyValue": "skiing"},
        {key: value for key, value in ANNOTATION.items() if key != "body"} | {"motivation": "skiing"},
        ANNOTATION | {"target": "http://example.org/video1.mp4#t=30,60"},
        ANNOTATION | {"target": {"id": "http://example.org/video1.mp4#xywh=1,2,3,4&t=npt:30,0:01:00"}},
        ANNOTATION | {"target": {"source": {"id": "http://example.org/video1.mp4"}, "selector": [{}, FRAGMENT]}},
    ],
)
def test_annotations_as_the_standard_shows_them(tmp_path, value):
    path = given_file(tmp_path, value)
    assert rows_of(path) == [("http://example.org/video1.mp4", "annotations", 30.0, 60.0, "skiing", 1.0)]


def test_each_body_and_each_target_gives_a_label(tmp_path):
    bodies = [{"type": "TextualBody", "value": "a"}, {"source": "http://example.org/b"}]
    value = ANNOTATION | {"body": bodies, "target": ["http://x/1#t=,2", "file:///films/two%20words.mp4#t=3,4.5"]}
    assert rows_of(given_file(tmp_path, value)) == [
        ("/films/two words.mp4", "annotations", 3.0, 4.5, "a", 1.0),
        ("/films/two words.mp4", "annotations", 3.0, 4.5, "http://example.org/b", 1.0),
        ("http://x/1", "annotations", 0.0, 2.0, "a", 1.0),
        ("http://x/1", "annotations", 0.0, 2.0, "http://example.org/b", 1.0),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "line 1 must be JSON"),
        (json.dumps(ANNOTATION)[:-30], "line 1 must be JSON, .*Is the file cut off"),
        ({"database": {}}, r"must hold values of type Annotation, .*got {'database': {}}. Is it another format"),
        ([7], "must hold values of type Annotation, AnnotationPage or AnnotationCollection, got 7"),
        (
            {"type": "AnnotationCollection", "first": "http://x/page1"},
            "must hold all its pages, got an address for 'first': http://x/page1. Fetch that page",
        ),
        (
            {"type": "AnnotationPage", "items": [ANNOTATION], "next": "http://x/page2"},
            "must hold all its pages, got an address for 'next'",
        ),
        (ANNOTATION | {"body": {"type": "TextualBody"}}, "anno1 must have a body with a text or an address, or"),
        (ANNOTATION | {"body": {"value": "a", "cueline:score": 7}}, r"anno1 must have a 'cueline:score' in \[0, 1\]"),
        (ANNOTATION | {"target": 7}, "anno1 must have a target with an address, got 7"),
        (ANNOTATION | {"target": "http://x/1"}, "anno1 must say its times in a fragment, t=START,END, got 'http://x/1"),
        (ANNOTATION | {"target": "http://x/1#t=3"}, "anno1 must say where it ends, t=START,END, since .*got '3'"),
        (
            ANNOTATION | {"target": "http://x/1#t=smpte:0:0:1,2"},
            "anno1: a time must read like 12.5, .*got 'smpte:0:0:1'",
        ),
        (ANNOTATION | {"target": "http://x/1#t=-1,2"}, "anno1: a time must read like 12.5, .*got '-1'"),
        (ANNOTATION | {"target": f"http://x/1#t=1,{'9' * 400}"}, "anno1: integer division result too large"),
        (ANNOTATION | {"target": "http://x/1#t=7,3"}, "anno1 must not end before it starts, got '7,3'"),
    ],
)
def test_damage_is_told_by_annotation(tmp_path, value, message):
    path = given_file(tmp_path, value)
    with pytest.raises(FormatError, match=message) as caught:
        rows_of(path)
    assert caught.value.path == path
