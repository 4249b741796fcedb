"""The local engine keeps the promise of an engine."""

import math

import pytest

from cueline import registry
from cueline.engines.local import Local
from cueline.errors import OptionError
from cueline.ports import Engine, Task
from tests.media import work


def test_each_task_ends_once():
    engine: Engine = Local()
    ends = list(engine.run(Task(str(n), work.echo, n) for n in range(10)))
    assert sorted(end.result for end in ends) == list(range(10))


def test_its_options_are_the_limits_of_its_workers():
    ends = list(Local(jobs=1, stall_seconds=0.5).run([Task("a", work.stall, None), Task("b", work.echo, 2)]))
    assert [(end.kind, end.culprit) for end in ends] == [("stalled", "decode"), ("done", "")]


def test_jobs_limit_the_number_of_processes():
    ends = Local(jobs=1).run([Task(str(n), work.pid, 0) for n in range(5)])
    assert len({end.result for end in ends}) == 1


def test_watch_is_passed_on():
    heard = []
    list(Local(jobs=1).run([Task("a", work.be_slow, 0.6)], watch=heard.append))
    assert {key for places in heard for key in places} == {"a"}


def test_it_is_found_by_its_name():
    assert registry.make("engines", "local", jobs=3) == Local(jobs=3)


def test_no_limit_is_a_limit():
    assert Local(memory_gigabytes=math.inf).memory_gigabytes == math.inf


@pytest.mark.parametrize("jobs", [-1, 1.5, "two", True])
def test_jobs_must_be_a_whole_number(jobs):
    with pytest.raises(OptionError, match="jobs must be a whole number from 0 on"):
        Local(jobs=jobs)


def test_limits_must_be_above_0():
    with pytest.raises(OptionError, match="stall_seconds must be a number above 0, got 0"):
        Local(stall_seconds=0)
