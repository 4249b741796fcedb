"""What changed between runs, and why a file is as it is."""

from dataclasses import replace

import pytest

from cueline.errors import StoreError
from cueline.ports import Outcome
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.workbench.history import diff, differences, why
from cueline.workbench.planning import plan
from tests.stores.made import done, labels, made_by


@pytest.fixture
def two_runs(shelf, put):
    """Shots found twice with other options, a second file added, a failure mended."""
    one, two = put("one.mp4"), put("two.mp4")
    first = shelf.begin_run({})
    shelf.commit(first, [done("shots", one, tracks={"shots": labels("shot", "shot")})])
    shelf.commit(first, [Outcome(one, "black", "failed", made_by("black"), "it broke")])
    second = shelf.begin_run({})
    changed = replace(made_by("shots"), options={"threshold": 0.3}, inputs={"color": "cd"})
    shelf.commit(second, [Outcome(one, "shots", "done", changed, tracks={"shots": labels("shot", "fade")})])
    shelf.commit(second, [done("black", one), done("shots", two, tracks={"shots": labels("shot")})])
    return first, second, one, two


def test_what_differs_is_told_with_its_cause(shelf, two_runs, films):
    first, second, one, _ = two_runs
    changed = diff(shelf, first, second)
    assert changed.causes == {"shots.threshold: 0.5 -> 0.3": 1, "shots: input color changed": 1}
    assert changed.states == [(str(films / "one.mp4"), "black", "failed", "done")]
    assert (changed.compared, changed.added) == (1, 1)
    (track,) = changed.tracks
    assert (track.asset, track.track, track.same) == (one, "shots", 1)
    assert (track.gone, track.new) == (((Span(1, 2), "shot"),), ((Span(1, 2), "fade"),))


def test_a_run_does_not_differ_from_itself(shelf, two_runs):
    same = diff(shelf, two_runs[1], two_runs[1])
    assert (same.causes, same.states, same.tracks, same.added) == ({}, [], [], 0)


def test_what_a_plug_in_adds_to_known_files_is_told_in_both_directions(shelf, put):
    one = put("one.mp4")
    first = shelf.begin_run({})
    shelf.commit(first, [done("shots", one, tracks={"shots": labels("shot")})])
    second = shelf.begin_run({})
    shelf.commit(second, [done("import:words", one, tracks={"words": labels("hello")})])
    forth, back = diff(shelf, first, second), diff(shelf, second, first)
    assert forth.causes == {"import:words: it worked for the first time": 1}
    assert [(change.track, change.gone, change.new) for change in forth.tracks] == [
        ("words", (), ((Span(0, 1), "hello"),))
    ]
    assert back.causes == {"import:words: it had not worked yet": 1}
    assert [(change.gone, change.new) for change in back.tracks] == [(((Span(0, 1), "hello"),), ())]


def test_a_run_that_never_was_is_refused(shelf, two_runs):
    with pytest.raises(StoreError, match="knows no run 9"):
        diff(shelf, 1, 9)


def test_everything_that_can_differ_has_words():
    before = Provenance("p", "1", {"a": 1, "b": "x"}, {"i": "1"}, {"w": "1"}, {"dog": 1}, 3)
    after = Provenance("p", "2", {"a": 1, "c": None}, {"i": "2"}, {"v": "1"}, {"dog": 2}, 4)
    assert differences(before, after) == [
        "p: version 1 -> 2",
        'p.b: "x" -> -',
        "p: input i changed",
        "p: weights v changed",
        "p: weights w changed",
        "p: class dog changed",
        "p: answers up to 3 -> 4",
    ]
    assert differences(before, before) == []


def test_labels_of_a_run_that_were_replaced_by_the_same_run_are_not_kept(shelf, put):
    one = put("one.mp4")
    run = shelf.begin_run({})
    for names in (("a",), ("b",)):
        shelf.commit(run, [done("shots", one, tracks={"shots": labels(*names)})])
    assert shelf.labels_at(run, one)["shots"].names == ("b",)
    assert shelf.sql("select count(*) from past_track")[1] == [(0,)]
    assert shelf.sql("select count(*) from tag")[1] == [(1,)]


def test_why_tells_what_ran_and_what_would_run_again(shelf, two_runs):
    steps = {step.plugin: step for step in why(shelf, two_runs[2], plan(("shots",)))}
    assert steps["shots"].state == "done"
    assert steps["shots"].run == two_runs[1]
    assert any(text.startswith("shots.threshold: 0.3 -> -") for text in steps["shots"].due)
    assert (steps["color"].state, steps["color"].due) == ("never", ("it has not run yet",))
    assert (steps["black"].state, steps["black"].due) == ("done", ())
