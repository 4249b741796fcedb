"""Programmes with known truth, of people and pieces that nobody learned from: where they change, what was heard."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np

from benchmarks.kinds import silero
from benchmarks.kinds.hearing import rows_of
from benchmarks.kinds.keeping import Arrays, kept
from benchmarks.kinds.noises import UNHEARD
from benchmarks.kinds.programmes import STEP, Cast, programme
from benchmarks.kinds.recordings import chosen
from benchmarks.kinds.windows import UNSURE
from cueline.features.sound import RATE_HZ
from cueline.timeline.spans import Spans, Times, merge
from cueline.timeline.tracks import FeatureTrack, LabelTrack

SECONDS = 100.0
SORTS = {"passages of 4 to 30 s": (4.0, 30.0), "passages of 1.5 to 10 s": (1.5, 10.0)}
MAKERS = ("hearing", "noises", "programmes", "recordings", "regions", "silero", "spoiling", "tunes")
LANES = {"speech": ("speech", "both"), "music": ("music", "both")}


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """Where there is speech, and where there is music.

    Attributes:
        spans: Disjoint seconds in order, by "speech" and "music"; a lane that nobody looked for is missing.
        end: Of the whole, seconds.
    """

    spans: dict[str, Spans]
    end: float

    @classmethod
    def of_regions(cls, regions: LabelTrack) -> Lanes:
        """Of regions of kinds of sound: both is speech, and music."""
        names = np.array(regions.names)
        spans = {lane: merge(regions.spans[np.isin(names, kinds)]) for lane, kinds in LANES.items()}
        return cls(spans, float(regions.spans[-1, 1]))

    @classmethod
    def of_steps(cls, end: float, **steps: np.ndarray) -> Lanes:
        """Of flags for each step of the truth."""
        return cls({lane: _runs(flags) * (STEP / RATE_HZ) for lane, flags in steps.items()}, end)

    def track(self) -> LabelTrack:
        """As labels, judged from beginning to end."""
        spans = np.concatenate(list(self.spans.values()))
        names = [lane for lane, some in self.spans.items() for _ in some]
        order = np.argsort(spans[:, 0], kind="stable")
        held = np.clip(spans[order], 0, self.end)
        judged = np.array([[0.0, self.end]])
        return LabelTrack(held, tuple(names[row] for row in order), classes=tuple(self.spans), judged=judged)

    def changes(self, *lanes: str) -> Times:
        """When one of some lanes begins or ends, but not at the beginning and the end of all."""
        times = np.unique(np.round(np.concatenate([self.spans[lane].ravel() for lane in lanes]), 3))
        return times[(times > 0.05) & (times < self.end - 0.05)]


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """One programme.

    Attributes:
        true: What is in it.
        sound: Its sound track.
        voices: Where silero hears speech, seconds, shape (N, 2); None where it is not there.
    """

    true: Lanes
    sound: FeatureTrack
    voices: Spans | None


def judging_cast() -> Cast:
    """People and pieces of the side that judges, and noise that was never heard."""
    speech, music = (
        tuple(one for one in chosen(kind, "judge") if one.path.stem not in UNSURE) for kind in ("speech", "music")
    )
    return Cast(speech, music, noises=UNHEARD)


def composed(sort: str, count: int, jobs: int) -> list[Composed]:
    """Programmes of one sort, made in processes, and kept."""
    found = kept("programmes", (sort, count, silero.installed()), MAKERS, partial(_arrays, sort, count, jobs))
    columns = tuple(found["columns"].tolist())
    return [
        Composed(
            Lanes.of_steps(SECONDS, speech=found[f"speech {number}"], music=found[f"music {number}"]),
            FeatureTrack(found[f"spans {number}"], found[f"values {number}"], columns),
            found.get(f"voices {number}"),
        )
        for number in range(count)
    ]


def _arrays(sort: str, count: int, jobs: int) -> Arrays:
    work = partial(_made, judging_cast(), sort)
    if jobs > 1:
        with ProcessPoolExecutor(jobs) as pool:
            parts: Sequence[Arrays] = list(pool.map(work, range(count)))
    else:
        parts = [work(number) for number in range(count)]
    told = {f"{name} {number}": array for number, part in enumerate(parts) for name, array in part.items()}
    return {**told, "columns": told["columns 0"]}


def _made(cast: Cast, sort: str, number: int) -> Arrays:
    seed = int.from_bytes(hashlib.sha256(sort.encode()).digest()[:4])
    made = programme(np.random.default_rng([seed, number]), cast, SECONDS, SORTS[sort])
    sound = rows_of(made.samples)
    found = {"speech": made.speech, "music": made.music, "spans": sound.spans, "values": sound.values}
    voices = {"voices": silero.speech_spans(made.samples)} if silero.installed() else {}
    return {**found, **voices, "columns": np.array(sound.columns)}


def _runs(flags: np.ndarray) -> Spans:
    """First and one past the last of each run of true, shape (N, 2)."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2).astype(np.float64)
