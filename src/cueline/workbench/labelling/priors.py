"""What tracks of the library say of classes beforehand: scores to begin with while nobody has answered.

A column of a score curve that is called like a class is its score. A label speaks for a class when it is called so,
and half as much when it shares a word with the name or the definition of the class; not when it holds an excluded term.
A clip has the greatest score of all that lies in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from cueline.errors import OptionError
from cueline.timeline.answers import LabelClass
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack, pool
from cueline.workbench.labelling.lessons import CampaignLesson
from cueline.workbench.library import Library

Floats = npt.NDArray[np.float32]

SHARED_WORD = 0.5  # of the score of a label that shares a word and not the name
_LEAST_LETTERS = 3  # of a word that says something


def prior_scores(library: Library, lesson: CampaignLesson, track: str) -> Floats:
    """What a track says of each clip and class, shape (N, C), 0 where it says nothing.

    Args:
        library: Where.
        lesson: The clips and the campaign.
        track: Name of a label track or of a score curve.

    Raises:
        OptionError: If the track says nothing of any class.
    """
    with library.answers() as book:
        classes = [book.find(LabelClass, name) for name in lesson.campaign.classes]
    scores = np.zeros((len(lesson.items), len(classes)), np.float32)
    rows: dict[str, list[int]] = {}
    for row, (asset, _) in enumerate(lesson.items):
        rows.setdefault(asset, []).append(row)
    for source in library.sources([track], rows.keys()):
        found = source.record.tracks.get(track)
        mine = rows[source.record.asset.id]
        if found is not None:
            whole = Span(0.0, source.record.asset.duration)
            spans = [lesson.items[row][1] or whole for row in mine]
            said = (
                _of_curve(found, classes, spans)
                if isinstance(found, FeatureTrack)
                else _of_labels(found, classes, spans)
            )
            scores[mine] = said
    if not scores.any():
        names = ", ".join(map(repr, lesson.campaign.classes))
        raise OptionError(f"the track {track!r} says nothing of {names} in any clip. Name a track whose labels do.")
    return scores


def _of_curve(curve: FeatureTrack, classes: Sequence[LabelClass], spans: Sequence[Span]) -> Floats:
    scores = np.zeros((len(spans), len(classes)), np.float32)
    names = [name.casefold() for name in curve.columns]
    for column, one in enumerate(classes):
        if one.name.casefold() in names and len(curve):
            values = curve.values[:, [names.index(one.name.casefold())]]
            alone = FeatureTrack(curve.spans, values, (one.name,), curve.stream)
            for row, span in enumerate(spans):
                scores[row, column] = np.nan_to_num(pool(alone, as_spans([span]), by="max").values[0, 0])
    return scores


def _of_labels(labels: LabelTrack, classes: Sequence[LabelClass], spans: Sequence[Span]) -> Floats:
    scores = np.zeros((len(spans), len(classes)), np.float32)
    for column, one in enumerate(classes):
        worth = {name: _worth(name, one) for name in set(labels.names)}
        speaking = np.array([worth[name] for name in labels.names]) * labels.scores
        for row, span in enumerate(spans):
            inside = (labels.spans[:, 0] < span.end) & (labels.spans[:, 1] > span.start)
            scores[row, column] = speaking[inside].max(initial=0.0)
    return scores


def _worth(label: str, about: LabelClass) -> float:
    """How much a label speaks for a class, in [0, 1]."""
    text = label.casefold()
    if any(term.casefold() in text for term in about.excluded):
        return 0.0
    if text == about.name.casefold():
        return 1.0
    return SHARED_WORD if _words(text) & _words(f"{about.name} {about.definition}".casefold()) else 0.0


def _words(text: str) -> set[str]:
    words = {word for word in re.findall(r"\w+", text) if len(word) >= _LEAST_LETTERS}
    return words.difference(ENGLISH_STOP_WORDS)
