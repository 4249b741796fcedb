"""The book of classes, campaigns and answers."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cueline.errors import StoreError
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, LabelTask, clip_id, standing
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


def test_an_answer_is_found_by_its_id(book):
    first = yes(span=Span(1, 2), shown="ab12", label_version=3)
    book.add(first)
    assert book.answer(first.id) == first
    assert book.answer("another") is None


def test_an_answer_may_undo_one_of_the_same_call_but_not_a_later_one(book):
    first = yes()
    back = yes(undoes=first.id)
    with pytest.raises(StoreError, match="which was never given"):
        book.add(back, first)
    assert book.add(first, back) == 2


def test_nothing_to_add_is_nothing_added(book):
    assert book.add() == 0


def test_many_answers_that_came_before_are_told_from_new_ones(book):
    many = [yes(campaign=str(number)) for number in range(50)]
    assert book.add(*many[:30]) == 30
    assert book.add(*many, many[0]) == 20
    with pytest.raises(StoreError, match="kept once under its id"):
        book.add(*many, replace(many[7], verdict="no"))
    assert book.add(yes(), *many[::-1]) == 1
    assert book.answers()[:50] == many


def test_an_id_that_comes_twice_in_one_call_is_kept_once_or_refused(book):
    one = yes()
    assert book.add(one, one) == 1
    other = yes()
    with pytest.raises(StoreError, match="got another one with the id"):
        book.add(other, replace(other, who="bob"))
    assert book.answers() == [one]


def said(draw_from):
    """A run of operations: (who, verdict, version, which earlier one it undoes or None)."""
    return st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(draw_from), st.integers(0, 2), st.none() | st.integers(0, 30)),
        max_size=15,
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said(["yes", "no", "skipped"]))
def test_versions_that_were_judged_are_those_of_the_answers_that_stand(book, operations):
    before, made = book.judged_versions().get("dog", {}), []
    campaign = str(book.revision())  # what stands of one example hides nothing of another
    for who, verdict, version, undoes in operations:
        undone = made[undoes % len(made)].id if made and undoes is not None else ""
        made.append(Answer("a1", "dog", verdict, who, None, campaign, version, undoes=undone))
    book.add(*made)
    expected = dict(before)
    for each in standing(made):
        expected[each.label_version] = expected.get(each.label_version, 0) + 1
    assert book.judged_versions().get("dog", {}) == expected


def test_classes_are_kept_together_or_not_at_all(book):
    with pytest.raises(StoreError, match="knows no class 'cat'"):
        book.put_all([Campaign("dogs", ("cat",))])
    kept = book.put_all([LabelClass("dog"), LabelClass("cat"), LabelClass("dog", "it barks")])
    assert [each.version for each in kept] == [1, 1, 2]
    assert book.put_all(kept[1:]) == kept[1:]


def test_a_retired_campaign_is_gone_but_its_answers_and_versions_stay(book):
    book.put(LabelClass("dog"))
    first = book.put(Campaign("dogs", ("dog",)))
    book.add_tasks("dogs", [LabelTask("a1")])
    book.add(yes(campaign="dogs"))
    book.retire("dogs")
    assert book.campaigns() == []
    assert len(book.answers(campaign="dogs")) == 1
    assert book.find(Campaign, "dogs", version=1) == first
    for refused in (lambda: book.find(Campaign, "dogs"), lambda: book.tasks("dogs"), lambda: book.retire("dogs")):
        with pytest.raises(StoreError, match="the campaign 'dogs' was deleted, and its answers stay; create it again"):
            refused()
    assert book.put(Campaign("dogs", ("dog",))) == first
    assert book.campaigns() == [first]
    assert book.tasks("dogs") == []


def test_a_campaign_that_never_was_cannot_be_retired(book):
    with pytest.raises(StoreError, match="knows no campaign 'dogs'; there are: none"):
        book.retire("dogs")


@pytest.fixture
def dogs(book):
    book.put(LabelClass("dog"))
    return book.put(Campaign("dogs", ("dog",))).name


def test_tasks_are_added_once_and_come_by_priority_then_as_they_came(book, dogs):
    tasks = [LabelTask("a1"), LabelTask("a1", Span(0, 1)), LabelTask("b2", priority=1.0), LabelTask("b2", Span(0, 1))]
    assert book.add_tasks(dogs, tasks[:2]) == 2
    assert book.add_tasks(dogs, [*tasks, tasks[0]]) == 2
    assert book.tasks(dogs) == [tasks[2], tasks[0], tasks[1], tasks[3]]
    assert book.add_tasks(dogs, []) == 0


def test_a_task_that_is_there_takes_the_new_priority(book, dogs):
    book.add_tasks(dogs, [LabelTask("a1"), LabelTask("b2")])
    assert book.add_tasks(dogs, [LabelTask("b2", priority=0.5)]) == 0
    assert book.tasks(dogs) == [LabelTask("b2", priority=0.5), LabelTask("a1")]


def test_tasks_are_about_what_is_known_and_within_it(book, dogs):
    with pytest.raises(StoreError, match="knows no asset 'zz'"):
        book.add_tasks(dogs, [LabelTask("a1"), LabelTask("zz")])
    with pytest.raises(StoreError, match=r"within its media of 2.000 s, got Span\(1, 8\)"):
        book.add_tasks(dogs, [LabelTask("a1", Span(1, 8))])
    with pytest.raises(StoreError, match="no campaign 'dog'; there are: dogs. Did you mean 'dogs'"):
        book.add_tasks("dog", [LabelTask("a1")])
    assert book.tasks(dogs) == []


def test_a_clip_whose_media_nobody_has_can_be_asked_about_and_answered(book, dogs):
    name = "https://example.org/xmas/1.mp4"
    clip = Clip(clip_id(name), name, "e7a9", {"video": "xmas"})
    assert book.put_clips(clip, clip) == 1
    assert book.put_clips(clip, Clip("a1", "one.mp4")) == 1
    assert book.clips() == [clip, Clip("a1", "one.mp4")]
    assert book.add_tasks(dogs, [LabelTask(clip.asset, Span(3, 900))]) == 1
    assert book.add(yes(clip.asset), yes(clip.asset, span=Span(3, 900))) == 2


def test_a_clip_keeps_the_groups_of_its_asset_and_takes_a_new_key(book, library):
    with LibraryStore(library) as store:
        store.put_groups("a1", {"show": "Cosmos"})
    book.put_clips(Clip("a1", "one.mp4", "first", {"show": "Pets", "video": "v1", "speaker": ""}))
    book.put_clips(Clip("a1", "one.mp4"))
    assert book.clips() == [Clip("a1", "one.mp4", "first", {"show": "Cosmos", "video": "v1"})]
    book.put_clips(Clip("a1", "one.mp4", "second"))
    assert book.clips()[0].key == "second"
    with LibraryStore(library, read_only=True) as store:
        assert next(each for each in store.assets() if each.id == "a1").duration == 2.0


def test_a_clip_that_is_forgotten_is_put_to_nobody_and_what_was_said_of_it_stays(book, dogs):
    book.put_clips(Clip("clip-1", "one"), Clip("clip-2", "two"))
    book.add_tasks(dogs, [LabelTask("clip-1"), LabelTask("clip-2")])
    book.add(yes("clip-1"))
    book.forget_clips(["clip-1", "none"])
    assert [clip.asset for clip in book.clips()] == ["clip-2"]
    assert book.tasks(dogs) == [LabelTask("clip-2")]
    assert len(book.answers(asset="clip-1")) == 1


def test_clips_and_tasks_are_kept_while_a_library_is_written(library, book, dogs):
    with LibraryStore(library) as writer:
        run = writer.begin_run({})
        book.put_clips(Clip("clip-1", "one"))
        book.add_tasks(dogs, [LabelTask("clip-1")])
        writer.end_run(run)
        assert writer.sql("select campaign, asset, start, priority from tasks")[1] == [("dogs", "clip-1", None, 0.0)]
        assert writer.sql("select * from clips")[1] == [("clip-1", "one", "")]
        assert writer.sql("select name, retired from campaigns")[1] == [("dogs", None)]


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


def _write_and_break(book):
    with book.alone():
        book.put(LabelClass("sun"))
        book.add(yes())
        raise KeyError("sun")


def test_what_one_writes_alone_is_kept_together_or_not_at_all(book):
    before = book.classes()
    with pytest.raises(KeyError):
        _write_and_break(book)
    assert (book.classes(), book.answers()) == (before, [])
    with book.alone():
        book.put(LabelClass("sun"))
        book.add(yes())
    assert (len(book.classes()), len(book.answers())) == (len(before) + 1, 1)


def test_nobody_else_writes_while_one_is_alone(book, library, monkeypatch):
    monkeypatch.setattr("cueline.stores.opening._BUSY_SECONDS", 0.1)
    with AnswerBook(library) as other:
        with book.alone(), pytest.raises(StoreError, match="another program holds its database"):
            other.add(yes())
        assert other.add(yes()) == 1


def test_the_state_changes_with_all_that_is_added(book):
    seen = [book.state()]
    for add in (
        lambda: book.put(LabelClass("sun")),
        lambda: book.put(Campaign("sky", ("sun",))),
        lambda: book.put_clips(Clip("c", "c.mp4")),
        lambda: book.add(yes("c", "sun")),
        lambda: book.retire("sky"),
    ):
        add()
        seen.append(book.state())
    assert len(set(seen)) == 6
