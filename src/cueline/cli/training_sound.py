"""The verb that learns what people hear in their own clips: train sound."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cueline.cli.arguments import AsJson, Jobs, read_names
from cueline.cli.learning import train
from cueline.cli.output import meter, say, show, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.evaluation.summaries import Interval
    from cueline.learning.clips.judging import Figures
    from cueline.workbench.clips.material import Material
    from cueline.workbench.training_sound import SoundModel

_TOLD = 10  # of contradictions and clips left out, in lines


def add_to(app: typer.Typer) -> None:  # noqa: ARG001  # all groups of verbs have one signature
    """Register this verb beside the other ways to learn."""
    train.command("sound")(train_sound)


def train_sound(
    what: Annotated[
        list[Path], typer.Argument(metavar="LIB_OR_FILE...", help="A library, or media files and folders.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="MODEL", help="The model's folder.", show_default=False)
    ] = None,
    labels: Annotated[
        list[Path] | None,
        typer.Option("--labels", metavar="FILE", help="A label file, or a folder of them; may be given many times."),
    ] = None,
    campaign: Annotated[str, typer.Option("--campaign", metavar="NAME", help="Of the library.")] = "",
    update: Annotated[
        Path | None,
        typer.Option("--update", metavar="MODEL", help="Continue this model with new labels.", show_default=False),
    ] = None,
    clip: Annotated[
        str, typer.Option("--clip", help="The part of a file that its label is about: whole, outro, or SECONDS.")
    ] = "whole",
    group_by: Annotated[
        str, typer.Option("--group-by", metavar="REGEX", help="Finds in a file's name what no split may part.")
    ] = "",
    prefer: Annotated[
        list[Path] | None,
        typer.Option("--prefer", metavar="FILE", help="Label files in the order in which they are believed."),
    ] = None,
    recipe: Annotated[
        str, typer.Option("--recipe", help="adapted, logistic, vote, or some of them with commas; all if left out.")
    ] = "",
    test_share: Annotated[
        float, typer.Option("--test-share", help="Kept apart to judge; 0 judges all by turns; negative decides.")
    ] = -1.0,
    folds: Annotated[int, typer.Option(help="Of the choice.", min=2)] = 5,
    searches: Annotated[int, typer.Option(help="Draws of options of a recipe searched at random.", min=1)] = 3,
    seed: Annotated[int, typer.Option(help="Decides every draw.", min=0)] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace a model, even a better one.")] = False,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Learn the classes of people's own clips, and say honestly how well."""
    from cueline.learning.clips.choosing import Search
    from cueline.workbench import training_sound

    if out is None and update is None:
        raise OptionError("name the folder of the model with: --out MODEL")
    if update is None and out is not None:
        training_sound.must_be_free(out, force=force)
    search = Search(tuple(read_names(recipe)), folds, searches, seed)
    material = _material(what, labels, campaign, update, clip, group_by, prefer, jobs, quiet=json)
    _tell_material(material)
    with meter(quiet=json) as bars:
        bars.line("learning", 0, 0)
        if update is None:
            assert out is not None
            share = None if test_share < 0 else test_share
            ended = training_sound.train_sound(material, out, search=search, test_share=share, force=force)
        else:
            ended = training_sound.update_sound(update, material, folder=out, search=search, force=force)
    _tell(ended, json=json)
    sys.exit(0 if ended.written else 1)


def _material(
    what: list[Path],
    labels: list[Path] | None,
    campaign: str,
    update: Path | None,
    clip: str,
    group_by: str,
    prefer: list[Path] | None,
    jobs: int,
    *,
    quiet: bool,
) -> Material:
    from cueline.models.clip_models import load_clip_card
    from cueline.workbench.clips.campaigns import material_of_campaign
    from cueline.workbench.clips.material import RULE, material_of_files
    from cueline.workbench.clips.pooling import Cut
    from cueline.workbench.library import Library
    from cueline.workbench.opened import is_library
    from cueline.workbench.training_sound import inputs_of_model

    inputs = inputs_of_model(update).inputs if update else ()
    rule = str(load_clip_card(update).data.get("groups_by", RULE)) if update else RULE
    if rule != RULE and not group_by:
        group_by = rule
        say(f"groups as before, by the pattern {rule!r}")
    if len(what) == 1 and is_library(what[0]):
        if not campaign or labels:
            raise OptionError(f"say which campaign of {str(what[0])!r} holds the labels: --campaign NAME")
        return material_of_campaign(Library(what[0]), campaign, inputs=inputs)
    if not labels or campaign:
        raise OptionError("learn from files with their labels, FILE... --labels L, or from a library, LIB --campaign C")
    with meter(quiet=quiet) as bars:
        return material_of_files(
            what,
            labels,
            cut=Cut.of(clip),
            group_by=group_by,
            prefer=prefer or (),
            inputs=inputs,
            jobs=jobs,
            watch=bars.watch,
        )


def _tell_material(material: Material) -> None:
    merged = material.merged
    if merged is not None:
        say(
            f"{merged.items} items of labels: {len(merged.clips)} clips with a class, {merged.duplicates} said twice, "
            f"{len(merged.conflicts)} contradicted, {len(merged.left_out)} not taken; "
            f"{merged.unlabelled} files without a label"
        )
        _tell_some("contradiction", [str(conflict) for conflict in merged.conflicts])
    _tell_some("left out", [f"{name}: {reason}" for name, reason in material.left_out])


def _tell_some(what: str, lines: list[str]) -> None:
    for line in lines[:_TOLD]:
        say(f"  {what}: {line}")
    if len(lines) > _TOLD:
        say(f"  and {len(lines) - _TOLD} more")


def _tell(ended: SoundModel, *, json: bool) -> None:
    from cueline.workbench.clips.writing import report_of

    if json:
        show_json({"folder": ended.folder, **report_of(ended), **_json_of_labels(ended.material)})
    else:
        _show(ended)
    for note in ended.notes:
        say(note)
    say(f"random split: {ended.claim}")
    say(f"{len(ended.relabels.found)} labels are worth a second look: relabel.csv, relabel.m3u8")
    before = next((one for one in ended.differences if one.second == "the model before"), None)
    if before is not None and not ended.written:
        say(
            f"the model before does better on the clips that judge, by {-before.difference.value:.3f} of macro F1 "
            f"({_ends(before.difference)}): it stays. --force replaces it"
        )
    else:
        say(f"{ended.folder}: {ended.card!r}")


def _json_of_labels(material: Material) -> dict[str, object]:
    merged = material.merged
    left = [{"clip": name, "reason": reason} for name, reason in material.left_out]
    if merged is None:
        return {"left_out": left}
    return {"contradictions": [str(one) for one in merged.conflicts], "left_out": left}


def _show(ended: SoundModel) -> None:
    show(f"Tried out of fold ({ended.trained.chosen.folds} folds):")
    tried = ended.trained.chosen.tried
    best = str(ended.trained.chosen.candidate)
    rows = [
        ("*" if str(one.candidate) == best else "", str(one.candidate), f"{one.loss:.3f}", f"{one.accuracy:.3f}")
        for one in tried
    ]
    table(("", "candidate", "loss", "accuracy"), rows)
    show()
    show(f"Judged {ended.card.measures['judged']}:")
    _show_figures(ended.figures)
    if ended.fresh:
        show()
        show("On groups that came new:")
        _show_figures(ended.fresh)
    for one in ended.differences:
        off = one.difference
        show(f"macro F1, {one.first} minus {one.second}: {off.value:+.3f} ({_ends(off)})")
    show()
    show("Each class, this model:")
    classes = [
        (row.name, _r(row.precision), _r(row.recall), _r(row.f1), str(row.support), _r(row.base_rate))
        for row in ended.figures[0].classes
    ]
    table(("class", "precision", "recall", "F1", "clips", "base rate"), classes)
    show()
    show("Which was taken for which (rows are the labels):")
    confusion = ended.figures[0].confusion
    counts = confusion.amounts.astype(int).tolist()
    table(
        ("", *confusion.classes), [(name, *map(str, row)) for name, row in zip(confusion.classes, counts, strict=True)]
    )


def _show_figures(figures: tuple[Figures, ...]) -> None:
    rows = [
        (
            one.name,
            f"{one.macro_f1.value:.3f} ({_ends(one.macro_f1)})",
            f"{one.accuracy.value:.3f} ({_ends(one.accuracy)})",
            f"{one.calibration_error:.3f}",
            str(one.clips),
            str(one.groups),
        )
        for one in figures
    ]
    table(("", "macro F1", "accuracy", "calibration error", "clips", "groups"), rows)


def _ends(interval: Interval) -> str:
    return f"{interval.low:.3f} to {interval.high:.3f}" if interval.low == interval.low else interval.note


def _r(value: float) -> str:
    return f"{value:.3f}" if value == value else "-"
