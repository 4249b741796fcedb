"""What kind of sound files hold, and when, without a library; and a verdict for each and for its last seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cueline import registry
from cueline.detectors.sound import Verdict, verdict
from cueline.models.clip_models import load_clip_model
from cueline.models.clip_rows import clip_chances
from cueline.ports import Engine, Exporter, Progress, Source, Task, Watch
from cueline.timeline.chunks import outro
from cueline.timeline.records import Record, Tracks
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.analysis import spare_threads
from cueline.workbench.finding import find_media
from cueline.workbench.intake import probe_file
from cueline.workbench.planning import Options, plan
from cueline.workbench.without_library import Analysed, analysed

KINDS, OWN = "sound.kinds", "sound.clips"
NO_SOUND = "there is no sound in it"


@dataclass(frozen=True, slots=True)
class FileSound:
    """What kind of sound one file holds.

    Attributes:
        file: Its path.
        record: The asset and its one track of regions; None where it could not be analysed.
        clip: The verdict for the whole file.
        outro: The verdict for its last ten seconds; by a model of one's own, for as long as its clips are.
        reason: Why there is none of it, else empty.
    """

    file: Path
    record: Record | None = None
    clip: Verdict | None = None
    outro: Verdict | None = None
    reason: str = ""

    @property
    def regions(self) -> tuple[tuple[Span, str, float], ...]:
        """Span, label and score of each region, in order."""
        tracks = self.record.tracks.values() if self.record else ()
        return tuple(row for track in tracks if isinstance(track, LabelTrack) for row in track)


@dataclass(frozen=True, slots=True)
class SoundJob:
    """A file, and how its kinds of sound are found: by a model of one's own where one is named."""

    path: Path
    model: Path | None
    options: Options
    threads: int

    @property
    def plugin(self) -> str:
        """The detector that finds them."""
        return OWN if self.model else KINDS


def sounds_of_files(
    paths: Sequence[Path],
    *,
    model: Path | None = None,
    options: Options | None = None,
    jobs: int = 0,
    watch: Watch | None = None,
) -> Iterator[FileSound]:
    """Find speech, music, both, noise and silence in files, or the classes of a model, without a library.

    Args:
        paths: Files and folders.
        model: Folder of a model, as `cueline train sound` writes it; what ships with Cueline if None.
        options: Options by plug-in.
        jobs: Files decoded at once; 0 for one a core.
        watch: Hears how it goes.

    Yields:
        One answer a file, as they come.

    Raises:
        MediaError: If a path does not exist.
        OptionError: If there is no such option.
        FormatError: If there is no model in its folder.
    """
    chosen = dict(options or {})
    if model is not None:
        chosen[OWN] = {"model": str(model), **chosen.get(OWN, {})}
    plan([OWN if model else KINDS], chosen)  # refuses a wrong name, option or model before any work
    engine: Engine = registry.make("engines", "local", jobs=jobs)
    found = find_media(paths)
    for path, reason in found.unreadable.items():
        yield FileSound(path, reason=reason)
    threads = spare_threads(len(found.files), jobs)
    work = (SoundJob(path, model, chosen, threads) for path in found.files)
    for end in engine.run((Task(str(job.path), find_sounds, job) for job in work), watch=watch):
        yield end.result if end.kind == "done" else FileSound(end.task.payload.path, reason=end.reason)


def find_sounds(job: SoundJob, progress: Progress) -> FileSound:
    """The kinds of sound of one file; runs in a worker process."""
    told = probe_file(job.path, progress)
    faults = [problem.text for problem in told.problems if problem.severity == "fault"]
    if faults:
        return FileSound(job.path, reason="; ".join(faults))
    if told.asset.stream("audio") is None:
        return FileSound(job.path, reason=NO_SOUND)
    steps = plan([job.plugin], job.options)
    with analysed(job.path, told.asset, steps, job.threads, progress) as seen:
        return _answer(job, seen)


def _answer(job: SoundJob, seen: Analysed) -> FileSound:
    curve = seen.tracks.get("sound.curve" if job.model is None else f"{OWN}.curve")
    if seen.reason or not isinstance(curve, FeatureTrack) or not len(curve):
        return FileSound(job.path, reason=seen.reason or NO_SOUND)
    made = seen.outcomes[-1].provenance
    record = Record(seen.asset, {job.plugin: seen.tracks[job.plugin]}, {job.plugin: made})
    if job.model is None:
        end = float(curve.spans[-1, 1])
        whole = Span(float(curve.spans[0, 0]), end)
        return FileSound(job.path, record, verdict(curve, whole), verdict(curve, outro(end)))
    return FileSound(job.path, record, *_own_verdicts(job.model, seen.tracks, curve))


def _own_verdicts(folder: Path, tracks: Tracks, curve: FeatureTrack) -> tuple[Verdict, Verdict]:
    """Of the whole, the mean over time; of the end, what the model says of a clip as long as it learned from."""
    model = load_clip_model(folder)
    seconds = curve.spans[:, 1] - curve.spans[:, 0]
    last = outro(float(curve.spans[-1, 1]), model.card.seconds)
    whole = np.average(curve.values.astype(np.float64), axis=0, weights=seconds)
    ending = clip_chances(model, tracks, as_spans([last]))[0]
    return _verdict(curve.columns, whole.tolist()), _verdict(curve.columns, ending.tolist())


def _verdict(classes: Sequence[str], chances: Sequence[float]) -> Verdict:
    scores = dict(zip(classes, chances, strict=True))
    return Verdict(max(scores, key=lambda name: scores[name]), scores)


def exporters_of(formats: Sequence[str]) -> list[Exporter]:
    """The exporters of these names.

    Raises:
        UnknownPluginError: If a format is not known.
    """
    return [registry.make("exporters", name) for name in formats]


def told_apart(files: Sequence[Path]) -> dict[Path, str]:
    """What to call each file: its name, or its whole path where another file has the same name.

    Example:
        >>> sorted(told_apart([Path("/a/1.wav"), Path("/b/1.wav"), Path("/b/2.wav")]).values())
        ['/a/1.wav', '/b/1.wav', '2.wav']
    """
    counts = Counter(file.name for file in files)
    return {file: file.name if counts[file.name] == 1 else str(file) for file in files}


def export_sounds(found: Sequence[FileSound], formats: Sequence[str], folder: Path) -> Sequence[Path]:
    """Write the regions of files in formats of the field; give the files written.

    Raises:
        UnknownPluginError: If a format is not known.
        FormatError: If a format cannot hold a file.
    """
    exporters = exporters_of(formats)
    names = told_apart([one.file for one in found])
    sources = [Source(one.record, names[one.file]) for one in found if one.record is not None]
    folder.mkdir(parents=True, exist_ok=True)
    return [path for exporter in exporters for path in exporter.export(sources, folder)]
