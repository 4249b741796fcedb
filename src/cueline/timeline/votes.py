"""Votes: the answers that stand as one table: what each person said of each class in each item.

An item is an asset, or a span of one. The table is small whole numbers, so that measures of agreement and consensus run
over hundreds of thousands of answers at once:

    YES      1    the class is there
    NO       0    it is not
    MISSING -1    nobody said: not asked, or skipped
    UNSURE  -2    asked, and could not say

What is below 0 is no judgement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError, near_miss
from cueline.timeline.answers import Answer, standing
from cueline.timeline.spans import Span

Item = tuple[str, Span | None]
Table = npt.NDArray[np.int8]

YES, NO, MISSING, UNSURE = 1, 0, -1, -2
_NUMBERS = {"yes": YES, "no": NO, "skipped": MISSING, "unsure": UNSURE}


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """What P people said of C classes in I items.

    Attributes:
        items: Asset and span of each item, None for the whole asset; in order of first appearance.
        people: In order of name.
        classes: As they were asked for.
        table: YES, NO, MISSING or UNSURE, shape (I, C, P); read-only.
    """

    items: tuple[Item, ...]
    people: tuple[str, ...]
    classes: tuple[str, ...]
    table: Table

    def __post_init__(self) -> None:
        """Refuse a table of another shape, other numbers, and names that stand there twice."""
        for name in ("items", "people", "classes"):
            own = tuple(getattr(self, name))
            if len(set(own)) < len(own):
                twice = next(value for i, value in enumerate(own) if value in own[:i])
                raise TimelineError(f"votes have each of their {name} once, got {twice!r} twice")
            object.__setattr__(self, name, own)
        table = np.asarray(self.table)
        shape = (len(self.items), len(self.classes), len(self.people))
        if table.shape != shape:
            raise TimelineError(f"votes need a table of items x classes x people, {shape}, got {table.shape}")
        if table.size and (table.dtype.kind not in "iu" or table.min() < UNSURE or table.max() > YES):
            got = f"{table.dtype} from {table.min()} to {table.max()}"
            raise TimelineError(f"votes are whole numbers from {UNSURE} to {YES}, got {got}")
        table = table.astype(np.int8, copy=False).view()
        table.flags.writeable = False
        object.__setattr__(self, "table", table)

    def __len__(self) -> int:
        """Number of items."""
        return len(self.items)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        judged = np.count_nonzero(self.table >= 0)
        sizes = f"{len(self.items)} items, {len(self.classes)} classes, {len(self.people)} people"
        return f"Votes({sizes}, {judged} judgements)"

    def about(self, name: str) -> Table:
        """What everybody said of one class, shape (I, P).

        Raises:
            TimelineError: If it is not among the classes.
        """
        if name not in self.classes:
            there = ", ".join(self.classes) or "none"
            raise TimelineError(f"votes are about the classes {there}, got {name!r}.{near_miss(name, self.classes)}")
        return self.table[:, self.classes.index(name)]


def votes_of(answers: Iterable[Answer], classes: Sequence[str]) -> Votes:
    """The table of the answers that stand.

    Of what one person said of one class in one item, the last holds, whichever the campaign. An answer that was skipped
    is MISSING, and its item and person stand in the table all the same.

    Args:
        answers: All of them, in the order in which they were given.
        classes: Names of the classes that are looked at; answers about others do not count.

    Returns:
        Items that somebody was asked about one of the classes, people who answered.

    Example:
        >>> said = [("a", "yes", "ann"), ("a", "no", "bob"), ("b", "no", "ann")]
        >>> votes_of([Answer(asset, "rain", what, who) for asset, what, who in said], ["rain"]).about("rain").tolist()
        [[1, 0], [0, -1]]
    """
    given = list(answers)
    numbers = {name: number for number, name in enumerate(classes)}
    held = [answer for answer in standing(given) if answer.label in numbers]
    names = sorted({answer.who for answer in held})
    people = {name: number for number, name in enumerate(names)}
    first = _numbered(given, held)
    table = np.full((len(first), len(numbers), len(people)), MISSING, np.int8)
    at = np.fromiter(
        (
            (first[answer.asset, answer.span], numbers[answer.label], people[answer.who], _NUMBERS[answer.verdict])
            for answer in held
        ),
        np.dtype((np.int64, 4)),
        len(held),
    )
    table[at[:, 0], at[:, 1], at[:, 2]] = at[:, 3]  # of several at one place, the last stays
    return Votes(tuple(first), tuple(names), tuple(classes), table)


def _numbered(given: Iterable[Answer], held: Iterable[Answer]) -> dict[Item, int]:
    """The items of the answers that hold, numbered as they first appeared, whoever changed their mind since."""
    wanted = {(answer.asset, answer.span) for answer in held}
    seen = dict.fromkeys((answer.asset, answer.span) for answer in given)
    return {item: number for number, item in enumerate(item for item in seen if item in wanted)}
