"""Work for the tests of workers: functions that another process can import and run."""

import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time

from cueline.errors import MediaError


def echo(payload, progress):
    return payload


def pid(payload, progress):
    progress.at("decode", 1.0)
    time.sleep(payload or 0)
    return os.getpid()


def stall(payload, progress):
    """Decode up to 12.3 s of media, then say the same for ever, as a pass that waits does."""
    progress.at("decode", 12.3)
    while True:
        progress.at("decode", 12.3)
        time.sleep(0.02)


def say_nothing(payload, progress):
    time.sleep(60)


def be_slow(payload, progress):
    """Be slower than a decoder may be, but move on."""
    for step in range(6):
        progress.at("decode", step / 10)
        time.sleep(payload / 6)
    return "done"


def hang_in_plugin(payload, progress):
    progress.at("decode", 1.0)
    progress.at("color", 2.5)
    time.sleep(60)


def swell(payload, progress):
    progress.at("color", 4.0)
    held = b"x" * payload
    time.sleep(60)
    return len(held)


_LEFT = []


def leave_in_memory(payload, progress):
    _LEFT.append(b"x" * payload)
    return os.getpid()


def leave(payload, progress):
    os._exit(payload)


def crash(payload, progress):
    progress.at("color", 3.0)
    ctypes.string_at(0)


def be_killed(payload, progress):
    os.kill(os.getpid(), signal.SIGKILL)


def hang_up(payload, progress):
    os.closerange(3, 64)
    time.sleep(60)


def fail(payload, progress):
    raise ValueError("no such\ncolour")


def fail_without_words(payload, progress):
    raise KeyError


def refuse(payload, progress):
    raise MediaError("cannot decode 'a.mp4': no frame. Look at it with a player.", path="a.mp4")


def give_a_lambda(payload, progress):
    return lambda: 1


class Unreadable:
    """A value that can be sent, but not read again."""

    def __reduce__(self):
        return _break, ("it is broken",)


def _break(text):
    raise ValueError(text)


def give_unreadable(payload, progress):
    return Unreadable()


def talk(payload, progress):
    print("printed by the task")
    os.write(1, b"written by the task\n")
    return sys.stdin.read()


def environment(payload, progress):
    return os.environ.get(payload)


def open_descriptors(payload, progress):
    return len(list(pathlib.Path("/proc/self/fd").iterdir()))


def modules(payload, progress):
    return sorted(sys.modules)


def start_a_program(payload, progress):
    """Start a program that would outlive this process, tell its number, and hang."""
    program = subprocess.Popen(["sleep", "60"])
    payload.write_text(str(program.pid))
    stall(None, progress)


def note(payload, progress):
    """Tell this process's number in a file, and work for long."""
    folder, name = payload
    (folder / f"{name}.part").write_text(str(os.getpid()))
    (folder / f"{name}.part").rename(folder / name)
    for step in range(1200):
        progress.at("decode", step / 20)
        time.sleep(0.05)
