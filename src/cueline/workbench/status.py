"""How far a library is: what is done, what failed and why, what is missing, what was odd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cueline.ports import Outcome, Placed, Store
from cueline.workbench.analysis import why_failed
from cueline.workbench.intake import homes


@dataclass(frozen=True, slots=True)
class Status:
    """What a library holds, and how far it is.

    Attributes:
        assets: How many assets lie somewhere, or lay there until they went missing.
        files: How many locations.
        done: Assets on which nothing failed and at least one plug-in ran.
        waiting: Assets that were probed and nothing more.
        failed: Files with a failure, and the reason.
        missing: Files that were not there any more when somebody looked.
        warnings: Files that could be analysed though something is wrong with them.
        duration: Seconds of media in all.
        tracks: How many assets have each track.
    """

    assets: int
    files: int
    done: int
    waiting: int
    failed: Mapping[str, str]
    missing: tuple[str, ...]
    warnings: Mapping[str, str]
    duration: float
    tracks: Mapping[str, int]


def status(store: Store) -> Status:
    """Count and name, from what a store holds."""
    places = store.places()
    somewhere = homes(places)
    assets = [asset for asset in store.assets() if asset.id in somewhere]
    outcomes: dict[str, list[Outcome]] = {asset.id: [] for asset in assets}
    for outcome in store.outcomes():
        if outcome.asset in outcomes:
            outcomes[outcome.asset].append(outcome)
    reasons = {asset: why_failed(found) for asset, found in outcomes.items()}
    oddities = {asset: _oddities(found) for asset, found in outcomes.items()}
    worked = {asset for asset, found in outcomes.items() if any(o.plugin not in ("probe", "decode") for o in found)}
    well = [asset for asset in assets if not reasons[asset.id]]
    names = store.all_track_names()
    return Status(
        assets=len(assets),
        files=len(places),
        done=sum(asset.id in worked for asset in well),
        waiting=sum(asset.id not in worked for asset in well),
        failed={str(p.location.path): p.reason for p in places if p.asset is None} | _by_file(places, reasons),
        missing=tuple(str(place.location.path) for place in places if place.missing),
        warnings=_by_file(places, oddities),
        duration=sum(asset.duration for asset in assets),
        tracks=dict(Counter(name for asset in assets for name in names.get(asset.id, ()))),
    )


def _oddities(outcomes: Sequence[Outcome]) -> str:
    return "; ".join(outcome.reason for outcome in outcomes if outcome.state == "done" and outcome.reason)


def _by_file(places: Sequence[Placed], texts: Mapping[str, str]) -> dict[str, str]:
    """A text of assets, where there is one, by each file that is there."""
    there = [(str(place.location.path), place.asset) for place in places if place.asset and not place.missing]
    return {path: texts[asset] for path, asset in there if asset and texts.get(asset)}
