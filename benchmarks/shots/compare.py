"""Compare shot detectors on films with known boundaries; print one markdown table.

    python benchmarks/shots/generate.py --split test --out build/shots/test
    python benchmarks/shots/compare.py build/shots/test

Rows: ours, three detectors of PySceneDetect with its defaults, TransNetV2 with threshold 0.5 (extras; left out with
a note where they are missing). Columns: precision / recall / F1.

- "cuts": hard cuts alone. An estimate within a gradual transition, or where the reference is uncertain, is neither
  right nor wrong.
- "all": cuts and gradual transitions; an estimate within a transition finds it, once.
- "exact" allows no frame of difference, "+-1" one frame to each side.
- The interval is a bootstrap over films (2,000 draws, 95 %) of F1 for all boundaries at +-1.
- frames/s: the whole way from the 720p file to its boundaries, alone, best of three; PySceneDetect by its own reader.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from films import Quiet, asset_of

from cueline.detectors.scenedetect import SceneDetectShots
from cueline.detectors.shots import Shots
from cueline.detectors.transnetv2 import TransNetV2Shots
from cueline.errors import MissingExtraError
from cueline.evaluation.boundaries import BoundaryScores, pooled, transition_scores
from cueline.features.color import Color
from cueline.features.scenedetect import SceneDetect
from cueline.features.transnetv2 import TransNetV2
from cueline.media.reader import Consumer, read
from cueline.ports import Detector, Extractor
from cueline.timeline.tracks import FeatureTrack

SPEED_FILM = "psd_testvideo.mp4"
DRAWS = 2000
# What shots_by_eye.json leaves out, seen on contact sheets: first frame, frame after the last. The fade at the end of
# a film parts no two shots: an estimate there is neither right nor wrong
SEEN_TOO = {"psd_testvideo.mp4": [(211, 242), (331, 423), (530, 558)]}
END_FADES = {"cosmos_30s.mp4": [(707, 719)], "psd_testvideo.mp4": [(664, 719)]}


@dataclass(frozen=True)
class Contender:
    """A way to find shots."""

    name: str
    extractor: Extractor
    detector: Detector
    timed: Callable[[Path], object] | None = None

    def boundaries(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Where shots begin but the first, and where frames begin, seconds."""
        asset, rows = asset_of(path), []
        request = self.extractor.wants(asset, {})

        def consume(batches: Iterable) -> None:
            rows.extend(self.extractor.extract(asset, iter(batches)))

        report = read(path, asset, [Consumer("film", request, consume)], progress=Quiet(), threads=0)
        for error in report.errors.values():
            raise error
        spans, values = np.concatenate([r.spans for r in rows]), np.concatenate([r.values for r in rows])
        track = FeatureTrack(spans, values, rows[0].columns, "video:0")
        found = self.detector.detect(asset, {self.extractor.gives: track})[self.detector.gives[0]]
        return found.spans[1:, 0], spans[:, 0]

    def frames_a_second(self, path: Path, frames: int) -> float:
        """Speed of the whole way, best of three."""
        work, best = self.timed or self.boundaries, np.inf
        for _ in range(3):
            begun = time.perf_counter()
            work(path)
            best = min(best, time.perf_counter() - begun)
        return frames / best


@dataclass(frozen=True)
class Reference:
    """What is known of a film: seconds of cuts, and spans of gradual transitions and of what is uncertain."""

    path: Path
    cuts: np.ndarray
    gradual: np.ndarray
    uncertain: np.ndarray


def contenders() -> list[Contender]:
    """Every detector that is installed."""

    def scenedetect(method: str) -> Contender:
        def alone(path: Path) -> object:
            import scenedetect as original

            return original.detect(str(path), getattr(original, f"{method.capitalize()}Detector")())

        return Contender(f"PySceneDetect {method}", SceneDetect(method=method), SceneDetectShots(), alone)

    return [
        Contender("Cueline", Color(), Shots()),
        *(scenedetect(method) for method in ("adaptive", "content", "hash")),
        Contender("TransNetV2", TransNetV2(), TransNetV2Shots()),
    ]


def made(folder: Path) -> list[Reference]:
    """Films that generate.py rendered."""
    found = []
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text())
        gradual = np.array(truth["gradual"]).reshape(-1, 2)
        found.append(Reference(path.with_suffix(".mp4"), np.array(truth["cuts"]), gradual, np.empty((0, 2))))
    return found


def seen(real: Path) -> list[Reference]:
    """Real films whose shots were found by eye; frames become seconds by the time stamps of the file."""
    found = []
    for name, truth in json.loads((real / "annotations/shots_by_eye.json").read_text()).items():
        path = real / "video" / name
        starts = contenders()[0].boundaries(path)[1]
        gradual = np.array([*truth.get("gradual", []), *SEEN_TOO.get(name, [])], dtype=int).reshape(-1, 2)
        unsure = [*((frame, frame) for frame in truth.get("uncertain", [])), *END_FADES.get(name, [])]
        uncertain = starts[np.array(unsure, dtype=int).reshape(-1, 2)]
        found.append(Reference(path, starts[truth["hard_cuts"]], starts[gradual], uncertain))
    return found


def scores(reference: Reference, estimated: np.ndarray, tolerance: float, *, gradual: bool) -> BoundaryScores:
    """Scores of one film."""
    instants = np.column_stack([reference.cuts, reference.cuts])
    spared = reference.uncertain if gradual else np.concatenate([reference.gradual, reference.uncertain])
    near = np.abs(estimated[:, None] - reference.cuts).min(axis=1, initial=np.inf) <= tolerance + 1e-6
    inside = (estimated[:, None] >= spared[:, 0] - tolerance - 1e-6) & (
        estimated[:, None] <= spared[:, 1] + tolerance + 1e-6
    )
    kept = estimated[near | ~inside.any(axis=1)]
    wanted = np.concatenate([instants, reference.gradual]) if gradual else instants
    return transition_scores(wanted, kept, tolerance=tolerance)


def interval(films: Sequence[BoundaryScores]) -> tuple[float, float]:
    """Where F1 lies with 95 % of films drawn again and again."""
    random = np.random.default_rng(0)
    draws = [pooled([films[i] for i in random.integers(len(films), size=len(films))]).f1 for _ in range(DRAWS)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def row(contender: Contender, sets: Sequence[Sequence[Reference]], speed_film: Path) -> str:
    """One line of the table."""
    cells = [contender.name]
    for films in sets:
        found = [contender.boundaries(film.path) for film in films]
        for frames, gradual in ((0, False), (1, False), (1, True)):
            each = [
                scores(film, estimated, frames * float(np.median(np.diff(starts))), gradual=gradual)
                for film, (estimated, starts) in zip(films, found, strict=True)
            ]
            whole = pooled(each)
            cells.append(f"{whole.precision:.3f} / {whole.recall:.3f} / **{whole.f1:.3f}**")
        if len(films) > 3:
            cells[-1] += " [{:.3f}, {:.3f}]".format(*interval(each))
    frames = len(contender.boundaries(speed_film)[1])
    cells.append(f"{contender.frames_a_second(speed_film, frames):.0f}")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Compare shot detectors on films with known boundaries.")
    parser.add_argument("folder", type=Path, help="where generate.py put the judging films")
    parser.add_argument("--real", type=Path, default=os.environ.get("CUELINE_REAL", "../shared/media"))
    parser.add_argument("--only", default="", help="detectors whose name begins so")
    chosen = parser.parse_args()
    by_eye, films = seen(chosen.real), made(chosen.folder)
    if not films:
        raise SystemExit(f"no films in {chosen.folder}; make them with generate.py --split test")
    for name, some in (("Real films", by_eye), ("made films", films)):
        cuts, gradual = sum(len(film.cuts) for film in some), sum(len(film.gradual) for film in some)
        print(f"{name}: {len(some)}, {cuts} cuts, {gradual} gradual transitions.", end=" ")
    print("Each cell: precision / recall / **F1**.\n")
    heads = [f"{kind}, {what}" for kind in ("real", "made") for what in ("cuts exact", "cuts +-1", "all +-1")]
    print("| detector | " + " | ".join([*heads, "frames/s at 720p"]) + " |")
    print("|---" * (len(heads) + 2) + "|")
    for contender in (one for one in contenders() if one.name.startswith(chosen.only)):
        try:
            print(row(contender, (by_eye, films), chosen.real / "video" / SPEED_FILM), flush=True)
        except MissingExtraError as error:
            print(f"| {contender.name} | left out: {error} |")


if __name__ == "__main__":
    main()
