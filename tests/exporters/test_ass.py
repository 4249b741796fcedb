"""Subtitles with styles, as another program writes and reads them."""

import tempfile
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.ass import Ass

HEAD = "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Text\n"
words = st.text(st.sampled_from("ab,1:é♪ "), max_size=10).map(str.strip)
events = st.lists(st.tuples(st.integers(0, 3_580_000), st.integers(0, 10_000), words, words), min_size=1, max_size=6)


def rows_of(path, **options):
    ((media, track, labels),) = ((one.media, one.track, one.labels) for one in Ass(**options).read(path))
    assert (media, track) == ("", "subtitles")
    return [(span.start, span.end, name) for span, name, _ in labels]


def given_file(tmp_path, content, encoding="utf-8"):
    path = tmp_path / "a.ass"
    path.write_bytes(content.encode(encoding))
    return path


@given(events=events, format_=st.sampled_from(["ass", "ssa"]))
@settings(max_examples=40)
def test_what_another_program_writes_is_read(events, format_):
    theirs = pysubs2.SSAFile()
    for start, length, first, second in events:
        theirs.append(pysubs2.SSAEvent(start * 10, (start + length) * 10, rf"{{\i1}}{first}\N{second}{{\i0}}"))
    theirs.append(pysubs2.SSAEvent(0, 10, "a comment", type="Comment"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ass"
        theirs.save(str(path), format_=format_)
        rows = rows_of(path)
    assert sorted(rows) == sorted(
        (start / 100, (start + length) / 100, " ".join(f"{first} {second}".split()))
        for start, length, first, second in events
    )


def test_tags_drawings_and_breaks_are_left_out_and_music_stays(tmp_path):
    line = r"Dialogue: 0,0:00:01.00,0:00:02.50,Default,{\an8\i1}♪ La\hla, la{\i0}\N- Ho{\p1}m 0 0 l 9 9{\p0} ♪"
    path = given_file(tmp_path, HEAD + line)
    assert rows_of(path) == [(1.0, 2.5, "♪ La la, la - Ho ♪")]


def test_other_encodings_and_line_breaks_are_read(tmp_path):
    text = (HEAD + "Comment: 0,0:00:00.00,0:00:00.00,x,no\nDialogue: 0,100:00:01.00,100:00:02.00,x,café\n").replace(
        "\n", "\r\n"
    )
    expected = [(360_001.0, 360_002.0, "café")]
    assert rows_of(given_file(tmp_path, text, "utf-8-sig")) == expected
    assert rows_of(given_file(tmp_path, text, "utf-16")) == expected
    assert rows_of(given_file(tmp_path, text, "cp1252"), encoding="cp1252") == expected


def test_a_script_without_dialogue_brings_no_label(tmp_path):
    assert rows_of(given_file(tmp_path, HEAD)) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"must have a section \[Events\] .*got no section. Is it cut off"),
        ("[Script Info]\n[V4+ Styles]\n", r"got \[v4\+ styles\] last"),
        ("[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,x,Hi", "line 2: an event must stand below a line Format"),
        ("[Events]\nFormat: Start, Text, End\n", "line 2 must name the fields Start, End and, as the last, Text, got"),
        (HEAD + "Dialogue: 0,0:00:01.00", "line 6: an event must have 5 fields, got '0,0:00:01.00'"),
        (HEAD + "Dialogue: 0,,0:00:02.00,x,Hi", "line 6: times of an event must read H:MM:SS.cc, 0 or more, got ''"),
        (HEAD + "Dialogue: 0,-0:00:01.00,0:00:02.00,x,Hi", "0 or more, got '-0:00:01.00'"),
        (HEAD + f"Dialogue: 0,{'9' * 400}:00:00,0:00:02.00,x,Hi", "line 6: times of an event must read H:MM:SS.cc"),
        (HEAD + "Dialogue: 0,0:61:01.00,0:62:02.00,x,Hi", "line 6: minutes and seconds .* below 60, got '0:61:01.00'"),
        (
            HEAD + "Dialogue: 0,0:00:03.00,0:00:02.00,x,Hi",
            "line 6: an event must not end before it starts, got 0:00:03",
        ),
    ],
)
def test_damage_is_told_by_line(tmp_path, content, message):
    path = given_file(tmp_path, content)
    with pytest.raises(FormatError, match=message) as caught:
        list(Ass().read(path))
    assert caught.value.path == path
