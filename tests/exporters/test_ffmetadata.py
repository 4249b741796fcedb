"""Chapters as FFmpeg reads them, from the file and out of a film they were put into."""

import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.ffmetadata import FFmetadata
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack

possible = st.text(max_size=12).filter(lambda name: "\0" not in name and not name.endswith("\\"))


def source(*rows, name="a.mp4"):
    spans = np.array([row[:2] for row in rows], dtype=float).reshape(-1, 2)
    return Source(Record(Asset("ab12", 100.0), {"shots": LabelTrack(spans, tuple(row[2] for row in rows))}), name)


def chapters_of(path):
    with av.open(str(path), format="ffmetadata") as file:
        return [
            (
                chapter["start"] * chapter["time_base"],
                chapter["end"] * chapter["time_base"],
                chapter["metadata"]["title"],
            )
            for chapter in file.chapters()
        ]


@settings(max_examples=50)
@given(data=st.data())
def test_ffmpeg_and_we_read_every_chapter_to_the_microsecond(sources, data):
    source = data.draw(sources(names=possible))
    for name, track in source.record.tracks.items():
        with tempfile.TemporaryDirectory() as folder:
            (path,) = FFmetadata(track=name).export([source], Path(folder))
            theirs = chapters_of(path)
            ours = [row for brought in FFmetadata().read(path) for row in brought.labels]
        rows = list(track)
        assert [title for *_, title in theirs] == [name for _, name, _ in rows]
        for (start, end, _), (span, _, _) in zip(theirs, rows, strict=True):
            assert abs(start - Fraction(span.start)) <= Fraction(51, 10**8)
            assert abs(end - Fraction(span.end)) <= Fraction(51, 10**8)
        assert sorted((span.start, span.end, name) for span, name, _ in ours) == sorted(
            (float(start), float(end), title) for start, end, title in theirs
        )


def test_a_film_reads_as_chapters(tmp_path, film):
    (path,) = FFmetadata().export([film], tmp_path)
    assert path.name == "=night_train.ffmetadata"
    assert path.read_text().split("\n") == [
        ";FFMETADATA1",
        *("[CHAPTER]", "TIMEBASE=1/1000000", "START=0", "END=333333", "title=shot"),
        *("[CHAPTER]", "TIMEBASE=1/1000000", "START=333333", "END=2000000", "title=shot"),
        "",
    ]


def test_another_track_or_none_gives_other_chapters_or_none(tmp_path, film):
    (instants,) = FFmetadata(track="keyframes").export([film], tmp_path / "instants")
    (none,) = FFmetadata(track="color").export([film], tmp_path / "none")
    assert chapters_of(instants) == [(Fraction(1, 10), Fraction(1, 10), "keyframe")]
    assert none.read_text() == ";FFMETADATA1\n"
    assert list(FFmetadata().read(none)) == []


def test_chapters_survive_being_put_into_a_film(tmp_path):
    (path,) = FFmetadata().export([source((0, 1, "a = b; #1"), (1, 2.5, "二"))], tmp_path)
    with av.open(str(path), format="ffmetadata") as file:
        chapters = file.chapters()
    film = tmp_path / "film.mkv"
    with av.open(str(film), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        out.set_chapters(chapters)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 20000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with av.open(str(film)) as file:
        found = [
            (float(c["start"] * c["time_base"]), float(c["end"] * c["time_base"]), c["metadata"])
            for c in file.chapters()
        ]
    assert found == [(0.0, 1.0, {"title": "a = b; #1"}), (1.0, 2.5, {"title": "二"})]


def test_a_label_before_zero_starts_at_zero(tmp_path):
    (path,) = FFmetadata().export([source((-1, 2, "early"))], tmp_path)
    assert chapters_of(path) == [(0, 2, "early")]


@pytest.mark.parametrize("name", ["a\0b", "ends\\"])
def test_a_name_that_ffmpeg_cannot_read_is_refused(tmp_path, name):
    with pytest.raises(FormatError, match=r"no NUL nor end with a backslash, .* at 3.0 s of 'a.mp4'. Rename"):
        FFmetadata().export([source((3, 4, name))], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_chapters_of_ffmpeg_are_read(tmp_path):
    path = tmp_path / "theirs.ffmetadata"
    path.write_bytes(
        b"\xef\xbb\xbf;FFMETADATA1\r\ntitle=film\r\n; a note\r\n[CHAPTER]\r\nSTART=0\r\nEND=500000000\r\ntitle=one\r\n"
        b"[STREAM]\r\ntitle=sound\r\n[CHAPTER]\r\nTIMEBASE=1/25\r\nSTART=25\r\n[CHAPTER]\r\nTIMEBASE=1/1000\r\n"
        b"#title=no\r\nSTART=3500\r\nEND=4000\r\ntitle=two\\\r\nlines\\=\r\n"
    )
    (brought,) = FFmetadata().read(path)
    assert (brought.media, brought.track) == ("", "")
    assert [(span.start, span.end, name) for span, name, _ in brought.labels] == [
        (0.0, 0.5, "one"),
        (1.0, 3.5, ""),
        (3.5, 4.0, "two\r"),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[CHAPTER]\n", r"must begin with ;FFMETADATA, got '\[CHAPTER\]\\n'. Is it metadata that FFmpeg wrote"),
        (b";FFMETADATA1\n\xff", "must be UTF-8, got"),
        (
            b";FFMETADATA1\n[CHAPTER]\nTIMEBASE=0\n",
            "must give a TIMEBASE such as 1/1000, got '0' in the chapter of line 2",
        ),
        (
            b";FFMETADATA1\na=b\\\nc\n[CHAPTER]\nSTART=x\n",
            "must give a whole number as START, got 'x' in the chapter of line 4",
        ),
        (b";FFMETADATA1\n[CHAPTER]\nSTART=5\nEND=4\n", "must give a START, and an END not before it unless another"),
        (
            b";FFMETADATA1\n[CHAPTER]\nSTART=5\ntitle=last\n",
            "must give a START, and an END .* got 'last' in the chapter",
        ),
    ],
)
def test_what_is_no_chapter_is_refused(tmp_path, content, message):
    path = tmp_path / "a.ffmetadata"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        list(FFmetadata().read(path))
    assert caught.value.path == path
