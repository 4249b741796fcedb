import pytest

from cueline.errors import StoreError
from cueline.stores.questions import Wanted
from cueline.stores.rows import Tag
from cueline.timeline.spans import Span
from tests.stores.made import asset, done, labels, placed


@pytest.fixture
def tagged(store):
    """Two films, the second by name first, with shots and words each."""
    for name, path in (("a1", "/films/z.mp4"), ("a2", "/films/b.mp4")):
        store.put_asset(asset(name))
        store.put_place(placed(path, name))
        tracks = {"shots": labels("x", "y", "x"), "words": labels("hello")}
        store.commit(store.begin_run({}), [done(of=name, tracks=tracks)])
    return store


def test_tags_come_by_path_then_time(tagged):
    found = [(tag.asset, tag.track, tag.span.start) for tag in tagged.tags()]
    one = [("shots", 0.0), ("words", 0.0), ("shots", 1.0), ("shots", 2.0)]
    assert found == [("a2", *row) for row in one] + [("a1", *row) for row in one]


def test_tags_of_assets_without_a_path_come_last_and_count_for_a_limit(tagged):
    tagged.put_place(placed("/films/c.mp4", "a2"))  # a second path changes nothing
    for name in ("a4", "a3"):
        tagged.put_asset(asset(name))
        tagged.commit(tagged.begin_run({}), [done(of=name, tracks={"shots": labels("x", "y")})])
    found = [tag.asset for tag in tagged.tags()]
    assert found == ["a2"] * 4 + ["a1"] * 4 + ["a3"] * 2 + ["a4"] * 2
    for limit in range(len(found) + 2):
        assert [tag.asset for tag in tagged.tags(limit=limit)] == found[:limit]
    assert [tag.asset for tag in tagged.tags(asset="a4", limit=1)] == ["a4"]
    assert [tag.asset for tag in tagged.tags(within=Span(1, 2), names=["shots"])] == ["a2", "a1", "a3", "a4"]


def test_a_limit_ends_the_search_early(store):
    run = store.begin_run({})
    for number in range(500):
        store.put_asset(asset(f"{number:03}"))
        store.put_place(placed(f"/films/{number:03}.mp4", f"{number:03}"))
        store.commit(run, [done(of=f"{number:03}", tracks={"shots": labels("x", "y")})])
    steps = []
    store._database.set_progress_handler(lambda: steps.append(1), 100)
    assert len(list(store.tags(within=Span(0, 1), limit=5))) == 5
    assert len(steps) < 10, "hundreds of steps of SQLite's machine"


def test_tags_are_chosen_by_everything_at_once(tagged):
    found = tagged.tags(names=["shots"], classes=["x"], within=Span(1.5, 2.5), asset="a1", least_score=0.9, limit=5)
    assert list(found) == [Tag("a1", "shots", Span(2.0, 3.0), "x", 1.0)]


def test_an_empty_choice_finds_nothing(tagged):
    assert list(tagged.tags(names=[])) == []
    assert list(tagged.tags(classes=[])) == []
    assert list(tagged.tags(limit=0)) == []


def test_a_window_is_found_by_index_and_not_by_reading_the_track(tagged):
    from cueline.stores.questions import tag_query

    query, values = tag_query(Wanted(within=Span(1, 2)), limit=None)
    (_, plan) = tagged.sql(f"EXPLAIN QUERY PLAN {query}", values)
    assert any("SEARCH tag USING PRIMARY KEY (track=? AND start>? AND start<?)" in row[-1] for row in plan)


def test_sql_takes_values_and_gives_columns_and_rows(tagged):
    query = "SELECT name, count(*) AS n FROM tags WHERE track = ? GROUP BY name ORDER BY name"
    assert tagged.sql(query, ["shots"]) == (["name", "n"], [("x", 4), ("y", 2)])
    assert tagged.sql("SELECT path, files FROM assets ORDER BY path")[1] == [("/films/b.mp4", 1), ("/films/z.mp4", 1)]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("DELETE FROM tag", "attempt to write a readonly database"),
        ("CREATE TEMP TABLE t (a)", "attempt to write a readonly database"),
        ("ATTACH '/dev/shm/other.sqlite' AS other", "not authorized"),
        ("SELECT * FROM shots", "no such table: shots"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
        ("SELECT ?", "number of bindings"),
    ],
)
def test_sql_that_cannot_be_answered_is_told_with_the_views(tagged, query, told):
    with pytest.raises(
        StoreError, match=rf"the library .*films.cue' cannot answer .*{told}.*over the views answers, assets, campaigns"
    ):
        tagged.sql(query)


def test_sql_changes_nothing_even_when_asked_to_forget_that(tagged):
    tagged.sql("PRAGMA query_only = OFF")
    with pytest.raises(StoreError, match="readonly database"):
        tagged.sql("DELETE FROM tag")


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("SELECT name FORM tags", "tags"),
        ("SELECT FROM tags FROM tags", "FROM tags FROM"),
        ("SELECT nome FROM tags", "nome"),
        ("SELECT t.nome FROM tags t", "nome"),
        ("SELECT 1,\n  2 FROM nowhere", "nowhere"),
        ("SELECT (1", ""),
    ],
)
def test_a_caret_stands_where_a_query_goes_wrong(tagged, query, marked):
    with pytest.raises(StoreError) as refused:
        tagged.sql(query)
    *_, line, mark = str(refused.value).split("\n")
    assert line[mark.index("^") :].startswith(marked)
    assert marked or mark.index("^") == len(line)


def test_tags_of_groups(tagged):
    tagged.put_groups("a1", {"show": "Cosmos", "year": "1980"})
    assert {tag.asset for tag in tagged.tags(groups={"show": "Cosmos"})} == {"a1"}
    assert list(tagged.tags(groups={"show": "Cosmos", "year": "1981"})) == []


def test_a_text_is_found_by_its_words(tagged):
    tagged.commit(
        tagged.begin_run({}),
        [done("talk", tracks={"subtitles": labels("Das Café am Rhein", "a red old timer", "red dogs")})],
    )

    def found(query, **more):
        return [tag.name for tag in tagged.find_text(query, Wanted(**more))]

    assert found("cafe rhein") == found("RHEIN") == found('"cafe am"') == ["Das Café am Rhein"]
    assert sorted(found("red")) == ["a red old timer", "red dogs"]
    assert found("red -dogs") == found("red NOT dogs") == found("old*") == ["a red old timer"]
    assert sorted(found("cafe OR (red dogs)")) == ["Das Café am Rhein", "red dogs"]
    assert found("blue") == found("red", names=["shots"]) == found("red", within=Span(7, 8)) == []
    assert found("red", classes=["red dogs"], least_score=0.5) == ["red dogs"]
    assert len(tagged.find_text("x OR y", limit=3)) == 3


def test_tallies_count_rows_assets_and_seconds(tagged):
    tallies = tagged.tallies(Wanted(names=["shots"]))
    assert [(t.track, t.name, t.rows, t.assets) for t in tallies] == [("shots", "x", 4, 2), ("shots", "y", 2, 2)]
    by_hand = sum(tag.span.duration for tag in tagged.tags(names=["shots"], classes=["x"]))
    assert tallies[0].seconds == pytest.approx(by_hand)
    assert tagged.tallies(Wanted(classes=["x"], within=Span(0, 0.5)))[0].rows < 4
    of_all = tagged.tallies()
    assert [t for t in of_all if t.track == "shots"] == tallies
    assert [(t.track, t.name, t.rows) for t in of_all if t.track != "shots"] == [("words", "hello", 2)]
