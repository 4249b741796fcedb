"""Verbs about what several people said: agreement, label consensus.

JSON of `agreement`, where null stands for what is not known:

    campaign, items, groups, answers; disputes, how many there are in all
    why         why nothing can be compared, such as one labeller; else null
    notes       what else must be known
    classes     name, people, judged, shared, base, unsure, older, percent, cohen, fleiss, why;
                alpha: value, low, high, level, note;
                consensus: yes, no, tied, uncertain;
                pairs: first, second, items, percent, kappa
    people      name, answers, unsure, skipped, percent, majority, sensitivity, specificity;
                classes: by name judged, shared, percent, majority, alpha_without, sensitivity, specificity
    exclusive   alpha over which class it is, where just one is right; else null
    ranges      class, first, second, assets, precision, recall, f1, matched, reference, estimated, mean_iou
    disputed    asset, name, start, end, class, yes, no and unsure as names of people, chance

JSON of `label consensus`: campaign, method, unjudged, notes, rows: asset, name, start, end, class, chance, yes, no and
unsure as counts.
"""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, CampaignName, Classes, LibraryPath, Limit, read_names
from cueline.cli.campaigns import label
from cueline.cli.output import clock, each_once, finite, say, short, show, show_json, table

if TYPE_CHECKING:
    from cueline.evaluation.summaries import Interval
    from cueline.timeline.spans import Span
    from cueline.workbench.labelling.agreeing import CampaignAgreement, ClassAgreement
    from cueline.workbench.labelling.consensus import Meant
    from cueline.workbench.labelling.disputes import Dispute
    from cueline.workbench.labelling.labellers import Labeller
    from cueline.workbench.labelling.marked import RangeAgreement

_PAIRS = ("class", "first", "second", "items", "agree", "kappa")
_CLASSES = (
    "class",
    "people",
    "judged",
    "shared",
    "yes",
    "agree",
    "Cohen",
    "Fleiss",
    "alpha",
    "interval",
    "unsure",
    "tied",
    "uncertain",
)
_PEOPLE = ("person", "answers", "unsure", "agree", "with most", "sensitivity", "specificity")
_RANGES = ("ranges of", "first", "second", "assets", "precision", "recall", "F1", "mean IoU")


def add_to(app: typer.Typer) -> None:
    """Register these verbs, one of them with `label`."""
    app.command()(agreement)
    label.command()(consensus)


def agreement(
    library: LibraryPath,
    campaign: CampaignName,
    classes: Classes = "",
    limit: Annotated[int, typer.Option(help="Name at most so many disputed clips.", min=0)] = 20,
    iou: Annotated[float, typer.Option(help="Ranges mean the same from this intersection over union on.")] = 0.5,
    resamples: Annotated[int, typer.Option(help="Resamples for the intervals.", min=1)] = 1000,
    seed: Annotated[int, typer.Option(help="Decides the resamples.", min=0)] = 0,
    pairs: Annotated[bool, typer.Option("--pairs", help="Show Cohen's kappa of every two people too.")] = False,
    json: AsJson = False,
) -> None:
    """Tell whether people agree: class by class, person by person, range by range, and about which clips not.

    Alpha is Krippendorff's: 1 is perfect, 0 what guessing gets. Its interval draws whole groups of clips. Sensitivity
    and specificity are Dawid and Skene's estimates; by them an item is uncertain where the chance is between 0.1 and
    0.9. With --json the same, and each person on each class.
    """
    from cueline.workbench.labelling.agreeing import agreement as measured
    from cueline.workbench.library import Library

    names = read_names(classes)
    found = measured(Library(library), campaign, classes=names, most=limit, iou=iou, resamples=resamples, seed=seed)
    if json:
        show_json(_as_json(found))
    elif found.items:
        _show(found, pairs=pairs)
    for note in (found.why, *found.notes):
        if note:
            say(note)
    people = "one person" if len(found.people) == 1 else f"{len(found.people)} people"
    items = f"{found.items:,} items in {found.groups:,} groups"
    say(f"{found.answers:,} answers of {people} about {items}")
    sys.exit(0 if found.items else 1)


def consensus(
    library: LibraryPath,
    campaign: CampaignName,
    method: Annotated[str, typer.Option("--method", help="majority, or dawid-skene.")] = "majority",
    classes: Classes = "",
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List what the answers amount to: the chance of each class in each clip, and how many said what.

    With majority the chance is the share of yes; with dawid-skene people are believed as far as they have earned it.
    With --json all rows, whatever the limit.
    """
    from cueline.workbench.labelling.consensus import consensus as meant
    from cueline.workbench.library import Library

    found = meant(Library(library), campaign, method=method, classes=read_names(classes))
    if json:
        rows = [_meant_json(row) for row in found.rows]
        facts = {"campaign": found.campaign, "method": found.method, "unjudged": found.unjudged, "notes": found.notes}
        show_json({**facts, "rows": rows})
    elif found.rows:
        cells = [
            (
                short(row.name),
                _times(row.span),
                row.label,
                f"{row.chance:.3f}",
                *map(str, (row.yes, row.no, row.unsure)),
            )
            for row in found.rows[:limit]
        ]
        table(("clip", "time", "class", "chance", "yes", "no", "unsure"), cells)
        if len(found.rows) > limit:
            say(f"{limit} of {len(found.rows):,} rows; --limit shows more, --json all")
    for note in found.notes:
        say(note)
    say(f"{len(found.rows):,} judged by {found.method}; {found.unjudged:,} that nobody could judge")
    sys.exit(0 if found.rows else 1)


def _show(found: CampaignAgreement, *, pairs: bool) -> None:
    table(_CLASSES, [_class_cells(each) for each in found.classes])
    for line in each_once((each.name, each.alpha.note) for each in found.classes if each.shared):
        show(line)
    if found.exclusive is not None:
        show(f"alpha over which class it is: {_number(found.exclusive.value)}, {_ends(found.exclusive)}")
    show()
    table(_PEOPLE, [_person_cells(each) for each in found.people])
    if pairs:
        show()
        table(_PAIRS, _pair_cells(found))
    if found.ranges:
        show()
        table(_RANGES, [_range_cells(each) for each in found.ranges])
    if found.disputed:
        show()
        show(f"Disputed: {found.disputes:,} in all, the most evenly split first.")
        rows = [
            (
                short(each.name),
                _times(each.span),
                each.label,
                ", ".join(each.yes),
                ", ".join(each.no),
                _number(each.chance),
            )
            for each in found.disputed
        ]
        table(("clip", "time", "class", "say yes", "say no", "chance"), rows)


def _class_cells(each: ClassAgreement) -> tuple[str, ...]:
    counts = (f"{count:,}" for count in (each.people, each.judged, each.shared))
    numbers = map(_number, (each.base, each.percent, each.cohen, each.fleiss, each.alpha.value))
    doubtful = each.meanings.uncertain
    ends = (f"{each.unsure:,}", f"{each.meanings.tied:,}", "-" if doubtful is None else f"{doubtful:,}")
    return each.name, *counts, *numbers, _ends(each.alpha), *ends


def _person_cells(each: Labeller) -> tuple[str, ...]:
    numbers = map(_number, (each.percent, each.majority, each.sensitivity, each.specificity))
    return each.name, f"{each.answers:,}", f"{each.unsure:,}", *numbers


def _pair_cells(found: CampaignAgreement) -> list[tuple[str, ...]]:
    return [
        (
            each.name,
            found.people[pair.first].name,
            found.people[pair.second].name,
            f"{pair.items:,}",
            _number(pair.percent),
            _number(pair.kappa),
        )
        for each in found.classes
        for pair in each.pairs
        if pair.items
    ]


def _range_cells(each: RangeAgreement) -> tuple[str, ...]:
    scores = each.found.scores
    numbers = map(_number, (scores.precision, scores.recall, scores.f1, each.found.mean_iou))
    return each.label, each.first, each.second, f"{each.assets:,}", *numbers


def _as_json(found: CampaignAgreement) -> dict[str, Any]:
    names = [person.name for person in found.people]
    return {
        "campaign": found.campaign,
        "items": found.items,
        "groups": found.groups,
        "answers": found.answers,
        "why": found.why or None,
        "notes": found.notes,
        "classes": [_class_json(each, names) for each in found.classes],
        "people": [_person_json(each) for each in found.people],
        "exclusive": None if found.exclusive is None else finite(asdict(found.exclusive)),
        "ranges": [_range_json(each) for each in found.ranges],
        "disputes": found.disputes,
        "disputed": [_dispute_json(each) for each in found.disputed],
    }


def _class_json(each: ClassAgreement, names: list[str]) -> dict[str, Any]:
    values = finite(asdict(each))
    values["consensus"] = values.pop("meanings")
    values["why"] = each.why or None
    sides = ({**finite(asdict(pair)), "first": names[pair.first], "second": names[pair.second]} for pair in each.pairs)
    return {**values, "pairs": list(sides)}


def _person_json(each: Labeller) -> dict[str, Any]:
    values = asdict(each)
    values |= {"sensitivity": each.sensitivity, "specificity": each.specificity}
    return dict(finite(values))


def _range_json(each: RangeAgreement) -> dict[str, Any]:
    who = {"class": each.label, "first": each.first, "second": each.second, "assets": each.assets}
    return {**who, **finite(asdict(each.found.scores)), "mean_iou": finite(each.found.mean_iou)}


def _dispute_json(each: Dispute) -> dict[str, Any]:
    said = {"yes": each.yes, "no": each.no, "unsure": each.unsure}
    return {**_place(each), **said, "chance": finite(each.chance)}


def _meant_json(each: Meant) -> dict[str, Any]:
    return {**_place(each), "chance": each.chance, "yes": each.yes, "no": each.no, "unsure": each.unsure}


def _place(each: Dispute | Meant) -> dict[str, Any]:
    start, end = each.span or (None, None)
    return {"asset": each.asset, "name": each.name, "start": start, "end": end, "class": each.label}


def _times(span: Span | None) -> str:
    return "" if span is None else f"{clock(span.start)} to {clock(span.end)}"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _ends(found: Interval) -> str:
    return "-" if math.isnan(found.low) else f"{found.low:.3f} to {found.high:.3f}"
