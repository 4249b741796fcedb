"""Verbs that learn and apply what was learned: train, predict, classify."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, Jobs, group_of_verbs, read_names
from cueline.cli.output import clock, meter, say, short, show_json, size, table
from cueline.errors import OptionError, near_miss

if TYPE_CHECKING:
    from cueline.learning.progress import Beat, Epoch, Told
    from cueline.learning.recipes import Recipe
    from cueline.workbench.analysis import Summary
    from cueline.workbench.classifying import Classified
    from cueline.workbench.taggers import Material, Trained

train = group_of_verbs("train", "Learn from examples.")
predict = group_of_verbs("predict", "Apply a model to rows of features.")

_MANY = 0.01  # of the rows, from which on it is told that they have no label
_FEATURES = "Rows of numbers: .npy, a compact form, or .tfrecord, .csv or .parquet files with labels of their own."
ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help="The model's folder.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.add_typer(train)
    app.add_typer(predict)
    train.command("multilabel")(train_multilabel)
    predict.command("multilabel")(predict_multilabel)
    app.command()(classify)


def train_multilabel(
    out: Annotated[Path, typer.Option("--out", metavar="MODEL", help="The model's folder.", show_default=False)],
    library: Annotated[
        Path | None, typer.Argument(metavar="[LIB]", help="A library to learn from.", show_default=False)
    ] = None,
    features: Annotated[
        Path | None, typer.Option("--features", metavar="F", help=_FEATURES, show_default=False)
    ] = None,
    labels: Annotated[
        str, typer.Option("--labels", metavar="L", help="A file for .npy features; or a label track of the library.")
    ] = "",
    tracks: Annotated[
        str, typer.Option("--tracks", metavar="NAMES", help="Feature tracks of the library, with commas.")
    ] = "",
    policy: Annotated[
        str, typer.Option("--policy", help="Of a library: judged, or closed where what has no label is absent.")
    ] = "judged",
    vocabulary: Annotated[
        Path | None, typer.Option("--vocabulary", metavar="CSV", help="Names of the classes.", show_default=False)
    ] = None,
    recipe: Annotated[str, typer.Option("--recipe", help="tagger, course, logistic or experts.")] = "tagger",
    epochs: Annotated[int, typer.Option(help="How often each row is seen; 0 for the recipe's own.", min=0)] = 0,
    members: Annotated[int, typer.Option(help="Networks that answer together; 0 for the recipe's own.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Decides every draw.", min=0)] = 0,
    test_rows: Annotated[
        int, typer.Option("--test-rows", help="So many rows take no part and are measured at the end.", min=0)
    ] = 0,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out bad rows of text and records.")] = False,
    logs: Annotated[
        Path | None, typer.Option("--logs", metavar="DIR", help="Write logs for TensorBoard too.", show_default=False)
    ] = None,
    json: AsJson = False,
) -> None:
    """Train a multi-label model; a run that was ended goes on with the same command."""
    from cueline.workbench.taggers import train_multilabel as train_model

    chosen = _recipe(recipe, epochs, members)
    material = _material(library, features, labels, tracks, policy, vocabulary, skip_bad=skip_bad)
    for note in material.notes:
        say(note)
    say(f"{material.examples!r}")
    with told_in_lines(quiet=json, logs=logs) as told:
        trained = train_model(material, out, recipe=chosen, seed=seed, test_rows=test_rows, told=told)
    _tell_trained(trained, json=json)


def predict_multilabel(
    model: ModelPath,
    features: Annotated[Path, typer.Option("--features", metavar="F", help=_FEATURES, show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="P", help=".npz, .csv or .parquet", show_default=False)],
    most: Annotated[int, typer.Option("--top", help="How many classes of each row.", min=1)] = 20,
    json: AsJson = False,
) -> None:
    """Write the best classes of each row with their chances."""
    from cueline.models.checkpoints import load_card
    from cueline.workbench.taggers import predict_multilabel as predict_rows

    rows = predict_rows(model, features, out, k=most)
    if json:
        show_json({"file": out, "rows": rows})
    say(f"{rows} rows, the best {min(most, len(load_card(model).classes))} classes of each, in {out}")


def classify(
    what: Annotated[
        list[Path], typer.Argument(metavar="LIB_OR_FILE...", help="A library, media files, or rows of features.")
    ],
    model: Annotated[Path, typer.Option("--model", metavar="MODEL", help="The model's folder.", show_default=False)],
    most: Annotated[int, typer.Option("--top", help="At most so many labels of each.", min=1)] = 5,
    threshold: Annotated[
        float, typer.Option(help="Chance from which on a label is told; negative for the model's own.")
    ] = -1.0,
    over: Annotated[str, typer.Option("--over", metavar="TRACK", help="Label each span of this track of media.")] = "",
    limit: Annotated[int | None, typer.Option(help="Show at most so many items.", min=1)] = None,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Say what is in each file: up to some labels above a threshold, with id, link and verticals."""
    from itertools import islice

    from cueline.workbench import classifying

    choice = classifying.Choice(most, threshold, over)
    if len(what) == 1 and classifying.is_features(what[0]):
        found = list(islice(classifying.classify_rows(model, what[0], choice), limit))
        _show_classified(found, json=json)
        sys.exit(0 if found else 1)
    library = classifying.opened(what[0]) if len(what) == 1 else None
    with meter(quiet=json) as bars:
        if library is None:
            found, summary = classifying.classify_files(what, model, choice, jobs=jobs, watch=bars.watch)
        else:
            found, summary = classifying.classify_library(library, model, choice, jobs=jobs, watch=bars.watch)
    _show_classified(found[:limit], json=json)
    _end(summary)


def _end(summary: Summary) -> None:
    failed = {**summary.unreadable, **summary.failed}
    for path, reason in failed.items():
        say(f"{path}: {reason}")
    say(f"{summary.done} classified, {len(failed)} failed")
    sys.exit(0 if summary.ok else 1)


def _recipe(name: str, epochs: int, members: int) -> Recipe:
    from cueline.learning.recipes import RECIPES

    if name not in RECIPES:
        raise OptionError(f"a recipe is one of {', '.join(RECIPES)}, got {name!r}.{near_miss(name, RECIPES)}")
    recipe = RECIPES[name]
    if epochs:
        recipe = replace(recipe, epochs=epochs, least_steps=0)
    return replace(recipe, members=members or recipe.members)


def _material(
    library: Path | None,
    features: Path | None,
    labels: str,
    tracks: str,
    policy: str,
    vocabulary: Path | None,
    *,
    skip_bad: bool,
) -> Material:
    from cueline.evaluation.judging import POLICIES
    from cueline.workbench.classifying import is_features
    from cueline.workbench.library import Library
    from cueline.workbench.taggers import material_of_files, material_of_library

    if (library is None) == (features is None):
        raise OptionError(
            "learn from a library, LIB --tracks NAMES --labels TRACK, or from files, --features F --labels L"
        )
    if library is None:
        assert features is not None
        return material_of_files(features, Path(labels) if labels else None, vocabulary=vocabulary, skip_bad=skip_bad)
    if is_features(library):
        raise OptionError(f"{str(library)!r} is no library. Name rows of features with: --features {library}")
    if policy not in POLICIES:
        raise OptionError(f"a policy is one of {', '.join(POLICIES)}, got {policy!r}.{near_miss(policy, POLICIES)}")
    if not labels:
        raise OptionError(f"say with --labels which label track of {str(library)!r} holds the answers")
    return material_of_library(Library(library), read_names(tracks), labels, policy=policy)


@contextmanager
def told_in_lines(*, quiet: bool, logs: Path | None = None) -> Iterator[Told]:
    """Tell each epoch in a line, and draw a bar between on a terminal; write logs too where a folder is given."""
    from cueline.learning.progress import Beat

    log = None
    if logs is not None:
        from cueline.learning.logs import TensorBoardLog

        log = TensorBoardLog(logs)
    with meter(quiet=quiet) as bars:
        pace = ""

        def tell(sign: Beat | Epoch) -> None:
            nonlocal pace
            if log is not None:
                log(sign)
            if not isinstance(sign, Beat):
                say(_epoch_line(sign) + pace)
                return
            pace = f"  {sign.rows_per_second:,.0f} rows/s, {clock(sign.seconds_left).partition('.')[0]} left"
            place = f"network {sign.member}/{sign.members}, epoch {sign.epoch}/{sign.epochs}"
            bars.line(place + pace, sign.rows, sign.of_rows)

        yield tell


def _epoch_line(epoch: Epoch) -> str:
    hits = f"{epoch.hit_at_1:.4f} {epoch.hit_at_5:.4f} {epoch.hit_at_20:.4f}"
    best = "*" if epoch.best else " "
    return (
        f"network {epoch.member}, epoch {epoch.number:2}{best} loss {epoch.loss:7.3f}  GAP@20 {epoch.gap:.4f}  "
        f"Hit@1/5/20 {hits}"
    )


def _tell_trained(trained: Trained, *, json: bool) -> None:
    from cueline.models.checkpoints import WEIGHTS

    card, count = trained.card, (trained.folder / WEIGHTS).stat().st_size
    if json:
        show_json(
            {
                "model": trained.folder,
                "rows": trained.rows,
                "classes": len(card.classes),
                "epochs": [asdict(epoch) for epoch in trained.epochs],
                "measures": dict(card.measures),
                "test": dict(trained.test) or None,
                "seconds": trained.seconds,
                "bytes": count,
            }
        )
    else:
        rows = [("rows apart that chose", *(f"{value:.4f}" for value in card.measures.values()), "")]
        if trained.test:
            rows.append(("rows that took no part", *(f"{value:.4f}" for value in trained.test.values())))
        table(("measured on", *card.measures, "PERR"), rows)
    if max(trained.bare) >= _MANY:
        apart = f", {trained.bare[1]:.0%} of those that took no part" if trained.test else ""
        say(f"{trained.bare[0]:.0%} of the rows learned from{apart} have no label: Hit@k counts each as 0")
    if not trained.epochs:
        say("the model was there already, made from the same rows with the same recipe and seed")
    say(f"{trained.folder}: {len(card.classes)} classes, {size(count)}, {clock(trained.seconds)}")


def _show_classified(found: Sequence[Classified], *, json: bool) -> None:
    if json:
        show_json([_as_json(one) for one in found])
        return
    rows = []
    for one in found:
        when = f"{clock(one.span.start)}-{clock(one.span.end)}" if one.span else ""
        for entry, chance in one.labels:
            verticals = ", ".join(entry.verticals)
            rows.append((short(one.item), when, entry.name, f"{chance:.3f}", entry.id, entry.link, verticals))
        if not one.labels:
            rows.append((short(one.item), when, "-", "", "", "", ""))
    shown = [column for column in range(7) if column in (0, 2, 3) or any(row[column] for row in rows)]
    names = ("item", "when", "label", "chance", "id", "link", "verticals")
    table([names[column] for column in shown], [[row[column] for column in shown] for row in rows])


def _as_json(one: Classified) -> dict[str, Any]:
    labels = [{**asdict(entry), "score": score} for entry, score in one.labels]
    when = {"start": one.span.start, "end": one.span.end} if one.span else {}
    return {"item": one.item, **when, "labels": labels}
