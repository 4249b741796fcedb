"""Lines as NIST defines them, read by a parser of its own; judged spans in the file beside."""

import tempfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.naming import stem_of
from cueline.exporters.rttm import Rttm
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.spans import merge
from cueline.timeline.tracks import LabelTrack

LINE = "SPEAKER a 1 1.5 2.0 <NA> <NA> Bob <NA> <NA>\n"


def by_the_book(path):
    """What the definition says of each line: (id, start, end, speaker, confidence) in decimals and text."""
    for line in path.read_text().splitlines():
        kind, media, channel, start, duration, word, subtype, speaker, confidence, ahead = line.split(" ")
        assert (kind, channel, word, subtype, ahead) == ("SPEAKER", "1", "<NA>", "<NA>", "<NA>")
        yield media, Decimal(start), Decimal(start) + Decimal(duration), speaker, confidence


def microseconds(time):
    return float(Decimal(max(0, round(time * 1_000_000))) / 1_000_000)


def brought(path, **options):
    return {
        one.media: [(span.start, span.end, name, score) for span, name, score in one.labels]
        for one in Rttm(**options).read(path)
    }


def given_file(tmp_path, content, judged=None):
    path = tmp_path / "a.rttm"
    path.write_bytes(content.encode())
    if judged is not None:
        path.with_suffix(".uem").write_text(judged)
    return path


@given(data=st.data())
@settings(max_examples=50)
def test_what_the_format_keeps_reads_back(sources, data):
    one = data.draw(sources())
    media = stem_of(one.name) or one.name or one.record.asset.id
    kept = [track for _, track in sorted(one.record.tracks.items())]
    with tempfile.TemporaryDirectory() as folder:
        paths = Rttm().export([one], Path(folder))
        assert len(paths) == 2 * len(kept)
        for path, track in zip(paths[::2], kept, strict=True):
            if not len(track) + len(track.judged):
                continue
            (back,) = Rttm().read(path)
            assert (back.media, back.track) == (media, "")
            rows = [(microseconds(span.start), microseconds(span.end), name, score) for span, name, score in track]
            assert sorted((span.start, span.end, name, score) for span, name, score in back.labels) == sorted(rows)
            if len(track.judged):
                judged = [[microseconds(time) for time in span] for span in merge(track.judged).tolist()]
                assert back.labels.judged.tolist() == judged


@given(data=st.data())
@settings(max_examples=30)
def test_a_parser_of_the_definition_finds_the_same(sources, data):
    one = data.draw(sources(names=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)))
    with tempfile.TemporaryDirectory() as folder:
        paths = Rttm().export([one], Path(folder))[::2]
        for path, (_, track) in zip(paths, sorted(one.record.tracks.items()), strict=True):
            assert [(media, float(start), float(end), name) for media, start, end, name, _ in by_the_book(path)] == [
                (one.name, microseconds(span.start), microseconds(span.end), name) for span, name, _ in track
            ]


def test_two_media_share_the_file_of_their_track(tmp_path, film):
    other = Source(Record(Asset("cd34", 9.0), {"shots": film.record.tracks["shots"]}), "night train.wav")
    paths = Rttm().export([film, other], tmp_path)
    assert [path.name for path in paths] == ["keyframes.rttm", "keyframes.uem", "shots.rttm", "shots.uem"]
    assert paths[2].read_text().split("\n") == [
        "SPEAKER =night%20train 1 0.000000 0.333333 <NA> <NA> shot <NA> <NA>",
        "SPEAKER =night%20train 1 0.333333 1.666667 <NA> <NA> shot 0.1 <NA>",
        "SPEAKER night%20train 1 0.000000 0.333333 <NA> <NA> shot <NA> <NA>",
        "SPEAKER night%20train 1 0.333333 1.666667 <NA> <NA> shot 0.1 <NA>",
        "",
    ]
    assert paths[1].read_text() == "=night%20train 1 0.100000 0.100000\n"
    assert list(brought(paths[2])) == ["=night train", "night train"]


def test_names_that_mean_something_else_in_the_format_come_back(tmp_path):
    names = ("<NA>", "", ";; no comment", "two words", "100%", "a\nb")
    track = LabelTrack(np.array([[float(at), at + 1.0] for at in range(len(names))]), names)
    path, _ = Rttm().export([Source(Record(Asset("x", 9.0), {"a": track}), ";;.wav")], tmp_path)
    assert [row[2] for row in brought(path)[";;"]] == list(names)


@pytest.mark.parametrize(("type_", "field"), [("LEXEME", 5), ("NON-SPEECH", 6), ("SEGMENT", 7)])
def test_the_name_stands_where_the_type_has_it(tmp_path, film, type_, field):
    path = Rttm(type=type_).export([film], tmp_path)[0]
    fields = path.read_text().split()
    assert (fields[0], fields[field]) == (type_, "keyframe")
    assert brought(path, type=type_)["=night train"] == [(0.1, 0.1, "keyframe", 0.7)]


def test_a_time_before_zero_becomes_zero(tmp_path):
    track = LabelTrack(np.array([[-1.0, 2.0]]), ("a",))
    path, judged = Rttm().export([Source(Record(Asset("x", 9.0), {"a": track}), "x")], tmp_path)
    assert " 0.000000 2.000000 " in path.read_text()
    assert judged.read_text() == "x 1 0.000000 2.000000\n"


def test_a_real_file_is_read(real_media):
    path = real_media / "annotations" / "ami_debug.train.rttm"
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    found = brought(path)
    assert sum(map(len, found.values())) == len(lines)
    assert set(found) == {line[1] for line in lines}
    assert found["trn00"][0] == (3.168, 3.968, "MÉO069", 1.0)


def test_others_types_comments_and_channels(tmp_path):
    content = (
        "\ufeff;; a comment\r\n\r\nSPKR-INFO a 1 <NA> <NA> <NA> unknown Bob <NA> <NA>\r\n"
        "SPEAKER a 2 5 .5 <NA> <NA> Eve 0.5\r\n" + LINE
    )
    assert brought(given_file(tmp_path, content)) == {"a": [(1.5, 3.5, "Bob", 1.0), (5.0, 5.5, "Eve", 0.5)]}


def test_a_medium_that_was_judged_and_is_silent_is_known_to_be_silent(tmp_path):
    path = given_file(tmp_path, LINE, ";; judged\nb 1 0 10\na 1 0.0 20.5\na 1 30 40\n")
    first, second = Rttm().read(path)
    assert (first.media, first.labels.judged.tolist()) == ("a", [[0.0, 20.5], [30.0, 40.0]])
    assert (second.media, len(second.labels), second.labels.judged.tolist()) == ("b", 0, [[0.0, 10.0]])
    assert [one.media for one in Rttm().read(given_file(tmp_path, ""))] == ["b", "a"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must have lines of type SPEAKER, got an empty file. Name another with option type"),
        ("LEXEME a 1 1 2 word lex Bob <NA> <NA>", "must have lines of type SPEAKER, got LEXEME"),
        (
            LINE + "speaker a 1 1.5 2.0 <NA> <NA> Bob <NA> <NA>",
            "line 2 must begin with a type .*Did you mean 'SPEAKER'",
        ),
        ("a 1 0.0 10.0", "line 1 must begin with a type of RTTM, .*got 'a'. Is it another format, such as UEM"),
        (LINE + "SPEAKER a 1 1.5 2.0 <NA>", "line 2 must have 9 or 10 fields parted by spaces, got 6.*cut off"),
        ("SPEAKER a 1 1.5 2.0 <NA> <NA> Bob Jr. X <NA> <NA>", "line 1 must have 9 or 10 fields .*got 12"),
        ("SPEAKER a 1 -1.5 2.0 <NA> <NA> Bob <NA> <NA>", "line 1: the start must be seconds, 0 or more, .*got '-1.5'"),
        (
            "SPEAKER a 1 1.5 <NA> <NA> <NA> Bob <NA> <NA>",
            "line 1: the duration must be seconds, 0 or more, .*got '<NA>'",
        ),
        (f"SPEAKER a 1 {'9' * 400} 1 <NA> <NA> Bob <NA> <NA>", "line 1: the start must be seconds"),
        ("SPEAKER a 1 nan 1 <NA> <NA> Bob <NA> <NA>", "line 1: the start must be seconds"),
        ("SPEAKER a 1 1 1 <NA> <NA> Bob 17 <NA>", "line 1: a confidence must be <NA> or lie in \\[0, 1\\], got '17'"),
        ("SPEAKER a 1 1 1 <NA> <NA> Bob high <NA>", "line 1: a confidence must be <NA> or .*got 'high'"),
    ],
)
def test_damage_is_told_by_line(tmp_path, content, message):
    path = given_file(tmp_path, content)
    with pytest.raises(FormatError, match=message) as caught:
        list(Rttm().read(path))
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("judged", "message"),
    [
        ("a 1 0.0\n", "a.uem' line 1 must have the 4 fields id, channel, start and end, got 3"),
        ("a 1 0 9\na 1 10.0 5.0\n", "a.uem' line 2: a span must not end before it starts, got 10.0 to 5.0. The fourth"),
        ("a 1 0 x\n", "a.uem' line 1: the end must be seconds"),
    ],
)
def test_damage_of_the_file_beside_is_told(tmp_path, judged, message):
    path = given_file(tmp_path, LINE, judged)
    with pytest.raises(FormatError, match=message) as caught:
        list(Rttm().read(path))
    assert caught.value.path == path.with_suffix(".uem")
