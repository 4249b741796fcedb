"""Multi-label answers measured: a model or a file of predictions beside a reference, composed into one evaluation.

Every measure stands with an interval that resamples groups of rows, and beside what guessing gets: an answer that knows
nothing but how common each class is among these rows, and says the same of every row.

    measured    one model or file -> ranking, decisions at the limits, trust, classes, curves, worst errors
    compared    two of them on the same rows -> differences with their intervals

Where a file lists the best few classes alone, what needs all pairs is left out, and the names say what was looked at:
mAP@20, "Reciprocal rank@20", ECE@20, Brier@20. Average precision by class costs most of the time: some twenty seconds
for 5,000 rows, 2,000 classes and 1,000 resamples, some ten minutes for 40,000 rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from cueline.evaluation.inputs import Counts, Floats
from cueline.evaluation.intervals import paired_difference
from cueline.evaluation.judging import JudgedCounts, judged_counts
from cueline.evaluation.ranking import average_precision, roc_auc
from cueline.evaluation.summaries import ClassRow, Comparison, Evaluation, Interval, Measured
from cueline.evaluation.weighted import mean_of_defined
from cueline.timeline.examples import Indices
from cueline.workbench.scoring_answers import Answers, Match
from cueline.workbench.scoring_examples import class_name, curves, mistakes, taken_for
from cueline.workbench.scoring_measures import (
    MEANINGS,
    Draws,
    Measure,
    all_of,
    class_ratios,
    columns,
    deciding_of,
    listed_precisions_of,
    precisions_of,
    ranking_of,
    trust_of,
    whole_of,
)
from cueline.workbench.scoring_rows import DEPTH, PairCounts, Seen, seen_answers, seen_prior

_RARE = 10  # positives below which an average precision hangs on chance


@dataclass(frozen=True, slots=True, eq=False)
class _Precisions:
    """Average precision of classes with a positive.

    Attributes:
        classes: Which.
        each: With intervals.
        mean: Over these classes.
        aucs: ROC AUC of each; NaN where only lists are known.
    """

    classes: Indices
    each: tuple[Interval, ...]
    mean: Interval
    aucs: Floats


def measured(
    match: Match,
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    told: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Measure one model or file.

    Args:
        match: As `matched` gives it for one path.
        resamples: How many times groups are drawn for intervals; 0 for none.
        seed: Of the draws.
        level: How often an interval shall hold the truth, in (0, 1).
        told: Hears how many resamples of all are done, while that takes long.

    Returns:
        All that was found.

    Raises:
        TimelineError: If a score is not finite, or the level cannot be.
    """
    reference, answers, policy = match.reference, match.answers[0], match.policy
    counts = judged_counts(reference.yes, reference.unknown, policy=policy)
    draws = Draws(reference.groups, resamples, seed, level)
    pairs = PairCounts()
    seen, prior = seen_answers(reference, answers, policy, pairs), seen_prior(reference, answers, policy)
    precisions = _precisions(match, seen, counts, draws, told)
    return Evaluation(
        title=f"{answers.name}: multi-label answers",
        items=len(reference),
        groups=draws.count,
        measures=tuple(_measures(match, seen, prior, counts, draws, precisions)),
        classes=tuple(_class_rows(match, seen, counts, precisions)),
        curves=tuple(curves(match, answers, seen, pairs, counts)),
        confusions=tuple(taken_for(match, seen)),
        mistakes=tuple(mistakes(reference, seen, answers, counts)),
        facts={**match.facts, **dict(_facts(counts, draws)), **dict(_ways(answers))},
        notes=tuple(_notes(match, answers, counts)),
    )


def compared(match: Match, *, resamples: int = 1000, seed: int = 0, level: float = 0.95) -> Evaluation:
    """Compare two models or files on the same rows: GAP@20, Hit@1, PERR and mAP, or mAP@20 where one has lists alone.

    Args:
        match: As `matched` gives it for two paths.
        resamples: How many times groups are drawn, 1 or more.
        seed: Of the draws.
        level: How often an interval shall hold the truth, in (0, 1).

    Returns:
        Comparisons: the first minus the second, with intervals.

    Raises:
        TimelineError: As `measured`, or if resamples is below 1.
    """
    reference, policy = match.reference, match.policy
    counts = judged_counts(reference.yes, reference.unknown, policy=policy)
    draws = Draws(reference.groups, resamples, seed, level)
    complete = all(answers.scores is not None for answers in match.answers)
    wanted = (f"GAP@{DEPTH}", "Hit@1", "PERR", "mAP" if complete else f"mAP@{DEPTH}")
    sides = []
    for answers in match.answers:
        seen = seen_answers(reference, answers, policy, PairCounts())
        ranking = ranking_of(reference, seen, complete=answers.scores is not None)
        sides.append({**ranking, "mAP": _mean_precision(match, answers, counts)})
    names = _different(match)

    def difference(name: str) -> Comparison:
        first, second = (side[name] for side in sides)
        return paired_difference(
            first, second, reference.groups, names=names, measure=name, resamples=resamples, level=level, seed=seed
        )

    return Evaluation(
        title=f"{names[0]} against {names[1]}",
        items=len(reference),
        groups=draws.count,
        comparisons=tuple(difference(name) for name in wanted),
        facts={**match.facts, **dict(_facts(counts, draws))},
        notes=(*match.notes, *(note for answers in match.answers for note in answers.notes)),
    )


def _measures(
    match: Match, seen: Seen, prior: Seen, counts: JudgedCounts, draws: Draws, precisions: _Precisions
) -> Iterator[Measured]:
    answers, reference = match.answers[0], match.reference
    complete = answers.scores is not None
    functions = [all_of(ranking_of(reference, each, complete=complete)) for each in (seen, prior)]
    found, bases = draws.of(functions[0]), whole_of(functions[1], len(reference))
    if complete:
        rates = counts.positives[precisions.classes] / counts.judged[precisions.classes]
        found["mAP"], bases["mAP"] = precisions.mean, float(rates.mean()) if len(rates) else math.nan
    if answers.limits is not None:
        found |= draws.of(deciding_of(reference, seen))
        bases |= whole_of(deciding_of(reference, prior), len(reference))
    if answers.chances:
        found |= draws.of(trust_of(seen, _judged_of_rows(match)))
        bases |= _brier_bases(seen, counts, complete=complete)
    known = [*MEANINGS]
    for name in sorted(found, key=lambda name: known.index(_plain_name(name))):
        yield Measured(name, found[name], bases.get(name, math.nan), _meaning(name))


def _precisions(
    match: Match, seen: Seen, counts: JudgedCounts, draws: Draws, told: Callable[[int, int], None] | None
) -> _Precisions:
    answers = match.answers[0]
    classes, rows = np.flatnonzero(counts.positives), len(match.reference)
    aucs = np.full(len(classes), np.nan)
    if answers.scores is None:
        measure = listed_precisions_of(match.reference, seen, classes)
        whole = measure(np.ones((rows, 1), np.int32))[:, 0]
    else:
        measure = precisions_of(match.reference, answers.scores, match.policy, classes)
        whole, first = np.empty(len(classes)), 0
        for some in columns(match.reference, answers.scores, match.policy, classes):
            place = slice(first, first + len(some.classes))
            whole[place] = average_precision(some.reference, some.scores, judged=some.judged)
            aucs[place] = roc_auc(some.reference, some.scores, judged=some.judged)
            first = place.stop
    drawn, means = [np.empty((len(classes), 0), np.float32)], [np.empty(0)]
    for weights in draws.weights():
        each = measure(weights)
        means.append(mean_of_defined(each))
        drawn.append(each.astype(np.float32))
        if told is not None:
            told(sum(block.shape[1] for block in drawn), draws.resamples)
    mean = float(whole.mean()) if len(whole) else math.nan
    every = draws.intervals(whole, np.concatenate(drawn, axis=1))
    return _Precisions(classes, every, draws.intervals(np.array([mean]), np.concatenate(means)[None])[0], aucs)


def _class_rows(match: Match, seen: Seen, counts: JudgedCounts, precisions: _Precisions) -> Iterator[ClassRow]:
    limits = match.answers[0].limits
    ratios = class_ratios(match.reference, seen)
    for place, number in enumerate(precisions.classes.tolist()):
        decided = {}
        if limits is not None:
            decided = {name.lower(): float(values[number]) for name, values in ratios.items()}
            decided["threshold"] = float(limits[number])
        yield ClassRow(
            class_name(match.reference, number),
            int(counts.positives[number]),
            int(counts.judged[number]),
            precisions.each[place],
            float(precisions.aucs[place]),
            **decided,
        )


def _mean_precision(match: Match, answers: Answers, counts: JudgedCounts) -> Measure:
    """Mean average precision over all rows, of weights."""
    if answers.scores is None:
        return lambda weights: np.full(weights.shape[1], np.nan)
    classes = np.flatnonzero(counts.positives)
    each = precisions_of(match.reference, answers.scores, match.policy, classes)
    return lambda weights: mean_of_defined(each(weights))


def _judged_of_rows(match: Match) -> Counts:
    """How many pairs of each row count."""
    unknown = match.reference.unknown
    every = np.full(len(unknown), unknown.width, np.int64)
    return every - unknown.lengths if match.policy == "judged" else every


def _brier_bases(seen: Seen, counts: JudgedCounts, *, complete: bool) -> dict[str, float]:
    """What one gets who says each class's share, or of listed pairs alone the share of right ones."""
    if complete:
        pairs = counts.judged.sum()
        each = counts.positives - counts.positives**2 / np.maximum(counts.judged, 1)
        return {"Brier": float(each.sum() / pairs) if pairs else math.nan}
    used = seen.best.top.classes[:, :DEPTH] >= 0
    share = float(seen.best.hits[:, :DEPTH][used].mean()) if used.any() else math.nan
    return {f"Brier@{DEPTH}": share * (1 - share)}


def _plain_name(name: str) -> str:
    return "Reciprocal rank" if name.startswith("Reciprocal rank") else name


def _meaning(name: str) -> str:
    plain = MEANINGS[_plain_name(name)]
    depth = name.partition("Reciprocal rank@")[2]
    return f"{plain} Beyond the {depth} that are listed a label counts as 0." if depth else plain


def _different(match: Match) -> tuple[str, str]:
    """Names of the two that tell them apart."""
    first, second = (answers.name for answers in match.answers)
    return (first, second) if first != second else (match.facts["first"], match.facts["second"])


def _facts(counts: JudgedCounts, draws: Draws) -> Iterator[tuple[str, str]]:
    yield "classes", f"{counts.judged.size:,}, of which {np.count_nonzero(counts.positives):,} have a positive"
    yield "answers that count", counts.note
    yield "guessing", "says of every row how common each class is among these rows"
    if draws.resamples:
        yield "intervals", f"{draws.level:.0%}, of {draws.resamples:,} resamples of groups, seed {draws.seed}"


def _ways(answers: Answers) -> Iterator[tuple[str, str]]:
    if answers.limits is not None:
        least, most = float(answers.limits.min()), float(answers.limits.max())
        yield "limits", f"{least:.4g} for every class" if least == most else f"{least:.4g} to {most:.4g}, by class"
    yield "confusion", "the best class of each row that has one label alone, where there are enough"
    yield "worst errors", "the surest wrong classes; then labels with the least score beside how common the class is"


def _notes(match: Match, answers: Answers, counts: JudgedCounts) -> Iterator[str]:
    yield from match.notes
    yield from answers.notes
    bare = int(np.count_nonzero(match.reference.yes.lengths == 0))
    if bare:
        yield f"{bare:,} rows have no label: they count as 0 in Hit@k, PERR and reciprocal rank."
    if not answers.chances:
        yield "The scores are no chances in [0, 1], so calibration error and Brier score are left out."
    some = counts.positives > 0
    rare = int(np.count_nonzero(some & (counts.positives < _RARE)))
    if rare:
        yield (
            f"{rare:,} of {np.count_nonzero(some):,} classes have fewer than {_RARE} positives: their average "
            "precision, and so mAP, hangs on few rows."
        )
