"""Chunks of a library's assets are spans from the end backwards."""

import pytest

from cueline import registry
from cueline.detectors.chunks import Chunks
from cueline.errors import OptionError
from cueline.testing import check_detector
from cueline.timeline.assets import Asset, Stream
from cueline.workbench.planning import plan


def rows(asset, **options):
    return Chunks(**options).detect(asset, {})["chunks"]


def test_it_keeps_the_promises_of_a_detector():
    check_detector(Chunks(), {})


def test_the_last_row_is_the_last_ten_seconds_of_the_sound():
    sound = Stream("audio:0", "audio", 1, "aac", start=0.5, duration=24.5)
    track = rows(Asset("a", 26.0, (Stream("video:0", "video", 0, "h264", duration=26.0), sound)))
    assert track.spans.tolist() == [[0, 5], [5, 15], [15, 25]]
    assert track.stream == "audio:0"
    assert track.classes == ("chunk",)
    assert set(track.names) == {"chunk"}


def test_an_asset_without_sound_is_cut_from_its_end():
    assert rows(Asset("a", 12.0)).spans.tolist() == [[0, 2], [2, 12]]


def test_an_empty_asset_has_no_chunks():
    track = rows(Asset("a", 0.0))
    assert len(track) == 0
    assert track.classes == ("chunk",)


def test_length_and_hop_are_options():
    assert rows(Asset("a", 12.0), seconds=6.0, hop=3.0).spans.tolist() == [[0, 6], [3, 9], [6, 12]]


@pytest.mark.parametrize(
    ("options", "text"), [({"seconds": 0.0}, "seconds must be above 0"), ({"hop": -1.0}, "hop must be above 0 s")]
)
def test_options_that_cannot_be_are_refused(options, text):
    with pytest.raises(OptionError, match=text):
        Chunks(**options)


def test_a_plan_finds_it_by_name_and_needs_nothing_else():
    if "chunks" not in registry.installed("detectors"):
        pytest.skip("chunks is not registered")
    (step,) = plan(["chunks"], {"chunks": {"seconds": 5.0}}).steps
    assert (step.name, step.kind, step.plugin) == ("chunks", "detectors", Chunks(seconds=5.0))
