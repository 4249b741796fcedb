"""Regions of long programmes: how far boundaries lie off, how many are missed or too many, and F1 of every moment.

    off       seconds from each true change to the nearest that was found, however far: median, and what 90 % are below
    found     true changes with one found within 1 s, one to one; missed are the others
    too many  found changes without a true one within 1 s
    F1        of seconds with speech, and with music; speech over music is both
    changes   of what there is: speech, music, both, neither; noise and silence are the same here

silero tells where there is speech and leaves out short pauses, which the truth does not know; a second row closes its
gaps below 1.5 s, as ours are. Intervals: 95 %, programmes drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.kinds import silero
from benchmarks.kinds.hearing import kinds_of
from benchmarks.kinds.regions import LANES, SECONDS, SORTS, Composed, Lanes, composed
from benchmarks.kinds.window_figures import cell
from cueline.evaluation.boundaries import matches
from cueline.evaluation.frames import frame_scores
from cueline.evaluation.intervals import bootstrap_of_sums, bootstrap_of_weights, by_rows
from cueline.timeline.spans import Times

WITHIN = 1.0
PAUSE = 1.5
AIMS = "off 0.5 s (median), F1 of speech 0.95, of music 0.93"


def figures(count: int, jobs: int, *, ours: bool) -> None:
    """Measure and print a table for each sort of programme.

    Args:
        count: Programmes of each sort.
        jobs: Processes.
        ours: Whether the shipped network is there.
    """
    for sort in SORTS:
        programmes = composed(sort, count, jobs)
        changes = sum(len(one.true.changes(*LANES)) for one in programmes)
        print(f"\n{count} programmes of {SECONDS:.0f} s, {sort}, {changes} changes. To reach: {AIMS}.\n")
        ways = contenders(programmes, ours=ours)
        _boundaries(programmes, ways)
        _moments(programmes, ways)
    if not silero.installed():
        print(silero.MISSING)


def contenders(programmes: Sequence[Composed], *, ours: bool) -> Mapping[str, Sequence[Lanes]]:
    """What each way says of each programme."""
    found: dict[str, Sequence[Lanes]] = {}
    if ours:
        found["Cueline"] = [Lanes.of_regions(kinds_of(one.sound)[0]) for one in programmes]
    voices = [one.voices for one in programmes if one.voices is not None]
    if len(voices) == len(programmes):
        found["silero-vad"] = [Lanes({"speech": spans}, SECONDS) for spans in voices]
        found["silero-vad, pauses closed"] = [Lanes({"speech": closed(spans)}, SECONDS) for spans in voices]
    return found


def closed(spans: np.ndarray) -> np.ndarray:
    """Spans in order, joined where less than `PAUSE` lies between.

    Example:
        >>> closed(np.array([[0.0, 1.0], [2.0, 3.0], [5.0, 6.0]])).tolist()
        [[0.0, 3.0], [5.0, 6.0]]
    """
    if not len(spans):
        return spans
    apart = spans[1:, 0] - spans[:-1, 1] >= PAUSE
    return np.column_stack([spans[np.r_[True, apart], 0], spans[np.r_[apart, True], 1]])


def distances(reference: Times, estimated: Times) -> np.ndarray:
    """Seconds from each reference time to the nearest estimate, shape (N,); infinite where there is none."""
    return np.abs(reference[:, None] - estimated).min(axis=1, initial=np.inf)


def _boundaries(programmes: Sequence[Composed], ways: Mapping[str, Sequence[Lanes]]) -> None:
    print("| | changes of | off, median, s | off, 90 %, s | found | too many | F1 within 1 s |")
    print("|---|---|---|---|---|---|---|")
    for name, lanes in ways.items():
        for of in ((*LANES,), *((lane,) for lane in LANES)):
            if all(lane in one.spans for one in lanes for lane in of):
                pairs = [
                    (one.true.changes(*of), said.changes(*of)) for one, said in zip(programmes, lanes, strict=True)
                ]
                print(f"| {name} | {' or '.join(of)} | {' | '.join(_offs(pairs))} |")


def _offs(pairs: Sequence[tuple[Times, Times]]) -> list[str]:
    """The cells of a row, from true and found changes of each programme."""
    off = np.concatenate([distances(true, found) for true, found in pairs])
    groups = np.repeat(np.arange(len(pairs)), [len(true) for true, _ in pairs])
    counts = [[len(matches(true, found, tolerance=WITHIN)), len(true), len(found)] for true, found in pairs]

    def ratio(measure: Callable[[np.ndarray], np.ndarray]) -> str:
        return cell(bootstrap_of_sums(measure, counts, np.arange(len(pairs))))

    return [
        *(cell(bootstrap_of_weights(by_rows(_quantile(off, share)), groups)) for share in (0.5, 0.9)),
        ratio(lambda sums: sums[0] / sums[1]),
        ratio(lambda sums: 1 - sums[0] / np.maximum(sums[2], 1)),
        ratio(lambda sums: 2 * sums[0] / (sums[1] + sums[2])),
    ]


def _quantile(off: np.ndarray, share: float) -> Callable[[np.ndarray], float]:
    held = np.minimum(off, SECONDS)
    return lambda rows: float(np.quantile(held[rows], share))


def _moments(programmes: Sequence[Composed], ways: Mapping[str, Sequence[Lanes]]) -> None:
    print("\n| | seconds with | share of all | precision | recall | F1 |\n|---|---|---|---|---|---|")
    for name, lanes in ways.items():
        scores = [
            frame_scores(one.true.track(), said.track()).classes for one, said in zip(programmes, lanes, strict=True)
        ]
        for lane in lanes[0].spans:
            times = [one[lane] for one in scores]
            parts = [[one.agreed, one.reference, one.estimated] for one in times]
            agreed, there, told = np.sum(parts, axis=0)
            found = bootstrap_of_sums(lambda sums: 2 * sums[0] / (sums[1] + sums[2]), parts, np.arange(len(parts)))
            ratios = f"{there / (SECONDS * len(parts)):.2f} | {agreed / max(told, 1e-9):.3f} | {agreed / there:.3f}"
            print(f"| {name} | {lane} | {ratios} | {cell(found)} |")
    print()
