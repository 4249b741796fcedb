"""Which strategy gets far with few labels: learning curves against chance, on videos and on recordings.

    python -m benchmarks.labelling                      all three parts, 10 seeds
    python -m benchmarks.labelling --only youtube8m     ten classes of YouTube-8M, common to rare, all strategies
    python -m benchmarks.labelling --only sizes         the same classes, some strategies, queries of several sizes
    python -m benchmarks.labelling --only recordings    speech, music and both, told apart by one question

The ten classes are the 1st, 3rd, 6th, 11th, 21st, 51st, 101st, 151st, 201st and 301st by their number of videos, fixed
before any result was seen. Each class is a question of its own. 256 principal components of 1,152 numbers; a quarter of
the videos is the test set.

Recordings are cut into windows of 5 s and described by the 68 descriptors of sound. Every recording of speech is mixed
with one of music, as loud as each other, in the order of their names: the third class. A speaker, a piece and what is
mixed of them are one group. One question tells which of the three classes a window has.

Reads `youtube8m` of `CUELINE_REAL_DATA` and `audio` of `CUELINE_REAL`; writes runs, pages and plots into
`build/labelling`: the same command goes on where it was ended.
"""

from __future__ import annotations

import argparse
import math
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from benchmarks.media import REAL
from benchmarks.youtube8m_reading import DATA
from cueline.datasets.youtube8m import read_labels
from cueline.evaluation.contests import Contest, Race
from cueline.evaluation.summaries import Interval
from cueline.features.sound import RATE_HZ, descriptors
from cueline.learning.active.schedules import schedule
from cueline.reports.simulations import reach_words, write_simulation
from cueline.reports.words import number_words
from cueline.timeline.examples import Examples, LabelLists
from cueline.workbench.simulating import Choice, simulate, strategies_of
from cueline.workbench.simulating_material import Material, material_of_files, parted

AUDIO = REAL / "audio"
OUT = Path("build/labelling")
RANKS = (0, 2, 5, 10, 20, 50, 100, 150, 200, 300)
RARE = 200  # positives in the pool, below which a class is called rare
QUERIES = "5,5,10,10,20"
SIZES = (QUERIES, "20", "50", "100", "adaptive")
SIZED = ("random", "margin", "batches", "clusters")
WINDOW_SECONDS = 5
CLASSES = ("speech", "music", "both")


def videos() -> Material:
    """YouTube-8M, ten classes by rank."""
    labels = DATA / "train_labels.npz"
    counts = read_labels(labels, assumed=3862).labels.counts()
    ranked = np.argsort(-counts, kind="stable")[list(RANKS)]
    return material_of_files(
        DATA / "train_features_uint8.npy",
        labels,
        classes=[str(number) for number in ranked],
        vocabulary=DATA / "vocabulary.csv",
    )


def recordings() -> Material:
    """Windows of speech, of music, and of one over the other."""
    kinds = {kind: _decoded(AUDIO / kind) for kind in ("speech", "music")}
    spoken, played = (list(kinds[kind]) for kind in ("speech", "music"))
    pieces = sorted({_group(name) for name in played})
    partner = {who: pieces[place % len(pieces)] for place, who in enumerate(sorted({_group(name) for name in spoken}))}
    values, classes, groups = [], [], []
    for number, kind in enumerate(("speech", "music")):
        for name, windows in kinds[kind].items():
            values += windows
            classes += [number] * len(windows)
            groups += [partner.get(_group(name), _group(name))] * len(windows)
    for name in spoken:
        piece = partner[_group(name)]
        music = [window for other in played if _group(other) == piece for window in kinds["music"][other]]
        for speech, other in zip(kinds["speech"][name], music, strict=False):
            values.append(_level(speech) + _level(other))
            classes.append(2)
            groups.append(piece)
    for name, windows in _decoded(AUDIO / "both").items():
        values += windows
        classes += [2] * len(windows)
        groups += [f"both {name}"] * len(windows)
    features = np.array([list(descriptors(window, RATE_HZ).values()) for window in values], np.float32)
    numbers = np.unique(groups, return_inverse=True)[1]
    labels = LabelLists.of([[number] for number in classes], width=len(CLASSES))
    examples = Examples(features, labels, classes=CLASSES, groups=numbers)
    return parted(examples, [], title=f"{len(features):,} windows of recordings", exclusive=True)


def _decoded(folder: Path) -> dict[str, list[np.ndarray]]:
    """Whole windows of each file, one channel at 22,050 Hz."""
    found = {}
    for path in sorted(folder.iterdir()):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        mono = soxr.resample(samples.mean(axis=1), rate, RATE_HZ)
        size = WINDOW_SECONDS * RATE_HZ
        found[path.stem] = [mono[first : first + size] for first in range(0, len(mono) - size + 1, size)]
    return found


def _group(name: str) -> str:
    """The speaker or the piece that a recording is of, from its name."""
    speaker = re.match(r"(?:ls|librosa)_(\d+)-", name)
    if speaker:
        return f"speaker {speaker[1]}"
    return re.sub(r"(_x15|-\d+s)+$", "", re.sub(r"^librivox_en\d$", "librivox", name))


def _level(samples: np.ndarray) -> np.ndarray:
    loud = float(np.sqrt(np.mean(samples**2)))
    return samples * (0.05 / max(loud, 1e-6))


def played(material: Material, names: Sequence[str], choice: Choice, folder: Path, jobs: int) -> Race:
    """Simulate, write the report, tell how long it took."""
    began = time.perf_counter()
    strategies = strategies_of(list(names), exclusive=choice.exclusive)
    race = simulate(material, strategies, choice, out=folder, jobs=jobs, told=_told)
    page = write_simulation(race, folder)
    print(f"\n{race!r} in {(time.perf_counter() - began) / 60:.1f} min: {page}")
    return race


def _told(done: int, total: int) -> None:
    print(f"\r{done} of {total} runs", end="", flush=True)


def print_classes(race: Race) -> None:
    """A row a class: where chance ends, and who gets there with how few labels."""
    print(
        "\n| class | positives | guessing | random at the end | greatest area | against random | labels to get there |"
    )
    print("|---|---|---|---|---|---|---|")
    for contest in race.contests:
        best = contest.ranked[0]
        against = "-" if best.verdict == "baseline" else f"{best.against.value:+.3f} {_ends(best.against)}"
        print(
            f"| {contest.name}{'' if contest.measure == 'average precision' else f', {contest.measure}'} "
            f"| {contest.positives:,} | {number_words(contest.base_rate)} | {contest.target:.3f} | {contest.winner} "
            f"| {against} | {reach_words(best)} |"
        )


def print_strategies(race: Race) -> None:
    """A row a strategy: in how many classes it is better or worse than chance, and what it costs."""
    print(
        "\n| strategy | mean area against random | better | worse | labels to get there, median of rare | ms a query |"
    )
    print("|---|---|---|---|---|---|")
    rare = [each for each in race.contests if each.positives < RARE and each.number is not None]
    rows = [(_mean_against(race.contests, name), name) for name in race.query_seconds]
    for against, name in sorted(rows, reverse=True):
        verdicts = [racer.verdict for contest in race.contests for racer in contest.racers if racer.strategy == name]
        reach = [racer.reach.value for contest in rare for racer in contest.racers if racer.strategy == name]
        middle = float(np.median(reach)) if reach else math.nan
        shown = f"{middle:.0f}" if math.isfinite(middle) else "not reached" if reach else "-"
        print(
            f"| {name} | {against:+.3f} | {verdicts.count('better')} | {verdicts.count('worse')} | {shown} "
            f"| {1000 * race.query_seconds[name]:.1f} |"
        )


def print_sizes(races: dict[str, Race]) -> None:
    """Mean area against chance, a row a strategy, a column a size."""
    print(f"\n| strategy | {' | '.join(races)} |")
    print("|---" * (len(races) + 1) + "|")
    for name in SIZED[1:]:
        cells = [f"{_mean_against(race.contests, name):+.3f}" for race in races.values()]
        print(f"| {name} | {' | '.join(cells)} |")


def _mean_against(contests: Sequence[Contest], name: str) -> float:
    found = [racer.against.value for each in contests for racer in each.racers if racer.strategy == name]
    return float(np.mean(np.nan_to_num(found))) if found else float("nan")


def _ends(found: Interval) -> str:
    return f"({found.low:+.3f} to {found.high:+.3f})"


def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", choices=["youtube8m", "sizes", "recordings"])
    asked.add_argument("--seeds", type=int, default=10)
    asked.add_argument("--strategies", default="all", help="names, with commas")
    asked.add_argument("--jobs", type=int, default=0, help="processes; 0 for one a core")
    options = asked.parse_args()
    names = options.strategies.split(",")
    material = videos() if options.only != "recordings" else None
    if options.only in (None, "youtube8m"):
        choice = Choice(400, schedule(QUERIES), options.seeds, components=256)
        race = played(material, names, choice, OUT / "youtube8m", options.jobs)
        print_classes(race)
        print_strategies(race)
    if options.only in (None, "sizes"):
        races = {}
        for size in SIZES:
            choice = Choice(400, schedule(size), options.seeds, components=256)
            folder = OUT / f"sizes-{size.replace(',', '-')}"
            races[size] = played(material, SIZED, choice, folder, options.jobs)
        print_sizes(races)
    if options.only in (None, "recordings"):
        choice = Choice(200, schedule(QUERIES), options.seeds, together=True, exclusive=True)
        race = played(recordings(), names, choice, OUT / "recordings", options.jobs)
        print_classes(race)
        print_strategies(race)


if __name__ == "__main__":
    main()
