"""Ranges that two people marked: how alike they are, class by class and pair by pair, over the assets both looked at.

Somebody looked at an asset who answered about a range of it, of whatever class, or said of the class that the asset has
none. Whoever said "yes" of the whole asset alone marked no range, and is not measured there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cueline.evaluation.span_agreement import IntervalAgreement, interval_agreement, pooled_intervals
from cueline.timeline.answers import Answer
from cueline.timeline.spans import Span, Spans, as_spans


@dataclass(frozen=True, slots=True)
class RangeAgreement:
    """Two people's ranges of one class.

    Attributes:
        label: Name of the class.
        first: One person; their ranges are the reference.
        second: The other.
        assets: How many both looked at.
        found: Precision, recall, F1 and mean IoU over all of them.
    """

    label: str
    first: str
    second: str
    assets: int
    found: IntervalAgreement


def range_agreement(answers: Iterable[Answer], classes: Sequence[str], *, iou: float = 0.5) -> list[RangeAgreement]:
    """How alike ranges are.

    Args:
        answers: Those that hold.
        classes: Which classes.
        iou: Least intersection over union of two ranges that mean the same, in (0, 1].

    Returns:
        Of each class every pair of people who looked at the same assets and marked a range of it, by name.

    Raises:
        TimelineError: If `iou` cannot be.
    """
    interval_agreement(np.empty((0, 2)), np.empty((0, 2)), iou=iou)  # refuses a limit even where nothing is marked
    marked: dict[tuple[str, str], dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    looked, denied = defaultdict[str, set[str]](set), defaultdict[tuple[str, str], set[str]](set)
    for answer in answers:
        if answer.span is None:
            if answer.verdict == "no":
                denied[answer.label, answer.who].add(answer.asset)
        elif answer.verdict != "skipped":
            looked[answer.who].add(answer.asset)
            if answer.verdict == "yes":
                marked[answer.label, answer.who][answer.asset].append(answer.span)
    people = sorted({*looked, *(who for _, who in denied)}) if looked else []
    found = []
    for label in classes:
        for first, second in combinations(people, 2):
            ours, theirs = marked[label, first], marked[label, second]
            seen = (looked[first] | denied[label, first]) & (looked[second] | denied[label, second])
            if seen & (ours.keys() | theirs.keys()):
                pooled = pooled_intervals(
                    interval_agreement(_spans(ours, asset), _spans(theirs, asset), iou=iou) for asset in sorted(seen)
                )
                found.append(RangeAgreement(label, first, second, len(seen), pooled))
    return found


def _spans(own: dict[str, list[Span]], asset: str) -> Spans:
    return as_spans(own[asset]) if asset in own else np.empty((0, 2))
