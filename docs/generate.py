"""Writes the reference pages and the tree in the README from the code itself; a test keeps them current.

python docs/generate.py          write
python docs/generate.py --check  exit with 1 if something is out of date
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from cueline import errors, registry
from cueline.cli.app import app
from cueline.stores.library import LibraryStore

ROOT = Path(__file__).parents[1]
NOTE = "<!-- Written by docs/generate.py; change the code and run `make docs`. -->\n"


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    reference = ROOT / "docs/reference"
    return {
        ROOT / "README.md": readme(),
        reference / "command-line.md": NOTE + command_line(),
        reference / "plugins.md": NOTE + plugins(),
        reference / "errors.md": NOTE + error_tree(),
        reference / "sql.md": NOTE + views(),
    }


def readme() -> str:
    """The README with its tree renewed."""
    text = (ROOT / "README.md").read_text()
    rows = dict(modules())
    width = max(map(len, rows)) + 2
    tree = "".join(f"{name:{width}}{line}\n" for name, line in rows.items())
    return re.sub(r"(<!-- tree -->\n```text\n).*?(```)", lambda m: m[1] + tree + m[2], text, count=1, flags=re.DOTALL)


def modules() -> Iterator[tuple[str, str]]:
    """Each module of the package with the first line of its docstring."""
    package = ROOT / "src/cueline"
    for path in sorted(package.rglob("*.py")):
        if len(ast.parse(path.read_text()).body) > 1 or path.name != "__init__.py":
            yield (
                str(path.relative_to(package)),
                (ast.get_docstring(ast.parse(path.read_text())) or "").partition("\n")[0],
            )


def command_line() -> str:
    """Every command with its arguments and options."""
    command = typer.main.get_command(app)
    parts = ["# Command line\n", f"{command.help}\n", f"{inspect.getdoc(sys.modules['cueline.cli.app'])}\n"]
    parts += [_verb(f"cueline {name}", verb) for name, verb in verbs(command)]
    return "\n".join(parts)


def verbs(group: Any) -> Iterator[tuple[str, Any]]:
    """Every verb by name, in order; those of a verb that has some of its own right behind it."""
    for name, verb in sorted(group.commands.items()):
        yield name, verb
        if hasattr(verb, "commands"):
            yield from ((f"{name} {inner}", each) for inner, each in verbs(verb))


def _verb(name: str, verb: Any) -> str:
    """One verb: what it does, its arguments and options."""
    text = f"## {name}\n\n{verb.help}\n"
    items = [item for item in verb.params if item.name != "help"]
    if not items:
        return text
    rows = ["| argument or option | meaning |", "|---|---|"]
    for item in items:
        option = item.param_type_name == "option"
        shown = ", ".join(f"`{text}`" for text in item.opts) if option else f"`{(item.name or '').upper()}`"
        rows.append(f"| {shown} | {getattr(item, 'help', '') or ''} |")
    return text + "\n" + "\n".join(rows) + "\n"


def plugins() -> str:
    """Every built-in plug-in with its options."""
    parts = ["# Plug-ins\n", "What is installed with Cueline itself; `cueline plugins` lists yours too.\n"]
    for kind in registry.KINDS:
        entries = [entry for entry in registry.installed(kind).values() if entry.package == "cueline"]
        if entries:
            parts.append(f"## {kind.capitalize()}\n")
        parts += [_plugin(entry) for entry in entries]
    return "\n".join(parts)


def views() -> str:
    """The views of a library's database, with their columns."""
    lines = ["# SQL\n", "`library.sql(query)` asks these views and changes nothing. Times are seconds.\n"]
    with tempfile.TemporaryDirectory() as folder, LibraryStore(Path(folder) / "empty.cue", create=True) as store:
        for (name,) in store.sql("select name from sqlite_master where type = 'view' order by name")[1]:
            columns = store.sql(f"select * from {name} limit 0")[0]
            lines.append(f"- `{name}`: {', '.join(f'`{column}`' for column in columns)}")
    return "\n".join(lines) + "\n"


def error_tree() -> str:
    """The errors, as their module draws them."""
    tree = (inspect.getdoc(errors) or "").split("\n\n")[1]
    return f"# Errors\n\n```text\n{inspect.cleandoc(tree)}\n```\n\nCatch `CuelineError` to catch them all.\n"


def _plugin(entry: registry.Entry) -> str:
    """One plug-in: what it is, its tracks, its options with their meaning."""
    plugin = entry.load()
    text, _, rest = (inspect.getdoc(plugin) or "").partition("Attributes:\n")
    meanings = dict(re.findall(r"^    (\w+): (.*(?:\n        .*)*)", rest, re.MULTILINE))
    lines = [f"### {entry.name}\n", text.strip() + "\n"]
    facts = {name: getattr(plugin, name, None) for name in ("gives", "needs", "keeps", "brings")}
    lines += [f"- {name}: {_names(value)}" for name, value in facts.items() if value]
    options = registry.options_of(plugin)
    if options:
        lines += ["", "| option | default | meaning |", "|---|---|---|"]
    for option in options:
        meaning = " ".join(meanings.get(option.name, "").split()).replace("|", "\\|")
        lines.append(f"| `{entry.name}.{option.name}` | `{option.default!r}` | {meaning} |")
    return "\n".join(lines) + "\n"


def _names(value: object) -> str:
    if isinstance(value, property):
        return "what its options tell"
    return ", ".join(f"`{name}`" for name in value) if isinstance(value, tuple) else str(value)


def main() -> None:
    """Write the pages, or tell which are out of date."""
    old = {path: text for path, text in pages().items() if not path.exists() or path.read_text() != text}
    if "--check" in sys.argv:
        print(*(f"out of date: {path.relative_to(ROOT)}; run make docs" for path in old), sep="\n")
        sys.exit(1 if old else 0)
    for path, text in old.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
