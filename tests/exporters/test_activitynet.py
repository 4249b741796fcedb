"""Annotations and predictions come back exactly; what others publish is read or refused by name of the video."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.activitynet import ActivityNet
from cueline.exporters.naming import stem_of
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack

PUBLISHED = {  # in the form of the published files
    "version": "VERSION 1.3",
    "taxonomy": [
        {"parentName": "Root", "nodeName": "Sports", "nodeId": 1, "parentId": 0},
        {"parentName": None, "nodeName": "Root", "nodeId": 0, "parentId": None},
        {"parentName": "Sports", "nodeName": "Skiing", "nodeId": 2, "parentId": 1},
        {"parentName": "Sports", "nodeName": "Archery", "nodeId": 3, "parentId": 1},
    ],
    "database": {
        "sJFgo9H6zNo": {
            "duration": 149.04,
            "subset": "training",
            "resolution": "320x240",
            "url": "https://www.youtube.com/watch?v=sJFgo9H6zNo",
            "annotations": [{"segment": [0, 128.06], "label": "Skiing"}, {"label": "Skiing"}],
        },
        "8wqUiRgIWg8": {"duration": 9.0, "subset": "testing", "annotations": []},
    },
}


def rows_of(one):
    return [(span.start, span.end, name, score) for span, name, score in one.labels]


def given_file(tmp_path, value):
    path = tmp_path / "a.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


@given(data=st.data(), predictions=st.booleans())
@settings(max_examples=50)
def test_what_the_format_keeps_reads_back(sources, data, predictions):
    one = data.draw(sources())
    media = stem_of(one.name) or one.name or one.record.asset.id
    with tempfile.TemporaryDirectory() as folder:
        paths = ActivityNet(predictions=predictions).export([one], Path(folder))
        for path, (_, track) in zip(paths, sorted(one.record.tracks.items()), strict=True):
            (back,) = ActivityNet().read(path)
            assert (back.media, back.track) == (media, "")
            assert rows_of(back) == [
                (span.start, span.end, name, score if predictions else 1.0) for span, name, score in track
            ]
            if not predictions:
                assert back.labels.classes == track.classes


def test_media_that_have_the_track_share_its_file(tmp_path, film):
    shots = LabelTrack(np.zeros((0, 2)), (), classes=("shot", "fade"))
    other = Source(Record(Asset("cd34", 9.0, groups={"subset": "training"}), {"shots": shots}), "b.mp4")
    keyframes, path = ActivityNet().export([film, other], tmp_path)
    assert (keyframes.name, path.name) == ("keyframes.activitynet.json", "shots.activitynet.json")
    assert json.loads(path.read_text()) == {
        "version": "VERSION 1.3",
        "taxonomy": [
            {"nodeId": 0, "nodeName": "Root", "parentId": None, "parentName": None},
            {"nodeId": 1, "nodeName": "shot", "parentId": 0, "parentName": "Root"},
            {"nodeId": 2, "nodeName": "fade", "parentId": 0, "parentName": "Root"},
        ],
        "database": {
            "=night train": {
                "duration": 2.0,
                "subset": "validation",
                "annotations": [
                    {"segment": [0.0, 1 / 3], "label": "shot"},
                    {"segment": [1 / 3, 2.0], "label": "shot"},
                ],
            },
            "b": {"duration": 9.0, "subset": "training", "annotations": []},
        },
    }
    assert [one.labels.classes for one in ActivityNet().read(path)] == [("shot", "fade")] * 2
    assert list(json.loads(keyframes.read_text())["database"]) == ["=night train"]


def test_predictions_have_the_form_that_measures_read(tmp_path, film):
    path, _ = ActivityNet(predictions=True).export([film], tmp_path)
    assert json.loads(path.read_text()) == {
        "version": "VERSION 1.3",
        "results": {"=night train": [{"label": "keyframe", "score": 0.7, "segment": [0.1, 0.1]}]},
        "external_data": {"used": False, "details": ""},
    }


def test_a_time_before_zero_becomes_zero(tmp_path):
    track = LabelTrack(np.array([[-1.0, 2.0]]), ("a",))
    (path,) = ActivityNet().export([Source(Record(Asset("x", 9.0), {"a": track}), "x")], tmp_path)
    assert [rows_of(one) for one in ActivityNet().read(path)] == [[(0.0, 2.0, "a", 1.0)]]


def test_published_annotations_are_read(tmp_path):
    first, second = ActivityNet().read(given_file(tmp_path, PUBLISHED))
    assert (first.media, rows_of(first)) == (
        "sJFgo9H6zNo",
        [(0.0, 128.06, "Skiing", 1.0), (0.0, 149.04, "Skiing", 1.0)],
    )
    assert (second.media, rows_of(second), second.labels.classes) == ("8wqUiRgIWg8", [], ("Skiing", "Archery"))


def test_real_predictions_of_whole_videos_need_a_length(real_media):
    path = real_media / "annotations" / "activitynet_sample_classification_prediction.json"
    with pytest.raises(FormatError, match=r"video wONwHYy59Tc, label 1: a label needs a 'segment' .*with option whole"):
        list(ActivityNet().read(path))
    found = {one.media: rows_of(one) for one in ActivityNet(whole=120.0).read(path)}
    assert len(found) == len(json.loads(path.read_text())["results"])
    assert found["wONwHYy59Tc"] == [(0.0, 120.0, "Blow-drying hair", 1.0)]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "line 1 must be JSON, got a fault at column 1"),
        ('{"database": {"a": {\n"duration": 3.0, "anno', "line 2 must be JSON, .*Is the file cut off"),
        ('{"database": {"a": {}, "a": {}}}', "each key of an object once, got 'a' again"),
        ([], "must be a JSON object with an object 'database' .* or 'results' of predictions, got list. Is it another"),
        ({"tracks": {}, "schema": 1}, "got 'tracks', 'schema'. Is it another format"),
        ({"database": {"a": []}}, r"video a: there must be an object with a list 'annotations', .*got \[\]"),
        (
            {"results": {"a": {"annotations": []}}},
            "video a: there must be .* in predictions a list, got {'annotations'",
        ),
        ({"results": {"a": [["Skiing", 1]]}}, r"video a, label 1: there must be an object with a text 'label', got \["),
        ({"results": {"a": [{"score": 1}]}}, "label 1: there must be an object with a text 'label'"),
        ({"results": {"a": [{"label": "b", "score": 17}]}}, r"a 'score' in \[0, 1\], got 17"),
        ({"results": {"a": [{"label": "b", "score": True}]}}, r"a 'score' in \[0, 1\], got True"),
        ({"results": {"a": [{"label": "b", "segment": [1]}]}}, r"a 'segment' \[start, end\] in seconds, got \[1\]"),
        ({"results": {"a": [{"label": "b", "segment": ["1", "2"]}]}}, r"a 'segment' \[start, end\] in seconds"),
        ('{"results": {"a": [{"label": "b", "segment": [1, Infinity]}]}}', r"in seconds, got \[1, inf\]"),
        ({"results": {"a": [{"label": "b", "segment": [-1, 2]}]}}, "starts at 0 or later and ends no earlier"),
        ({"results": {"a": [{"label": "b", "segment": [3, 2]}]}}, r"ends no earlier than it starts, got \[3, 2\]"),
        ({"database": {"a": {"annotations": [{"label": "b"}]}}}, "video a, label 1: a label needs a 'segment'"),
        ({"database": {}, "taxonomy": [{"nodeName": "a"}]}, "must have a 'taxonomy' of objects .*KeyError 'parentId'"),
        ({"database": {}, "taxonomy": 7}, "must have a 'taxonomy' of objects .*TypeError"),
    ],
)
def test_damage_is_told_by_video(tmp_path, value, message):
    path = given_file(tmp_path, value)
    with pytest.raises(FormatError, match=message) as caught:
        list(ActivityNet().read(path))
    assert caught.value.path == path
