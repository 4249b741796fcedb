"""Verbs about Cueline itself: plugins."""

from __future__ import annotations

from typing import Any

import typer

from cueline.cli.arguments import AsJson
from cueline.cli.output import show_json, table
from cueline.errors import CuelineError


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.command()(plugins)


def plugins(json: AsJson = False) -> None:
    """List what is installed: plug-ins of every family, with their options."""
    from cueline import registry

    found = [_describe(entry) for kind in registry.KINDS for entry in registry.installed(kind).values()]
    if json:
        show_json(found)
        return
    rows = [
        (p["kind"], p["name"], p["summary"], ", ".join(f"{n}={v!r}" for n, v in p["options"].items())) for p in found
    ]
    table(("family", "name", "what it does", "options"), rows)


def _describe(entry: Any) -> dict[str, Any]:
    from cueline import registry

    try:
        plugin = entry.load()
    except CuelineError as error:
        return {"kind": entry.kind, "name": entry.name, "package": entry.package, "summary": str(error), "options": {}}
    lacking = registry.missing_imports(plugin)
    summary = (plugin.__doc__ or "").strip().partition("\n")[0]
    return {
        "kind": entry.kind,
        "name": entry.name,
        "package": entry.package,
        "version": plugin.version,
        "summary": summary + (f" Not installed: {', '.join(lacking)}" if lacking else ""),
        "gives": getattr(plugin, "gives", ()),
        "needs": getattr(plugin, "needs", ()),
        "options": {option.name: option.default for option in registry.options_of(plugin)},
    }
