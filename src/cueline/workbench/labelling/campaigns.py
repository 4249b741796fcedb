"""Campaigns: what people are asked, and how far they are.

A task of a campaign is labelled when every one of its classes has an answer that holds, yes, no or unsure, for exactly
that asset and span; where just one class is right, a yes to it answers for all. Who skips leaves the task unlabelled.
A task is answered as soon as one class has such an answer, as is true of each range that somebody marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from cueline.errors import OptionError, near_miss
from cueline.stores.answers import AnswerBook
from cueline.timeline.answers import Answer, Campaign, LabelTask, Shown, standing
from cueline.timeline.spans import Span
from cueline.workbench.labelling.answering import must_name
from cueline.workbench.labelling.subjects import subjects
from cueline.workbench.library import Library

State = Literal["all", "labelled", "unlabelled"]
Item = tuple[str, Span | None]
Judged = Mapping[Item, Mapping[str, set[str]]]


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """A campaign, and how far it is.

    Attributes:
        campaign: Its last version.
        tasks: How many it puts to people.
        answered: How many of them anybody answered, of whatever class.
        labelled: How many of them are labelled, by one person or by several together.
        answered_by: How many tasks each person answered.
        people: How many tasks each person labelled alone; 0 for one who has begun.
        answers: How many answers hold.
        older: How many of these are about an older version of each class, by its name.
    """

    campaign: Campaign
    tasks: int
    answered: int
    labelled: int
    answered_by: Mapping[str, int]
    people: Mapping[str, int]
    answers: int
    older: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task, and who labelled it.

    Attributes:
        task: What is put to people.
        file: Its path, or its name where nobody has its media.
        labelled: Whether every class is answered, by the person asked about or by all together.
        people: Who answered for every class.
    """

    task: LabelTask
    file: str
    labelled: bool
    people: tuple[str, ...]


def create_campaign(
    library: Library,
    name: str,
    classes: Sequence[str] = (),
    *,
    question: str | None = None,
    instruction: str | None = None,
    exclusive: bool | None = None,
    shown: Shown | None = None,
    source: str | None = None,
) -> Campaign:
    """Make a campaign, or load the one of that name.

    What is not given stays as it is in the campaign that is there, or was before it was deleted; where all stays, so
    does the version. One that was deleted has a task again for each item that was answered.

    Args:
        library: Where.
        name: Its name.
        classes: Names of the classes that may be the answer.
        question: As people read it.
        instruction: More words for those who are new to it.
        exclusive: Whether just one of the classes is right.
        shown: What people look at or listen to.
        source: Where its clips or ranges come from, in words.

    Raises:
        OptionError: If it is new and has no classes, or a class is unknown.
    """
    given = {"question": question, "instruction": instruction, "exclusive": exclusive, "shown": shown, "source": source}
    changes = {what: value for what, value in given.items() if value is not None}
    with library.answers() as book:
        before = next((each for each in book.campaigns() if each.name == name), None) or book.retired(name)
        if before is None and not classes:
            there = ", ".join(each.name for each in book.classes()) or "none; add some first"
            raise OptionError(f"say which classes the new campaign {name!r} asks about; there are: {there}")
        _must_be_classes(book, classes)
        base = before or Campaign(name, tuple(classes))
        return book.put(replace(base, classes=tuple(classes) or base.classes, **changes))  # type: ignore[arg-type]


def deleted_campaign(library: Library, name: str) -> Campaign | None:
    """A campaign as it was when it was deleted, or None where none of that name was."""
    with AnswerBook(library.path, read_only=True) as book:
        return book.retired(name)


def retire_campaign(library: Library, name: str) -> int:
    """Delete a campaign and its tasks; give how many of its answers stay.

    Raises:
        StoreError: If there is none of that name.
    """
    with library.answers() as book:
        book.retire(name)
        return len(standing(book.answers(campaign=name)))


def list_campaigns(library: Library) -> list[CampaignFacts]:
    """Every campaign, by name, and how far it is."""
    with AnswerBook(library.path, read_only=True) as book:
        return [_facts(book, each) for each in book.campaigns()]


def campaign_facts(library: Library, name: str) -> CampaignFacts:
    """One campaign, and how far it is.

    Raises:
        StoreError: If there is none of that name.
    """
    with AnswerBook(library.path, read_only=True) as book:
        return _facts(book, book.find(Campaign, name))


def campaign_tasks(library: Library, name: str, *, state: State = "all", who: str | None = None) -> list[TaskFacts]:
    """What a campaign puts to people, the highest priority first.

    Args:
        library: Where.
        name: The campaign.
        state: "labelled", "unlabelled" or "all".
        who: Labelled by this person; by all together where none is given.

    Raises:
        OptionError: If there is no such state, or the person's name is empty.
        StoreError: If there is no such campaign.
    """
    if who is not None:
        must_name(who)
    if state not in get_args(State):
        known = get_args(State)
        raise OptionError(f"tasks are {', '.join(known)}, got {state!r}.{near_miss(state, known)}")
    with AnswerBook(library.path, read_only=True) as book:
        about, tasks = book.find(Campaign, name), book.tasks(name)
        judged = _judged(about, standing(book.answers(campaign=name)))
    named, facts = subjects(library), []
    for task in tasks:
        people = _whole(about, judged.get((task.asset, task.span), {}))
        labelled = _labelled(about, judged, task) if who is None else who in people
        if state == "all" or labelled == (state == "labelled"):
            facts.append(TaskFacts(task, named.named(task.asset), labelled, people))
    return facts


def _must_be_classes(book: AnswerBook, names: Iterable[str]) -> None:
    known = [each.name for each in book.classes()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise OptionError(
            f"a campaign asks about classes of the library, got {', '.join(map(repr, unknown))}; there are: "
            f"{', '.join(known) or 'none'}.{near_miss(unknown[0], known)}"
        )


def _facts(book: AnswerBook, campaign: Campaign) -> CampaignFacts:
    held = standing(book.answers(campaign=campaign.name))
    tasks, judged = book.tasks(campaign.name), _judged(campaign, held)
    people = dict.fromkeys(sorted({each.who for each in held}), 0)
    answered_by, answered = people.copy(), 0
    for task in tasks:
        by = judged.get((task.asset, task.span), {})
        answered += bool(by)
        for who in by:
            answered_by[who] += 1
        for who in _whole(campaign, by):
            people[who] += 1
    now, older = {each.name: each.version for each in book.classes()}, defaultdict[str, int](int)
    for each in held:
        older[each.label] += 0 < each.label_version < now.get(each.label, 0)
    labelled = sum(_labelled(campaign, judged, task) for task in tasks)
    told = {label: count for label, count in sorted(older.items()) if count}
    return CampaignFacts(campaign, len(tasks), answered, labelled, answered_by, people, len(held), told)


def _judged(campaign: Campaign, held: Iterable[Answer]) -> Judged:
    """Which classes each person judged of each item."""
    judged: dict[Item, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for each in held:
        if each.verdict != "skipped":
            alone = campaign.exclusive and each.verdict == "yes" and each.label in campaign.classes
            judged[each.asset, each.span][each.who].update(campaign.classes if alone else (each.label,))
    return judged


def _whole(campaign: Campaign, by: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Who judged every class."""
    return tuple(sorted(who for who, classes in by.items() if classes.issuperset(campaign.classes)))


def _labelled(campaign: Campaign, judged: Judged, task: LabelTask) -> bool:
    by = judged.get((task.asset, task.span), {})
    return set[str]().union(*by.values()).issuperset(campaign.classes)
