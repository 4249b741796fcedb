"""What an evaluation found is checked at birth and becomes plain JSON."""

import json
import math

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.evaluation.summaries import (
    ClassRow,
    Comparison,
    Confusion,
    Curve,
    Evaluation,
    Interval,
    Measured,
    Mistake,
)


def evaluation():
    return Evaluation(
        title="Rain on 8 clips",
        items=8,
        groups=4,
        measures=(Measured("AP", Interval(0.5, 0.25, 0.75), 0.125, "Area under the curve."),),
        classes=(ClassRow("rain", 1, 8, Interval(0.5)), ClassRow("snow", 0, 0, Interval(math.nan))),
        curves=(Curve("pr", "rain", np.array([0.5, 1]), np.array([1, math.nan])),),
        confusions=(Confusion(("rain", "snow"), np.eye(2)),),
        mistakes=(Mistake("clip 3", "rain", "snow", 0.75, "https://example.org/3"),),
        facts={"seed": "0"},
        notes=("Few clips.",),
        comparisons=(Comparison("AP", "ours", "theirs", 0.5, 0.25, Interval(0.25, 0.0, 0.5), 0.025, 0.05),),
    )


class TestJson:
    def test_everything_is_plain_and_nan_is_null(self):
        values = json.loads(json.dumps(evaluation().to_json(), allow_nan=False))
        assert values["title"] == "Rain on 8 clips"
        assert values["measures"][0]["result"] == {"value": 0.5, "low": 0.25, "high": 0.75, "level": 0.95, "note": ""}
        assert values["classes"][0]["base_rate"] == 0.125
        assert values["classes"][1]["base_rate"] is None
        assert values["classes"][1]["average_precision"]["value"] is None
        assert values["curves"][0]["y"] == [1, None]
        assert values["curves"][0]["weights"] == []
        assert values["confusions"][0]["amounts"] == [[1, 0], [0, 1]]
        assert values["mistakes"][0]["link"] == "https://example.org/3"
        assert values["facts"] == {"seed": "0"}
        assert values["comparisons"][0]["difference"]["low"] == 0

    def test_an_empty_evaluation_is_one_too(self):
        values = Evaluation("Nothing", 0, 0).to_json()
        assert values["items"] == 0
        assert values["classes"] == values["curves"] == values["notes"] == []

    def test_numbers_of_numpy_become_plain_ones(self):
        row = ClassRow("rain", np.int64(1), np.int64(2), Interval(np.float32(0.5)), roc_auc=np.float64("nan"))
        values = Evaluation("x", 2, 2, classes=(row,)).to_json()["classes"][0]
        assert json.loads(json.dumps(values))["positives"] == 1
        assert values["roc_auc"] is None
        assert type(values["average_precision"]["value"]) is float


class TestBirth:
    @pytest.mark.parametrize("level", [0, 1, 95])
    def test_a_level_that_is_none(self, level):
        with pytest.raises(TimelineError, match=f"between 0 and 1, got {level}. Is it a percentage"):
            Interval(0.5, level=level)

    def test_an_interval_that_ends_before_it_begins(self):
        with pytest.raises(TimelineError, match=r"must not end before it begins, got 0.6 to 0.4"):
            Interval(0.5, 0.6, 0.4)

    @pytest.mark.parametrize("positives", [-1, 3])
    def test_more_positives_than_items(self, positives):
        with pytest.raises(TimelineError, match=f"positives of 'rain' must be among the judged, got {positives} of 2"):
            ClassRow("rain", positives, 2, Interval(0.5))

    def test_a_curve_of_two_shapes(self):
        with pytest.raises(TimelineError, match=r"x and y of one shape \(N,\), got \(2,\) and \(3,\) of 'rain'"):
            Curve("pr", "rain", np.ones(2), np.ones(3))

    def test_a_curve_of_weights_of_another_shape(self):
        with pytest.raises(TimelineError, match=r"weights of shape \(2,\) or none, got \(3,\) of 'rain'"):
            Curve("reliability", "rain", np.ones(2), np.ones(2), weights=np.ones(3))

    def test_a_confusion_of_other_classes(self):
        with pytest.raises(TimelineError, match=r"of 2 classes needs shape \(2, 2\), got \(3, 3\)"):
            Confusion(("rain", "snow"), np.eye(3))
