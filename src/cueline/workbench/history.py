"""What happened to a library: what changed between two runs, and why one file is as it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cueline.stores.library import LibraryStore
from cueline.stores.rows import Row
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.intake import homes
from cueline.workbench.planning import Plan

_READING = ("probe", "decode")


@dataclass(frozen=True, slots=True)
class TrackChange:
    """One label track of one asset that differs.

    Attributes:
        asset: Id of the asset.
        path: Where it lies, as text for people.
        track: Name of the track.
        gone: Span and name of rows that only the first run had.
        new: The same of those that only the second has.
        same: How many rows both have, perhaps with other scores.
    """

    asset: str
    path: str
    track: str
    gone: tuple[tuple[Span, str], ...]
    new: tuple[tuple[Span, str], ...]
    same: int


@dataclass(frozen=True, slots=True)
class RunDiff:
    """What a library held when one run had ended, against another.

    Attributes:
        first: Number of the one run.
        second: Number of the other.
        causes: What differs in how plug-ins worked, in words, and on how many assets.
        states: Assets on which a plug-in ended differently: path, plug-in, state before, state after.
        tracks: Label tracks that differ, row by row.
        compared: How many assets both runs know.
        added: How many only the second knows.
    """

    first: int
    second: int
    causes: Mapping[str, int]
    states: Sequence[tuple[str, str, str, str]]
    tracks: Sequence[TrackChange]
    compared: int
    added: int


def diff(store: LibraryStore, first: int, second: int) -> RunDiff:
    """What changed from the end of one run to the end of another.

    Raises:
        StoreError: If there is no such run.
    """
    before, after = store.outcomes_at(first), store.outcomes_at(second)
    one, other = ({asset for asset, _ in outcomes} for outcomes in (before, after))
    paths = {asset: str(placed.location.path) for asset, placed in homes(store.places()).items()}
    causes, states, changed = Counter[str](), [], dict[str, None]()
    for asset, plugin in sorted({*before, *after}):
        was, made = before.get((asset, plugin)), after.get((asset, plugin))
        if asset not in one & other or was == made:
            continue
        changed[asset] = None
        causes.update(_causes(plugin, was, made))
        if was and made and was[1] != made[1]:
            states.append((paths.get(asset, asset), plugin, was[1], made[1]))
    tracks = [
        change
        for asset in changed
        for change in _changes(
            asset, paths.get(asset, asset), store.labels_at(first, asset), store.labels_at(second, asset)
        )
    ]
    return RunDiff(first, second, dict(causes.most_common()), states, tracks, len(one & other), len(other - one))


def _causes(plugin: str, was: Row | None, made: Row | None) -> list[str]:
    """What differs in how a plug-in worked on one asset."""
    if was is None or made is None:
        return [f"{plugin}: {'it worked for the first time' if was is None else 'it had not worked yet'}"]
    return differences(Provenance.from_json(was[4]), Provenance.from_json(made[4]))


def differences(before: Provenance, after: Provenance) -> list[str]:
    """What differs between two ways of making the same track, in words; nothing if it was only made again."""
    name, found = after.plugin, []
    if before.version != after.version:
        found.append(f"{name}: version {before.version} -> {after.version}")
    for option in sorted({*before.options, *after.options}):
        one, other = before.options.get(option), after.options.get(option)
        if one != other:
            found.append(f"{name}.{option}: {_told(one)} -> {_told(other)}")
    for what, one, other in (
        ("input", before.inputs, after.inputs),
        ("weights", before.weights, after.weights),
        ("class", before.classes, after.classes),
    ):
        parts = [part for part in sorted({*one, *other}) if one.get(part) != other.get(part)]
        found += [f"{name}: {what} {part} changed" for part in parts]
    if before.answers != after.answers:
        found.append(f"{name}: answers up to {_told(before.answers)} -> {_told(after.answers)}")
    return found


def _changes(
    asset: str, path: str, before: Mapping[str, LabelTrack], after: Mapping[str, LabelTrack]
) -> list[TrackChange]:
    changes = []
    for name in sorted({*before, *after}):
        one, other = (Counter(_rows(tracks.get(name))) for tracks in (before, after))
        gone, new = one - other, other - one
        if gone or new:
            kept = (one & other).total()
            changes.append(TrackChange(asset, path, name, _listed(gone), _listed(new), kept))
    return changes


def _rows(track: LabelTrack | None) -> list[tuple[Span, str]]:
    return [] if track is None else [(span, name) for span, name, _ in track]


def _listed(rows: Counter[tuple[Span, str]]) -> tuple[tuple[Span, str], ...]:
    return tuple(sorted(rows.elements()))


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one plug-in on one asset, and whether it would be done again.

    Attributes:
        plugin: Its name.
        state: "done", "failed", "nothing", or "never" where it has not run.
        reason: Why it failed, or what was odd; else empty.
        run: Number of the run, or None.
        when: When that run began.
        seconds: Time the work took.
        provenance: How it was made, or None.
        due: Why the next analysis would do it again, in words; empty where it is up to date or not asked for.
    """

    plugin: str
    state: str
    reason: str = ""
    run: int | None = None
    when: str = ""
    seconds: float = 0.0
    provenance: Provenance | None = None
    due: Sequence[str] = field(default_factory=tuple)


def why(store: LibraryStore, asset: str, plan: Plan) -> list[Step]:
    """Why an asset is as it is: each plug-in that ran, and each that a plan wants.

    Args:
        store: The library.
        asset: Id of the asset.
        plan: What the next analysis would be.
    """
    planned = {step.name: step.provenance for step in plan.steps}
    lost = {plugin for _, plugin in store.lost_work(asset)}
    steps = []
    query = (
        "select plugin, outcomes.state, reason, seconds, run, started, provenance "
        "from outcomes join runs on runs.id = run where asset = ?"
    )
    for plugin, state, reason, seconds, run, when, text in store.sql(query, [asset])[1]:
        made = Provenance.from_json(text)
        due = ["its file is not there any more, or is damaged"] if plugin in lost else []
        if plugin in planned and planned[plugin].fingerprint != made.fingerprint:
            due += differences(made, planned[plugin])
        steps.append(Step(plugin, state, reason, run, when, seconds, made, tuple(due)))
    ran = {step.plugin for step in steps}
    steps += [Step(name, "never", due=("it has not run yet",)) for name in planned if name not in ran]
    return sorted(steps, key=lambda step: (step.plugin not in _READING, step.plugin))


def _told(value: Any) -> str:
    return "-" if value is None else json.dumps(value, ensure_ascii=False)
