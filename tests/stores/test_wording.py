"""Queries of full text."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError
from cueline.stores.wording import fitting, full_text


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("dog", '"dog"'),
        ("  dog   car ", '("dog" AND "car")'),
        ("dog AND car", '("dog" AND "car")'),
        ("dog OR cat car", '("dog" OR ("cat" AND "car"))'),
        ("(dog OR cat) car", '(("dog" OR "cat") AND "car")'),
        ("car*", '"car"*'),
        ('"red car"', '"red car"'),
        ("dog -cat", '(("dog") NOT "cat")'),
        ("dog NOT cat NOT cow", '(("dog") NOT "cat" NOT "cow")'),
        ("name:dog", '"name:dog"'),
        ("black-and-white", '"black-and-white"'),
    ],
)
def test_words_are_read(query, read):
    assert full_text(query) == read


@pytest.mark.parametrize(
    ("query", "told", "place"),
    [
        ("", "a search needs a word or more", 0),
        ("dog OR", "here a word must stand", 6),
        ("NOT dog", "here a word must stand", 0),
        ("(dog", "this bracket is not closed", 0),
        ("dog)", "this bracket was never opened", 3),
        ('dog "red car', "this quote is not closed", 4),
    ],
)
def test_a_caret_shows_where_a_query_cannot_be_read(query, told, place):
    with pytest.raises(OptionError, match=told) as refused:
        full_text(query)
    line, mark = str(refused.value).split("\n")[-2:]
    assert line == f"    {query}"
    assert mark.index("^") - 4 == place


@given(st.text(alphabet=st.sampled_from("ab *\"()-:^+'{}ORANDT\n\0é")))
def test_whatever_is_read_is_understood_by_the_index(query):
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
    try:
        words = full_text(query)
    except OptionError:
        return
    database.execute("SELECT * FROM t WHERE t MATCH ?", (words,)).fetchall()
    database.close()


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("rock & roll", '("rock" AND "roll")'),
        ("dog - cat", '("dog" AND "cat")'),
        ('"..." dog *', '"dog"'),
        ("dog\ud800", '"dog\N{REPLACEMENT CHARACTER}"'),
        ("dog\0cat", '("dog" AND "cat")'),
    ],
)
def test_what_no_index_holds_is_left_out(query, read):
    assert full_text(query) == read


@pytest.mark.parametrize("query", ["*", '""', "- &", "\N{DOG FACE}"])
def test_a_search_for_no_letter_at_all_is_refused(query):
    with pytest.raises(OptionError, match="a search needs a word or more"):
        full_text(query)


def test_brackets_stand_so_deep_as_the_index_reads_them():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
    words = full_text("(dog -x OR " * 20 + "z" + ")" * 20)
    database.execute("SELECT * FROM t WHERE t MATCH ?", (words,)).fetchall()
    database.close()
    with pytest.raises(OptionError, match="brackets stand at most 20 deep in one another"):
        full_text("(" * 5000 + "dog" + ")" * 5000)


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("rome", True),
        ("ROMÉ*", True),
        ("holiday rome", True),
        ('"rome2019"', True),
        ("talk OR rome", True),
        ("talk rome", False),
        ("rome -holiday", False),
        ("rome -talk", True),
        ("(talk OR rome) holi", True),
    ],
)
def test_a_query_fits_the_name_of_a_file_as_it_fits_a_text(query, fits):
    assert fitting(query)("Holiday/Rome\N{COMBINING ACUTE ACCENT}2019.mp4") is fits
