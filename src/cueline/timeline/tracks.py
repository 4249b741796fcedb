"""The two kinds of track: numbers over time, and names over time.

A FeatureTrack is N spans with D numbers each; a score curve is a FeatureTrack whose columns are class
names. A LabelTrack is N spans with a name and a score each, from a detector (tags) or from people
(labels). It also states its closed list of `classes` and the spans that were `judged`: inside them,
a class without a span was looked for and is absent; outside, nobody looked. There is no third kind.

Every track names the stream its times come from. Rows stand in order of start, then end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.timeline.spans import Span, Spans, as_spans, clip, middles

Numbers = npt.NDArray[np.generic]
Scores = npt.NDArray[np.float64]
Place = Literal["loose", "strict", "middle"]
_NOT_GIVEN = cast("Scores", None)  # replaced at birth, so that nobody meets an optional array


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTrack:
    """Numbers over time, with their own clock.

    Attributes:
        spans: When each row holds, seconds, shape (N, 2).
        values: Any numeric dtype, shape (N, D).
        columns: A name for each of the D numbers, or empty where they mean nothing by themselves.
        stream: The stream the times come from, such as "video:0".
    """

    spans: Spans
    values: Numbers
    columns: tuple[str, ...] = ()
    stream: str = ""

    def __post_init__(self) -> None:
        """Check shapes, put rows in order, forbid writing."""
        spans, values = as_spans(self.spans), np.asarray(self.values)
        if values.ndim != 2 or not np.issubdtype(values.dtype, np.number):
            raise TimelineError(f"values must be numbers of shape (N, D), got {values.dtype} {values.shape}")
        if len(spans) != len(values):
            raise TimelineError(f"each row of values needs one span, got {len(values)} rows and {len(spans)} spans")
        columns = _names(self.columns, "columns")
        if columns and len(columns) != values.shape[1]:
            raise TimelineError(
                f"{values.shape[1]} columns of values need as many names, got {len(columns)}: {columns}"
            )
        if len(set(columns)) != len(columns):
            raise TimelineError(f"columns must have different names, got {columns}")
        order = _order(spans)
        if order is not None:
            spans, values = as_spans(spans[order]), values[order]
        values = values.view()
        values.flags.writeable = False
        object.__setattr__(self, "spans", spans)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "columns", columns)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.spans)

    def __getitem__(self, column: str) -> Numbers:
        """One named column, shape (N,)."""
        if column not in self.columns:
            raise TimelineError(f"no column is called {column!r}; there are: {', '.join(self.columns) or 'none'}")
        return self.values[:, self.columns.index(column)]

    def crop(self, whole: Span, *, place: Place = "loose") -> FeatureTrack:
        """The rows in a window, with the spans they had.

        Args:
            whole: The window.
            place: Which rows count as inside: "loose" those that overlap it, "strict" those that lie
                wholly in it, "middle" those whose middle lies in it.

        Returns:
            A track with the same columns, perhaps empty.
        """
        rows = _inside(self.spans, whole, place)
        return replace(self, spans=self.spans[rows], values=self.values[rows])

    def __repr__(self) -> str:
        """Shape and time, not contents."""
        names = (
            f", columns {', '.join(self.columns[:6])}{'...' if len(self.columns) > 6 else ''}" if self.columns else ""
        )
        rows, width = self.values.shape
        return f"FeatureTrack({rows} x {width} {self.values.dtype}{_range(self.spans)}{names})"


@dataclass(frozen=True, slots=True, eq=False)
class LabelTrack:
    """Names over time.

    Attributes:
        spans: When each name holds, seconds, shape (N, 2); two may overlap.
        names: Class of each row, length N, each one of `classes`.
        scores: Confidence of each row in [0, 1], shape (N,); ones where none is given.
        classes: Every class that was looked for; the names seen where none is given.
        judged: Where somebody looked, seconds, shape (M, 2); the rows themselves where none is given.
        stream: The stream the times come from, such as "video:0".
    """

    spans: Spans
    names: tuple[str, ...]
    scores: Scores = _NOT_GIVEN
    classes: tuple[str, ...] = ()
    judged: Spans = _NOT_GIVEN
    stream: str = ""

    def __post_init__(self) -> None:
        """Check lengths, names and scores, put rows in order, forbid writing."""
        spans, names = as_spans(self.spans), _names(self.names, "names")
        scores = np.ones(len(spans)) if self.scores is None else np.array(self.scores, dtype=np.float64)
        if not len(spans) == len(names) == len(scores) or scores.ndim != 1:
            raise TimelineError(
                f"each span needs one name and one score, got {len(spans)} spans, {len(names)} names, "
                f"scores of shape {scores.shape}"
            )
        wrong = np.flatnonzero(~((scores >= 0) & (scores <= 1)))
        if wrong.size:
            raise TimelineError(f"scores must lie in [0, 1], got {scores[wrong[0]]} at row {wrong[0]}")
        classes = _names(self.classes, "classes") or tuple(dict.fromkeys(names))
        strange = sorted(set(names) - set(classes))
        if strange or len(set(classes)) != len(classes):
            raise TimelineError(f"names must be among the classes {classes}, each given once; got also {strange}")
        order = _order(spans)
        if order is not None:
            spans, names, scores = as_spans(spans[order]), tuple(names[i] for i in order), scores[order]
        scores.flags.writeable = False
        judged = spans if self.judged is None else as_spans(self.judged, what="judged spans")
        values = {"spans": spans, "names": names, "scores": scores, "classes": classes, "judged": judged}
        for field, value in values.items():
            object.__setattr__(self, field, value)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.spans)

    def __iter__(self) -> Iterator[tuple[Span, str, float]]:
        """Rows as (span, name, score)."""
        for (start, end), name, score in zip(self.spans.tolist(), self.names, self.scores.tolist(), strict=True):
            yield Span(start, end), name, score

    def only(self, *names: str) -> LabelTrack:
        """The rows of some classes; what was judged stays judged."""
        strange = sorted(set(names) - set(self.classes))
        if strange:
            raise TimelineError(f"no class is called {strange[0]!r}; there are: {', '.join(self.classes) or 'none'}")
        rows = [i for i, name in enumerate(self.names) if name in names]
        return self._rows(np.array(rows, dtype=np.intp), classes=tuple(names))

    def crop(self, whole: Span, *, place: Place = "loose") -> LabelTrack:
        """The rows in a window, with the spans they had; `judged` is cut to the window.

        Args:
            whole: The window.
            place: Which rows count as inside, as in `FeatureTrack.crop`.
        """
        rows = _inside(self.spans, whole, place)
        return replace(self._rows(rows, classes=self.classes), judged=clip(self.judged, whole)[0])

    def _rows(self, rows: npt.NDArray[np.intp], *, classes: tuple[str, ...]) -> LabelTrack:
        names = tuple(self.names[i] for i in rows)
        return replace(
            self, spans=self.spans[rows], names=names, scores=self.scores[rows], classes=classes, judged=self.judged
        )

    def __repr__(self) -> str:
        """Shape and time, not contents."""
        return f"LabelTrack({len(self)} rows{_range(self.spans)}, classes {', '.join(self.classes) or 'none'})"


Track = FeatureTrack | LabelTrack
_POOLS: dict[str, Callable[..., Numbers]] = {"mean": np.mean, "max": np.max, "min": np.min, "std": np.std}


def align(track: FeatureTrack, times: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Which row holds at each time.

    Args:
        track: Rows whose spans do not overlap, as those of frames.
        times: Seconds, shape (N,).

    Returns:
        Row of each time, shape (N,); -1 where no row holds.
    """
    at = np.searchsorted(track.spans[:, 0], times, side="right") - 1
    held = (
        (at >= 0) & (np.asarray(times) < track.spans[np.maximum(at, 0), 1])
        if len(track)
        else np.zeros(len(times), bool)
    )
    return np.where(held, at, -1)


def pool(track: FeatureTrack, spans: Spans, *, by: Literal["mean", "max", "min", "std"] = "mean") -> FeatureTrack:
    """One row for each span, from the rows whose middle lies in it.

    Args:
        track: What to pool; one span's rows are in memory at a time.
        spans: Such as shots, shape (M, 2).
        by: How rows become one.

    Returns:
        M rows in order of time, float64; NaN for a span in which no row has its middle.

    Raises:
        TimelineError: If `by` is something else.
    """
    if by not in _POOLS:
        raise TimelineError(f"a track is pooled by {', '.join(_POOLS)}, got {by!r}")
    centres, spans = middles(track.spans), as_spans(spans)
    order = np.argsort(centres, kind="stable")
    edges = np.searchsorted(centres, spans, sorter=order)
    pooled = np.full((len(spans), track.values.shape[1]), np.nan)
    for row, (first, last) in enumerate(edges.tolist()):
        if last > first:
            pooled[row] = _POOLS[by](track.values[order[first:last]].astype(np.float64), axis=0)
    return FeatureTrack(spans, pooled, track.columns, track.stream)


def concatenate(tracks: Sequence[FeatureTrack]) -> FeatureTrack:
    """Rows of several tracks of one kind, in order of time; those without a row may be of any kind.

    Raises:
        TimelineError: If there is none, or their columns, widths or streams differ.
    """
    if not tracks:
        raise TimelineError("concatenate needs at least one track, got none")
    tracks = [track for track in tracks if len(track)] or tracks[:1]
    kinds = {(track.columns, track.values.shape[1], track.stream) for track in tracks}
    if len(kinds) > 1:
        raise TimelineError(f"tracks to concatenate must have the same columns, width and stream, got {sorted(kinds)}")
    spans, values = np.concatenate([t.spans for t in tracks]), np.concatenate([t.values for t in tracks])
    return FeatureTrack(spans, values, tracks[0].columns, tracks[0].stream)


def union(tracks: Iterable[LabelTrack]) -> LabelTrack:
    """Rows, classes and judged spans of several label tracks of one stream.

    Raises:
        TimelineError: If there is none, or their streams differ.
    """
    tracks = list(tracks)
    if len({track.stream for track in tracks}) != 1:
        raise TimelineError(
            f"tracks to unite must have one stream, got {sorted({t.stream for t in tracks}) or 'no track'}"
        )
    return LabelTrack(
        spans=np.concatenate([t.spans for t in tracks]),
        names=tuple(name for t in tracks for name in t.names),
        scores=np.concatenate([t.scores for t in tracks]),
        classes=tuple(dict.fromkeys(name for t in tracks for name in t.classes)),
        judged=np.concatenate([t.judged for t in tracks]),
        stream=tracks[0].stream,
    )


def _names(names: tuple[str, ...], what: str) -> tuple[str, ...]:
    if isinstance(names, str):
        raise TimelineError(f"{what} must be a tuple of names, got the text {names!r}. Is a comma missing?")
    return tuple(names)


def _order(spans: Spans) -> npt.NDArray[np.intp] | None:
    """The order of start, then end; None where rows stand so already."""
    starts, ends = spans[:, 0], spans[:, 1]
    step = np.diff(starts)
    if ((step > 0) | ((step == 0) & (np.diff(ends) >= 0))).all():
        return None
    return np.lexsort((ends, starts))


def _inside(spans: Spans, whole: Span, place: Place) -> npt.NDArray[np.intp]:
    """The rows in a window."""
    if place not in ("loose", "strict", "middle"):
        raise TimelineError(f"place must be 'loose', 'strict' or 'middle', got {place!r}")
    rows = clip(spans, whole)[1]
    if place == "strict":
        rows = rows[(spans[rows, 0] >= whole.start) & (spans[rows, 1] <= whole.end)]
    elif place == "middle":
        centres = middles(spans[rows])
        rows = rows[(centres >= whole.start) & (centres < whole.end)]
    return rows


def _range(spans: Spans) -> str:
    return f", {spans[0, 0]:.3f}-{spans[:, 1].max():.3f} s" if len(spans) else ""
