"""Verbs that measure multi-label answers: evaluate multilabel, evaluate compare."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson
from cueline.cli.output import each_once, finite, meter, must_be_folder, say, short, show, show_json, table
from cueline.errors import OptionError, near_miss

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cueline.evaluation.judging import Policy
    from cueline.evaluation.summaries import ClassRow, Comparison, Evaluation, Interval
    from cueline.workbench.scoring_answers import ReferenceFiles

_PLAIN = ("GAP@20", "Hit@1", "Hit@5", "Hit@20", "PERR", "mAP", "mAP@20")
_SMALL = 0.001  # numbers below have no four places to show
_ENOUGH = 10  # positives of a class that is called best or worst

What = Annotated[Path, typer.Argument(metavar="MODEL|PREDICTIONS", help="A model's folder, or .csv, .npz, .parquet.")]
Features = Annotated[
    Path | None,
    typer.Option(
        "--features",
        metavar="F",
        help="Rows of numbers: .npy, a compact form, or .tfrecord, .csv or .parquet with labels of their own.",
        show_default=False,
    ),
]
Labels = Annotated[
    Path | None,
    typer.Option("--labels", metavar="L", help="What is there: .npz, .npy or .csv.", show_default=False),
]
Words = Annotated[
    Path | None,
    typer.Option("--vocabulary", metavar="CSV", help="Names of the classes, for predictions.", show_default=False),
]
Groups = Annotated[
    Path | None,
    typer.Option(
        "--groups",
        metavar="FILE",
        help="A group for each row, .npy or .csv: intervals draw groups.",
        show_default=False,
    ),
]
PolicyName = Annotated[
    str, typer.Option("--policy", help="judged, or closed where an answer that nobody gave counts as no.")
]
TestRows = Annotated[
    int, typer.Option("--test-rows", help="Only those rows that training with the same number kept apart.", min=0)
]
Seed = Annotated[int, typer.Option(help="Decides the resamples.", min=0)]
Report = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Write HTML and JSON there.", show_default=False)
]


def add_to(evaluate: typer.Typer) -> None:
    """Register these verbs."""
    evaluate.command()(multilabel)
    evaluate.command()(compare)


def multilabel(
    what: What,
    features: Features = None,
    labels: Labels = None,
    vocabulary: Words = None,
    policy: PolicyName = "judged",
    groups: Groups = None,
    test_rows: TestRows = 0,
    threshold: Annotated[
        float | None,
        typer.Option(help="Score from which on a class is there; a model's own if left out, else 0.5."),
    ] = None,
    resamples: Annotated[int, typer.Option(help="Resamples for the intervals; 0 for none.", min=0)] = 1000,
    seed: Seed = 0,
    most: Annotated[int, typer.Option("--show", help="So many of the best and worst classes.", min=0)] = 5,
    per_class: Annotated[bool, typer.Option("--per-class", help="All classes in the JSON.")] = False,
    report: Report = None,
    json: AsJson = False,
) -> None:
    """Measure multi-label answers: GAP@20, Hit@k, PERR, mAP, F1, calibration, with intervals and what guessing gets."""
    from cueline.workbench.scoring import measured
    from cueline.workbench.scoring_answers import matched

    must_be_folder(report)
    files = _files(features, labels, vocabulary, groups)
    match = matched([what], files, policy=_policy(policy), threshold=threshold, test_rows=test_rows)
    with meter(quiet=json) as bars:
        found = measured(match, resamples=resamples, seed=seed, told=partial(bars.line, "resamples of the classes"))
    if json:
        show_json(_as_json(found, match.policy, per_class=per_class, width=match.reference.yes.width))
    else:
        rows = [
            (each.name, _number(each.result.value), _ends(each.result), _number(each.base), each.meaning)
            for each in found.measures
        ]
        table(("measure", "value", "interval", "guessing", "meaning"), rows)
        _show_notes((each.name, each.result) for each in found.measures)
        _show_classes(found.classes, most)
    _end(found, report)


def compare(
    first: What,
    second: What,
    features: Features = None,
    labels: Labels = None,
    vocabulary: Words = None,
    policy: PolicyName = "judged",
    groups: Groups = None,
    test_rows: TestRows = 0,
    resamples: Annotated[int, typer.Option(help="Resamples for the intervals.", min=1)] = 1000,
    seed: Seed = 0,
    report: Report = None,
    json: AsJson = False,
) -> None:
    """Compare two models or files of predictions on the same rows: GAP@20, Hit@1, PERR, mAP, and how sure that is."""
    from cueline.workbench.scoring import compared
    from cueline.workbench.scoring_answers import matched

    must_be_folder(report)
    files = _files(features, labels, vocabulary, groups)
    match = matched([first, second], files, policy=_policy(policy), test_rows=test_rows)
    found = compared(match, resamples=resamples, seed=seed)
    if json:
        differences = {each.measure: _difference(each) for each in found.comparisons}
        sides = {"first": str(first), "second": str(second)}
        show_json({"rows": found.items, **sides, "measures": differences, "policy": match.policy, "notes": found.notes})
    else:
        rows = [
            (
                each.measure,
                *map(_number, (each.first_value, each.second_value, each.difference.value)),
                _ends(each.difference),
                _number(each.p_value),
            )
            for each in found.comparisons
        ]
        names = [(each.first, each.second) for each in found.comparisons[:1]]
        table(("measure", *map(short, names[0]), "difference", "interval", "p"), rows)
        _show_notes((each.measure, each.difference) for each in found.comparisons)
    _end(found, report)


def _files(features: Path | None, labels: Path | None, vocabulary: Path | None, groups: Path | None) -> ReferenceFiles:
    from cueline.workbench.scoring_answers import ReferenceFiles

    return ReferenceFiles(features, labels, vocabulary, groups)


def _policy(name: str) -> Policy:
    from cueline.evaluation.judging import POLICIES

    for policy in POLICIES:
        if policy == name:
            return policy
    raise OptionError(f"a policy is one of {', '.join(POLICIES)}, got {name!r}.{near_miss(name, POLICIES)}")


def _as_json(found: Evaluation, policy: str, *, per_class: bool, width: int) -> dict[str, Any]:
    measures = {
        each.name: {**_interval(each.result), "base": finite(each.base), "note": each.result.note}
        for each in found.measures
    }
    values: dict[str, Any] = {"rows": found.items, "groups": found.groups, "classes": width}
    values |= {"classes_with_positives": len(found.classes)}
    values |= {name: measures.get(name, {}).get("value") for name in _PLAIN}
    values |= {"measures": measures, "policy": policy, "notes": list(found.notes)}
    return values | ({"per_class": [_class_json(row) for row in found.classes]} if per_class else {})


def _class_json(row: ClassRow) -> dict[str, Any]:
    numbers = {"base": row.base_rate, "roc_auc": row.roc_auc, "threshold": row.threshold}
    numbers |= {"precision": row.precision, "recall": row.recall, "f1": row.f1}
    return {
        "name": row.name,
        "positives": row.positives,
        "judged": row.judged,
        "average_precision": _interval(row.average_precision),
        **{name: finite(value) for name, value in numbers.items()},
    }


def _difference(each: Comparison) -> dict[str, Any]:
    sides = {"first": finite(each.first_value), "second": finite(each.second_value)}
    difference = {**_interval(each.difference), "note": each.difference.note}
    return {**sides, "difference": difference, "p_value": finite(each.p_value)}


def _show_classes(classes: Sequence[ClassRow], most: int) -> None:
    """The best and the worst classes that have enough positives for that to mean something."""
    ranked = sorted((row for row in classes if row.positives >= _ENOUGH), key=lambda row: -row.average_precision.value)
    best = ranked[:most]
    worst = ranked[max(len(best), len(ranked) - most) :]
    rows = [
        (
            side,
            short(row.name),
            str(row.positives),
            _number(row.average_precision.value),
            _ends(row.average_precision),
            *map(_number, (row.base_rate, row.precision, row.recall, row.f1)),
        )
        for side, some in (("best", best), ("worst", worst))
        for row in some
    ]
    if rows:
        show()
        show(f"Classes with {_ENOUGH} positives or more:")
        table(("", "class", "positives", "AP", "interval", "guessing", "precision", "recall", "F1"), rows)


def _show_notes(results: Iterable[tuple[str, Interval]]) -> None:
    for line in each_once((name, result.note) for name, result in results):
        show(line)


def _end(found: Evaluation, report: Path | None) -> None:
    for note in found.notes:
        say(note)
    if report is not None:
        from cueline.reports.evaluations import write_evaluation

        say(f"report: {write_evaluation(found, report)}")
    say(f"{found.items:,} rows measured")


def _interval(found: Interval) -> dict[str, float | None]:
    return {"value": finite(found.value), "low": finite(found.low), "high": finite(found.high)}


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    return f"{value:.4f}" if not value or abs(value) >= _SMALL else f"{value:.2g}"


def _ends(found: Interval) -> str:
    return "-" if math.isnan(found.low) else f"{_number(found.low)} to {_number(found.high)}"
