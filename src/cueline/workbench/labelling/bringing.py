"""Taking label files in: each clip that was labelled is judged for every class of a campaign.

What is wrong never stops what is right: a class that nobody knows, a clip that nobody can tell from another, an item
that cannot be read is skipped and told, with its file, its place there and its reason. What contradicts itself is kept
and told:

    both      one file says yes and no of a class in a clip, or two classes where one is right: kept as "unsure"
    changed   the same person said something else before: the new answer holds, the old one stays in the book
    people    another person's answer that stands says the opposite: both are kept
    key       a key belongs to clips of two names: within a file it is one clip, else the name decides

Bringing a file again changes nothing: an answer that stands already is counted, not added.

A new campaign asks about the classes that the file names and the library knows; where the library has no classes yet,
all of them are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cueline.datasets.labelfiles import LabelFile
from cueline.errors import OptionError
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Campaign, LabelClass, Shown
from cueline.workbench.labelling.clips import KIND, RULE, ClipNames, attach_clips
from cueline.workbench.labelling.deciding import Fresh, decided, fresh_answers
from cueline.workbench.labelling.placing import PlacedItems, Told, placed
from cueline.workbench.labelling.ranges import read_any
from cueline.workbench.library import Library
from cueline.workbench.opened import is_library


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


def import_labels(
    library: Library,
    path: Path | str,
    *,
    campaign: str = "labels",
    who: str = "",
    form: str = "",
    add_classes: bool = False,
    known_only: bool = False,
) -> Imported:
    """Take a label file in as answers of a campaign.

    Args:
        library: Where to.
        path: The file.
        campaign: Name of the campaign; made where there is none.
        who: Who said it, where the file does not tell; if empty, the name of the file without its ending, or the name
            of the format where the file is called after the one clip that it is about.
        form: Format of the file; told by what it holds where none is given.
        add_classes: Also make classes that nobody knows yet, and put them to the campaign.
        known_only: Skip clips that the library does not know, in place of keeping them by name.

    Raises:
        MediaError: If there is no such file.
        FormatError: If it is in none of the formats that are read.
        OptionError: If nothing says which classes a new campaign asks about.
        StoreError: If there is no library.
    """
    path = Path(path)
    found = read_any(path, form)
    if not is_library(library.path):
        LibraryStore(library.path, create=True).close()
    with LibraryStore(library.path, read_only=True) as store:
        places, assets = store.places(), store.assets()
    with library.answers() as book:
        attached = attach_clips(book, places, assets)
        names = ClipNames.of(places, book.clips())
        lasts = {asset.id: asset.duration for asset in assets}
        items = placed(found, names, lasts, file=path.name, known_only=known_only)
        asked = _asked(book, found, items, campaign, add_classes=add_classes)
        said = decided(items, asked, who=who or _person(found, path), known=_class_names(book))
        fresh = fresh_answers(book, said, items, campaign)
        made = _keep(book, asked, items, fresh) if asked and fresh.rows else ()
    clips = {asset for asset, _ in items.items}
    return Imported(
        campaign,
        labels=sum(verdict == "yes" for _, _, verdict, _ in fresh.rows),
        clips=len({asset for (asset, _, _), *_ in fresh.rows}),
        classes=len(asked.classes) if asked else 0,
        conflicts=[*items.conflicts, *said.conflicts, *fresh.conflicts],
        skipped=[*_unread(found, path.name), *items.skipped, *said.skipped],
        judged=len(fresh.rows),
        duplicates=said.duplicates + fresh.duplicates,
        without_media=len(clips - names.media),
        sources=len({clip.groups[KIND] for clip in items.clips if KIND in clip.groups}),
        attached=attached.clips,
        made=made,
        people=fresh.people,
        notes=_notes(len(clips & names.gone)),
    )


def _asked(book: AnswerBook, found: LabelFile, items: PlacedItems, name: str, *, add_classes: bool) -> Campaign | None:
    """The campaign as it shall be, not kept yet; None where the library knows none of the classes that are named.

    Raises:
        OptionError: If neither the file nor the library names a class.
    """
    known, named = _class_names(book), items.classes
    there = next((each for each in book.campaigns() if each.name == name), None)
    if there is not None:
        more = [each for each in named if each not in there.classes] if add_classes else []
        return replace(there, classes=(*there.classes, *more)) if more else there
    if not named:
        named = known
    classes = named if add_classes or not known else tuple(each for each in named if each in known)
    if classes:
        shown: Shown = "audio" if found.form == "player" else "video"
        source = f"labels of {items.file}"
        return Campaign(name, classes, exclusive=found.exclusive, shown=shown, source=source)
    if items.items and not named:
        raise OptionError(
            f"nothing tells which classes the new campaign {name!r} asks about: {items.file!r} names none, and the "
            "library has none. Add them with `cueline classes add`"
        )
    return None


def _keep(book: AnswerBook, asked: Campaign, items: PlacedItems, fresh: Fresh) -> tuple[str, ...]:
    """Keep campaign, clips, answers and tasks; the names of the classes that were made for it."""
    known = set(_class_names(book))
    made = tuple(name for name in asked.classes if name not in known)
    book.put_all([LabelClass(name) for name in made])
    book.put(asked)
    book.put_clips(*items.clips)
    book.add(*fresh.answers({each.name: each.version for each in book.classes()}))
    book.add_tasks(asked.name, fresh.tasks())
    return made


def _person(found: LabelFile, path: Path) -> str:
    """Who said what a file does not tell of."""
    return found.form if found.items and all(item.clip == path.stem for item in found.items) else path.stem


def _class_names(book: AnswerBook) -> tuple[str, ...]:
    return tuple(each.name for each in book.classes())


def _unread(found: LabelFile, file: str) -> list[Told]:
    """What the reader skipped."""
    return [
        {"file": file, "item": each.where, "clip": each.clip, "class": each.name, "reason": each.reason}
        for each in found.skipped
    ]


def _notes(gone: int) -> tuple[str, ...]:
    return (f"the media of {gone} clips are not there any more; their answers are kept",) if gone else ()
