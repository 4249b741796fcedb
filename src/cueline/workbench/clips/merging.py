"""Several label files as one class a clip: what they say alike counts once, what they contradict is shown.

A clip is a file, or a stretch of one. A label file names it by an address, a path or a name; which file is meant is
told as everywhere in Cueline: the file's own name must fit, and of several that fit the one that shares most folders is
meant; a name that fits several is refused. A clip has one class: an item that says two at once, none, or "cannot say"
is left out and told.

Where label files contradict one another, the clip is left out and both are shown; with an order of preference, the
first of these files that says something of the clip is believed, and the contradiction is shown too. Classes are the
same however their capital letters are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cueline.datasets.labelfiles import LabelItem, read_labels
from cueline.errors import FormatError, OptionError
from cueline.ports import Placed
from cueline.timeline.assets import Location
from cueline.timeline.spans import Span
from cueline.workbench.labelling.clips import ClipNames, shared_lasts

LABEL_ENDINGS = (".json", ".csv", ".tsv", ".m3u", ".m3u8")
Key = tuple[Path, Span | None]


@dataclass(frozen=True, slots=True)
class Said:
    """What one item of a label file says of a clip.

    Attributes:
        label: The class; None where the item only denies some.
        denied: Classes that it says no to by name.
        source: The label file.
        where: The place there.
    """

    label: str | None
    denied: frozenset[str]
    source: Path
    where: str

    def __str__(self) -> str:
        """The class and its place."""
        what = self.label or f"not {' nor '.join(sorted(self.denied))}"
        return f"{what} ({self.source.name}, {self.where})"


@dataclass(frozen=True, slots=True)
class LabelledClip:
    """A clip and its class.

    Attributes:
        file: Where it lies.
        span: Which part of the file, in seconds; None where the label file does not say.
        label: Its class.
        source: The label file that says so, the first of them.
        where: The place there.
    """

    file: Path
    span: Span | None
    label: str
    source: Path
    where: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Label files that contradict one another about a clip.

    Attributes:
        file: Of the clip.
        span: Which part of it, or None.
        said: What they say.
        taken: The class that was believed; empty where the clip was left out.
    """

    file: Path
    span: Span | None
    said: tuple[Said, ...]
    taken: str = ""

    def __str__(self) -> str:
        """One line."""
        part = f" {self.span.start:g}-{self.span.end:g} s" if self.span else ""
        end = f"{self.taken} is believed" if self.taken else "left out"
        return f"{self.file.name}{part}: {'; '.join(map(str, self.said))}: {end}"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that could not be taken.

    Attributes:
        clip: What the label file calls it.
        reason: Why, with the file and the place.
    """

    clip: str
    reason: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What label files say together.

    Attributes:
        clips: One class each, in order of file and time.
        items: How many items there were.
        duplicates: How many said what another had said already.
        conflicts: What they contradict one another in.
        left_out: Items that could not be taken.
        unlabelled: How many of the files no label is about.
    """

    clips: tuple[LabelledClip, ...]
    items: int
    duplicates: int
    conflicts: tuple[Conflict, ...]
    left_out: tuple[LeftOut, ...]
    unlabelled: int = 0

    def to_json(self) -> dict[str, int]:
        """Counts, as a card keeps them."""
        return {
            "items": self.items,
            "clips": len(self.clips),
            "duplicates": self.duplicates,
            "contradictions": len(self.conflicts),
            "left_out": len(self.left_out),
        }

    def __repr__(self) -> str:
        """Counts, not contents."""
        return f"Merged({', '.join(f'{count} {name}' for name, count in self.to_json().items())})"


@dataclass(slots=True)
class _Book:
    """What is gathered while files are read."""

    said: dict[Key, list[Said]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    items: int = 0
    spelling: dict[str, str] = field(default_factory=dict)

    def refuse(self, clip: str, source: Path, where: str, reason: str) -> None:
        """Leave an item out; a reason that names its place already is told as it is."""
        place = source.name if reason.startswith(where) else f"{source.name}, {where}"
        self.left_out.append(LeftOut(clip, f"{place}: {reason}"))


def merge_labels(labels: Sequence[Path], media: Iterable[Path], *, prefer: Sequence[Path] = ()) -> Merged:
    """Read label files and match what they say with media files.

    Args:
        labels: Label files, or folders of them.
        media: The files that they may be about.
        prefer: Label files in the order in which they are believed where they contradict one another; those that are
            not named come last, and contradict one another as before.

    Raises:
        FormatError: If a label file cannot be read at all.
        OptionError: If there is no label file, or one to prefer is not among them.
    """
    sources, files = label_files(labels), list(media)
    ranks = _ranks(prefer, sources)
    names = ClipNames.of([Placed(Location(path, 0, 0), str(path)) for path in files], ())
    book = _Book()
    for source in sources:
        _read(source, names, book)
    clips, conflicts, duplicates = list[LabelledClip](), list[Conflict](), 0
    for (file, span), said in book.said.items():
        chosen = _decided(said, ranks)
        differ = _contradict(said)
        if differ:
            conflicts.append(Conflict(file, span, tuple(said), chosen.label or "" if chosen else ""))
        else:
            duplicates += max(0, sum(one.label is not None for one in said) - 1)
        if chosen is not None and chosen.label is not None:
            clips.append(LabelledClip(file, span, chosen.label, chosen.source, chosen.where))
    clips.sort(key=lambda clip: (clip.file, clip.span or Span(0.0, 0.0)))
    about = {clip.file for clip in clips} | {conflict.file for conflict in conflicts}
    unlabelled = sum(file not in about for file in files)
    return Merged(tuple(clips), book.items, duplicates, tuple(conflicts), tuple(book.left_out), unlabelled)


def label_files(paths: Sequence[Path]) -> list[Path]:
    """Label files, those of a folder in order of name.

    Raises:
        OptionError: If a path is not there, or a folder holds none.
    """
    found = list[Path]()
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() in LABEL_ENDINGS and one.is_file())
            if not inside:
                raise OptionError(f"a folder of labels holds {', '.join(LABEL_ENDINGS)}, got none in {str(path)!r}")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise OptionError(f"labels are a file or a folder of files, got nothing at {str(path)!r}")
    if not found:
        raise OptionError("name at least one label file, such as: --labels labels.json")
    return list(dict.fromkeys(found))


def _ranks(prefer: Sequence[Path], sources: Sequence[Path]) -> dict[Path, int]:
    known = {path.resolve(): path for path in sources}
    for path in prefer:
        if path.resolve() not in known:
            names = ", ".join(one.name for one in sources)
            raise OptionError(f"a label file to prefer must be among those given, {names}; got {str(path)!r}")
    return {known[path.resolve()]: rank for rank, path in enumerate(prefer)}


def _read(source: Path, names: ClipNames, book: _Book) -> None:
    found = read_labels(source)
    if found.ranges:
        raise FormatError(
            f"{str(source)!r} marks ranges in tasks of Label Studio. Bring it into a library first, with `cueline "
            "labels import`, and train on its campaign.",
            path=source,
        )
    for skip in found.skipped:
        book.refuse(skip.clip, source, skip.where, skip.reason)
    book.items += len(found.items) + len(found.skipped)
    shared = shared_lasts(item.clip for item in found.items)
    for item in found.items:
        try:
            file = names.find(item.clip, shared=shared)
        except LookupError as error:
            book.refuse(item.clip, source, item.where, str(error))
            continue
        if file is None:
            book.refuse(item.clip, source, item.where, f"no file is called {item.clip!r}.{names.near(item.clip)}")
        else:
            _take(item, Path(file), source, book)


def _take(item: LabelItem, file: Path, source: Path, book: _Book) -> None:
    yes = [name for name, verdict in item.said.items() if verdict == "yes"]
    no = [name for name, verdict in item.said.items() if verdict == "no"]
    if item.doubt or len(yes) > 1:
        why = item.doubt or f"{' and '.join(map(repr, yes))} are said at once, and a clip has one class"
        book.refuse(item.clip, source, item.where, why)
    elif not yes and not no:
        book.refuse(item.clip, source, item.where, "no class is said of it")
    else:
        label = book.spelling.setdefault(yes[0].casefold(), yes[0]) if yes else None
        denied = frozenset(book.spelling.setdefault(name.casefold(), name) for name in no)
        book.said.setdefault((file, item.span), []).append(Said(label, denied, source, item.where))


def _contradict(said: Sequence[Said]) -> bool:
    labels = {one.label for one in said if one.label is not None}
    return len(labels) > 1 or any(label in one.denied for label in labels for one in said if one.label != label)


def _decided(said: Sequence[Said], ranks: Mapping[Path, int]) -> Said | None:
    """Which item is believed; None where nobody can know."""
    pending = list(said)
    if _contradict(said):
        best = min(ranks.get(one.source, len(ranks)) for one in said)
        pending = [one for one in said if best < len(ranks) and ranks.get(one.source, len(ranks)) == best]
        if not pending or _contradict(pending):
            return None
    return next((one for one in pending if one.label is not None), None)
