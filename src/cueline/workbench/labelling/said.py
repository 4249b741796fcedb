"""What people said in a campaign: its votes, with the names and groups of their items, and what is odd about them.

Every answer that holds counts, also one about an older version of a class: whoever edits a definition sees here how
many answers are about the one before. Answers about classes that the campaign does not ask about any more do not count,
and are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, near_miss
from cueline.timeline.answers import Answer, Campaign, standing
from cueline.timeline.groups import components
from cueline.timeline.votes import Votes, votes_of
from cueline.workbench.library import Library


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """The answers of a campaign.

    Attributes:
        campaign: As it is now.
        answers: Those that hold, about the classes that are looked at.
        votes: The same as a table.
        names: What the asset of each item is called: its clip in a label file, its file, or its id.
        groups: A number for each item, shape (I,): those of one number share groups such as a source video.
        older: How many answers are about an older version, by class; without those of none.
        strays: How many answers are about classes that the campaign does not ask about, by class.
    """

    campaign: Campaign
    answers: tuple[Answer, ...]
    votes: Votes
    names: tuple[str, ...]
    groups: npt.NDArray[np.intp]
    older: Mapping[str, int] = field(default_factory=dict)
    strays: Mapping[str, int] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Said({self.campaign.name!r}, {len(self.answers)} answers, {self.votes!r})"


def said(library: Library, campaign: str, classes: Sequence[str] = ()) -> Said:
    """Read what people said.

    Args:
        library: Where.
        campaign: Name of the campaign.
        classes: Which of its classes to look at; all where none is given.

    Raises:
        StoreError: If there is no such campaign.
        OptionError: If the campaign does not ask about a class.
    """
    with library.answers() as book:
        about = book.find(Campaign, campaign)
        wanted = _wanted(about, classes)
        versions = {each.name: each.version for each in book.classes()}
        held = standing(book.answers(campaign=campaign))
        clips = {clip.asset: clip.name for clip in book.clips()}
    counted = [answer for answer in held if answer.label in wanted]
    votes = votes_of(counted, wanted)
    groups = {asset.id: asset.groups for asset in library.assets()}
    names = {**{asset: str(path) for asset, path in library.files().items()}, **clips}
    older = Counter(answer.label for answer in counted if 0 < answer.label_version < versions.get(answer.label, 0))
    return Said(
        campaign=about,
        answers=tuple(counted),
        votes=votes,
        names=tuple(names.get(asset, asset) for asset, _ in votes.items),
        groups=_numbered([asset for asset, _ in votes.items], groups),
        older=dict(sorted(older.items())),
        strays=dict(sorted(Counter(answer.label for answer in held if answer.label not in about.classes).items())),
    )


def _wanted(about: Campaign, classes: Sequence[str]) -> tuple[str, ...]:
    for name in classes:
        if name not in about.classes:
            asks, close = ", ".join(about.classes), near_miss(name, about.classes)
            raise OptionError(f"the campaign {about.name!r} asks about {asks}, got the class {name!r}.{close}")
    return tuple(dict.fromkeys(classes)) or about.classes


def _numbered(assets: Sequence[str], groups: Mapping[str, Mapping[str, str]]) -> npt.NDArray[np.intp]:
    """The component of each asset; ranges of one asset are always together."""
    each = list(dict.fromkeys(assets))
    number = dict(zip(each, components([groups.get(asset, {}) for asset in each]).tolist(), strict=True))
    return np.array([number[asset] for asset in assets], np.intp)
