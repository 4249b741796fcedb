"""Learning curves of models that learned from fewer labels than there are."""

from itertools import pairwise

import numpy as np
import pytest

from cueline.errors import OptionError, TimelineError
from cueline.evaluation.ranking import average_precision
from cueline.learning.active.learning_curve import LearningCurve, learning_curve
from tests.learning.fitted import Chances, made_clips, ridge


def test_more_labels_give_a_better_measure():
    values, answers, groups = made_clips(clear=1.5)
    curve = learning_curve(values, answers, groups, sizes=[12, 60, 180], draws=4, fit=ridge, resamples=0)
    assert curve.measured.shape == (4, 3)
    assert (np.diff(curve.measured.mean(axis=0)) > 0.01).all()
    assert repr(curve) == "LearningCurve(12 to 180 of 300 labels, 4 draws)"


def test_larger_sizes_hold_the_smaller_ones_and_never_the_group_that_is_measured():
    values, answers, groups = made_clips(100, films=20)
    values[:, -1] = np.arange(100)
    calls = []

    def watched(learned, _):
        rows = learned[:, -1].astype(int)
        return Chances(lambda new: calls.append((rows, new[:, -1].astype(int))) or np.zeros((len(new), 3)))

    learning_curve(values, answers, groups, sizes=[10, 20, 40], draws=1, fit=watched, resamples=0)
    assert [len(rows) for rows, _ in calls] == [10, 20, 40] * 5
    for (small, _), (large, apart) in pairwise(calls):
        if len(large) > len(small):
            assert small.tolist() == large[: len(small)].tolist()
        assert not set(groups[large].tolist()) & set(groups[apart].tolist())


def test_the_default_classifier_and_sizes_do():
    values, answers, groups = made_clips(120)
    curve = learning_curve(values * 100 + 7, answers, groups, draws=2, folds=3, resamples=3)
    assert len(curve.sizes) == 5
    assert curve.sizes[-1] / curve.sizes[0] == pytest.approx(4, rel=0.1)
    assert 70 <= curve.sizes[-1] <= 80
    assert curve.resampled.shape == (3, 2, 5)
    assert curve.measured.mean() > 0.6


def test_resamples_scatter_about_what_was_measured():
    values, answers, groups = made_clips(200)
    curve = learning_curve(values, answers, groups, draws=3, fit=ridge, resamples=100)
    apart = curve.resampled.mean(axis=0) - curve.measured
    assert np.abs(apart).max() < 0.02
    assert 0.005 < curve.resampled.std(axis=0).mean() < 0.1


def test_a_model_that_learns_nothing_gets_the_share_of_positives():
    values, answers, groups = made_clips(200)

    def nothing(*_):
        return Chances(lambda new: np.full((len(new), 3), 0.5))

    curve = learning_curve(values, answers, groups, draws=2, fit=nothing, resamples=0)
    np.testing.assert_allclose(curve.measured, answers.mean(axis=0).mean(), atol=1e-6)


def test_rows_that_nobody_judged_are_no_labels():
    values, answers, groups = made_clips(200)
    answers[::2] = -1
    answers[1::4, 1] = -1
    curve = learning_curve(values, answers, groups, draws=2, fit=ridge, resamples=0)
    assert curve.labelled == 100
    assert curve.sizes[-1] <= 85


def test_the_last_size_measures_what_is_measured_out_of_fold():
    values, answers, _ = made_clips(100, films=100, classes=1)
    curve = learning_curve(values, answers, sizes=[80], draws=3, fit=ridge, resamples=0)
    weights = ridge(values, answers).chances(values)
    seen = average_precision(answers[:, 0] == 1, weights[:, 0])
    assert (curve.measured < seen).all()
    assert (curve.measured > seen - 0.2).all()


def test_the_same_seed_gives_the_same_curve():
    values, answers, groups = made_clips(100)
    first, second, other = (
        learning_curve(values, answers, groups, draws=2, fit=ridge, resamples=5, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.measured, second.measured)
    np.testing.assert_array_equal(first.resampled, second.resampled)
    assert (first.measured != other.measured).any()


def test_classes_left_out_or_rare_are_told():
    values, answers, groups = made_clips(100)
    answers[:, 1] = 0
    answers[:, 2] = np.isin(np.arange(100), [3, 50])
    names = ["rain", "snow", "fog"]
    curve = learning_curve(values, answers, groups, draws=1, fit=ridge, resamples=0, classes=names)
    assert curve.notes[0] == "'snow': nobody said yes to it"
    assert curve.notes[1].startswith("'fog' has 2 positives in 2 groups: none is apart in folds")


def test_what_cannot_be_learned_is_refused():
    values, answers, groups = made_clips(100)
    with pytest.raises(OptionError, match="1 draw and 0 resamples or more, got 0 and 200"):
        learning_curve(values, answers, groups, draws=0, fit=ridge)
    with pytest.raises(OptionError, match=r"must lie in 1 to \d+, what each fold leaves to learn from, got \[5, 100\]"):
        learning_curve(values, answers, groups, sizes=[5, 100], fit=ridge)
    with pytest.raises(OptionError, match=r"must lie in 1 to \d+, .* got \[\]"):
        learning_curve(values, answers, groups, sizes=[], fit=ridge)
    with pytest.raises(OptionError, match="5 folds need 5 groups"):
        learning_curve(values, answers, np.arange(100) % 4, fit=ridge)
    with pytest.raises(TimelineError, match="got none that has: 'class 0': nobody said yes"):
        learning_curve(values, np.zeros_like(answers), groups, fit=ridge)
    values[4, 1] = np.inf
    with pytest.raises(TimelineError, match="features must be finite, got inf in row 4, column 1"):
        learning_curve(values, answers, groups, fit=ridge)


@pytest.mark.parametrize(
    ("about", "what"),
    [
        ({"sizes": [20, 10]}, r"sizes of a learning curve must rise from 1 or more, got \[20, 10\]"),
        ({"sizes": [0, 10]}, "must rise from 1 or more"),
        ({"sizes": [10]}, r"one measure a size, shape \(draws, 1\), got \(3, 2\)"),
        ({"labelled": 0}, "a learning curve needs labels, got 0"),
        ({"resampled": np.ones((4, 3, 1))}, r"must have shape \(R, 3, 2\), got \(4, 3, 1\)"),
    ],
)
def test_a_curve_that_cannot_be_is_refused(about, what):
    given = {"sizes": np.array([10, 20]), "measured": np.ones((3, 2)), "labelled": 30, **about}
    with pytest.raises(TimelineError, match=what):
        LearningCurve(**given)
