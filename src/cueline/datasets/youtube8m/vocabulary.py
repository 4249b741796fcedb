"""The vocabulary of YouTube-8M: what each class is called, what it is about, and where to read more.

A CSV with the columns of `COLUMNS`. The published file is not in the order of its indexes, and 56 of its 3,862 classes
have no name. Every class has one name here, different from all others: a class without a name goes by its knowledge
graph id, and where a name stands several times, each has its knowledge graph id behind it in parentheses.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from cueline.datasets.youtube8m.files import UNREADABLE, opened
from cueline.errors import FormatError, OptionError, near_miss

COLUMNS = (
    *("Index", "TrainVideoCount", "KnowledgeGraphId", "Name", "WikiUrl"),
    *("Vertical1", "Vertical2", "Vertical3", "WikiDescription"),
)
_VERTICALS = COLUMNS[5:8]


@dataclass(frozen=True, slots=True)
class VocabularyClass:
    """One class.

    Attributes:
        index: Its number.
        name: What it is called; no other class is called the same.
        knowledge_graph_id: Such as "/m/03bt1gh".
        url: An article about it, or empty.
        verticals: One to three areas, the main one first.
        train_videos: How many videos of the whole training set have it.
        description: What the article begins with, or empty.
    """

    index: int
    name: str
    knowledge_graph_id: str
    url: str
    verticals: tuple[str, ...]
    train_videos: int
    description: str


@dataclass(frozen=True)
class Vocabulary:
    """All classes, by number.

    Attributes:
        entries: One a class, in the order of their numbers.
        path: Where it was read from.
    """

    entries: tuple[VocabularyClass, ...]
    path: Path

    def __len__(self) -> int:
        """How many classes there are."""
        return len(self.entries)

    def __getitem__(self, index: int) -> VocabularyClass:
        """One class."""
        return self.entries[index]

    def __iter__(self) -> Iterator[VocabularyClass]:
        """All classes."""
        return iter(self.entries)

    def __repr__(self) -> str:
        """How many, not which."""
        return f"Vocabulary({len(self)} classes, '{self.path}')"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each class is called."""
        return tuple(entry.name for entry in self.entries)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        known = {entry.name.casefold(): entry.index for entry in reversed(self.entries)}
        return known | {entry.knowledge_graph_id: entry.index for entry in self.entries}

    def find(self, name: str) -> VocabularyClass:
        """The class that is called so, in small or capital letters, or has this knowledge graph id.

        Raises:
            OptionError: If there is none; the message says which name is like it.
        """
        number = self._numbers.get(name, self._numbers.get(name.strip().casefold()))
        if number is None:
            raise OptionError(f"no class is called {name!r}.{near_miss(name, self.names)}")
        return self.entries[number]

    def matching(self, width: int) -> Vocabulary:
        """Itself, where it has as many classes as the labels or scores at hand.

        Raises:
            FormatError: If it has not.
        """
        if len(self) != width:
            raise FormatError(
                f"a vocabulary must have the {width} classes of the labels, got {len(self)} in '{self.path}'",
                path=self.path,
            )
        return self


def read_vocabulary(path: str | Path) -> Vocabulary:
    """A vocabulary from its CSV, plain or gzip.

    Raises:
        FormatError: If columns are missing, a number is none, or the indexes are not 0 to C - 1.
    """
    path = Path(path)
    with opened(path) as stream:
        reader = csv.DictReader(io.TextIOWrapper(stream, encoding="utf-8-sig", newline=""))
        try:
            entries = _entries(reader)
        except (csv.Error, UnicodeDecodeError, *UNREADABLE) as error:
            raise FormatError(f"{error} near line {reader.line_num} of '{path}'", path=path) from error
        except FormatError as error:
            raise FormatError(f"{error} in '{path}'", path=path) from error
    entries.sort(key=lambda entry: entry.index)
    for number, entry in enumerate(entries):
        if entry.index != number:
            raise FormatError(f"indexes must be 0 to {len(entries) - 1}, got no {number} in '{path}'", path=path)
    if not entries:
        raise FormatError(f"a vocabulary must have one class or more, got none in '{path}'", path=path)
    return Vocabulary(_named(entries), path)


def _entries(reader: csv.DictReader[str]) -> list[VocabularyClass]:
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise FormatError(f"a vocabulary needs the columns {', '.join(missing)} too")
    return [_entry(row, reader.line_num) for row in reader]


def _entry(row: Mapping[Any, Any], line: int) -> VocabularyClass:
    if None in row or None in row.values():
        raise FormatError(f"a row must have {len(COLUMNS)} fields, got another number in line {line}")
    text = {column: (row[column] or "").strip() for column in COLUMNS}
    for column in ("Index", "TrainVideoCount"):
        if not (text[column].isascii() and text[column].isdecimal() and len(text[column]) < 10):
            raise FormatError(f"{column} must be a whole number, got {text[column]!r} in line {line}")
    return VocabularyClass(
        index=int(text["Index"]),
        name=text["Name"],
        knowledge_graph_id=text["KnowledgeGraphId"],
        url=text["WikiUrl"],
        verticals=tuple(text[column] for column in _VERTICALS if text[column]),
        train_videos=int(text["TrainVideoCount"]),
        description=text["WikiDescription"],
    )


def _named(entries: list[VocabularyClass]) -> tuple[VocabularyClass, ...]:
    """With one name each: the rule of the module."""
    times = Counter(entry.name for entry in entries)
    taken: set[str] = set()
    named = []
    for entry in entries:
        name = entry.name if times[entry.name] == 1 else f"{entry.name} ({entry.knowledge_graph_id})"
        if not entry.name:
            name = entry.knowledge_graph_id or f"class {entry.index}"
        while name in taken:
            name += f" #{entry.index}"
        taken.add(name)
        named.append(replace(entry, name=name))
    return tuple(named)
