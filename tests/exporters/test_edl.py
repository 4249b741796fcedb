"""Lists as OpenTimelineIO reads them, and as we read those of others."""

import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError, OptionError
from cueline.exporters.edl import Edl
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Record
from cueline.timeline.timecode import frame_index, frame_time
from cueline.timeline.tracks import LabelTrack

FILM, VIDEO = Fraction(24000, 1001), Fraction(30000, 1001)
texts = st.text(max_size=12)
RATES = {
    "23.976": FILM,
    "24": Fraction(24),
    "25": Fraction(25),
    "29.97": VIDEO,
    "29.97df": VIDEO,
    "30": Fraction(30),
    "50": Fraction(50),
    "59.94df": 2 * VIDEO,
    "60": Fraction(60),
}


def source(*rows, name="a.mp4", rate=Fraction(25), variable=False, location=None):
    spans = np.array([row[:2] for row in rows], dtype=float).reshape(-1, 2)
    track = LabelTrack(spans, tuple(row[2] for row in rows))
    stream = Stream("video:0", "video", 0, "h264", rate=rate, variable=variable)
    return Source(Record(Asset("ab12", 100.0, (stream,)), {"shots": track}), name, location)


def rows_of(brought):
    return [(span.start, span.end, name) for span, name, _ in brought.labels]


def seen_by_otio(path, rate):
    otio = pytest.importorskip("opentimelineio")
    timeline = otio.adapters.read_from_file(str(path), rate=float(rate))
    (track,) = timeline.tracks
    clips = [item for item in track if isinstance(item, otio.schema.Clip)]
    start = track.source_range.start_time if track.source_range else otio.opentime.RationalTime(0, float(rate))
    return [
        (
            round((track.range_of_child(clip).start_time - start).value),
            round(track.range_of_child(clip).end_time_exclusive().value - start.value),
            round(clip.source_range.start_time.value),
            clip,
        )
        for clip in clips
    ]


@pytest.mark.extra("otio")
@settings(max_examples=40)
@given(
    text=st.sampled_from(list(RATES)),
    lengths=st.lists(st.tuples(st.floats(0, 3), st.floats(0.1, 1000), texts), min_size=1, max_size=6),
    hour=st.booleans(),
)
def test_opentimelineio_and_we_find_every_event_to_the_frame(text, lengths, hour):
    rate, rows, time = RATES[text], [], 0.0
    for gap, length, name in lengths:
        rows.append((time + gap, time + gap + length, name))
        time += gap + length
    film, start = source(*rows, name="night train.mp4"), "01:00:00:00" if hour else "00:00:00:00"
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Edl(rate=text, start=start).export([film], Path(folder))
        seen = seen_by_otio(path, rate)
        (brought,) = Edl(rate=text, start=start).read(path)
    frames = [(frame_index(start, rate), frame_index(end, rate)) for start, end, _ in rows]
    offset = seen[0][0] - frames[0][0]  # the library puts the first event where it starts
    assert [(first - offset, last - offset) for first, last, *_ in seen] == frames
    assert [media for *_, media, _ in seen] == [first for first, _ in frames]
    assert {clip.name for *_, clip in seen} == {"night train.mp4"}
    assert rows_of(brought) == [
        (frame_time(first, rate), frame_time(last, rate), name)
        for (first, last), (*_, name) in zip(frames, rows, strict=True)
    ]
    assert brought.media == "night train.mp4"


@pytest.mark.extra("otio")
def test_opentimelineio_finds_record_times_after_an_hour_of_drop_frame(tmp_path):
    (path,) = Edl(start="01:00:00:00").export([source((60, 61, "late"), rate=VIDEO)], tmp_path)
    assert "00:00:59;28 00:01:01;00 01:00:59;28 01:01:01;00" in path.read_text()
    ((first, last, _, _),) = seen_by_otio(path, VIDEO)
    assert last - first == 30  # 60 s are 1798.2 frames


def test_a_film_reads_as_a_list(tmp_path):
    film = source(
        (0, 0.34, "shot"),
        (0.34, 2, "100 %\nsure"),
        name="films/night train.mp4",
        location=Location(Path("/f/n t.mp4"), 1, 1),
    )
    (path,) = Edl(start="01:00:00:00").export([film], tmp_path)
    assert path.name == "films_night_train.edl"
    assert path.read_text().split("\n") == [
        "TITLE: films/night train.mp4",
        "FCM: NON-DROP FRAME",
        "",
        "001  NIGHTTRA V     C        00:00:00:00 00:00:00:09 01:00:00:00 01:00:00:09",
        "* FROM CLIP NAME: night train.mp4",
        "* FROM FILE: /f/n t.mp4",
        "* COMMENT: shot",
        "002  NIGHTTRA V     C        00:00:00:09 00:00:02:00 01:00:00:09 01:00:02:00",
        "* FROM CLIP NAME: night train.mp4",
        "* FROM FILE: /f/n t.mp4",
        "* COMMENT: 100 %25%0Asure",
        "",
    ]
    (brought,) = Edl(rate="25", start="01:00:00:00").read(path)
    assert (brought.media, brought.track) == ("/f/n t.mp4", "")
    assert brought.labels.names == ("shot", "100 %\nsure")


def test_the_rate_of_the_video_counts_and_drops_labels_where_that_exists(tmp_path):
    films = [
        source((60, 61, "x"), rate=rate, name=f"{n}.mp4") for n, rate in enumerate((VIDEO, FILM, Fraction(2997, 100)))
    ]
    drop, film, rounded = (path.read_text() for path in Edl().export(films, tmp_path))
    assert "FCM: DROP FRAME" in drop
    assert "00:00:59;28" in drop
    assert "FCM: NON-DROP FRAME" in film
    assert "00:00:59:23" in film
    assert "00:00:59;28" in rounded


@pytest.mark.parametrize(
    ("rate", "variable", "why"),
    [
        (None, False, "no known frame rate"),
        (Fraction(25), True, "frames at uneven distances"),
        (Fraction(15), False, "15 frames a second, for which no time codes exist"),
    ],
)
def test_a_film_without_one_rate_is_refused_until_it_is_told(tmp_path, rate, variable, why):
    film = source((1, 2, "shot"), rate=rate, variable=variable)
    with pytest.raises(FormatError, match=f"an EDL needs a frame rate, and 'a.mp4' has {why}.* edl.rate=25 "):
        Edl().export([film], tmp_path)
    (path,) = Edl(rate="25").export([film], tmp_path)
    assert "00:00:01:00 00:00:02:00" in path.read_text()


def test_sound_and_films_without_the_track_have_a_list_without_events(tmp_path, film):
    sound = Source(Record(Asset("cd34", 5.0)), "a.wav")
    empty = source()
    for path in Edl(clips="color").export([film], tmp_path) + Edl().export([sound, empty], tmp_path / "more"):
        assert path.read_text().count("\n") == 3
        assert list(Edl(rate="25").read(path)) == []


def test_an_instant_lasts_one_frame_and_nothing_starts_before_zero(tmp_path):
    (path,) = Edl().export([source((-1, 0.1, "early"), (2, 2, "still"))], tmp_path)
    (brought,) = Edl(rate="25").read(path)
    assert rows_of(brought) == [(0, 0.12, "early"), (2, 2.04, "still")]


def test_a_long_list_goes_on_in_another_file(tmp_path):
    first, second = Edl().export([source(*((n, n + 1, f"{n}") for n in range(1000)))], tmp_path)
    assert (first.name, second.name) == ("a.edl", "a.2.edl")
    assert "\n999  A " in first.read_text()
    assert "\n001  A        V     C        00:16:39:00 00:16:40:00" in second.read_text()
    assert [len(brought.labels) for path in (first, second) for brought in Edl(rate="25").read(path)] == [999, 1]


def test_each_list_has_a_reel_of_its_own(tmp_path):
    names = ["night train.mp4", "Night-Train 2.mov", "東京.mp4", "bl.mp4", "nighttrain.avi"]
    paths = Edl().export([source((0, 1, "x"), name=name) for name in names], tmp_path)
    reels = [path.read_text().split("\n")[3].split()[1] for path in paths]
    assert reels == ["NIGHTTRA", "NIGHTTR2", "REEL", "BL2", "NIGHTTR3"]


def test_labels_that_overlap_are_refused(tmp_path):
    with pytest.raises(FormatError, match=r"must not overlap, got 'b' at 1.0 s of 'a.mp4' .* edl.clips=TRACK"):
        Edl().export([source((0, 2, "a"), (1, 3, "b"))], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_label_beyond_24_hours_is_refused(tmp_path):
    with pytest.raises(FormatError, match="'late' at 90000.0 s of 'a.mp4' has no time code: SMPTE time codes go from"):
        Edl().export([source((90000, 90001, "late"))], tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": "fast"}, "edl.rate must read like 25, 29.97, 29.97df or 30000/1001, got 'fast'"),
        ({"rate": "25df"}, "drop-frame exists at 29.97 and 59.94 frames a second alone, got edl.rate=25df"),
        ({"start": "1 h"}, "edl.start must be a time code at 25 frames a second: a time code must read HH:MM:SS:FF"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path, options, message):
    with pytest.raises(OptionError, match=message):
        Edl(**options).export([source((0, 1, "a"))], tmp_path)


def test_a_list_of_an_editor_is_read(tmp_path):
    path = tmp_path / "cut.edl"
    path.write_text(
        "TITLE: CUT\nFCM: DROP FRAME\n\n"
        "001  A001C002 V     C        14:00:00:00 14:00:02:00 01:00:00:00 01:00:02:00\n"
        "* FROM CLIP NAME: A001C002.MOV\n* LOC: 01:00:01:00 RED  LOOK\n"
        "002  A001C002 AA    C        14:00:00:00 14:00:02:00 01:00:00:00 01:00:02:00\n"
        "003  A001C002 V     C        14:00:02:00 14:00:02:00 01:00:02:00 01:00:02:00\n"
        "003  BL       V     D    012 00:00:00:00 00:00:01:00 01:00:02:00 01:00:03:00\n"
        "* FROM CLIP NAME: A001C002.MOV\n* TO CLIP NAME: BLACK %\n"
        "M2   BL       012.5                00:00:00:00\n"
        "004  AX       B     C        00:00:00:00 00:00:57:00 01:00:03:00 01:01:00;02\n"
    )
    (brought,) = Edl(rate="29.97", start="01:00:00:00").read(path)
    assert (brought.media, brought.track) == ("", "")
    assert rows_of(brought) == [
        (0.0, frame_time(60, VIDEO), "A001C002.MOV"),
        (frame_time(60, VIDEO), frame_time(90, VIDEO), "BLACK %"),
        (frame_time(90, VIDEO), frame_time(1800, VIDEO), "AX"),
    ]


def test_a_list_is_not_read_without_a_rate(tmp_path):
    path = tmp_path / "cut.edl"
    path.write_text("TITLE: CUT\n")
    with pytest.raises(
        FormatError, match="is an EDL, which does not say its frame rate. Say it with edl.rate=25"
    ) as caught:
        list(Edl().read(path))
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ("001  A V C 00:00:00:00 00:00:01:00 00:00:00:00", r"line 2 of .* must be an event \(number, reel, track, cut"),
        (
            "001  A V C 00:00:00:00 00:00:01:00 00:00:00:30 00:00:01:00",
            "line 2 of .* a time code that cannot be: .* 25 frames",
        ),
        ("001  A V C 00:00:00;00 00:00:01;00 00:00:00;00 00:00:01;00", "line 2 of .* cannot be: drop-frame exists at"),
        (
            "001  A V C 00:00:00:00 00:00:01:00 00:00:02:00 00:00:01:00",
            "must not end before it starts, .* in line 2 of",
        ),
    ],
)
def test_a_line_that_is_no_event_is_refused(tmp_path, event, message):
    path = tmp_path / "cut.edl"
    path.write_text(f"TITLE: CUT\n{event}\n")
    with pytest.raises(FormatError, match=message):
        list(Edl(rate="25").read(path))
