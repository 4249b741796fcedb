"""What a worker process does with a task, and how it shows where it is."""

import os
from multiprocessing.reduction import ForkingPickler

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import MediaError
from cueline.media.worker import Board, Sign, answer, in_words
from tests.media import work


@pytest.fixture(scope="module")
def boards(tmp_path_factory):
    """Two views of the same memory: one to write, one to look at."""
    path = tmp_path_factory.mktemp("board") / "board"
    path.write_bytes(bytes(Board.size))
    descriptor = os.open(path, os.O_RDWR)
    pair = Board(descriptor), Board(descriptor)
    os.close(descriptor)
    yield pair
    for board in pair:
        board.close()


@given(phase=st.text(max_size=60), seconds=st.floats(allow_nan=False))
def test_what_one_process_says_another_sees(boards, phase, seconds):
    here, there = boards
    here.at(phase, seconds)
    assert there.read() == Sign(phase, seconds)


def test_a_long_phase_is_cut(boards):
    here, there = boards
    here.at("x" * 1000)
    assert there.read() == Sign("x" * 255, 0.0)


@pytest.mark.parametrize(
    ("sign", "where", "culprit"),
    [
        (Sign("wait", 0.0), "before it took the task", ""),
        (Sign("load", 0.0), "while it loaded the code for the task", ""),
        (Sign("start", 0.0), "before the first sign of life", ""),
        (Sign("decode", 12.34), "while decoding, 12.3 s into the media", "decode"),
        (Sign("shots", 0.0), "in the plug-in 'shots'", "shots"),
    ],
)
def test_a_place_is_told_in_words(sign, where, culprit):
    assert (sign.where, sign.culprit) == (where, culprit)


@pytest.mark.parametrize(
    ("function", "payload", "told"),
    [
        (work.echo, {"a": 1}, ("done", {"a": 1}, "")),
        (work.refuse, None, ("failed", None, "cannot decode 'a.mp4': no frame. Look at it with a player.")),
    ],
)
def test_a_task_is_answered(boards, function, payload, told):
    message = bytes(ForkingPickler.dumps((function, payload)))
    assert ForkingPickler.loads(answer(message, boards[0])) == told


def test_a_task_starts_in_the_phase_start(boards):
    answer(bytes(ForkingPickler.dumps((work.echo, None))), boards[0])
    assert boards[1].read() == Sign("start", 0.0)


def test_an_error_that_was_never_raised_has_no_place():
    assert in_words(ValueError("a\nb")) == "ValueError: a b"
    assert in_words(MediaError("a\nb")) == "a b"
