"""Choices of Label Studio about whole clips."""

import json

import pytest

from cueline.datasets.labelfiles import labelstudio, read_labels
from cueline.datasets.labelfiles.labelstudio import Guess
from cueline.errors import FormatError


def choice(*names, control="classes"):
    return {"from_name": control, "to_name": "video", "type": "choices", "value": {"choices": [*names]}}


def drawn(start=1, end=25):
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": ["rain"]}
    return {"from_name": "t", "to_name": "video", "type": "timelinelabels", "value": value}


def task(*annotations, **data):
    return {"id": 7, "data": data or {"video": "/data/upload/3/0a1b2c3d-a%20b.mp4"}, "annotations": [*annotations]}


def said(*regions, by=1, **more):
    return {"completed_by": by, "result": [*regions], **more}


def _read(tmp_path, *tasks):
    path = tmp_path / "project.json"
    path.write_text(json.dumps(tasks))
    return read_labels(path)


def test_choices_say_yes_and_the_rest_no_for_each_annotator(tmp_path):
    found = _read(tmp_path, task(said(choice("rain", "fog")), said(choice("rain"), by={"email": "ann@host"})))
    assert [(item.clip, dict(item.said), item.rest, item.who, item.where) for item in found.items] == [
        ("a b.mp4", {"rain": "yes", "fog": "yes"}, "no", "annotator 1", "task 7"),
        ("a b.mp4", {"rain": "yes"}, "no", "ann@host", "task 7"),
    ]


def test_an_annotation_without_a_result_says_no_to_all(tmp_path):
    (item,) = _read(tmp_path, task(said(by=None))).items
    assert (dict(item.said), item.rest, item.who) == ({}, "no", "")


def test_a_cancelled_annotation_is_an_answer_that_was_skipped(tmp_path):
    (item,) = _read(tmp_path, task(said(choice("rain"), was_cancelled=True))).items
    assert (dict(item.said), item.rest) == ({}, "skipped")


def test_ranges_are_sorted_by_who_drew_them_and_left_to_their_importer(tmp_path):
    found = _read(tmp_path, task(said(choice("rain"), drawn(), by="ann"), said(drawn(), by="bob")))
    assert [(item.who, *item.said) for item in found.items] == [("ann", "rain")]
    assert list(found.ranges) == ["ann", "bob"]
    assert [region["type"] for region in found.ranges["ann"][0]["annotations"][0]["result"]] == ["timelinelabels"]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (
            {"id": 8, "data": {"video": "b.mp4"}, "predictions": [{"result": [choice("rain")]}]},
            "predictions of a model alone",
        ),
        ({"id": 8, "data": {"video": "b.mp4"}}, "must have annotations of people, got none"),
        ({"id": 8, "data": {"video": "b.mp4"}, "annotations": [3]}, "must have its annotations in full"),
        ({"id": 8, "data": {"video": "b.mp4"}, "annotations": [{"id": 3}]}, "with a list 'result', got None"),
        (
            {"id": 8, "data": {"number": 4}, "annotations": [said()]},
            "must name its media in its data, got the keys number",
        ),
        (
            {"id": 8, "data": {"video": "b.mp4"}, "annotations": [said({"type": "choices"})]},
            "choices that are a list of texts",
        ),
        (
            {"id": 8, "data": {"video": "b.mp4"}, "annotations": [said({"type": "rectangle"})]},
            "regions of type rectangle are not read",
        ),
        ({"id": 8}, "must be an object with its 'data'"),
    ],
)
def test_a_bad_task_is_skipped_and_the_good_ones_are_kept(tmp_path, bad, told):
    found = _read(tmp_path, task(said(choice("rain"))), bad)
    assert len(found.items) == 1
    assert [skip.where for skip in found.skipped] == ["task 8"]
    assert told in found.skipped[0].reason


def test_another_json_is_refused(tmp_path):
    with pytest.raises(FormatError, match="must be tasks of Label Studio"):
        labelstudio.read(tmp_path, [{"video": "a"}])


def test_the_media_is_what_the_choices_are_about(tmp_path):
    (item,) = _read(tmp_path, task(said(choice("rain")), title="A walk", video="a.mp4", etag="e1")).items
    assert (item.clip, item.key) == ("a.mp4", "e1")


def test_what_people_say_of_our_tasks_comes_back_to_the_clip(tmp_path):
    guesses = [
        Guess("a.mp4", "e1", "asset1", "https://host/a.mp4", ["rain"], 0.5),
        Guess("b.mp4", "", "asset2", "b", None),
    ]
    tasks = json.loads(labelstudio.written(guesses, kind="video", model="m"))
    assert tasks[0]["predictions"] == [
        {"model_version": "m", "score": 0.5, "result": [{**choice("rain"), "from_name": "classes"}]}
    ]
    assert tasks[1]["predictions"] == []
    tasks[0]["annotations"] = [said(choice("fog"), by="ann")]
    tasks[1]["annotations"] = [said(by="ann")]
    items = _read(tmp_path, *tasks).items
    assert [(item.clip, item.key, item.asset) for item in items] == [("a.mp4", "e1", "asset1"), ("b.mp4", "", "asset2")]


def test_the_configuration_quotes_names():
    text = labelstudio.configuration(['"R" & B'], kind="audio", question="Which?", exclusive=True)
    assert "<Choice value='\"R\" &amp; B'/>" in text
    assert '<Choices name="classes" toName="audio" choice="single">' in text
