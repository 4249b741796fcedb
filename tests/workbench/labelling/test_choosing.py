"""What to ask next."""

import pytest

from cueline.errors import OptionError
from cueline.workbench.labelling.choosing import next_clips
from tests.workbench.labelling.kinds import CLIPS, is_red, library_of_kinds, say, scores_of_names


@pytest.fixture
def library(tmp_path):
    return library_of_kinds(tmp_path)


def numbers(choice):
    return [int(clip.asset.removeprefix("film")) for clip in choice.clips]


def test_before_anybody_answers_clips_are_spread_and_nothing_is_said_of_chances(library):
    choice = next_clips(library, "kinds", ["looks"], count=12)
    assert len(set(numbers(choice))) == 12
    assert any(map(is_red, numbers(choice)))
    assert (choice.answered, choice.left, choice.starved) == (0, CLIPS, ("red", "loud"))
    assert all(clip.chances == {} for clip in choice.clips)
    assert choice.clips[0].file.endswith(".mp4")


def test_what_was_answered_is_not_asked_again(library):
    say(library, range(20))
    choice = next_clips(library, "kinds", ["looks"], count=100)
    assert sorted(numbers(choice)) == list(range(20, CLIPS))
    assert (choice.answered, choice.left) == (20, 40)
    assert choice.starved == ("loud",)


def test_the_likeliest_come_first_where_positives_are_wanted(library):
    say(library, range(12))
    choice = next_clips(library, "kinds", ["looks"], count=5, strategy="positive", classes=["red"])
    assert all(map(is_red, numbers(choice)))
    assert choice.strategy == "positive"
    assert choice.clips[0].chances["red"] > 0.5


def test_a_prior_begins_with_what_a_track_calls_so(library):
    scores_of_names(library, "red")
    choice = next_clips(library, "kinds", ["looks"], count=8, classes=["red"], prior="said")
    assert sum(map(is_red, numbers(choice))) >= 4


def test_the_same_answers_give_the_same_choice(library):
    say(library, range(12))
    choices = [next_clips(library, "kinds", ["looks"], count=7, strategy="feeds", seed=3) for _ in range(2)]
    assert choices[0] == choices[1]


def test_answers_that_follow_from_clusters_teach_too(library):
    say(library, range(30))
    choice = next_clips(library, "kinds", ["looks"], count=5, strategy="clusters", classes=["red"])
    assert len(choice.clips) == 5


def test_when_all_is_answered_there_is_nothing_to_ask(library):
    say(library, range(CLIPS))
    assert next_clips(library, "kinds", ["looks"]).clips == ()


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"strategy": "margins"}, "Did you mean 'margin'"),
        ({"classes": ["rad"]}, "Did you mean 'red'"),
        ({"count": 0}, "1 clip or more"),
        ({"prior": "said"}, "says nothing of 'red', 'loud'"),
    ],
)
def test_what_cannot_be_chosen_is_refused(library, how, told):
    scores_of_names(library, "dog")
    with pytest.raises(OptionError, match=told):
        next_clips(library, "kinds", ["looks"], **how)
