"""Cues as another program reads them."""

import tempfile
from pathlib import Path

import numpy as np
import pysubs2
from hypothesis import given
from hypothesis import strategies as st

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
