"""Predictions for segments: for each class, the segments that have it, the surest first.

The official form is a CSV `Class,Segments` with rows `class,video:start video:start ...`, of at most 100,000 segments a
class by custom; start is in whole seconds. Scores are not kept, only the order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cueline.datasets.youtube8m.files import UNREADABLE, opened, placed_whole
from cueline.datasets.youtube8m.skipping import Skipped, refuse
from cueline.errors import FormatError, TimelineError
from cueline.timeline.toplists import TopLists

HEAD = ("Class", "Segments")
MOST_SEGMENTS = 100_000


def ranked_segments(ids: Sequence[str], top: TopLists, *, most: int = MOST_SEGMENTS) -> dict[int, tuple[str, ...]]:
    """For each class the segments that have it in their lists, by falling score; of equal ones the one that came first.

    Args:
        ids: Of the segments, "video:start", length N.
        top: The best classes of each segment.
        most: How many segments a class keeps.

    Raises:
        TimelineError: If there are not as many ids as rows.

    Example:
        >>> top = TopLists(np.array([[3], [3]]), np.array([[0.2], [0.9]]), width=4)
        >>> ranked_segments(["a:0", "a:5"], top)
        {3: ('a:5', 'a:0')}
    """
    if len(ids) != len(top):
        raise TimelineError(f"segments need one id a row, got {len(ids)} for {len(top)} rows")
    rows, columns = np.nonzero(top.classes >= 0)
    classes, scores = top.classes[rows, columns], top.scores[rows, columns]
    order = np.lexsort((rows, -scores, classes))
    found, starts = np.unique(classes[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    ranked = rows[order]
    return {
        number: tuple(ids[row] for row in ranked[start : min(end, start + most)])
        for number, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True)
    }


def write_segments(path: str | Path, segments: Mapping[int, Sequence[str]]) -> None:
    """Write the official form; the file appears whole or not at all.

    Args:
        path: Where; a file there is replaced.
        segments: For each class, "video:start", the surest first.

    Raises:
        FormatError: If a segment is not called so.
    """
    path = Path(path)
    for name in (name for names in segments.values() for name in names):
        _check(name)
    with placed_whole(path) as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows((number, " ".join(names)) for number, names in sorted(segments.items()))


def read_segments(path: str | Path, *, width: int, skipped: Skipped | None = None) -> dict[int, tuple[str, ...]]:
    """The segments of each class, the surest first.

    Args:
        path: A CSV, plain or gzip.
        width: C, how many classes there are.
        skipped: Where to note bad rows; without it the first one is an error.

    Raises:
        FormatError: If the head is another, or a row has a class out of range or seen before, or a segment that is not
            called "video:start", or stands twice; the message names file and line.
    """
    path = Path(path)
    found: dict[int, tuple[str, ...]] = {}
    with opened(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            for line, row in enumerate(text, 1):  # the csv module refuses fields as long as these
                try:
                    if line == 1:
                        _head(row)
                    else:
                        number, names = _segments(row, width, found)
                        found[number] = names
                except FormatError as error:
                    told = FormatError(f"{error} in line {line} of '{path}'", path=path)
                    refuse(told, None if line == 1 else skipped)
        except (UnicodeDecodeError, *UNREADABLE) as error:
            refuse(FormatError(f"'{path}' cannot be read to its end: {error}", path=path), skipped)
    if not found and not skipped:
        raise FormatError(f"predictions must have one row or more, got none in '{path}'", path=path)
    return found


def _head(row: str) -> None:
    fields = tuple(field.strip() for field in row.split(","))
    if fields not in (HEAD, ("Class Id", "Segment Ids")):
        raise FormatError(f"predictions for segments begin with {','.join(HEAD)}, got {row.strip()!r:.80}")


def _segments(row: str, width: int, found: Mapping[int, object]) -> tuple[int, tuple[str, ...]]:
    first, comma, rest = row.strip().partition(",")
    if not comma or not (first.isascii() and first.isdecimal() and len(first) < 10 and int(first) < width):
        raise FormatError(f"a row begins with a class in 0 to {width - 1}, got {first!r:.40}")
    if int(first) in found:
        raise FormatError(f"a class has one row, got a second one of {first}")
    names = tuple(rest.strip('"').split())
    for name in names:
        _check(name)
    if len(set(names)) < len(names):
        raise FormatError(f"a segment stands once in a row, got one twice for class {first}")
    return int(first), names


def _check(name: str) -> None:
    video, colon, start = name.rpartition(":")
    if not (video and colon and start.isascii() and start.isdecimal()) or len(name.split()) != 1 or "," in name:
        raise FormatError(f"a segment is called video:start, got {name!r:.60}")
