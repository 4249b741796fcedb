"""What the answers of a campaign amount to, clip by clip, with the names and keys that label files use.

Of one person it is what that person said. Of several, the majority decides each class of each clip, or the estimate of
Dawid and Skene; where as many say yes as no the class is "tied".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cueline.errors import OptionError, near_miss
from cueline.evaluation.consensus import Consensus
from cueline.timeline.answers import Answer, Campaign, Clip, LabelTask
from cueline.timeline.spans import Span
from cueline.timeline.votes import UNSURE, Item, Table, votes_of
from cueline.workbench.labelling.consensus import way_of
from cueline.workbench.labelling.said import said
from cueline.workbench.library import Library

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Amount:
    """What is meant of one clip, or of a part of it.

    Attributes:
        clip: Its asset, name and key.
        span: Which part, in seconds; None for the whole.
        said: For each class of the campaign "yes", "no", "unsure", "tied", or empty where nobody judged; in the order
            in which they were answered.
    """

    clip: Clip
    span: Span | None
    said: Mapping[str, str]

    @property
    def yes(self) -> list[str]:
        """The classes that are there."""
        return [name for name, verdict in self.said.items() if verdict == "yes"]


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a campaign amounts to.

    Attributes:
        campaign: The campaign.
        items: What is meant, in the order in which it was first answered.
        answers: The answers that it rests on.
        clips: What each asset is called.
        tasks: What the campaign puts to people, answered or not.
        people: Who answered.
    """

    campaign: Campaign
    items: Sequence[Amount]
    answers: Sequence[Answer]
    clips: Mapping[str, Clip]
    tasks: Sequence[LabelTask]
    people: Sequence[str]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Amounts({self.campaign.name!r}, {len(self.items)} items, {len(self.answers)} answers)"

    @property
    def whole(self) -> list[Amount]:
        """What is meant of whole clips."""
        return [item for item in self.items if item.span is None]

    @property
    def parts(self) -> list[Amount]:
        """What is meant of parts of clips."""
        return [item for item in self.items if item.span is not None]


def amounts(library: Library, campaign: str, *, who: str | None = None, consensus: str = "majority") -> Amounts:
    """Put the answers of a campaign together.

    Args:
        library: Where.
        campaign: Name of the campaign.
        who: Only this person's answers; those of all where none is given.
        consensus: "majority" or "dawid-skene".

    Raises:
        StoreError: If there is no such campaign.
        OptionError: If that person gave no answer, or there is no such way.
    """
    way = way_of(consensus)
    found = said(library, campaign)
    answers = [answer for answer in found.answers if who is None or answer.who == who]
    if who is not None and not answers:
        there = sorted({answer.who for answer in found.answers})
        raise OptionError(
            f"nobody called {who!r} answered in {campaign!r}; there are: {', '.join(there) or 'none'}."
            f"{near_miss(who, there)}"
        )
    with library.answers() as book:
        tasks = book.tasks(campaign)
        clips = _called(book.clips(), library.files())
    votes = votes_of(answers, found.campaign.classes)
    columns = [_verdicts(way(votes.about(name)), votes.about(name)) for name in votes.classes]
    order: dict[Item, dict[str, str]] = {item: {} for item in votes.items}
    for answer in answers:
        order[answer.asset, answer.span][answer.label] = ""
    items = [
        Amount(
            clips.get(item[0], Clip(item[0], item[0])),
            item[1],
            order[item] | dict(zip(votes.classes, row, strict=True)),
        )
        for item, *row in zip(votes.items, *columns, strict=True)
    ]
    return Amounts(found.campaign, items, answers, clips, tasks, votes.people)


def _called(clips: Sequence[Clip], files: Mapping[str, Path]) -> dict[str, Clip]:
    """What each asset is called: as a label file that gives it a key, else by its file, else as any label file."""
    named = {clip.asset: clip for clip in reversed(clips)}
    media = {asset: Clip(asset, str(path)) for asset, path in files.items()}
    keyed = {clip.asset: clip for clip in reversed(clips) if clip.key and clip.name != clip.key}
    return named | media | keyed


def _verdicts(meant: Consensus, table: Table) -> list[str]:
    """What people mean of one class in each item."""
    chance = meant.chance
    unsure = (table == UNSURE).any(axis=1)
    words = np.select(
        [chance > _HALF, chance < _HALF, chance == _HALF, unsure], ["yes", "no", "tied", "unsure"], default=""
    )
    return [str(word) for word in words]
