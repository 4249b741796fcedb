"""Classes of a library: added, edited, listed, and read from or written to the files that teams keep them in.

A class file is JSON, `[{"class": "holiday", "definition": "...", "primary": 1, "excluded": []}]`, or CSV with the
columns name, definition, primary, excluded; only the name must be there. An edit makes a new version: what people
answered before was about the words that they saw, and stays so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cueline.errors import OptionError
from cueline.stores.answers import AnswerBook
from cueline.timeline.answers import LabelClass
from cueline.workbench.labelling.class_files import (
    ClassForm,
    form_of,
    new_name,
    read_classes,
    same_name,
    write_classes,
)
from cueline.workbench.library import Library


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class, and how many answers about it hold.

    Attributes:
        value: Its last version.
        answers: By the version that people saw, from 1; 0 where nobody knows which.
    """

    value: LabelClass
    answers: Mapping[int, int]

    @property
    def total(self) -> int:
        """Answers that hold, about any version."""
        return sum(self.answers.values())

    @property
    def older(self) -> Mapping[int, int]:
        """Answers about versions that were edited since."""
        return {version: count for version, count in self.answers.items() if 0 < version < self.value.version}

    def about_older(self) -> list[str]:
        """A line for each older version that people answered about.

        Example:
            >>> ClassFacts(LabelClass("dog", version=2), {1: 312, 2: 5}).about_older()
            ["312 answers are about version 1 of 2 of 'dog'"]
        """
        of = f"of {self.value.version} of {self.value.name!r}"
        return [
            f"{count} {'answer is' if count == 1 else 'answers are'} about version {version} {of}"
            for version, count in self.older.items()
        ]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file of classes.

    Attributes:
        added: Names of classes that are new.
        edited: Names of classes that became a new version.
        same: How many were there already, or twice in the file, word for word.
        skipped: Why others were left out, with the place in the file.
        ignored: What else the file says of classes, such as "color", which is not kept.
    """

    added: Sequence[str]
    edited: Sequence[str]
    same: int
    skipped: Sequence[str]
    ignored: Sequence[str] = ()


def add_class(
    library: Library, name: str, definition: str = "", *, primary: bool = True, excluded: Sequence[str] = ()
) -> LabelClass:
    """Add a class; one that is there and says the same is given as it is.

    Raises:
        OptionError: If another class has that name, or one that differs in case or spaces alone; or if the name is new
            and too long, or holds a comma or a control character.
    """
    with library.answers() as book:
        known = any(each.name == name for each in book.classes())
        made = LabelClass(name if known or not name.strip() else new_name(name), definition, primary, tuple(excluded))
        there = _like(book.classes(), made.name)
        if there is not None and replace(there, version=0) != made:
            raise OptionError(
                f"each class has a name of its own, got {name!r}, and there is {there.name!r} already. Edit that one, "
                "or choose another name."
            )
        return there or book.put(made)


def edit_class(
    library: Library,
    name: str,
    *,
    definition: str | None = None,
    primary: bool | None = None,
    excluded: Sequence[str] | None = None,
) -> ClassFacts:
    """Make the next version of a class; what is None stays as it is.

    Returns:
        The class as it is now, and how many answers are about each version.

    Raises:
        StoreError: If there is no such class.
    """
    with library.answers() as book:
        before = book.find(LabelClass, name)
        after = LabelClass(
            name,
            before.definition if definition is None else definition,
            before.primary if primary is None else primary,
            before.excluded if excluded is None else tuple(excluded),
        )
        return ClassFacts(book.put(after), book.judged_versions().get(name, {}))


def list_classes(library: Library) -> list[ClassFacts]:
    """Every class in its last version, by name, and how many answers are about each version."""
    with AnswerBook(library.path, read_only=True) as book:
        judged = book.judged_versions()
        return [ClassFacts(each, judged.get(each.name, {})) for each in book.classes()]


def import_classes(library: Library, path: Path) -> Imported:
    """Take the classes of a file: those that are new are added, those that say something else are edited.

    Args:
        library: Where they are kept.
        path: A class file, JSON or CSV; see the module.

    Returns:
        What became of each.

    Raises:
        FormatError: If it is no class file.
    """
    with library.answers() as book:
        known = book.classes()
        found = read_classes(path, known={each.name for each in known})
        skipped, fitting = list(found.skipped), list[LabelClass]()
        for place, value in found.classes:
            there = _like(known, value.name)
            if there is not None and there.name != value.name:
                skipped.append(
                    f"{place}: class {value.name!r} is {there.name!r} in the library; two names that differ in case or "
                    "spaces alone cannot be told apart. Give it the same name, or another one"
                )
            else:
                fitting.append(value)
        kept = book.put_all(fitting)
    before = {each.name: each.version for each in known}
    edited = [each.name for each in kept if before.get(each.name, each.version) < each.version]
    added = [each.name for each in kept if each.name not in before]
    return Imported(added, edited, found.repeated + len(kept) - len(added) - len(edited), skipped, found.ignored)


def export_classes(library: Library, path: Path, *, form: ClassForm | None = None) -> int:
    """Write the last version of every class; `import_classes` reads it back.

    Args:
        library: Whose classes.
        path: The file, written anew.
        form: "json" or "csv"; what its ending says where none is given.

    Returns:
        How many classes.
    """
    chosen = form or form_of(path)
    with AnswerBook(library.path, read_only=True) as book:
        classes = book.classes()
    write_classes(path, classes, form=chosen)
    return len(classes)


def _like(classes: Sequence[LabelClass], name: str) -> LabelClass | None:
    """The class of that name, or else one that people would take for it."""
    alike = [each for each in classes if same_name(each.name) == same_name(name)]
    return next((each for each in alike if each.name == name), alike[0] if alike else None)
