"""What a plan would do, and for how long."""

import pytest

from cueline.ports import Outcome
from cueline.workbench.analysis import due_work
from cueline.workbench.estimates import preview
from cueline.workbench.planning import plan
from tests.stores.made import made_by


def planned(shelf, put, names, jobs=1):
    paths = {place.location.path: place.asset for place in shelf.places()}
    steps = plan(names)
    return preview(shelf, steps, due_work(shelf, steps, paths), jobs=jobs)


def test_time_is_learned_from_what_ran(shelf, put):
    done = put("done.mp4", seconds=100.0)
    for name, seconds in (("color", 20.0), ("shots", 5.0)):
        shelf.commit(shelf.begin_run({}), [Outcome(done, name, "done", made_by(name), seconds=seconds)])
    put("new.mp4", seconds=40.0)
    due = planned(shelf, put, ["shots"])
    assert (len(due.work), due.media_seconds) == (2, 140.0)  # made with other options, so that both are due
    assert due.seconds == pytest.approx((20 + 5) * 1.4)
    assert due.unmeasured == []
    assert planned(shelf, put, ["shots"], jobs=2).seconds == pytest.approx((20 + 5) * 0.7)


def test_what_never_ran_is_named_and_not_guessed(shelf, put):
    put("new.mp4")
    due = planned(shelf, put, ["black"])
    assert (due.seconds, due.unmeasured) == (None, ["black", "color"])


def test_nothing_is_due_in_an_empty_library(shelf, put):
    due = planned(shelf, put, ["shots"])
    assert (due.work, due.seconds, due.media_seconds, due.unmeasured) == ([], None, 0, [])
