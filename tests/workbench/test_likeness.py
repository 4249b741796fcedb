"""Tests of search by example: the same look comes first, whatever else the numbers are."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import OptionError, StoreError, TimelineError
from cueline.stores.memory import MemoryStore
from cueline.timeline.spans import Span
from cueline.timeline.tracks import LabelTrack, as_spans
from cueline.workbench import comparing
from cueline.workbench.likeness import Example, Moment, moments_like
from tests.workbench.library_of_looks import DARK, FILMS, RED, SNOW, in_memory, keep, looks, on_disk, shots

FIRST = Example("a", Span(0.0, 3.0))  # red


def places(moments):
    return [(moment.asset, moment.span.start) for moment in moments]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_a_moment_finds_itself_first_and_then_what_looks_the_same(metric):
    found = moments_like(in_memory(), FIRST, "looks", own=True, metric=metric)
    assert found[0].asset == "a"
    assert found[0].span == Span(0.0, 3.0)
    assert found[0].score == pytest.approx(1.0, abs=1e-5)
    assert sorted(places(found[1:3])) == [("b", 3.0), ("c", 6.0)]
    assert found[3].score < found[2].score - 0.2


def test_the_example_itself_is_left_out_unless_asked_for():
    assert sorted(places(moments_like(in_memory(), FIRST, "looks", count=2))) == [("b", 3.0), ("c", 6.0)]
    assert {m.asset for m in moments_like(in_memory(), Example("a"), "looks")} == {"b", "c"}


@settings(max_examples=25)
@given(asset=st.sampled_from(sorted(FILMS)), number=st.integers(0, 1), metric=st.sampled_from(["cosine", "euclidean"]))
def test_the_best_moments_have_the_look_of_the_example(asset, number, metric):
    span = Span(3.0 * number, 3.0 * number + 3)
    found = moments_like(in_memory(), Example(asset, span), "looks", metric=metric)
    alike = [FILMS[m.asset][round(m.span.start / 3)] == FILMS[asset][number] for m in found]
    assert alike == sorted(alike, reverse=True)
    assert any(alike)
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)


def test_a_large_column_does_not_decide_alone():
    store = MemoryStore()
    near, far = (1000.0, 0.1, 1.0), (1010.0, 0.9, 1.0)  # luma differs by a hundredth, warmth by all
    for number, look in enumerate((near, near, far, far)):
        keep(store, str(number), looks(look, noise=0.0, seed=number), cuts=shots(1))
    found = moments_like(store, Example("0"), "looks", columns=("luma", "warmth"))
    assert (found[0].asset, found[0].score) == ("1", pytest.approx(1.0))
    assert found[1].score == pytest.approx(-1.0)
    raw = moments_like(store, Example("0"), "looks", columns=("luma", "warmth"), standardize=False)
    assert raw[1].score > 0.999


def test_only_the_columns_asked_for_are_compared():
    store = in_memory()
    keep(store, "d", looks((100.0, 0.9, 50.0)), cuts=shots(1))  # red, and in great motion
    still = moments_like(store, FIRST, "looks", columns=("luma", "warmth"), assets=["d", "c"])
    assert "d" in {m.asset for m in still[:2]}
    assert still[0].score > 0.99


def test_moments_of_one_asset_do_not_overlap():
    store = MemoryStore()
    cuts = LabelTrack(as_spans([[0, 3], [0.1, 3], [2, 4], [6, 9]]), ("shot",) * 4)
    keep(store, "a", looks(RED, DARK, SNOW), cuts=cuts)
    keep(store, "b", looks(RED), cuts=shots(1))
    found = moments_like(store, Example("b"), "looks")
    assert [m.span.start for m in found] in ([0.0, 6.0], [0.1, 6.0])


def test_more_rows_are_fetched_until_there_are_enough_moments():
    store = MemoryStore()
    spans = as_spans([[0.001 * i, 3 - 0.001 * i] for i in range(200)])
    keep(store, "a", looks(RED, SNOW), cuts=LabelTrack(spans, ("shot",) * 200))
    keep(store, "b", looks(DARK, RED), cuts=shots(2))
    assert {m.asset for m in moments_like(store, Example("b", Span(3, 6)), "looks", count=2, own=True)} == {"a", "b"}


def test_assets_and_a_window_of_time_may_be_asked_for():
    found = moments_like(in_memory(), FIRST, "looks", assets=["b", "c"], within=Span(1.0, 2.0))
    assert sorted(places(found)) == [("b", 0.0), ("c", 0.0)]


def test_rows_may_be_found_by_themselves():
    found = moments_like(in_memory(), Example("a", Span(0.5, 0.5)), "looks", per="", own=True, count=3)
    assert places(found)[0] == ("a", 0.5)
    assert found[0].score == pytest.approx(1.0, abs=1e-5)
    assert ("a", 0.5) not in places(moments_like(in_memory(), Example("a", Span(0.5, 0.5)), "looks", per=""))


@pytest.mark.extra("index")
def test_the_index_finds_what_looking_at_every_row_finds(tmp_path, monkeypatch):
    pytest.importorskip("lancedb", reason="the extra `index` is not installed")
    monkeypatch.setattr(comparing, "INDEXED_ROWS", 2000)
    with on_disk(tmp_path) as store:
        for number in range(9):
            keep(store, f"long {number}", looks(*[RED, SNOW] * 4, seed=number, noise=0.1), cuts=shots(8))
        exact = moments_like(store, FIRST, "looks", per="", index="exact")
        assert not list((store.path / "index").glob("*.lance"))
        told = []
        assert moments_like(store, FIRST, "looks", per="", index="auto", told=told.append) == exact
        assert told[-1].startswith("2400 rows of looks are indexed: cannot read")


def test_tracks_made_in_different_ways_are_told():
    store, told = in_memory(), []
    keep(store, "b", looks(SNOW, RED), version="2")
    moments_like(store, FIRST, "looks", told=told.append)
    assert told[0].startswith("looks was made in 2 ways (of 2, 1 assets), and what was made in different ways")


def test_assets_that_lack_the_label_track_are_told():
    store, told = in_memory(), []
    keep(store, "radio", looks(RED))
    moments_like(store, FIRST, "looks", per="shots", told=told.append)
    assert told[0] == "1 of 4 assets have no track 'shots', and are not compared"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"index": "lanse"}, "index is one of auto, exact, lance, got 'lanse'. Did you mean 'lance'"),
        ({"count": 0}, "at least 1 moment must be asked for, got 0"),
    ],
)
def test_options_that_cannot_be_are_refused(options, text):
    with pytest.raises(OptionError, match=text):
        moments_like(in_memory(), FIRST, "looks", **options)


def test_an_example_that_is_not_there_or_holds_nothing_is_refused():
    with pytest.raises(StoreError, match="asset z has no track 'looks'"):
        moments_like(in_memory(), Example("z"), "looks")
    with pytest.raises(TimelineError, match="an example needs a row with content"):
        moments_like(in_memory(), replace(FIRST, span=Span(20, 21)), "looks")


def test_a_library_in_which_all_is_the_same_has_nothing_to_tell_by_direction():
    store = MemoryStore()
    for name in "ab":
        keep(store, name, looks(RED, noise=0.0), cuts=shots(1))
    with pytest.raises(
        TimelineError, match="needs a direction .* is the mean of the library. Compare by the euclidean"
    ):
        moments_like(store, Example("a"), "looks")
    assert moments_like(store, Example("a"), "looks", metric="euclidean") == [Moment("b", Span(0.0, 3.0), 1.0)]
