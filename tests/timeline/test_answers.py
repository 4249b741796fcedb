"""Classes, campaigns and answers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError, TimelineError
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass, LabelTask, clip_id, standing
from cueline.timeline.spans import Span


def answer(verdict="yes", *, who="ann", label="dog", **more):
    return Answer("a1", label, verdict, who, **more)


@given(
    st.text(min_size=1).filter(str.strip),
    st.sampled_from(["yes", "no", "unsure", "skipped"]),
    st.none() | st.builds(Span, st.floats(0, 5), st.floats(6, 9)),
)
def test_an_answer_comes_back_from_json(who, verdict, span):
    given = answer(verdict, who=who, span=span, campaign="dogs", label_version=3)
    assert Answer.from_json(given.to_json()) == given


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"span": [2, 1]}', '{"span": null, "colour": 1}'])
def test_what_is_no_answer_is_refused(text):
    with pytest.raises(FormatError, match="an answer must be JSON as to_json"):
        Answer.from_json(text)


def test_two_answers_that_say_the_same_are_two():
    assert answer().id != answer().id


@pytest.mark.parametrize("missing", ["asset", "label", "who", "id"])
def test_an_answer_names_what_it_is_about_and_who_gave_it(missing):
    values = {"asset": "a1", "label": "dog", "verdict": "yes", "who": "ann", missing: " "}
    with pytest.raises(TimelineError, match="an answer names its"):
        Answer(**values)


def test_a_verdict_that_nobody_can_give_is_refused():
    with pytest.raises(TimelineError, match="yes, no, unsure, skipped, got 'yess'.*Did you mean 'yes'"):
        answer("yess")


def test_the_last_answer_of_a_person_stands():
    first, second, other = answer("yes"), answer("no"), answer("yes", who="bob")
    assert standing([first, other, second]) == [other, second]


def test_an_answer_taken_back_does_not_stand_and_brings_the_one_before_back():
    first, second = answer("yes"), answer("no")
    back = answer("skipped", undoes=second.id)
    assert standing([first, second, back]) == [first]


def test_an_undo_that_is_undone_undoes_nothing():
    first = answer("yes")
    back = answer("skipped", undoes=first.id)
    again = answer("skipped", undoes=back.id)
    assert standing([first, back, again]) == [first]


def test_answers_about_different_spans_all_stand():
    both = [answer(span=Span(0, 1)), answer(span=Span(1, 2)), answer()]
    assert standing(both) == both


def test_nobody_said_anything():
    assert standing([]) == []


def test_a_class_and_a_campaign_need_names():
    with pytest.raises(TimelineError, match="a class needs a name, got ' '"):
        LabelClass(" ")
    with pytest.raises(TimelineError, match="a campaign needs a name, got ''"):
        Campaign("", ("dog",))


@pytest.mark.parametrize("classes", [(), ("dog", "dog")])
def test_a_campaign_asks_about_some_classes_each_once(classes):
    with pytest.raises(TimelineError, match="one class or more, each once"):
        Campaign("dogs", classes)


def test_a_campaign_shows_what_can_be_shown():
    assert Campaign("dogs", ("dog",), source="every shot").source == "every shot"
    with pytest.raises(TimelineError, match="video, audio, picture, text, got 'smell'"):
        Campaign("dogs", ("dog",), shown="smell")


def test_lists_become_tuples_so_that_values_can_be_compared():
    assert LabelClass("dog", excluded=["cat"]) == LabelClass("dog", excluded=("cat",))
    assert Campaign("dogs", ["dog"]) == Campaign("dogs", ("dog",))


def test_a_task_is_about_something_and_has_a_place_in_the_order():
    with pytest.raises(TimelineError, match="a task names its asset, got ''"):
        LabelTask("")
    with pytest.raises(TimelineError, match="a priority must be a finite number, got nan"):
        LabelTask("a1", priority=math.nan)


@pytest.mark.parametrize(("asset", "name", "missing"), [("", "one.mp4", "asset"), ("a1", " ", "name")])
def test_a_clip_is_called_something(asset, name, missing):
    with pytest.raises(TimelineError, match=f"a clip needs its {missing}"):
        Clip(asset, name)


@given(st.text(), st.text())
def test_clips_have_one_id_for_one_name(first, second):
    assert (clip_id(first) == clip_id(second)) == (first == second)
    assert clip_id(first).startswith("clip-")


def by_hand(given):
    """What stands, told the slow way: an operation holds unless a later one that holds undoes it."""
    holds = []
    for each in given:
        later = [other for other in given if other.undoes == each.id]
        holds.append((each, later))
    alive = {}
    for each, later in reversed(holds):
        alive[each.id] = not any(alive.get(other.id, False) for other in later)
    said = [each for each, _ in holds if alive[each.id] and not each.undoes]
    about = [(each.asset, each.span, each.label, each.who, each.campaign) for each in said]
    return [each for number, each in enumerate(said) if about[number] not in about[number + 1 :]]


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["yes", "no", "skipped"]), st.none() | st.integers(0, 30)),
        max_size=20,
    )
)
def test_what_stands_is_what_nothing_that_holds_takes_back(operations):
    made = []
    for who, verdict, undoes in operations:
        undone = made[undoes % len(made)].id if made and undoes is not None else ""
        made.append(answer(verdict, who=who, undoes=undone))
    assert standing(made) == by_hand(made)
    assert standing(standing(made)) == standing(made)


@given(st.lists(st.sampled_from(["yes", "no", "unsure"]), max_size=6), st.sampled_from(["yes", "no", "unsure"]))
def test_an_undo_leaves_what_stood_before(verdicts, last):
    before = [answer(verdict) for verdict in verdicts]
    more = answer(last)
    assert standing([*before, more, answer("skipped", undoes=more.id)]) == standing(before)
