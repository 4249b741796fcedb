"""The book of classes, campaigns and answers."""

import subprocess
import sys
from dataclasses import replace

import pytest

from cueline.errors import StoreError
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, LabelClass
from cueline.timeline.spans import Span
from tests.stores.made import asset


@pytest.fixture
def library(tmp_path):
    with LibraryStore(tmp_path / "films.cue", create=True) as store:
        store.put_asset(asset("a1"))
        store.put_asset(asset("b2"))
    return tmp_path / "films.cue"


@pytest.fixture
def book(library):
    with AnswerBook(library) as book:
        yield book


def yes(of="a1", label="dog", **more):
    return Answer(of, label, "yes", "ann", **more)


def test_it_says_where_it_lies(book, library):
    assert repr(book) == f"AnswerBook({str(library)!r})"


def test_an_edit_of_a_class_makes_a_new_version_and_the_old_one_stays(book):
    first = book.put(LabelClass("dog", "an animal"))
    same = book.put(LabelClass("dog", "an animal"))
    second = book.put(replace(first, definition="an animal that barks", excluded=("seal",)))
    assert (first.version, same, second.version) == (1, first, 2)
    assert book.find(LabelClass, "dog") == second
    assert book.find(LabelClass, "dog", version=1) == first
    assert book.classes() == [second]


def test_a_campaign_knows_its_classes(book):
    with pytest.raises(StoreError, match="knows no class 'dog'; there are: none"):
        book.put(Campaign("dogs", ("dog",)))
    book.put(LabelClass("dog"))
    kept = book.put(Campaign("dogs", ("dog",), "Is there a dog?", exclusive=True))
    assert book.campaigns() == [kept]
    assert book.find(Campaign, "dogs").exclusive


def test_what_is_not_there_is_named_with_a_near_miss(book):
    book.put(LabelClass("dialogue"))
    with pytest.raises(StoreError, match="no class 'dialoge'; there are: dialogue. Did you mean 'dialogue'"):
        book.find(LabelClass, "dialoge")
    with pytest.raises(StoreError, match="no class 'dialogue' with version 7"):
        book.find(LabelClass, "dialogue", version=7)


def test_answers_come_back_in_the_order_in_which_they_came(book):
    given = [yes(span=Span(1, 2.5)), yes("b2", "cat"), yes(campaign="dogs")]
    assert [book.add(each) for each in given] == [1, 1, 1]
    assert book.answers() == given
    assert book.answers(asset="b2") == given[1:2]
    assert book.answers(label="dog", campaign="dogs") == given[2:]
    assert book.answers(since=2) == given[2:]
    assert book.revision() == 3


def test_an_answer_that_arrives_twice_is_kept_once(book):
    one = yes()
    assert (book.add(one), book.add(one, yes())) == (1, 1)
    assert len(book.answers()) == 2


def test_another_answer_under_the_same_id_is_refused_and_not_dropped(book):
    first = yes()
    book.add(first)
    with pytest.raises(StoreError, match="kept once under its id and never changes"):
        book.add(yes(), replace(first, verdict="no", who="bob"))
    assert book.answers() == [first]


def test_all_answers_of_a_call_are_kept_or_none(book):
    with pytest.raises(StoreError, match="knows no asset 'zz'; add its file first"):
        book.add(yes(), yes("zz"))
    assert book.answers() == []
    assert book.revision() == 0


def test_an_answer_lies_within_its_media(book):
    with pytest.raises(StoreError, match=r"within its media of 2.000 s, got Span\(5, 9999\)"):
        book.add(yes(span=Span(5, 9999)))
    assert book.add(yes(span=Span(1, 2.9))) == 1


def test_only_what_was_said_can_be_taken_back(book):
    with pytest.raises(StoreError, match="undoes nothing, which was never given"):
        book.add(yes(undoes="nothing"))
    first = yes()
    book.add(first, yes(undoes=first.id))
    assert len(book.answers()) == 2


def test_people_answer_while_a_library_is_written(library):
    with LibraryStore(library) as writer, AnswerBook(library) as book:
        run = writer.begin_run({})
        book.add(yes())
        writer.end_run(run)
        assert book.revision() == 1


def test_two_processes_that_answer_at_once_lose_nothing(library):
    code = (
        "import sys; from cueline.stores.answers import AnswerBook; from cueline.timeline.answers import Answer\n"
        "with AnswerBook(sys.argv[1]) as book:\n"
        "    for n in range(100): book.add(Answer('a1', 'dog', 'yes', sys.argv[2]))"
    )
    people = [subprocess.Popen([sys.executable, "-c", code, library, who]) for who in ("ann", "bob")]
    assert [each.wait(60) for each in people] == [0, 0]
    with AnswerBook(library, read_only=True) as book:
        assert sorted(each.who for each in book.answers()) == ["ann"] * 100 + ["bob"] * 100


def test_a_book_needs_a_library(tmp_path):
    with pytest.raises(StoreError, match="there is no library at"):
        AnswerBook(tmp_path / "none.cue")


def test_a_book_that_is_only_read_takes_no_answers(library):
    with AnswerBook(library, read_only=True) as book, pytest.raises(StoreError, match="cannot keep answers in"):
        book.add(yes())


def test_answers_are_asked_about_in_sql(book, library):
    book.add(yes(span=Span(1, 2), campaign="dogs"))
    with LibraryStore(library, read_only=True) as store:
        query = "select asset, start, class, verdict, who, campaign from answers"
        assert store.sql(query)[1] == [("a1", 1.0, "dog", "yes", "ann", "dogs")]
