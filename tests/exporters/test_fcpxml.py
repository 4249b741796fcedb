"""Projects as their XML says, and as OpenTimelineIO reads them."""

import tempfile
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError, OptionError
from cueline.exporters.fcpxml import Fcpxml
from cueline.exporters.naming import from_one_line
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Record
from cueline.timeline.timecode import frame_index
from cueline.timeline.tracks import LabelTrack

FILM = Fraction(24000, 1001)


def source(tracks, name="night train.mp4", rate=Fraction(25), duration=10.0, location=None, **more):
    video = Stream("video:0", "video", 0, "h264", rate=rate, width=1280, height=720, **more)
    audio = Stream("audio:0", "audio", 1, "aac", rate_hz=48000, channels=2)
    made = {
        key: LabelTrack(np.array([row[:2] for row in rows], float).reshape(-1, 2), tuple(row[2] for row in rows))
        for key, rows in tracks.items()
    }
    return Source(Record(Asset("ab12", duration, (video, audio)), made), name, location)


def time(text):
    return Fraction(text.removesuffix("s"))


def seen(path):
    """Clips as (start, end, name) and markers as (start, name, note), seconds of the story line; it has no holes."""
    clips, markers, filled = [], [], Fraction(0)
    for item in ET.parse(path).getroot().find(".//spine"):
        offset, duration, start = (time(item.get(key)) for key in ("offset", "duration", "start"))
        assert offset == filled
        filled += duration
        if item.tag == "asset-clip":
            assert start == offset
            clips.append((offset, filled, from_one_line(item.get("name"))))
        for marker in item:
            at = offset + time(marker.get("start")) - start
            assert offset <= at < filled
            markers.append((at, from_one_line(marker.get("value")), from_one_line(marker.get("note"))))
    return clips, markers


@settings(max_examples=50)
@given(data=st.data(), rate=st.sampled_from(["25", "23.976", "30000/1001"]))
def test_every_label_is_a_clip_or_a_marker_at_its_frame(sources, data, rate):
    source = data.draw(sources())
    clips_of = data.draw(st.sampled_from([*source.record.tracks, "shots"]))
    exact = {"25": Fraction(25), "23.976": FILM, "30000/1001": Fraction(30000, 1001)}[rate]
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Fcpxml(clips=clips_of, rate=rate).export([source], Path(folder))
        clips, markers = seen(path)
    rows = [
        (
            Fraction(frame_index(span.start, exact)) / exact,
            label,
            f"{name}, {span.start} to {span.end} s, score {score}",
        )
        for name, track in source.record.tracks.items()
        for span, label, score in track
    ]
    assert sorted(
        [(start, name) for start, name, _ in markers] + [(start, name) for start, _, name in clips]
    ) == sorted((start, name) for start, name, _ in rows)
    assert set(markers) <= set(rows)
    for start, end, _ in clips:
        assert end > start


def test_an_editor_gets_clips_gaps_and_markers(tmp_path):
    tracks = {
        "shots": [(0, 2, "one"), (3, 5, "two"), (4, 6, "late"), (9, 11, "beyond")],
        "words": [(0.5, 1.5, "hello & <b>"), (2.5, 2.5, "gap"), (-1, 0, "early"), (12, 13, "after")],
    }
    film = source(tracks, location=Location(Path("/films/night train #1.mp4"), 1, 1))
    (path,) = Fcpxml().export([film], tmp_path)
    assert path.name == "night_train.fcpxml"
    assert path.read_text().startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n\n<fcpxml version="1.8">'
    )
    root = ET.parse(path).getroot()
    assert root.find("resources/format").attrib == {
        "id": "r1",
        "frameDuration": "1/25s",
        "width": "1280",
        "height": "720",
    }
    assert root.find("resources/asset").attrib == {
        "id": "r2",
        "name": "night train.mp4",
        "src": "file:///films/night%20train%20%231.mp4",
        "start": "0s",
        "duration": "10s",
        "hasVideo": "1",
        "format": "r1",
        "hasAudio": "1",
        "audioSources": "1",
        "audioChannels": "2",
    }
    assert root.find(".//sequence").attrib == {
        "format": "r1",
        "duration": "301/25s",
        "tcStart": "0s",
        "tcFormat": "NDF",
    }
    clips, markers = seen(path)
    assert clips == [(0, 2, "one"), (3, 5, "two")]
    assert [(float(start), name) for start, name, _ in markers] == [
        (0.0, "early"),
        (0.52, "hello & <b>"),
        (2.52, "gap"),
        (4.0, "late"),
        (9.0, "beyond"),
        (12.0, "after"),
    ]
    assert markers[1][2] == "words, 0.5 to 1.5 s, score 1.0"


@pytest.mark.extra("otio")
def test_opentimelineio_reads_clips_and_markers_within_the_frame_that_its_floats_lose(tmp_path):
    otio = pytest.importorskip("opentimelineio")
    tracks = {"shots": [(0, 2, "one"), (3, 5, "two")], "words": [(3.2, 3.6, "hello")]}
    (path,) = Fcpxml().export([source(tracks, location=Location(Path("/films/a b.mp4"), 1, 1))], tmp_path)
    (timeline,) = otio.adapters.read_from_file(str(path), "fcpx_xml")
    (track,) = timeline.tracks
    one, gap, two = track
    assert (timeline.name, one.name, two.name) == ("night train.mp4", "one", "two")
    assert two.media_reference.target_url == "file:///films/a%20b.mp4"
    found = [
        one.range_in_parent(),
        gap.range_in_parent(),
        two.range_in_parent(),
        two.source_range,
        two.markers[0].marked_range,
    ]
    expected = [(0, 50), (50, 25), (75, 50), (75, 50), (80, 10)]
    for range_, (start, duration) in zip(found, expected, strict=True):
        assert abs(range_.start_time.value - start) <= 1
        assert abs(range_.duration.value - duration) <= 1


def test_the_rate_of_the_video_is_an_exact_fraction(tmp_path):
    (path,) = Fcpxml().export([source({"shots": [(0, 2, "x")]}, rate=FILM)], tmp_path)
    assert 'frameDuration="1001/24000s"' in path.read_text()
    assert seen(path)[0] == [(0, Fraction(48) / FILM, "x")]
    (path,) = Fcpxml().export([source({}, rate=Fraction(2997, 100))], tmp_path)
    assert 'tcFormat="DF"' in path.read_text()
    (path,) = Fcpxml().export([source({}, rate=Fraction(15))], tmp_path)
    assert 'frameDuration="1/15s"' in path.read_text()


def test_sound_and_media_that_are_gone_are_described_as_such(tmp_path):
    sound = Asset("cd34", 5.0, (Stream("audio:0", "audio", 0, "mp3", rate_hz=44100),))
    (path,) = Fcpxml().export([Source(Record(sound), "a?.mp3")], tmp_path)
    asset = ET.parse(path).getroot().find("resources/asset")
    assert (asset.get("src"), asset.get("hasVideo"), asset.get("audioChannels")) == ("a%3F.mp3", None, "1")


def test_other_tracks_can_be_left_out(tmp_path, film):
    (path,) = Fcpxml(rate="25", markers=("words",)).export([film], tmp_path)
    clips, markers = seen(path)
    assert (len(clips), markers) == (2, [])


@pytest.mark.parametrize(
    ("more", "why"), [({"rate": None}, "no known frame rate"), ({"variable": True}, "frames at uneven distances")]
)
def test_a_film_without_one_rate_is_refused_until_it_is_told(tmp_path, more, why):
    film = source({"shots": [(0, 1, "x")]}, **more)
    with pytest.raises(FormatError, match=f"needs a frame rate, and 'night train.mp4' has {why}.* fcpxml.rate=25 "):
        Fcpxml().export([film], tmp_path)
    assert Fcpxml(rate="25").export([film], tmp_path)


def test_a_rate_that_is_none_is_refused(tmp_path):
    with pytest.raises(OptionError, match="fcpxml.rate must read like 25, 29.97 or 30000/1001, got 'fast'"):
        Fcpxml(rate="fast").export([source({})], tmp_path)
