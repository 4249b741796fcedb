"""What a label file decides about each clip: contradictions resolved as told, and what of it is new.

See `bringing` for the rules; here they are applied to one file and one campaign.
"""

from __future__ import annotations

import difflib
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from cueline.datasets.labelfiles import LabelItem
from cueline.errors import near_miss
from cueline.stores.answers import AnswerBook
from cueline.timeline.answers import Answer, Campaign, LabelTask, Verdict, standing
from cueline.timeline.spans import Span
from cueline.workbench.labelling.placing import PlacedItems, Told

About = tuple[str, Span | None, str]  # asset, part, person
_OPPOSITE = {"yes": "no", "no": "yes"}


@dataclass(slots=True)
class Decided:
    """What one file says of each clip, each person once.

    Attributes:
        said: Class to verdict, for each clip and person.
        items: The first item about each.
        given: What is known of single answers, such as their ids.
        conflicts: Contradictions within the file.
        skipped: Classes that the campaign does not have.
        duplicates: Items that say only what an earlier one said.
    """

    said: dict[About, dict[str, Verdict]] = field(default_factory=dict)
    items: dict[About, LabelItem] = field(default_factory=dict)
    given: dict[tuple[About, str], Mapping[str, Any]] = field(default_factory=dict)
    conflicts: list[Told] = field(default_factory=list)
    skipped: list[Told] = field(default_factory=list)
    duplicates: int = 0


@dataclass(slots=True)
class Fresh:
    """What of that is new.

    Attributes:
        campaign: Name of the campaign.
        rows: Clip and person, class, verdict, and what is known of the answer.
        conflicts: Against what stands: answers of the same person that change, answers of others that differ.
        duplicates: Clips of which all that is said stands already.
        people: Who said it.
    """

    campaign: str
    rows: list[tuple[About, str, Verdict, Mapping[str, Any]]] = field(default_factory=list)
    conflicts: list[Told] = field(default_factory=list)
    duplicates: int = 0
    people: tuple[str, ...] = ()

    def answers(self, versions: Mapping[str, int]) -> Iterator[Answer]:
        """The answers to be added.

        Args:
            versions: Of each class.
        """
        made = datetime.now(UTC).isoformat(timespec="milliseconds")
        for (asset, span, who), name, verdict, given in self.rows:
            about = {"made": made, "label_version": versions.get(name, 0), "id": secrets.token_hex(16), **given}
            yield Answer(asset, name, verdict, who, span, self.campaign, **about)

    def tasks(self) -> list[LabelTask]:
        """What the answers are about, each once."""
        parts = dict.fromkeys((asset, span) for (asset, span, _), *_ in self.rows)
        return [LabelTask(asset, span) for asset, span in parts]


def decided(placed: PlacedItems, asked: Campaign | None, *, who: str, known: Sequence[str] = ()) -> Decided:
    """Put together what a file says of each clip.

    Args:
        placed: Its items.
        asked: The campaign; None where it would have no class, so that all is skipped.
        who: Who said what the file does not tell of.
        known: The library's classes, of which the campaign may have some.
    """
    exclusive = asked is not None and asked.exclusive
    result, meant = Decided(), _NearNames(asked.classes if asked else (), known)
    for asset, item in placed.items:
        said = _verdicts(item, placed, result, meant, exclusive=exclusive)
        if not said:
            continue
        about = asset, item.span, item.who or who
        if about in result.said:
            _merge(result, about, item, said, placed)
        else:
            result.said[about], result.items[about] = said, item
        if item.given:
            result.given.update({(about, name): item.given for name in said})
    return result


def fresh_answers(book: AnswerBook, found: Decided, placed: PlacedItems, campaign: str) -> Fresh:
    """What is new against the answers that stand.

    Args:
        book: The library's answers.
        found: What the file says.
        placed: Its items, for what is told.
        campaign: Name of the campaign.
    """
    result = Fresh(campaign, people=tuple(dict.fromkeys(who for _, _, who in found.said)))
    stands: dict[tuple[str, Span | None], dict[str, dict[str, Verdict]]] = defaultdict(lambda: defaultdict(dict))
    given = book.answers() if found.given else book.answers(campaign=campaign)
    ids = {answer.id for answer in given} if found.given else set[str]()
    for answer in standing(answer for answer in given if answer.campaign == campaign):
        stands[answer.asset, answer.span][answer.who][answer.label] = answer.verdict
    for about, said in found.said.items():
        asset, span, who = about
        there, item = stands[asset, span], found.items[about]
        own = there[who]
        new = {name: verdict for name, verdict in said.items() if own.get(name) != verdict}
        changed = [f"{name} was {own[name]}, is {new[name]}" for name in new if name in own]
        if changed:
            names = [name for name in new if name in own]
            reason = f"{who!r} said otherwise before: {'; '.join(changed)}. The new answer holds"
            result.conflicts.append(placed.told(item, names, reason, kind="changed"))
        result.conflicts += _against_others(item, said, who, there, placed)
        result.rows += [
            (about, name, verdict, _given(found.given.get((about, name), {}), about, name, campaign, ids))
            for name, verdict in new.items()
        ]
        result.duplicates += not new
        own.update(new)
    return result


def _against_others(
    item: LabelItem,
    said: Mapping[str, Verdict],
    who: str,
    there: Mapping[str, Mapping[str, Verdict]],
    placed: PlacedItems,
) -> Iterator[Told]:
    for other, theirs in there.items():
        if other != who:
            against = [name for name, verdict in said.items() if theirs.get(name) == _OPPOSITE.get(verdict, "")]
            if against:
                told = "; ".join(f"{name}: {who!r} {said[name]}, {other!r} {theirs[name]}" for name in against)
                yield placed.told(item, against, f"people differ, and both answers are kept: {told}", kind="people")


def _given(given: Mapping[str, Any], about: About, name: str, campaign: str, ids: set[str]) -> Mapping[str, Any]:
    """What is known of an answer; with an id of its own where another answer has that id already."""
    if given.get("id") in ids:
        return {**given, "id": uuid5(NAMESPACE_OID, f"{given['id']} {about} {name} {campaign} {len(ids)}").hex}
    if "id" in given:
        ids.add(given["id"])
    return given


def _verdicts(
    item: LabelItem,
    placed: PlacedItems,
    result: Decided,
    meant: _NearNames,
    *,
    exclusive: bool,
) -> dict[str, Verdict]:
    """What an item says of each class that it judges."""
    said, doubtful = dict[str, Verdict](), set[str]()
    for name, verdict in item.said.items():
        if name in meant.classes:
            said[name] = verdict
        else:
            result.skipped.append(placed.told(item, [name], meant.reason(name)))
            doubtful |= meant.near(name)
    yes = [name for name, verdict in said.items() if verdict == "yes"]
    if item.doubt and said:
        result.conflicts.append(placed.told(item, list(said), f'{item.doubt}; kept as "unsure"', kind="both"))
    if exclusive and len(yes) > 1:
        said.update(dict.fromkeys(yes, "unsure"))
        reason = f'just one class is right, and {len(yes)} are said; kept as "unsure"'
        result.conflicts.append(placed.told(item, yes, reason, kind="both"))
    rest = item.rest or ("no" if exclusive and yes and item.span is None else "")
    if rest:
        said.update({name: rest for name in meant.classes if name not in said and name not in doubtful})
    return said


def _merge(result: Decided, about: About, item: LabelItem, said: Mapping[str, Verdict], placed: PlacedItems) -> None:
    """Add what a later item says of the same clip."""
    before, first = result.said[about], result.items[about]
    against = [
        name
        for name, verdict in said.items()
        if before.get(name, verdict) != verdict and "skipped" not in (before[name], verdict)
    ]
    result.duplicates += all(before.get(name) == verdict for name, verdict in said.items())
    for name, verdict in said.items():
        if before.get(name, "skipped") == "skipped":
            before[name] = verdict
    if against:
        told = "; ".join(f"{name}: {before[name]}, then {said[name]}" for name in against)
        reason = f'{first.where} says otherwise: {told}; kept as "unsure"'
        result.conflicts.append(placed.told(item, against, reason, kind="both"))
        before.update(dict.fromkeys(against, "unsure"))


class _NearNames:
    """What a name that is no class of the campaign may have meant."""

    def __init__(self, classes: Sequence[str], known: Iterable[str]) -> None:
        self.classes = dict.fromkeys(classes)
        self._known = dict.fromkeys(known)
        self._near: dict[str, set[str]] = {}
        self._reasons: dict[str, str] = {}

    def near(self, name: str) -> set[str]:
        """The classes of which an item with this name says nothing, since it may mean them."""
        if name not in self._near:
            near = () if name in self._known else difflib.get_close_matches(name, self.classes, n=1)
            self._near[name] = set(near)
        return self._near[name]

    def reason(self, name: str) -> str:
        """Why the name is skipped."""
        if name not in self._reasons:
            listed = list(self.classes or self._known)
            there = ", ".join(listed[:10]) + (", ..." if len(listed) > 10 else "")
            left = f" Of {', '.join(self.near(name))} nothing is kept here." if self.near(name) else ""
            told = f"the campaign knows no class {name!r}; there are: {there or 'none'}."
            self._reasons[name] = f"{told}{self._way_out(name)}{left}"
        return self._reasons[name]

    def _way_out(self, name: str) -> str:
        if name in self._known:
            return " The library has it; put it to the campaign too with --add-classes."
        hint = near_miss(name, list(dict.fromkeys([*self.classes, *self._known])))
        return f"{hint} If it is another class, add it with --add-classes."
