"""Tests of what one worker does with one file: every plug-in gets an outcome, one that breaks breaks alone."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from cueline.errors import PluginError
from cueline.media.probe import probe
from cueline.ports import Rows
from cueline.stores.spool import read_picture, read_track
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.requests import EveryFrame, Instants, Picture, Sound
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.passes import AssetJob, analyze_asset
from cueline.workbench.planning import Plan, Step
from tests.films import DURATION, silence, three_shots


class Quiet:
    """Progress that remembers its phases."""

    def __init__(self):
        self.phases = []

    def at(self, phase, seconds=0.0):
        self.phases.append(phase)


@dataclass(frozen=True)
class Mean:
    """The mean of every frame."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "mean"
    needs: ClassVar[tuple[str, ...]] = ()
    break_after: int = -1

    def wants(self, asset, tracks):
        return EveryFrame(Picture(16, 9)) if asset.stream("video") else None

    def extract(self, asset, batches):
        for count, batch in enumerate(batches):
            if count == self.break_after:
                raise ValueError("the sky fell\non its head")
            yield Rows(batch.spans, batch.pictures.mean(axis=(1, 2, 3), keepdims=True)[:, :, 0, 0], ("mean",))


@dataclass(frozen=True)
class Loudness:
    """The level of sound."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "level"
    needs: ClassVar[tuple[str, ...]] = ()

    def wants(self, asset, tracks):
        return Sound(8000) if asset.stream("audio") else None

    def extract(self, asset, batches):
        for batch in batches:
            yield Rows(as_spans([batch.span]), np.abs(batch.samples).max(keepdims=True))


@dataclass(frozen=True)
class Bright:
    """A detector over the mean."""

    version: ClassVar[str] = "1"
    gives: ClassVar[tuple[str, ...]] = ("bright",)
    needs: ClassVar[tuple[str, ...]] = ("mean",)
    mood: str = "good"

    def detect(self, asset, tracks):
        if self.mood == "bad":
            raise PluginError("the light is wrong", plugin="bright")
        if self.mood == "forgetful":
            return {}
        return {"bright": LabelTrack(tracks["mean"].spans[:1], ("bright",), stream="video:0")}


@dataclass(frozen=True)
class Again:
    """A second pass: one picture where it is bright, or none at all."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "again"
    needs: ClassVar[tuple[str, ...]] = ("bright",)
    look: bool = True
    break_after: int = -1

    def wants(self, asset, tracks):
        return Instants(Picture(8, 8), tuple(tracks["bright"].spans[:, 0].tolist()) if self.look else ())

    def extract(self, asset, batches):
        if self.break_after == 0:
            raise ValueError("nothing was seen")
        for batch in batches:
            yield Rows(batch.spans, np.ones((len(batch), 1)), ("one",), tuple(b"picture" for _ in range(len(batch))))
            if self.break_after == 1:
                raise ValueError("one was enough")


def step(plugin, kind="extractors"):
    name = type(plugin).__name__.lower()
    gives = (plugin.gives,) if isinstance(plugin.gives, str) else plugin.gives
    return Step(name, kind, plugin, gives, plugin.needs, Provenance(name, "1"))


def job(path, folder, *steps, tracks=None):
    return AssetJob(path, probe(path).asset, Plan(steps, ()), tracks or {}, folder)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return three_shots(tmp_path_factory.mktemp("passes") / "film.mp4")


def outcomes(result):
    return {outcome.plugin: outcome for outcome in result.outcomes}


def test_a_pass_a_detector_and_a_second_pass_follow_one_another(film, tmp_path):
    progress = Quiet()
    steps = (step(Mean()), step(Bright(), "detectors"), step(Again()))
    result = analyze_asset(job(film, tmp_path, *steps), progress)
    made = outcomes(result)
    assert {name: outcome.state for name, outcome in made.items()} == dict.fromkeys(
        ("decode", "mean", "bright", "again"), "done"
    )
    assert len(read_track(made["mean"].spooled["mean"])) == 90
    assert read_track(made["mean"].spooled["mean"]).stream == "video:0"
    assert len(made["bright"].tracks["bright"]) == 1
    assert read_picture(made["again"].pictures, 0.01) == b"picture"
    assert {"decode", "bright"} <= set(progress.phases)


def test_decoding_replaces_what_the_file_claims(film, tmp_path):
    work = job(film, tmp_path, step(Mean()))
    liar = replace(work.asset, duration=99.0, streams=(replace(work.asset.streams[0], duration=99.0, frames=None),))
    asset = analyze_asset(replace(work, asset=liar), Quiet()).asset
    assert asset.duration == pytest.approx(DURATION)
    assert asset.streams[0].frames == 90


def test_a_plug_in_that_breaks_leaves_the_others_complete(film, tmp_path):
    steps = (
        step(Mean(break_after=1)),
        step(Bright(), "detectors"),
        step(Loudness()),
        replace(step(Mean()), name="other", gives=("other",)),
    )
    made = outcomes(analyze_asset(job(film, tmp_path, *steps), Quiet()))
    assert made["mean"].reason == "ValueError: the sky fell on its head"
    assert made["bright"].reason == "it needs 'mean', which failed: ValueError: the sky fell on its head"
    assert made["loudness"].state == "nothing"
    assert made["other"].state == "done"
    assert not list(tmp_path.glob("mean*"))


@pytest.mark.parametrize(
    ("mood", "reason"),
    [("bad", "the light is wrong"), ("forgetful", "it promised the track 'bright' and did not give it")],
)
def test_a_detector_that_breaks_its_promise_fails(film, tmp_path, mood, reason):
    made = outcomes(
        analyze_asset(job(film, tmp_path, step(Mean()), step(Bright(mood), "detectors"), step(Again())), Quiet())
    )
    assert made["bright"].reason == reason
    assert made["again"].reason == f"it needs 'bright', which failed: {reason}"


def test_sound_alone_has_nothing_for_pictures_and_what_needs_them(tmp_path):
    path = silence(tmp_path / "radio.wav")
    made = outcomes(
        analyze_asset(job(path, tmp_path, step(Mean()), step(Bright(), "detectors"), step(Loudness())), Quiet())
    )
    assert {name: outcome.state for name, outcome in made.items()} == {
        "mean": "nothing",
        "bright": "nothing",
        "loudness": "done",
        "decode": "done",
    }


def test_nothing_to_look_at_is_an_empty_track_without_another_pass(film, tmp_path):
    steps = (step(Mean()), step(Bright(), "detectors"), step(Again(look=False)))
    progress = Quiet()
    made = outcomes(analyze_asset(job(film, tmp_path, *steps), progress))
    assert len(read_track(made["again"].spooled["again"])) == 0
    assert made["again"].pictures is None
    assert progress.phases[-1] == "bright"


def test_a_file_that_does_not_decode_fails_with_its_reason(tmp_path, real_media):
    path = real_media / "malformed/mp4parse_short-cenc.mp4"
    made = outcomes(analyze_asset(job(path, tmp_path, step(Mean())), Quiet()))
    assert made["decode"].state == made["mean"].state == "failed"
    assert "no picture could be decoded" in made["decode"].reason
    assert str(path) not in made["decode"].reason


def test_tracks_made_earlier_are_used(film, tmp_path):
    first = outcomes(analyze_asset(job(film, tmp_path, step(Mean())), Quiet()))
    earlier = {"mean": read_track(first["mean"].spooled["mean"])}
    (tmp_path / "second").mkdir()
    made = outcomes(analyze_asset(job(film, tmp_path / "second", step(Bright(), "detectors"), tracks=earlier), Quiet()))
    assert list(made) == ["bright"]


def test_a_file_that_went_away_fails_with_its_reason(tmp_path):
    work = AssetJob(
        tmp_path / "gone.mp4",
        Asset("a", 1.0, probe(three_shots(tmp_path / "x.mp4")).asset.streams),
        Plan((step(Mean()),), ()),
        {},
        tmp_path,
    )
    made = outcomes(analyze_asset(work, Quiet()))
    assert made["decode"].state == "failed"
    assert made["decode"].reason


def test_an_extractor_that_breaks_over_nothing_to_look_at_breaks_alone(film, tmp_path):
    steps = (step(Mean()), step(Bright(), "detectors"), step(Again(look=False, break_after=0)))
    made = outcomes(analyze_asset(job(film, tmp_path, *steps), Quiet()))
    assert made["again"].reason == "ValueError: nothing was seen"
    assert made["bright"].state == "done"


def test_an_extractor_that_breaks_leaves_no_pictures_behind(film, tmp_path):
    steps = (step(Mean()), step(Bright(), "detectors"), step(Again(break_after=1)))
    made = outcomes(analyze_asset(job(film, tmp_path, *steps), Quiet()))
    assert made["again"].reason == "ValueError: one was enough"
    assert [path.name for path in tmp_path.iterdir()] == ["mean.track.arrow"]


def test_damage_seen_in_the_first_pass_is_still_told_after_a_clean_second_one(film, tmp_path):
    data = bytearray(film.read_bytes())
    start = data.index(b"mdat") + len(data) // 2
    data[start : start + 200] = bytes(200)
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(data)
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    once = outcomes(analyze_asset(job(torn, tmp_path / "one", step(Mean())), Quiet()))
    steps = (step(Mean()), step(Bright(), "detectors"), step(Again()))
    twice = outcomes(analyze_asset(job(torn, tmp_path / "two", *steps), Quiet()))
    assert "damaged place" in once["decode"].reason
    assert twice["decode"].reason == once["decode"].reason
    assert twice["again"].state == "done"
