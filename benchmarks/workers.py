"""What supervision costs: python benchmarks/workers.py [--tasks 2000] [--jobs 2] [--rounds 5].

Starts workers, runs empty tasks over them, and says where the work is, each `--rounds` times, and
takes the best. Beside it, what one would use otherwise: `ProcessPoolExecutor` with spawn for the
same tasks (it dies with the first process that is killed), and a process for each file. Needs no media.
"""

import argparse
import multiprocessing
import operator
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from cueline.media.process import Process
from cueline.media.worker import Board
from cueline.media.workers import Workers
from cueline.ports import Task


def tell_process(payload=None, progress=None):  # noqa: ARG001  # the promise of a task
    """An empty task: the number of the process that ran it."""
    return os.getpid()


def best(measure, rounds):
    """The least of several measurements: what the machine can do when nothing disturbs it."""
    return min(measure() for _ in range(rounds))


def timed(act):
    """Seconds that an act takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def supervised(tasks, jobs):
    """Seconds for empty tasks over warm workers, and how many processes ran them."""
    with Workers(jobs) as workers:
        list(workers.run(Task(str(n), tell_process, n) for n in range(jobs)))
        began = time.perf_counter()
        pids = {end.result for end in workers.run(Task(str(n), tell_process, n) for n in range(tasks))}
        return time.perf_counter() - began, len(pids)


def unsupervised(tasks, jobs):
    """Seconds for the same tasks over a warm pool of the standard library."""
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(tell_process, range(jobs * 10)))
        return timed(lambda: list(pool.map(tell_process, range(tasks))))


def first_answer():
    """Seconds from nothing to the first answer of one worker."""
    with Workers(1) as workers:
        return timed(lambda: list(workers.run([Task("first", operator.is_, None)])))


def sign_cost(calls=200_000):
    """Seconds of one `at`, as a reader calls it for every frame."""
    memory = os.memfd_create("board")
    os.truncate(memory, Board.size)
    board = Board(memory)
    os.close(memory)
    return timed(lambda: [board.at("decode", n / 25) for n in range(calls)]) / calls


def idle_memory():
    """Bytes that a worker takes before it has done anything."""
    process = Process(threads=1)
    time.sleep(0.5)
    taken = process.memory_bytes()
    Process.end_all([process])
    return taken


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    runs = [supervised(given.tasks, given.jobs) for _ in range(given.rounds)]
    python = best(lambda: timed(lambda: subprocess.run([sys.executable, "-c", ""], check=True)), given.rounds)
    pool = best(lambda: unsupervised(given.tasks, given.jobs), given.rounds)
    rows = [
        ("start of a bare Python", python * 1e3, "ms"),
        ("start of a worker to its first answer", best(first_answer, given.rounds) * 1e3, "ms"),
        ("memory of a worker without work", idle_memory() / 1e6, "MB"),
        (f"empty task, {given.tasks} over {given.jobs} workers", min(runs)[0] / given.tasks * 1e6, "us"),
        ("the same through ProcessPoolExecutor", pool / given.tasks * 1e6, "us"),
        (f"processes that ran the {given.tasks} tasks", max(pids for _, pids in runs), ""),
        ("saying where the work is: at()", best(sign_cost, given.rounds) * 1e6, "us"),
    ]
    for name, value, unit in rows:
        print(f"{name:45} {value:10.4g} {unit}")


if __name__ == "__main__":
    # Processes import what they run by name, and a script has none that they could import.
    from benchmarks.workers import main

    main()
