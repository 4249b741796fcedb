"""Frames are frames and seconds are seconds; tasks come back as they went, corrected or not."""

import json
import tempfile
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError, OptionError
from cueline.exporters.labelstudio import LabelStudio
from cueline.ports import Source
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.records import Provenance, Record
from cueline.timeline.tracks import LabelTrack

NTSC_FILM = Fraction(24000, 1001)
names = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8).filter(str.strip)


def video(spans, rate=Fraction(25), name="films/a b.mp4", labels=None):
    track = LabelTrack(np.array(spans, float).reshape(-1, 2), tuple(labels or ["shot"] * len(spans)), stream="video:0")
    asset = Asset("ab12", 7200.0, (Stream("video:0", "video", 0, "h264", rate=rate),))
    return Source(Record(asset, {"shots": track}, {"shots": Provenance("shots", "3")}), name)


def sound(spans):
    track = LabelTrack(np.array(spans, float), ("speech",) * len(spans), np.full(len(spans), 0.5))
    return Source(Record(Asset("cd34", 60.0, (Stream("audio:0", "audio", 0, "aac"),)), {"speech": track}), "b.wav")


def tasks_of(path):
    return json.loads(path.read_text())


def ranges(path):
    results = tasks_of(path)[0]["predictions"][0]["result"]
    return [(one["start"], one["end"]) for region in results for one in region["value"]["ranges"]]


def rows_of(path, **options):
    return [
        (one.media, one.track, [(span.start, span.end, name, score) for span, name, score in one.labels])
        for one in LabelStudio(**options).read(path)
    ]


def given_file(tmp_path, value):
    path = tmp_path / "project-1.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def region(type_="timelinelabels", **value):
    value = value or {"ranges": [{"start": 1, "end": 25}]}
    return {"id": "x1", "from_name": "tricks", "to_name": "video", "type": type_, "value": {type_: ["Jump"], **value}}


def exported(*regions, data=None, **more):
    """A task in the form in which Label Studio exports it."""
    data = {"video": "/data/upload/3/1a2b3c4d-ski.mp4", "fps": 25.0} if data is None else data
    return [{"id": 17, "data": data, "annotations": [{"id": 1, "was_cancelled": False, "result": [*regions]}], **more}]


# The trap: frames against seconds.


def test_touching_spans_share_no_frame_and_touch_when_they_come_back(tmp_path):
    path, _ = LabelStudio().export([video([[0, 1], [1, 2], [2, 2.04]])], tmp_path)
    assert ranges(path) == [(1, 25), (26, 50), (51, 51)]
    ((_, _, rows),) = rows_of(path)
    assert [row[:2] for row in rows] == [(0.0, 1.0), (1.0, 2.0), (2.0, 2.04)]


def test_what_is_shorter_than_a_frame_has_one(tmp_path):
    path, _ = LabelStudio().export([video([[1, 1], [1, 1.001], [-1, -0.5]])], tmp_path)
    assert ranges(path) == [(1, 1), (26, 26), (26, 26)]


def test_hours_at_a_rate_that_is_no_whole_number_do_not_drift(tmp_path):
    cut = float(172_627 / NTSC_FILM)  # two hours in
    path, _ = LabelStudio().export([video([[0, cut], [cut, cut + 1]], rate=NTSC_FILM)], tmp_path)
    assert ranges(path)[0] == (1, 172_627)
    assert tasks_of(path)[0]["data"]["cueline"]["rate"] == "24000/1001"
    ((_, _, rows),) = rows_of(path)
    assert rows[0][:2] == (0.0, cut)


def test_sound_is_told_in_seconds_whatever_frames_the_task_knows(tmp_path):
    path, _ = LabelStudio().export([sound([[0.25, 12.5]])], tmp_path)
    (task,) = tasks_of(path)
    assert task["predictions"][0]["result"][0]["value"] == {
        "start": 0.25,
        "end": 12.5,
        "channel": 0,
        "labels": ["speech"],
    }
    assert "fps" not in task["data"]
    value = exported(region("labels", start=26, end=50.5))
    assert rows_of(given_file(tmp_path, value))[0][2] == [(26.0, 50.5, "Jump", 1.0)]


@pytest.mark.parametrize(
    ("data", "options", "end"),
    [
        ({"video": "a.mp4", "fps": 25.0}, {}, 1.0),
        ({"video": "a.mp4", "fps": 50}, {}, 0.5),
        ({"video": "a.mp4", "fps": "29.97"}, {}, 25 * 1001 / 30000),
        ({"video": "a.mp4"}, {"rate": "12"}, 25 / 12),
        ({"video": "a.mp4", "fps": 50}, {"rate": "25/1"}, 1.0),
    ],
)
def test_a_frame_lasts_what_the_rate_says_that_is_nearest(tmp_path, data, options, end):
    path = given_file(tmp_path, exported(region(), data=data))
    assert rows_of(path, **options) == [("a.mp4", "tricks", [(0.0, pytest.approx(end, abs=1e-12), "Jump", 1.0)])]


@pytest.mark.parametrize(
    ("part", "got"),
    [
        ({"start": 0.0, "end": 3.52}, "'end': 3.52"),
        ({"start": 0, "end": 25}, "'start': 0"),
        ({"start": 26, "end": 25}, "'start': 26"),
        ({"start": 1}, "'start': 1"),
        (None, "None"),
    ],
)
def test_ranges_that_are_no_frames_are_refused(tmp_path, part, got):
    path = given_file(tmp_path, exported(region(ranges=[part])))
    with pytest.raises(
        FormatError, match=f"task 17 must have ranges of whole frames from 1, .*are these seconds.*{got}"
    ):
        rows_of(path)


def test_frames_without_a_rate_are_refused_with_what_to_pass(tmp_path):
    path = given_file(tmp_path, exported(region(), data={"video": "a.mp4"}))
    with pytest.raises(FormatError, match=r"task 17 must tell the frame rate, .*option rate .*24 where it has none"):
        rows_of(path)


def test_a_video_of_unknown_rate_is_counted_in_slots_that_its_task_tells(tmp_path):
    path, _ = LabelStudio().export([video([[0, 1]], rate=None)], tmp_path)
    assert ranges(path) == [(1, 100)]
    assert tasks_of(path)[0]["data"]["fps"] == 100.0
    assert rows_of(path)[0][2][0][:2] == (0.0, 1.0)
    other, _ = LabelStudio(rate="29.97").export([video([[0, 1]], rate=None)], tmp_path)
    assert tasks_of(other)[0]["data"]["cueline"]["rate"] == "30000/1001"


@pytest.mark.parametrize("rate", ["fast", "0", "25/0", "-25", "17.3"])
def test_a_rate_that_is_none_is_refused(tmp_path, rate):
    with pytest.raises(OptionError, match="frame rate"):
        LabelStudio(rate=rate)
    path = given_file(tmp_path, exported(region(), data={"video": "a.mp4", "fps": rate}))
    with pytest.raises(FormatError, match="task 17: a (standard )?frame rate"):
        rows_of(path)


# What is kept.


@given(data=st.data())
@settings(max_examples=50)
def test_what_the_format_keeps_reads_back(sources, data):
    one = data.draw(sources(names=names))
    rate = one.record.asset.streams[0].rate or Fraction(25)
    with tempfile.TemporaryDirectory() as folder:
        path, config = LabelStudio(rate=str(rate)).export([one], Path(folder))
        back = {track: rows for _, track, rows in rows_of(path)}
        controls = ET.parse(config).getroot().findall("TimelineLabels")
    full = {name: track for name, track in one.record.tracks.items() if len(track)}
    assert {name: sorted(row[2:] for row in rows) for name, rows in back.items() if rows} == {
        name: sorted((label, score) for _, label, score in track) for name, track in full.items()
    }
    for name, track in full.items():
        starts, ends = zip(*(row[:2] for row in back[name]), strict=True)
        frame, slack = 1 / rate, 1e-6
        lasting = float((track.spans[:, 1] - track.spans[:, 0]).min()) >= frame
        assert np.abs(np.sort(starts) - np.sort(track.spans[:, 0])).max() <= frame / 2 + slack
        assert np.abs(np.sort(ends) - np.sort(track.spans[:, 1])).max() <= (0.5 if lasting else 1.5) * frame + slack
    assert {one.get("name"): tuple(label.get("value") for label in one) for one in controls} == {
        name: track.classes for name, track in one.record.tracks.items()
    }


def test_video_and_sound_are_two_projects_with_their_configurations(tmp_path):
    paths = LabelStudio(base="/data/local-files/?d=").export([video([[0, 1]]), sound([[0, 1]])], tmp_path)
    assert [path.name for path in paths] == [
        *("video.labelstudio.json", "video.labelstudio.xml"),
        *("audio.labelstudio.json", "audio.labelstudio.xml"),
    ]
    assert tasks_of(paths[0]) == [
        {
            "data": {
                "video": "/data/local-files/?d=films/a%20b.mp4",
                "fps": 25.0,
                "cueline": {"asset": "ab12", "file": "films/a b.mp4", "duration": 7200.0, "rate": "25"},
            },
            "predictions": [
                {
                    "model_version": "shots 3",
                    "result": [
                        {
                            "id": tasks_of(paths[0])[0]["predictions"][0]["result"][0]["id"],
                            "from_name": "shots",
                            "to_name": "video",
                            "type": "timelinelabels",
                            "value": {"ranges": [{"start": 1, "end": 25}], "timelinelabels": ["shot"]},
                            "score": 1.0,
                        }
                    ],
                }
            ],
        }
    ]
    assert paths[1].read_text() == (
        '<View>\n  <TimelineLabels name="shots" toName="video">\n    <Label value="shot"/>\n  </TimelineLabels>\n'
        '  <Video name="video" value="$video" frameRate="$fps"/>\n</View>\n'
    )
    assert paths[3].read_text() == (
        '<View>\n  <Labels name="speech" toName="audio">\n    <Label value="speech"/>\n  </Labels>\n'
        '  <Audio name="audio" value="$audio"/>\n</View>\n'
    )
    assert rows_of(paths[2]) == [("cd34", "speech", [(0.0, 1.0, "speech", 0.5)])]


def test_several_tasks_are_one_list_and_none_is_no_file(tmp_path):
    path, _ = LabelStudio().export([video([[0, 1]]), video([[1, 2]])], tmp_path)
    assert len(tasks_of(path)) == 2
    assert LabelStudio().export([], tmp_path / "none") == []


@pytest.mark.parametrize("name", ["", " ", "bell\x07"])
def test_names_that_a_configuration_cannot_hold_are_refused(tmp_path, name):
    with pytest.raises(FormatError, match=r"need names that XML can hold, .* of 'films/a b.mp4'. Rename it"):
        LabelStudio().export([video([[0, 1]], labels=[name])], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_class_may_be_called_video_and_a_track_may_not(tmp_path):
    one = video([[0, 1]], labels=["video"])
    LabelStudio().export([one], tmp_path)
    clash = Source(Record(one.record.asset, {"video": one.record.tracks["shots"]}), "a.mp4")
    with pytest.raises(FormatError, match="tracks others than 'video', got 'video' of 'a.mp4'"):
        LabelStudio().export([clash], tmp_path)


# What people labelled.


def test_people_come_before_predictions_and_skipped_annotations_say_nothing(tmp_path):
    skipped = {"was_cancelled": True, "result": [region()]}
    second = {"result": [region(ranges=[{"start": 26, "end": 50}, {"start": 76, "end": 100}])]}
    value = exported(region(), predictions=[{"result": [region(), region()]}])
    value[0]["annotations"] += [skipped, second]
    assert rows_of(given_file(tmp_path, value)) == [
        ("ski.mp4", "tricks", [(0.0, 1.0, "Jump", 1.0)]),
        ("ski.mp4", "tricks (2)", [(1.0, 2.0, "Jump", 1.0), (3.0, 4.0, "Jump", 1.0)]),
    ]


def test_an_annotation_without_regions_says_that_nothing_is_there(tmp_path):
    assert rows_of(given_file(tmp_path, exported())) == [("ski.mp4", "", [])]
    assert rows_of(given_file(tmp_path, exported(annotations=[]))) == []
    assert rows_of(given_file(tmp_path, exported(annotations=[], predictions=[{"result": []}]))) == []


def test_the_media_are_told_by_the_data(tmp_path):
    local = {"video": "/data/local-files/?d=films/a%20b.mp4", "title": "Ski", "fps": 25}
    assert rows_of(given_file(tmp_path, exported(region(), data=local)))[0][0] == "films/a b.mp4"
    other = {"clip": "s3://films/a.mp4", "title": "Ski", "fps": 25}
    path = given_file(tmp_path, exported(region(), data=other))
    assert rows_of(path, key="clip")[0][0] == "s3://films/a.mp4"
    with pytest.raises(FormatError, match="must name its media in its data; say with option key which of clip, title"):
        rows_of(path)


def test_boxes_and_choices_are_left_out_beside_labels_and_refused_alone(tmp_path):
    box = {"from_name": "box", "to_name": "video", "type": "videorectangle", "value": {"sequence": []}}
    assert len(rows_of(given_file(tmp_path, exported(box, region())))) == 1
    with pytest.raises(FormatError, match="must have regions of type timelinelabels or labels; got .*videorectangle"):
        rows_of(given_file(tmp_path, exported(box)))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "line 1 must be JSON"),
        (json.dumps(exported(region()))[:-20], "line 1 must be JSON, .*Is the file cut off"),
        ([{"video": "a.mp4", "tricks": []}], "task 1 must be an object with its 'data', .*not as JSON-MIN"),
        ([7], "task 1 must be an object with its 'data', got 7"),
        (exported(annotations=[1, 2]), r"task 17 must have its annotations in full, .*got \[1, 2\]"),
        (exported(region() | {"value": {}}), "must have regions with a 'value' that lists its 'timelinelabels'"),
        (exported(region() | {"score": 17}), r"must have regions with a 'score' in \[0, 1\]"),
        (exported(region("labels", start=0, end=5, text="Hello")), "must have regions on sound, .*not on text"),
        (exported(region("labels", start="/p[1]", end="/p[2]")), "must have regions on sound, .*not on text"),
        (exported(region("labels", start=-1, end=5)), "that start at 0 s or later and do not end before they start"),
        (exported(region("labels", start=6, end=5)), "that start at 0 s or later and do not end before they start"),
        (exported(region("timelinelabels", ranges=[])), "must have ranges of whole frames from 1, .*got None"),
    ],
)
def test_damage_is_told_by_task(tmp_path, value, message):
    path = given_file(tmp_path, value)
    with pytest.raises(FormatError, match=message) as caught:
        rows_of(path)
    assert caught.value.path == path
