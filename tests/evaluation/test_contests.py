"""Who wins a contest, and how surely."""

import json
import math

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.evaluation.contests import Race, Racer, contest
from cueline.evaluation.summaries import Curve, Interval

LABELS = [10, 20, 30]


def curves(*ends, seeds=8, noise=0.01, labels=LABELS, seed=0):
    """Of each seed a line from 0.1 to its end."""
    rng = np.random.default_rng(seed)
    return {
        number: (labels, np.linspace(0.1, ends[number % len(ends)], len(labels)) + noise * rng.normal(size=len(labels)))
        for number in range(seeds)
    }


def held(drawn, *, baseline="random"):
    return contest(drawn, baseline=baseline, number=7, name="rain", positives=30, base_rate=0.02, test_positives=9)


def test_one_that_rises_faster_is_better_and_takes_fewer_labels():
    found = held({"margin": curves(1.1), "random": curves(0.5, seed=1), "worst": curves(0.2, seed=2)})
    assert [racer.strategy for racer in found.racers] == ["random", "margin", "worst"]
    verdicts = {racer.strategy: racer.verdict for racer in found.racers}
    assert verdicts == {"random": "baseline", "margin": "better", "worst": "worse"}
    assert found.winner == "margin"
    assert found.target == pytest.approx(0.5, abs=0.01)
    reach = {racer.strategy: racer.reach.value for racer in found.racers}
    assert reach["margin"] == 20
    assert math.isinf(reach["worst"])
    assert [racer.strategy for racer in found.ranked] == ["margin", "random", "worst"]


def test_where_random_wins_it_is_said():
    assert held({"random": curves(0.9), "margin": curves(0.5, seed=1)}).winner == "random"


def test_where_nobody_wins_it_is_said_too():
    found = held({"random": curves(0.5, noise=0.1), "margin": curves(0.5, noise=0.1, seed=1)})
    assert found.racers[1].verdict == "open"
    assert found.winner.endswith(" (not clearly)")


def test_differences_are_of_the_same_seeds():
    shared = curves(0.3, 0.9, noise=0)
    better = {seed: (labels, values + 0.02 + 0.001 * seed) for seed, (labels, values) in shared.items()}
    found = held({"random": shared, "margin": better}).racers[1]
    assert found.verdict == "better"
    assert found.area.low < 0.4 < found.area.high
    assert found.against.high - found.against.low < 0.01


def test_a_seed_that_failed_is_left_out_of_the_difference():
    whole = curves(0.5)
    part = {seed: curve for seed, curve in curves(0.6, seed=1).items() if seed != 3}
    found = held({"random": whole, "margin": part}).racers[1]
    assert found.seeds == 7
    assert found.verdict == "better"


def test_curves_of_other_numbers_of_labels_are_read_off_on_one_grid():
    found = held({"random": {0: ([10, 30], [0.0, 0.4]), 1: ([10, 20, 30], [0.0, 0.2, 0.4])}}).racers[0]
    assert found.curve.x.tolist() == [10, 20, 30]
    assert found.curve.y.tolist() == pytest.approx([0, 0.2, 0.4])


def test_without_a_baseline_nothing_is_compared():
    found = held({"margin": curves(0.5)})
    assert math.isnan(found.target)
    assert found.racers[0].verdict == "baseline"
    assert math.isnan(found.racers[0].reach.value)


def test_nothing_played_is_nothing_won():
    found = held({"random": {}, "margin": {}})
    assert found.racers == ()
    assert found.winner == ""


def test_a_race_is_plain_json():
    race = Race("rain", "random", (held({"random": curves(0.5, seeds=1)}),), {"random": math.nan})
    values = json.loads(json.dumps(race.to_json(), allow_nan=False))
    assert values["classes"][0]["base_rate"] == 0.02
    assert values["curves"][0]["low"] == [None, None, None]
    assert values["curves"][0]["labels"] == LABELS
    assert values["areas"][0]["against_random"] is None
    assert values["queries"] == [{"strategy": "random", "seconds": None, "fit_seconds": None, "study_seconds": None}]
    assert values["reach"][0]["seeds"] == 1
    assert repr(race) == "Race(1 contests, 1 strategies, 0 failed)"
    assert repr(race.contests[0]) == "Contest('rain', 1 strategies)"
    assert repr(race.contests[0].racers[0]).startswith("Racer('random', area 0.3")


def test_more_that_arrive_than_start_are_refused():
    curve = Curve("labels", "random", np.empty(0), np.empty(0))
    with pytest.raises(TimelineError, match="of 2 seeds of 'random' none to all arrive, got 3"):
        Racer("random", curve, Interval(0.5), Interval(0.5), Interval(0.5), 3, 2)
