"""Looking at files without a library: what is wrong with each, and where its shots are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from cueline import registry
from cueline.media.probe import Probe
from cueline.ports import Engine, Progress, Task, Watch
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, LabelTrack, align
from cueline.workbench.analysis import spare_threads
from cueline.workbench.finding import find_media
from cueline.workbench.intake import probe_file
from cueline.workbench.planning import Options, plan
from cueline.workbench.without_library import analysed


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is wrong with one file.

    Attributes:
        file: Its path.
        problems: One line each; some do no harm.
        probe: All that was learned, or None where nothing could be.
        ok: Whether it can be analysed.
    """

    file: Path
    problems: tuple[str, ...]
    probe: Probe | None = None
    ok: bool = field(kw_only=True)


def doctor(paths: Iterable[Path], engine: Engine, *, watch: Watch | None = None) -> Iterator[Checkup]:
    """Look at each file before any costly work, in workers that cannot hang the run.

    Args:
        paths: Files and folders.
        engine: Where files are looked at.
        watch: Hears how it goes.

    Yields:
        One answer a file, as they come.

    Raises:
        MediaError: If a path does not exist.
    """
    found = find_media(paths)
    for path, reason in found.unreadable.items():
        yield Checkup(path, (reason,), ok=False)
    for end in engine.run((Task(str(path), probe_file, path) for path in found.files), watch=watch):
        if end.kind != "done":
            yield Checkup(end.task.payload, (end.reason,), ok=False)
        else:
            told: Probe = end.result
            faults = any(problem.severity == "fault" for problem in told.problems)
            yield Checkup(end.task.payload, tuple(problem.text for problem in told.problems), told, ok=not faults)


@dataclass(frozen=True, slots=True)
class FileShots:
    """The shots of one file.

    Attributes:
        file: Its path.
        rate: Frames a second, exact; None where the file has no steady rate or could not be read.
        shots: In order, the first and the last included.
        start_frames: Number of the first frame of each shot, counted from 0 in order of presentation.
        reason: Why there are none, else empty.
    """

    file: Path
    rate: Fraction | None
    shots: tuple[tuple[Span, float], ...]
    start_frames: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShotsJob:
    """A file, and how its shots are found."""

    path: Path
    plugin: str
    options: Options
    threads: int


def shots_of_files(
    paths: Sequence[Path],
    *,
    plugin: str = "shots",
    options: Options | None = None,
    jobs: int = 0,
    watch: Watch | None = None,
) -> Iterator[FileShots]:
    """Find the shots of files, without a library.

    Args:
        paths: Files and folders.
        plugin: The detector.
        options: Options by plug-in.
        jobs: Files decoded at once; 0 for one a core.
        watch: Hears how it goes.

    Yields:
        One answer a file, as they come.

    Raises:
        MediaError: If a path does not exist.
        OptionError, UnknownPluginError: If there is no such detector or option.
    """
    plan([plugin], options)  # refuses a wrong name or option before any work
    engine: Engine = registry.make("engines", "local", jobs=jobs)
    found = find_media(paths)
    for path, reason in found.unreadable.items():
        yield FileShots(path, None, (), (), reason)
    threads = spare_threads(len(found.files), jobs)
    work = (ShotsJob(path, plugin, options or {}, threads) for path in found.files)
    for end in engine.run((Task(str(job.path), find_shots, job) for job in work), watch=watch):
        yield end.result if end.kind == "done" else FileShots(end.task.payload.path, None, (), (), end.reason)


def find_shots(job: ShotsJob, progress: Progress) -> FileShots:
    """The shots of one file; runs in a worker process."""
    told = probe_file(job.path, progress)
    faults = [problem.text for problem in told.problems if problem.severity == "fault"]
    if faults:
        return FileShots(job.path, None, (), (), "; ".join(faults))
    steps = plan([job.plugin], job.options)
    with analysed(job.path, told.asset, steps, job.threads, progress) as seen:
        shots = seen.tracks.get(job.plugin)
        if not isinstance(shots, LabelTrack):
            return FileShots(job.path, None, (), (), seen.reason or "there is no video in it")
        frames = seen.tracks[steps.steps[-1].needs[0]]
        assert isinstance(frames, FeatureTrack)
        numbers = align(frames, shots.spans[:, 0])
        video = seen.asset.stream("video")
        spans = tuple((span, score) for span, _, score in shots)
        return FileShots(job.path, video.rate if video else None, spans, tuple(numbers.tolist()))
