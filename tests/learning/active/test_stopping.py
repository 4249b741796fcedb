"""What more labels bring, told with an interval that holds the truth; and when to stop."""

import numpy as np
import pytest

from cueline.errors import OptionError
from cueline.evaluation.summaries import Interval
from cueline.learning.active.learning_curve import LearningCurve, learning_curve
from cueline.learning.active.stopping import Gain, expected_gain, should_stop
from tests.learning.fitted import made_clips, ridge

SIZES = np.array([20, 40, 80, 160, 320])


def curve_of(a, b, c, *, noise=0.02, draws=10, seed=0, labelled=400):
    scatter = np.random.default_rng(seed).normal(0, noise, (draws, len(SIZES)))
    return LearningCurve(SIZES, a - b * SIZES.astype(float) ** -c + scatter, labelled)


@pytest.mark.parametrize(("a", "b", "c"), [(0.9, 1.5, 0.5), (0.8, 0.8, 0.3), (0.7, 2.0, 1.0), (0.7, 0.0, 1.0)])
def test_the_interval_holds_the_truth_of_a_power_law(a, b, c):
    truth = b * (400.0**-c - 450.0**-c)
    gains = [expected_gain(curve_of(a, b, c, seed=seed), 50, resamples=300, seed=seed).gain for seed in range(100)]
    held = sum(gain.low <= truth <= gain.high for gain in gains)
    assert held >= 85
    assert np.median([gain.high - gain.low for gain in gains]) < 0.005


def test_the_interval_holds_the_truth_of_learned_curves_too():
    """Clips by the thousand tell what 50 more labels truly bring on average."""
    brought = []
    for seed in range(60):
        values, answers, _ = made_clips(2000, films=2000, classes=1, width=20, clear=1.5, seed=seed)
        reached = []
        for count in (150, 200):
            chances = ridge(values[:count], answers[:count]).chances(values[200:])[:, 0]
            order = np.argsort(-chances)
            hits = answers[200:, 0][order]
            reached.append((np.cumsum(hits) / np.arange(1, 1801))[hits == 1].mean())
        brought.append(reached[1] - reached[0])
    truth = np.mean(brought)
    held = 0
    for seed in range(20):
        values, answers, groups = made_clips(150, films=30, classes=1, width=20, clear=1.5, seed=1000 + seed)
        curve = learning_curve(values, answers, groups, draws=6, fit=ridge, seed=seed, resamples=100)
        gain = expected_gain(curve, 50, resamples=300).gain
        held += gain.low <= truth <= gain.high
    assert truth > 0.002
    assert held >= 16


def test_groups_drawn_again_widen_the_interval():
    plain = curve_of(0.9, 1.5, 0.5)
    scatter = np.random.default_rng(1).normal(0, 0.02, (200, 1, 5))
    again = plain.measured + 0.1 + scatter  # the bias of resamples does not count, their spread does
    narrow, wide = (expected_gain(curve, 50) for curve in (plain, LearningCurve(SIZES, plain.measured, 400, (), again)))
    assert wide.gain.value == narrow.gain.value
    assert wide.gain.high - wide.gain.low > 1.5 * (narrow.gain.high - narrow.gain.low)


def test_resamples_on_which_nothing_could_be_measured_are_passed_over():
    plain = curve_of(0.9, 1.5, 0.5)
    nothing = LearningCurve(SIZES, plain.measured, 400, (), np.full((5, 10, 5), np.nan))
    assert expected_gain(nothing, 50).gain == expected_gain(plain, 50).gain


def test_a_flat_curve_says_stop_and_a_rising_one_says_go_on():
    assert should_stop(expected_gain(curve_of(0.8, 0.0, 0.5), 50))
    assert not should_stop(expected_gain(curve_of(0.9, 1.5, 0.4), 50))


def test_a_falling_curve_gains_nothing():
    gain = expected_gain(curve_of(0.6, -1.0, 0.5), 50)
    assert gain.now == gain.then
    assert (gain.gain.value, gain.gain.low) == (0, 0)
    assert should_stop(gain)


def test_a_gain_is_what_the_law_says():
    gain = expected_gain(curve_of(0.9, 1.5, 0.5, noise=0), 50)
    assert gain.now == pytest.approx(0.9 - 1.5 * 400**-0.5, abs=1e-3)
    assert gain.then - gain.now == gain.gain.value == pytest.approx(1.5 * (400**-0.5 - 450**-0.5), abs=1e-3)
    assert gain.gain.low == pytest.approx(gain.gain.high)


def test_more_labels_gain_more():
    gains = [expected_gain(curve_of(0.9, 1.5, 0.5), more).gain.value for more in (10, 50, 200)]
    assert gains == sorted(gains)
    assert gains[0] < gains[-1]


def test_few_draws_are_said_to_be_rough():
    assert expected_gain(curve_of(0.9, 1.5, 0.5, draws=3), 50).gain.note == "only 3 draws: the interval is rough"
    assert expected_gain(curve_of(0.9, 1.5, 0.5), 50).gain.note == ""


@pytest.mark.parametrize("draws", [1, 2])
def test_too_few_draws_tell_nothing(draws):
    gain = expected_gain(curve_of(0.9, 1.5, 0.5, draws=draws), 50)
    assert np.isnan([gain.now, gain.then, gain.gain.value, gain.gain.low, gain.gain.high]).all()
    assert f"needs 4 sizes and 3 draws or more that can be measured, got 5 and {draws}" in gain.gain.note
    assert not should_stop(gain)


def test_sizes_that_could_not_be_measured_are_left_out_and_too_few_tell_nothing():
    measured = curve_of(0.9, 1.5, 0.5).measured.copy()
    measured[3, 0] = np.nan
    assert expected_gain(LearningCurve(SIZES, measured, 400), 50).gain.value > 0
    measured[3, 1] = np.nan
    gain = expected_gain(LearningCurve(SIZES, measured, 400), 50)
    assert "got 3 and 10" in gain.gain.note
    assert str(gain).startswith("50 more labels: the gain cannot be told, a curve needs 4 sizes")


def test_a_gain_is_told_in_a_sentence():
    assert str(Gain(400, 20, 0.8, 0.81, Interval(0.01, 0.0, 0.02))) == "20 more labels: about +.01 AP (.00 to .02)"
    assert str(Gain(400, 1, 0.8, 0.81, Interval(0.01, 0.0, 0.02))).startswith("1 more label: ")


def test_the_rule_looks_at_the_upper_end():
    gain = Gain(400, 20, 0.8, 0.803, Interval(0.003, 0.001, 0.006))
    assert not should_stop(gain)
    assert should_stop(gain, worth=0.007)


def test_numbers_that_cannot_be_are_refused():
    with pytest.raises(OptionError, match="must be 1 or more, got 0 and 1000"):
        expected_gain(curve_of(0.9, 1.5, 0.5), 0)
    with pytest.raises(OptionError, match="must be 1 or more, got 5 and 0"):
        expected_gain(curve_of(0.9, 1.5, 0.5), 5, resamples=0)
    with pytest.raises(OptionError, match="worth something, above 0, got 0"):
        should_stop(Gain(1, 1, 0, 0, Interval(0.0)), worth=0)


def test_the_same_seed_gives_the_same_gain():
    first, second = (expected_gain(curve_of(0.9, 1.5, 0.5), 50, seed=4) for _ in range(2))
    assert first == second
