"""One file analysed without a library: its tracks are there for as long as somebody looks at them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cueline.ports import Outcome, Progress
from cueline.stores.spool import read_track
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import Track
from cueline.workbench.analysis import why_failed
from cueline.workbench.passes import AssetJob, analyze_asset
from cueline.workbench.planning import Plan


@dataclass(frozen=True, slots=True)
class Analysed:
    """What came of one file.

    Attributes:
        asset: As measured by decoding.
        tracks: All that was made, by name; long ones are files that go away with the look at them.
        outcomes: In the order of the plan.
        reason: Why something failed or nothing more could be written, in one line; else empty.
    """

    asset: Asset
    tracks: Mapping[str, Track]
    outcomes: Sequence[Outcome]
    reason: str = ""


@contextmanager
def analysed(path: Path, asset: Asset, plan: Plan, threads: int, progress: Progress) -> Iterator[Analysed]:
    """Analyse a file and look at what came of it; runs in a worker process.

    Args:
        path: The file.
        asset: What the probe told of it.
        plan: What is wanted.
        threads: To decode with.
        progress: Hears how it goes.
    """
    with tempfile.TemporaryDirectory(prefix="cueline-") as folder:
        result = analyze_asset(AssetJob(path, asset, plan, {}, Path(folder), threads), progress)
        tracks: dict[str, Track] = {}
        for outcome in result.outcomes:
            tracks |= outcome.tracks
            tracks |= {name: read_track(spooled) for name, spooled in outcome.spooled.items()}
        yield Analysed(result.asset, tracks, result.outcomes, result.stopped or why_failed(result.outcomes))
