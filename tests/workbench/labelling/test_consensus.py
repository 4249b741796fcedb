"""What the answers of a campaign amount to."""

import pytest

from cueline.errors import OptionError
from cueline.evaluation.consensus import dawid_skene
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, Clip, LabelClass
from cueline.timeline.spans import Span
from cueline.workbench.labelling.consensus import consensus, doubts
from cueline.workbench.labelling.said import said
from cueline.workbench.library import Library


@pytest.fixture
def library(tmp_path):
    with LibraryStore(tmp_path / "clips.cue", create=True):
        pass
    library = Library(tmp_path / "clips.cue")
    with library.answers() as book:
        book.put(LabelClass("rain"))
        book.put(LabelClass("snow"))
        book.put(Campaign("weather", ("rain", "snow")))
        book.put_clips(Clip("one", "one.mp4"), Clip("two", "two.mp4"))
    return library


def say(library, *facts, span=None):
    with library.answers() as book:
        book.add(*(Answer(*fact, span, campaign="weather") for fact in facts))


def test_the_share_of_yes_is_the_chance_and_votes_stand_beside(library):
    say(library, ("one", "rain", "yes", "ann"), ("one", "rain", "no", "bob"), ("one", "rain", "unsure", "eve"))
    say(library, ("two", "rain", "yes", "ann"), span=Span(1.0, 2.0))
    found = consensus(library, "weather")
    assert [(row.name, row.span, row.label, row.chance) for row in found.rows] == [
        ("one.mp4", None, "rain", 0.5),
        ("two.mp4", Span(1.0, 2.0), "rain", 1.0),
    ]
    assert (found.rows[0].yes, found.rows[0].no, found.rows[0].unsure) == (1, 1, 1)
    assert (found.unjudged, found.notes) == (2, ())


def test_rows_stand_in_order_of_items_then_classes(library):
    said = [(item, label, "yes", "ann") for item in ("two", "one") for label in ("snow", "rain")]
    say(library, *said)
    assert [(row.asset, row.label) for row in consensus(library, "weather").rows] == [
        ("two", "rain"),
        ("two", "snow"),
        ("one", "rain"),
        ("one", "snow"),
    ]
    assert [row.label for row in consensus(library, "weather", classes=["snow"]).rows] == ["snow", "snow"]


def test_who_errs_is_believed_less(library):
    with library.answers() as book:
        book.put_clips(*(Clip(f"c{i}", f"c{i}.mp4") for i in range(60)))
    for i in range(60):
        truth = "yes" if i % 3 == 0 else "no"
        guess = "yes" if i % 2 == 0 else "no"
        say(
            library,
            *((f"c{i}", "rain", verdict, who) for who, verdict in zip("abx", (truth, truth, guess), strict=True)),
        )
    say(library, ("one", "rain", "yes", "a"), ("one", "rain", "no", "x"))
    found = consensus(library, "weather", method="dawid-skene")
    assert found.method == "dawid-skene"
    assert found.rows[-1].chance > 0.8


def test_one_labeller_is_taken_at_their_word_and_that_is_told(library):
    say(library, ("one", "rain", "yes", "ann"), ("two", "rain", "no", "ann"))
    found = consensus(library, "weather", method="dawid-skene")
    assert [row.chance for row in found.rows] == [1, 0]
    assert found.notes == ("rain: no item has two judgements, so that people are taken at their word",)


def test_no_answers_are_no_rows(library):
    assert consensus(library, "weather").rows == ()


def test_a_method_that_is_none_is_refused(library):
    with pytest.raises(
        OptionError, match="a consensus is majority or dawid-skene, got 'dawid'. Did you mean 'dawid-skene'"
    ):
        consensus(library, "weather", method="dawid")


def test_an_estimate_that_was_stopped_is_told():
    found = dawid_skene([[1, 1, 0], [0, 0, 1], [1, 0, 0]], most_turns=2)
    assert doubts("rain", found) == ["rain: the estimate still moved after 2 turns; its chances are rough"]


def test_what_was_said_prints_sizes(library):
    say(library, ("one", "rain", "yes", "ann"))
    assert repr(said(library, "weather")).startswith("Said('weather', 1 answers, Votes(1 items, 2 classes, 1 people")
