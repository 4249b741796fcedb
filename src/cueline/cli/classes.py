"""Verbs about what is looked for: classes add, list, edit, import, export.

JSON of `classes list`: for each class name, definition, primary, excluded, version; answers, how many hold, and older,
how many of them are about an earlier version, by its number. JSON of `classes import`: added, edited, same, skipped,
ignored.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, LibraryPath, group_of_verbs, read_names
from cueline.cli.output import say, short, show_json, table
from cueline.errors import OptionError, near_miss

if TYPE_CHECKING:
    from cueline.workbench.labelling.classes import ClassFacts

classes = group_of_verbs("classes", "Say what is looked for: classes with words that people understand alike.")

Name = Annotated[str, typer.Argument(help="Its name.", show_default=False)]
Definition = Annotated[
    str | None, typer.Option("--definition", metavar="TEXT", help="What belongs to it and what does not.")
]
Primary = Annotated[
    bool | None,
    typer.Option(
        "--primary/--secondary", help="Whether it counts in the headline mean of an evaluation.", show_default=False
    ),
]
Excluded = Annotated[
    str | None, typer.Option("--excluded", metavar="TERMS", help="Terms that speak against it, with commas.")
]
File = Annotated[
    Path, typer.Argument(metavar="FILE", help="A file of classes, .json or .csv.", show_default=False, readable=False)
]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.add_typer(classes)
    for name, verb in (("add", add), ("list", list_all), ("edit", edit), ("import", bring), ("export", hand_on)):
        classes.command(name)(verb)


def add(
    library: LibraryPath,
    name: Name,
    definition: Definition = None,
    primary: Primary = None,
    excluded: Excluded = None,
    json: AsJson = False,
) -> None:
    """Add a class."""
    from cueline.workbench.labelling.classes import add_class
    from cueline.workbench.library import Library

    kept = add_class(
        Library(library), name, definition or "", primary=primary is not False, excluded=read_names(excluded or "")
    )
    if json:
        show_json(asdict(kept))
    say(f"class {kept.name!r} is there, version {kept.version}")


def list_all(library: LibraryPath, json: AsJson = False) -> None:
    """List the classes, and the answers about each."""
    from cueline.workbench.labelling.classes import list_classes
    from cueline.workbench.library import Library

    found = list_classes(Library(library))
    if json:
        show_json([_as_json(facts) for facts in found])
    else:
        rows = [
            (
                facts.value.name,
                str(facts.value.version),
                "yes" if facts.value.primary else "no",
                str(facts.total),
                short(facts.value.definition),
                short(", ".join(facts.value.excluded)),
            )
            for facts in found
        ]
        table(("class", "version", "primary", "answers", "definition", "excluded"), rows)
    _tell_older(found)
    say(f"{len(found)} classes")


def edit(
    library: LibraryPath,
    name: Name,
    definition: Definition = None,
    primary: Primary = None,
    excluded: Excluded = None,
    json: AsJson = False,
) -> None:
    """Make the next version of a class; what is not named stays, and so do the answers about versions before."""
    from cueline.workbench.labelling.classes import edit_class
    from cueline.workbench.library import Library

    if definition is None and primary is None and excluded is None:
        raise OptionError("say what to edit: --definition, --primary or --secondary, --excluded")
    terms = None if excluded is None else read_names(excluded)
    facts = edit_class(Library(library), name, definition=definition, primary=primary, excluded=terms)
    if json:
        show_json(_as_json(facts))
    _tell_older([facts])
    say(f"class {facts.value.name!r} has version {facts.value.version} now")


def bring(library: LibraryPath, file: File, json: AsJson = False) -> None:
    """Take in the classes of a file, JSON or CSV: new ones are added, others edited; what is wrong is told."""
    from cueline.workbench.labelling.classes import import_classes
    from cueline.workbench.library import Library

    done = import_classes(Library(library), file)
    if json:
        show_json(asdict(done))
    for fault in done.skipped:
        say(fault)
    if done.ignored:
        say(f"not kept: {', '.join(done.ignored)}")
    say(f"{len(done.added)} added, {len(done.edited)} edited, {done.same} there already, {len(done.skipped)} left out")
    sys.exit(0 if not done.skipped and (done.added or done.edited or done.same) else 1)


def hand_on(
    library: LibraryPath,
    file: File,
    form: Annotated[str, typer.Option("--to", help="json or csv; what the ending says if it is left out.")] = "",
    json: AsJson = False,
) -> None:
    """Write the classes to a file that `classes import` reads."""
    from cueline.workbench.labelling.classes import export_classes
    from cueline.workbench.library import Library

    if form and form not in ("json", "csv"):
        raise OptionError(f"classes are written as json or csv, got {form!r}.{near_miss(form, ('json', 'csv'))}")
    count = export_classes(Library(library), file, form=form or None)  # type: ignore[arg-type]
    if json:
        show_json({"file": file, "classes": count})
    say(f"{count} classes, in {file}")


def _as_json(facts: ClassFacts) -> dict[str, Any]:
    return {**asdict(facts.value), "answers": facts.total, "older": dict(facts.older)}


def _tell_older(found: list[ClassFacts]) -> None:
    for facts in found:
        for line in facts.about_older():
            say(line)
