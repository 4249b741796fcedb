"""How fast a training is, and how long it will last."""

import pytest

from cueline.learning import progress
from cueline.learning.progress import Pace


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_the_rest_takes_as_long_as_its_share(clock):
    pace = Pace(1000)
    pace.step(200)
    clock[0] += 4
    assert pace.rows_per_second == 50
    assert pace.seconds_left == 16


def test_rows_that_were_learned_from_before_do_not_count_as_speed(clock):
    pace = Pace(1000)
    pace.skip(500)
    pace.step(100)
    clock[0] += 2
    assert pace.rows_per_second == 50
    assert pace.seconds_left == 8


def test_at_the_very_beginning_nothing_is_divided_by_zero(clock):
    pace = Pace(10)
    assert pace.rows_per_second == 0
    assert pace.seconds_left > 0
    pace.step(20)
    assert pace.seconds_left == 0
