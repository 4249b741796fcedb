"""What to ask next: the clips of a campaign that are worth an answer most.

A model learns from the feature tracks of the library and from what people agree on so far, and a strategy of active
learning ranks the clips that nobody answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cueline.errors import OptionError
from cueline.learning.active.asking import NO, YES, Floats, Infers, Known, Verdicts
from cueline.learning.active.few import fit_few
from cueline.learning.active.preparing import prepare
from cueline.learning.active.strategies import strategy as strategy_named
from cueline.timeline.spans import Span
from cueline.workbench.labelling.lessons import CampaignLesson, campaign_lesson
from cueline.workbench.labelling.priors import prior_scores
from cueline.workbench.library import Library

DEFAULT_STRATEGY = "batches"


@dataclass(frozen=True, slots=True)
class NextClip:
    """A clip worth an answer.

    Attributes:
        asset: Id of the asset.
        file: Its name.
        span: Which part; None for the whole.
        chances: What the model makes of each class, balanced: as if every second clip had it; empty while no model can
            be fitted.
    """

    asset: str
    file: str
    span: Span | None
    chances: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Choice:
    """What to ask next.

    Attributes:
        clips: The most wanted first.
        strategy: Who chose.
        answered: How many clips are answered.
        left: How many are not, these among them.
        starved: Classes of which a yes or a no is wanting, so that nothing is learned of them yet.
        left_out: Clips that take no part, and why.
    """

    clips: tuple[NextClip, ...]
    strategy: str
    answered: int
    left: int
    starved: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def next_clips(
    library: Library,
    campaign: str,
    tracks: Sequence[str],
    *,
    count: int = 20,
    strategy: str = "",
    classes: Sequence[str] = (),
    prior: str = "",
    seed: int = 0,
) -> Choice:
    """Choose the clips that are worth an answer most.

    Args:
        library: Where.
        campaign: Name of the campaign.
        tracks: Feature tracks to learn from.
        count: How many, 1 or more.
        strategy: How to choose; the one that `cueline simulate` found best on most classes where none is given.
        classes: Only with these classes of the campaign in mind; all where none is given.
        prior: A label track or score curve to begin with while a class has no yes or no no.
        seed: Decides draws and ties.

    Raises:
        OptionError: If a name is unknown, or no clip has the tracks.
        StoreError: If there is no such campaign.
    """
    if count < 1:
        raise OptionError(f"choose 1 clip or more, got {count}")
    chosen = strategy_named(strategy or DEFAULT_STRATEGY)
    lesson = campaign_lesson(library, campaign, tracks)
    columns = lesson.columns(classes)
    names = [lesson.campaign.classes[column] for column in columns]
    beforehand = prior_scores(library, lesson, prior)[:, columns] if prior else None
    values = prepare(lesson.examples.values)(lesson.examples.values)
    seen = np.asarray(lesson.asked[:, columns].all(axis=1))
    known = Known(values, lesson.answers[:, columns], None, beforehand, seen)
    asker = chosen.study(values, seed=seed)
    wanting = known.starved()
    if not wanting.all():
        known = replace(known, chances=_chances(known, asker))
    rows = asker.choose(known, count, np.random.default_rng(seed)) if len(known.open) else np.empty(0, np.int64)
    fitted = {name: place for place, name in enumerate(names) if not wanting[place]}
    starved = tuple(name for name in names if name not in fitted)
    clips = tuple(_next_clip(lesson, known, fitted, row) for row in rows.tolist())
    return Choice(clips, chosen.name, int(seen.sum()), int((~seen).sum()), starved, lesson.left_out)


def _chances(known: Known, asker: object) -> Floats:
    """What a model makes of every row that learned from the answers, and from what follows from them."""
    answers: Verdicts = known.answers
    weights = np.ones(len(answers))
    if isinstance(asker, Infers):
        inferred = asker.inferred(known)
        answers = answers.copy()
        answers[inferred.rows] = inferred.answers
        weights[inferred.rows] = inferred.weights(np.arange(len(inferred.rows)), asked=int(known.seen.sum()))
    rows = np.flatnonzero(np.isin(answers, (YES, NO)).any(axis=1))
    return fit_few(known.values[rows], answers[rows], weights=weights[rows]).chances(known.values)


def _next_clip(lesson: CampaignLesson, known: Known, fitted: Mapping[str, int], row: int) -> NextClip:
    asset, span = lesson.items[row]
    chances = {}
    if known.chances is not None:
        chances = {name: float(known.chances[row, place]) for name, place in fitted.items()}
    return NextClip(asset, lesson.examples.assets[row], span, chances)
