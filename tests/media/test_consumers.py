"""Each consumer has a thread and a bounded queue."""

import threading
import time

import numpy as np
import pytest

from cueline.errors import MediaError
from cueline.media.consumers import Consumer, Feed, PassCancelled
from cueline.timeline.batches import FrameBatch
from cueline.timeline.requests import EveryFrame, Picture
from tests.media.clips import Collect, Diary, Silent

WANTED = EveryFrame(Picture(2, 2))


def batch(start=0.0):
    return FrameBatch(np.zeros((1, 2, 2, 3), np.uint8), np.array([[start, start + 1]]))


def test_batches_arrive_in_order_and_then_end():
    collect = Collect()
    feed = Feed(Consumer("a", WANTED, collect), batches=2)
    for start in range(5):
        feed.put(batch(start), start, Silent())
    feed.close(Silent())
    feed.join(Silent())
    assert collect.spans[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert feed.error is None
    assert feed.ended


def test_a_full_queue_is_waited_for_under_the_name_of_its_consumer():
    go, diary = threading.Event(), Diary()

    def slow(batches):
        go.wait()
        list(batches)

    feed = Feed(Consumer("slow", WANTED, slow), batches=1)
    feed.put(batch(), 0.0, diary)
    assert diary.phases == []
    threading.Timer(0.3, go.set).start()
    feed.put(batch(), 7.0, diary)
    assert set(diary.phases) == {("slow", 7.0)}
    feed.close(Silent())
    feed.join(Silent())


def test_joining_a_busy_consumer_is_told_under_its_name():
    diary = Diary()
    feed = Feed(Consumer("late", WANTED, lambda batches: (list(batches), time.sleep(0.3))), batches=1)
    feed.close(Silent())
    feed.join(diary)
    assert {phase for phase, _ in diary.phases} == {"late"}


def test_what_a_consumer_raises_is_kept_and_its_batches_are_let_go():
    def broken(batches):
        next(batches)
        raise ValueError("no")

    feed = Feed(Consumer("broken", WANTED, broken), batches=1)
    for start in range(10):
        feed.put(batch(start), start, Silent())
    feed.close(Silent())
    feed.join(Silent())
    assert str(feed.error) == "no"


def test_a_consumer_may_return_before_the_end():
    feed = Feed(Consumer("early", WANTED, lambda batches: None), batches=1)
    for start in range(10):
        feed.put(batch(start), start, Silent())
    feed.close(Silent())
    feed.join(Silent())
    assert feed.ended
    assert feed.error is None


def test_an_error_of_the_stream_comes_after_the_batches_that_were_good():
    collect = Collect()
    feed = Feed(Consumer("a", WANTED, collect), batches=4)
    feed.put(batch(), 0.0, Silent())
    feed.close(Silent(), MediaError("the sound is damaged"))
    feed.join(Silent())
    with pytest.raises(MediaError, match="the sound is damaged"):
        raise feed.error


@pytest.mark.parametrize("waiting", [0, 3])
def test_cancelling_reaches_a_consumer_that_waits_and_one_that_works(waiting):
    seen, go = [], threading.Event()

    def consume(batches):
        go.wait()
        seen.extend(batches)

    feed = Feed(Consumer("a", WANTED, consume), batches=3)
    for start in range(waiting):
        feed.put(batch(start), start, Silent())
    feed.cancel(PassCancelled("the pass of 'a.mp4' was cancelled"))
    go.set()
    feed.join(Silent())
    assert isinstance(feed.error, PassCancelled)
    assert seen == []
