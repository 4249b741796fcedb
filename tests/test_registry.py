"""Tests of finding and making plug-ins."""

from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar, Literal

import pytest

from cueline import registry
from cueline.errors import MissingExtraError, OptionError, PluginError, UnknownPluginError


@dataclass(frozen=True)
class Fake:
    """A detector with one option of each type."""

    version: ClassVar[str] = "1"
    level: float = 0.5
    count: int = 3
    loud: bool = False
    mode: Literal["slow", "fast"] = "slow"
    names: tuple[str, ...] = ()
    title: str = ""


class NotADataclass:
    """Refused as a plug-in."""


MISSING = "not a module"


@pytest.fixture
def fakes(monkeypatch):
    """Entry points of strangers, instead of those that are installed."""

    def points(*named, group="cueline.detectors"):
        found = [EntryPoint(name, target, group) for name, target in named]
        monkeypatch.setattr(registry, "entry_points", lambda group: [p for p in found if p.group == group])
        registry.installed.cache_clear()

    yield points
    monkeypatch.undo()
    registry.installed.cache_clear()


HERE = "tests.test_registry"


def test_built_in_plug_ins_enter_by_the_same_door_as_strangers():
    assert "shots" in registry.installed("detectors")
    assert registry.installed("detectors")["shots"].package == "cueline"


def test_an_unknown_name_is_refused_with_the_near_miss():
    with pytest.raises(
        UnknownPluginError, match=r"no detector is called 'shotz'; installed: black.*Did you mean 'shots'\?"
    ):
        registry.find("detectors", "shotz")


def test_two_packages_with_one_name_are_refused(fakes):
    fakes(("x", f"{HERE}:Fake"), ("x", f"{HERE}:NotADataclass"))
    with pytest.raises(PluginError, match="a name belongs to one plug-in, but 'x' is brought by"):
        registry.installed("detectors")


def test_a_plug_in_that_does_not_import_is_named(fakes):
    fakes(("x", "no_such_module_at_all:Thing"))
    with pytest.raises(PluginError, match=r"the plug-in 'x' of an unknown package does not load: ModuleNotFoundError"):
        registry.find("detectors", "x")


def test_a_plug_in_must_be_a_frozen_dataclass(fakes):
    fakes(("x", f"{HERE}:NotADataclass"))
    with pytest.raises(
        PluginError, match=r"a plug-in must be a frozen dataclass, got tests\.test_registry:NotADataclass"
    ):
        registry.find("detectors", "x")


def test_a_missing_extra_passes_through(fakes, tmp_path, monkeypatch):
    (tmp_path / "needs_extra.py").write_text(
        "from cueline.errors import MissingExtraError\nraise MissingExtraError('pip')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    fakes(("x", "needs_extra:Thing"))
    with pytest.raises(MissingExtraError, match="pip"):
        registry.find("detectors", "x")


@dataclass(frozen=True)
class Needy:
    """Needs what is not there."""

    version: ClassVar[str] = "1"
    extra: ClassVar[str] = "needy"
    imports: ClassVar[tuple[str, ...]] = ("json", "no_such_module_at_all")


def test_a_plug_in_whose_extra_is_missing_is_refused_before_work_begins(fakes):
    fakes(("needy", f"{HERE}:Needy"))
    with pytest.raises(MissingExtraError, match=r"'needy' needs no_such_module_at_all.*pip install 'cueline\[needy\]'"):
        registry.make("detectors", "needy")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ({"level": "0.25"}, 0.25),
        ({"count": "7"}, 7),
        ({"loud": "yes"}, True),
        ({"loud": "off"}, False),
        ({"mode": "fast"}, "fast"),
        ({"names": "a,b"}, ("a", "b")),
        ({"title": "x"}, "x"),
        ({"level": 0.75}, 0.75),
    ],
)
def test_text_is_read_as_the_type_of_the_option(fakes, text, value):
    fakes(("fake", f"{HERE}:Fake"))
    made = registry.make("detectors", "fake", **text)
    assert getattr(made, next(iter(text))) == value
    assert registry.values_of(made)[next(iter(text))] == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ({"levl": "1"}, r"'fake' has no option 'levl'; it has: level.*Did you mean 'level'\?"),
        ({"level": "much"}, "fake.level must be of type float, got 'much'"),
        ({"loud": "perhaps"}, "fake.loud must be of type bool, got 'perhaps'"),
        ({"mode": "fats"}, r"fake.mode must be one of slow, fast, got 'fats'. Did you mean 'fast'\?"),
    ],
)
def test_wrong_options_are_refused(fakes, text, message):
    fakes(("fake", f"{HERE}:Fake"))
    with pytest.raises(OptionError, match=message):
        registry.make("detectors", "fake", **text)


def test_options_are_told_in_order_with_their_defaults():
    assert [(option.name, option.default) for option in registry.options_of(Fake)][:2] == [("level", 0.5), ("count", 3)]
