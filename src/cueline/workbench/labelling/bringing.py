"""Taking label files in: each clip that was labelled is judged for every class of a campaign.

What is wrong never stops what is right: a class that nobody knows, a clip that nobody can tell from another, an item
that cannot be read is skipped and told, with its file, its place there and its reason. What contradicts itself is kept
and told:

    both      one file says yes and no of a class in a clip, or two classes where one is right: kept as "unsure"
    changed   the same person said something else before: the new answer holds, the old one stays in the book
    people    another person's answer that stands says the opposite: both are kept
    key       a key belongs to clips of two names: the name decides, and they stay apart

Bringing a file again changes nothing: an answer that stands already is counted, not added.

A class is the same however its capital letters are written. A new campaign asks about the classes that the files of one
call name and the library knows; where the library has no classes yet, all of them are made.

What is decided against what stands is kept only while it still stands; else it is decided anew, and nobody else writes
meanwhile. So of two who bring labels at once, the second sees what the first brought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cueline.datasets.labelfiles import LabelFile
from cueline.errors import CuelineError, FormatError, MediaError, OptionError
from cueline.ports import Placed
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, LabelClass, Shown
from cueline.timeline.assets import Asset
from cueline.workbench.labelling.clips import KIND, RULE, ClipNames, attach_clips
from cueline.workbench.labelling.deciding import Decided, Fresh, decided, fresh_answers
from cueline.workbench.labelling.placing import PlacedItems, Spelling, Told, placed
from cueline.workbench.labelling.ranges import read_any
from cueline.workbench.library import Library


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken in.

    Attributes:
        campaign: Its name.
        labels: Yes answers that were added.
        clips: Clips of which an answer was added.
        classes: How many classes the campaign has.
        conflicts: What contradicts something, each with file, item, clip, class, kind and reason.
        skipped: What was not taken in, each with file, item, clip, class and reason.
        judged: Answers that were added, whatever they say.
        duplicates: Items that say what stood already, in the file or before it.
        without_media: Clips of the file that are known by name alone.
        bare: What these are called.
        sources: Source videos that the clips of the file were cut from.
        rule: How the source videos are told from names.
        attached: Clips whose media had come since, and now have the answers that were given of their names.
        made: Names of the classes that were made.
        people: Who said it.
        notes: What is worth knowing besides.
    """

    campaign: str
    labels: int = 0
    clips: int = 0
    classes: int = 0
    conflicts: Sequence[Told] = ()
    skipped: Sequence[Told] = ()
    judged: int = 0
    duplicates: int = 0
    without_media: int = 0
    bare: Sequence[str] = ()
    sources: int = 0
    rule: str = RULE
    attached: int = 0
    made: Sequence[str] = ()
    people: Sequence[str] = ()
    notes: Sequence[str] = ()

    def __repr__(self) -> str:
        """Counts."""
        told = f"{len(self.conflicts)} conflicts, {len(self.skipped)} skipped"
        return f"Imported({self.labels} labels, {self.clips} clips, {self.classes} classes, {told})"


@dataclass(frozen=True, slots=True)
class How:
    """How label files are taken in.

    Attributes:
        campaign: Name of the campaign; made where there is none.
        who: Who said it, where a file does not tell; if empty, the name of the file without its ending, or the name
            of the format where the file is called after the one clip that it is about.
        form: Format of the files; told by what they hold where none is given.
        add_classes: Also make classes that nobody knows yet, and put them to the campaign.
        known_only: Skip clips that have no media in the library, in place of keeping them by name.
    """

    campaign: str = "labels"
    who: str = ""
    form: str = ""
    add_classes: bool = False
    known_only: bool = False


def import_labels(library: Library, path: Path | str, **how: Any) -> Imported:
    """Take a label file in as answers of a campaign.

    Args:
        library: Where to.
        path: The file.
        **how: The attributes of `How`.

    Raises:
        MediaError: If there is no such file.
        FormatError: If it is in none of the formats that are read.
        OptionError: If nothing says which classes a new campaign asks about.
        StoreError: If there is no library.
    """
    wish, path = How(**how), Path(path)
    stands = _Standing.of(library)
    return _taken(library, path, read_any(path, wish.form), wish, stands)


def import_files(library: Library, paths: Sequence[Path], **how: Any) -> tuple[list[Imported], list[Told]]:
    """Take several label files in; a new campaign asks about the classes of all of them.

    Args:
        library: Where to.
        paths: The files.
        **how: The attributes of `How`.

    Returns:
        What was taken in of each that could be read, and why others could not.

    Raises:
        OptionError: If there is no such format.
        StoreError: If there is no library.
    """
    wish, stands = How(**how), _Standing.of(library)
    taken, found, refused = list[Imported](), list[tuple[Path, LabelFile]](), list[Told]()
    for path in paths:
        try:
            found.append((path, read_any(path, wish.form)))
        except (FormatError, MediaError) as error:
            refused.append(_refused(path, error))
    named = tuple(dict.fromkeys(name for _, each in found for name in each.classes))
    for path, each in found:
        try:
            taken.append(_taken(library, path, each, wish, stands, named=named))
        except OptionError as error:
            refused.append(_refused(path, error))
    return taken, refused


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the library has media of.

    Attributes:
        places: Where they lie.
        assets: What they are.
    """

    places: Sequence[Placed]
    assets: Sequence[Asset]

    @classmethod
    def of(cls, library: Library) -> _Standing:
        with LibraryStore(library.path, read_only=True) as store:
            return cls(store.places(), store.assets())


def _taken(
    library: Library, path: Path, found: LabelFile, wish: How, stands: _Standing, *, named: Sequence[str] = ()
) -> Imported:
    """Take in what was read of one file; `named` are the classes of all files of the call."""
    with library.answers() as book:
        attached = attach_clips(book, stands.places, stands.assets)
        state = book.state()
        plan = _planned(book, path, found, wish, stands, named)
        with book.alone():
            if book.state() != state:
                plan = _planned(book, path, found, wish, stands, named)
            _keep(book, plan)
    items, said, fresh, asked, names = plan.items, plan.said, plan.fresh, plan.asked, plan.names
    clips = {asset for asset, _ in items.items}
    bare = {clip.asset: clip.name for clip in items.clips if clip.asset not in names.media}
    return Imported(
        wish.campaign,
        labels=sum(verdict == "yes" for _, _, verdict, _ in fresh.rows),
        clips=len({asset for (asset, _, _), *_ in fresh.rows}),
        classes=len(asked.classes) if asked else 0,
        conflicts=[*items.conflicts, *said.conflicts, *fresh.conflicts],
        skipped=[*_unread(found, path.name), *items.skipped, *said.skipped],
        judged=len(fresh.rows),
        duplicates=said.duplicates + fresh.duplicates,
        without_media=len(bare),
        bare=tuple(bare.values()),
        sources=len({clip.groups[KIND] for clip in items.clips if KIND in clip.groups}),
        attached=attached.clips,
        made=plan.made,
        people=fresh.people,
        notes=_notes(len(clips & names.gone)),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a file brings against what stands, and what of it is to be kept."""

    names: ClipNames
    items: PlacedItems
    said: Decided
    fresh: Fresh
    asked: Campaign | None
    made: tuple[str, ...]
    answers: Sequence[Answer]


def _planned(
    book: AnswerBook, path: Path, found: LabelFile, wish: How, stands: _Standing, named: Sequence[str]
) -> _Plan:
    lasts = {asset.id: asset.duration for asset in stands.assets}
    names = ClipNames.of(stands.places, book.clips())
    items = placed(found, names, lasts, file=path.name, known_only=wish.known_only)
    versions = {each.name: each.version for each in book.classes()}
    known = tuple(versions)
    there = next((each for each in book.campaigns() if each.name == wish.campaign), book.retired(wish.campaign))
    spelling = Spelling(there.classes if there else (), known)
    named = tuple(dict.fromkeys(spelling.of(name) for name in named))
    items.respell(spelling)
    asked = _asked(there, found, items, known, named or items.classes, wish)
    said = decided(items, asked, who=wish.who or _person(found, path), known=known)
    fresh = fresh_answers(book, said, items, wish.campaign)
    made = tuple(name for name in asked.classes if name not in versions) if asked and fresh.rows else ()
    return _Plan(names, items, said, fresh, asked, made, [*fresh.answers(versions | dict.fromkeys(made, 1))])


def _asked(
    there: Campaign | None, found: LabelFile, items: PlacedItems, known: Sequence[str], named: Sequence[str], wish: How
) -> Campaign | None:
    """The campaign as it shall be, not kept yet; None where the library knows none of the classes that are named.

    Raises:
        OptionError: If neither the file nor the library names a class.
    """
    if there is not None:
        more = [each for each in items.classes if each not in there.classes] if wish.add_classes else []
        return replace(there, classes=(*there.classes, *more)) if more else there
    named = named or known
    classes = tuple(named) if wish.add_classes or not known else tuple(each for each in named if each in known)
    if classes:
        shown: Shown = "audio" if found.form == "player" else "video"
        source = f"labels of {items.file}"
        return Campaign(wish.campaign, classes, exclusive=found.exclusive, shown=shown, source=source)
    if items.items and not named:
        raise OptionError(
            f"nothing tells which classes the new campaign {wish.campaign!r} asks about: {items.file!r} names none, "
            "and the library has none. Add them with `cueline classes add`"
        )
    return None


def _refused(path: Path, error: CuelineError) -> Told:
    return {"file": path.name, "item": "", "clip": "", "class": "", "reason": str(error)}


def _keep(book: AnswerBook, plan: _Plan) -> None:
    """Keep campaign, clips, answers and tasks, where there is anything new."""
    if plan.asked is not None and plan.answers:
        book.put_all([LabelClass(name) for name in plan.made])
        book.put(plan.asked)
        book.put_clips(*plan.items.clips)
        book.add(*plan.answers)
        book.add_tasks(plan.asked.name, plan.fresh.tasks())


def _person(found: LabelFile, path: Path) -> str:
    """Who said what a file does not tell of."""
    return found.form if found.items and all(item.clip == path.stem for item in found.items) else path.stem


def _unread(found: LabelFile, file: str) -> list[Told]:
    """What the reader skipped."""
    return [
        {"file": file, "item": each.where, "clip": each.clip, "class": each.name, "reason": each.reason}
        for each in found.skipped
    ]


def _notes(gone: int) -> tuple[str, ...]:
    return (f"the media of {gone} clips are not there any more; their answers are kept",) if gone else ()
