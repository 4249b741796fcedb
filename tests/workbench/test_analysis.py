"""Tests of analysis over many assets: committing, culprits, trying again, resuming, counting."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from cueline.ports import Outcome, Placed, TaskEnd
from cueline.stores.memory import MemoryStore
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Provenance
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.analysis import due_work, run_work, spare_threads, summary, why_failed
from cueline.workbench.intake import PROBE
from cueline.workbench.passes import DECODE, AssetResult
from cueline.workbench.planning import Plan, Step


@dataclass(frozen=True)
class Nothing:
    """A plug-in that is never run here."""

    version: ClassVar[str] = "1"


def step(name, needs=()):
    return Step(name, "detectors", Nothing(), (name,), needs, Provenance(name, "1"))


PLAN = Plan((step("light"), step("edits", ("light",)), step("noise")), ("edits", "noise"))


@dataclass
class Script:
    """An engine that ends tasks as a script says: asset id -> kinds of end, one for each try."""

    script: dict
    tried: list

    version: ClassVar[str] = "1"

    def run(self, tasks, *, watch=None):
        for task in tasks:
            job = task.payload
            self.tried.append((job.asset.id, tuple(step.name for step in job.plan.steps), job.threads))
            kind, culprit = self.script[job.asset.id].pop(0)
            if kind == "done":
                yield TaskEnd(
                    task,
                    "done",
                    AssetResult(replace(job.asset, duration=9.0), (decoded(job), *map(made(job), job.plan.steps))),
                )
            else:
                yield TaskEnd(task, kind, None, f"{kind} in {culprit}", culprit)


def decoded(job):
    return Outcome(job.asset.id, "decode", "done", DECODE)


def made(job):
    track = LabelTrack(as_spans([[0.0, 1.0]]), ("x",))
    return lambda step: Outcome(job.asset.id, step.name, "done", step.provenance, tracks={step.name: track})


@pytest.fixture
def store():
    """Three assets at three places, probed."""
    store = MemoryStore()
    for name in "abc":
        store.put_asset(Asset(name, 1.0))
        store.put_place(Placed(Location(Path(f"/films/{name}.mp4"), 1, 1), name))
        store.commit(store.begin_run({}), [Outcome(name, "probe", "done", PROBE)])
    return store


PATHS = {Path(f"/films/{name}.mp4"): name for name in "abc"}


def run(store, tmp_path, script, *, threads=1, retry=False):
    folders = iter(range(1000))

    def folder():
        place = tmp_path / str(next(folders))
        place.mkdir()
        return place

    engine, told = Script(script, []), []
    work = due_work(store, PLAN, PATHS, retry=retry)
    run_work(store, engine, store.begin_run({}), work, folder, threads=threads, told=told.append)
    assert list(tmp_path.iterdir()) == []
    return engine.tried, [piece.asset.id for piece in told]


ALL = ("light", "edits", "noise")
DONE = ("done", "")


def test_each_asset_is_worked_on_once_and_kept(store, tmp_path):
    tried, told = run(store, tmp_path, {name: [DONE] for name in "abc"})
    assert tried == [(name, ALL, 1) for name in "abc"]
    assert told == ["a", "b", "c"]
    assert store.track_names("a") == ["edits", "light", "noise"]
    assert store.assets()[0].duration == 9.0
    assert due_work(store, PLAN, PATHS) == []


def test_a_culprit_is_named_and_the_asset_tried_again_without_it(store, tmp_path):
    tried, told = run(store, tmp_path, {"a": [("stalled", "light"), DONE], "b": [DONE], "c": [DONE]})
    assert tried[-1] == ("a", ("noise",), 1)
    assert told == ["b", "c", "a"]
    outcomes = {outcome.plugin: outcome for outcome in store.outcomes("a")}
    assert outcomes["light"].reason == outcomes["edits"].reason == "stalled in light"
    assert outcomes["noise"].state == "done"


def test_an_asset_whose_every_plug_in_fell_is_not_tried_again(store, tmp_path):
    script = {"a": [("memory", "light"), ("memory", "noise")], "b": [DONE], "c": [DONE]}
    tried, _ = run(store, tmp_path, script)
    assert [name for name, _, _ in tried] == ["a", "b", "c", "a"]
    assert {outcome.state for outcome in store.outcomes("a") if outcome.plugin in ALL} == {"failed"}


def test_decoding_that_stands_still_is_tried_once_more_with_one_thread(store, tmp_path):
    tried, _ = run(store, tmp_path, {"a": [("stalled", "decode"), DONE], "b": [DONE], "c": [DONE]}, threads=2)
    assert [(name, threads) for name, _, threads in tried] == [("a", 2), ("b", 2), ("c", 2), ("a", 1)]
    assert "light" in store.track_names("a")


def test_decoding_that_stands_still_with_one_thread_fails_with_its_reason(store, tmp_path):
    run(store, tmp_path, {"a": [("stalled", "decode")], "b": [DONE], "c": [DONE]})
    result = summary(store, PLAN, PATHS, 3)
    assert (result.done, result.failed, result.ok) == (2, {Path("/films/a.mp4"): "stalled in decode"}, False)


def test_a_failure_is_tried_again_only_when_asked_for(store, tmp_path):
    run(store, tmp_path, {"a": [("died", "")], "b": [DONE], "c": [DONE]})
    assert due_work(store, PLAN, PATHS) == []
    tried, _ = run(store, tmp_path, {"a": [DONE]}, retry=True)
    assert tried == [("a", ALL, 1)]
    assert summary(store, PLAN, PATHS, 1).ok


def test_what_could_not_be_probed_is_not_worked_on(store):
    store.commit(store.begin_run({}), [Outcome("b", "probe", "failed", PROBE, "it is empty")])
    assert [piece.asset.id for piece in due_work(store, PLAN, PATHS)] == ["a", "c"]
    assert summary(store, PLAN, PATHS, 0).failed == {Path("/films/b.mp4"): "it is empty"}


def test_two_copies_are_worked_on_once(store):
    twice = {**PATHS, Path("/films/copy of a.mp4"): "a"}
    assert [piece.path for piece in due_work(store, PLAN, twice)] == list(PATHS)


def test_nothing_done_is_never_success(store):
    assert not summary(store, PLAN, {}, 0).ok


def test_the_file_itself_comes_first_among_reasons():
    decode = Outcome("a", "decode", "failed", PROBE, "damaged")
    light = Outcome("a", "light", "failed", PROBE, "no picture")
    edits = Outcome("a", "edits", "failed", PROBE, "it needs 'light', which failed: no picture")
    assert why_failed([light, edits, decode]) == "damaged"
    assert why_failed([light, edits]) == "light: no picture"
    assert why_failed([edits]) == "edits: it needs 'light', which failed: no picture"
    assert why_failed([]) == ""


def test_spare_threads_are_those_of_idle_cores(monkeypatch):
    monkeypatch.setattr("cueline.workbench.analysis.cores", lambda: 8)
    assert [spare_threads(files) for files in (0, 1, 2, 3, 8, 100)] == [8, 8, 4, 2, 1, 1]
    assert spare_threads(100, jobs=2) == 4
