"""The promises between Cueline and its plug-ins: small protocols, and the values they exchange.

A plug-in is a frozen dataclass whose fields are its options: they give its keyword arguments, its
options on the command line, its schema, its refusal of misspelt options, its cache key and its
provenance. State lives inside the call, never on the plug-in. One that loads weights tells their hashes
in an attribute `weights`, by name of file, so that other weights make its tracks due again. One with
optional dependencies names their modules in `imports` and the extra that brings them in `extra`, so that
a plan is refused before work begins.

    Extractor   pictures or sound of one asset  -> rows of one FeatureTrack (and pictures to keep)
    Encoder     clips, batched across assets    -> vectors of one FeatureTrack
    Detector    tracks                          -> tracks: labels and score curves
    Exporter    records                         -> files in one format
    Importer    a file that somebody brings     -> label tracks, and which media they are about
    Engine      many tasks                      -> how each ended, wherever it ran
    Store       keeps all of it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
import numpy.typing as npt

from cueline.timeline.assets import Asset, Location
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.records import Provenance, Record, Tracks
from cueline.timeline.requests import Instants, Request, Windows
from cueline.timeline.spans import Spans
from cueline.timeline.tracks import LabelTrack, Track

Batch = FrameBatch | SoundBatch
Clips = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of a FeatureTrack, in order of time.

    Attributes:
        spans: Seconds, shape (N, 2).
        values: Numbers, shape (N, D).
        columns: Names of the D numbers; the same in every Rows of one call.
        pictures: An encoded picture (WebP) for each row, or empty; kept beside the track, as derived data.
    """

    spans: Spans
    values: npt.NDArray[np.generic]
    columns: tuple[str, ...] = ()
    pictures: tuple[bytes, ...] = ()


class Extractor(Protocol):
    """Pictures or sound of one asset -> rows of one FeatureTrack.

    `needs` empty: it takes part in the first decode pass. Otherwise it names the tracks it must have
    first, and takes part in a second pass, which is planned and shown.
    """

    version: ClassVar[str]
    gives: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]

    def wants(self, asset: Asset, tracks: Tracks) -> Request | None:
        """What it must see of this asset; None if the asset has nothing for it."""
        ...

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """Turn batches into rows as they come; keep no more than a window of them in memory."""
        ...


class Encoder(Protocol):
    """Heavy networks: stateless, batched across assets by the engine."""

    version: ClassVar[str]
    gives: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]

    def wants(self, asset: Asset, tracks: Tracks) -> Windows | Instants | None:
        """Which pictures it must see of this asset; None if the asset has nothing for it."""
        ...

    def load(self, device: str) -> Callable[[Clips], Vectors]:
        """Load weights once; give a function from uint8 (B, T, H, W, 3) to float32 (B, D)."""
        ...


class Detector(Protocol):
    """Tracks -> tracks: labels and score curves."""

    version: ClassVar[str]
    gives: ClassVar[tuple[str, ...]]
    needs: ClassVar[tuple[str, ...]]

    def detect(self, asset: Asset, tracks: Tracks) -> Tracks:
        """Give every track of `gives`, from the tracks of `needs`; change nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A record to export, and where its media lies.

    Attributes:
        record: Asset and tracks.
        name: What people call it: the file's name, with folders where a library has several.
        location: Where it lies, or None when it is not there any more.
    """

    record: Record
    name: str
    location: Location | None = None


class Exporter(Protocol):
    """Records -> files in one format.

    One that wants feature tracks too has an attribute `features` that is true; others get records with label tracks
    alone, since numbers are many.
    """

    version: ClassVar[str]
    suffix: ClassVar[str]
    keeps: ClassVar[str]

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write the label tracks of every source into a folder; give the files written."""
        ...


@dataclass(frozen=True, slots=True)
class Brought:
    """Labels that somebody brings, and what the file says they are about.

    Attributes:
        media: What the file calls the media: a path, a name, a name without its ending, or an id; empty where the
            file says nothing, as subtitles do, and its own name must tell.
        track: What the file calls the track, or empty.
        labels: With times in seconds, half-open, from the start of the asset; its stream is empty.
    """

    media: str
    track: str
    labels: LabelTrack


class Importer(Protocol):
    """A file that somebody brings -> label tracks. One class may be an exporter and an importer of its format."""

    version: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    brings: ClassVar[str]

    def read(self, path: Path) -> Iterator[Brought]:
        """Read a file; refuse what the format does not allow, naming the line.

        Raises:
            FormatError: If it is something else, or damaged: what, where, and what must stand there.
        """
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """Work for an engine: an importable function and what it is called with.

    Attributes:
        key: What the work is about, for people and for the outcome.
        function: A module-level function, called as `function(payload, progress)` in another process.
        payload: Anything that pickles.
    """

    key: str
    function: Callable[[Any, Progress], Any]
    payload: Any


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """How a task ended.

    Attributes:
        task: Which.
        kind: "done", "failed" (its function raised), "stalled", "memory" or "died" (its process was ended or ended).
        result: What its function gave; None unless done.
        reason: One line that a person understands; empty when done.
        culprit: The phase at work when its process was ended: "decode", or the name of a plug-in; else empty.
    """

    task: Task
    kind: Literal["done", "failed", "stalled", "memory", "died"] = "done"
    result: Any = None
    reason: str = ""
    culprit: str = ""


class Progress(Protocol):
    """What running work says of itself, so that a supervisor can tell work from standstill."""

    def at(self, phase: str, seconds: float = 0.0) -> None:
        """Where the work is: the phase ("decode", or the name of a plug-in) and the media time reached.

        Progress is a change of either; to say the same again is no sign of life.
        """
        ...


Watch = Callable[[Mapping[str, tuple[str, float]]], None]


class Engine(Protocol):
    """Runs tasks, here or elsewhere; each ends exactly once, in the order in which they end."""

    version: ClassVar[str]

    def run(self, tasks: Iterable[Task], *, watch: Watch | None = None) -> Iterator[TaskEnd]:
        """Run each task; `watch` hears now and then where the running ones are: key -> (phase, media seconds)."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one plug-in on one asset: the unit of commit.

    Attributes:
        asset: Id of the asset.
        plugin: Name of the plug-in; "probe" for the first look at a file.
        state: "done", "failed", or "nothing" where the asset has nothing for the plug-in, such as shots of sound.
        provenance: Who made it, from what; its fingerprint tells whether the work is still up to date.
        reason: One line that a person understands; empty unless failed.
        seconds: Time the work took.
        tracks: What was made, by name.
        spooled: Feature tracks written aside already, by name: files of `cueline.stores.spool`.
        pictures: Pictures written aside already: a file of `cueline.stores.spool`.
    """

    asset: str
    plugin: str
    state: Literal["done", "failed", "nothing"]
    provenance: Provenance
    reason: str = ""
    seconds: float = 0.0
    tracks: Tracks = field(default_factory=dict)
    spooled: Mapping[str, Path] = field(default_factory=dict)
    pictures: Path | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """One location a store knows.

    Attributes:
        location: Where, and what it looked like when it was seen last.
        asset: What is there; None if the file could not be read at all.
        reason: Why it could not be read, else empty.
        missing: Whether it was not there any more when somebody looked.
    """

    location: Location
    asset: str | None
    reason: str = ""
    missing: bool = False


class Store(Protocol):
    """Keeps assets, where they lie, what was made of them and by whom. One writer at a time."""

    def put_asset(self, asset: Asset) -> None:
        """Keep an asset, or what is newly known of it."""
        ...

    def put_place(self, placed: Placed) -> None:
        """Keep what lies at a path; replaces what was known of that path."""
        ...

    def places(self) -> Sequence[Placed]:
        """Every location known, in order of path."""
        ...

    def assets(self) -> Sequence[Asset]:
        """Every asset, in order of its first path, then id."""
        ...

    def begin_run(self, plan: Mapping[str, Any]) -> int:
        """Open a run; give its number."""
        ...

    def end_run(self, run: int, *, interrupted: bool = False) -> None:
        """Close a run."""
        ...

    def commit(self, run: int, outcomes: Sequence[Outcome]) -> None:
        """Keep outcomes and their tracks, all visible together or none; each replaces the one before it."""
        ...

    def outcomes(self, asset: str | None = None) -> Sequence[Outcome]:
        """The last outcome of each plug-in, of one asset or all, without tracks."""
        ...

    def track_names(self, asset: str, kind: Literal["labels", "features"] | None = None) -> Sequence[str]:
        """Names of the tracks of an asset, of one kind or both, sorted."""
        ...

    def all_track_names(self) -> Mapping[str, Sequence[str]]:
        """Names of the tracks of every asset that has any, sorted, by its id."""
        ...

    def track(self, asset: str, name: str) -> Track:
        """One track; feature tracks come memory-mapped where the store can."""
        ...

    def provenance(self, asset: str, name: str) -> Provenance:
        """Who made a track."""
        ...

    def lost_work(self) -> Set[tuple[str, str]]:
        """Asset and plug-in of each track that is known and not there any more, so that it must be made again."""
        ...

    def picture(self, asset: str, time: float) -> bytes | None:
        """The kept picture (WebP) of the frame shown at a time, or None."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...
