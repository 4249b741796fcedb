"""Label tracks as they were at the end of each run, against a plain book of everything that was committed."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cueline.ports import Outcome
from cueline.stores.library import LibraryStore
from cueline.workbench.history import diff
from tests.stores.made import asset, features, labels, made_by

ASSETS = ("a", "b")
PLUGINS = ("p", "q", "import:x")
TRACKS = ("x", "y")
NAMES = st.lists(st.sampled_from(["dog", "cat", "sky"]), max_size=3).map(tuple)


class Book(RuleBasedStateMachine):
    """Commits of several plug-ins in several runs, which now and then give the same track, or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = LibraryStore(Path(self.folder.name) / "films.cue", create=True)
        self.now: dict[str, dict[str, tuple[str, tuple[str, ...] | None]]] = {name: {} for name in ASSETS}
        self.states: dict[tuple[str, str], str] = {}
        self.seen: dict[int, tuple[dict, dict]] = {}
        self.run = 0

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        for name in ASSETS:
            self.store.put_asset(asset(name))
        self.run = self.store.begin_run({})

    @rule(
        of=st.sampled_from(ASSETS),
        plugin=st.sampled_from(PLUGINS),
        tracks=st.dictionaries(st.sampled_from(TRACKS), st.none() | NAMES, max_size=2),
    )
    def keep(self, of: str, plugin: str, tracks: dict) -> None:
        made = {name: features() if names is None else labels(*names) for name, names in tracks.items()}
        self.store.commit(self.run, [Outcome(of, plugin, "done", made_by(plugin), tracks=made)])
        kept = {name: row for name, row in self.now[of].items() if row[0] != plugin}
        self.now[of] = kept | {name: (plugin, names) for name, names in tracks.items()}
        self.states[of, plugin] = "done"

    @rule(of=st.sampled_from(ASSETS), plugin=st.sampled_from(PLUGINS))
    def fail(self, of: str, plugin: str) -> None:
        self.store.commit(self.run, [Outcome(of, plugin, "failed", made_by(plugin), "it broke")])
        self.now[of] = {name: row for name, row in self.now[of].items() if row[0] != plugin}
        self.states[of, plugin] = "failed"

    @rule(interrupted=st.booleans())
    def next_run(self, *, interrupted: bool) -> None:
        self.seen[self.run] = self._labels(), dict(self.states)
        self.store.end_run(self.run, interrupted=interrupted)
        self.run = self.store.begin_run({})

    @rule()
    def stop_and_open(self) -> None:
        """The writer ends in the middle of a run and comes again."""
        self.seen[self.run] = self._labels(), dict(self.states)
        self.store.close()
        self.store = LibraryStore(Path(self.folder.name) / "films.cue")
        self.run = self.store.begin_run({})

    @invariant()
    def each_run_is_as_it_was(self) -> None:
        for run, (tracks, states) in self.seen.items():
            there = {name: self.store.labels_at(run, name) for name in ASSETS}
            assert {of: {name: track.names for name, track in found.items()} for of, found in there.items()} == tracks
            assert {key: row[1] for key, row in self.store.outcomes_at(run).items()} == states

    @precondition(lambda self: len(self.seen) > 1)
    @rule(data=st.data())
    def compare(self, data: st.DataObject) -> None:
        first, second = (data.draw(st.sampled_from(sorted(self.seen))) for _ in range(2))
        (one, before), (other, after) = self.seen[first], self.seen[second]
        # Files that both know; those that only one knows are counted, not compared
        both = {of for of, _ in before} & {of for of, _ in after}
        expected = {
            (of, name)
            for of in both
            for name in {*one[of], *other[of]}
            if sorted(enumerate(one[of].get(name, ()))) != sorted(enumerate(other[of].get(name, ())))
        }
        assert {(change.asset, change.track) for change in diff(self.store, first, second).tracks} == expected

    def _labels(self) -> dict[str, dict[str, tuple[str, ...]]]:
        return {
            of: {name: names for name, (_, names) in rows.items() if names is not None} for of, rows in self.now.items()
        }


TestThePast = Book.TestCase
TestThePast.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
