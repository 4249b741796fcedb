"""The public surface: names one import away, complete, sorted, and light."""

import subprocess
import sys

import pytest

import cueline

HEAVY = ("av", "torch", "sklearn", "pyarrow", "pandas", "matplotlib", "starlette", "typer", "rich", "scipy")


def loaded_after(statement):
    code = f"import sys\n{statement}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


def test_public_names_are_sorted_and_complete():
    assert list(cueline.__all__) == sorted(cueline.__all__)
    assert set(cueline.__all__) == set(cueline._HOMES)
    assert dir(cueline) == cueline.__all__


@pytest.mark.parametrize("name", cueline.__all__)
def test_every_public_name_is_one_import_away_and_has_a_docstring(name):
    assert getattr(cueline, name).__doc__


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(AttributeError, match="no attribute 'Librari'; it has: Answer, Asset"):
        cueline.Librari  # noqa: B018


def test_import_loads_nothing_heavy():
    assert not loaded_after("import cueline") & set(HEAVY)


def test_the_idea_loads_no_more_than_numpy():
    assert not loaded_after("import cueline.timeline.tracks, cueline.ports, cueline.registry") & set(HEAVY)


def test_the_library_opens_without_a_decoder_or_a_network():
    assert not loaded_after("from cueline import Library") & {"torch", "sklearn", "matplotlib", "starlette", "scipy"}
