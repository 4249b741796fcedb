"""Scenes of a folder of films: what is measured, what is told of it, and what could not be read."""

import json
import math
import pickle  # noqa: TID251  # what strangers write is made here, never read

import numpy as np
import pytest

from cueline.errors import MediaError, TimelineError
from cueline.evaluation.boundaries import scene_scores
from cueline.workbench.measuring import measure_scenes
from tests.datasets.movienet.made import PREDICTION, TRUTH, values, write_json


@pytest.fixture
def folder(tmp_path):
    for shots in (1, 6, 40):
        film = values(shots, imdb_id=f"tt{shots}")
        (tmp_path / f"tt{shots}.pkl").write_bytes(pickle.dumps(film))
    return tmp_path


def test_films_are_measured_as_arrays_are(folder):
    measured = measure_scenes(folder, threshold=0.4)
    assert [film.name for film in measured.films] == ["tt1", "tt40", "tt6"]
    assert measured.scores == scene_scores([film.scenes for film in measured.films], threshold=0.4) or math.isnan(
        measured.scores.films[0].ap
    )
    assert measured.scores.films[2].miou == scene_scores([measured.films[2].scenes], threshold=0.4).miou
    assert not measured.faults


def test_what_cannot_be_read_is_told_and_the_rest_is_measured(folder):
    (folder / "broken.pkl").write_bytes(b"\x80\x04")
    write_json(folder / "again.json", values(6, imdb_id="tt40"))
    write_json(folder / "without.json", {TRUTH: [], "shot_end_frame": [9]})
    measured = measure_scenes(folder)
    assert len(measured.films) == 3
    broken, twice, without = measured.faults
    assert "broken.pkl': it is cut off" in broken
    assert "tt40.pkl': the film 'tt40' comes from 'again.json' already" in twice
    assert f"without.json': '{PREDICTION}' must be there" in without


def test_a_file_that_may_not_be_read_is_a_fault(folder, monkeypatch):
    (folder / "tt40.pkl").unlink()
    (folder / "tt40.pkl").symlink_to(folder / "tt6.pkl")

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("cueline.workbench.measuring.read_film", refuse)
    assert all(fault.endswith("': Permission denied") for fault in measure_scenes(folder).faults)


def test_a_report_has_what_guessing_gets_beside_each_measure(folder):
    evaluation = measure_scenes(folder).evaluation("Ours")
    assert (evaluation.title, evaluation.items, evaluation.groups) == ("Ours", 44, 3)
    measures = {measure.name: measure for measure in evaluation.measures}
    assert list(measures) == ["AP", "mAP", "Miou", "Precision", "Recall", "F1"]
    assert measures["AP"].base == pytest.approx((2 + 19) / 44)
    assert measures["mAP"].base == pytest.approx((2 / 5 + 19 / 39) / 2)
    assert 0 < measures["Miou"].base < 1
    assert evaluation.curves[0].kind == "pr"
    assert any("Of one shot, so without a part in mAP" in note for note in evaluation.notes)
    json.dumps(evaluation.to_json(), allow_nan=False)


def test_the_worst_errors_stand_first(folder):
    mistakes = measure_scenes(folder).evaluation().mistakes
    assert len(mistakes) == 20
    distances = [abs(mistake.score - 0.5) for mistake in mistakes]
    assert distances == sorted(distances, reverse=True)
    assert mistakes[0].item == "tt40, end of shot 38 (frame 389)"
    assert (mistakes[0].reference, mistakes[0].estimated) == ("the scene goes on", "a scene ends")


def test_a_film_in_which_no_scene_ends_is_noted(tmp_path):
    write_json(tmp_path / "a.json", values(6, **{TRUTH: np.zeros(5, bool)}))
    (note,) = measure_scenes(tmp_path).evaluation().notes
    assert note.startswith("No scene ends in them")


def test_a_folder_without_films_has_no_scores(tmp_path):
    measured = measure_scenes(tmp_path)
    assert math.isnan(measured.scores.ap)
    assert measured.evaluation().curves == ()


def test_what_cannot_be_measured_is_refused(folder):
    with pytest.raises(MediaError, match="there is no folder"):
        measure_scenes(folder / "nowhere")
    with pytest.raises(TimelineError, match="a threshold must be a number"):
        measure_scenes(folder, threshold=math.nan)
