"""Text, JSON and tables of label files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.labelfiles.texts import (
    Pairs,
    defused,
    fused,
    heading_of,
    json_of,
    rows_of,
    shown,
    table_of,
    text_of,
)
from cueline.errors import FormatError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_every_marked_encoding(tmp_path, encoding):
    path = tmp_path / "a.json"
    path.write_text('{"ä": 1}', encoding=encoding)
    assert text_of(path) == '{"ä": 1}'


def test_a_playlist_may_be_latin_1_and_nothing_else_may(tmp_path):
    for name in ("a.m3u", "a.csv"):
        (tmp_path / name).write_bytes("one\nfür.mp3".encode("latin-1"))
    assert text_of(tmp_path / "a.m3u") == "one\nfür.mp3"
    with pytest.raises(FormatError, match=r"a\.csv' line 2 must be utf-8 text, got the byte 0xfc"):
        text_of(tmp_path / "a.csv")


@pytest.mark.parametrize(("content", "told"), [(b"a\n\0b", "line 2 must be text, got a zero byte")])
def test_what_is_no_text_is_refused(tmp_path, content, told):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(FormatError, match=told):
        text_of(tmp_path / "a.csv")


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(FormatError, match="cannot read"):
        text_of(tmp_path / "none.csv")


def test_a_key_that_stands_twice_is_kept_twice(tmp_path):
    value = json_of(tmp_path, '{"a": 1, "a": 2}')
    assert isinstance(value, Pairs)
    assert (dict(value), list(value.pairs)) == ({"a": 2}, [("a", 1), ("a", 2)])


@pytest.mark.parametrize(
    ("text", "told"),
    [('[{"a": 1},\n{"b"', "line 2 must be JSON, got a fault at column 5"), ("[" * 100_000, "not nested 1000 deep")],
)
def test_broken_json_is_refused_with_its_place(tmp_path, text, told):
    with pytest.raises(FormatError, match=told):
        json_of(tmp_path / "a.json", text)


def test_cells_are_parted_by_what_the_heading_has_most_of():
    assert heading_of("a;b, c;d\r\n1;2;3") == (["a", "b, c", "d"], ";")
    assert list(rows_of("a\tb\n\n1\t2\n3\n")) == [(3, ["1", "2"], ""), (4, ["3", ""], "")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('"3,4', "line 3 must be a line of a table, got ',' expected after"),
        ('3,"4', "line 3 must be a line of a table, got ',' expected after"),
        ('"3"4,5', "line 3 must be a line of a table, got ',' expected after"),
        ("3,4,5", "line 3 must have 2 cells, as the heading has, got 3"),
    ],
)
def test_a_broken_line_is_told_and_the_others_are_read(line, told):
    (_, cells, fault), *others = list(rows_of(f'a,b\n1,2\n{line}\n5,"6\n7"\n8,9\n'))[1:]
    assert (cells, fault.startswith(told)) == ([line], True)
    assert others == [(5, ["5", "6\n7"], ""), (6, ["8", "9"], "")]


def test_a_quote_that_never_closes_costs_its_own_line_alone():
    _, (number, _, fault), last = rows_of('a,b\n1,2\n3,"4\n5,6\n')
    assert (number, fault) == (3, "line 3 must be a line of a table, got unexpected end of data. Is a quote missing?")
    assert last == (4, ["5", "6"], "")


def test_a_cell_may_have_many_lines():
    cell = "x\n" * 2500
    assert list(rows_of("a,b\n1,2\n" * 600 + f'1,"{cell[:1600]}"\n3,4\n'))[-2:] == [
        (2001, ["1", cell[:1600]], ""),
        (2002, ["3", "4"], ""),
    ]


@given(st.text())
def test_defused_text_comes_back_and_never_begins_a_formula(text):
    assert fused(defused(text)) == text
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_table_has_the_line_ends_of_its_standard():
    assert table_of(("a", "b"), iter([("1", 'say "x"')])) == 'a,b\r\n1,"say ""x"""\r\n'


def test_long_values_are_cut_in_messages():
    assert shown(Pairs([("a", "b" * 100)])) == "{'a': '" + "b" * 53 + "..."
