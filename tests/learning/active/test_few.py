"""The classifier for few labels agrees with others, and is never surprised by what answers lack."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.asking import NO, UNKNOWN, YES
from cueline.learning.active.few import fit_few
from tests.learning.active.pools import made


def of_sklearn(values, answers, strength=1.0, weights=None):
    """The same model by liblinear, which weighs the bias like we do; both answers weigh the same in all."""
    rows = np.hstack([values, np.ones((len(values), 1), np.float32)])
    weights = np.ones(len(values)) if weights is None else weights
    both = np.bincount(answers, weights)
    model = LogisticRegression(C=1 / strength, solver="liblinear", fit_intercept=False, max_iter=10_000, tol=1e-10)
    model.fit(rows, answers, sample_weight=weights * (weights.sum() / 2 / both)[answers])
    return model.predict_proba(rows)[:, 1]


@pytest.mark.parametrize("strength", [0.01, 1.0, 10.0])
@pytest.mark.parametrize(("rows", "width"), [(20, 50), (50, 8)])
def test_chances_agree_with_scikit_learn(rows, width, strength):
    values, answers = made(rows, width, classes=3)
    chances = fit_few(values, answers, strength=strength).chances(values)
    for column in range(3):
        np.testing.assert_allclose(chances[:, column], of_sklearn(values, answers[:, column], strength), atol=2e-4)


@pytest.mark.parametrize(("rows", "width"), [(20, 50), (50, 8)])
def test_weighed_chances_agree_with_scikit_learn(rows, width):
    values, answers = made(rows, width, classes=2)
    weights = np.random.default_rng(1).exponential(size=rows)
    chances = fit_few(values, answers, weights=weights).chances(values)
    for column in range(2):
        expected = of_sklearn(values, answers[:, column], weights=weights)
        np.testing.assert_allclose(chances[:, column], expected, atol=2e-4)


def test_a_weight_of_two_is_a_row_twice():
    values, answers = made(30)
    weights = np.where(np.arange(30) < 10, 2.0, 1.0)
    twice = np.concatenate((np.arange(30), np.arange(10)))
    weighed = fit_few(values, answers, weights=weights).chances(values)
    np.testing.assert_allclose(weighed, fit_few(values[twice], answers[twice]).chances(values), atol=1e-4)


def test_a_weight_of_nothing_is_no_row():
    values, answers = made(30, classes=2)
    weights = (np.arange(30) >= 10).astype(float)
    without = fit_few(values[10:], answers[10:]).chances(values)
    np.testing.assert_allclose(fit_few(values, answers, weights=weights).chances(values), without, atol=1e-4)


def test_each_class_has_weights_of_its_own():
    values, answers = made(30, classes=2)
    weights = np.ones((30, 2))
    weights[:10, 1] = 0
    both = fit_few(values, answers, weights=weights).chances(values)
    np.testing.assert_allclose(both[:, [0]], fit_few(values, answers[:, [0]]).chances(values), atol=1e-4)
    np.testing.assert_allclose(both[:, [1]], fit_few(values[10:], answers[10:, [1]]).chances(values), atol=1e-4)


def test_what_is_unknown_of_a_class_does_not_count_for_it():
    values, answers = made(40, classes=2)
    answers[:15, 0] = UNKNOWN
    alone = fit_few(values[15:], answers[15:, [0]]).chances(values)
    np.testing.assert_allclose(fit_few(values, answers).chances(values)[:, [0]], alone, atol=1e-4)


def test_rare_and_common_classes_weigh_their_answers_alike():
    values = np.array([[1, 0]] + [[0, 1]] * 99, np.float32)
    answers = np.array([[YES]] + [[NO]] * 99, np.int8)
    chances = fit_few(values, answers).chances(values)
    assert chances[0, 0] > 0.9
    assert chances[1, 0] < 0.1


def test_a_class_without_a_yes_or_a_no_has_its_smoothed_share():
    values, answers = made(8, classes=3)
    answers[:, 0], answers[:, 1], answers[:, 2] = YES, NO, UNKNOWN
    model = fit_few(values, answers)
    assert not model.fitted.any()
    assert model.chances(values)[0].tolist() == pytest.approx([0.9, 0.1, 0.5])


def test_nothing_answered_says_one_half():
    model = fit_few(np.empty((0, 4), np.float32), np.empty((0, 2), np.int8))
    assert model.chances(np.ones((3, 4), np.float32)).tolist() == [[0.5, 0.5]] * 3


def test_rows_that_contradict_one_another_are_one_half():
    values = np.ones((4, 3), np.float32)
    chances = fit_few(values, np.array([[YES], [NO], [YES], [NO]], np.int8)).chances(values)
    np.testing.assert_allclose(chances, 0.5, atol=1e-4)


def test_many_rows_of_few_numbers_are_fitted_without_all_pairs():
    values, answers = made(20_000, 4)
    chances = fit_few(values, answers).chances(values)
    assert ((chances[:, 0] > 0.5) == answers[:, 0]).mean() > 0.98


def test_a_model_says_its_size():
    values, answers = made(8, 6, classes=2)
    answers[:, 1] = NO
    assert repr(fit_few(values, answers)) == "FewLabels(6 numbers, 1 of 2 classes)"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_no_numbers_are_refused_where_they_are(bad):
    values, answers = made(8)
    model = fit_few(values, answers)
    values[5, 2] = bad
    with pytest.raises(TimelineError, match=f"features must be finite, got {bad} in row 5, column 2"):
        fit_few(values, answers)
    with pytest.raises(TimelineError, match=f"features must be finite, got {bad} in row 5, column 2"):
        model.chances(values)


def test_shapes_that_do_not_fit_are_refused():
    values, answers = made(8)
    with pytest.raises(TimelineError, match=r"answers must be of shape \(8, C\), got \(7, 1\)"):
        fit_few(values, answers[1:])
    with pytest.raises(TimelineError, match=r"features must be of shape \(N, D\), got \(8,\)"):
        fit_few(values[:, 0], answers)
    with pytest.raises(TimelineError, match=r"features must be of shape \(N, 6\), got \(8, 5\)"):
        fit_few(values, answers).chances(values[:, :5])
    with pytest.raises(TimelineError, match=r"weights must be of shape \(8,\) or \(8, 1\), got \(7,\)"):
        fit_few(values, answers, weights=np.ones(7))


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_weights_below_nothing_are_refused(bad):
    values, answers = made(8)
    weights = np.ones(8)
    weights[3] = bad
    with pytest.raises(TimelineError, match=f"weights must be finite and 0 or more, got {bad} in row 3"):
        fit_few(values, answers, weights=weights)


@pytest.mark.parametrize("strength", [0, -1, np.nan, np.inf])
def test_a_strength_of_nothing_is_refused(strength):
    with pytest.raises(OptionError, match="strength must be above 0 and finite"):
        fit_few(*made(8), strength=strength)
