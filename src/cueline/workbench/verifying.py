"""Verifying playlists by ear: a random sample of each, and a sheet to answer.

One class a playlist, as many entries drawn of each without putting back. Written are a playlist of each sample, and
one sheet `answers.csv` with the columns file, start, end, claimed and answer; start and end in seconds are empty where
the whole file is meant. Beside it lies `answers.json`: the seed, how large each playlist is, and which files they
were. The same playlists, number and seed give the same sample, in whatever order entries stand, and the sample of a
class does not hang on which other playlists there are. `cueline.workbench.verifying_answers` reads what was answered.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cueline.datasets.labelfiles import playlists
from cueline.datasets.labelfiles.items import LabelItem
from cueline.datasets.labelfiles.texts import defused, table_of, text_of
from cueline.errors import FormatError, OptionError
from cueline.exporters.naming import FileNames, one_line, written_whole
from cueline.stores.faults import told_plainly
from cueline.timeline.spans import Span

SHEET = "answers.csv"
COLUMNS = ("file", "start", "end", "claimed", "answer")
VERSION = 1
KIND = "cueline.verification"


class Entry(NamedTuple):
    """One entry of a playlist: a file, or a span of one."""

    file: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn of one class.

    Attributes:
        name: Of the class.
        size: How many different entries its playlists have.
        entries: The sample, in the order in which it was drawn.
        playlist: Where it was written.
    """

    name: str
    size: int
    entries: Sequence[Entry]
    playlist: Path


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn of all.

    Attributes:
        sheet: To be filled in.
        classes: One for each class, in order of the playlists.
        notes: What else must be known: entries that stand twice, lines that could not be read.
    """

    sheet: Path
    classes: Sequence[Drawn]
    notes: Sequence[str]


def draw(paths: Sequence[Path], out: Path, *, each: int = 20, seed: int = 0) -> Sample:
    """Draw a random sample of every playlist, and write playlists and a sheet to answer.

    Args:
        paths: Playlists; the class of each is its title, else its name. Two of one class are taken together.
        out: Where to write; made if it is missing.
        each: How many entries of each class at most, 1 or more.
        seed: Of the draw, 0 or more.

    Raises:
        OptionError: If `each` or `seed` cannot be, or a sheet lies in `out` already.
        FormatError: If a file is no playlist, or has no entry.
    """
    if each < 1 or seed < 0:
        raise OptionError(f"a sample has 1 entry or more, and a seed is 0 or more, got each={each}, seed={seed}")
    sheet = out / SHEET
    if sheet.exists():
        raise OptionError(f"{str(sheet)!r} is there already and may hold answers. Name another folder with --out.")
    found, notes = _entries_of(paths)
    names, classes = FileNames(".m3u8"), list[Drawn]()
    for name, entries in found.items():
        rng = np.random.default_rng(
            [seed, *hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()]
        )
        chosen = rng.permutation(len(entries))[:each].tolist()
        ordered = sorted(entries, key=lambda entry: (entry.file, entry.span or Span(-1, -1)))
        target = out / names.called(f"{name} sample")
        classes.append(Drawn(name, len(entries), [ordered[number] for number in chosen], target))
    facts = {
        "kind": KIND,
        "version": VERSION,
        "seed": seed,
        "each": each,
        "classes": [{"name": one.name, "size": one.size, "drawn": len(one.entries)} for one in classes],
        "playlists": [{"file": str(path.absolute()), "sha256": _hash(path)} for path in paths],
    }
    with told_plainly("write the sample to", out):
        for one in classes:
            _write(one.playlist, _playlist(one))
        _write(sheet.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")
        _write(sheet, table_of(COLUMNS, _rows(classes)))
    return Sample(sheet, classes, notes)


def _entries_of(paths: Sequence[Path]) -> tuple[dict[str, list[Entry]], list[str]]:
    """Different entries of each class, and what a person must know."""
    found, notes, seen = dict[str, dict[Entry, None]](), list[str](), Counter[str]()
    for path in paths:
        text = text_of(path)
        if not playlists.fits(path, text):
            raise FormatError(f"{str(path)!r} must be a playlist, .m3u or .m3u8, got {text[:40]!r}", path=path)
        read = playlists.read(path, text)
        notes += [f"{path}, {skip.where}: left out, {skip.reason}" for skip in read.skipped]
        if not read.items:
            raise FormatError(f"{str(path)!r} must list files, got none. Leave it out.", path=path)
        (name,) = read.classes
        listed = [_entry(item, path) for item in read.items]
        doubles = len(listed) - len(set(listed) - set(found.get(name, ())))
        notes += [f"{path}: {doubles} entries stand there more than once, and count once"] if doubles else []
        found.setdefault(name, {}).update(dict.fromkeys(listed))
        seen[name] += 1
    notes += [
        f"{count} playlists are of the class {name!r}, and taken together" for name, count in seen.items() if count > 1
    ]
    return {name: list(entries) for name, entries in found.items()}, notes


def _entry(item: LabelItem, playlist: Path) -> Entry:
    """An entry with the path of its file, from the root on where it lies beside its playlist."""
    file = item.clip
    if "://" not in file and not (here := Path(file)).is_absolute() and (playlist.parent / here).exists():
        file = str((playlist.parent / here).absolute())
    return Entry(file, item.span)


def _playlist(drawn: Drawn) -> str:
    """The sample as players take it: a fragment tells the span, and VLC has lines of its own for it."""
    lines = list[str]()
    for file, span in drawn.entries:
        path = Path(file)
        url = path.as_uri() if path.is_absolute() else file
        if span is None:
            lines.append(url if "\n" in file or "\r" in file else file)
        else:
            lines += [
                f"#EXTINF:{span.duration!r},{one_line(path.name)}",
                f"#EXTVLCOPT:start-time={span.start!r}",
                f"#EXTVLCOPT:stop-time={span.end!r}",
                f"{url}#t={span.start!r},{span.end!r}",
            ]
    return playlists.written(drawn.name, lines)


def _rows(classes: Iterable[Drawn]) -> Iterator[Sequence[object]]:
    for one in classes:
        for file, span in one.entries:
            times = ("", "") if span is None else (repr(span.start), repr(span.end))
            yield (defused(file), *times, defused(one.name), "")


def _write(path: Path, text: str) -> None:
    with written_whole(path, newline="") as file:
        file.write(text)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
