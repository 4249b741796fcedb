"""What to run, in which order, and what is up to date: plug-ins resolved by the names of tracks.

A person names what they want; the planner adds what that needs. Extractors that need nothing share
the first decode pass; those that need tracks share a later pass, which the plan shows because it
costs another look at the file. Each step has the provenance it will write, known before anything
runs, so that work done earlier with the same plug-ins, options and inputs is recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cueline import registry
from cueline.errors import OptionError, PluginError, UnknownPluginError, near_miss
from cueline.ports import Outcome
from cueline.timeline.records import Provenance

EVERYDAY = ("keyframes", "shots", "black", "sound", "sound.kinds", "peaks", "silence", "loudness")

Options = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One plug-in of a plan.

    Attributes:
        name: Of the plug-in.
        kind: Its family.
        plugin: Made, with its options.
        gives: Names of its tracks.
        needs: Names of the tracks it must have.
        provenance: What its tracks will say of their origin.
    """

    name: str
    kind: Literal["extractors", "detectors"]
    plugin: Any
    gives: tuple[str, ...]
    needs: tuple[str, ...]
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in an order in which each finds what it needs.

    Attributes:
        steps: In order.
        wanted: What was asked for.
    """

    steps: tuple[Step, ...]
    wanted: tuple[str, ...]

    def stages(self) -> tuple[tuple[Step, ...], ...]:
        """Steps that can run together: extractors of one decode pass, or one detector."""
        stages: list[list[Step]] = []
        given = {need for step in self.steps for need in step.needs} - {
            name for step in self.steps for name in step.gives
        }
        waiting = list(self.steps)
        while waiting:
            ready = [step for step in waiting if given.issuperset(step.needs)]
            detectors = [step for step in ready if step.kind == "detectors"]
            stage = detectors[:1] or ready
            stages.append(stage)
            given.update(name for step in stage for name in step.gives)
            waiting = [step for step in waiting if step not in stage]
        return tuple(map(tuple, stages))

    def due(self, outcomes: Iterable[Outcome], *, retry: bool = False) -> Plan:
        """What of this plan is still to do on one asset.

        Args:
            outcomes: What became of the asset so far.
            retry: Whether a failure is tried again; it is not by default, since it mostly fails again.

        Returns:
            A plan without the steps whose result, with the same provenance, is there.
        """
        known = {
            outcome.provenance.fingerprint: outcome.state
            for outcome in outcomes
            if not (retry and outcome.state == "failed")
        }
        steps = tuple(step for step in self.steps if step.provenance.fingerprint not in known)
        return Plan(steps, self.wanted)

    def without(self, culprit: str) -> Plan:
        """This plan without a plug-in and all that needs its tracks."""
        lost: set[str] = set()
        steps = []
        for step in self.steps:
            if step.name == culprit or lost.intersection(step.needs):
                lost.update(step.gives)
            else:
                steps.append(step)
        return Plan(tuple(steps), self.wanted)

    def describe(self) -> dict[str, Any]:
        """Plain values, to keep with the run."""
        return {
            "wanted": list(self.wanted),
            "steps": [{"name": step.name, **_facts(step.provenance)} for step in self.steps],
        }


def plan(wanted: Sequence[str] = EVERYDAY, options: Options | None = None) -> Plan:
    """Plan what gives the wanted tracks.

    Args:
        wanted: Names of plug-ins or of tracks, such as "shots".
        options: Options by plug-in, such as {"shots": {"cut": 0.6}}.

    Raises:
        UnknownPluginError: If nothing gives a wanted or needed track.
        OptionError: If options are given for a plug-in that the plan does not use.
        PluginError: If plug-ins need one another in a circle.
    """
    options = options or {}
    makers = _makers()
    steps: dict[str, Step] = {}
    for name in dict.fromkeys(wanted):
        _add(name, (), makers, options, steps)
    unused = sorted(set(options) - {step.name for step in steps.values()})
    if unused:
        used = [step.name for step in steps.values()]
        raise OptionError(
            f"options are given for {unused[0]!r}, which this plan does not use; it uses: {', '.join(used)}."
            f"{near_miss(unused[0], used)}",
            plugin=unused[0],
        )
    return Plan(tuple(steps.values()), tuple(dict.fromkeys(wanted)))


def _makers() -> dict[str, registry.Entry]:
    """Which plug-in is meant by a name; detectors come before extractors of the same name."""
    return {**registry.installed("extractors"), **registry.installed("detectors")}


def _add(
    name: str, above: tuple[str, ...], makers: Mapping[str, registry.Entry], options: Options, steps: dict[str, Step]
) -> None:
    """Add what gives a track, after all that it needs itself."""
    if name in above:
        raise PluginError(f"plug-ins must not need one another in a circle: {' -> '.join((*above, name))}", plugin=name)
    if any(name == step.name or name in step.gives for step in steps.values()):
        return
    entry = _giver(name, above, makers)
    plugin = registry.make(entry.kind, entry.name, **options.get(entry.name, {}))
    for need in plugin.needs:
        _add(need, (*above, name), makers, options, steps)
    steps[entry.name] = _step(entry, plugin, steps)


def _giver(name: str, above: tuple[str, ...], makers: Mapping[str, registry.Entry]) -> registry.Entry:
    """The plug-in of that name, or else the one that gives a track of that name beside its main one."""
    if name in makers:
        return makers[name]
    for entry in makers.values():
        if name in _names(entry.load().gives):
            return entry
    reason = f", which {above[-1]!r} needs" if above else ""
    raise UnknownPluginError(
        f"nothing installed gives {name!r}{reason}; installed: {', '.join(sorted(makers))}.{near_miss(name, makers)}",
        plugin=name,
    )


def _step(entry: registry.Entry, plugin: Any, steps: Mapping[str, Step]) -> Step:
    origin = {track: step.provenance.fingerprint for step in steps.values() for track in step.gives}
    provenance = Provenance(
        plugin=entry.name,
        version=plugin.version,
        options=registry.values_of(plugin),
        inputs={need: origin[need] for need in plugin.needs},
        weights=dict(getattr(plugin, "weights", {})),
    )
    kind: Literal["extractors", "detectors"] = "detectors" if entry.kind == "detectors" else "extractors"
    return Step(entry.name, kind, plugin, _names(plugin.gives), tuple(plugin.needs), provenance)


def _names(gives: str | Sequence[str]) -> tuple[str, ...]:
    return (gives,) if isinstance(gives, str) else tuple(gives)


def _facts(provenance: Provenance) -> dict[str, Any]:
    return {"version": provenance.version, "options": dict(provenance.options), "fingerprint": provenance.fingerprint}
