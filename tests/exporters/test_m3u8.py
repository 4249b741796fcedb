"""Playlists read back as they were, and the playlists that people bring."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.m3u8 import M3u8
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack


def source(*rows, name="a.mp4", path=None, track="sounds"):
    spans = np.array([row[:2] for row in rows], dtype=float).reshape(-1, 2)
    place = None if path is None else Location(Path(path), 1, 1)
    labels = LabelTrack(spans, tuple(row[2] for row in rows))
    return Source(Record(Asset("ab12", 100.0), {track: labels}), name, place)


def rows_of(brought):
    return [(span.start, span.end, name) for span, name, _ in brought.labels]


@settings(max_examples=50)
@given(data=st.data())
def test_every_label_reads_back_as_it_was(sources, data):
    records = data.draw(st.lists(sources(), max_size=2, unique_by=lambda source: source.name))
    with tempfile.TemporaryDirectory() as folder:
        paths = M3u8().export(iter(records), Path(folder))
        brought = [one for path in paths for one in M3u8().read(path)]
    found = sorted((one.media, one.track, *row) for one in brought for row in rows_of(one))
    assert found == sorted(
        (str(one.location.path) if one.location else one.name or one.record.asset.id, name, span.start, span.end, label)
        for one in records
        for name, track in one.record.tracks.items()
        for span, label, _ in track
    )


def test_a_class_of_two_films_is_one_playlist(tmp_path):
    first = source((0, 1 / 3, "Music"), (2, 2, "Both"), path="/films/a #1 b.mp4")
    second = source((1e-7, 4, "Music"), name="shows/b?.mp4")
    paths = M3u8().export([first, second], tmp_path)
    assert [path.name for path in paths] == ["sounds_Music.m3u8", "sounds_Both.m3u8"]
    assert paths[0].read_text().split("\n") == [
        "#EXTM3U",
        "#PLAYLIST:Music",
        "#EXTGRP:sounds",
        "#EXTINF:0.3333333333333333,a.mp4 00:00:00.000",
        "file:///films/a%20%231%20b.mp4#t=0,0.3333333333333333",
        "#EXTINF:3.9999999,shows/b?.mp4 00:00:00.000",
        "shows/b%3F.mp4#t=0.0000001,4",
        "",
    ]
    assert "#EXTINF:0,a.mp4 00:00:02.000\nfile:///films/a%20%231%20b.mp4#t=2,2.001\n" in paths[1].read_text()
    assert [(one.media, one.track, rows_of(one)) for one in M3u8().read(paths[0])] == [
        ("/films/a #1 b.mp4", "sounds", [(0.0, 1 / 3, "Music")]),
        ("shows/b?.mp4", "sounds", [(1e-7, 4.0, "Music")]),
    ]


def test_a_name_cannot_break_out_of_its_line(tmp_path):
    (path,) = M3u8().export([source((0, 1, "two\nlines"), name="#\na")], tmp_path)
    lines = path.read_text().split("\n")
    assert len(lines) == 6
    assert lines[1] == "#PLAYLIST:two%0Alines"
    assert lines[4] == "%23%0Aa#t=0,1"


def test_a_file_name_that_is_not_utf8_reads_back(tmp_path):
    (path,) = M3u8().export([source((0, 1, "x"), name="caf\udce9", path="/films/caf\udce9")], tmp_path)
    (brought,) = M3u8().read(path)
    assert brought.media == "/films/caf\udce9"


def test_a_label_before_zero_starts_at_zero_and_other_tracks_can_be_left_out(tmp_path):
    (path,) = M3u8(tracks=("sounds",)).export([source((-2, 1, "x")), source((0, 1, "y"), track="shots")], tmp_path)
    assert "#t=0,1\n" in path.read_text()
    assert M3u8().export([source()], tmp_path) == []


def test_a_failed_export_leaves_no_playlist(tmp_path):
    def broken():
        yield source((0, 1, "x"))
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        M3u8().export(broken(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_playlist_of_people_is_of_the_class_it_is_called(tmp_path):
    path = tmp_path / "Music.m3u"
    path.write_bytes(
        "#EXTM3U\r\n\r\n#EXTINF:123,A - Song\r\nC:\\music\\caf\xe9 #1.mp3\r\n# note\r\n#EXTINF:7.5\r\nb%20c.mp3\r\n"
        "#EXTINF:-1,with fragments\r\nb%20c.mp3#t=npt:10,0:01:02.5\r\nhttp://x/y.mp3#t=,3\r\n".encode("latin-1")
    )
    assert [(one.media, one.track, rows_of(one)) for one in M3u8().read(path)] == [
        ("C:\\music\\caf\xe9 #1.mp3", "", [(0.0, 123.0, "Music")]),
        ("b%20c.mp3", "", [(0.0, 7.5, "Music")]),
        ("b c.mp3", "", [(10.0, 62.5, "Music")]),
        ("http://x/y.mp3", "", [(0.0, 3.0, "Music")]),
    ]


def test_whole_files_without_a_length_need_to_be_told_one(tmp_path):
    path = tmp_path / "Speech.m3u"
    path.write_text("a.mp3\n#EXTINF:-1,b\nb.mp3\nc.mp3#t=5\n")
    with pytest.raises(
        FormatError, match=r"line 1 of .*Speech.m3u': an entry must say where it ends, .* m3u8.whole=SEC"
    ):
        list(M3u8().read(path))
    assert [(one.media, rows_of(one)) for one in M3u8(whole=3600).read(path)] == [
        ("a.mp3", [(0.0, 3600.0, "Speech")]),
        ("b.mp3", [(0.0, 3600.0, "Speech")]),
        ("c.mp3", [(5.0, 3600.0, "Speech")]),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n", "must list files, got a playlist of a stream .* in line 2"),
        (b"#EXTM3U\na.mp3#t=5,4\n", "line 2 of .* must not end before it starts, got 5.0,4.0"),
        (b"#EXTM3U\na.mp3#t=0:99:00,4\n", "line 2 of .* must stay below 60"),
        (b"caf\xe9.mp3\n", "must be UTF-8, as .m3u8 says, got"),
    ],
)
def test_what_is_no_list_of_files_is_refused(tmp_path, content, message):
    path = tmp_path / "a.m3u8"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        list(M3u8().read(path))
    assert caught.value.path == path
