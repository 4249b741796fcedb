"""Verbs about what is worth labelling: label next, label doubts, label gain."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, CampaignName, Classes, LibraryPath, read_names
from cueline.cli.campaigns import clocks, label, times
from cueline.cli.output import finite, say, short, show_json, table

if TYPE_CHECKING:
    from cueline.timeline.spans import Span

Tracks = Annotated[
    str,
    typer.Option("--tracks", metavar="NAMES", help="Feature tracks to learn from, with commas.", show_default=False),
]
Seed = Annotated[int, typer.Option(help="Decides draws and ties.", min=0)]
_FEW = 5  # clips that are named one by one
Folds = Annotated[
    int, typer.Option(help="How many models; each learns from the groups that the others keep apart.", min=2)
]


def add_to(_: typer.Typer) -> None:
    """Register these verbs with `label`."""
    label.command("next")(choose_next)
    label.command("doubts")(find_doubts)
    label.command("gain")(tell_gain)


def choose_next(
    library: LibraryPath,
    campaign: CampaignName,
    tracks: Tracks,
    count: Annotated[int, typer.Option("--count", help="How many clips.", min=1)] = 20,
    strategy: Annotated[
        str, typer.Option("--strategy", metavar="NAME", help="How to choose; see `cueline simulate`.")
    ] = "",
    classes: Classes = "",
    prior: Annotated[
        str,
        typer.Option("--prior", metavar="TRACK", help="Labels or scores to begin with, while there are few answers."),
    ] = "",
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """Choose the clips that are worth an answer most, the first one first."""
    from cueline.workbench.labelling.choosing import next_clips
    from cueline.workbench.library import Library

    chosen = next_clips(
        Library(library),
        campaign,
        read_names(tracks),
        count=count,
        strategy=strategy,
        classes=read_names(classes),
        prior=prior,
        seed=seed,
    )
    if json:
        clips = [{**_place(one.asset, one.file, one.span), "chances": dict(one.chances)} for one in chosen.clips]
        show_json({**asdict(chosen), "clips": clips, "left_out": _left_out(chosen.left_out)})
    else:
        names = list(chosen.clips[0].chances) if chosen.clips else []
        rows = [
            (short(one.file), *clocks(one.span), *(f"{one.chances[name]:.2f}" for name in names))
            for one in chosen.clips
        ]
        table(("file", "from", "to", *names), rows)
    for file, why in chosen.left_out[:_FEW]:
        say(f"{file}: left out, {why}")
    _say_rest(len(chosen.left_out))
    if chosen.starved:
        say(f"nothing is learned yet of {', '.join(chosen.starved)}: a yes or a no is wanting")
    say(f"{len(chosen.clips)} clips chosen by {chosen.strategy}; {chosen.answered} answered, {chosen.left} not")
    sys.exit(0 if chosen.clips else 1)


def find_doubts(
    library: LibraryPath,
    campaign: CampaignName,
    tracks: Tracks,
    classes: Classes = "",
    limit: Annotated[int, typer.Option(help="Show at most so many.", min=1)] = 20,
    folds: Folds = 5,
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """List labels that are likely wrong: a model that did not learn from the clip speaks against them."""
    from cueline.workbench.labelling.reviewing import doubtful_labels
    from cueline.workbench.library import Library

    found = doubtful_labels(
        Library(library), campaign, read_names(tracks), classes=read_names(classes), folds=folds, seed=seed
    )
    shown = found.labels[:limit]
    if json:
        labels = [
            {
                **_place(one.asset, one.file, one.span),
                "class": one.label,
                "said": one.said,
                "chance": one.chance,
                "doubt": one.doubt,
            }
            for one in shown
        ]
        about = {"judged": found.judged, "doubtful": len(found.labels), "expected": dict(found.expected)}
        show_json({"labels": labels, **about, "notes": found.notes, "left_out": _left_out(found.left_out)})
    else:
        rows = [
            (short(one.file), *clocks(one.span), one.label, one.said, f"{one.chance:.2f}", f"{one.doubt:.2f}")
            for one in shown
        ]
        table(("file", "from", "to", "class", "said", "chance of yes", "doubt"), rows)
    for note in found.notes:
        say(note)
    expected = sum(found.expected.values())
    say(f"{found.judged} labels looked at, {len(found.labels)} doubtful, about {expected:.0f} expected to be wrong")


def tell_gain(
    library: LibraryPath,
    campaign: CampaignName,
    tracks: Tracks,
    more: Annotated[int, typer.Option("--more", help="How many labels.", min=1)] = 50,
    worth: Annotated[float, typer.Option("--worth", help="The gain in AP that makes them worth the work.")] = 0.005,
    classes: Classes = "",
    draws: Annotated[int, typer.Option(help="Orders in which labels are learned; more are surer.", min=1)] = 10,
    folds: Folds = 5,
    seed: Seed = 0,
    json: AsJson = False,
) -> None:
    """Say what so many more labels are expected to bring, and whether to stop."""
    from cueline.learning.active.stopping import should_stop
    from cueline.workbench.labelling.reviewing import label_gain
    from cueline.workbench.library import Library

    found = label_gain(
        Library(library),
        campaign,
        read_names(tracks),
        more=more,
        classes=read_names(classes),
        draws=draws,
        folds=folds,
        seed=seed,
    )
    curve, gain, flattered = found.curve, found.gain, found.flattery.mean
    stop = should_stop(gain, worth=worth)
    means = [_mean(column) for column in curve.measured.T.tolist()]
    if json:
        show_json(
            finite(
                {
                    "labelled": gain.labelled,
                    "more": gain.more,
                    "now": gain.now,
                    "then": gain.then,
                    "gain": {"value": gain.gain.value, "low": gain.gain.low, "high": gain.gain.high},
                    "note": gain.gain.note,
                    "stop": stop,
                    "curve": [{"labels": n, "ap": mean} for n, mean in zip(curve.sizes.tolist(), means, strict=True)],
                    "random_split": {"ap": flattered.first_value, "grouped_ap": flattered.second_value},
                    "notes": curve.notes,
                }
            )
        )
        return
    table(("labels", "AP"), [(str(n), f"{mean:.3f}") for n, mean in zip(curve.sizes.tolist(), means, strict=True)])
    for note in curve.notes:
        say(note)
    say(f"{gain.labelled} labels, AP about {gain.now:.3f}; {gain}")
    say(f"{found.flattery.groups} groups; {found.flattery}")
    if not math.isnan(gain.gain.value):
        verdict = "stop: not worth the work" if stop else "go on"
        say(f"{verdict} (worth it from +{worth:g} AP)" + (f"; {gain.gain.note}" if gain.gain.note else ""))


def _say_rest(count: int) -> None:
    if count > _FEW:
        say(f"... and {count - _FEW} more clips left out")


def _mean(values: list[float]) -> float:
    held = [value for value in values if not math.isnan(value)]
    return sum(held) / len(held) if held else math.nan


def _place(asset: str, file: str, span: Span | None) -> dict[str, Any]:
    return {"asset": asset, "file": file, **times(span)}


def _left_out(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"file": file, "reason": reason} for file, reason in pairs]
