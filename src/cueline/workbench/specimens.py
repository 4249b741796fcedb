"""A file from outside, seen as the files of a library were seen, so that its numbers can be compared with theirs.

The plug-in, its version, its options and those of all that it needs are read from the provenance of the library's
tracks, and made again; where they would come out differently today, that is refused. The file is analysed in a
supervised worker and kept nowhere. A still picture counts as a film of one frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cueline import registry
from cueline.errors import MediaError, StoreError
from cueline.media.probe import Probe
from cueline.ports import Engine, Progress, Store, Task, Watch
from cueline.stores.vectors import Numbers
from cueline.timeline.assets import Location
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench.analysis import spare_threads
from cueline.workbench.comparing import average, chosen
from cueline.workbench.intake import probe_file
from cueline.workbench.planning import Plan, plan
from cueline.workbench.without_library import analysed


@dataclass(frozen=True, slots=True)
class SpecimenJob:
    """A file, and how it is to be seen.

    Attributes:
        path: Where it lies.
        plan: What makes the track.
        track: Its name.
        columns: Those compared; empty for all.
        span: The part that is the example, in seconds; None for all of it.
        threads: Threads for decoding.
    """

    path: Path
    plan: Plan
    track: str
    columns: tuple[str, ...]
    span: Span | None
    threads: int


@dataclass(frozen=True, slots=True, eq=False)
class Specimen:
    """What a file from outside looks or sounds like.

    Attributes:
        asset: Its fingerprint: the id it has in a library that holds it too.
        vector: Mean of the rows of the track, shape (D,).
    """

    asset: str
    vector: Numbers


def recipe(store: Store, asset: str, track: str) -> Plan:
    """The plan that makes a track as that of an asset was made.

    Raises:
        StoreError: If the plug-ins installed today would make it differently.
        UnknownPluginError: If the plug-in that made it is not installed.
        MissingExtraError: If the plug-in needs an optional dependency that is not installed.
    """
    made = store.provenance(asset, track)
    steps = plan([made.plugin], _options(store, asset, made))
    step = next((step for step in steps.steps if track in step.gives), None)
    if step is None or step.provenance.fingerprint != made.fingerprint:
        today = f"version {step.provenance.version}" if step else "which gives no such track"
        raise StoreError(
            f"{track!r} of the library was made by {made.plugin} version {made.version}, and is made differently by "
            f"what is installed ({today}), so that a file from outside cannot be compared. Analyse the library again",
            asset=asset,
        )
    return steps


def specimen(
    path: Path,
    steps: Plan,
    track: str,
    *,
    columns: tuple[str, ...] = (),
    span: Span | None = None,
    engine: Engine | None = None,
    watch: Watch | None = None,
) -> Specimen:
    """Look at a file from outside.

    Args:
        path: A film, a sound or a picture.
        steps: What makes the track.
        track: Its name.
        columns: Those compared; empty for all.
        span: The part that is the example, in seconds; None for all of it.
        engine: Where the work runs; a worker on this machine where none is given.
        watch: Hears how it goes.

    Raises:
        MediaError: If the file does not exist or cannot be decoded, or has nothing for the track.
    """
    path = Location.of(path).path
    engine = engine or registry.make("engines", "local", jobs=1)
    job = SpecimenJob(path, steps, track, columns, span, spare_threads(1, 1))
    ends = list(engine.run([Task(str(path), see, job)], watch=watch))
    if ends[0].kind != "done":
        raise MediaError(f"cannot take {str(path)!r} as an example: {ends[0].reason}", path=path)
    seen: Specimen = ends[0].result
    return seen


def see(job: SpecimenJob, progress: Progress) -> Specimen:
    """Analyse one file; runs in a worker process.

    Raises:
        MediaError: If it cannot be analysed; the reason alone, since the path stands beside it.
    """
    told = probe_file(job.path, progress)
    if told.fault and not _is_picture(told):
        raise MediaError(told.fault, path=job.path)
    with analysed(job.path, told.asset, job.plan, job.threads, progress) as seen:
        track = seen.tracks.get(job.track)
        if not isinstance(track, FeatureTrack):
            raise MediaError(seen.reason or f"it has nothing for {job.track!r}", path=job.path)
        if not len(track):
            raise MediaError(f"{job.track!r} finds nothing in it", path=job.path)
        return Specimen(told.asset.id, average(chosen(track, job.columns), job.span))


def _is_picture(told: Probe) -> bool:
    """Whether the fault is only that a file is a still picture, which decodes as a film of one frame."""
    still = told.format.endswith("_pipe") or told.format == "image2"
    video = told.asset.stream("video")
    return still and video is not None and video.width > 0 and video.duration > 0


def _options(store: Store, asset: str, made: Provenance) -> dict[str, Mapping[str, Any]]:
    """Options by plug-in, of what made a track and of all that it needed; JSON knows no tuples."""
    own = {key: tuple(value) if isinstance(value, list) else value for key, value in made.options.items()}
    options: dict[str, Mapping[str, Any]] = {made.plugin: own}
    for need in made.inputs:
        options |= _options(store, asset, store.provenance(asset, need))
    return options
