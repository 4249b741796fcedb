"""Supervised workers, with real processes that really hang, swell and crash."""

import gc
import math
import operator
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from cueline.errors import CuelineError, OptionError
from cueline.media.workers import Limits, Workers, cores
from cueline.ports import Task
from tests.media import work

ROOT = Path(__file__).parents[2]
IMPATIENT = Limits(stall_seconds=0.5, plugin_seconds=20, memory_gigabytes=0.2)
MEGABYTE = 1_000_000


def run(function, payload=None, *, limits=IMPATIENT):
    """The end of one task, followed by a task that must not notice."""
    with Workers(1, limits=limits) as workers:
        end, after = workers.run([Task("first", function, payload), Task("second", work.echo, "unharmed")])
    assert (after.task.key, after.kind, after.result) == ("second", "done", "unharmed")
    assert end.task.key == "first"
    return end


def wait_until(holds, seconds=10.0):
    """Wait until something holds; say whether it came to be."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_gone(pid):
    """Whether a process is no more; one that only waits to be noticed by its parent is no more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def zombies():
    """Children of this process that ended and were not waited for."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state == "Z" and int(parent) == os.getpid():
            found.append(stat.parent.name)
    return found


# What is done


def test_each_of_200_tasks_ends_once_in_two_processes():
    with Workers(2) as workers:
        ends = list(workers.run(Task(str(n), work.echo, n) for n in range(200)))
    assert sorted(end.result for end in ends) == list(range(200))
    assert {end.kind for end in ends} == {"done"}
    assert all(end.task.key == str(end.result) for end in ends)


def test_processes_are_kept_for_the_next_task_and_the_next_run():
    with Workers(2) as workers:
        first = {end.result for end in workers.run(Task(str(n), work.pid, 0.01) for n in range(20))}
        second = {end.result for end in workers.run([Task("again", work.pid, 0)])}
    assert len(first) == 2
    assert second < first
    assert os.getpid() not in first


def test_tasks_are_taken_one_by_one():
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield Task(str(taken), work.echo, taken)

    with Workers(2) as workers:
        ends = workers.run(endless())
        assert taken == 0
        for ended in range(1, 50):
            next(ends)
            assert taken <= ended + 3
        ends.close()


def test_no_tasks_start_no_process():
    with Workers(2) as workers:
        assert list(workers.run([])) == []
        assert workers._idle == []


def test_a_result_larger_than_any_buffer_arrives():
    with Workers(1) as workers:
        [end] = workers.run([Task("large", work.echo, b"x" * 20 * MEGABYTE)])
    assert end.result == b"x" * 20 * MEGABYTE


def test_watch_hears_where_the_work_is():
    heard = []
    with Workers(2) as workers:
        list(workers.run([Task(key, work.be_slow, 0.9) for key in "ab"], watch=heard.append))
    assert 2 <= len(heard) <= 20
    phases = {phase for places in heard for phase, _ in places.values()}
    assert "decode" in phases
    assert {key for places in heard for key in places} == {"a", "b"}
    assert max(seconds for places in heard for _, seconds in places.values()) > 0.1


# What goes wrong in the task


def test_an_error_is_told_with_its_type_and_place():
    end = run(work.fail)
    assert (end.kind, end.result, end.culprit) == ("failed", None, "")
    line = Path(work.__file__).read_text().splitlines().index('    raise ValueError("no such\\ncolour")') + 1
    assert end.reason == f"ValueError: no such colour ({work.__file__}:{line})"


def test_an_error_without_words_is_told_by_its_type():
    assert run(work.fail_without_words).reason.startswith("KeyError (")


def test_cuelines_own_errors_are_told_as_they_are():
    assert run(work.refuse).reason == "cannot decode 'a.mp4': no frame. Look at it with a player."


def test_a_process_lives_on_after_an_error():
    with Workers(1) as workers:
        ends = workers.run([Task("a", work.pid, 0), Task("b", work.fail, None), Task("c", work.pid, 0)])
        first, _, last = ends
    assert first.result == last.result


def test_a_result_that_cannot_leave_its_worker_is_a_failure_with_a_hint():
    end = run(work.give_a_lambda)
    assert end.kind == "failed"
    assert end.reason.startswith("the result cannot leave its worker: ")
    assert "must live in a module that can be imported" in end.reason


def test_a_result_that_cannot_be_read_is_a_failure():
    end = run(work.give_unreadable)
    assert (end.kind, end.reason.partition(" (")[0]) == (
        "failed",
        "its result cannot be read: ValueError: it is broken",
    )


def test_a_task_that_cannot_be_sent_is_a_failure_with_a_hint():
    end = run(lambda payload, progress: payload)
    assert end.kind == "failed"
    assert end.reason.startswith("the task cannot be sent to a worker: ")
    assert "must live in a module that can be imported" in end.reason


def test_a_task_that_cannot_be_loaded_is_a_failure_with_a_hint():
    end = run(work.echo, work.Unreadable())
    assert end.kind == "failed"
    assert end.reason.startswith("the task cannot be loaded in a worker: ValueError: it is broken")


# What goes wrong with the process


def test_a_decoder_that_stands_still_is_ended():
    began = time.monotonic()
    end = run(work.stall)
    assert (end.kind, end.culprit) == ("stalled", "decode")
    assert end.reason == "decoding made no progress for 0.5 s, 12.3 s into the media"
    assert time.monotonic() - began < 10


def test_slow_work_that_moves_on_is_left_alone():
    assert run(work.be_slow, 0.9).kind == "done"


def test_work_that_never_gives_a_sign_of_life_is_ended_and_nobody_is_blamed():
    end = run(work.say_nothing)
    assert (end.kind, end.culprit) == ("stalled", "")
    assert end.reason == "it gave no sign of life in its first 0.5 s"


def test_a_plug_in_that_stands_still_is_named():
    end = run(work.hang_in_plugin, limits=Limits(stall_seconds=0.1, plugin_seconds=2.0))
    assert (end.kind, end.culprit) == ("stalled", "color")
    assert end.reason == "the plug-in 'color' made no progress for 2 s, 2.5 s into the media"


def test_code_that_does_not_load_in_time_is_ended_and_nobody_is_blamed():
    with Workers(1, limits=Limits(plugin_seconds=0.5)) as workers:
        [end] = workers.run([Task("slow import", operator.sub, SlowToLoad())])
    assert (end.kind, end.culprit) == ("stalled", "")
    assert end.reason == "the code for it did not load in 0.5 s"


class SlowToLoad:
    """A payload that takes its time to be read."""

    def __reduce__(self):
        return time.sleep, (60,)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what a process takes")
def test_a_process_that_takes_too_much_memory_is_ended():
    end = run(work.swell, 300 * MEGABYTE)
    assert (end.kind, end.culprit) == ("memory", "color")
    assert end.reason == "it took more than 0.2 GB of memory in the plug-in 'color', 4.0 s into the media"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what a process takes")
def test_what_a_task_leaves_in_memory_is_not_held_against_the_next():
    with Workers(1, limits=IMPATIENT) as workers:
        ends = list(workers.run(Task(str(n), work.leave_in_memory, 120 * MEGABYTE) for n in range(3)))
    assert {end.kind for end in ends} == {"done"}
    assert len({end.result for end in ends}) == 3


def test_a_process_that_leaves_is_a_death_with_its_exit_code():
    end = run(work.leave, 3)
    assert (end.kind, end.culprit) == ("died", "")
    assert end.reason == "the process broke off before the first sign of life: it left with exit code 3"


def test_a_crash_is_a_death_with_its_cause_and_place():
    end = run(work.crash)
    assert (end.kind, end.culprit) == ("died", "color")
    assert end.reason == (
        "the process broke off in the plug-in 'color', 3.0 s into the media: "
        "it crashed with a segmentation fault (SIGSEGV)"
    )


def test_a_process_that_is_killed_is_a_death():
    end = run(work.be_killed)
    assert end.kind == "died"
    assert "killed from outside (SIGKILL)" in end.reason


def test_a_process_that_closes_the_line_is_a_death():
    end = run(work.hang_up)
    assert end.kind == "died"
    assert end.reason.endswith("it closed the line to its parent")


def test_the_others_do_not_notice_that_a_worker_is_killed(tmp_path):
    def kill():
        assert wait_until((tmp_path / "victim").exists)
        os.kill(int((tmp_path / "victim").read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    tasks = [Task("victim", work.note, (tmp_path, "victim")), *(Task(str(n), work.echo, n) for n in range(50))]
    with Workers(2) as workers:
        ends = {end.task.key: end for end in workers.run(tasks)}
    killer.join()
    assert ends.pop("victim").kind == "died"
    assert sorted(end.result for end in ends.values()) == list(range(50))


def test_a_task_that_a_dying_worker_did_not_take_goes_to_another():
    with Workers(1) as workers:
        [first] = workers.run([Task("a", work.pid, 0)])
        os.kill(first.result, signal.SIGSTOP)  # it lives, but will not take what it is given
        killer = threading.Timer(0.3, os.kill, [first.result, signal.SIGKILL])
        killer.start()
        [second] = workers.run([Task("b", work.pid, 0)])
        killer.join()
    assert second.kind == "done"
    assert second.result != first.result


def test_a_worker_that_died_while_it_waited_is_replaced():
    with Workers(1) as workers:
        [first] = workers.run([Task("a", work.pid, 0)])
        os.kill(first.result, signal.SIGKILL)
        [second] = workers.run([Task("b", work.pid, 0)])
    assert second.kind == "done"
    assert second.result != first.result


def test_a_worker_that_never_gets_going_is_a_death_and_not_tried_for_ever(monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    with Workers(1) as workers:
        [end] = workers.run([Task("a", work.echo, 1)])
    assert (end.kind, end.reason) == ("died", "the process broke off before it took the task: it left with exit code 1")


def test_programs_that_a_task_started_end_with_it(tmp_path):
    assert run(work.start_a_program, tmp_path / "pid").kind == "stalled"
    assert wait_until(lambda: is_gone(int((tmp_path / "pid").read_text())))


def test_a_worker_that_cannot_start_is_an_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Workers(1) as workers, pytest.raises(CuelineError, match="a worker process must start, but '/nowhere/python'"):
        list(workers.run([Task("a", work.echo, 1)]))


# What a worker is


def test_a_worker_imports_nothing_heavy():
    with Workers(1) as workers:
        [end] = workers.run([Task("modules", work.modules, None)])
    assert not {"numpy", "av", "torch", "asyncio", "cueline.ports"} & set(end.result)


def test_what_tasks_print_stays_off_standard_output(capfd):
    with Workers(1) as workers:
        [end] = workers.run([Task("talk", work.talk, None)])
    told = capfd.readouterr()
    assert end.result == "", "standard input must be empty"
    assert told.out == ""
    assert "printed by the task" in told.err
    assert "written by the task" in told.err


def test_numeric_libraries_share_the_cores(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    tasks = [Task(name, work.environment, name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")]
    with Workers(cores()) as workers:
        told = {end.task.key: end.result for end in workers.run(tasks)}
    assert told == {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "7"}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_nothing_is_left_behind():
    with Workers(2, limits=IMPATIENT) as workers:
        list(workers.run([Task("warm", work.echo, 1)]))
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with Workers(2, limits=IMPATIENT) as workers:
            tasks = [Task("a", work.stall, None), Task("b", work.leave, 1), Task("c", work.open_descriptors, None)]
            ends = {end.task.key: end for end in workers.run(tasks)}
            # Standard streams, the line, the board, the line that closes with the parent, and the folder being listed.
            assert ends["c"].result == 7
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert zombies() == []


# How it ends early


def test_closing_the_iterator_ends_what_is_running(tmp_path):
    tasks = [Task("a", work.echo, 1), Task("b", work.note, (tmp_path, "pid"))]
    with Workers(2) as workers:
        ends = workers.run(tasks)
        next(ends)
        assert wait_until((tmp_path / "pid").exists)
        ends.close()
        assert is_gone(int((tmp_path / "pid").read_text()))


def test_an_error_in_the_tasks_goes_on_and_ends_what_is_running(tmp_path):
    def tasks():
        yield Task("a", work.note, (tmp_path, "pid"))
        assert wait_until((tmp_path / "pid").exists)
        raise RuntimeError("the list of files broke")

    with Workers(2) as workers, pytest.raises(RuntimeError, match="the list of files broke"):
        list(workers.run(tasks()))
    assert is_gone(int((tmp_path / "pid").read_text()))


def script(tmp_path):
    """A person's script, without a guard: its top level runs the workers."""
    lines = f"""
        import pathlib
        from cueline.media.workers import Workers
        from cueline.ports import Task
        from tests.media import work

        folder = pathlib.Path({str(tmp_path)!r})
        with open(folder / "runs", "a") as file:
            file.write("run\\n")
        tasks = [Task(name, work.note, (folder, name)) for name in ("a", "b")]
        try:
            with Workers(2) as workers:
                list(workers.run(tasks))
        except KeyboardInterrupt:
            (folder / "interrupted").touch()
            raise
    """
    (tmp_path / "script.py").write_text(textwrap.dedent(lines))
    process = subprocess.Popen(
        [sys.executable, tmp_path / "script.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert wait_until(lambda: (tmp_path / "a").exists() and (tmp_path / "b").exists())
    return process, [int((tmp_path / name).read_text()) for name in ("a", "b")]


def test_ctrl_c_ends_the_workers_and_goes_on_as_an_interrupt(tmp_path):
    process, pids = script(tmp_path)
    with process:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=10)
    assert all(map(is_gone, pids))
    assert (tmp_path / "interrupted").exists()
    assert process.returncode == -signal.SIGINT
    assert told.count("KeyboardInterrupt") == 1, "only the parent may speak of it"
    assert (tmp_path / "runs").read_text() == "run\n", "the script must not run again in its workers"


def test_workers_end_when_their_parent_is_killed(tmp_path):
    process, pids = script(tmp_path)
    with process:
        process.kill()
        began = time.monotonic()
        assert wait_until(lambda: all(map(is_gone, pids)))
    assert time.monotonic() - began < 2


def test_a_parent_without_a_file_has_workers_too():
    lines = """
        from cueline.media.workers import Workers
        from cueline.ports import Task
        from tests.media import work

        def mine(payload, progress):
            return payload

        with Workers(1) as workers:
            for end in workers.run([Task("theirs", work.echo, 1), Task("mine", mine, 2)]):
                print(end.kind, end.result, end.reason.partition("mine")[2])
    """
    told = subprocess.run(
        [sys.executable, "-"], input=textwrap.dedent(lines), cwd=ROOT, capture_output=True, text=True, check=True
    )
    first, second = told.stdout.splitlines()
    assert first.split() == ["done", "1"]
    assert second.startswith("failed None")
    assert second.endswith("must live in a module that can be imported, not in a script or a notebook.")
    assert told.stderr == ""


# What is refused


@pytest.mark.parametrize("value", [0, -1.0, math.nan, "60", None, True])
@pytest.mark.parametrize("name", ["stall_seconds", "plugin_seconds", "memory_gigabytes"])
def test_a_limit_must_be_a_number_above_0(name, value):
    with pytest.raises(OptionError, match=f"{name} must be a number above 0, got "):
        Limits(**{name: value})


def test_a_limit_may_be_infinite():
    assert Limits(stall_seconds=math.inf).silence("decode") == math.inf


def test_there_must_be_a_worker():
    with pytest.raises(OptionError, match="jobs must be at least 1, got 0"):
        Workers(0)
