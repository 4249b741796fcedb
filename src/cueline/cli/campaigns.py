"""Verbs about what people are asked: label campaign create, list, show, tasks, insert, delete.

JSON of a campaign: what it says (name, version, classes, question, instruction, exclusive, shown, source), and tasks,
answered (with a yes, no or unsure of any class), labelled (of every class), answered_by and people (how many tasks each
answered and labelled), answers, older (answers about an earlier version, by class). JSON of `label campaign tasks`:
asset, file, start, end, priority, labelled, people.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, LibraryPath, group_of_verbs, read_names
from cueline.cli.output import clock, say, short, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.timeline.answers import Shown
    from cueline.timeline.spans import Span
    from cueline.workbench.labelling.campaigns import CampaignFacts, State
    from cueline.workbench.labelling.queueing import Inserted

label = group_of_verbs("label", "Ask people about clips, and keep what they say.")
campaign = group_of_verbs("campaign", "Questions put to people about many clips.")

Name = Annotated[str, typer.Argument(help="Name of the campaign.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.add_typer(label)
    label.add_typer(campaign)
    for name, verb in (("create", create), ("list", list_all), ("show", show_one), ("tasks", tasks)):
        campaign.command(name)(verb)
    campaign.command()(insert)
    campaign.command()(delete)


def create(
    library: LibraryPath,
    name: Name,
    classes: Annotated[
        str, typer.Option("--classes", metavar="NAMES", help="What may be the answer, with commas.")
    ] = "",
    question: Annotated[str | None, typer.Option(help="As people read it.")] = None,
    instruction: Annotated[str | None, typer.Option(help="More words for those who are new to it.")] = None,
    exclusive: Annotated[
        bool | None,
        typer.Option("--exclusive/--several", help="Whether just one of the classes is right.", show_default=False),
    ] = None,
    shown: Annotated[
        str | None, typer.Option(help="What people look at or listen to: video, audio, picture, text.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Where its clips come from, in words.")] = None,
    json: AsJson = False,
) -> None:
    """Make a campaign, or load the one that is there; what is given and differs makes its next version."""
    from cueline.workbench.labelling.campaigns import campaign_facts, create_campaign, deleted_campaign
    from cueline.workbench.library import Library

    deleted = deleted_campaign(Library(library), name)
    kept = create_campaign(
        Library(library),
        name,
        read_names(classes),
        question=question,
        instruction=instruction,
        exclusive=exclusive,
        shown=_shown(shown),
        source=source,
    )
    facts = campaign_facts(Library(library), kept.name)
    _show([facts], json=json, alone=True)
    if deleted is not None:
        say(
            f"it was deleted before, and is there again with its {facts.answers} answers and the {facts.tasks} tasks "
            f"that they are about; it asks about {', '.join(kept.classes)}"
        )
    say(f"campaign {kept.name!r} is there, version {kept.version}")


def list_all(library: LibraryPath, json: AsJson = False) -> None:
    """List the campaigns, and how far each is."""
    from cueline.workbench.labelling.campaigns import list_campaigns
    from cueline.workbench.library import Library

    found = list_campaigns(Library(library))
    _show(found, json=json)
    say(f"{len(found)} campaigns")


def show_one(library: LibraryPath, name: Name, json: AsJson = False) -> None:
    """Show one campaign: what it asks, how far it is, by whom."""
    from cueline.workbench.labelling.campaigns import campaign_facts
    from cueline.workbench.library import Library

    facts = campaign_facts(Library(library), name)
    if json:
        show_json(_as_json(facts))
        return
    about = facts.campaign
    rows = [("version", str(about.version)), ("question", about.question), ("instruction", about.instruction)]
    rows += [("classes", ", ".join(about.classes)), ("right are", "just one" if about.exclusive else "any of them")]
    rows += [("shown", about.shown), ("source", about.source), ("answers", str(facts.answers))]
    rows += [("tasks", str(facts.tasks)), ("answered", str(facts.answered)), ("labelled", str(facts.labelled))]
    table((about.name, ""), [(what, short(text)) for what, text in rows])
    people = [(who, str(facts.answered_by[who]), str(count)) for who, count in facts.people.items()]
    table(("person", "answered", "labelled"), people)
    _tell_older(facts)


def tasks(
    library: LibraryPath,
    name: Name,
    state: Annotated[str, typer.Option("--state", help="all, labelled or unlabelled.")] = "all",
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="As this person labelled them.")] = None,
    limit: Annotated[int | None, typer.Option(help="Show at most so many.", min=1)] = None,
    json: AsJson = False,
) -> None:
    """List what a campaign puts to people, the highest priority first."""
    from typing import cast

    from cueline.workbench.labelling.campaigns import campaign_tasks
    from cueline.workbench.library import Library

    found = campaign_tasks(Library(library), name, state=cast("State", state), who=who)
    listed = found[:limit]
    if json:
        show_json(
            [
                {"asset": each.task.asset, "file": each.file, **times(each.task.span), "priority": each.task.priority}
                | {"labelled": each.labelled, "people": each.people}
                for each in listed
            ]
        )
    else:
        rows = [
            (
                short(each.file),
                *clocks(each.task.span),
                f"{each.task.priority:g}",
                "yes" if each.labelled else "no",
                ", ".join(each.people),
            )
            for each in listed
        ]
        table(("file", "from", "to", "priority", "labelled", "by"), rows)
    say(f"{len(listed)} of {len(found)} tasks")
    sys.exit(0 if found else 1)


def insert(
    library: LibraryPath,
    name: Name,
    files: Annotated[
        list[str] | None, typer.Argument(help="Files and clips; all where none is given.", show_default=False)
    ] = None,
    over: Annotated[
        str, typer.Option("--over", metavar="TRACK", help="Each span of a label track, such as shots.")
    ] = "",
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", help="Pieces of this length.", min=0)] = 0.0,
    from_end: Annotated[
        bool, typer.Option("--from-end", help="With --every: count pieces from the end backwards.")
    ] = False,
    lines: Annotated[
        Path | None,
        typer.Option("--table", metavar="CSV", help="Lines of a table: a column file, perhaps start and end."),
    ] = None,
    make_clips: Annotated[
        bool, typer.Option("--make-clips", help="With --table: keep names that are unknown as clips without media.")
    ] = False,
    priority: Annotated[
        str,
        typer.Option(
            help="What is higher comes first: a number; score, with --over; TRACK.COLUMN; a column of a table."
        ),
    ] = "0",
    json: AsJson = False,
) -> None:
    """Put files, clips or parts of them to people; what is there already is there once."""
    from cueline.workbench.labelling.queue_tables import insert_table
    from cueline.workbench.labelling.queueing import Cut, insert_tasks
    from cueline.workbench.library import Library

    rank = _number_or_name(priority)
    if lines is not None:
        if files or over or every or from_end:
            raise OptionError("--table says itself what is put to people; leave out files, --over, --every, --from-end")
        done = insert_table(Library(library), name, lines, priority=rank, make_clips=make_clips)
    else:
        if make_clips:
            raise OptionError("--make-clips is for the names of a table; name it with --table")
        done = insert_tasks(Library(library), name, files=files, cut=Cut(over, every, from_end), priority=rank)
    _tell_inserted(done, json=json)


def delete(library: LibraryPath, name: Name, json: AsJson = False) -> None:
    """Delete a campaign with its tasks; what people answered stays."""
    from cueline.workbench.labelling.campaigns import retire_campaign
    from cueline.workbench.library import Library

    left = retire_campaign(Library(library), name)
    if json:
        show_json({"campaign": name, "answers": left})
    say(f"campaign {name!r} is deleted; {left} answers stay, and to create it again brings them back to it")


def _shown(text: str | None) -> Shown | None:
    from typing import cast

    return cast("Shown | None", text)  # a campaign refuses what cannot be shown


def _number_or_name(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _show(found: list[CampaignFacts], *, json: bool, alone: bool = False) -> None:
    if json:
        values = [_as_json(facts) for facts in found]
        show_json(values[0] if alone else values)
        return
    rows = [
        (
            facts.campaign.name,
            str(facts.campaign.version),
            short(", ".join(facts.campaign.classes)),
            str(facts.tasks),
            str(facts.answered),
            str(facts.labelled),
            ", ".join(f"{who} {count}" for who, count in facts.answered_by.items()),
        )
        for facts in found
    ]
    table(("campaign", "version", "classes", "tasks", "answered", "labelled", "answered by"), rows)
    for facts in found:
        _tell_older(facts)


def _as_json(facts: CampaignFacts) -> dict[str, Any]:
    values = asdict(facts)
    return {**values.pop("campaign"), **values}


def _tell_older(facts: CampaignFacts) -> None:
    for name, count in facts.older.items():
        say(f"{facts.campaign.name}: {count} of its answers are about an older version of {name!r}")


def _tell_inserted(done: Inserted, *, json: bool) -> None:
    if json:
        show_json(asdict(done))
    for why in done.skipped:
        say(why)
    say(f"{done.new} tasks are new, {done.known} were there, {len(done.skipped)} left out")
    sys.exit(0 if not done.skipped and done.new + done.known else 1)


def times(span: Span | None) -> dict[str, float | None]:
    """Start and end of a part in JSON; null for a whole."""
    return {"start": None if span is None else span.start, "end": None if span is None else span.end}


def clocks(span: Span | None) -> tuple[str, str]:
    """Start and end of a part as people read them; empty for a whole."""
    return ("", "") if span is None else (clock(span.start), clock(span.end))
