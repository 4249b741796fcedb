"""Real recordings, whole: what is true of them, as their sources say, and what Cueline says.

    judged   the part of a file that its source tells about; the rest is not looked at
    speech   F1 of the seconds with speech, "-" where neither has any
    music    likewise
    right    share of the judged seconds in which speech and music are both told rightly

Of files without labels it is only printed what Cueline says.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.kinds.recordings import MEDIA, recordings
from benchmarks.kinds.regions import LANES
from cueline.evaluation.frames import FrameScores, frame_scores
from cueline.timeline.spans import merge
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.sounding import FileSound, sounds_of_files

FORMS = {".mp3", ".wav", ".ogg", ".opus", ".mp4", ".mkv", ".avi", ".webm"}
HEARD = "heard in training in part"
Times = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class Truth:
    """What a source says of a file.

    Attributes:
        told: In words.
        judged: Seconds that it speaks of; none if it has no labels.
        speech: Seconds with speech.
        music: Seconds with music.
    """

    told: str
    judged: Sequence[tuple[float, float]] = ()
    speech: Sequence[tuple[float, float]] = ()
    music: Sequence[tuple[float, float]] = ()

    def track(self) -> LabelTrack:
        """Lanes of speech and music."""
        rows = sorted([(*span, "speech") for span in self.speech] + [(*span, "music") for span in self.music])
        spans = np.array([row[:2] for row in rows], float).reshape(-1, 2)
        judged = np.array(self.judged, float).reshape(-1, 2)
        return LabelTrack(spans, tuple(row[2] for row in rows), classes=tuple(LANES), judged=judged)


def truths() -> dict[Path, Truth]:
    """Every file that is asked about."""
    both, notes = MEDIA / "audio/both", MEDIA / "annotations"
    found = {
        both / "musanmix.mp3": Truth(
            "music to 22.5 s, noise 29 to 63, speech from 63",
            judged=((0, 22.5), (29, 74.5)),
            speech=((63, 74.5),),
            music=((0, 22.5),),
        ),
        both / "paa_speech_music_sample.wav": Truth("speech, then music"),
        MEDIA / "audio/speech/ami_trn01.wav": _turns(notes / "ami_debug.train.rttm", "trn01", 30.0),
    }
    for number in (1, 2):
        labels = ast.literal_eval((notes / f"synthradio_{number}_label.txt").read_text())
        lanes: dict[str, list[tuple[float, float]]] = {"speech": [], "music": []}
        for start, end, kind in labels:
            lanes[kind].append((start, end))
        told = "; ".join(f"{kind} {start:.1f} to {end:.1f}" for start, end, kind in labels)
        found[both / f"synthradio_{number}.wav"] = Truth(told, ((0, 8.0),), lanes["speech"], lanes["music"])
    learned = {one.group for one in recordings() if one.side != "judge"}
    for path in sorted((MEDIA / "audio/music_full").iterdir()):
        told = f"music, all of it{f'; {HEARD}' if path.stem in learned else ''}"
        found[path] = Truth(told, judged=((0, 1e4),), music=((0, 1e4),))
    told_of = _told_by_manifest()
    for folder in ("audio/unverified", "video"):
        for path in sorted((MEDIA / folder).iterdir()):
            name = path.relative_to(MEDIA).as_posix()
            if path.suffix in FORMS and "audio decoded" in told_of.get(name, ("", ""))[1]:
                found[path] = Truth(f"not labelled: {told_of[name][0]}")
    return found


def _turns(path: Path, name: str, end: float) -> Truth:
    """Speaker turns of one file in an RTTM."""
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    turns = np.array([[float(row[3]), float(row[3]) + float(row[4])] for row in rows if row[1] == name])
    spans = [(start, min(stop, end)) for start, stop in merge(turns).tolist()]
    told = "speech " + ", ".join(f"{start:.1f} to {stop:.1f}" for start, stop in spans) + "; far away and weak"
    return Truth(told, judged=((0, end),), speech=spans)


def _told_by_manifest() -> dict[str, tuple[str, str]]:
    """What each file is, and what a decoder found in it."""
    rows = [line.strip().strip("|").split("|") for line in (MEDIA / "MANIFEST.md").read_text().splitlines()]
    return {row[0].strip(): (row[3].strip().rstrip("- "), row[4]) for row in rows if len(row) >= 5}


def figures() -> None:
    """Print the table."""
    true = truths()
    said = {one.file.resolve(): one for one in sounds_of_files(list(true), jobs=1)}
    print("\n| file | what is true | what we say | whole file | outro | speech | music | right |")
    print("|---|---|---|---|---|---|---|---|")
    for path, truth in true.items():
        found = said[path.resolve()]
        if found.reason:
            print(f"| {path.name} | {truth.told} | nothing: {found.reason} | | | | | |")
            continue
        cells = _agreement(truth, found)
        verdicts = f"{_verdict(found.clip)} | {_verdict(found.outro)}"
        print(f"| {path.name} | {truth.told} | {_words(found)} | {verdicts} | {cells} |")


def _agreement(truth: Truth, found: FileSound) -> str:
    if not truth.judged:
        return " | | "
    end = max(span.end for span, _, _ in found.regions)
    held = Truth(truth.told, *(_within(part, end) for part in (truth.judged, truth.speech, truth.music)))
    scores = frame_scores(held.track(), _lanes(found))
    cells = [f"{value:.2f}" if np.isfinite(value) else "-" for value in _f1(scores)]
    return " | ".join([*cells, f"{scores.accuracy:.2f}"])


def _f1(scores: FrameScores) -> list[float]:
    return [scores.classes[lane].f1 for lane in LANES]


def _within(spans: Sequence[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    return [(start, min(stop, end)) for start, stop in spans if start < end]


def _lanes(found: FileSound) -> LabelTrack:
    rows = sorted(
        (span.start, span.end, lane) for span, label, _ in found.regions for lane in LANES if label in LANES[lane]
    )
    spans = np.array([row[:2] for row in rows], float).reshape(-1, 2)
    return LabelTrack(spans, tuple(row[2] for row in rows), classes=tuple(LANES))


def _words(found: FileSound) -> str:
    return "; ".join(
        f"{label} {span.start:.1f} to {span.end:.1f} ({score:.2f})" for span, label, score in found.regions
    )


def _verdict(found: object) -> str:
    label = getattr(found, "label", "")
    return f"{label} {found.scores[label]:.2f}" if label else "none"  # type: ignore[attr-defined]
