"""Putting tasks to people: whole files and clips, spans of a label track, or pieces of one length.

What is put twice is there once, with the priority that it was given last. The priority is a number for all, "score" for
that of each row of the label track, or a column of features such as "chances.dog", of which each task has the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite

import numpy as np

from cueline.errors import OptionError, near_miss
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Campaign, LabelTask
from cueline.timeline.assets import Asset
from cueline.timeline.spans import Span, Spans, as_spans, durations, windows
from cueline.timeline.tracks import FeatureTrack, LabelTrack, pool
from cueline.workbench.labelling.subjects import Subjects, subjects
from cueline.workbench.library import Library
from cueline.workbench.opened import AnyPath

SCORE = "score"
MOST_PIECES = 100_000  # of one file: more than people answer in years
MOST_TASKS = 1_000_000  # in one call
_KINDS = {"audio": ("audio", "sound"), "picture": ("video", "pictures")}


@dataclass(frozen=True, slots=True)
class Cut:
    """What of each file becomes a task; the whole of it where nothing is said.

    Attributes:
        over: Name of a label track whose spans become tasks, such as "shots".
        every: Length in seconds of pieces that become tasks; the last one may be shorter.
        from_end: Count pieces from the end backwards, so that the first one may be shorter.
    """

    over: str = ""
    every: float = 0.0
    from_end: bool = False

    def __post_init__(self) -> None:
        """Refuse two ways at once, and pieces of no length."""
        if not (self.every >= 0 and isfinite(self.every)):
            raise OptionError(f"pieces last more than 0 s, got {self.every}")
        if self.over and self.every:
            raise OptionError(f"tasks are spans of a track or pieces of one length, got {self.over!r} and {self.every}")
        if self.from_end and not self.every:
            raise OptionError("only pieces of one length are counted from the end; say how long they are")


WHOLE = Cut()


@dataclass(frozen=True, slots=True)
class Inserted:
    """What became of an insertion.

    Attributes:
        new: How many tasks are new.
        known: How many were put to people before.
        skipped: What was left out, and why.
    """

    new: int
    known: int
    skipped: Sequence[str]


def insert_tasks(
    library: Library,
    campaign: str,
    *,
    files: Sequence[AnyPath] | None = None,
    cut: Cut = WHOLE,
    priority: float | str = 0.0,
) -> Inserted:
    """Put files or parts of them to people.

    Args:
        library: Where.
        campaign: Name of the campaign.
        files: Files and clips, by path, name, key or id; all that the library knows where none is given.
        cut: What of each becomes a task.
        priority: What is higher is asked first: a number, "score", or a column of features.

    Returns:
        Counts, and what was left out.

    Raises:
        StoreError: If the campaign or a file is unknown.
        OptionError: If "score" is asked for without a label track, no file has what is asked for, or there would be
            more than `MOST_PIECES` pieces of one file or `MOST_TASKS` tasks; nothing is kept then.
    """
    if priority == SCORE and not cut.over:
        raise OptionError("'score' is that of the rows of a label track; name the track, or give a number")
    known = subjects(library)
    chosen, tasks, skipped = known.chosen(files), list[LabelTask](), list[str]()
    if cut.every:
        _must_be_few_pieces(known, chosen, cut.every)
    with library.answers() as book, LibraryStore(library.path, read_only=True) as store:
        shown = book.find(Campaign, campaign).shown
        for asset in chosen:
            try:
                _must_show(asset, shown)
                tasks += _ranked(store, asset, *_parts(store, asset, cut), priority)
            except OptionError as error:
                skipped.append(f"{known.named(asset.id)}: {error}")
        if skipped and not tasks:
            raise OptionError(f"nothing can be put to people: {skipped[0]}")
        must_be_few(len(tasks))
        new = book.add_tasks(campaign, tasks)
    return count_of(new, tasks, skipped)


def count_of(new: int, tasks: Sequence[LabelTask], skipped: Sequence[str]) -> Inserted:
    """The result of an insertion."""
    return Inserted(new, len({(task.asset, task.span) for task in tasks}) - new, tuple(skipped))


def must_be_few(count: float) -> None:
    """Refuse more tasks at once than people can answer.

    Raises:
        OptionError: If there would be more than `MOST_TASKS`; says how many.
    """
    if count > MOST_TASKS:
        raise OptionError(
            f"at most {MOST_TASKS:,} tasks are put to people in one call, got {count:,.0f}. Name fewer files, or "
            "choose longer parts."
        )


def _must_be_few_pieces(known: Subjects, chosen: Sequence[Asset], every: float) -> None:
    """Refuse pieces that are too many, before any is made: a slip of the finger would be millions."""
    counts = [asset.duration / every for asset in chosen]
    for asset, count in zip(chosen, counts, strict=True):
        if count > MOST_PIECES:
            least = ceil(asset.duration / MOST_PIECES * 1000) / 1000
            raise OptionError(
                f"at most {MOST_PIECES:,} pieces of one file are put to people, got {count:,.0f} of {every:g} s in "
                f"{known.named(asset.id)} of {asset.duration:.3f} s. Choose longer pieces, of {least:g} s or more."
            )
    must_be_few(sum(counts))


def _must_show(asset: Asset, shown: str) -> None:
    """Refuse a film without sound where people listen, and sound where they look at pictures."""
    kind, what = _KINDS.get(shown, ("", ""))
    if kind and asset.streams and not any(stream.kind == kind for stream in asset.streams):
        raise OptionError(f"it has no {what}, and the campaign shows {shown}")


def _parts(store: LibraryStore, asset: Asset, cut: Cut) -> tuple[list[Span | None], list[float]]:
    """What of an asset becomes tasks, each once, and how each row of a label track is scored."""
    if cut.over:
        return _rows_of(store, asset, cut.over)
    if not cut.every:
        return [None], [0.0]
    if not asset.duration:
        raise OptionError("nobody knows how long it lasts, so it cannot be cut into pieces")
    spans = windows(Span(0.0, asset.duration), length=cut.every, hop=cut.every, partial=True)
    if cut.from_end:
        spans = as_spans(np.clip(asset.duration - spans[::-1, ::-1], 0.0, asset.duration))
    return [Span(*row) for row in spans.tolist()], [0.0] * len(spans)


def _rows_of(store: LibraryStore, asset: Asset, name: str) -> tuple[list[Span | None], list[float]]:
    names = store.track_names(asset.id, "labels")
    if name not in names:
        raise OptionError(
            f"it has no label track {name!r}; there are: {', '.join(names) or 'none'}.{near_miss(name, names)}"
        )
    track = store.track(asset.id, name)
    assert isinstance(track, LabelTrack)
    best: dict[Span | None, float] = {}
    for row in np.flatnonzero(durations(track.spans) > 0):
        span = Span(*track.spans[row].tolist())
        best[span] = max(best.get(span, -np.inf), float(track.scores[row]))
    return list(best), list(best.values())


def _ranked(
    store: LibraryStore, asset: Asset, parts: Sequence[Span | None], scores: Sequence[float], priority: float | str
) -> list[LabelTask]:
    """Tasks with their priorities."""
    if not isinstance(priority, str):
        scores = [priority] * len(parts)
    elif priority != SCORE:
        scores = _means(store, asset, parts, priority)
    if not np.isfinite(scores).all():
        raise OptionError(f"a part of it has no number of {priority!r}, so nothing tells its priority")
    return [LabelTask(asset.id, span, score) for span, score in zip(parts, scores, strict=True)]


def _means(store: LibraryStore, asset: Asset, parts: Sequence[Span | None], called: str) -> list[float]:
    """The mean of a column of features over each part."""
    track, column = _column(store, asset, called)
    whole = Span(0.0, max(asset.duration, float(track.spans[:, 1].max(initial=0.0))))
    spans: Spans = as_spans([span or whole for span in parts])
    order = np.lexsort((spans[:, 1], spans[:, 0]))
    one = FeatureTrack(track.spans, track.values[:, [column]], (called,), track.stream)
    means = np.empty(len(spans))
    means[order] = pool(one, as_spans(spans[order])).values[:, 0]
    return [float(mean) for mean in means]


def _column(store: LibraryStore, asset: Asset, called: str) -> tuple[FeatureTrack, int]:
    """A feature track and the number of its column, from "track.column"; both may have dots in their names."""
    names = store.track_names(asset.id, "features")
    for at in (at for at, letter in enumerate(called) if letter == "."):
        name, column = called[:at], called[at + 1 :]
        track = store.track(asset.id, name) if name in names else None
        if isinstance(track, FeatureTrack):
            if column in track.columns:
                return track, track.columns.index(column)
            there = ", ".join(track.columns[:20]) or "none that has a name"
            raise OptionError(
                f"its features {name!r} have no column {column!r}; there are: {there}."
                f"{near_miss(column, track.columns)}"
            )
    raise OptionError(
        f"a priority is a number, 'score', or features and a column such as chances.dog, got {called!r}; it has: "
        f"{', '.join(names) or 'none'}.{near_miss(called.partition('.')[0], names)}"
    )
