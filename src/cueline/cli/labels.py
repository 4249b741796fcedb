"""Verbs that take label files in and hand labels on: label import, label export.

JSON of `label import`: labels (yes answers that were added), clips, classes, conflicts and skipped (each with file,
item, clip, class and reason); then campaign, judged, duplicates, without_media, sources and the rule that tells them,
attached, made, people, notes. It exits with 1 where a file could not be read at all, or nothing was said in any.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, LibraryPath, read_names
from cueline.cli.campaigns import label
from cueline.cli.output import say, show, show_json
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.workbench.labelling.bringing import Imported
    from cueline.workbench.labelling.handing import Handed

_MOST_TOLD = 10  # lines of one kind for people; JSON has them all
_MOST_NAMED = 3


def add_to(app: typer.Typer) -> None:  # noqa: ARG001  # they belong to the group `label`, which is registered already
    """Register these verbs with `label`."""
    label.command("import")(take)
    label.command("export")(hand)


def take(
    library: LibraryPath,
    files: Annotated[list[Path], typer.Argument(help="Label files.", show_default=False, readable=False)],
    campaign: Annotated[str, typer.Option(metavar="NAME", help="Which campaign; made if there is none.")] = "labels",
    who: Annotated[
        str, typer.Option(metavar="PERSON", help="Who said it, where a file does not tell; else the file's own name.")
    ] = "",
    form: Annotated[
        str, typer.Option("--as", metavar="FORM", help="Format of the files; told by what they hold if not given.")
    ] = "",
    add_classes: Annotated[bool, typer.Option("--add-classes", help="Also make classes nobody knows yet.")] = False,
    known_only: Annotated[
        bool, typer.Option("--known-only", help="Skip clips that the library has no media of.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Take label files in; each clip in them is judged for every class of the campaign."""
    from cueline.workbench.labelling.bringing import import_files, import_labels
    from cueline.workbench.library import Library

    place = Library(library)
    if not library.exists() and all(path.is_file() for path in files):
        place.init()
        say(f"{library} is a new library")
    how: dict[str, Any] = {"campaign": campaign, "who": who, "form": form}
    how |= {"add_classes": add_classes, "known_only": known_only}
    taken: list[Imported]
    refused: list[dict[str, str]]
    if len(files) == 1:
        taken, refused = [import_labels(place, files[0], **how)], []
    else:
        taken, refused = import_files(place, files, **how)
    facts = _facts(campaign, taken, refused)
    if json:
        show_json(facts)
    _say_taken(facts)
    _say_bare([name for each in taken for name in each.bare])
    sys.exit(0 if not refused and (facts["judged"] or facts["duplicates"]) else 1)


def hand(
    library: LibraryPath,
    campaign: Annotated[str, typer.Option(metavar="NAME", help="Which campaign.", show_default=False)],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="FORMS",
            help="With commas: json, player, classification, csv, labelstudio, m3u, or any exporter.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="PLACE", help="A folder, or a file; standard output if not given.", show_default=False
        ),
    ] = None,
    who: Annotated[str, typer.Option(metavar="PERSON", help="Only what this person said.")] = "",
    consensus: Annotated[str, typer.Option(metavar="WAY", help="majority or dawid-skene.")] = "majority",
    json: AsJson = False,
) -> None:
    """Write the labels of a campaign in formats of the field; of several people, what most of them say."""
    from cueline.workbench.labelling.handing import export_labels, labels_text
    from cueline.workbench.library import Library

    forms = read_names(to)
    if not forms:
        raise OptionError("--to must name a format, such as json, csv or labelstudio")
    if out is None and (len(forms) > 1 or json):
        raise OptionError("several formats, or --json, need a place for the files; name it with --out")
    place = Library(library)
    if out is None:
        text, handed = labels_text(place, campaign, forms[0], who=who or None, consensus=consensus)
        sys.stdout.write(text)
        _say_handed(forms[0], handed)
        sys.exit(0 if handed.clips else 1)
    if len(forms) > 1:
        if out.is_file():
            raise OptionError(f"several formats need a folder, got the file '{out}'")
        out.mkdir(parents=True, exist_ok=True)
    written = {form: export_labels(place, campaign, form, out, who=who or None, consensus=consensus) for form in forms}
    if json:
        show_json(
            {
                "files": [path for handed in written.values() for path in handed.files],
                "clips": {form: handed.clips for form, handed in written.items()},
                "left_out": [
                    {"format": form, "clip": each.clip, "class": each.name, "reason": each.reason}
                    for form, handed in written.items()
                    for each in handed.left_out
                ],
            }
        )
    for form, handed in written.items():
        _say_handed(form, handed)
        if not json:
            for path in handed.files:
                show(str(path))
    sys.exit(0 if all(handed.clips for handed in written.values()) else 1)


def _facts(campaign: str, taken: Sequence[Imported], refused: Sequence[dict[str, str]]) -> dict[str, Any]:
    """What several files brought, added up; how many clips differ is counted for each file."""
    total = Counter[str]()
    for each in taken:
        names = ("labels", "clips", "judged", "duplicates", "without_media", "sources", "attached")
        total.update({name: getattr(each, name) for name in names})
    return {
        "labels": total["labels"],
        "clips": total["clips"],
        "classes": taken[-1].classes if taken else 0,
        "conflicts": [told for each in taken for told in each.conflicts],
        "skipped": [*(told for each in taken for told in each.skipped), *refused],
        "campaign": campaign,
        "judged": total["judged"],
        "duplicates": total["duplicates"],
        "without_media": total["without_media"],
        "sources": total["sources"],
        "rule": taken[-1].rule if taken else "",
        "attached": total["attached"],
        "made": [name for each in taken for name in each.made],
        "people": list(dict.fromkeys(who for each in taken for who in each.people)),
        "notes": [note for each in taken for note in each.notes],
    }


def _say_taken(facts: dict[str, Any]) -> None:
    for word, told in (("conflict", facts["conflicts"]), ("skipped", facts["skipped"])):
        for each in told[:_MOST_TOLD]:
            place = ", ".join(filter(None, (each["file"], each["item"], each["clip"], each["class"])))
            say(f"{word}: {place}: {each['reason']}")
        if len(told) > _MOST_TOLD:
            say(f"{word}: {len(told) - _MOST_TOLD} more; --json has them all")
    for note in facts["notes"]:
        say(note)
    if facts["made"]:
        say(f"classes made: {', '.join(facts['made'])}")
    if facts["sources"]:
        say(f"{facts['sources']} source videos: {facts['rule']}")
    say(
        f"{facts['labels']} labels of {facts['clips']} clips taken in for {facts['classes']} classes of "
        f"{facts['campaign']!r}, {facts['duplicates']} were there already, {len(facts['conflicts'])} conflicts, "
        f"{len(facts['skipped'])} skipped"
    )


def _say_bare(names: Sequence[str]) -> None:
    """One line about clips that have no media here."""
    names = list(dict.fromkeys(names))
    if names:
        which = ", ".join(map(repr, names[:_MOST_NAMED])) + (", ..." if len(names) > _MOST_NAMED else "")
        say(f"no media here, kept by name: {len(names)} clips, {which}; leave such clips out with --known-only")


def _say_handed(form: str, handed: Handed) -> None:
    for each in handed.left_out[:_MOST_TOLD]:
        say(f"{form}: {', '.join(filter(None, (each.clip, each.name)))}: {each.reason}")
    if len(handed.left_out) > _MOST_TOLD:
        say(f"{form}: {len(handed.left_out) - _MOST_TOLD} more left out; --json has them all")
    say(f"{form}: {handed.clips} clips, {len(handed.left_out)} left out")
