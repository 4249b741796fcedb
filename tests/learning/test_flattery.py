"""A random split says too much where clips of a film look alike, and not where they do not."""

import numpy as np
import pytest

from cueline.errors import OptionError, TimelineError
from cueline.evaluation.ranking import average_precision
from cueline.learning.flattery import flattery
from cueline.timeline.examples import Examples, LabelLists
from tests.learning.fitted import made_clips, nearest, ridge


def examples_of(values, answers, groups, **about):
    yes, unknown = (LabelLists.of_flags(answers == answer) for answer in (1, -1))
    return Examples(values, yes, unknown, groups=groups, **about)


def of_films(alike, *, seed=0):
    """Clips whose answers are those of their film, and which look alike as much as is said."""
    values, _, groups = made_clips(240, films=40, alike=alike, clear=0.0, seed=seed)
    answers = (np.random.default_rng(seed).random((40, 2)) < 0.4)[groups].astype(np.int8)
    return values, answers, groups


def test_a_model_that_knows_films_by_heart_is_flattered():
    found = flattery(examples_of(*of_films(alike=5.0)), fit=nearest, resamples=200)
    assert found.mean.first_value > 0.9
    assert found.mean.second_value < 0.6
    assert found.mean.difference.low > 0.2
    assert found.groups == 40
    assert str(found).startswith("a random split would have said 0.9")
    assert repr(found).endswith("over 2 classes, 40 groups)")


def test_where_films_say_nothing_a_random_split_flatters_by_nothing():
    held = 0
    for seed in range(10):
        values, answers, groups = made_clips(240, films=40, seed=seed)
        off = flattery(examples_of(values, answers, groups), fit=ridge, seed=seed, resamples=200).mean.difference
        assert abs(off.value) < 0.05
        held += off.low <= 0 <= off.high
    assert held >= 8


def test_the_mean_is_that_of_the_classes():
    found = flattery(examples_of(*of_films(alike=1.0), classes=("rain", "snow")), fit=ridge, resamples=20)
    assert [row.name for row in found.classes] == ["rain", "snow"]
    assert found.mean.first_value == pytest.approx(np.mean([row.random for row in found.classes]))
    assert found.mean.second_value == pytest.approx(np.mean([row.grouped for row in found.classes]))
    for row in found.classes:
        assert row.difference.value == pytest.approx(row.random - row.grouped)
        assert row.difference.low <= row.difference.high


def test_rows_that_nobody_judged_do_not_count():
    values, answers, groups = of_films(alike=1.0)
    answers[::2, 0] = -1
    known = answers[:, 0] != -1
    noted = []

    def watched(learned, given):
        noted.append(given)
        return ridge(learned, given)

    found = flattery(examples_of(values, answers, groups), fit=watched, resamples=20)
    assert all((given[:, 0] == -1).any() for given in noted)
    assert average_precision(answers[known, 0] == 1, np.zeros(known.sum())) != found.classes[0].random


def test_each_film_by_itself_gives_one_split_and_no_flattery():
    values, answers, _ = made_clips(100)
    found = flattery(examples_of(values, answers, np.arange(100)), fit=ridge, resamples=20)
    assert found.mean.difference.value == 0


def test_classes_of_one_film_are_left_out_and_named():
    values, answers, groups = of_films(alike=1.0)
    answers[:, 1] = groups == 7
    found = flattery(examples_of(values, answers, groups, classes=("rain", "snow")), fit=ridge, resamples=20)
    assert [row.name for row in found.classes] == ["rain"]
    assert found.notes == ("'snow': all 6 yes are in one group, so that none is left to learn from when it is apart",)


def test_what_cannot_be_measured_is_refused():
    values, answers, groups = of_films(alike=1.0)
    with pytest.raises(TimelineError, match="got none that has"):
        flattery(examples_of(values, np.zeros_like(answers), groups), fit=ridge)
    with pytest.raises(OptionError, match="50 folds need 50 groups"):
        flattery(examples_of(values, answers, groups), fit=ridge, folds=50)
    values[3, 2] = np.nan
    with pytest.raises(TimelineError, match="got nan in row 3, column 2"):
        flattery(examples_of(values, answers, groups), fit=ridge)
