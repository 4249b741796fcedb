"""The table of what people said: who, which item, which class, and which of their answers holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.timeline.answers import Answer, standing
from cueline.timeline.spans import Span
from cueline.timeline.votes import MISSING, NO, UNSURE, YES, Votes, votes_of

NUMBERS = {"yes": YES, "no": NO, "unsure": UNSURE, "skipped": MISSING}


def said(*facts, **more):
    return [Answer(asset, label, verdict, who, **more) for asset, label, verdict, who in facts]


class TestVotesOf:
    def test_each_verdict_has_its_number(self):
        found = votes_of(said(*((f"a{i}", "rain", verdict, "ann") for i, verdict in enumerate(NUMBERS))), ["rain"])
        assert found.about("rain")[:, 0].tolist() == list(NUMBERS.values())

    def test_who_was_not_asked_is_missing(self):
        found = votes_of(said(("a", "rain", "yes", "ann"), ("b", "rain", "no", "bob")), ["rain"])
        assert found.about("rain").tolist() == [[YES, MISSING], [MISSING, NO]]

    def test_the_last_answer_of_a_person_holds(self):
        found = votes_of(said(("a", "rain", "yes", "ann"), ("a", "rain", "no", "ann")), ["rain"])
        assert found.about("rain").tolist() == [[NO]]

    def test_the_last_answer_holds_whichever_its_campaign(self):
        first = said(("a", "rain", "yes", "ann"), campaign="one")
        second = said(("a", "rain", "no", "ann"), campaign="two")
        again = said(("a", "rain", "yes", "ann"), campaign="one")
        assert votes_of([*first, *second], ["rain"]).table.ravel().tolist() == [NO]
        assert votes_of([*first, *second, *again], ["rain"]).table.ravel().tolist() == [YES]

    def test_who_skips_after_answering_has_said_nothing(self):
        found = votes_of(said(("a", "rain", "yes", "ann"), ("a", "rain", "skipped", "ann")), ["rain"])
        assert found.about("rain").tolist() == [[MISSING]]

    def test_an_answer_taken_back_leaves_no_item(self):
        (first,) = said(("a", "rain", "yes", "ann"))
        undo = Answer("a", "rain", "yes", "ann", undoes=first.id)
        assert votes_of([first, undo], ["rain"]).items == ()

    def test_items_stand_as_they_first_appeared_whoever_changed_their_mind(self):
        facts = (("b", "rain", "yes", "ann"), ("a", "rain", "no", "ann"), ("b", "rain", "no", "ann"))
        assert votes_of(said(*facts), ["rain"]).items == (("b", None), ("a", None))

    def test_a_clip_and_a_range_of_it_are_two_items(self):
        whole, part = said(("a", "rain", "yes", "ann")), said(("a", "rain", "no", "ann"), span=Span(1.0, 2.0))
        assert votes_of([*whole, *part], ["rain"]).items == (("a", None), ("a", Span(1.0, 2.0)))

    def test_people_stand_in_order_of_name_and_classes_as_asked(self):
        found = votes_of(said(("a", "rain", "yes", "bob"), ("a", "snow", "no", "ann")), ["snow", "rain"])
        assert (found.people, found.classes) == (("ann", "bob"), ("snow", "rain"))
        assert found.table.tolist() == [[[NO, MISSING], [MISSING, YES]]]

    def test_answers_about_other_classes_do_not_count(self):
        found = votes_of(said(("a", "rain", "yes", "bob"), ("b", "snow", "no", "ann")), ["rain"])
        assert (found.items, found.people) == ((("a", None),), ("bob",))

    def test_no_answers_make_an_empty_table(self):
        assert votes_of([], ["rain"]).table.shape == (0, 1, 0)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b", "c"]),
                st.sampled_from(["rain", "snow"]),
                st.sampled_from(list(NUMBERS)),
                st.sampled_from(["ann", "bob", "eve"]),
                st.sampled_from([None, Span(0.0, 1.0)]),
                st.integers(0, 9),
            )
        )
    )
    def test_the_table_says_what_standing_answers_say(self, facts):
        given: list[Answer] = []
        for asset, label, verdict, who, span, back in facts:
            undoes = given[-back].id if 0 < back <= len(given) and back > 6 else ""
            given.append(Answer(asset, label, verdict, who, span, undoes=undoes))
        found = votes_of(given, ["snow", "rain"])
        expected = {((a.asset, a.span), a.label, a.who): NUMBERS[a.verdict] for a in standing(given)}
        for i, item in enumerate(found.items):
            for c, label in enumerate(found.classes):
                for p, who in enumerate(found.people):
                    assert found.table[i, c, p] == expected.pop((item, label, who), MISSING)
        assert not expected


class TestVotes:
    def test_it_prints_sizes(self):
        found = votes_of(said(("a", "rain", "yes", "ann"), ("b", "rain", "unsure", "ann")), ["rain"])
        assert (repr(found), len(found)) == ("Votes(2 items, 1 classes, 1 people, 1 judgements)", 2)

    def test_nobody_can_write_into_the_table(self):
        with pytest.raises(ValueError, match="read-only"):
            votes_of(said(("a", "rain", "yes", "ann")), ["rain"]).table[0, 0, 0] = 0

    def test_a_class_that_was_not_asked_for_is_refused_with_the_near_miss(self):
        with pytest.raises(TimelineError, match=r"about the classes rain, got 'rains'. Did you mean 'rain'\?"):
            votes_of([], ["rain"]).about("rains")

    @pytest.mark.parametrize(
        ("change", "match"),
        [
            ({"table": np.zeros((1, 1), np.int8)}, r"items x classes x people, \(1, 1, 2\), got \(1, 1\)"),
            ({"table": np.full((1, 1, 2), 3)}, "whole numbers from -2 to 1, got int64 from 3 to 3"),
            ({"table": np.zeros((1, 1, 2))}, "whole numbers from -2 to 1, got float64"),
            ({"people": ("ann", "ann")}, "each of their people once, got 'ann' twice"),
            ({"classes": ("rain", "rain")}, "each of their classes once, got 'rain' twice"),
        ],
    )
    def test_what_is_no_table_of_votes_is_refused(self, change, match):
        facts = {"items": (("a", None),), "people": ("ann", "bob"), "classes": ("rain",)}
        with pytest.raises(TimelineError, match=match):
            Votes(**{**facts, "table": np.zeros((1, 1, 2), np.int8), **change})
