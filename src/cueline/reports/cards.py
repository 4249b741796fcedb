"""What the library's page shows of each file, and all of it packed for the script that searches."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cueline.reports.drawing import rhythm
from cueline.reports.facts import FileFacts, Problem
from cueline.reports.findings import TEXTS, Findings
from cueline.reports.loudness import loudness_words
from cueline.reports.waveform import silhouette
from cueline.reports.words import duration_words, legible, media_words, size_words

FAILED, MISSING, WAITING = 1, 2, 4  # what a file's state is made of; 0 is done
VIDEO, SOUND = 1, 2  # what it has
MOST_CLASSES = 200  # of a track that can be chosen by; names beyond are text, not classes


@dataclass(frozen=True, slots=True)
class Card:
    """One file on the library's page.

    Attributes:
        facts: Which, and how it is doing.
        problems: What of its tracks and pictures could not be read.
        pictures: Addresses of its pictures.
        wave: Silhouette of its sound, in letters; empty where there are pictures, or no peaks.
        rhythm: Columns in which shots begin, of 240.
        shots: How many; None where nobody looked.
        median: Median shot in seconds, NaN of none.
        figures: Length, shots, loudness and size in words.
        notes: What is worth knowing, a line each.
        warnings: What is wrong, a line each.
        tracks: Names of its tracks.
        classes: Names found in its label tracks.
        words: Words of its subtitles and notes, each once.
    """

    facts: FileFacts
    problems: tuple[Problem, ...]
    pictures: tuple[str, ...]
    wave: str
    rhythm: tuple[int, ...]
    shots: int | None
    median: float
    figures: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    tracks: tuple[str, ...]
    classes: tuple[str, ...]
    words: str

    @property
    def state(self) -> int:
        """Bits of FAILED, MISSING and WAITING; 0 is done."""
        file = self.facts
        failed = bool(file.failures or self.problems)
        return FAILED * failed | MISSING * file.missing | WAITING * (not (file.analysed or failed))

    @property
    def has(self) -> int:
        """Bits of VIDEO and SOUND."""
        asset = self.facts.asset
        return VIDEO * (asset.stream("video") is not None) | SOUND * (asset.stream("audio") is not None)

    @property
    def nothing_to_see(self) -> str:
        """What stands where pictures would."""
        if self.facts.broken:
            return "Nothing to show"
        return ("No picture, no sound", "No picture taken", "Sound only", "No picture taken")[self.has]


def card(
    file: FileFacts, found: Findings, pictures: tuple[str, ...], *, problems: tuple[Problem, ...], word_bytes: int
) -> Card:
    """Tell of one file.

    Args:
        file: Which.
        found: Its tracks.
        pictures: Addresses of its pictures.
        problems: What of its tracks and pictures could not be read.
        word_bytes: Most bytes of words of subtitles and notes; those that come first are kept.
    """
    shots, peaks = found.shots, found.sound("peaks")
    return Card(
        facts=file,
        problems=problems,
        pictures=pictures,
        wave="" if pictures or peaks is None else silhouette(peaks),
        rhythm=() if shots is None else rhythm(shots.spans, file.asset.duration),
        shots=None if shots is None else len(shots),
        median=found.median_shot,
        figures=tuple(_figures(file, found)),
        notes=tuple(_notes(file)),
        warnings=tuple(_warnings(file, problems)),
        tracks=tuple(sorted(map(legible, found.tracks))),
        classes=tuple(sorted({legible(name) for name in _classes(found)})),
        words=" ".join(_words(found, word_bytes)),
    )


def packed(cards: Sequence[Card], *, drawn: bool) -> dict[str, Any]:
    """All cards as plain lists; what many files share is told once.

    Args:
        cards: In order.
        drawn: Whether the page holds the cards already, so that the script needs nothing to draw them.

    Returns:
        `rows`, one a file, in the order of `FIELDS`; `texts`, which rows name by number; `sets`, which rows name by
        number, of numbers of texts.
    """
    texts, sets = _Once(), _Once()

    def together(names: Iterable[str]) -> int:
        return sets.number(tuple(texts.number(name) for name in names))

    rows = [_row(each, texts.number, together, drawn=drawn) for each in cards]
    return {"fields": FIELDS, "rows": rows, "texts": list(texts.numbers), "sets": list(sets.numbers)}


FIELDS = (
    *("key", "name", "folder", "also", "media", "state", "has", "seconds", "shots", "median"),
    *("tracks", "classes", "groups", "notes", "warnings", "words", "figures", "rhythm", "wave", "pictures", "nothing"),
)


def _row(each: Card, text: Callable[[str], int], together: Callable[[Iterable[str]], int], *, drawn: bool) -> list[Any]:
    file = each.facts
    groups = file.asset.groups.items()
    row = [
        *(file.key, file.name, text(file.folder), " ".join(file.copies), text(media_words(file.asset))),
        *(each.state, each.has, round(file.seconds or 0.0, 1), each.shots or 0),
        0 if math.isnan(each.median) else round(each.median, 2),
        *(together(each.tracks), together(each.classes)),
        together(f"{legible(kind)}: {legible(name)}" for kind, name in groups),
        *(together(each.notes), together(each.warnings), each.words),
    ]
    if drawn:
        return row
    seen = len(each.pictures)
    return [
        *(*row, " · ".join(each.figures), _letters(each.rhythm), each.wave, seen),
        text("" if seen or each.wave else each.nothing_to_see),
    ]


class _Once:
    """Values and their numbers, from 0 in order of arrival."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        return self.numbers.setdefault(value, len(self.numbers))


def _letters(columns: tuple[int, ...], most: int = 240) -> str:
    """Columns as bits, the first column the highest: 60 hexadecimal digits, or nothing."""
    bits = sum(1 << (most - 1 - column) for column in columns)
    return f"{bits:0{most // 4}x}" if columns else ""


def _figures(file: FileFacts, found: Findings) -> Iterable[str]:
    if file.seconds is not None:
        yield duration_words(file.seconds)
    if found.shots is not None:
        count = len(found.shots)
        yield f"{count:,} shot{'' if count == 1 else 's'}"
        if count > 1:
            yield f"median {duration_words(found.median_shot)}"
    loudness = found.sound("loudness")
    if loudness is not None:
        yield loudness_words(loudness).split(",")[0]
    yield size_words(file.size_bytes)


def _notes(file: FileFacts) -> Iterable[str]:
    if file.copies:
        more = len(file.copies) - 2
        yield f"Also at {', '.join(file.copies[:2])}" + (f" and {more} more" if more > 0 else "")
    yield from file.remarks
    if not file.analysed and not file.failures:
        yield "Not analysed yet"


def _warnings(file: FileFacts, problems: Iterable[Problem]) -> Iterable[str]:
    if file.broken:
        yield "Could not be read"
    elif what := [problem.what for problem in (*file.failures, *problems)]:
        yield ", ".join(what)
    if file.missing:
        yield "Not there any more"


def _classes(found: Findings) -> Iterable[str]:
    for name, track in found.labels.items():
        if name not in TEXTS and len(track.classes) <= MOST_CLASSES:
            yield from track.names


def _words(found: Findings, most_bytes: int) -> Iterable[str]:
    """Words in order of time, each once, as long as they fit."""
    seen, left = set(), most_bytes
    for name in TEXTS:
        for line in found.labels[name].names if name in found.labels else ():
            for word in re.findall(r"\w+", legible(line).casefold()):
                if word not in seen:
                    seen.add(word)
                    left -= len(word.encode()) + 1
                    if left < 0:
                        return
                    yield word
