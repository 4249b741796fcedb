"""Rows of videos, or of segments of them: what every reader gives, a thousand or so at a time.

A row has D numbers, the classes that it has, and an id where the file tells one. Rows of segments also have their span
in seconds, the video they come from, and the few classes that somebody rated: of all others nobody knows, so that
`examples` calls them unknown. Rated classes are kept, not the unknown ones, of which there are thousands a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import FormatError, TimelineError
from cueline.timeline.examples import Examples, LabelLists
from cueline.timeline.spans import Spans

CLASSES = 3862
PARTS: Mapping[str, int] = {"mean_rgb": 1024, "mean_audio": 128}
ROWS_AT_ONCE = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One row, as a record tells it.

    Attributes:
        id: Of the video, or "video:start" of a segment.
        values: Shape (D,).
        yes: Classes that it has, rising.
        rated: Classes that somebody judged, rising; None where all were.
        start: Of the segment, seconds; NaN for a whole video.
        end: Likewise.
        video: The id of the video.
    """

    id: str
    values: npt.NDArray[np.floating]
    yes: npt.NDArray[np.integer]
    rated: npt.NDArray[np.integer] | None = None
    start: float = float("nan")
    end: float = float("nan")
    video: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class VideoRows:
    """Rows read from a file.

    Attributes:
        values: Numbers, shape (N, D): float32, or uint8 as quantised.
        yes: Classes that each row has.
        ids: Of the rows, length N; empty where the file has none.
        rated: Classes that somebody judged, `yes` among them; None where all were.
        spans: Of segments, seconds, shape (N, 2); (0, 2) for whole videos.
        videos: Where each segment comes from, length N; empty for whole videos.
    """

    values: npt.NDArray[Any]
    yes: LabelLists
    ids: Sequence[str] = ()
    rated: LabelLists | None = None
    spans: Spans = field(default_factory=lambda: np.empty((0, 2)))
    videos: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Check that there is one of everything a row."""
        rows = len(self.yes)
        lengths = {"values": len(self.values), "ids": len(self.ids) or rows, "spans": len(self.spans) or rows}
        lengths |= {"videos": len(self.videos) or rows, "rated": rows if self.rated is None else len(self.rated)}
        wrong = [f"{count} {what}" for what, count in lengths.items() if count != rows]
        if wrong:
            raise TimelineError(f"there is one of everything a row, got {rows} rows of labels and {wrong[0]}")

    @classmethod
    def of(cls, rows: Sequence[Row], *, classes: int) -> VideoRows:
        """From rows of one kind."""
        rated = [row.rated for row in rows]
        segments = bool(rows) and rated[0] is not None
        return cls(
            np.array([row.values for row in rows], np.float32).reshape(len(rows), -1 if rows else 0),
            label_lists((row.yes for row in rows), width=classes),
            [row.id for row in rows],
            label_lists((each for each in rated if each is not None), width=classes) if segments else None,
            np.array([(row.start, row.end) for row in rows]).reshape(-1, 2) if segments else np.empty((0, 2)),
            [row.video for row in rows] if segments else (),
        )

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.yes)

    def examples(self) -> Examples:
        """As learners and measures see them; rows of one video are one group, classes that nobody rated are unknown."""
        videos: dict[str, int] = {}
        groups = np.array([videos.setdefault(video, len(videos)) for video in self.videos], np.int64)
        return Examples(
            self.values,
            self.yes,
            unknown_of(self.rated, rows=len(self), classes=self.yes.width),
            assets=self.ids,
            spans=self.spans,
            groups=groups if len(groups) else np.arange(len(self)),
        )


def joined(batches: Iterable[VideoRows]) -> VideoRows:
    """Batches of one kind as one.

    Raises:
        FormatError: If there is no row at all.
    """
    all_of = [batch for batch in batches if len(batch)]
    if not all_of:
        raise FormatError("there must be one row or more, got none")
    rated = [batch.rated for batch in all_of if batch.rated is not None]
    return VideoRows(
        np.concatenate([batch.values for batch in all_of]),
        _one_after_the_other([batch.yes for batch in all_of]),
        [name for batch in all_of for name in batch.ids],
        _one_after_the_other(rated) if rated else None,
        np.concatenate([batch.spans for batch in all_of]),
        [video for batch in all_of for video in batch.videos],
    )


def label_lists(rows: Iterable[npt.NDArray[np.integer]], *, width: int) -> LabelLists:
    """Lists of the classes of each row, each an array."""
    arrays = list(rows)
    offsets = np.cumsum([0, *map(len, arrays)], dtype=np.int64)
    return LabelLists(offsets, np.concatenate([np.empty(0, np.int32), *arrays]).astype(np.int32), width)


def unknown_of(rated: LabelLists | None, *, rows: int, classes: int) -> LabelLists:
    """The classes that nobody judged: all but those rated; none where all were."""
    if rated is None:
        return LabelLists.none(rows, width=classes)
    flags = np.ones((rows, classes), np.bool_)
    flags[rated.rows, rated.ids] = False
    return LabelLists.of_flags(flags)


def class_numbers(values: npt.NDArray[np.integer], classes: int) -> npt.NDArray[np.int32]:
    """Numbers of classes, rising, each once.

    Raises:
        FormatError: If one does not exist.
    """
    strange = values[(values < 0) | (values >= classes)]
    if strange.size:
        raise FormatError(f"labels must lie in 0 to {classes - 1}, got {strange[0]}")
    return np.unique(values).astype(np.int32)


def _one_after_the_other(lists: Sequence[LabelLists]) -> LabelLists:
    lengths = np.concatenate([each.lengths for each in lists])
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    return LabelLists(offsets, np.concatenate([each.ids for each in lists]), lists[0].width)
