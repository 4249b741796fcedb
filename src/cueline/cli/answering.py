"""Verbs about one answer: label answer, label undo.

JSON of both: a list of operations, first the answer itself, then what follows from it, each as the library keeps it:
asset, label, verdict, who, span (start and end in seconds, or null), campaign, label_version, shown, undoes, made, id.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, cast

import typer

from cueline.cli.arguments import AsJson, LibraryPath
from cueline.cli.campaigns import clocks, label
from cueline.cli.output import say, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.timeline.answers import Answer, Verdict
    from cueline.timeline.spans import Span


def add_to(_: typer.Typer) -> None:
    """Register these verbs with `label`."""
    label.command("answer")(give_answer)
    label.command("undo")(take_back)


def give_answer(
    library: LibraryPath,
    file: Annotated[str, typer.Argument(help="A file or clip, by path, name, key or id.", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="CLASS", help="The class.", show_default=False)],
    verdict: Annotated[str, typer.Argument(help="yes, no, unsure or skipped.", show_default=False)],
    who: Annotated[str, typer.Option("--who", metavar="NAME", help="Who says so.", show_default=False)],
    about: Annotated[str, typer.Option("--campaign", metavar="NAME", help="In which campaign.")] = "",
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Where the part begins, such as 12.5.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Where the part ends.")] = None,
    json: AsJson = False,
) -> None:
    """Keep what one person says of a class in a file, or in the part of it between --from and --to."""
    from cueline.workbench.labelling.answering import answer, missing_media
    from cueline.workbench.library import Library

    given = answer(
        Library(library), file, name, cast("Verdict", verdict), who=who, campaign=about, span=_span(start, end)
    )
    _tell(given, json=json)
    gone = missing_media(Library(library), given[0].asset)
    if gone is not None:
        say(f"its media are not there any more, at {gone}; the answer is kept all the same")
    say(f"kept as {given[0].id}; `cueline label undo {library} {given[0].id}` takes it back")


def take_back(
    library: LibraryPath,
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of the answer.", show_default=False)],  # noqa: A002
    who: Annotated[
        str | None, typer.Option("--who", metavar="NAME", help="Who takes it back; who gave it if left out.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Take an answer back; to undo the undo brings it back."""
    from cueline.workbench.labelling.answering import undo
    from cueline.workbench.library import Library

    back = undo(Library(library), id, who=who)
    _tell(back, json=json)
    say(f"{id} is taken back; `cueline label undo {library} {back[0].id}` brings it back")


def _span(start: str | None, end: str | None) -> Span | None:
    """The part that is answered about; a part has both ends, unlike a window to look through."""
    from cueline.timeline.spans import Span
    from cueline.timeline.timecode import parse_time

    if start is None and end is None:
        return None
    if start is None or end is None:
        raise OptionError(f"an answer about a part names both its ends, got --from {start} --to {end}")
    return Span(parse_time(start), parse_time(end))


def _tell(given: tuple[Answer, ...], *, json: bool) -> None:
    if json:
        show_json([{**asdict(each), "span": None if each.span is None else [*each.span]} for each in given])
        return
    rows = [(each.id, each.label, each.verdict, each.who, *clocks(each.span), each.undoes) for each in given]
    table(("id", "class", "verdict", "who", "from", "to", "undoes"), rows)
