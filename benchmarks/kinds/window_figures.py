"""Windows of 10 s: ours, the old pipeline, a logistic regression and silero, on recordings that nobody learned from.

music      music or both against speech alone: accuracy, a window of another answer is wrong
three      speech, music, both: macro F1 over the three, "neither" is a wrong answer
four       speech, music, both, neither (noise and silence): macro F1
speech     whether there is speech, in all windows: accuracy
intervals  95 %, components drawn (a speaker and the pieces mixed with it)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.kinds import silero
from benchmarks.kinds.hearing import chances_of
from benchmarks.kinds.old_pipeline import STATES, chances, rivals, state_of
from benchmarks.kinds.rows import Rows, measured
from benchmarks.kinds.windows import RATIOS, judged_windows, learned_windows
from cueline.detectors.sound import LABELS
from cueline.evaluation.intervals import bootstrap_of_weights, paired_difference
from cueline.evaluation.reliability import brier_score, expected_calibration_error
from cueline.evaluation.summaries import Interval

OURS, OLD = "Cueline", "old pipeline"
LEARNED_WAYS = 3
AIMS = {"music": 0.985, "three": 0.95, "four": 0.92}
SHOWN = 40
Weights = np.ndarray


def figures(ways: int, jobs: int, *, ours: bool) -> None:
    """Measure and print all tables.

    Args:
        ways: How many ways each window is sent.
        jobs: Processes.
        ours: Whether the shipped network is there.
    """
    judged = measured("judged", judged_windows(), ways, whole=True, jobs=jobs)
    learned = measured("learned", learned_windows(), min(LEARNED_WAYS, ways), whole=False, jobs=jobs)
    right = np.array([STATES.index(state_of(label)) for label in judged.labels])
    said: dict[str, np.ndarray] = {}
    if ours:
        all_five = np.stack([chances_of(track) for track in judged.tracks])
        said[OURS] = np.column_stack([all_five[:, :3], all_five[:, 3:].sum(axis=1)])
    models = rivals(learned.descriptors, [state_of(label) for label in learned.labels])
    said |= {name: chances(model, judged.descriptors) for name, model in models.items()}
    groups = [one.component for one in judged.windows]
    _head(judged, learned, groups)
    summary(said, right, groups, judged.speech)
    per_class(said, right)
    for name, parts in _parts(judged).items():
        by_part(name, parts, said, right)
    if ours:
        calibration(said[OURS], right)
        wrong(said[OURS], right, judged)


def _head(judged: Rows, learned: Rows, groups: Sequence[str]) -> None:
    counts = {label: judged.labels.count(label) for label in LABELS}
    told = ", ".join(f"{count} {label}" for label, count in counts.items())
    print(f"\n{len(judged.labels)} windows in {len(set(groups))} components: {told}.")
    print(f"The old pipeline and the regression learned from {len(learned.labels)} windows.")


def counted(right: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """One row for each window that says which state was taken for which, shape (N, 16)."""
    return np.eye(16)[right * 4 + answers]


def macro_f1(sums: np.ndarray, classes: int) -> np.ndarray:
    """Mean F1 over the first classes, from sums of `counted`: shape (16, R) to (R,)."""
    table = sums.reshape(4, 4, -1)[:classes]
    agreed = np.stack([table[place, place] for place in range(classes)])
    whole = table.sum(axis=1) + table.sum(axis=0)[:classes]
    return np.mean(2 * agreed / np.maximum(whole, 1e-9), axis=0)


def measures(right: np.ndarray, answers: np.ndarray) -> Mapping[str, Callable[[Weights], np.ndarray]]:
    """Each figure as a measure of weights."""
    cells = counted(right, answers)
    three = cells * (right < 3)[:, None]
    music = (right < 3) & np.isin(answers, (0, 1, 2)) & ((right == 0) == (answers == 0))
    speech = np.isin(right, (0, 2)) == np.isin(answers, (0, 2))

    def share(of: np.ndarray, among: np.ndarray) -> Callable[[Weights], np.ndarray]:
        return lambda weights: (of & among) @ weights / np.maximum(among @ weights, 1)

    return {
        "music": share(music, right < 3),
        "three": lambda weights: macro_f1(three.T @ weights, 3),
        "four": lambda weights: macro_f1(cells.T @ weights, 4),
        "speech": share(speech, np.ones(len(right), bool)),
    }


def summary(said: Mapping[str, np.ndarray], right: np.ndarray, groups: Sequence[str], heard: np.ndarray) -> None:
    """The table of all ways, and by how much the first is better than the second."""
    print("\n| | music or both against speech, accuracy | three, macro F1 | four, macro F1 | speech or not, accuracy |")
    print("|---|---|---|---|---|")
    all_measures = {name: measures(right, found.argmax(axis=1)) for name, found in said.items()}
    for name, some in all_measures.items():
        print(f"| {name} | " + " | ".join(cell(bootstrap_of_weights(one, groups)) for one in some.values()) + " |")
    if np.isfinite(heard).all():
        yes = (heard >= silero.LEAST_SHARE) == np.isin(right, (0, 2))
        found = bootstrap_of_weights(lambda weights: yes @ weights / weights.sum(axis=0), groups)
        print(f"| silero-vad 6.2.3 | | | | {cell(found)} |")
    else:
        print(f"\n{silero.MISSING}")
    voiced, known = np.mean(np.isin(right, (0, 2))), right[right < 3]
    print(f"| always the commonest | {np.mean(known != 0):.3f} | | | {max(voiced, 1 - voiced):.3f} |")
    print("| to reach | " + " | ".join(f"{aim}" for aim in AIMS.values()) + " | |")
    if OURS in said:
        for measure in AIMS:
            pair = (all_measures[OURS][measure], all_measures[OLD][measure])
            told = paired_difference(*pair, groups, names=(OURS, OLD), measure=measure)
            print(f"\n{measure}: {OURS} - {OLD} = {cell(told.difference, signed=True)}", end="")
        print()


def per_class(said: Mapping[str, np.ndarray], right: np.ndarray) -> None:
    """Precision, recall and F1 of each state beside its base rate."""
    print("\n| | state | base rate | precision | recall | F1 | taken for speech, music, both, neither |")
    print("|---|---|---|---|---|---|---|")
    for name, found in said.items():
        table = counted(right, found.argmax(axis=1)).sum(axis=0).reshape(4, 4)
        for place, state in enumerate(STATES):
            agreed, there, told = table[place, place], table[place].sum(), table[:, place].sum()
            ratios = [agreed / max(told, 1), agreed / max(there, 1), 2 * agreed / max(there + told, 1)]
            cells = " | ".join(f"{ratio:.3f}" for ratio in (there / len(right), *ratios))
            print(f"| {name} | {state} | {cells} | {', '.join(f'{count:.0f}' for count in table[place])} |")


def by_part(what: str, parts: Sequence[str], said: Mapping[str, np.ndarray], right: np.ndarray) -> None:
    """Accuracy over four states by a part of the windows; empty names are left out."""
    print(f"\n| {what} | windows | " + " | ".join(f"{name}, accuracy" for name in said) + " |")
    print("|---" * (2 + len(said)) + "|")
    names = np.array(parts)
    for part in dict.fromkeys(name for name in parts if name):
        rows = names == part
        cells = [f"{np.mean(found[rows].argmax(axis=1) == right[rows]):.3f}" for found in said.values()]
        print(f"| {part} | {rows.sum()} | " + " | ".join(cells) + " |")


def _parts(judged: Rows) -> Mapping[str, Sequence[str]]:
    ratios = {ratio: f"{ratio:+.0f} dB" for ratio in RATIOS}
    return {
        "sent": judged.ways,
        "voice against music": [ratios.get(one.ratio_db, "") for one in judged.windows],
        "label and collection": [f"{one.label}, {one.collection}" for one in judged.windows],
    }


def calibration(found: np.ndarray, right: np.ndarray) -> None:
    """Whether chances mean what they say: of speech, of music, and of the label that is given."""
    asked = {
        "there is speech": (found[:, 0] + found[:, 2], np.isin(right, (0, 2))),
        "there is music": (found[:, 1] + found[:, 2], np.isin(right, (1, 2))),
        "the label is right": (found.max(axis=1), found.argmax(axis=1) == right),
    }
    heads = ("chance that", "expected calibration error", "Brier", "of the base rate", "mean chance", "share true")
    print(f"\n| {' | '.join(heads)} |" + "\n" + "|---" * len(heads) + "|")
    for name, (raw, true) in asked.items():
        chance = np.clip(raw, 0, 1)
        brier, error = brier_score(true, chance), expected_calibration_error(true, chance)
        print(
            f"| {name} | {error:.3f} | {brier.score:.4f} | {brier.base:.4f} | {chance.mean():.3f} | {true.mean():.3f} |"
        )


def wrong(found: np.ndarray, right: np.ndarray, judged: Rows) -> None:
    """Windows that we have wrong, the surest first."""
    answers = found.argmax(axis=1)
    rows = np.flatnonzero(answers != right)
    rows = rows[np.argsort(-found.max(axis=1)[rows], kind="stable")]
    print(f"\n{len(rows)} of {len(right)} windows are wrong" + (f"; the surest {SHOWN}:" if len(rows) > SHOWN else ":"))
    for row in rows[:SHOWN]:
        told = f"{judged.windows[row].name} ({judged.ways[row]}): {judged.labels[row]}"
        print(f"- {told}, said {STATES[answers[row]]} {found[row].max():.2f}")


def cell(found: Interval, *, signed: bool = False) -> str:
    """A value and its interval."""
    form = "{:+.3f}" if signed else "{:.3f}"
    return f"{form} [{form}, {form}]".format(found.value, found.low, found.high)
