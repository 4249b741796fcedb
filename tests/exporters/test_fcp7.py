"""Sequences as OpenTimelineIO reads them, and as their XML says."""

import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError, OptionError
from cueline.exporters.fcp7 import Fcp7
from cueline.exporters.naming import from_one_line
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Record
from cueline.timeline.timecode import frame_index
from cueline.timeline.tracks import LabelTrack

FILM = Fraction(24000, 1001)


def source(tracks, rate=Fraction(25), duration=10.0, location=None, **more):
    video = Stream("video:0", "video", 0, "h264", rate=rate, width=1280, height=720, **more)
    audio = Stream("audio:0", "audio", 1, "aac", rate_hz=48000, channels=6)
    made = {
        key: LabelTrack(np.array([row[:2] for row in rows], float).reshape(-1, 2), tuple(row[2] for row in rows))
        for key, rows in tracks.items()
    }
    return Source(Record(Asset("ab12", duration, (video, audio)), made), "night train.mp4", location)


def frames(element, *keys):
    return tuple(int(element.findtext(key)) for key in keys)


@settings(max_examples=50)
@given(data=st.data(), rate=st.sampled_from(["25", "23.976", "30000/1001"]))
def test_every_label_is_a_clip_or_a_marker_at_its_frames(sources, data, rate):
    source = data.draw(sources())
    clips_of = data.draw(st.sampled_from([*source.record.tracks, "shots"]))
    exact = {"25": Fraction(25), "23.976": FILM, "30000/1001": Fraction(30000, 1001)}[rate]
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Fcp7(clips=clips_of, rate=rate).export([source], Path(folder))
        sequence = ET.parse(path).getroot().find("sequence")
    clips = [
        (*frames(item, "start", "end"), from_one_line(item.findtext("name"))) for item in sequence.iter("clipitem")
    ]
    markers = [
        (first, max(first, last), from_one_line(item.findtext("name")), from_one_line(item.findtext("comment")))
        for item in sequence.iter("marker")
        for first, last in [frames(item, "in", "out")]
    ]
    rows = [
        (*(frame_index(time, exact) for time in span), label, f"{name}, {span.start} to {span.end} s, score {score}")
        for name, track in source.record.tracks.items()
        for span, label, score in track
    ]
    assert sorted(clips + [marker[:3] for marker in markers]) == sorted(row[:3] for row in rows)
    assert set(markers) <= set(rows)
    assert all(before[1] <= after[0] for before, after in pairwise(clips))


@pytest.mark.extra("otio")
@pytest.mark.parametrize("rate", [Fraction(25), FILM, Fraction(30000, 1001), Fraction(60)])
def test_opentimelineio_reads_clips_media_and_markers(tmp_path, rate):
    otio = pytest.importorskip("opentimelineio")
    tracks = {
        "shots": [(0, 2, "one"), (3, 5, "two"), (9, 11, "beyond")],
        "words": [(0.5, 1.5, "hello & <b>"), (-1, 2.5, "early"), (3, 3, "still")],
    }
    film = source(tracks, rate=rate, location=Location(Path("/films/a b.mp4"), 1, 1))
    (path,) = Fcp7().export([film], tmp_path)
    timeline = otio.adapters.read_from_file(str(path), "fcp_xml")
    picture, *sound = timeline.tracks
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio", "Audio"]
    assert [[clip.name for clip in track.find_clips()] for track in timeline.tracks] == [["one", "two"]] * 3
    for track in (picture, *sound):
        for clip, (start, end) in zip(track.find_clips(), [(0, 2), (3, 5)], strict=True):
            expected = frame_index(start, rate), frame_index(end, rate)
            placed = track.range_of_child(clip)
            assert (placed.start_time.value, placed.end_time_exclusive().value) == expected
            assert clip.source_range.start_time.value == expected[0]
            assert placed.start_time.rate == float(rate)
            assert clip.media_reference.target_url == "file:///films/a%20b.mp4"
    assert [(marker.name, marker.marked_range.start_time.value) for marker in timeline.tracks.markers] == [
        ("beyond", frame_index(9, rate)),
        ("early", 0),
        ("hello & <b>", frame_index(0.5, rate)),
        ("still", frame_index(3, rate)),
    ]


def test_an_editor_gets_linked_picture_and_sound(tmp_path):
    (path,) = Fcp7().export([source({"shots": [(0, 2, "one"), (2, 4, "two")]}, rate=Fraction(30000, 1001))], tmp_path)
    assert path.name == "night_train.xml"
    assert path.read_text().startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="5">')
    sequence = ET.parse(path).getroot().find("sequence")
    assert (sequence.findtext("rate/timebase"), sequence.findtext("rate/ntsc")) == ("30", "TRUE")
    assert (sequence.findtext("timecode/string"), sequence.findtext("timecode/displayformat")) == ("00:00:00;00", "DF")
    assert sequence.findtext("media/video/format/samplecharacteristics/width") == "1280"
    items = list(sequence.iter("clipitem"))
    assert [item.get("id") for item in items] == [
        f"{lane}-{n}" for lane in ("video-1", "audio-1", "audio-2") for n in (1, 2)
    ]
    assert [link.findtext("linkclipref") for link in items[1].iter("link")] == ["video-1-2", "audio-1-2", "audio-2-2"]
    assert [item.findtext("file/pathurl") for item in items] == ["night%20train.mp4"] + [None] * 5
    assert {item.find("file").get("id") for item in items} == {"file-1"}


def test_sound_alone_has_no_track_of_pictures(tmp_path):
    sound = Asset("cd34", 5.0, (Stream("audio:0", "audio", 0, "mp3", rate_hz=44100),))
    shots = LabelTrack(np.array([[0.0, 1.0]]), ("music",))
    (path,) = Fcp7(rate="25").export([Source(Record(sound, {"shots": shots}), "a.mp3")], tmp_path)
    assert [item.get("id") for item in ET.parse(path).getroot().iter("clipitem")] == ["audio-1-1"]


def test_other_tracks_can_be_left_out(tmp_path, film):
    (path,) = Fcp7(rate="25", markers=("words",)).export([film], tmp_path)
    assert list(ET.parse(path).getroot().iter("marker")) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"rate": None}, "no known frame rate"),
        ({"variable": True}, "frames at uneven distances"),
        ({"rate": Fraction(179, 6)}, "179/6"),
    ],
)
def test_a_film_without_a_rate_that_the_format_can_tell_is_refused_until_it_is_told(tmp_path, more, why):
    film = source({"shots": [(0, 1, "x")]}, **more)
    with pytest.raises(FormatError, match=f"and 'night train.mp4' has {why}. Say at which .* fcp7.rate=25 "):
        Fcp7().export([film], tmp_path)
    assert Fcp7(rate="25").export([film], tmp_path)
    assert Fcp7().export([source({}, **more)], tmp_path)


def test_a_rate_that_is_none_is_refused(tmp_path):
    with pytest.raises(OptionError, match="fcp7.rate must read like 25, 29.97 or 30000/1001, got 'fast'"):
        Fcp7(rate="fast").export([source({})], tmp_path)
