"""Films of MovieNet's scenes: found, read, checked; what is wrong is named with file and key."""

import math
import os
import pickle  # noqa: TID251  # what strangers write is made here, never read

import numpy as np
import pytest

from cueline.datasets.movienet import film_files, read_features, read_film
from cueline.errors import FormatError, MediaError
from cueline.evaluation.boundaries import scene_scores
from tests.datasets.movienet.made import PREDICTION, SHOT_ENDS, TRUTH, in_torch, values, without, write_json


@pytest.fixture
def write(tmp_path):
    def written(mapping, name="tt1.pkl"):
        (tmp_path / name).write_bytes(pickle.dumps(mapping))
        return tmp_path / name

    return written


def test_a_film_is_read(write):
    film = read_film(write(values()))
    assert repr(film) == "MovieFilm('tt0000001', 6 shots, 2 ends)"
    assert film.scenes.scores.dtype == np.float32
    assert film.scenes.shot_end_frame.tolist() == [9, 19, 29, 39, 49, 59]
    assert film.scenes.reference.tolist() == [False, True, False, True, False]


@pytest.mark.extra("torch")
def test_a_film_of_torch_is_the_same_film(write):
    pytest.importorskip("torch", reason="the extra `torch` is not installed")
    ours, theirs = read_film(write(values())), read_film(write(in_torch(values()), "tt2.pkl"))
    for one, other in zip(ours.scenes, theirs.scenes, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_film_without_an_id_is_called_like_its_file(write):
    assert read_film(write(without("imdb_id"))).name == "tt1"
    assert read_film(write(values(imdb_id=[1]))).name == "tt1"


def test_features_may_be_missing_or_broken_where_only_boundaries_are_wanted(write):
    assert read_film(write(values(place=None, audio=[["x"]]))).name == "tt0000001"


def test_a_film_of_one_shot_is_read_in_every_form(write, tmp_path):
    assert len(read_film(write(values(shots=1))).scenes.scores) == 0
    assert len(read_film(write_json(tmp_path / "one.json", values(shots=1))).scenes.scores) == 0


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (without(PREDICTION), rf"tt1\.pkl': '{PREDICTION}' must be there, got 'imdb_id', 'place', 'audio', "),
        (without(TRUTH), rf"'{TRUTH}' must be there"),
        (values(**{TRUTH: np.ones(6, bool)}), rf"'{TRUTH}' must have N - 1 = 5 values for the 6 shots .* got 6"),
        (values(**{PREDICTION: np.ones(4)}), rf"'{PREDICTION}' must have N - 1 = 5 values for the 6 shots .* got 4"),
        (values(**{PREDICTION: [0.1, math.nan, 0, 0, 0]}), rf"'{PREDICTION}' must be finite, got nan at boundary 1"),
        (values(**{PREDICTION: np.ones((5, 1))}), r"must be numbers of shape \(N,\), got an array of shape \(5, 1\)"),
        (values(**{PREDICTION: "abcde"}), r"must be numbers of shape \(N,\), got a str"),
        (values(**{PREDICTION: [0.1, "x", 0, 0, 0]}), r"must be numbers of shape \(N,\), got a list"),
        (values(**{TRUTH: np.full(5, 0.5)}), rf"'{TRUTH}' must be True or False, got 0.5 at boundary 0"),
        (
            values(**{SHOT_ENDS: np.array([9, 8, 29, 39, 49, 59])}),
            rf"'{SHOT_ENDS}' must begin .* got 8 after 9, at shot 1",
        ),
        (values(**{SHOT_ENDS: np.empty(0)}), rf"'{SHOT_ENDS}' must hold a shot or more"),
        ([values()], "it must hold a dict of arrays by name, got a list"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(mapping, why, write):
    path = write(mapping)
    with pytest.raises(FormatError, match=why) as refused:
        read_film(path)
    assert refused.value.path == path


class Runs:
    def __reduce__(self):
        return os.system, ("exit 1",)


def test_a_film_that_would_run_code_is_refused(write):
    with pytest.raises(
        FormatError, match=r"tt1\.pkl': it names '\w+\.system', which is not data; loading it could run"
    ):
        read_film(write(values(place=Runs())))


def test_a_tensor_that_claims_more_than_its_bytes_is_refused_with_its_key(write, tmp_path):
    path = write(values())
    path.write_bytes(path.read_bytes().replace(b"K\x05\x85", b"K\x09\x85"))
    with pytest.raises(FormatError, match=f"'{TRUTH}': an array of shape"):
        read_film(path)


def test_features_are_read_side_by_side(write):
    found = read_features(write(values()), ("place", "audio"))
    assert (found.shape, found.dtype) == ((6, 12), np.float32)
    np.testing.assert_array_equal(found[:, 8:], values()["audio"])


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        (without("audio"), "'audio' must be there"),
        (values(audio=np.ones((5, 4))), r"'audio' must be numbers of shape \(N, D\), N as in 'place', got \(5, 4\)"),
        (values(place=np.full((6, 8), math.inf)), "'place' must be finite"),
        (values(place=np.full((6, 8), 1e300)), "'place' must be finite"),
        (values(place=[[1.0], [2.0, 3.0]]), "'place' must be rows of one length"),
    ],
)
def test_features_that_do_not_fit_are_refused(mapping, why, write):
    with pytest.raises(FormatError, match=why):
        read_features(write(mapping), ("place", "audio"))


def test_films_of_a_folder_stand_in_order_of_name(tmp_path):
    for name in ("b.pkl", "a.NPZ", "c.json", ".hidden.pkl", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "folder.pkl").mkdir()
    assert [path.name for path in film_files(tmp_path)] == ["a.NPZ", "b.pkl", "c.json"]
    assert film_files(tmp_path / "b.pkl") == [tmp_path / "b.pkl"]
    with pytest.raises(FormatError, match=r"a film's file must end in \.pkl, .*notes\.txt"):
        film_files(tmp_path / "notes.txt")
    with pytest.raises(MediaError, match="there is no folder"):
        film_files(tmp_path / "nowhere")


def test_measures_of_files_are_those_of_arrays(write):
    film = read_film(write(values()))
    assert scene_scores([film.scenes]).films[0].true == 2
