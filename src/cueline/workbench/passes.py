"""What one worker does with one file: decode passes, detectors, and an outcome for every plug-in.

This runs in a worker process. It writes nothing but spooled files in a folder of its own; the
parent makes them part of the library. One plug-in that breaks leaves the others complete.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from cueline.errors import CuelineError, MediaError, StoreError
from cueline.media.reader import Consumer, PassReport, read
from cueline.ports import Batch, Outcome, Progress, Rows
from cueline.stores.spool import PictureSpool, TrackSpool, read_track
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance, Tracks
from cueline.timeline.requests import Instants, Request, Sound
from cueline.timeline.spans import Span
from cueline.timeline.tracks import Track
from cueline.workbench.planning import Plan, Step

DECODE = Provenance(plugin="decode", version="1")


@dataclass(frozen=True, slots=True)
class AssetJob:
    """All that a worker must know.

    Attributes:
        path: The file.
        asset: What the probe told of it.
        plan: What is still to do.
        tracks: Tracks made earlier that the plan needs.
        folder: Where spooled files may be written; exists already.
        threads: Threads for decoding.
        location: What the file looked like when it was probed; None where nobody looks at it later.
    """

    path: Path
    asset: Asset
    plan: Plan
    tracks: Tracks
    folder: Path
    threads: int = 1
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class AssetResult:
    """What came of it.

    Attributes:
        asset: As measured by decoding.
        outcomes: In the order of the plan.
        stopped: Why nothing more could be written, as on a full disk; else empty. It is no fault of the asset.
        lost: Why the outcomes may be about something else: the file changed or went away meanwhile; else empty.
    """

    asset: Asset
    outcomes: tuple[Outcome, ...]
    stopped: str = ""
    lost: str = ""


def analyze_asset(job: AssetJob, progress: Progress) -> AssetResult:
    """Do what is due on one asset.

    A plug-in that raises becomes a failed outcome; so does one whose needs failed. A file that cannot
    be decoded fails the plug-ins that wanted to see it, with the reason.
    """
    work = _Work(job, progress, job.asset, dict(job.tracks))
    try:
        for stage in job.plan.stages():
            if stage[0].kind == "extractors":
                work.look(stage)
            else:
                work.detect(stage[0])
    except StoreError as error:
        return AssetResult(work.asset, (), str(error))
    return AssetResult(work.asset, tuple(work.outcomes.values()), lost=_why_lost(job.location))


def _why_lost(location: Location | None) -> str:
    """Whether a file is still what was probed."""
    try:
        if location is None or Location.of(location.path) == location:
            return ""
    except MediaError:
        return "it was removed while it was analysed"
    return "it changed while it was analysed; run the same command again when it is complete"


@dataclass(slots=True)
class _Work:
    """The state of one asset while it is worked on."""

    job: AssetJob
    progress: Progress
    asset: Asset
    tracks: dict[str, Track]
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def look(self, steps: tuple[Step, ...]) -> None:
        """One decode pass for several extractors."""
        began = time.perf_counter()
        spools = {}
        for step in steps:
            request = self._request(step)
            if request is not None:
                spools[step.name] = _Spooled(step, self.job.folder, _stream(self.asset, request), request)
        seen = [spool for spool in spools.values() if not _asks_nothing(spool.request)]
        errors = self._read(seen) if seen else {}
        for spool in spools.values():
            if spool not in seen:
                errors |= self._fill_empty(spool)
            self._end(spool, errors.get(spool.step.name), time.perf_counter() - began)

    def _fill_empty(self, spool: _Spooled) -> dict[str, BaseException]:
        """Run an extractor that asked to see nothing; give its name and error if it failed."""
        try:
            spool.fill(self.asset, iter(()))
        except Exception as error:  # noqa: BLE001  # as in detect
            return {spool.step.name: error}
        return {}

    def _read(self, spools: list[_Spooled]) -> dict[str, BaseException]:
        """Decode once; give who failed and why."""
        consumers = [Consumer(s.step.name, s.request, partial(s.fill, self.asset)) for s in spools]
        began = time.perf_counter()
        try:
            report = read(self.job.path, self.asset, consumers, progress=self.progress, threads=self.job.threads)
        except MediaError as error:
            seconds = time.perf_counter() - began
            self._keep(Outcome(self.asset.id, "decode", "failed", DECODE, self._in_one_line(error), seconds))
            return {spool.step.name: error for spool in spools}
        if not all(isinstance(spool.request, Instants) for spool in spools):  # instants alone may jump over the rest
            self.asset = _measured(self.asset, report)
        broken = [error for error in report.errors.values() if isinstance(error, MediaError)]
        reason = self._in_one_line(broken[0]) if broken else _faults(report)
        earlier = self.outcomes.get("decode")
        if not reason and earlier is not None:  # a second, clean look at a few places does not undo what the first saw
            reason = earlier.reason
        seconds = time.perf_counter() - began
        self._keep(Outcome(self.asset.id, "decode", "failed" if broken else "done", DECODE, reason, seconds))
        return dict(report.errors)

    def detect(self, step: Step) -> None:
        """Run one detector."""
        if self._blocked(step):
            return
        began = time.perf_counter()
        self.progress.at(step.name)
        needed = {name: self.tracks[name] for name in step.needs}
        try:
            given = dict(step.plugin.detect(self.asset, needed))
        except Exception as error:  # noqa: BLE001  # a stranger's plug-in may raise anything; it is kept as an outcome
            self._fail(step, error)
            return
        missing = sorted(set(step.gives) - set(given))
        if missing:
            self._fail(step, f"it promised the track {missing[0]!r} and did not give it")
            return
        self.tracks.update(given)
        seconds = time.perf_counter() - began
        self._keep(Outcome(self.asset.id, step.name, "done", step.provenance, seconds=seconds, tracks=given))

    def _request(self, step: Step) -> Request | None:
        """What an extractor wants; None when it has nothing to do, which is then kept."""
        if self._blocked(step):
            return None
        try:
            request: Request | None = step.plugin.wants(self.asset, {name: self.tracks[name] for name in step.needs})
        except Exception as error:  # noqa: BLE001  # as in detect
            self._fail(step, error)
            return None
        if request is None:
            self._keep(Outcome(self.asset.id, step.name, "nothing", step.provenance))
        return request

    def _blocked(self, step: Step) -> bool:
        """Whether a needed track is not there; the outcome then says why."""
        for need in step.needs:
            if need not in self.tracks:
                reason = self._why_not(need)
                text = f"it needs {need!r}, which failed: {reason}" if reason else ""
                self._keep(Outcome(self.asset.id, step.name, "failed" if reason else "nothing", step.provenance, text))
                return True
        return False

    def _why_not(self, track: str) -> str:
        for step in self.job.plan.steps:
            if track in step.gives and step.name in self.outcomes:
                return self.outcomes[step.name].reason
        return ""

    def _end(self, spool: _Spooled, error: BaseException | None, seconds: float) -> None:
        """Turn a finished spool into an outcome."""
        step = spool.step
        if isinstance(error, StoreError):
            raise error
        if error is not None:
            self._fail(step, error)
            return
        self.tracks[step.gives[0]] = read_track(spool.track)
        pictures = spool.pictures if spool.pictures.exists() else None
        spooled: Mapping[str, Path] = {step.gives[0]: spool.track}
        self._keep(
            Outcome(self.asset.id, step.name, "done", step.provenance, "", seconds, spooled=spooled, pictures=pictures)
        )

    def _fail(self, step: Step, error: BaseException | str) -> None:
        self._keep(Outcome(self.asset.id, step.name, "failed", step.provenance, self._in_one_line(error)))

    def _in_one_line(self, error: BaseException | str) -> str:
        """A reason that fits a table: Cueline's own words as they are, others with their type; no path."""
        text = str(error) if isinstance(error, CuelineError | str) else f"{type(error).__name__}: {error}"
        return " ".join(text.replace(f" of {str(self.job.path)!r}", "").split())

    def _keep(self, outcome: Outcome) -> None:
        self.outcomes[outcome.plugin] = outcome


@dataclass(slots=True)
class _Spooled:
    """Rows of one extractor on their way to disk."""

    step: Step
    folder: Path
    stream: str
    request: Request

    @property
    def track(self) -> Path:
        return self.folder / f"{self.step.name}.track.arrow"

    @property
    def pictures(self) -> Path:
        return self.folder / f"{self.step.name}.pictures.arrow"

    def fill(self, asset: Asset, batches: Iterator[Batch]) -> None:
        """Run the extractor to its end; memory holds one Rows at a time."""
        extract: Callable[[Asset, Iterator[Batch]], Iterator[Rows]] = self.step.plugin.extract
        pictures: PictureSpool | None = None
        with ExitStack() as spools:
            track = spools.enter_context(TrackSpool(self.track, stream=self.stream))
            for rows in extract(asset, batches):
                track.append(rows)
                if rows.pictures:
                    pictures = pictures or spools.enter_context(PictureSpool(self.pictures))
                    pictures.append(rows)


def _asks_nothing(request: Request) -> bool:
    return isinstance(request, Instants) and not request.every and not request.times


def _stream(asset: Asset, request: Request) -> str:
    stream = asset.stream("audio" if isinstance(request, Sound) else "video")
    return stream.name if stream else ""


def _faults(report: PassReport) -> str:
    """What was wrong with the file though it could be decoded."""
    if not report.fault_count:
        return ""
    first = report.faults[0]
    places = "1 damaged place" if report.fault_count == 1 else f"{report.fault_count} damaged places"
    return f"{places}, the first at {first.time:.2f} s: {first.text}"


def _measured(asset: Asset, report: PassReport) -> Asset:
    """The asset with what decoding showed instead of what the file claimed."""
    streams = tuple(_corrected(stream, asset, report) for stream in asset.streams)
    ends = [stream.start + stream.duration for stream in streams if stream.kind in ("video", "audio")]
    return replace(asset, streams=streams, duration=max(ends, default=asset.duration))


def _corrected(stream: Stream, asset: Asset, report: PassReport) -> Stream:
    seen: Span | None = None
    if stream == asset.stream("video"):
        seen = report.video
    elif stream == asset.stream("audio"):
        seen = report.sound
    if seen is None:
        return stream
    frames = report.frames if stream.kind == "video" else stream.frames
    return replace(stream, start=seen.start, duration=seen.duration, frames=frames)
