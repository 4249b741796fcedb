"""Cues as another program reads them."""

import tempfile
from pathlib import Path

import numpy as np
import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.webvtt import WebVtt
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack

plain = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)


def source(track: LabelTrack, name: str = "a.mp4") -> Source:
    return Source(Record(Asset("ab12", 100.0), {"shots": track}), name)


def text_of(cue):
    """pysubs2 takes the identifier of the next cue for text; by the standard an empty line ends the cue."""
    return cue.text.split(r"\N\N")[0]


def lines_of(path):
    return path.read_text(encoding="utf-8").split("\n")


@given(data=st.data())
def test_an_independent_reader_finds_every_cue_to_the_millisecond(sources, data):
    source = data.draw(sources(names=plain))
    with tempfile.TemporaryDirectory() as folder:
        (path,) = WebVtt().export([source], Path(folder))
        cues = pysubs2.load(str(path), encoding="utf-8")
    rows = [row for track in source.record.tracks.values() for row in track]
    assert len(cues) == len(rows)
    assert sorted(map(text_of, cues)) == sorted(name for _, name, _ in rows)
    for cue, (span, _, _) in zip(
        sorted(cues, key=lambda cue: (cue.start, cue.end)),
        sorted(rows, key=lambda row: (round(row[0].start * 1000), max(row[0].end, row[0].start + 0.001))),
        strict=True,
    ):
        assert abs(cue.start - span.start * 1000) <= 0.51
        assert abs(cue.end - max(span.end * 1000, cue.start + 1)) <= 0.51
        assert cue.end > cue.start


@given(data=st.data())
def test_no_name_can_break_out_of_its_line(sources, data):
    source = data.draw(sources())
    with tempfile.TemporaryDirectory() as folder:
        (path,) = WebVtt().export([source], Path(folder))
        heading, empty, note, *rest = lines_of(path)
    assert (heading, empty, note[:5]) == ("WEBVTT", "", "NOTE ")
    blocks = [rest[start : start + 4] for start in range(0, len(rest) - 1, 4)]
    assert len(blocks) == sum(len(track) for track in source.record.tracks.values())
    for blank, identifier, times, text in blocks:
        assert blank == ""
        assert times.count("-->") == 1
        assert "-->" not in identifier + text + note
        assert "<" not in text


def test_a_film_reads_as_cues(tmp_path, film):
    (path,) = WebVtt().export([film], tmp_path)
    assert path.name == "=night_train.vtt"
    assert path.read_text().split("\n") == [
        "WEBVTT",
        "",
        "NOTE =night train.mp4, asset ab12",
        "",
        "shots 1",
        "00:00:00.000 --> 00:00:00.333",
        "shot",
        "",
        "keyframes 1",
        "00:00:00.100 --> 00:00:00.101",
        "keyframe",
        "",
        "shots 2",
        "00:00:00.333 --> 00:00:02.000",
        "shot",
        "",
    ]


def test_marks_are_escaped_and_white_space_is_one_space(tmp_path):
    track = LabelTrack(np.array([[0.0, 1.0]]), ("R&B <i> a --> b\n\nnext\tline",))
    (path,) = WebVtt().export([source(track, "two\nlines --> .mp4")], tmp_path)
    assert lines_of(path)[2] == "NOTE two lines --&gt; .mp4, asset ab12"
    assert lines_of(path)[6] == "R&amp;B &lt;i&gt; a --&gt; b next line"
    (cue,) = pysubs2.load(str(path), encoding="utf-8")
    assert cue.end == 1000


def test_a_cue_before_zero_starts_at_zero(tmp_path):
    (path,) = WebVtt().export([source(LabelTrack(np.array([[-0.5, -0.2]]), ("shot",)))], tmp_path)
    assert "00:00:00.000 --> 00:00:00.001" in lines_of(path)


def test_hours_take_the_digits_they_need(tmp_path):
    (path,) = WebVtt().export([source(LabelTrack(np.array([[3599.999, 360_000.0]]), ("shot",)))], tmp_path)
    assert "00:59:59.999 --> 100:00:00.000" in lines_of(path)


def one_space(text):
    return " ".join(text.split())


def milliseconds(span):
    start = max(0, round(span.start * 1000))
    return start, max(start + 1, round(span.end * 1000))


def cues_of(path):
    return sorted(
        (one.media, one.track, round(span.start * 1000), round(span.end * 1000), name)
        for one in WebVtt().read(path)
        for span, name, _ in one.labels
    )


def given_file(tmp_path, content):
    path = tmp_path / "a.vtt"
    path.write_bytes(content.encode())
    return path


@given(data=st.data())
@settings(max_examples=50)
def test_what_the_format_keeps_reads_back(sources, data):
    source = data.draw(sources())
    with tempfile.TemporaryDirectory() as folder:
        (path,) = WebVtt().export([source], Path(folder))
        cues = cues_of(path)
    assert cues == sorted(
        (one_space(source.record.asset.id), one_space(name), *milliseconds(span), one_space(label))
        for name, track in source.record.tracks.items()
        for span, label, _ in track
    )


@pytest.mark.parametrize(
    ("content", "cues"),
    [
        ("\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:02.000\r\nHi\r\n", [("", "subtitles", 1000, 2000, "Hi")]),
        (
            "WEBVTT Kind: captions\nLanguage: en\n\nSTYLE\n::cue {}\n\nREGION\nid:a\n\nNOTE no\n\nNOTE\nlong\none\n\n"
            "intro 1\n100:00:01.000 --> 100:00:02.000 line:0 align:start\n<v Bob>- Hi\n- <i>Ho</i>",
            [("", "subtitles", 360_001_000, 360_002_000, "- Hi - Ho")],
        ),
        (
            "WEBVTT\n\n\n00:03.000 --> 00:09.000\n♪ R&amp;B &lt;3\n\n00:01.000 --> 00:04.000",
            [("", "subtitles", 1000, 4000, ""), ("", "subtitles", 3000, 9000, "♪ R&B <3")],
        ),
        ("WEBVTT", []),
        ("WEBVTT\n\nNOTE 1\n00:01.000 --> 00:02.000\nHi", [("", "subtitles", 1000, 2000, "Hi")]),
    ],
)
def test_cues_as_people_have_them(tmp_path, content, cues):
    assert cues_of(given_file(tmp_path, content)) == cues


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "line 1 must begin with WEBVTT, got ''. Is it another format"),
        ("1\n00:00:01,000 --> 00:00:02,000\nHi", "line 1 must begin with WEBVTT, got '1'"),
        ("WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nHi", "line 3 must be a cue, .*got '00:00:01,000 -->"),
        ("WEBVTT\n\n1\n00:01.000 --> \nHi", "line 4 must be a cue, .*got '00:01.000 --> '"),
        ("WEBVTT\n\n1\n-00:01.000 --> 00:02.000\nHi", "line 4 must be a cue, .*of 0 or more"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\nHo\nHo", "line 6 must be a cue, .*got 'Ho'"),
        (
            "WEBVTT\n\n00:61:01.000 --> 00:61:02.000\nHi\n",
            "line 3: minutes and seconds .* below 60, got '00:61:01.000'",
        ),
        (f"WEBVTT\n\nx\n00:01.000 --> {'9' * 400}:00:02.000\nHi", "line 4 must be a cue"),
        ("WEBVTT\n\nx\n01:01:01.000 --> 00:00:02.000\nHi", "line 4: a cue must not end before it starts"),
        ("WEBVTT\n\nx", "line 3 must be a cue, .*got 'x'"),
    ],
)
def test_damage_is_told_by_line(tmp_path, content, message):
    path = given_file(tmp_path, content)
    with pytest.raises(FormatError, match=message) as caught:
        list(WebVtt().read(path))
    assert caught.value.path == path


def test_a_file_of_ours_is_known_whatever_its_asset_is_called(tmp_path):
    track = LabelTrack(np.array([[0.0, 1.0]]), ("dog",))
    (path,) = WebVtt().export([Source(Record(Asset(" ", 2.0), {"animals": track}), "film.mp4")], tmp_path)
    assert cues_of(path) == [("", "animals", 0, 1000, "dog")]
