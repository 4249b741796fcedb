"""Cutting files into chunks from the end backwards: in workers, logged, resumable.

Each file is cut in a process that cannot hang the run; its chunks are written aside and appear together when all are
complete. What is due: `cueline.workbench.chunk_plans`; what is known of each file: `cueline.workbench.chunk_log`. A
file in the folder that the log does not know is never written over.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cueline import registry
from cueline.errors import MediaError, StoreError
from cueline.media.containers import in_words
from cueline.media.copying import copy_ending, copy_spans
from cueline.media.cutting import Cut, Form, encode_spans
from cueline.ports import Engine, Progress, Task, TaskEnd, Watch
from cueline.stores.faults import told_plainly
from cueline.timeline.assets import Asset
from cueline.timeline.chunks import chunks, numbers
from cueline.timeline.spans import Span
from cueline.workbench.chunk_log import Chunk, Entry, chunk_name, parse_chunk_name
from cueline.workbench.chunk_plans import ChunkPlan
from cueline.workbench.intake import probe_file

_ASIDE = ".cutting-"


@dataclass(frozen=True, slots=True)
class ChunksJob:
    """A file, and how and where it is cut.

    Attributes:
        entry: What the log says of it now: file, stem, how it is cut.
        folder: Of the chunks.
        aside: Where files are written meanwhile, on the same disk.
        mine: Whether chunks of that stem in the folder are of this file, and may be replaced.
    """

    entry: Entry
    folder: Path
    aside: Path
    mine: bool


def make_chunks(
    plan: ChunkPlan, *, jobs: int = 0, watch: Watch | None = None, told: Callable[[Entry], None] | None = None
) -> Sequence[Entry]:
    """Cut what is due.

    Args:
        plan: Of `plan_chunks`.
        jobs: Files cut at once; 0 for one a core.
        watch: Hears how it goes.
        told: Hears of each file when it has ended.

    Returns:
        What became of each file that was due.

    Raises:
        StoreError: If the folder cannot be written to, or another process cuts into it.
    """
    log, ended = plan.log, list[Entry]()
    engine: Engine = registry.make("engines", "local", jobs=jobs)
    with told_plainly("write chunks to", log.folder):
        log.folder.mkdir(parents=True, exist_ok=True)
        with _alone(log.folder) as aside:
            for entry in plan.unreadable:
                log.put(entry)
            for end in engine.run(_tasks(plan, aside), watch=watch):
                entry = _ended(end)
                log.put(entry)
                ended.append(entry)
                if told:
                    told(entry)
            if plan.due or plan.unreadable:
                log.tidy()
    return ended


@contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """A place to write aside, while no other process cuts into the folder; what a killed one left is taken away."""
    import fcntl

    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"another process is cutting into {str(folder)!r}. Wait until it has ended, or name another folder.",
                path=folder,
            ) from error
        for left in folder.glob(f"{_ASIDE}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_ASIDE, dir=folder) as aside:
            yield Path(aside)
    finally:
        os.close(lock)


def cut_file(job: ChunksJob, progress: Progress) -> Entry:
    """Cut one file; runs in a worker process.

    Raises:
        MediaError: If it cannot be cut; the reason alone.
    """
    told = probe_file(job.entry.file, progress)
    stream = told.asset.stream("audio")
    end = stream.start + stream.duration if stream else 0.0
    if end == 0:
        raise MediaError(told.fault or "there is no sound in it", path=job.entry.file)
    with tempfile.TemporaryDirectory(dir=job.aside) as place:
        cutter = _copied if job.entry.cutting.form == "copy" else _encoded
        found = cutter(job, told.asset, end, Path(place), progress)
        _place(found.files, job)
    warnings = [problem.text for problem in told.problems if problem.severity == "warning"]
    note = "; ".join(filter(None, [*warnings, found.note]))
    return replace(job.entry, state="done", reason=note, chunks=found.chunks)


@dataclass(frozen=True, slots=True)
class _Cut:
    """What came of one file: its chunks, where each lies meanwhile, and what was damaged."""

    chunks: Sequence[Chunk]
    files: Mapping[str, Path]
    note: str = ""


def _encoded(job: ChunksJob, asset: Asset, end: float, place: Path, progress: Progress) -> _Cut:
    """Encode; where the sound turns out to end elsewhere than was measured, once more from its true end."""
    form: Form = job.entry.cutting.form  # type: ignore[assignment]  # _refuse saw that it is one
    stream = asset.stream("audio")
    assert stream is not None
    for _ in range(2):
        cuts = _cuts(job, end, place, form)
        report = encode_spans(job.entry.file, asset, [cut for _, cut in cuts], form, progress=progress)
        if report.sound is None:
            raise MediaError("no sound could be decoded", path=job.entry.file)
        heard_until = report.sound.end
        if abs(heard_until - end) < 1.5 / max(1, stream.rate_hz):
            break
        end = heard_until
        for _, cut in cuts:
            cut.target.unlink(missing_ok=True)
    note = ""
    if report.fault_count:
        first = report.faults[0]
        places = "1 damaged place" if report.fault_count == 1 else f"{report.fault_count} damaged places"
        note = f"{places}, the first at {first.time:.2f} s: {first.text}"
    return _named(job, [(number, cut, cut.span) for number, cut in cuts], form, note)


def _copied(job: ChunksJob, asset: Asset, end: float, place: Path, progress: Progress) -> _Cut:
    ending = copy_ending(job.entry.file)
    cuts = _cuts(job, end, place, ending)
    heard = copy_spans(job.entry.file, asset, [cut for _, cut in cuts], progress=progress)
    kept = [(number, cut, span) for (number, cut), span in zip(cuts, heard, strict=True) if span is not None]
    if not kept:
        raise MediaError("no sound of it could be decoded", path=job.entry.file)
    lost = len(cuts) - len(kept)
    return _named(job, kept, ending, f"{lost} chunks have no packet that decodes, and were not copied" if lost else "")


def _cuts(job: ChunksJob, end: float, place: Path, ending: str) -> list[tuple[int, Cut]]:
    """Number and place of each chunk, in order of time."""
    spans = chunks(end, seconds=job.entry.cutting.seconds, hop=job.entry.cutting.hop)
    return [
        (number, Cut(Span(*span), place / f"{number}.{ending}"))
        for number, span in zip(numbers(spans).tolist(), spans.tolist(), strict=True)
    ]


def _named(job: ChunksJob, cuts: Sequence[tuple[int, Cut, Span]], ending: str, note: str) -> _Cut:
    made = [
        Chunk(chunk_name(job.entry.stem, number, ending), number, cut.span, heard)
        for number, cut, heard in reversed(cuts)
    ]
    files = {chunk.name: cut.target for chunk, (_, cut, _) in zip(made, reversed(cuts), strict=True)}
    return _Cut(made, files, note)


def _place(files: Mapping[str, Path], job: ChunksJob) -> None:
    """Move complete chunks to where they belong, and take away those of this file that are not made any more."""
    for name in files if not job.mine else ():
        if (job.folder / name).exists():
            raise MediaError(
                f"{name!r} is in the folder already, and its log does not know it. Move it, or name another folder.",
                path=job.entry.file,
            )
    try:
        for name, aside in files.items():
            aside.replace(job.folder / name)
        for path in job.folder.glob("*") if job.mine else ():
            parsed = parse_chunk_name(path.name)
            if parsed and parsed[0] == job.entry.stem and path.name not in files:
                path.unlink()
    except OSError as error:
        raise MediaError(f"its chunks cannot be written: {in_words(error)}", path=job.folder) from error


def _tasks(plan: ChunkPlan, aside: Path) -> Iterator[Task]:
    """Made one by one as the engine asks; the log hears first, so that what a stop leaves behind has an owner."""
    for entry in plan.due:
        mine = entry.file in plan.log.entries
        plan.log.put(entry)
        yield Task(str(entry.file), cut_file, ChunksJob(entry, plan.log.folder.absolute(), aside, mine))


def _ended(end: TaskEnd) -> Entry:
    if end.kind == "done":
        entry: Entry = end.result
        return entry
    job: ChunksJob = end.task.payload
    reason = end.reason.replace(f" of {str(job.entry.file)!r}", "")
    return replace(job.entry, state="failed", reason=reason)
