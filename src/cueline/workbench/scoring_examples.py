"""What a person looks at beside the measures: curves, which class was taken for which, and the worst errors."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from cueline.evaluation.classification import confusion
from cueline.evaluation.curves import precision_recall_curve, thinned
from cueline.evaluation.inputs import Floats
from cueline.evaluation.judging import JudgedCounts
from cueline.evaluation.summaries import Confusion, Curve, Mistake
from cueline.timeline.examples import Examples, Indices
from cueline.workbench.scoring_answers import Answers, Match
from cueline.workbench.scoring_measures import columns
from cueline.workbench.scoring_rows import DEPTH, PairCounts, Seen, chance_bins

Classes = npt.NDArray[np.integer]

_COMMONEST = 5  # classes with a curve of their own
_CONFUSED = 13  # classes of a confusion, beside all others as one: so many have room for their numbers
_LEAST_ROWS = 20  # of a confusion
_WORST = 12  # of each kind, so that both are in sight
_FEW = 4  # names that are listed
_LOOK_UP = 3862  # classes of YouTube-8M, whose ids have four letters and a page each


def curves(match: Match, answers: Answers, seen: Seen, pairs: PairCounts, counts: JudgedCounts) -> Iterator[Curve]:
    """Precision-recall and ROC of all pairs as one list and of the commonest classes, and reliability."""
    right, every = pairs.running()
    if counts.yes and len(right):
        yield Curve("pr", "all classes", *thinned(right / counts.yes, right / every))
    if answers.scores is not None:
        commonest = np.argsort(-counts.positives, kind="stable")[:_COMMONEST]
        commonest = commonest[counts.positives[commonest] > 0]
        for some in columns(match.reference, answers.scores, match.policy, commonest):
            for column, number in enumerate(some.classes.tolist()):
                judged = None if some.judged is None else some.judged[:, column]
                name = class_name(match.reference, number)
                yield precision_recall_curve(
                    some.reference[:, column], some.scores[:, column], name=name, judged=judged
                )
        if counts.yes and counts.no:
            x, y = np.append(0, (every - right) / counts.no), np.append(0, right / counts.yes)
            yield Curve("roc", "all classes", *thinned(x, y))
    if answers.chances:
        yield from _reliability(seen)


def taken_for(match: Match, seen: Seen) -> Iterator[Confusion]:
    """The best class of each row that has one label alone, among the commonest; none where that means little.

    Rows of which something was not judged take no part, since their best class is chosen among what was.
    """
    reference = match.reference
    single = reference.yes.lengths == 1
    if match.policy == "judged":
        single &= reference.unknown.lengths == 0
    rows = np.flatnonzero(single & (seen.best.top.classes[:, :1] >= 0).any(axis=1))
    labels = reference.yes.ids[reference.yes.offsets[:-1][rows]]
    common = np.argsort(-np.bincount(labels, minlength=reference.yes.width), kind="stable")[:_CONFUSED]
    common = common[np.isin(common, labels)]
    rows, labels = rows[np.isin(labels, common)], labels[np.isin(labels, common)]
    if len(common) < 2 or len(rows) < _LEAST_ROWS:
        return
    place = np.full(reference.yes.width, len(common))
    place[common] = np.arange(len(common))
    names = [class_name(reference, number) for number in common.tolist()]
    yield confusion(place[labels], place[seen.best.top.classes[rows, 0]], classes=(*names, "any other"))


def mistakes(reference: Examples, seen: Seen, answers: Answers, counts: JudgedCounts) -> Iterator[Mistake]:
    """The surest wrong classes, then the labels that were missed most clearly; a row once in each."""
    best = seen.best
    wrong = ~best.hits & (best.top.classes >= 0)
    first = np.where(wrong.any(axis=1), wrong.argmax(axis=1), -1) if best.top.depth else np.full(len(best.top), -1)
    rows = np.flatnonzero(first >= 0)
    scores = best.top.scores[rows, first[rows]]
    for place in np.argsort(-scores, kind="stable")[:_WORST].tolist():
        row = int(rows[place])
        said = class_name(reference, int(best.top.classes[row, first[row]]))
        yield _mistake(reference, row, _names(reference, reference.yes[row]), said, float(scores[place]))
    yield from _missed(reference, seen, answers, counts)


def class_name(reference: Examples, number: int) -> str:
    """What a class is called; its number where nobody named it."""
    return reference.classes[number] if reference.classes else str(number)


def _missed(reference: Examples, seen: Seen, answers: Answers, counts: JudgedCounts) -> Iterator[Mistake]:
    """Labels with the lowest chance beside the share of rows that have the class: rare ones are unlikely by nature."""
    rows, classes = reference.yes.rows, reference.yes.ids
    if not len(rows):
        return
    scores = _scores_of_labels(seen, answers, rows, classes)
    shares = (counts.positives / np.maximum(counts.judged, 1))[classes]
    order = np.lexsort((-shares, scores / shares if answers.chances else scores))
    order = order[(seen.best.top.classes[rows, :1] != classes[:, None]).all(axis=1)[order]]  # the best is no miss
    order = order[np.sort(np.unique(rows[order], return_index=True)[1])]  # the worst of each row
    for place in order[:_WORST].tolist():
        row, number = int(rows[place]), int(classes[place])
        best = seen.best.top.classes[row]
        said = _names(reference, best[best >= 0]) or "nothing"
        yield _mistake(reference, row, f"missed: {class_name(reference, number)}", said, float(scores[place]))


def _scores_of_labels(seen: Seen, answers: Answers, rows: Indices, classes: Classes) -> Floats:
    """The score of each label; 0 where it is in no list."""
    if answers.scores is not None:
        return answers.scores[rows, classes].astype(np.float64)
    found = seen.best.top.classes[rows] == classes[:, None]
    return np.asarray(np.where(found, seen.best.top.scores[rows], 0).sum(axis=1, dtype=np.float64))


def _mistake(reference: Examples, row: int, true: str, said: str, score: float) -> Mistake:
    item = reference.assets[row] if len(reference.assets) else f"row {row}"
    if len(reference.spans):
        start, end = reference.spans[row].tolist()
        return Mistake(f"{item}, {start:g} to {end:g} s", true, said, score, link_of(item, reference.yes.width))
    return Mistake(item, true, said, score, link_of(item, reference.yes.width))


def link_of(item: str, width: int) -> str:
    """Where an item can be looked up: an address itself, or the page that tells which video an id of YouTube-8M is.

    Example:
        >>> link_of("nXSc", 3862), link_of("a.mp4", 3862)
        ('https://data.yt8m.org/2/j/i/nX/nXSc.js', '')
    """
    if re.match(r"https?://", item):
        return item
    if width == _LOOK_UP and re.fullmatch(r"[A-Za-z0-9]{4}", item):
        return f"https://data.yt8m.org/2/j/i/{item[:2]}/{item}.js"
    return ""


def _names(reference: Examples, classes: Classes) -> str:
    names = [class_name(reference, number) for number in classes[:_FEW].tolist()]
    return ", ".join(names) + (", ..." if len(classes) > _FEW else "") if names else "no class"


def _reliability(seen: Seen) -> Iterator[Curve]:
    """Mean chance against share of positives, of all pairs and of the best of each row."""
    first = seen.best.top.first(DEPTH)
    used = first.classes >= 0
    rows = np.nonzero(used)[0]
    listed = chance_bins(first.scores[used], seen.best.hits[:, :DEPTH][used], rows, count=len(first))
    for name, bins in (("all pairs", seen.bins), (f"the {DEPTH} best of each row", listed)):
        if bins.size:
            pairs, scores, positives = bins.sum(axis=0)
            held = pairs > 0
            x, y = scores[held] / pairs[held], positives[held] / pairs[held]
            yield Curve("reliability", name, x, y, weights=pairs[held])
