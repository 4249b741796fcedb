"""What is known of clips: one class a clip, from a label file, a campaign or the folders that files lie in.

A clip has a class where half of it or more was said to have it. Where several classes are said of a clip, it has them
together ("music + speech"), unless the file has just one class for a clip: then nobody knows, and it is counted. What
is known serves to judge clusters and to colour pictures; no cluster is made of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cueline.errors import OptionError
from cueline.timeline.answers import Campaign, Clip
from cueline.timeline.spans import Span, as_spans, cover
from cueline.timeline.votes import YES, votes_of
from cueline.workbench.clustering.tables import ClipTable
from cueline.workbench.labelling.clips import ClipNames, shared_lasts
from cueline.workbench.labelling.lessons import agreed
from cueline.workbench.labelling.ranges import read_any
from cueline.workbench.library import Library

HALF = 0.5
Said = tuple[int, Span | None, str]  # source, part of it or None for all, class


@dataclass(frozen=True, slots=True)
class KnownLabels:
    """The known class of each clip.

    Attributes:
        names: Empty where nobody knows it, length N.
        origin: Where this is known from, in words; empty for nowhere.
        notes: What could not be used, in sentences.
    """

    names: tuple[str, ...]
    origin: str = ""
    notes: tuple[str, ...] = ()

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, by name."""
        return tuple(sorted(set(self.names) - {""}))

    def __repr__(self) -> str:
        """Sizes, not contents."""
        known = sum(map(bool, self.names))
        return f"KnownLabels({known} of {len(self.names)} clips, classes {', '.join(self.classes) or 'none'})"


def no_labels(table: ClipTable) -> KnownLabels:
    """Nothing is known of any clip."""
    return KnownLabels(("",) * len(table))


def labels_of_folders(table: ClipTable) -> KnownLabels:
    """The class of a clip is the name of the folder that its file lies in."""
    folders = [source.path.parent.name for source in table.sources]
    return KnownLabels(tuple(folders[owner] for owner in table.owner.tolist()), "names of folders")


def labels_of_file(table: ClipTable, path: Path) -> KnownLabels:
    """Classes from a label file of any format that `cueline label import` reads.

    Raises:
        MediaError: If there is no such file.
        FormatError: If it is in none of the formats.
        OptionError: If it names none of the clips.
    """
    found = read_any(path)
    names = ClipNames()
    for source in table.sources:
        names.add(Clip(source.asset, str(source.path)))
        names.add(Clip(source.asset, source.name))
    number = {source.asset: place for place, source in enumerate(table.sources)}
    shared = shared_lasts(item.clip for item in found.items)
    said, strange = list[Said](), list[str]()
    for item in found.items:
        try:
            asset = names.find(item.clip, key=item.key, asset=item.asset, shared=shared)
        except LookupError:
            asset = None
        if asset is None:
            strange.append(item.clip)
            continue
        said += [(number[asset], item.span, name) for name, verdict in item.said.items() if verdict == "yes"]
    notes = [f"{each.where} of {path.name} is not used: {each.reason}" for each in found.skipped[:5]]
    if strange:
        notes.append(f"{len(strange):,} labels of {path.name} are of no clip here, such as that of {strange[0]!r}.")
    return _known(table, said, path.name, notes, exclusive=found.exclusive)


def labels_of_campaign(table: ClipTable, library: Library, campaign: str) -> KnownLabels:
    """Classes that most people say in a campaign of a library.

    Raises:
        StoreError: If there is no such campaign.
        OptionError: If it has an answer on none of the clips.
    """
    with library.answers() as book:
        about = book.find(Campaign, campaign)
        votes = votes_of(book.answers(campaign=campaign), about.classes)
    number = {source.asset: place for place, source in enumerate(table.sources)}
    verdicts = agreed(votes.table) if len(votes) and len(votes.people) else np.empty((0, len(about.classes)))
    said = [
        (number[asset], span, about.classes[column])
        for (asset, span), row in zip(votes.items, verdicts, strict=False)
        if asset in number
        for column in np.flatnonzero(row == YES).tolist()
    ]
    return _known(table, said, f"the campaign {campaign}", [], exclusive=about.exclusive)


def _known(table: ClipTable, said: Iterable[Said], origin: str, notes: list[str], *, exclusive: bool) -> KnownLabels:
    """Put what was said to clips."""
    of_source: dict[int, list[tuple[Span | None, str]]] = defaultdict(list)
    for source, span, name in said:
        of_source[source].append((span, name))
    names = [""] * len(table)
    doubtful = 0
    for clip, owner in enumerate(table.owner.tolist()):
        classes = _classes_of(table.span(clip), of_source.get(owner, []))
        if len(classes) > 1 and exclusive:
            doubtful += 1
        else:
            names[clip] = " + ".join(sorted(classes))
    if not any(names):
        raise OptionError(f"{origin} must name a class of one of the {len(table):,} clips, got none. {' '.join(notes)}")
    if doubtful:
        notes = [*notes, f"{doubtful:,} clips have two classes or more, where one is right: they count as unknown."]
    return KnownLabels(tuple(names), origin, tuple(notes))


def _classes_of(clip: Span, said: list[tuple[Span | None, str]]) -> set[str]:
    whole = {name for span, name in said if span is None}
    parts: dict[str, list[Span]] = defaultdict(list)
    for span, name in said:
        if span is not None and span.overlaps(clip):
            parts[name].append(span)
    there = {name for name, spans in parts.items() if cover(as_spans(spans), clip) >= HALF}
    return whole | there
