"""Rows of clips from files: each file is decoded once by a worker, its tracks pooled over its clips and forgotten.

Of `sound` every column takes part but `frames`, which counts; mean and deviation over the rows of a clip. Of
`sound.curve`, what the shipped model says, the mean: its verdict of the clip. A model that was trained names its own
columns instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cueline import registry
from cueline.errors import OptionError
from cueline.learning.clips.problems import CURVE
from cueline.models.cards import Input, Pool
from cueline.models.clip_rows import clip_rows
from cueline.ports import Engine, Progress, Task, Watch
from cueline.timeline.chunks import OUTRO_SECONDS, outro
from cueline.timeline.spans import Span, Spans, as_spans
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench.analysis import spare_threads
from cueline.workbench.intake import probe_file
from cueline.workbench.planning import plan
from cueline.workbench.without_library import analysed

SOUND = "sound"
_UNUSED = ("frames",)
_LEAST_INSIDE = 0.5  # of a labelled span that must lie in its file


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a file is its clip, where nobody says it.

    Attributes:
        seconds: So many from the end; 0 for the whole file.
    """

    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a negative length."""
        if not 0 <= self.seconds < 1e6:
            raise OptionError(f"a clip lasts more than 0 s, got {self.seconds}")

    @classmethod
    def of(cls, text: str) -> Cut:
        """From "whole", "outro" or seconds.

        Raises:
            OptionError: If it is something else.

        Example:
            >>> Cut.of("outro"), Cut.of("whole"), Cut.of("7.5")
            (Cut(seconds=10.0), Cut(seconds=0.0), Cut(seconds=7.5))
        """
        known = {"whole": 0.0, "outro": OUTRO_SECONDS}
        if text in known:
            return cls(known[text])
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1.0
        if not seconds > 0:
            raise OptionError(f"a clip is outro, whole or the seconds that it lasts up to the end, got {text!r}")
        return cls(seconds)

    def span(self, duration: float) -> Span:
        """The clip of a file."""
        return outro(duration, self.seconds) if self.seconds else Span(0.0, duration)


@dataclass(frozen=True, slots=True)
class PoolJob:
    """A file, and which of its clips are wanted.

    Attributes:
        path: The file.
        spans: Its clips; None is the one that `cut` says.
        cut: See there.
        inputs: What a row is made of; told by the tracks where it is empty.
        tracks: Names of the tracks to make.
        threads: To decode with.
    """

    path: Path
    spans: tuple[Span | None, ...]
    cut: Cut
    inputs: tuple[Input, ...]
    tracks: tuple[str, ...]
    threads: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """The clips of one file.

    Attributes:
        file: Its path.
        inputs: What a row is made of.
        spans: Of the clips, seconds, shape (M, 2).
        values: Shape (M, D); NaN where a clip has no row.
        faults: Why a clip cannot be taken, or empty, length M.
        duration: Of the file, seconds.
        reason: Why nothing could be made of the file, else empty.
    """

    file: Path
    inputs: tuple[Input, ...] = ()
    spans: Spans | None = None
    values: npt.NDArray[np.float32] | None = None
    faults: tuple[str, ...] = ()
    duration: float = 0.0
    reason: str = ""


def pool_files(
    clips: Iterable[tuple[Path, Sequence[Span | None]]],
    *,
    cut: Cut,
    inputs: Sequence[Input] = (),
    shipped: bool = True,
    jobs: int = 0,
    engine: Engine | None = None,
    watch: Watch | None = None,
) -> Iterator[Pooled]:
    """Rows of clips of files.

    Args:
        clips: Files, each with its clips; None is the one that `cut` says.
        cut: Which part of a file is its clip, where nobody says it.
        inputs: What a row is made of; all that there is where none is given.
        shipped: Whether the shipped model's chances take part; of given inputs, these decide.
        jobs: Files decoded at once; 0 for one a core.
        engine: Where work runs; workers on this machine if None.
        watch: Hears how it goes.

    Yields:
        One answer a file, as they come.
    """
    tracks = tuple(dict.fromkeys(one.track for one in inputs)) or sound_tracks(shipped=shipped)
    plan(tracks)  # refuses what is not installed before any work
    work = list(clips)
    threads = spare_threads(len(work), jobs)
    todo = [PoolJob(path, tuple(spans), cut, tuple(inputs), tracks, threads) for path, spans in work]
    engine = engine or registry.make("engines", "local", jobs=jobs)
    for end in engine.run((Task(str(job.path), pool_file, job) for job in todo), watch=watch):
        yield end.result if end.kind == "done" else Pooled(end.task.payload.path, reason=end.reason)


def sound_tracks(*, shipped: bool = True) -> tuple[str, ...]:
    """The tracks that clips are told by: numbers of the sound, and what the shipped model says of it."""
    return (SOUND, CURVE) if shipped else (SOUND,)


def inputs_of_tracks(tracks: dict[str, FeatureTrack]) -> tuple[Input, ...]:
    """What a row is made of: every column that takes part."""
    found = []
    for name, track in tracks.items():
        columns = tuple(column for column in track.columns if column not in _UNUSED)
        pools: tuple[Pool, ...] = ("mean",) if name == CURVE else ("mean", "std")
        found.append(Input(name, len(columns), pools, columns))
    return tuple(found)


def pool_file(job: PoolJob, progress: Progress) -> Pooled:
    """The clips of one file; runs in a worker process."""
    told = probe_file(job.path, progress)
    faults = [problem.text for problem in told.problems if problem.severity == "fault"]
    if faults:
        return Pooled(job.path, reason="; ".join(faults))
    steps = plan(job.tracks)
    with analysed(job.path, told.asset, steps, job.threads, progress) as seen:
        tracks = {name: track for name in job.tracks if isinstance(track := seen.tracks.get(name), FeatureTrack)}
        if len(tracks) < len(job.tracks) or not all(map(len, tracks.values())):
            return Pooled(job.path, reason=seen.reason or "there is no sound in it")
        return pooled_clips(job, tracks, seen.asset.duration)


def pooled_clips(job: PoolJob, tracks: dict[str, FeatureTrack], duration: float) -> Pooled:
    """The clips of tracks that are there."""
    inputs = job.inputs or inputs_of_tracks(tracks)
    spans, faults = [], []
    for span in job.spans:
        inside, fault = _inside(span, job.cut, duration)
        spans.append(inside)
        faults.append(fault)
    where = as_spans(spans)
    values = clip_rows(inputs, tracks, where)
    faults = [
        fault or ("" if np.isfinite(row).all() else "it is too short, or its numbers are none")
        for fault, row in zip(faults, values, strict=True)
    ]
    return Pooled(job.path, inputs, where, values, tuple(faults), duration)


def _inside(span: Span | None, cut: Cut, duration: float) -> tuple[Span, str]:
    """A clip within its file, and why it cannot be taken."""
    if span is None:
        return cut.span(duration), ""
    inside = span & Span(0.0, duration)
    if inside is None or inside.duration < _LEAST_INSIDE * span.duration:
        return Span(0.0, 0.0), f"{span.start:g}-{span.end:g} s lies beyond the end of the file, {duration:.1f} s"
    return inside, ""
