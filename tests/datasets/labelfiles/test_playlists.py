"""Playlists as labels."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.labelfiles import playlists, read_labels
from cueline.errors import FormatError
from cueline.exporters.m3u8 import M3u8
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Record
from cueline.timeline.spans import Span
from cueline.timeline.tracks import LabelTrack


def _read(tmp_path, text, name="music.m3u"):
    path = tmp_path / name
    path.write_text(text)
    return read_labels(path)


def test_every_entry_has_the_class_that_the_file_is_called_after(tmp_path):
    found = _read(tmp_path, "#EXTM3U\n#EXTINF:10,A\n/x/a.mp3\r\n\nb.mp3\n")
    assert [(item.clip, dict(item.said), item.rest, item.where) for item in found.items] == [
        ("/x/a.mp3", {"music": "yes"}, "", "line 3"),
        ("b.mp3", {"music": "yes"}, "", "line 5"),
    ]


def test_a_title_names_the_class_and_a_fragment_the_part(tmp_path):
    found = _read(tmp_path, "#EXTM3U\n#PLAYLIST:rain 100%25\na.mp4#t=1.5,0:03\nb.mp4#t=9,2\n")
    (item,) = found.items
    assert (item.clip, dict(item.said), item.span) == ("a.mp4", {"rain 100%": "yes"}, Span(1.5, 3))
    assert found.skipped[0].where == "line 4"
    assert "must not end before it starts" in found.skipped[0].reason


def test_the_playlist_of_a_stream_is_refused(tmp_path):
    with pytest.raises(FormatError, match="got a playlist of a stream"):
        _read(tmp_path, "#EXTM3U\n#EXT-X-TARGETDURATION:10\nseg1.ts\n", "live.m3u8")


def test_what_is_written_is_read_back(tmp_path):
    found = _read(tmp_path, playlists.written("50% rain\nor snow", ["/x/a.mp4", "b.mp4#t=0.5,2.0"]), "x.m3u8")
    assert found.classes == ("50% rain\nor snow",)
    assert [(item.clip, item.span) for item in found.items] == [("/x/a.mp4", None), ("b.mp4", Span(0.5, 2))]


@pytest.mark.parametrize(
    ("line", "clip"),
    [
        ("file:///a%20b/100%25%20rain%3F.mp3", "/a b/100% rain?.mp3"),
        ("file://localhost/a%20b.mp3", "/a b.mp3"),
        ("FILE://LocalHost/caf%C3%A9.mp3", "/café.mp3"),
        ("file:/a%20b.mp3", "/a b.mp3"),
        ("file:///latin%E9.mp3", "/latin\udce9.mp3"),
    ],
)
def test_a_file_url_is_its_path(line, clip):
    (whole,) = playlists.read(Path("x.m3u8"), f"#EXTM3U\n{line}\n").items
    (part,) = playlists.read(Path("x.m3u8"), f"#EXTM3U\n{line}#t=1,2.5\n").items
    assert (whole.clip, whole.span, part.clip, part.span) == (clip, None, clip, Span(1, 2.5))


@pytest.mark.parametrize(
    "line",
    [
        "/a%20b.mp3",
        "a%20b.mp3",
        "50% rain.mp3",
        "https://example.org/a%20b.mp3",
        "file://server/share/a%20b.mp3",
        "file:a%20b.mp3",
    ],
)
def test_a_path_a_name_and_an_address_of_elsewhere_stay_as_they_are(line):
    (item,) = playlists.read(Path("x.m3u8"), f"#EXTM3U\n{line}\n").items
    assert item.clip == line


@pytest.mark.parametrize("line", ["file:///a.mp3?x=1", "file:///a.mp3#t=5", "file:///a%00.mp3"])
def test_a_file_url_that_is_no_path_is_left_out_and_told(line):
    found = playlists.read(Path("x.m3u8"), f"#EXTM3U\n{line}\n/b.mp3\n")
    assert [item.clip for item in found.items] == ["/b.mp3"]
    (skip,) = found.skipped
    assert (skip.where, skip.clip) == ("line 2", line)
    assert "a file: URL must be a path" in skip.reason


@given(st.text(st.characters(exclude_characters="\0"), min_size=1).filter(lambda name: name not in (".", "..")))
def test_any_path_comes_back_from_its_url(name):
    path = Path("/", name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    (item,) = playlists.read(Path("x.m3u8"), f"#EXTM3U\n{path.as_uri()}#t=0,1\n").items
    assert item.clip == str(path)


def test_what_the_exporter_writes_names_the_same_files(tmp_path):
    media = tmp_path / "a film's 50% end #2?.mp4"
    media.write_bytes(b"film")
    record = Record(Asset("a", 10.0), {"kinds": LabelTrack(np.array([[0.1, 0.30000000000000004]]), ("music",))})
    (path,) = M3u8().export([Source(record, media.name, Location.of(media))], tmp_path / "lists")
    (item,) = read_labels(path).items
    assert (item.clip, item.span) == (str(media), Span(0.1, 0.30000000000000004))
