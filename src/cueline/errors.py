"""Every error that Cueline raises on purpose.

    CuelineError
    |- TimelineError       ValueError    times, spans, tracks or arrays that cannot be
    |- MediaError          OSError       a file that cannot be opened, probed or decoded
    |- FormatError         ValueError    text or data that is not in the format it claims
    |- OptionError         ValueError    an option that does not exist or cannot have this value
    |- UnknownPluginError  LookupError   a name that no installed plug-in has
    |- PluginError         RuntimeError  a plug-in that broke its promise, or broke
    |- MissingExtraError   ImportError   an optional dependency that is not installed
    `- StoreError          RuntimeError  a library that cannot be read, written or opened

A message says what must hold, what was got, where, and what to do. What a program may want to know
is kept in fields too: `asset`, `path`, `time` (seconds) and `plugin`, None where they do not apply.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class CuelineError(Exception):
    """The base of every error of Cueline; catch it to catch them all."""

    def __init__(
        self,
        message: str,
        *,
        asset: str | None = None,
        path: str | Path | None = None,
        time: float | None = None,
        plugin: str | None = None,
    ) -> None:
        """Keep the message and the fields.

        Args:
            message: What must hold, what was got, where, and what to do.
            asset: Id of the asset concerned.
            path: File or folder concerned.
            time: Seconds from the start of the asset.
            plugin: Name of the plug-in concerned.
        """
        super().__init__(message)
        self.message = message
        self.asset = asset
        self.path = None if path is None else Path(path)
        self.time = time
        self.plugin = plugin

    def __str__(self) -> str:
        """The message alone, whatever the built-in base would print."""
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross a process boundary with message and fields intact."""
        fields = {"asset": self.asset, "path": self.path, "time": self.time, "plugin": self.plugin}
        return _rebuilt, (type(self), self.message, fields)


def _rebuilt(kind: type[CuelineError], message: str, fields: dict[str, Any]) -> CuelineError:
    return kind(message, **fields)


class TimelineError(CuelineError, ValueError):
    """Times, spans, tracks or arrays that cannot be."""


class MediaError(CuelineError, OSError):
    """A file that cannot be opened, probed or decoded."""


class FormatError(CuelineError, ValueError):
    """Text or data that is not in the format it claims."""


class OptionError(CuelineError, ValueError):
    """An option that does not exist, or cannot have this value."""


class UnknownPluginError(CuelineError, LookupError):
    """A name that no installed plug-in has."""


class PluginError(CuelineError, RuntimeError):
    """A plug-in that broke its promise, or broke."""


class MissingExtraError(CuelineError, ImportError):  # type: ignore[misc]  # ImportError.path is a str
    """An optional dependency that is not installed; the message prints the pip command."""


class StoreError(CuelineError, RuntimeError):
    """A library that cannot be read, written or opened."""


def near_miss(name: str, known: Iterable[str]) -> str:
    """A hint for the likely slip, to end a message with.

    Args:
        name: What was asked for.
        known: What exists.

    Returns:
        " Did you mean 'x'?" with the closest known name, or an empty string.

    Example:
        >>> near_miss("shotz", ["color", "shots"])
        " Did you mean 'shots'?"
    """
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
