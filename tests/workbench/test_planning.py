"""Tests of planning: needs, order, what is up to date, what falls with a culprit."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest

from cueline import registry
from cueline.errors import OptionError, PluginError, UnknownPluginError
from cueline.ports import Outcome
from cueline.workbench.planning import plan


@dataclass(frozen=True)
class Light:
    """First pass."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "light"
    needs: ClassVar[tuple[str, ...]] = ()
    level: float = 0.5


@dataclass(frozen=True)
class Noise:
    """First pass, too."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "noise"
    needs: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True)
class Edits:
    """A detector that gives two tracks."""

    version: ClassVar[str] = "2"
    gives: ClassVar[tuple[str, ...]] = ("edits", "edits.curve")
    needs: ClassVar[tuple[str, ...]] = ("light",)
    weights: ClassVar[dict[str, str]] = {"edits.safetensors": "abc"}


@dataclass(frozen=True)
class Closer:
    """A second pass."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "closer"
    needs: ClassVar[tuple[str, ...]] = ("edits.curve",)


@dataclass(frozen=True)
class Circle:
    """Needs itself."""

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("circle",)
    needs: ClassVar[tuple[str, ...]] = ("circle",)


@dataclass(frozen=True)
class Orphan:
    """Needs what nobody gives."""

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("orphan",)
    needs: ClassVar[tuple[str, ...]] = ("lihgt",)


@pytest.fixture(autouse=True)
def strangers(monkeypatch):
    """Only the plug-ins of this file are installed."""
    groups = {"extractors": (Light, Noise, Closer), "detectors": (Edits, Circle, Orphan)}
    points = [
        EntryPoint(kind.__name__.lower(), f"{__name__}:{kind.__name__}", f"cueline.{group}")
        for group, kinds in groups.items()
        for kind in kinds
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: [point for point in points if point.group == group])
    registry.installed.cache_clear()
    yield
    monkeypatch.undo()
    registry.installed.cache_clear()


def names(steps):
    return [step.name for step in steps]


def test_what_is_needed_comes_before_what_needs_it():
    assert names(plan(["closer"]).steps) == ["light", "edits", "closer"]


def test_extractors_that_need_nothing_share_the_first_pass():
    stages = plan(["closer", "noise"]).stages()
    assert [sorted(names(stage)) for stage in stages] == [["light", "noise"], ["edits"], ["closer"]]


def test_a_track_beside_the_main_one_leads_to_its_plug_in():
    assert names(plan(["edits.curve"]).steps) == ["light", "edits"]


def test_an_unknown_name_is_refused_with_the_near_miss_and_who_needs_it():
    with pytest.raises(
        UnknownPluginError, match=r"nothing installed gives 'lihgt', which 'orphan' needs.*mean 'light'"
    ):
        plan(["orphan"])
    with pytest.raises(UnknownPluginError, match=r"nothing installed gives 'nois'; installed"):
        plan(["nois"])


def test_a_circle_is_refused():
    with pytest.raises(PluginError, match="must not need one another in a circle: circle -> circle"):
        plan(["circle"])


def test_options_reach_their_plug_in_and_no_other():
    steps = plan(["edits"], {"light": {"level": "0.25"}}).steps
    assert steps[0].plugin.level == 0.25
    with pytest.raises(
        OptionError, match="options are given for 'noise', which this plan does not use; it uses: light"
    ):
        plan(["light"], {"noise": {}})


def done(step, state="done"):
    return Outcome("asset", step.name, state, step.provenance)


def test_what_was_done_with_the_same_options_is_not_due():
    whole = plan(["closer"])
    assert names(whole.due([done(step) for step in whole.steps]).steps) == []
    assert names(whole.due([done(whole.steps[0])]).steps) == ["edits", "closer"]


def test_a_changed_option_makes_due_what_depends_on_it_and_nothing_else():
    before, after = plan(["closer", "noise"]), plan(["closer", "noise"], {"light": {"level": 0.9}})
    assert names(after.due([done(step) for step in before.steps]).steps) == ["light", "edits", "closer"]


def test_a_failure_is_due_again_only_when_asked_for():
    whole = plan(["light"])
    failed = [done(whole.steps[0], "failed")]
    assert names(whole.due(failed).steps) == []
    assert names(whole.due(failed, retry=True).steps) == ["light"]


def test_stages_of_what_is_left_do_not_wait_for_what_is_done():
    whole = plan(["closer"])
    left = whole.due([done(whole.steps[0])])
    assert [names(stage) for stage in left.stages()] == [["edits"], ["closer"]]


def test_what_needs_a_culprit_falls_with_it():
    assert names(plan(["closer", "noise"]).without("light").steps) == ["noise"]
    assert names(plan(["closer", "noise"]).without("noise").steps) == ["light", "edits", "closer"]


def test_a_plan_describes_itself_in_plain_values():
    told = plan(["edits"]).describe()
    assert told["wanted"] == ["edits"]
    assert [(step["name"], step["options"]) for step in told["steps"]] == [("light", {"level": 0.5}), ("edits", {})]


def test_weights_are_part_of_provenance():
    light, edits = plan(["edits"]).steps
    assert light.provenance.weights == {}
    assert edits.provenance.weights == {"edits.safetensors": "abc"}
