"""Scene scores: perfect, empty, refusal, golden, oracle."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from cueline.errors import TimelineError
from cueline.evaluation.boundaries.films import SceneFilm
from cueline.evaluation.boundaries.scenes import (
    scene_average_precision,
    scene_f1,
    scene_mean_average_precision,
    scene_miou,
    scene_scores,
)

ONE_SHOT = ([], [], [42])
MEASURES = (
    scene_average_precision,
    scene_mean_average_precision,
    scene_miou,
    scene_f1,
    scene_scores,
)


@st.composite
def films(draw, *, fewest=1):
    """A film with few different scores, so that many are equal, and shots that may be without a frame."""
    count = draw(st.integers(fewest, 12))
    reference = draw(st.lists(st.booleans(), min_size=count - 1, max_size=count - 1))
    scores = draw(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75]), min_size=count - 1, max_size=count - 1))
    lengths = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    return SceneFilm(np.array(reference, bool), np.array(scores), np.cumsum(lengths))


def ranges(boundaries, frames):
    """Scenes as sets of frames."""
    scenes, first = [], 0
    for shot, last in enumerate(frames):
        if shot == len(boundaries) or boundaries[shot]:
            scenes.append(set(range(first, last + 1)))
            first = last + 1
    return scenes


def brute_miou(film, threshold=0.5):
    true, found = ranges(film.reference, film.shot_end_frame), ranges(film.scores >= threshold, film.shot_end_frame)

    def best(scene, others):
        return max(len(scene & other) / max(len(scene | other), 1) for other in others)

    forth = sum(best(scene, true) for scene in found) / len(found)
    back = sum(best(scene, found) for scene in true) / len(true)
    return (forth + back) / 2


class TestPerfect:
    @given(st.lists(films(), min_size=1, max_size=4))
    def test_scores_that_are_the_reference_are_perfect(self, several):
        perfect = [SceneFilm(film.reference, film.reference.astype(float), film.shot_end_frame) for film in several]
        scores = scene_scores(perfect)
        if all(film.reference.any() for film in several):
            assert (scores.ap, scores.map, scores.precision, scores.recall, scores.f1) == (1, 1, 1, 1, 1)
        if all(np.diff(film.shot_end_frame, prepend=-1).all() for film in several):
            assert scores.miou == pytest.approx(1)

    def test_a_score_at_the_threshold_is_a_boundary_in_single_precision_too(self):
        film = ([True, False], np.array([0.7, 0.1], np.float32), [9, 19, 29])
        assert scene_f1([film], threshold=0.7).f1 == 1
        assert scene_miou([film], threshold=0.7) == 1


class TestEmpty:
    def test_no_films_have_no_scores(self):
        assert math.isnan(scene_average_precision([]))
        assert math.isnan(scene_mean_average_precision([]))
        assert math.isnan(scene_miou([]))
        assert all(map(math.isnan, scene_f1([])))
        assert math.isnan(scene_scores([]).base_rate)

    def test_a_film_of_one_shot_takes_no_part_in_map(self):
        """The public grader raises an IndexError here; nothing can be ranked, so nothing is said."""
        film = ([True, False], [0.9, 0.1], [9, 19, 29])
        assert math.isnan(scene_average_precision([ONE_SHOT]))
        assert scene_mean_average_precision([film, ONE_SHOT]) == 1
        assert scene_average_precision([film, ONE_SHOT]) == 1
        scores = scene_scores([ONE_SHOT])
        assert (scores.miou, scores.precision, scores.recall, scores.f1) == (1, 0, 0, 0)
        assert math.isnan(scores.films[0].base_rate)

    def test_a_film_in_which_no_scene_ends_counts_as_zero(self):
        film, none = ([True, False], [0.9, 0.1], [9, 19, 29]), ([0, 0], [0.9, 0.1], [9, 19, 29])
        assert scene_mean_average_precision([film, none]) == 0.5
        assert scene_f1([film, none]) == (0.5, 0.5, 0.5)


class TestRefusal:
    @pytest.mark.parametrize("measure", MEASURES)
    def test_lengths_must_fit(self, measure):
        with pytest.raises(TimelineError, match=r"film 1 of N shots must have .* got \(2,\), \(1,\) and \(3,\)"):
            measure([ONE_SHOT, ([0, 1], [0.5], [1, 2, 3])])

    def test_a_film_has_a_shot(self):
        with pytest.raises(TimelineError, match="film 0 of N shots must have"):
            scene_miou([([], [], [])])

    def test_films_come_as_a_list(self):
        with pytest.raises(TimelineError, match="got 1 values. Films come as a list"):
            scene_miou(([1], [0.5], [1, 2]))

    @pytest.mark.parametrize("score", [math.nan, math.inf])
    def test_scores_are_finite(self, score):
        with pytest.raises(TimelineError, match=f"the scores of film 0 must be finite, got {score} at boundary 1"):
            scene_average_precision([([0, 1], [0.5, score], [1, 2, 3])])

    def test_answers_are_true_or_false(self):
        with pytest.raises(TimelineError, match=r"True or False, got 0.3 at boundary 1\. Do reference and scores"):
            scene_miou([([0, 0.3], [0, 1], [1, 2, 3])])

    def test_scores_and_frames_are_numbers(self):
        with pytest.raises(TimelineError, match="the scores of film 0 must be numbers, got <U1"):
            scene_miou([([0, 1], ["a", "b"], [1, 2, 3])])
        with pytest.raises(TimelineError, match="shot_end_frame of film 0 must be whole numbers below .* got float64"):
            scene_miou([([0, 1], [0, 1], [1, 2, 3.5])])
        for last in (math.nan, math.inf, 1e300):
            with pytest.raises(TimelineError, match="must be whole numbers below"):
                scene_miou([([0, 1], [0, 1], [1, 2, last])])

    def test_frames_never_fall_and_begin_at_zero_or_later(self):
        with pytest.raises(TimelineError, match="never fall, got 8 after 9, at shot 1"):
            scene_miou([([0, 1], [0, 1], [9, 8, 20])])
        with pytest.raises(TimelineError, match="never fall, got -1 first, at shot 0"):
            scene_miou([([0, 1], [0, 1], [-1, 8, 20])])

    def test_a_threshold_is_a_number(self):
        for measure in (scene_miou, scene_f1, scene_scores):
            with pytest.raises(TimelineError, match="a threshold must be a number, got nan"):
                measure([ONE_SHOT], threshold=math.nan)


class TestGolden:
    def cases(self, golden):
        for case in json.loads((golden / "scene_metrics.json").read_text())["cases"]:
            yield case, [(m["ground_truth"], m["prediction"], m["shot_end_frame"]) for m in case["movies"]]

    def test_average_precision_equals_that_of_the_public_grader(self, golden):
        for case, several in self.cases(golden):
            wanted, scores = case["expected"]["calc_ap"], scene_scores(several)
            if case["name"] == "one_shot_movie":
                assert "error" in wanted  # the grader stops, ours says that there is nothing to rank
                assert math.isnan(scores.ap)
                continue
            assert scene_average_precision(several) == pytest.approx(wanted["AP"], abs=1e-9)
            assert scene_mean_average_precision(several) == pytest.approx(wanted["mAP"], abs=1e-9)
            assert [film.ap for film in scores.films] == pytest.approx(list(wanted["per_movie"].values()), abs=1e-9)

    def test_the_rest_equals_that_of_the_public_grader_at_every_threshold(self, golden):
        for case, several in self.cases(golden):
            for name, wanted in case["expected"].items():
                measure, _, threshold = name.partition("@")
                if measure == "calc_miou":
                    scores = scene_scores(several, threshold=float(threshold))
                    assert scene_miou(several, threshold=float(threshold)) == pytest.approx(wanted["Miou"], abs=1e-9)
                    each = [film.miou for film in scores.films]
                    assert each == pytest.approx(list(wanted["per_movie"].values()), abs=1e-9)
                elif measure == "calc_precision_recall":
                    found = scene_f1(several, threshold=float(threshold))
                    assert found[:2] == pytest.approx((wanted["Precision"], wanted["Recall"]), abs=1e-9)
                    # Where the grader divides 0 by 0 its mean is NaN, null in the file; ours counts such a film as 0.
                    assert found.f1 == pytest.approx(wanted["F1"] or 0, abs=1e-9)

    def test_a_film_worked_by_hand(self):
        """Scenes 0-19, 20-39, 40-49 in truth; 0-19, 20-49 found: best overlaps 1, 2/3, 1/3 and 1, 2/3."""
        film = ([0, 1, 0, 1], [0, 0.9, 0, 0.4], [9, 19, 29, 39, 49])
        assert scene_miou([film]) == pytest.approx((2 / 3 + 5 / 6) / 2)


class TestOracle:
    @given(st.lists(films(fewest=2), min_size=1, max_size=4))
    def test_average_precision_is_that_of_scikit_learn(self, several):
        reference = np.concatenate([film.reference for film in several])
        if reference.any():
            scores = np.concatenate([film.scores for film in several])
            assert scene_average_precision(several) == pytest.approx(average_precision_score(reference, scores))

    @given(films(), st.sampled_from([0.1, 0.5, 0.75, 2]))
    def test_miou_is_that_of_sets_of_frames(self, film, threshold):
        assert scene_miou([film], threshold=threshold) == pytest.approx(brute_miou(film, threshold))

    @given(films(fewest=2))
    def test_precision_recall_and_f1_are_those_of_scikit_learn(self, film):
        wanted = precision_recall_fscore_support(film.reference, film.scores >= 0.5, average="binary", zero_division=0)
        assert scene_f1([film]) == pytest.approx(wanted[:3])

    @given(st.lists(films(), min_size=1, max_size=5))
    def test_means_are_those_of_the_films(self, several):
        scores = scene_scores(several)
        assert scores.miou == pytest.approx(np.mean([scene_miou([film]) for film in several]))
        assert scores.f1 == pytest.approx(np.mean([scene_f1([film]).f1 for film in several]))
