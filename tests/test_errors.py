"""Errors tell their story, wherever they travel."""

import inspect
import pickle  # noqa: TID251  # as worker processes do
from pathlib import Path

import pytest

from cueline import errors
from cueline.errors import CuelineError, MediaError, near_miss

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CuelineError)]
BUILT_IN = {
    "TimelineError": ValueError,
    "MediaError": OSError,
    "FormatError": ValueError,
    "OptionError": ValueError,
    "UnknownPluginError": LookupError,
    "PluginError": RuntimeError,
    "MissingExtraError": ImportError,
    "StoreError": RuntimeError,
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_keeps_message_and_fields_across_a_process_border(kind):
    error = kind("x must hold", asset="a1", path="films/a.mp4", time=2.5, plugin="shots")
    for arrived in (error, pickle.loads(pickle.dumps(error))):
        assert type(arrived) is kind
        assert str(arrived) == arrived.message == "x must hold"
        assert (arrived.asset, arrived.path, arrived.time, arrived.plugin) == ("a1", Path("films/a.mp4"), 2.5, "shots")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_fields_that_do_not_apply_are_none(kind):
    error = kind("x must hold")
    assert (error.asset, error.path, error.time, error.plugin) == (None, None, None, None)


def test_every_error_is_also_the_built_in_error_that_a_caller_expects():
    assert {kind.__name__ for kind in KINDS} == {"CuelineError", *BUILT_IN}
    for name, built_in in BUILT_IN.items():
        assert issubclass(getattr(errors, name), built_in)


def test_the_tree_in_the_module_docstring_is_the_tree():
    for kind in KINDS:
        assert kind.__name__ in errors.__doc__


def test_a_media_error_is_caught_as_an_os_error():
    with pytest.raises(OSError, match="cannot read"):
        raise MediaError("cannot read 'a.mp4': no such file", path="a.mp4")


def test_the_nearest_known_name_is_the_hint():
    assert near_miss("shots.histogramm", iter(["shots.fade", "shots.histogram"])) == " Did you mean 'shots.histogram'?"


def test_there_is_no_hint_where_nothing_is_near():
    assert near_miss("quux", ["shots"]) == near_miss("shots", []) == ""
