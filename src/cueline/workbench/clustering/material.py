"""Clips and their numbers: cut from the end of files, or over the spans of a label track of a library.

Without a library each file is decoded once, in a supervised worker, and a file that cannot be read is told while the
rest goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cueline import registry
from cueline.errors import OptionError
from cueline.ports import Engine, Progress, Source, Task, Watch
from cueline.timeline.chunks import chunks
from cueline.timeline.spans import Spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.analysis import spare_threads
from cueline.workbench.clustering.tables import (
    SOUND,
    ClipSource,
    ClipTable,
    Features,
    FileClips,
    joined,
    must_be_known,
    numbers_of,
)
from cueline.workbench.finding import find_media
from cueline.workbench.intake import probe_file
from cueline.workbench.labelling.clips import groups_of
from cueline.workbench.lessons import features_of
from cueline.workbench.library import Library
from cueline.workbench.planning import Plan, plan
from cueline.workbench.without_library import analysed

_NOTHING_THERE = "there is no sound in it"


@dataclass(frozen=True, slots=True)
class ClipJob:
    """A file, and how its clips are made."""

    path: Path
    steps: Plan
    seconds: float
    features: Features
    threads: int


def clips_of_files(
    paths: Sequence[Path],
    *,
    seconds: float = 10.0,
    features: Features = "descriptors",
    jobs: int = 0,
    watch: Watch | None = None,
) -> ClipTable:
    """Clips of files, without a library.

    Args:
        paths: Files and folders.
        seconds: Length of a clip, cut from the end of each file.
        features: "descriptors" or "pooled".
        jobs: Files decoded at once; 0 for one a core.
        watch: Hears how it goes.

    Raises:
        MediaError: If a path does not exist.
        OptionError: If there are no such features, or no file gives a clip.
        TimelineError: If the length is not above 0.
    """
    must_be_known(features)
    chunks(0.0, seconds=seconds)  # refuses a length before any work
    found = find_media(paths)
    engine: Engine = registry.make("engines", "local", jobs=jobs)
    threads, steps = spare_threads(len(found.files), jobs), plan([SOUND])
    work = (ClipJob(path, steps, seconds, features, threads) for path in found.files)
    answers = {}
    for end in engine.run((Task(str(job.path), clips_of_file, job) for job in work), watch=watch):
        path = end.task.payload.path
        answers[path] = end.result if end.kind == "done" else FileClips(path, reason=end.reason)
    given = [answers[path] for path in found.files if path in answers]
    left_out = [(path.name, reason) for path, reason in found.unreadable.items()]
    left_out += [(each.path.name, each.reason) for each in given if each.reason]
    names = _short_names([each.path for each in given])
    sources = (
        (ClipSource(name, each.path, str(each.path), groups_of(each.path.name)), each)
        for name, each in zip(names, given, strict=True)
        if not each.reason
    )
    whole = ", ".join(dict.fromkeys(path.name or str(path) for path in paths))
    return joined(f"{SOUND} of {whole}", sources, left_out)


def clips_of_file(job: ClipJob, progress: Progress) -> FileClips:
    """The clips of one file; runs in a worker process."""
    told = probe_file(job.path, progress)
    if told.fault:
        return FileClips(job.path, reason=told.fault)
    with analysed(job.path, told.asset, job.steps, job.threads, progress) as seen:
        track = seen.tracks.get(SOUND)
        if not isinstance(track, FeatureTrack):
            return FileClips(job.path, reason=seen.reason or _NOTHING_THERE)
        if not len(track):
            return FileClips(job.path, reason=_NOTHING_THERE)
        sound = seen.asset.stream("audio")
        end = sound.start + sound.duration if sound and sound.duration else float(track.spans[-1, 1])
        spans = chunks(end, seconds=job.seconds)
        values, columns = numbers_of({SOUND: track}, spans, job.features)
        return FileClips(job.path, spans, values, columns)


def clips_of_library(
    library: Library,
    *,
    tracks: Sequence[str] = (SOUND,),
    seconds: float = 10.0,
    over: str = "",
    features: Features = "descriptors",
) -> ClipTable:
    """Clips of a library, from tracks that it has.

    Args:
        library: Where.
        tracks: Names of feature tracks.
        seconds: Length of a clip, cut from the end of each file.
        over: A label track whose spans are the clips instead; empty for none.
        features: "descriptors", which tracks but `sound` take as "pooled", or "pooled".

    Raises:
        OptionError: If there are no such features, a track is of the other kind, or no file gives a clip.
        StoreError: If there is no library.
        TimelineError: If the length is not above 0.
    """
    must_be_known(features)
    if not tracks:
        raise OptionError("name at least one feature track to cluster by, such as: --tracks sound")
    left_out: list[tuple[str, str]] = []

    def given() -> Iterator[tuple[ClipSource, FileClips]]:
        for source in library.sources((*tracks, *filter(None, [over]))):
            why = _wanting(source, tracks, over)
            if why:
                left_out.append((source.name, why))
                continue
            asset = source.record.asset
            path = source.location.path if source.location else Path(source.name)
            spans = _spans_over(source, over) if over else chunks(asset.duration, seconds=seconds)
            held = {name: features_of(name, source) for name in tracks}
            values, columns = numbers_of(held, spans, features)
            yield ClipSource(source.name, path, asset.id, asset.groups), FileClips(path, spans, values, columns)

    about = f"{', '.join(tracks)} of {library.path.name}" + (f" over {over}" if over else "")
    return joined(about, given(), left_out)


def _wanting(source: Source, tracks: Sequence[str], over: str) -> str:
    """Why an asset gives no clip; empty if it does."""
    there = source.record.tracks
    missing = [name for name in (*tracks, *filter(None, [over])) if name not in there]
    if missing:
        return f"no track {missing[0]!r}; `cueline analyze` makes it"
    empty = [name for name in (*tracks, *filter(None, [over])) if not len(there[name])]
    return f"{empty[0]!r} is empty" if empty else ""


def _spans_over(source: Source, over: str) -> Spans:
    track = source.record.tracks[over]
    if not isinstance(track, LabelTrack):
        raise OptionError(f"clips are the spans of a label track, {over!r} is a track of numbers")
    return track.spans


def _short_names(paths: Sequence[Path]) -> list[str]:
    """Names of files, with as many folders as tell them apart."""
    names = [path.name for path in paths]
    for depth in range(2, 5):
        counts = Counter(names)
        names = [
            "/".join(path.parts[-depth:]) if counts[name] > 1 else name for name, path in zip(names, paths, strict=True)
        ]
    return names
