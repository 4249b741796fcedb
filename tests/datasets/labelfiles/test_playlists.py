"""Playlists as labels."""

import pytest

from cueline.datasets.labelfiles import playlists, read_labels
from cueline.errors import FormatError
from cueline.timeline.spans import Span


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
