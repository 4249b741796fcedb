"""What a plan would do and about how long it would take, told before anything runs.

The time is learned from the library itself: how long each plug-in took for each second of media, the median of all
assets it was done with, on whatever machine that was. What never ran is not guessed; it is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from cueline.ports import Store
from cueline.workbench.analysis import Work
from cueline.workbench.planning import Plan, Step

_MOST_MEASURED = 1000  # outcomes of one plug-in that its median is taken from


@dataclass(frozen=True, slots=True)
class Preview:
    """What an analysis would do.

    Attributes:
        plan: All of it.
        work: What is due, one piece for each asset that is known.
        new: Files that nobody has looked at yet; they are probed first.
        seconds: About how long the due work takes, or None where that is not known for anything in it.
        unmeasured: Plug-ins in it that never ran here, so that their time is not in `seconds`.
    """

    plan: Plan
    work: Sequence[Work]
    new: Sequence[Path]
    seconds: float | None
    unmeasured: Sequence[str]

    @property
    def media_seconds(self) -> float:
        """How much media the due work looks at."""
        return sum(piece.asset.duration for piece in self.work)


def preview(store: Store, plan: Plan, work: Sequence[Work], *, new: Sequence[Path] = (), jobs: int = 1) -> Preview:
    """Tell what is due, and about how long it takes.

    Args:
        store: Whose outcomes tell how fast plug-ins are.
        plan: What is wanted.
        work: What is due.
        new: Files that nobody has looked at yet.
        jobs: How many files are worked on at once.
    """
    rates = _rates(store)
    due = {step.name for piece in work for step in piece.plan.steps}
    known = due & rates.keys()
    seconds = sum(_cost(stage, rates) * piece.asset.duration for piece in work for stage in piece.plan.stages())
    per_job = seconds / max(1, min(jobs, len(work) or 1))
    return Preview(plan, work, new, per_job if known else None, sorted(due - rates.keys()))


def _cost(stage: Sequence[Step], rates: Mapping[str, float]) -> float:
    """Seconds for a second of media: extractors of one pass share it, and each was measured with all of it."""
    return max(rates.get(step.name, 0.0) for step in stage)


def _rates(store: Store) -> dict[str, float]:
    """Seconds that each plug-in took for a second of media."""
    length = {asset.id: asset.duration for asset in store.assets()}
    measured: dict[str, list[float]] = {}
    for outcome in store.outcomes():
        if outcome.state == "done" and length.get(outcome.asset):
            measured.setdefault(outcome.plugin, []).append(outcome.seconds / length[outcome.asset])
    return {plugin: median(rates[:_MOST_MEASURED]) for plugin, rates in measured.items()}
