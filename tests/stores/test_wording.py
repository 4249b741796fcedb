"""Queries of full text."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError
from cueline.stores.wording import full_text, plain_words


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


def test_words_for_names_of_files_are_folded_and_bare():
    assert plain_words('Holiday "Rome 2019" film*') == ["holiday", "rome 2019", "film"]
