"""Arguments that several commands share, and how their text is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.timeline.spans import Span

Paths = Annotated[list[Path], typer.Argument(help="Files and folders.", show_default=False, readable=False)]
LibraryPath = Annotated[
    Path, typer.Argument(metavar="LIB", help="The library's folder.", show_default=False, readable=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, alone, on standard output.")]
Jobs = Annotated[int, typer.Option(help="Files worked on at once; 0 for one a core.", min=0)]
EngineName = Annotated[str, typer.Option("--engine", help="Where work runs.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PLUGIN.OPTION=VALUE", help="An option of a plug-in; may be given many times."),
]

FileOption = Annotated[str | None, typer.Option("--file", help="One file only, by path or name.")]
TrackOption = Annotated[str | None, typer.Option("--track", help="Only tracks of this name, such as shots.")]
ClassOption = Annotated[str, typer.Option("--class", metavar="NAMES", help="Only labels of these names, with commas.")]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="Only what reaches beyond this time, such as 12.5 or 00:10:00."),
]
ToOption = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Only what begins before this time.")]
CampaignName = Annotated[str, typer.Option("--campaign", metavar="NAME", help="Which campaign.", show_default=False)]
Classes = Annotated[str, typer.Option("--class", metavar="NAMES", help="Only these classes, with commas.")]
GroupOption = Annotated[
    list[str] | None,
    typer.Option("--group", metavar="KIND=NAME", help="Only files in this group; may be given many times."),
]
MOST = 1_000_000_000  # what SQLite takes for a limit is not larger by much
Limit = Annotated[int, typer.Option(help="At most so many.", min=1, max=MOST)]
ScoreOption = Annotated[float | None, typer.Option("--score", help="Only labels with this score or more.")]


def group_of_verbs(name: str, about: str) -> typer.Typer:
    """A verb that has verbs of its own, such as `train`."""
    return typer.Typer(
        name=name, help=about, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )


def read_groups(texts: Sequence[str] | None) -> dict[str, str]:
    """Groups from texts like "show=Cosmos".

    Raises:
        OptionError: If a text is not of that form.
    """
    groups = {}
    for text in texts or ():
        kind, equals, name = text.partition("=")
        if not (kind and equals and name):
            raise OptionError(f"a group must look like show=Cosmos, got {text!r}")
        groups[kind] = name
    return groups


def read_window(start: str | None, end: str | None, *, of: str = "--from and --to") -> Span | None:
    """A span from two times that may be left out.

    Raises:
        FormatError: If one is no time.
        OptionError: If it ends before it starts.
    """
    from cueline.timeline.spans import Span
    from cueline.timeline.timecode import parse_time

    if start is None and end is None:
        return None
    first, last = parse_time(start or "0"), _END_OF_TIME if end is None else parse_time(end)
    if last < first:
        raise OptionError(f"of {of}, the first time must come before the second, got {start} and {end}")
    return Span(first, last)


_END_OF_TIME = 1e9  # seconds, more than thirty years


def read_settings(texts: Sequence[str] | None) -> dict[str, dict[str, Any]]:
    """Options by plug-in from texts like "shots.cut=0.6".

    Raises:
        OptionError: If a text is not of that form.
    """
    options: dict[str, dict[str, Any]] = {}
    for text in texts or ():
        target, equals, value = text.partition("=")
        plugin, dot, option = target.rpartition(".")
        if not (equals and dot and plugin and option):
            raise OptionError(f"a setting must look like shots.cut=0.6, got {text!r}")
        options.setdefault(plugin, {})[option] = value
    return options


def read_names(text: str) -> list[str]:
    """Names from a list with commas, without empty ones."""
    return [name.strip() for name in text.split(",") if name.strip()]
