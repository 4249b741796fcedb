"""Subtitles as other programs read them, and as people bring them."""

import tempfile
from pathlib import Path

import numpy as np
import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.srt import Srt
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack

names = st.text(st.sampled_from("ab 1<>/&;{}\\-#ltg\n\t\u2028♪é"), max_size=12)
seconds = st.floats(-10, 4e5)
tracks = st.lists(st.tuples(seconds, seconds, names), min_size=1, max_size=6).map(
    lambda rows: LabelTrack(
        np.array([sorted(row[:2]) for row in rows]),
        tuple(row[2] for row in rows),
    )
)


def source(track, name="a.mp4"):
    return Source(Record(Asset("ab12", 100.0), {"shots": track}), name)


def rows_of(path):
    ((media, track, labels),) = ((one.media, one.track, one.labels) for one in Srt().read(path))
    assert (media, track) == ("", "subtitles")
    return [(round(span.start * 1000), round(span.end * 1000), name) for span, name, _ in labels]


def kept(track):
    starts = [max(0, round(span.start * 1000)) for span, _, _ in track]
    return sorted(
        (start, max(start + 1, round(span.end * 1000)), " ".join(name.split()))
        for start, (span, name, _) in zip(starts, track, strict=True)
    )


def given_file(tmp_path, content):
    path = tmp_path / "a.srt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@given(track=tracks)
def test_what_the_format_keeps_reads_back(track):
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Srt().export([source(track)], Path(folder))
        assert sorted(rows_of(path)) == kept(track)


@given(data=st.data())
@settings(max_examples=30)
def test_each_track_with_labels_has_its_file(sources, data):
    one = data.draw(sources())
    full = [track for _, track in sorted(one.record.tracks.items()) if len(track)]
    with tempfile.TemporaryDirectory() as folder:
        paths = Srt().export([one], Path(folder))
        assert [sorted(rows_of(path)) for path in paths] == [kept(track) for track in full]


@given(data=st.data())
@settings(max_examples=30)
def test_an_independent_reader_finds_the_same(sources, data):
    letters = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
    short = st.floats(0, 99 * 3600)
    rows = data.draw(st.lists(st.tuples(short, short, letters), min_size=1, max_size=6))
    track = LabelTrack(np.array([sorted(row[:2]) for row in rows]), tuple(row[2] for row in rows))
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Srt().export([source(track)], Path(folder))
        theirs = [(cue.start, cue.end, cue.plaintext) for cue in pysubs2.load(str(path), encoding="utf-8")]
    assert sorted(theirs) == kept(track)


def test_a_film_reads_as_subtitles(tmp_path, film):
    keyframes, shots = Srt().export([film], tmp_path)
    assert (keyframes.name, shots.name) == ("=night_train.keyframes.srt", "=night_train.shots.srt")
    assert shots.read_bytes() == (
        b"1\n00:00:00,000 --> 00:00:00,333\nshot\n\n2\n00:00:00,333 --> 00:00:02,000\nshot\n\n"
    )
    assert b"00:00:00,100 --> 00:00:00,101\nkeyframe" in keyframes.read_bytes()


def test_marks_are_escaped_only_where_they_would_mislead(tmp_path):
    track = LabelTrack(np.array([[0.0, 1.0]]), (r"R&B <i> a < 1 --> b &lt; {\an8} {x}",))
    (path,) = Srt().export([source(track)], tmp_path)
    line = path.read_text().split("\n")[2]
    assert line == r"R&B &lt;i> a < 1 --&gt; b &amp;lt; &#123;\an8} {x}"
    assert rows_of(path) == [(0, 1000, r"R&B <i> a < 1 --> b &lt; {\an8} {x}")]


def test_hours_go_on_past_99(tmp_path):
    (path,) = Srt().export([source(LabelTrack(np.array([[3599.999, 360_000.0]]), ("shot",)))], tmp_path)
    assert "00:59:59,999 --> 100:00:00,000" in path.read_text()
    assert rows_of(path) == [(3_599_999, 360_000_000, "shot")]


def test_a_real_file_reads_as_another_program_reads_it(real_media):
    path = real_media / "annotations" / "mediaelement.srt"
    rows = rows_of(path)
    assert len(rows) == path.read_text().count("-->")
    assert rows[0] == (100, 4000, "HTML5 <video> and <audio> was supposed to be awesome, powerful, and fun.")
    assert rows[3][2] == 'This means <video src="myfile.mp4" /> doesn\'t work ...'


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param("\ufeff1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n\r\n", [(1000, 2000, "Hi")], id="BOM, CRLF"),
        pytest.param("00:01.5 --> 00:02.5\nHi", [(1500, 2500, "Hi")], id="no number, no hours, points, no last break"),
        pytest.param(
            "1\n0:0:1 --> 0:0:2 X1:1 X2:9\n- Hi\n- Ho\n", [(1000, 2000, "- Hi - Ho")], id="two lines, a place"
        ),
        pytest.param(
            "1\n0:00:01,0 --> 0:00:02,0\n\n2\n0:00:03,0 --> 0:00:04,0\nHi",
            [(1000, 2000, ""), (3000, 4000, "Hi")],
            id="empty text",
        ),
        pytest.param(
            "1\n0:00:01,0 --> 0:00:02,0\nHi\n\n1984\n\nHo", [(1000, 2000, "Hi 1984 Ho")], id="empty lines inside"
        ),
        pytest.param(
            "1\n0:00:01,0 --> 0:00:02,0\n1984\n2\n0:00:03,0 --> 0:00:04,0\n7",
            [(1000, 2000, "1984"), (3000, 4000, "7")],
            id="numbers, no empty line",
        ),
        pytest.param(
            "2\n0:00:03,0 --> 0:00:09,0\nB\n\n1\n0:00:01,0 --> 0:00:04,0\nA",
            [(1000, 4000, "A"), (3000, 9000, "B")],
            id="out of order, overlapping",
        ),
        pytest.param(
            '1\n0:00:01,0 --> 0:00:02,0\n{\\an8}<i>♪ La <font color="#fff">la</font><br/>la ♪</i> <sighs>',
            [(1000, 2000, "♪ La la la ♪ <sighs>")],
            id="tags, music",
        ),
        pytest.param("1\n0:00:01,0 --> 0:00:01,0\nHi", [(1000, 1000, "Hi")], id="an instant"),
        pytest.param("1\n0:00:01,0 --> 0:00:02,0\nA --> B\n", [(1000, 2000, "A --> B")], id="an arrow in text"),
    ],
)
def test_files_as_people_have_them(tmp_path, content, rows):
    assert rows_of(given_file(tmp_path, content)) == rows


def test_old_encodings_are_read_when_they_are_named(tmp_path):
    path = given_file(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\ncafé\n".encode("cp1252"))
    with pytest.raises(FormatError, match=r"line 3 must be utf-8 text, got the byte 0xe9.*often cp1252"):
        list(Srt().read(path))
    ((row,),) = (list(one.labels) for one in Srt(encoding="cp1252").read(path))
    assert row[1] == "café"
    assert rows_of(given_file(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\ncafé\n".encode("utf-16")))[0][2] == "café"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must hold subtitles, .* got an empty file. Is it another format"),
        ("\n \n", "got an empty file"),
        ("WEBVTT\n\nhello", "must hold subtitles, .* got none"),
        ("hello\n1\n0:00:01,0 --> 0:00:02,0\nHi", "must begin with .* got 'hello' before the first times in line 3"),
        ("1\n0:00:01,0 --> \nHi", "line 2 must be times, .* nor missing, got '0:00:01,0 -->'"),
        ("1\n --> 0:00:01,0\nHi", "line 2 must be times"),
        ("1\n-0:00:01,0 --> 0:00:01,0\nHi", "line 2 must be times, .* neither below 0 .* got '-0:00:01,0"),
        ("1\n0:00:01,0 --> 0:00:02,0\nA\n\n2\n0:00:01,0 0:00:02,0\nHi", "line 6 must be times"),
        ("1\n0:00:01,0 --> 0:00:02,0 Hi\n", "line 2 must be times, .* got '0:00:01,0 --> 0:00:02,0 Hi'"),
        (f"1\n{'9' * 400}:00:01,0 --> 0:00:02,0\nHi", "line 2 must be times"),
        ("1\n0:61:01,0 --> 1:62:02,0\nHi", "line 2: minutes and seconds beside a colon must stay below 60"),
        ("1\n0:00:03,0 --> 0:00:02,0\nHi", "line 2: a subtitle must not end before it starts, got '0:00:03,0"),
    ],
)
def test_damage_is_told_by_line(tmp_path, content, message):
    path = given_file(tmp_path, content)
    with pytest.raises(FormatError, match=message) as caught:
        list(Srt().read(path))
    assert caught.value.path == path
