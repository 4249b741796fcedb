"""Which asset a clip of a label file is, which source video it was cut from, and what follows when its media come.

A clip is known by the id of its asset, by the whole name it had before, by its key (an etag) together with its name, or
by the last parts of its path: the file's own name must fit, and of several that fit, the one that shares most folders
is meant. A name that fits two assets is no answer. Where several clips of one file have the same last part, folders
decide, and a last part alone does not count. Names that Unicode writes in two ways are one. A clip that is nowhere is
kept by its name.

The source video is told from the name by one rule, `RULE`: what stands before the last `-N-of-M`, or `_chunk_N`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote
from uuid import NAMESPACE_OID, uuid5

from cueline.errors import near_miss
from cueline.exporters.naming import safe_name
from cueline.ports import Placed
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Clip, LabelTask
from cueline.timeline.assets import Asset

KIND = "source"
RULE = "the source video is the file name before the last '-N-of-M' or '_chunk_N'"
_PART = re.compile(r"(.+)(?:-\d+-of-\d+|_chunk_\d+)", re.IGNORECASE)
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}")
_AFTER = re.compile("[?#]")
_MOST_COMPARED = 5_000  # names that a near miss is looked for among
Parts = tuple[str, ...]


def source_of(name: str) -> str:
    """The source video that the name of a clip tells, or empty.

    Example:
        >>> source_of("https://example.org/xmas/vid_xmas_9-19-of-67.mp4"), source_of("news.mp4")
        ('vid_xmas_9', '')
    """
    match = _PART.fullmatch(stem_of(parts_of(name)[-1]))
    return match[1] if match else ""


def groups_of(name: str) -> dict[str, str]:
    """The groups that the name of a clip tells, by kind."""
    source = source_of(name)
    return {KIND: source} if source else {}


@lru_cache(maxsize=1 << 18)
def parts_of(name: str) -> Parts:
    r"""The parts of an address, a path of any system or a name, its last the file's own name; at least one.

    Example:
        >>> parts_of("https://example.org/a%20b/c.mp4?x=1"), parts_of("C:\\clips\\c.mp4")
        (('example.org', 'a b', 'c.mp4'), ('C:', 'clips', 'c.mp4'))
    """
    text = name
    if "://" in name or name.startswith("file:"):
        text = _AFTER.split(name.partition("://")[2] or name.removeprefix("file:"), maxsplit=1)[0]
        text = unquote(text, errors="surrogateescape") if "%" in text else text
    elif "\\" in name and "/" not in name:
        text = name.replace("\\", "/")
    text = composed(text)
    return tuple(part for part in text.split("/") if part not in ("", ".", "..")) or (name,)


def composed(text: str) -> str:
    """A text with each letter and its accents as one, as most systems write it."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def stem_of(name: str) -> str:
    """A file's name without its ending, where it has one."""
    stem, dot, ending = name.rpartition(".")
    return stem if stem and _ENDING.fullmatch(dot + ending) else name


@dataclass(slots=True)
class ClipNames:
    """The assets of a library, by all that label files may call them.

    Attributes:
        media: Assets that lie or lay somewhere.
        gone: Those of them that are not there any more.
        safe: Places and assets by the names of files without endings, as exporters make these safe.
    """

    media: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    safe: dict[str, list[tuple[Path, str]]] = field(default_factory=lambda: defaultdict(list), repr=False)
    _ids: set[str] = field(default_factory=set, repr=False)
    _whole: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set), repr=False)
    _keys: dict[str, dict[str, set[str]]] = field(default_factory=dict, repr=False)
    _lasts: dict[str, list[tuple[Parts, str]]] = field(default_factory=lambda: defaultdict(list), repr=False)

    @classmethod
    def of(cls, places: Iterable[Placed], clips: Iterable[Clip]) -> ClipNames:
        """Learn the names of media and of clips that are known by name."""
        names, there = cls(), set[str]()
        for placed in places:
            if placed.asset is not None:
                names.media.add(placed.asset)
                names._add(str(placed.location.path), placed.asset)
                path = placed.location.path
                names.safe[composed(safe_name(path.stem))].append((path, placed.asset))
                if not placed.missing:
                    there.add(placed.asset)
        for clip in clips:
            names.add(clip)
        names.gone = names.media - there
        return names

    def add(self, clip: Clip) -> None:
        """Learn what a clip is called."""
        self._add(clip.name, clip.asset)
        if clip.key:
            self._keys.setdefault(clip.key, {}).setdefault(clip.asset, set()).add(parts_of(clip.name)[-1])

    def find(self, name: str, *, key: str = "", asset: str = "", shared: Collection[str] = ()) -> str | None:
        """The asset of a clip, or None where nobody knows it.

        Args:
            name: What the file calls it.
            key: Its id there.
            asset: The id of its asset, where the file says it.
            shared: Last parts that clips of different folders share in the file.

        Raises:
            LookupError: If several fit.
        """
        if asset in self._ids:
            return asset
        if name in self._ids:
            return name
        last, whole = parts_of(name)[-1], self._whole.get(composed(name), set())
        keyed = self._keyed(key, last, nameless=name == key, alone=last not in shared)
        for found in (keyed & whole, whole & self.media, whole, keyed):
            if len(found) == 1:
                return next(iter(found))
        if name == key and keyed:
            raise LookupError(f"the key {key!r} is that of {len(keyed)} clips; name the clip too")
        return self._by_path(parts_of(name), least=2 if last in shared else 1)

    def key_of_another(self, name: str, key: str) -> bool:
        """Whether a key belongs to a clip whose file is called otherwise."""
        last = parts_of(name)[-1]
        return bool(key) and name != key and key in self._keys and all(last not in v for v in self._keys[key].values())

    def near(self, name: str) -> str:
        """A hint for the likely slip, to end a message with; empty where too many names are known to compare."""
        last = parts_of(name)[-1]
        if last in self._lasts:
            return " One is called so in some folder, but several clips of the label file are: give more of the path."
        lasts = {parts[-1] for known in self._lasts.values() for parts, _ in known}
        return near_miss(last, lasts) if len(lasts) <= _MOST_COMPARED else ""

    def _keyed(self, key: str, last: str, *, nameless: bool, alone: bool) -> set[str]:
        """The assets of a key: all where the clip has no name, else those of that name."""
        known = self._keys.get(key, {}) if key else {}
        return {asset for asset, lasts in known.items() if nameless or (alone and last in lasts)}

    def _add(self, name: str, asset: str) -> None:
        self._ids.add(asset)
        self._whole[composed(name)].add(asset)
        parts = parts_of(name)
        for last in {parts[-1], stem_of(parts[-1])}:
            self._lasts[last].append((parts, asset))

    def _by_path(self, parts: Parts, *, least: int) -> str | None:
        """The one asset whose path shares the most last parts; media count before clips known by name."""
        depths: dict[str, int] = {}
        for known, asset in self._lasts.get(parts[-1], ()):
            depths[asset] = max(depths.get(asset, 0), _shared_end(known, parts))
        chosen = {asset: depth for asset, depth in depths.items() if asset in self.media} or depths
        most = max(chosen.values(), default=0)
        found = sorted(asset for asset, depth in chosen.items() if depth == most)
        if len(found) > 1 and (most >= least or found[0] in self.media):
            raise LookupError(f"{len(found)} files are called {parts[-1]!r}; give more of the path")
        return found[0] if found and most >= least else None


def shared_lasts(names: Iterable[str]) -> set[str]:
    """The last parts that names of different places have; a name that is the end of another may be of the same."""
    longest, different = dict[str, Parts](), set[str]()
    for parts in sorted(map(parts_of, set(names)), key=len, reverse=True):
        if parts != longest.setdefault(parts[-1], parts)[-len(parts) :]:
            different.add(parts[-1])
    return different


@dataclass(frozen=True, slots=True)
class Attached:
    """What came together when media were added of clips that had been known by name.

    Attributes:
        clips: How many clips have media now.
        answers: How many answers were said again of the media.
        beyond: How many were not, since they lie beyond the end of it.
    """

    clips: int = 0
    answers: int = 0
    beyond: int = 0


def attach_clips(book: AnswerBook, places: Iterable[Placed], assets: Iterable[Asset]) -> Attached:
    """Let what was said of clips that were known by name alone be said of their media, once these are there.

    Every answer is said again of the media, under an id that is the same each time, and taken back from the name, so
    that nothing counts twice; tasks follow too. A clip whose name fits several files stays as it is.

    Args:
        book: The library's answers.
        places: Where its media lie.
        assets: All of its assets.
    """
    clips = book.clips()
    media = ClipNames.of(places, ())
    alone = [clip for clip in clips if clip.asset not in media.media]
    shared = shared_lasts(clip.name for clip in alone)
    found = {}
    for clip in alone:
        try:
            asset = media.find(clip.name, shared=shared)
        except LookupError:
            continue
        if asset is not None:
            found[clip.asset] = (clip, asset)
    if not found:
        return Attached()
    lasts = {asset.id: asset.duration for asset in assets}
    return _carry(book, found, lasts)


def attach_media(store: LibraryStore) -> Attached:
    """`attach_clips` for a library that is open, when media may have been added.

    Args:
        store: The library.
    """
    with AnswerBook(store.path) as book:
        return attach_clips(book, store.places(), store.assets()) if book.clips() else Attached()


def _carry(book: AnswerBook, found: Mapping[str, tuple[Clip, str]], lasts: Mapping[str, float]) -> Attached:
    again, back, beyond = list[Answer](), list[Answer](), 0
    for before, (_, now) in found.items():
        for answer in book.answers(asset=before):
            if answer.span is not None and lasts[now] and answer.span.end > lasts[now]:
                beyond += not answer.undoes
                continue
            again.append(_said_of(answer, now))
            if not answer.undoes:
                back.append(replace(answer, undoes=answer.id, id=_id(answer.id, "moved to", now)))
    book.put_clips(*(replace(clip, asset=now) for clip, now in found.values()))
    book.add(*again, *back)
    for campaign in book.campaigns():
        moved = [
            LabelTask(found[task.asset][1], task.span, task.priority)
            for task in book.tasks(campaign.name)
            if task.asset in found
        ]
        book.add_tasks(campaign.name, _within(moved, lasts))
    book.forget_clips(found)
    return Attached(len(found), len(back), beyond)


def _said_of(answer: Answer, asset: str) -> Answer:
    """An answer said again of another asset, under an id that is the same each time."""
    undoes = _id(answer.undoes, "of", asset) if answer.undoes else ""
    return replace(answer, asset=asset, id=_id(answer.id, "of", asset), undoes=undoes)


def _id(answer: str, word: str, asset: str) -> str:
    return uuid5(NAMESPACE_OID, f"{answer} {word} {asset}").hex


def _within(tasks: Sequence[LabelTask], lasts: Mapping[str, float]) -> list[LabelTask]:
    return [task for task in tasks if task.span is None or not lasts[task.asset] or task.span.end <= lasts[task.asset]]


def _shared_end(first: Parts, second: Parts) -> int:
    """How many last parts two paths share; the very last may differ in its ending."""
    if first[-1] != second[-1] and second[-1] not in (first[-1], stem_of(first[-1])):
        return 0
    count = 1
    for mine, other in zip(reversed(first[:-1]), reversed(second[:-1]), strict=False):
        if mine != other:
            break
        count += 1
    return count
