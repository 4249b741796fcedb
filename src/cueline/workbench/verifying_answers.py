"""What people heard in samples of playlists: how many are right, how sure that is, and what it says of them all.

A sheet is that of `cueline.workbench.verifying`, filled in. An answer is yes or no (y, n, 1, 0, right, wrong), or the
class that is truly there, in full or as D, M or B; case does not matter. Empty means not listened to, `?` that nobody
can say: both are counted apart. What cannot be read is listed, and not counted.

Two sheets may be of one sample: where they agree it counts once, where one says right and one wrong it is listed and
not counted. Sheets of different draws of the same playlists are taken together.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cueline.datasets.labelfiles.player import word_of
from cueline.datasets.labelfiles.texts import fused, heading_of, json_of, rows_of, text_of
from cueline.errors import CuelineError, FormatError, near_miss
from cueline.evaluation.proportions import stratified_proportion, wilson_interval
from cueline.evaluation.summaries import Interval
from cueline.timeline.spans import Span
from cueline.timeline.timecode import parse_time
from cueline.workbench.verifying import COLUMNS, KIND, VERSION, Entry

_YES = frozenset(("y", "yes", "1", "true", "right", "correct", "ok"))
_NO = frozenset(("n", "no", "0", "false", "wrong"))
_UNSURE = frozenset(("?", "unsure", "cannot say"))

Kind = Literal["right", "wrong", "unsure", "empty", "unread"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What people heard in the sample of one class.

    Attributes:
        name: Of the class.
        size: How many entries its playlists have; 0 where nobody knows.
        drawn: How many were to be judged.
        judged: How many were.
        right: How many of those are of the class.
        unanswered: How many have no answer.
        unsure: Of how many nobody can say it, and those about which two sheets disagree.
        unread: How many answers could not be read.
        share: Right of judged.
        instead: What the others truly are, where somebody said it: class to count.
    """

    name: str
    size: int
    drawn: int
    judged: int
    right: int
    unanswered: int
    unsure: int
    unread: int
    share: Interval
    instead: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """What people heard in all samples.

    Attributes:
        classes: One for each class.
        whole: Share of all entries of all playlists that is right, each playlist weighted by its size.
        unread: Answers that could not be read: sheet and line, and why.
        notes: What else must be known.
    """

    classes: Sequence[Judged]
    whole: Interval
    unread: Sequence[tuple[str, str]]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a sheet."""

    where: str
    claimed: str
    entry: Entry
    text: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a line says, as one of five kinds; the true class or the fault in words."""

    where: str
    kind: Kind
    truly: str = ""
    fault: str = ""


def judge(sheets: Sequence[Path], *, known: Sequence[str] = (), level: float = 0.95) -> Verification:
    """Count what people answered.

    Args:
        sheets: Filled in, each with its `.json` beside it, which knows the sizes of the playlists.
        known: More classes that an answer may name, beside those that were claimed.
        level: Of the intervals.

    Raises:
        FormatError: If a file is no such sheet, or two are of different playlists.
        TimelineError: If the level cannot be.
    """
    unread, lines = list[tuple[str, str]](), list[_Line]()
    for sheet in sheets:
        lines += _lines(sheet, unread)
    names = {name.casefold(): name for name in [*known, *(line.claimed for line in lines)]}
    answers = defaultdict[tuple[str, Entry], list[_Answer]](list)
    for line in lines:
        answers[line.claimed, line.entry].append(_answer(line, names))
    unread += [(one.where, one.fault) for given in answers.values() for one in given if one.fault]
    notes = list[str]()
    sizes = _sizes(sheets, notes)
    for (_, entry), given in answers.items():
        if {"right", "wrong"} <= {one.kind for one in given}:
            where = " and ".join(one.where for one in given if one.kind in ("right", "wrong"))
            notes.append(f"{where} disagree about {entry.file!r}, which is not counted")
    classes = [
        _judged(name, [given for (claimed, _), given in answers.items() if claimed == name], sizes.get(name, 0), level)
        for name in dict.fromkeys(claimed for claimed, _ in answers)
    ]
    return Verification(classes, _whole(classes, level), unread, notes)


def _judged(name: str, answers: Sequence[Sequence[_Answer]], size: int, level: float) -> Judged:
    kinds = Counter(_kind(given) for given in answers)
    right, judged = kinds["right"], kinds["right"] + kinds["wrong"]
    truly = Counter(next((one.truly for one in given if one.truly), "") for given in answers if _kind(given) == "wrong")
    truly.pop("", None)
    size = size if size >= len(answers) else 0  # a sheet that was added to by hand is not a sample of the playlists
    share = wilson_interval(right, judged, population=size or None, level=level)
    return Judged(
        name, size, len(answers), judged, right, kinds["empty"], kinds["unsure"], kinds["unread"], share, dict(truly)
    )


def _kind(given: Sequence[_Answer]) -> Kind:
    """What all that was said of one entry comes to."""
    kinds = {one.kind for one in given}
    if {"right", "wrong"} <= kinds:
        return "unsure"
    order: tuple[Kind, ...] = ("right", "wrong", "unread", "unsure", "empty")
    return next(kind for kind in order if kind in kinds)


def _whole(classes: Sequence[Judged], level: float) -> Interval:
    if not classes or not all(one.size for one in classes):
        return Interval(math.nan, level=level, note="the size of a playlist is not known")
    counts = ([one.right for one in classes], [one.judged for one in classes], [one.size for one in classes])
    return stratified_proportion(*counts, level=level)


def _answer(line: _Line, names: Mapping[str, str]) -> _Answer:
    said = line.text.casefold()
    if not said:
        return _Answer(line.where, "empty")
    if said in _UNSURE:
        return _Answer(line.where, "unsure")
    meant = (word_of(said) or "").casefold()
    truly = names.get(said) or names.get(meant)
    if truly is not None:
        return _Answer(line.where, "right" if truly.casefold() == line.claimed.casefold() else "wrong", truly)
    if said in _YES or said in _NO:
        return _Answer(line.where, "right" if said in _YES else "wrong")
    classes = list(dict.fromkeys(names.values()))
    fault = f"an answer is yes, no, ? or one of {', '.join(classes)}, got {line.text!r}.{near_miss(line.text, classes)}"
    return _Answer(line.where, "unread", fault=fault)


def _lines(sheet: Path, unread: list[tuple[str, str]]) -> Iterator[_Line]:
    """The lines of a sheet; those that cannot be read go to `unread`.

    Raises:
        FormatError: If a column is missing.
    """
    text = text_of(sheet)
    heading = [name.casefold() for name in heading_of(text)[0]]
    missing = [name for name in COLUMNS if name not in heading]
    if missing:
        raise FormatError(
            f"{str(sheet)!r} must have the columns {', '.join(COLUMNS)}, got {', '.join(heading) or 'none'}. Is it the "
            "sheet that `cueline verify draw` wrote?",
            path=sheet,
        )
    places = [heading.index(name) for name in COLUMNS]
    for number, cells, fault in rows_of(text):
        where = f"{sheet} line {number}"
        if fault:
            unread.append((where, fault))
            continue
        file, start, end, claimed, answer = (fused(cells[place].strip()) for place in places)
        try:
            span = _span(start, end)
        except CuelineError as error:
            unread.append((where, str(error)))
            continue
        if file and claimed:
            yield _Line(where, claimed, Entry(file, span), answer)
        else:
            unread.append((where, "a line must name a file and the class that was claimed; one of them is empty"))


def _span(start: str, end: str) -> Span | None:
    """A span from two cells; a spreadsheet may have written its points as commas."""
    return Span(parse_time(start.replace(",", ".")), parse_time(end.replace(",", "."))) if start or end else None


def _sizes(sheets: Sequence[Path], notes: list[str]) -> dict[str, int]:
    """How large the playlist of each class is.

    Raises:
        FormatError: If a file beside a sheet is something else, or two sheets know different sizes.
    """
    sizes = dict[str, int]()
    for sheet in sheets:
        beside = sheet.with_suffix(".json")
        if not beside.exists():
            notes.append(f"{str(beside)!r} is not there, so nobody knows how large the playlists of {str(sheet)!r} are")
            continue
        value = json_of(beside, text_of(beside))
        if not isinstance(value, dict) or value.get("kind") != KIND or value.get("version") != VERSION:
            raise FormatError(
                f"{str(beside)!r} must be what `cueline verify draw` wrote, got something else. A sheet and its "
                "JSON have one name but for the ending: rename both, or neither.",
                path=beside,
            )
        for one in value["classes"]:
            if sizes.setdefault(one["name"], one["size"]) != one["size"]:
                raise FormatError(
                    f"sheets must be of the same playlists, got {one['name']!r} with {sizes[one['name']]} entries and, "
                    f"in {str(sheet)!r}, with {one['size']}. Read them apart.",
                    path=sheet,
                )
    return sizes
