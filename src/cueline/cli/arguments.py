"""Arguments that several commands share, and how their text is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cueline.errors import OptionError

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
