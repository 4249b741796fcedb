"""Both stores against one another: every answer of the library is that of the dictionaries."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from cueline.errors import StoreError
from cueline.ports import Outcome
from cueline.stores.library import LibraryStore
from cueline.stores.memory import MemoryStore
from cueline.stores.spool import write_track
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from tests.stores.made import asset, done, features, labels, made_by, pictures, placed, same, spans

SHM = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None


@pytest.fixture(params=["memory", "library"])
def store(request, folder):
    with ExitStack() as closing:
        store = MemoryStore() if request.param == "memory" else LibraryStore(folder / "films.cue", create=True)
        closing.callback(store.close)
        yield store


def spooled_in(store, folder):
    return store.spool_folder() if isinstance(store, LibraryStore) else Path(tempfile.mkdtemp(dir=folder))


def test_an_asset_comes_back_with_all_that_is_known_of_it(store):
    store.put_asset(asset("a1", film="Sintel"))
    assert store.assets() == [asset("a1", film="Sintel")]


def test_what_is_newly_known_of_an_asset_replaces_what_was_and_groups_of_other_kinds_stay(store):
    store.put_asset(asset("a1", film="Sintel", show="x"))
    store.put_asset(replace(asset("a1", show="y"), duration=3.5, streams=()))
    assert store.assets() == [replace(asset("a1", film="Sintel", show="y"), duration=3.5, streams=())]


def test_a_path_has_one_place_and_the_last_word_counts(store):
    store.put_asset(asset())
    store.put_place(placed("/films/b.mp4", None, reason="no moov"))
    store.put_place(placed("/films/b.mp4"))
    assert store.places() == [placed("/films/b.mp4")]


def test_of_a_missing_file_everything_known_stays(store):
    store.put_asset(asset())
    store.put_place(placed("/films/b.mp4"))
    store.put_place(placed("/films/b.mp4", None, reason="gone", missing=True))
    store.put_place(placed("/films/c.mp4", None, missing=True))
    assert store.places() == [placed("/films/b.mp4", missing=True), placed("/films/c.mp4", None, missing=True)]
    assert store.assets() == [asset()]
    store.put_place(placed("/films/b.mp4"))
    assert store.places()[0] == placed("/films/b.mp4")


def test_places_stand_in_order_of_path_and_assets_of_their_first_path(store):
    for name in ("a1", "a2", "a3", "a4"):
        store.put_asset(asset(name))
    for path, of in (("/z", "a1"), ("/m-1", "a3"), ("/m/1", "a2"), ("/n", "a1"), ("/é", "a3")):
        store.put_place(placed(path, of))
    assert [str(place.location.path) for place in store.places()] == ["/m-1", "/m/1", "/n", "/z", "/é"]
    assert [known.id for known in store.assets()] == ["a3", "a2", "a1", "a4"]


@pytest.mark.parametrize("name", [b"latin \xe9.mp4", b"two\nlines.mp4", b"-rf 'a\" b?#%41.mp4", "日本.mp4".encode()])
def test_any_file_name_survives(store, name):
    path = Path(os.fsdecode(b"/films/" + name))
    store.put_asset(asset())
    store.put_place(placed(path))
    assert store.places() == [placed(path)]


def test_an_outcome_and_its_tracks_appear_together(store, folder):
    store.put_asset(asset())
    run, aside = store.begin_run({}), spooled_in(store, folder)
    write_track(aside / "c", features(5))
    more = {"tracks": {"shots": labels("x", "y"), "score": features(2)}, "spooled": {"color": aside / "c"}}
    store.commit(
        run, [done(**more, pictures=pictures(aside / "p")), Outcome("a1", "black", "nothing", made_by("black"))]
    )
    shutil.rmtree(aside)
    assert store.outcomes("a1") == [Outcome("a1", "black", "nothing", made_by("black")), done()]
    assert store.track_names("a1") == ["color", "score", "shots"]
    assert same(store.track("a1", "shots"), labels("x", "y"))
    assert same(store.track("a1", "score"), features(2))
    assert same(store.track("a1", "color"), features(5))
    assert store.provenance("a1", "color") == made_by("shots")
    assert [store.picture("a1", time) for time in (0.0, 1.5, 3.0)] == [b"picture 0", b"picture 1", None]


def test_a_later_outcome_takes_the_place_of_the_one_before_with_its_tracks_and_pictures(store, folder):
    store.put_asset(asset())
    run, aside = store.begin_run({}), spooled_in(store, folder)
    store.commit(run, [done(tracks={"shots": labels("x"), "curve": features()}, pictures=pictures(aside / "p"))])
    store.commit(run, [done(version="2", tracks={"shots": labels("y", "z")})])
    assert store.outcomes() == [done(version="2")]
    assert store.track_names("a1") == ["shots"]
    assert same(store.track("a1", "shots"), labels("y", "z"))
    assert store.picture("a1", 0.0) is None


def test_a_failure_takes_the_place_of_what_was_done_before(store):
    store.put_asset(asset())
    run = store.begin_run({})
    failed = Outcome("a1", "shots", "failed", made_by("shots", "2"), "it broke")
    store.commit(run, [done(tracks={"shots": labels("x")})])
    store.commit(run, [failed])
    assert (store.outcomes("a1"), store.track_names("a1")) == ([failed], [])


def test_the_same_work_kept_twice_is_there_once(store):
    store.put_asset(asset())
    run = store.begin_run({})
    for value in (0.25, 0.5):
        store.commit(run, [done(tracks={"color": features(value=value)})])
    assert same(store.track("a1", "color"), features(value=0.5))


def test_a_track_belongs_to_the_plugin_that_made_it_last(store):
    store.put_asset(asset())
    run = store.begin_run({})
    store.commit(run, [done("shots", tracks={"shots": labels("x"), "more": labels("m")})])
    store.commit(run, [done("other", tracks={"shots": labels("y")})])
    store.commit(run, [done("shots", version="2")])
    assert store.track_names("a1") == ["shots"]
    assert store.provenance("a1", "shots") == made_by("other")


def test_two_tracks_of_one_name_in_one_commit_are_refused(store):
    store.put_asset(asset())
    run = store.begin_run({})
    with pytest.raises(StoreError, match="needs a name of its own, got 'shots' 2 times"):
        store.commit(run, [done("a", tracks={"shots": labels()}), done("b", tracks={"shots": labels()})])
    assert store.outcomes() == []


def test_of_two_outcomes_of_one_plugin_the_last_counts(store):
    store.put_asset(asset())
    store.commit(store.begin_run({}), [done(tracks={"shots": labels("x")}), done(tracks={"shots": labels("y")})])
    assert same(store.track("a1", "shots"), labels("y"))


def test_a_damaged_file_spoils_the_whole_commit(store, folder):
    store.put_asset(asset())
    run, aside = store.begin_run({}), spooled_in(store, folder)
    (aside / "c").write_bytes(b"ARROW1 but not really")
    for more in ({"spooled": {"color": aside / "c"}}, {"pictures": aside / "c"}):
        with pytest.raises(StoreError, match="damaged"):
            store.commit(run, [done("black"), done(**more)])
    assert store.outcomes() == []


def test_what_was_never_put_is_refused(store):
    with pytest.raises(StoreError, match="no asset 'a1'; put_asset comes first"):
        store.put_place(placed("/a"))
    with pytest.raises(StoreError, match="no run 1; `cueline runs`"):
        store.end_run(1)
    with pytest.raises(StoreError, match="no run 1; `cueline runs`"):
        store.commit(1, [])
    with pytest.raises(StoreError, match="no asset 'a1'; put_asset comes first"):
        store.commit(store.begin_run({}), [done()])
    with pytest.raises(StoreError, match="has no track 'shots'; there are: none"):
        store.track("a1", "shots")


def test_a_track_that_is_not_there_is_told_with_the_near_miss(store):
    store.put_asset(asset())
    store.commit(store.begin_run({}), [done(tracks={"shots": labels()})])
    with pytest.raises(StoreError, match=r"no track 'shot'; there are: shots. Did you mean 'shots'\?"):
        store.track("a1", "shot")
    with pytest.raises(StoreError, match="no track 'scenes'"):
        store.provenance("a1", "scenes")


def test_runs_are_numbered_and_end(store):
    first, second = store.begin_run({"wanted": ["shots"]}), store.begin_run({})
    store.end_run(first)
    store.end_run(second, interrupted=True)
    assert first < second


def test_what_was_judged_and_the_classes_looked_for_come_back(store):
    store.put_asset(asset())
    kept = LabelTrack(spans(1), ("b",), classes=("a", "b"), judged=np.array([[0.0, 9.5]]), stream="audio:0")
    nothing = LabelTrack(spans(0), (), classes=("a",), judged=np.array([[0.0, 9.5]]))
    store.commit(store.begin_run({}), [done(tracks={"kept": kept, "nothing": nothing})])
    assert same(store.track("a1", "kept"), kept)
    assert same(store.track("a1", "nothing"), nothing)


NAMES, PLUGINS, CLASSES = ("a1", "b2", "c3"), ("p", "q", "r.s"), ("x", "y")
TRACKS = ("shots", "color", "../odd name")
TIMES = st.integers(0, 8).map(lambda step: step / 4)
PAIRS = st.tuples(TIMES, TIMES).map(sorted)


@st.composite
def label_tracks(draw):
    rows = draw(st.lists(st.tuples(PAIRS, st.sampled_from(CLASSES), st.sampled_from([0.0, 0.5, 1.0])), max_size=6))
    pairs = np.array([pair for pair, _, _ in rows], dtype=float).reshape(-1, 2)
    return LabelTrack(pairs, tuple(name for _, name, _ in rows), [score for _, _, score in rows], CLASSES)


@st.composite
def outcomes(draw):
    tracks = draw(
        st.dictionaries(st.sampled_from(TRACKS), label_tracks() | st.integers(0, 3).map(features), max_size=2)
    )
    return done(
        draw(st.sampled_from(PLUGINS)), draw(st.sampled_from(NAMES)), draw(st.sampled_from("12")), tracks=tracks
    )


class StoresGiveTheSameAnswers(RuleBasedStateMachine):
    runs = Bundle("runs")

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=SHM))
        self.memory, self.library = MemoryStore(), LibraryStore(self.folder / "films.cue", create=True)

    @initialize(target=runs)
    def begin_with_something(self):
        self.put_asset("a1", 1.0, {})
        self.put_place("/a", "a1", missing=False)
        return self.begin()

    def both(self, act):
        """The answer of both, or the message with which both refuse."""
        answers = []
        for store in (self.memory, self.library):
            try:
                answers.append(act(store))
            except StoreError as error:
                answers.append(str(error))
        assert answers[0] == answers[1]
        return answers[0]

    @rule(
        name=st.sampled_from(NAMES), duration=TIMES, groups=st.dictionaries(st.sampled_from("kl"), st.text(max_size=2))
    )
    def put_asset(self, name, duration, groups):
        self.both(lambda store: store.put_asset(replace(asset(name, **groups), duration=duration)))

    @rule(path=st.sampled_from(["/a", "/a/b", "/a-b", "/é"]), of=st.sampled_from([*NAMES, None]), missing=st.booleans())
    def put_place(self, path, of, missing):
        self.both(lambda store: store.put_place(placed(path, of, missing=missing, reason="" if of else "bad")))

    @rule(target=runs)
    def begin(self):
        return self.both(lambda store: store.begin_run({"a": 1}))

    @rule(run=consumes(runs), interrupted=st.booleans())
    def end(self, run, interrupted):
        self.both(lambda store: store.end_run(run, interrupted=interrupted))

    @rule(run=runs, kept=st.lists(outcomes(), max_size=3))
    def commit(self, run, kept):
        self.both(lambda store: store.commit(run, kept))

    @rule()
    def reopen(self):
        self.library.close()
        self.library = LibraryStore(self.folder / "films.cue")

    @rule(
        names=st.none() | st.lists(st.sampled_from(TRACKS), max_size=2),
        classes=st.none() | st.lists(st.sampled_from(CLASSES), max_size=2),
        within=st.none() | PAIRS.map(lambda pair: Span(*pair)),
        of=st.none() | st.sampled_from(NAMES),
        least=st.none() | st.sampled_from([0.0, 0.5, 1.0]),
        limit=st.none() | st.integers(0, 4),
    )
    def ask_for_tags(self, names, classes, within, of, least, limit):
        asked = {
            "names": names,
            "classes": classes,
            "within": within,
            "asset": of,
            "least_score": least,
            "limit": limit,
        }
        self.both(lambda store: list(store.tags(**asked)))

    @invariant()
    def answers_are_the_same(self):
        self.both(lambda store: (store.assets(), store.places(), store.outcomes()))
        for name in NAMES:
            for track in self.both(lambda store, name=name: store.track_names(name)):
                assert same(self.memory.track(name, track), self.library.track(name, track))
                self.both(lambda store, name=name, track=track: store.provenance(name, track))

    @invariant()
    def every_file_has_its_row(self):
        files = {path.relative_to(self.library.path) for path in self.library.path.rglob("*.arrow")}
        assert files == {Path(name) for (name,) in self.library.sql("select file from tracks where file not null")[1]}

    def teardown(self):
        self.library.close()
        shutil.rmtree(self.folder)


TestStores = StoresGiveTheSameAnswers.TestCase
TestStores.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_a_memory_store_tells_its_size():
    store = MemoryStore()
    store.put_asset(asset())
    assert repr(store) == "MemoryStore(1 assets)"


def test_features_in_memory_do_not_hold_the_spooled_file(folder):
    store = MemoryStore()
    store.put_asset(asset())
    write_track(folder / "c", features())
    store.commit(store.begin_run({}), [done(spooled={"color": folder / "c"})])
    track = store.track("a1", "color")
    assert isinstance(track, FeatureTrack)
    assert isinstance(track.values.base, np.ndarray)
    assert track.values.base.base is None
