"""A worker process as its parent holds it."""

import os
import signal
import time
from pathlib import Path

import pytest

from cueline.media.process import Process, _ending


def test_a_process_without_a_task_leaves_when_nobody_calls_any_more():
    process = Process(threads=1)
    assert process.alive
    Process.end_all([process])
    assert process._process.returncode == 0


def test_processes_end_together_even_when_one_has_died():
    processes = [Process(threads=1) for _ in range(3)]
    os.kill(processes[1].pid, signal.SIGKILL)
    Process.end_all(processes)
    assert [process._process.returncode for process in processes] == [0, -signal.SIGKILL, 0]


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux tells what a process takes")
def test_the_memory_of_a_process_is_known_while_it_lives():
    process = Process(threads=1)
    deadline = time.monotonic() + 10
    while process.memory_bytes() < 2e6:
        assert time.monotonic() < deadline
    assert process.memory_bytes() < 100e6
    Process.end_all([process])
    assert process.memory_bytes() == 0


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "it left with exit code 0"),
        (-signal.SIGSEGV, "it crashed with a segmentation fault (SIGSEGV)"),
        (-signal.SIGHUP, "it was ended by SIGHUP"),
        (-63, "it was ended by signal 63"),
    ],
)
def test_an_ending_is_told_in_words(code, words):
    assert _ending(code) == words
