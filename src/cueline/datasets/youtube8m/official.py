"""Records of YouTube-8M: whole videos, frames and segments, each as rows of features and labels.

Video level: a tf.train.Example with `id`, `labels`, `mean_rgb` (1,024 floats) and `mean_audio` (128).

Frame level: a SequenceExample with `id` and `labels`, and the lists `rgb` and `audio`: 1,024 and 128 bytes for each
second, of at most 300. A video's row is the mean of its dequantised frames, which is how the video level was made.

Segment level: a frame-level record that also has `segment_labels`, `segment_start_times`, `segment_end_times` and
`segment_scores`, one of each for every rating. Segments (5 s) become rows of their own, called "video:start", with the
mean of their frames; a class with score 1 is yes, with score 0 no, and one that nobody rated is unknown. What the
file says of the whole video (`labels`) is not said of its segments. A segment that goes beyond the last frame is the
mean of the frames there are.

References:
    google/youtube-8m, readers.py; research.google.com/youtube8m/download.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from cueline.datasets.youtube8m.files import Source, files_of
from cueline.datasets.youtube8m.messages import Feature, Frames, Message, frames, read_message
from cueline.datasets.youtube8m.quantising import STEP, TABLE
from cueline.datasets.youtube8m.records import read_records
from cueline.datasets.youtube8m.rows import CLASSES, PARTS, ROWS_AT_ONCE, Row, VideoRows, class_numbers
from cueline.datasets.youtube8m.skipping import Skipped, refuse
from cueline.errors import FormatError, OptionError, near_miss

Level = Literal["video", "frame", "segment"]
MOST_FRAMES = 300
_RATINGS = ("segment_labels", "segment_start_times", "segment_end_times")


@dataclass(frozen=True, slots=True, eq=False)
class VideoFrames:
    """A frame-level record.

    Attributes:
        id: Of the video.
        labels: Classes that it has, rising.
        frames: One row for each second, quantised: shape (T, D), `rgb` then `audio`.
    """

    id: str
    labels: npt.NDArray[np.integer]
    frames: Frames

    def mean(self, start: int = 0, end: int = MOST_FRAMES) -> npt.NDArray[np.float64]:
        """The official mean of dequantised frames, from one second up to another, shape (D,).

        Raises:
            FormatError: If there is no frame.
        """
        some = self.frames[start:end]
        if not len(some):
            raise FormatError(f"frames {start} to {end} must exist to be averaged, got {len(self.frames)} frames")
        # The rule is linear: one sum of whole numbers, then the rule once, is the mean of the dequantised frames.
        mean: npt.NDArray[np.float64] = some.sum(axis=0, dtype=np.int64) / len(some) * STEP + TABLE[0]
        return mean


def read_tfrecords(
    source: Source,
    *,
    level: Level | None = None,
    classes: int = CLASSES,
    parts: Mapping[str, int] = PARTS,
    skipped: Skipped | None = None,
) -> Iterator[VideoRows]:
    """Rows of official TFRecord files, a thousand or so at a time.

    Args:
        source: A file, a folder of shards, or a pattern.
        level: What to make of the records; None for what the first one is.
        classes: C.
        parts: Which features make a row, in this order, and how many numbers each has. A frame-level file calls them
            the same without "mean_".
        skipped: Where to note bad records; without it the first one is an error.

    Raises:
        FormatError: At a record that is damaged, lacks a feature, or has one of another size, a number that is not
            finite, or a label out of range.
        OptionError: If there is no such level.
    """
    if level is not None and level not in get_args(Level):
        raise OptionError(
            f"level is one of {', '.join(get_args(Level))}, got {level!r}.{near_miss(level, get_args(Level))}"
        )
    waiting: list[Row] = []
    for path in files_of(source):
        for record in read_records(path, skipped=skipped):
            try:
                message = read_message(record.data)
                level = level or _level(message)
                waiting += _rows(message, level, classes, parts)
            except FormatError as error:
                refuse(record.fault(error), skipped)
            if len(waiting) >= ROWS_AT_ONCE:
                yield VideoRows.of(waiting, classes=classes)
                waiting = []
    if waiting:
        yield VideoRows.of(waiting, classes=classes)


def read_frames(
    source: Source, *, classes: int = CLASSES, parts: Mapping[str, int] = PARTS, skipped: Skipped | None = None
) -> Iterator[VideoFrames]:
    """Frame-level records one at a time, frames and all.

    Args:
        source: A file, a folder of shards, or a pattern.
        classes: C.
        parts: As for `read_tfrecords`.
        skipped: Where to note bad records; without it the first one is an error.

    Raises:
        FormatError: At a record that is damaged or is not of frame level.
    """
    for path in files_of(source):
        for record in read_records(path, skipped=skipped):
            try:
                found = _video_frames(read_message(record.data), classes, parts)
            except FormatError as error:
                refuse(record.fault(error), skipped)
                continue
            yield found


def _level(message: Message) -> Level:
    if not message.lists:
        return "video"
    return "segment" if "segment_start_times" in message.features else "frame"


def _rows(message: Message, level: Level, classes: int, parts: Mapping[str, int]) -> list[Row]:
    if level == "video":
        return [_video(message, classes, parts)]
    video = _video_frames(message, classes, parts)
    if level == "frame":
        return [Row(video.id, video.mean(), video.labels)]
    return _segments(message, video, classes)


def _video(message: Message, classes: int, parts: Mapping[str, int]) -> Row:
    if message.lists:
        raise FormatError("a video-level record has no lists of frames, got a frame-level one")
    pieces = [_floats(message, name) for name in parts]
    for piece, (name, width) in zip(pieces, parts.items(), strict=True):
        if len(piece) != width:
            raise FormatError(f"{name} must hold {width} numbers, got {len(piece)}")
        if not np.isfinite(piece).all():
            column = int(np.flatnonzero(~np.isfinite(piece))[0])
            raise FormatError(f"{name} must be finite, got {piece[column]} in column {column}")
    return Row(_id(message), np.concatenate(pieces), _labels(message, classes))


def _video_frames(message: Message, classes: int, parts: Mapping[str, int]) -> VideoFrames:
    pieces = []
    for name, width in parts.items():
        data = message.lists.get(name.removeprefix("mean_"))
        if data is None:
            known = ", ".join(message.lists) or "none"
            raise FormatError(f"a frame-level record has a list {name.removeprefix('mean_')!r}, got {known}")
        pieces.append(frames(data, width))
    lengths = {len(piece) for piece in pieces}
    if len(lengths) > 1:
        raise FormatError(f"all lists must have as many frames, got {' and '.join(str(len(p)) for p in pieces)}")
    return VideoFrames(_id(message), _labels(message, classes), np.hstack(pieces))


def _segments(message: Message, video: VideoFrames, classes: int) -> list[Row]:
    labels, starts, ends = (_whole_numbers(message, name) for name in _RATINGS)
    scores = _floats(message, "segment_scores")
    lengths = [len(each) for each in (labels, starts, ends, scores)]
    if len(set(lengths)) > 1:
        raise FormatError(f"each rating has a class, a start, an end and a score, got {lengths} of them")
    class_numbers(labels, classes)
    strange = scores[(scores != 0) & (scores != 1)]
    if strange.size:
        raise FormatError(f"segment scores must be 0 or 1, got {strange[0]}")
    rows = []
    for start in dict.fromkeys(starts.tolist()):
        mine = starts == start
        stops = np.unique(ends[mine])
        if len(stops) > 1 or not 0 <= start < stops[0]:
            raise FormatError(f"a segment must end once, after it starts, got {start} to {stops.tolist()}")
        rated, yes = np.unique(labels[mine]), np.unique(labels[mine & (scores == 1)])
        if np.isin(labels[mine & (scores == 0)], yes).any():
            raise FormatError(f"a class is yes or no, got both in the segment at {start} s")
        mean = video.mean(start, int(stops[0]))
        rows.append(Row(f"{video.id}:{start}", mean, yes, rated, float(start), float(stops[0]), video.id))
    return rows


def _id(message: Message) -> str:
    value = message.features.get("id")
    if not isinstance(value, list) or len(value) != 1:
        raise FormatError("a record must have one id, got none, or several")
    try:
        return value[0].decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"an id must be UTF-8, got {value[0]!r}") from error


def _labels(message: Message, classes: int) -> npt.NDArray[np.int32]:
    return class_numbers(_whole_numbers(message, "labels"), classes)


def _whole_numbers(message: Message, name: str) -> npt.NDArray[np.int64]:
    """Numbers of a list of variable length: none where it is missing or empty."""
    value = message.features.get(name, [])
    if isinstance(value, list) and not value:
        return np.empty(0, np.int64)
    if isinstance(value, list) or value.dtype != np.int64:
        raise FormatError(f"{name} must be whole numbers, got {_kind(value)}")
    return value.astype(np.int64, copy=False)


def _floats(message: Message, name: str) -> npt.NDArray[np.float32]:
    value = message.features.get(name)
    if value is None:
        raise FormatError(f"a record must have {name!r}, got {', '.join(message.features) or 'nothing'}")
    if isinstance(value, list) or value.dtype != np.float32:
        raise FormatError(f"{name} must be floats, got {_kind(value)}")
    return value.astype(np.float32, copy=False)


def _kind(value: Feature) -> str:
    return f"{len(value)} texts" if isinstance(value, list) else f"{value.dtype}"
