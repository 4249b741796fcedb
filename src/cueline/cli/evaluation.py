"""Verbs that measure: evaluate scenes, boundaries, events, frames."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli import scoring
from cueline.cli.arguments import AsJson, group_of_verbs
from cueline.cli.output import each_once, finite, must_be_folder, say, short, show, show_json, table

if TYPE_CHECKING:
    from cueline.evaluation.boundaries import BoundaryScores
    from cueline.workbench.measuring import ScenesMeasured
    from cueline.workbench.measuring_labels import Paired

evaluate = group_of_verbs("evaluate", "Measure what was found against what is there.")

Reference = Annotated[Path, typer.Argument(help="A file with what is there.", show_default=False, readable=False)]
Estimated = Annotated[Path, typer.Argument(help="A file with what was found.", show_default=False, readable=False)]
Form = Annotated[
    str, typer.Option("--format", help="The importer that reads both; their endings tell if it is left out.")
]
ReportFolder = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Write pages with plots too.", show_default=False)
]
TrackName = Annotated[str, typer.Option("--track", help="The track, where a file has several.")]


def add_to(app: typer.Typer) -> None:
    """Register these verbs."""
    app.add_typer(evaluate)
    for verb in (scenes, boundaries, events, frames):
        evaluate.command()(verb)
    scoring.add_to(evaluate)


def scenes(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A file a film: .pkl, .npz, .safetensors, .json.", show_default=False),
    ],
    threshold: Annotated[float, typer.Option(help="Score from which on a scene is said to end.")] = 0.5,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Files that cannot be read do not fail the run.")
    ] = False,
    report: ReportFolder = None,
    json: AsJson = False,
) -> None:
    """Measure scene boundaries of films as MovieNet's users do: AP, mAP, Miou, precision, recall, F1."""
    from cueline.reports.evaluations import write_evaluation
    from cueline.workbench.measuring import measure_scenes

    must_be_folder(report)
    measured = measure_scenes(folder, threshold=threshold)
    if json:
        scores = measured.scores
        values = (scores.ap, scores.map, scores.miou, scores.precision, scores.recall, scores.f1)
        names = ("AP", "mAP", "Miou", "Precision", "Recall", "F1")
        show_json({name: finite(value) for name, value in zip(names, values, strict=True)})
    elif measured.films:
        _show_scenes(measured)
    for fault in measured.faults:
        say(fault)
    if report is not None and measured.films:
        say(f"report: {write_evaluation(measured.evaluation(), report)}")
    read, bad = len(measured.films), len(measured.faults)
    say(f"{read} films measured, {bad} could not be read" if read + bad else f"no films are in {str(folder)!r}")
    sys.exit(0 if read and (skip_bad or not bad) else 1)


def boundaries(
    reference: Reference,
    estimated: Estimated,
    tolerance: Annotated[float, typer.Option(help="Greatest distance of a right boundary, seconds.")] = 0.5,
    form: Form = "",
    track: TrackName = "",
    json: AsJson = False,
) -> None:
    """Measure boundaries, such as cuts: instants, or the starts of spans but for the first, paired one to one."""
    from cueline.workbench.measuring_labels import Sides, measure_boundaries

    scores, found = measure_boundaries(Sides(reference, estimated, form, track), tolerance=tolerance)
    if json:
        show_json(_of_counts(scores))
    else:
        table(("precision", "recall", "F1", "right", "true", "found"), [_cells(scores)])
    _tell(found)


def events(
    reference: Reference,
    estimated: Estimated,
    collar: Annotated[float, typer.Option(help="How far off borders may be for the event-based F1, seconds.")] = 0.2,
    form: Form = "",
    track: TrackName = "",
    json: AsJson = False,
) -> None:
    """Measure events, such as actions and sounds: mAP at overlaps (ActivityNet), F1 at a collar (sed_eval)."""
    from cueline.workbench.measuring_labels import Sides, measure_events

    measured, found = measure_events(Sides(reference, estimated, form, track), collar=collar)
    detection, each = measured.detection, measured.events.classes
    by_overlap = {f"{t:.2f}": finite(float(v)) for t, v in zip(detection.overlaps, detection.map, strict=True)}
    aps = {name: float(row.mean()) for name, row in zip(detection.classes, detection.ap, strict=True)}
    if json:
        classes = {name: {"average_AP": finite(aps.get(name, math.nan)), **_of_counts(s)} for name, s in each.items()}
        whole = {"average_mAP": finite(detection.average), "mAP": by_overlap}
        show_json({**whole, "events": _of_counts(measured.events.overall), "classes": classes})
    else:
        rows = [(short(name), _number(aps.get(name, math.nan)), *_cells(scores)) for name, scores in each.items()]
        whole_row = ("all", _number(detection.average), *_cells(measured.events.overall))
        table(("class", "average AP", "precision", "recall", "F1", "right", "true", "found"), [*rows, whole_row])
        show("mAP at overlaps of " + ", ".join(f"{t}: {_number(value)}" for t, value in by_overlap.items()))
    if detection.strange:
        say(f"not in the reference, so without an AP: {', '.join(detection.strange)}")
    _tell(found)


def frames(
    reference: Reference, estimated: Estimated, form: Form = "", track: TrackName = "", json: AsJson = False
) -> None:
    """Measure how far two files of labels agree at every moment: accuracy, F1 by seconds, confusion."""
    from cueline.workbench.measuring_labels import Sides, measure_frames

    scores, found = measure_frames(Sides(reference, estimated, form, track))
    times = {**scores.classes, "all": scores.overall}
    ratios = {name: (time.precision, time.recall, time.f1) for name, time in times.items()}
    if json:
        names = ("Precision", "Recall", "F1")
        classes = {
            name: dict(zip(names, map(finite, ratios[name]), strict=True)) | {"seconds": time.reference}
            for name, time in scores.classes.items()
        }
        confusion = {"classes": scores.confusion.classes, "seconds": scores.confusion.amounts.tolist()}
        whole = {"accuracy": finite(scores.accuracy), "judged_seconds": scores.judged}
        show_json({**whole, "classes": classes, "confusion": confusion})
    else:
        rows = [
            (short(name), *map(_number, ratios[name]), f"{time.reference:.1f}", f"{time.estimated:.1f}")
            for name, time in times.items()
        ]
        table(("class", "precision", "recall", "F1", "true, s", "found, s"), rows)
        show(f"accuracy {_number(scores.accuracy)} of {scores.judged:.1f} s")
    if scores.strange:
        say(f"not in the reference, so left out: {', '.join(scores.strange)}")
    _tell(found)


def _show_scenes(measured: ScenesMeasured) -> None:
    scores = measured.scores
    rows = [
        (
            short(film.name),
            *map(_number, (s.ap, s.base_rate, s.miou, s.precision, s.recall, s.f1)),
            f"{s.true}/{s.ends}",
        )
        for film, s in measured.each()
    ]
    means = (scores.map, math.nan, scores.miou, scores.precision, scores.recall, scores.f1)
    rows.append(("mean of films (mAP)", *map(_number, means), ""))
    true, ends = sum(s.true for s in scores.films), sum(s.ends for s in scores.films)
    rows.append(
        ("all as one (AP)", _number(scores.ap), _number(scores.base_rate), "-", "-", "-", "-", f"{true}/{ends}")
    )
    table(("film", "AP", "AP of guessing", "Miou", "precision", "recall", "F1", "boundaries"), rows)
    intervals = measured.intervals()
    for name, found in intervals.items():
        if math.isfinite(found.low):
            show(f"{name} {found.value:.4f}, {found.level:.0%} interval over films {found.low:.4f} to {found.high:.4f}")
    for line in each_once((name, found.note) for name, found in intervals.items()):
        show(line)


def _of_counts(scores: BoundaryScores) -> dict[str, Any]:
    ratios = {"Precision": scores.precision, "Recall": scores.recall, "F1": scores.f1}
    counts = {"matched": scores.matched, "reference": scores.reference, "estimated": scores.estimated}
    return {name: finite(value) for name, value in ratios.items()} | counts


def _cells(scores: BoundaryScores) -> tuple[str, ...]:
    counts = (scores.matched, scores.reference, scores.estimated)
    return (*map(_number, (scores.precision, scores.recall, scores.f1)), *map(str, counts))


def _tell(found: Paired) -> None:
    """Say which media are on one side alone, and end."""
    if found.missing:
        say(f"without an estimate, so all was missed: {', '.join(found.missing)}")
    if found.strange:
        say(f"without a reference: {', '.join(found.strange)}")
    say(f"{len(found.pairs)} media measured")
    sys.exit(0 if found.pairs else 1)


def _number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.4f}"
