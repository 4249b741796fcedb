"""Finds plug-ins by entry point, ours and strangers' alike, and makes them from options.

Built-in plug-ins are declared in `pyproject.toml` under the same groups a stranger uses:
`cueline.extractors`, `cueline.encoders`, `cueline.detectors`, `cueline.exporters`, `cueline.importers`,
`cueline.engines`.
This module names none of them. A plug-in is a frozen dataclass; its fields are its options.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any, Literal, get_args, get_origin

from cueline.errors import CuelineError, MissingExtraError, OptionError, PluginError, UnknownPluginError, near_miss

Kind = Literal["extractors", "encoders", "detectors", "exporters", "importers", "engines"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a plug-in, as its dataclass field says.

    Attributes:
        name: As in Python; on the command line `--set PLUGIN.NAME=VALUE`.
        type: The annotated type.
        default: What holds when it is not given.
    """

    name: str
    type: Any
    default: Any


@dataclass(frozen=True, slots=True)
class Entry:
    """An installed plug-in, not loaded yet.

    Attributes:
        kind: Its family.
        name: Its name within the family.
        package: The distribution that brings it.
        point: Where its class lies.
    """

    kind: Kind
    name: str
    package: str
    point: EntryPoint

    def load(self) -> type[Any]:
        """Import the class.

        Raises:
            MissingExtraError: If an optional dependency is not installed.
            PluginError: If the import fails, or what it gives is no frozen dataclass.
        """
        try:
            found = self.point.load()
        except CuelineError:
            raise
        except Exception as error:
            raise PluginError(
                f"the plug-in {self.name!r} of {self.package} does not load: {type(error).__name__}: {error}. "
                f"Update or uninstall {self.package}.",
                plugin=self.name,
            ) from error
        settings = getattr(found, "__dataclass_params__", None)
        if settings is None or not settings.frozen:
            raise PluginError(
                f"a plug-in must be a frozen dataclass, got {self.point.value} of {self.package}", plugin=self.name
            )
        return typing.cast("type[Any]", found)


@cache
def installed(kind: Kind) -> Mapping[str, Entry]:
    """Every installed plug-in of a family, by name, in order of name.

    Raises:
        PluginError: If two packages bring a plug-in of the same name.
    """
    points = sorted(entry_points(group=f"cueline.{kind}"), key=lambda point: point.name)
    entries = {point.name: Entry(kind, point.name, _package(point), point) for point in points}
    for name, count in Counter(point.name for point in set(points)).items():
        if count > 1:
            owners = ", ".join(sorted(_package(point) for point in points if point.name == name))
            raise PluginError(f"a name belongs to one plug-in, but {name!r} is brought by {owners}", plugin=name)
    return types.MappingProxyType(entries)


def find(kind: Kind, name: str) -> type[Any]:
    """The class of a plug-in.

    Raises:
        UnknownPluginError: If none has that name; says which there are.
        MissingExtraError: If it needs an optional dependency that is not installed.
        PluginError: If it does not load.
    """
    known = installed(kind)
    if name not in known:
        raise UnknownPluginError(
            f"no {kind[:-1]} is called {name!r}; installed: {', '.join(known) or 'none'}.{near_miss(name, known)}",
            plugin=name,
        )
    return known[name].load()


def make(kind: Kind, name: str, /, **options: Any) -> Any:
    """A plug-in with its options set.

    Args:
        kind: Its family.
        name: Its name.
        options: Values by name; text is read as the type the option has, as from a command line.

    Raises:
        MissingExtraError: If a module that it says it imports is not installed.
        OptionError: If an option does not exist, with the near miss, or cannot have its value.
        UnknownPluginError: If no plug-in has that name.
    """
    plugin = find(kind, name)
    lacking = missing_imports(plugin)
    if lacking:
        raise MissingExtraError(
            f"the plug-in {name!r} needs {lacking[0]}. Install it with: pip install 'cueline[{plugin.extra}]'",
            plugin=name,
        )
    known = {option.name: option for option in options_of(plugin)}
    for option in options:
        if option not in known:
            raise OptionError(
                f"{name!r} has no option {option!r}; it has: {', '.join(known) or 'none'}.{near_miss(option, known)}",
                plugin=name,
            )
    return plugin(**{key: _read(name, known[key], value) for key, value in options.items()})


def options_of(plugin: type[Any]) -> tuple[Option, ...]:
    """The options of a plug-in class, in the order of its fields."""
    hints = typing.get_type_hints(plugin)
    return tuple(
        Option(field.name, hints[field.name], field.default) for field in dataclasses.fields(plugin) if field.init
    )


def missing_imports(plugin: type[Any]) -> tuple[str, ...]:
    """The modules of a plug-in's optional dependencies (its `imports`) that are not installed; imports nothing."""
    return tuple(name for name in getattr(plugin, "imports", ()) if find_spec(name) is None)


def values_of(plugin: Any) -> dict[str, Any]:
    """The options a plug-in was made with, as plain values for provenance."""
    return {field.name: getattr(plugin, field.name) for field in dataclasses.fields(plugin) if field.init}


def _read(plugin: str, option: Option, value: Any) -> Any:
    """Turn text into the option's type; leave other values as they are."""
    if not isinstance(value, str):
        return value
    choices = get_args(option.type) if get_origin(option.type) is Literal else ()
    if choices and value not in choices:
        raise OptionError(
            f"{plugin}.{option.name} must be one of {', '.join(choices)}, got {value!r}.{near_miss(value, choices)}",
            plugin=plugin,
        )
    readers: dict[Any, Callable[[str], Any]] = {
        float: float,
        int: int,
        bool: _read_bool,
        tuple[str, ...]: lambda text: tuple(text.split(",")),
    }
    reader = readers.get(option.type)
    if reader is None:
        return value
    try:
        return reader(value)
    except ValueError as error:
        wanted = getattr(option.type, "__name__", str(option.type))
        raise OptionError(f"{plugin}.{option.name} must be of type {wanted}, got {value!r}", plugin=plugin) from error


def _read_bool(text: str) -> bool:
    known = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown package"
