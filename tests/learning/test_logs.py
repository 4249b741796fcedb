"""Logs for TensorBoard: what is written is what TensorBoard reads back."""

import pytest

from cueline.errors import MissingExtraError
from cueline.learning import logs
from cueline.learning.progress import Beat, Epoch


@pytest.mark.extra("tensorboard")
def test_each_epoch_is_written_and_signs_of_life_are_not(tmp_path):
    pytest.importorskip("tensorboard")
    log = logs.TensorBoardLog(tmp_path)
    log(Beat(1, 1, 1, 2, 10, 20, 100.0, 3.0))
    log(Epoch(1, 1, 2.5, 0.25, 0.5, 0.75, 1.0, best=True))
    log(Epoch(1, 2, 1.5, 0.5, 0.5, 0.75, 1.0, best=True))
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(tmp_path)).Reload()
    assert [(event.step, event.value) for event in read.Scalars("network 1/gap")] == [(1, 0.25), (2, 0.5)]
    assert [event.value for event in read.Scalars("network 1/loss")] == [2.5, 1.5]


def test_without_tensorboard_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cueline\[tensorboard\]'"):
        logs.TensorBoardLog(tmp_path)
