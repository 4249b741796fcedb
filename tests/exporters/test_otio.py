"""Timelines as OpenTimelineIO sees them, ours read back exactly, those of editors at the times of their media."""

import tempfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError, MissingExtraError, OptionError
from cueline.exporters import otio as module
from cueline.exporters.otio import Otio
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack

pytestmark = pytest.mark.extra("otio")
otio = pytest.importorskip("opentimelineio")

FILM = Fraction(24000, 1001)
names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def source(tracks, name="night train.mp4", rate=Fraction(25), duration=10.0, location=None, kind="video"):
    stream = Stream(
        f"{kind}:0", kind, 0, "x", rate=rate if kind == "video" else None, rate_hz=0 if rate is None else 48000
    )
    made = {
        key: LabelTrack(np.array([row[:2] for row in rows], float).reshape(-1, 2), tuple(row[2] for row in rows))
        for key, rows in tracks.items()
    }
    return Source(Record(Asset("ab12", duration, (stream,)), made), name, location)


def facts(track):
    return (
        [(span.start, span.end, name, score) for span, name, score in track],
        set(track.classes),
        track.judged.tolist(),
    )


def rows_of(brought):
    return [(span.start, span.end, name) for span, name, _ in brought.labels]


def time(seconds, rate=25.0):
    return otio.opentime.RationalTime(seconds * rate, rate)


def range_(start, end, rate=25.0):
    return otio.opentime.TimeRange(time(start, rate), time(end - start, rate))


@settings(max_examples=50)
@given(data=st.data(), rate=st.sampled_from(["", "25", "23.976"]))
def test_every_label_track_reads_back_as_it_was(sources, data, rate):
    source = data.draw(sources(names=names))
    assume("\0" not in "".join([source.record.asset.id, *(track.stream for track in source.record.tracks.values())]))
    clips = data.draw(st.sampled_from([*source.record.tracks, "shots"]))
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Otio(clips=clips, rate=rate).export([source], Path(folder))
        back = list(Otio().read(path))
        seen = otio.adapters.read_from_file(str(path))
    assert {brought.track: facts(brought.labels) for brought in back} == {
        name: facts(track) for name, track in source.record.tracks.items()
    }
    assert {brought.media for brought in back} <= {source.record.asset.id}
    rows = sum(len(track) for track in source.record.tracks.values())
    assert len(seen.find_clips()) + len(seen.tracks.markers) == rows


@settings(max_examples=30)
@given(cuts=st.lists(st.integers(1, 2000), min_size=1, max_size=8, unique=True))
def test_shots_that_tile_the_asset_are_clips_that_tile_the_track(cuts):
    borders = [0, *sorted(cuts)]
    seconds = [float(border / FILM) for border in borders]
    rows = [(start, end, "shot") for start, end in pairwise(seconds)]
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Otio().export([source({"shots": rows}, rate=FILM, duration=seconds[-1])], Path(folder))
        timeline = otio.adapters.read_from_file(str(path))
    (track,) = timeline.tracks
    assert [item.range_in_parent().start_time.value for item in track] == borders[:-1]
    assert track.duration().value == borders[-1]
    assert track.duration().rate == 24000 / 1001
    assert timeline.tracks.markers[:] == []


def test_an_editor_sees_clips_with_media_gaps_and_coloured_markers(tmp_path):
    tracks = {
        "shots": [(0, 2, "one"), (3, 5, "two"), (4, 6, "late"), (7, 7.01, "flash"), (9, 11, "beyond")],
        "sounds": [(1, 2.5, "music")],
        "words": [(4.5, 4.5, "hello")],
    }
    film = source(tracks, location=Location(Path("/films/night train #1.mp4"), 1, 1))
    (path,) = Otio().export([film], tmp_path)
    timeline = otio.adapters.read_from_file(str(path))
    (track,) = timeline.tracks
    assert (timeline.name, track.name, track.kind, path.name) == (
        "night train.mp4",
        "shots",
        "Video",
        "night_train.otio",
    )
    assert [(type(item).__name__, item.name, item.range_in_parent()) for item in track] == [
        ("Clip", "one", range_(0, 2)),
        ("Gap", "", range_(2, 3)),
        ("Clip", "two", range_(3, 5)),
    ]
    for clip in timeline.find_clips():
        assert clip.media_reference.target_url == "file:///films/night%20train%20%231.mp4"
        assert clip.media_reference.available_range == range_(0, 10)
        assert clip.source_range == clip.range_in_parent()
    markers = timeline.tracks.markers
    assert [(marker.name, marker.color, marker.comment) for marker in markers] == [
        ("late", "WHITE", "shots"),
        ("flash", "WHITE", "shots"),
        ("beyond", "WHITE", "shots"),
        ("music", "GREEN", "sounds"),
        ("hello", "CYAN", "words"),
    ]
    assert [marker.marked_range for marker in markers][-2:] == [range_(1, 2.52), range_(4.52, 4.52)]
    assert dict(markers[-1].metadata["cueline"]) == {"track": "words", "start": "4.5", "end": "4.5", "score": "1.0"}


def test_scores_stand_beside_markers_and_other_tracks_can_be_left_out(tmp_path, film):
    (path,) = Otio().export([film], tmp_path)
    (marker,) = otio.adapters.read_from_file(str(path)).tracks.markers
    assert marker.comment == "keyframes 0.70"
    (path,) = Otio(clips="keyframes", markers=("shots",)).export([film], tmp_path)
    assert len(otio.adapters.read_from_file(str(path)).tracks.markers) == 3
    (path,) = Otio(markers=("words",)).export([film], tmp_path)
    assert [brought.track for brought in Otio().read(path)] == ["shots"]


def test_media_that_is_gone_is_a_missing_reference(tmp_path):
    (path,) = Otio().export([source({"shots": [(0, 1, "shot")]})], tmp_path)
    (clip,) = otio.adapters.read_from_file(str(path)).find_clips()
    assert clip.media_reference.is_missing_reference
    assert clip.media_reference.name == "night train.mp4"


def test_sound_has_a_track_of_sound_counted_in_samples(tmp_path):
    (path,) = Otio().export([source({"shots": [(0, 1.00001, "music")]}, kind="audio")], tmp_path)
    (track,) = otio.adapters.read_from_file(str(path)).tracks
    assert (track.kind, track.duration().value, track.duration().rate) == ("Audio", 48000, 48000)
    (silent,) = Otio().export([Source(Record(Asset("cd", 5.0)), "")], tmp_path)
    assert otio.adapters.read_from_file(str(silent)).tracks[0].kind == "Video"


def test_what_an_editor_moved_or_renamed_is_where_the_editor_put_it(tmp_path):
    (path,) = Otio().export([source({"shots": [(0.01, 4.99, "shot")], "words": [(1.003, 2.003, "hello")]})], tmp_path)
    timeline = otio.adapters.read_from_file(str(path))
    timeline.find_clips()[0].name = "opening"
    timeline.tracks.markers[0].marked_range = range_(3, 4)
    otio.adapters.write_to_file(timeline, str(path))
    back = {brought.track: brought for brought in Otio().read(path)}
    assert rows_of(back["shots"]) == [(0.01, 4.99, "opening")]
    assert back["shots"].labels.classes == ("shot", "opening")
    assert rows_of(back["words"]) == [(3.0, 4.0, "hello")]


def edited(tmp_path):
    """Two cuts out of two rolls whose time code starts at an hour, with markers everywhere."""
    timeline = otio.schema.Timeline("cut")
    lane = otio.schema.Track("V1", kind="Video")
    for roll, start, end in (("A", 3605, 3607), ("B", 3650, 3652)):
        media = otio.schema.ExternalReference(f"file:///rolls/{roll}%201.mov", range_(3600, 3700))
        lane.append(otio.schema.Clip(f"{roll} take", media, range_(start, end)))
    lane.insert(1, otio.schema.Gap("", range_(0, 1)))
    timeline.tracks.append(lane)
    timeline.tracks.append(otio.schema.Track("A1", kind="Audio"))
    marker = otio.schema.Marker
    lane[0].markers.append(marker("on clip", range_(3606, 3606.4)))
    timeline.tracks.markers.append(marker("above B", range_(3.4, 3.8)))
    lane.markers.append(marker("on lane", range_(0.2, 0.6)))
    timeline.tracks.markers.append(marker("above gap", range_(2.2, 2.6)))
    path = tmp_path / "cut.otio"
    otio.adapters.write_to_file(timeline, str(path))
    return path


def test_clips_and_markers_of_an_editor_come_at_the_times_of_their_media(tmp_path):
    back = {(brought.media, brought.track): brought for brought in Otio().read(edited(tmp_path))}
    approx = {
        key: [(pytest.approx(start), pytest.approx(end), name) for start, end, name in rows_of(brought)]
        for key, brought in back.items()
    }
    assert approx == {
        ("/rolls/A 1.mov", "V1"): [(5, 7, "A take")],
        ("/rolls/B 1.mov", "V1"): [(50, 52, "B take")],
        ("/rolls/A 1.mov", "markers"): [(5.2, 5.6, "on lane"), (6, 6.4, "on clip")],
        ("/rolls/B 1.mov", "markers"): [(50.4, 50.8, "above B")],
        ("", "markers"): [(2.2, 2.6, "above gap")],
    }


def test_a_collection_and_a_timeline_without_tracks_are_read(tmp_path):
    path = tmp_path / "all.otio"
    empty = otio.schema.Timeline("empty")
    empty.tracks.markers.append(otio.schema.Marker("alone", range_(1, 2)))
    whole = otio.adapters.read_from_file(str(edited(tmp_path)))
    otio.adapters.write_to_file(otio.schema.SerializableCollection("bin", [empty, whole]), str(path))
    first, *rest = Otio().read(path)
    assert (first.media, first.track, rows_of(first)) == ("", "markers", [(1.0, 2.0, "alone")])
    assert len(rest) == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "must be a timeline of OpenTimelineIO, got"),
        ('{"OTIO_SCHEMA": "Track.1", "name": 1}', "must be a timeline of OpenTimelineIO, got"),
        ('{"some": "json"}', "must "),
    ],
)
def test_another_file_is_refused(tmp_path, content, message):
    path = tmp_path / "a.otio"
    path.write_text(content)
    with pytest.raises(FormatError, match=message) as caught:
        list(Otio().read(path))
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('"score": "0.7"', '"score": "7.0"', r"holds what cannot be: scores must lie in \[0, 1\]"),
        ('"start": "0.1"', '"start": "soon"', "holds what cannot be: could not convert string to float: 'soon'"),
    ],
)
def test_metadata_that_cannot_be_is_refused(tmp_path, film, good, bad, message):
    (path,) = Otio().export([film], tmp_path)
    path.write_text(path.read_text().replace(good, bad))
    with pytest.raises(FormatError, match=message):
        list(Otio().read(path))


def test_a_clip_whose_media_is_unknown_is_about_what_it_is_called(tmp_path):
    (path,) = Otio().export([source({"shots": [(0, 1, "a"), (1, 2, "b")]})], tmp_path)
    path.write_text(path.read_text().replace('"DEFAULT_MEDIA": {', '"ANOTHER": {', 1))
    assert {(each.media, each.labels.names) for each in Otio().read(path)} >= {("a", ("a",))}


def test_a_name_with_nul_is_refused(tmp_path):
    with pytest.raises(FormatError, match="must not hold the character NUL"):
        Otio().export([source({"words": [(0, 1, "a\0b")]})], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_not_utf8_is_written_as_escapes(tmp_path):
    (path,) = Otio().export([source({}, name="caf\udce9.mp4")], tmp_path)
    assert otio.adapters.read_from_file(str(path)).name == "caf\\udce9.mp4"


def test_without_the_library_the_command_that_brings_it_is_told(tmp_path, monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(module, "import_module", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'cueline\[otio\]'"):
        Otio().export([source({})], tmp_path)


def test_a_rate_that_is_none_is_refused(tmp_path):
    with pytest.raises(OptionError, match="otio.rate must read like 25, 29.97 or 30000/1001, got 'fast'"):
        Otio(rate="fast").export([source({})], tmp_path)
