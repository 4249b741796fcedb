"""One answer at a time: what a person says of a clip, and taking it back.

Nothing is changed or deleted: to take back is to add another operation, which can be taken back itself.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from cueline.errors import OptionError, StoreError, near_miss
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, LabelClass, Verdict, taken_back
from cueline.timeline.spans import Span
from cueline.workbench.labelling.subjects import subjects
from cueline.workbench.library import Library
from cueline.workbench.opened import AnyPath


def answer(
    library: Library,
    file: AnyPath,
    label: str,
    verdict: Verdict,
    *,
    who: str,
    campaign: str = "",
    span: Span | None = None,
    shown: str = "",
) -> tuple[Answer, ...]:
    """Keep what one person says of a class in a file, a clip or a part of it.

    Where just one class of a campaign is right, a yes to it is a no to each of the others.

    Args:
        library: Where.
        file: A file or clip, by path, name, key or id.
        label: Name of the class; its last version is what the answer is about.
        verdict: "yes", "no", "unsure" or "skipped".
        who: The person.
        campaign: Name of the campaign, or empty.
        span: Which part, in seconds; None for the whole.
        shown: Fingerprint of the provenance of what a model proposed, if anything was.

    Returns:
        The answer, and those that follow from it.

    Raises:
        StoreError: If the class, the campaign or the file is unknown, or the span lies beyond the end of the file.
        OptionError: If the campaign does not ask about the class.
        TimelineError: If there is no such verdict, or nobody is named.
    """
    asset = subjects(library).find(file)
    with library.answers() as book:
        version = book.find(LabelClass, label).version
        said = Answer(asset, label, verdict, who, span, campaign, version, shown)
        given = [said, *_ruled_out(book, said)] if campaign else [said]
        book.add(*given)
        return tuple(given)


def undo(library: Library, id: str, *, who: str | None = None) -> tuple[Answer, ...]:  # noqa: A002 - what it is called everywhere
    """Take an answer back, with what followed from it; to undo an undo brings it back.

    Args:
        library: Where.
        id: Of the answer.
        who: Who takes it back; the person who gave it where nobody is named.

    Returns:
        The operations that take back, of which the first takes back the answer itself.

    Raises:
        StoreError: If no answer has that id.
        OptionError: If it is taken back already, or the name of the person is empty.
    """
    if who is not None:
        must_name(who)
    with library.answers() as book:
        said = book.answer(id)
        if said is None:
            raise StoreError(f"the library {str(library.path)!r} holds no answer with the id {id!r}", path=library.path)
        history = book.answers(asset=said.asset)
        undone = taken_back(history)
        if id in undone:
            by = next(each.id for each in reversed(history) if each.undoes == id and each.id not in undone)
            raise OptionError(f"answer {id} is taken back already; to bring it back, undo {by}")
        following = [each for each in history if each.id == _following(id, each.label) and each.id not in undone]
        back = [
            Answer(each.asset, each.label, each.verdict, who or each.who, each.span, each.campaign, undoes=each.id)
            for each in (said, *following)
        ]
        tied = [back[0], *(replace(each, id=_following(back[0].id, each.label)) for each in back[1:])]
        book.add(*tied)
        return tuple(tied)


def must_name(who: str) -> None:
    """Refuse a name that names nobody.

    Raises:
        OptionError: If it is empty, or spaces alone.
    """
    if not who.strip():
        raise OptionError(f"a person has a name, got {who!r}. Say who it is, or leave it out.")


def missing_media(library: Library, asset: str) -> Path | None:
    """Where the media of an asset lay that are not there any more; None where they are, or nobody ever had them."""
    with LibraryStore(library.path, read_only=True) as store:
        paths = [placed.location.path for placed in store.places() if placed.asset == asset]
    return paths[0] if paths and not any(map(os.path.lexists, paths)) else None


def _ruled_out(book: AnswerBook, said: Answer) -> list[Answer]:
    """The noes that follow from a yes where just one class is right."""
    campaign = book.find(Campaign, said.campaign)
    if said.label not in campaign.classes:
        raise OptionError(
            f"the campaign {campaign.name!r} asks about {', '.join(campaign.classes)}, got {said.label!r}."
            f"{near_miss(said.label, campaign.classes)}"
        )
    if not campaign.exclusive or said.verdict != "yes":
        return []
    versions = {each.name: each.version for each in book.classes()}
    others = [label for label in campaign.classes if label != said.label]
    return [
        replace(said, label=name, verdict="no", label_version=versions[name], id=_following(said.id, name))
        for name in others
    ]


def _following(id: str, label: str) -> str:  # noqa: A002 - what it is called everywhere
    """The id of what follows from an answer, which is found again by it."""
    return uuid5(NAMESPACE_OID, f"{id} decides {label}").hex
