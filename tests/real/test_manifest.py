"""Every real film measures what the manifest of the collection says, or the difference is explained.

The manifest's probe column holds the header's duration rounded to 0.01 s, the frames decoded from the
first video stream, and the seconds of sound decoded from the first audio stream.
"""

import json
import re
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from cueline.media.probe import Probe, probe

DURATIONS = {
    "decord_flipping_a_pancake.mkv": (10.368, "the header counts the padding after the last sample of Opus too"),
    "mmaction2_part_0.mp4": (1.1, "the header leaves out the 33 ms by which an uneven frame pushes the last one back"),
    "psd_delayed_start.mp4": (2.035, "the header counts from the first frame, which is shown at 1.075 s"),
}
SOUNDS = {
    "realshort.mp4": (
        1.1857,
        "12 ms of nothing lie between the first packet and the second; samples alone last 1.173 s",
    ),
    "sintel2_clip.mp4": (5.0, "the edit list ends the sound at 5.000 s, within its last packet"),
    "sintel_clip.mp4": (5.0002, "the edit list ends the sound at 5.000 s, within its last packet"),
}


class Row(NamedTuple):
    """What the manifest says of one film."""

    duration: float
    frames: int
    size: tuple[int, int]
    rate: Fraction
    rotation: int
    first: float
    uneven: bool
    sound: float | None


def parsed(column: str) -> Row:
    shape = re.search(r" (\d+)x(\d+) \w+ ([\d/]+)fps", column)
    sound = re.search(r"audio decoded ([\d.]+)s", column)
    turn, first = re.search(r"rotation=(-?\d+)", column), re.search(r"first_pts=([\d.]+)", column)
    return Row(
        duration=float(re.search(r" ([\d.]+)s;", column)[1]),
        frames=int(re.search(r"decoded (\d+) fr", column)[1]),
        size=(int(shape[1]), int(shape[2])),
        rate=Fraction(shape[3]),
        rotation=int(turn[1]) if turn else 0,
        first=float(first[1]) if first else 0.0,
        uneven="vfr=" in column,
        sound=float(sound[1]) if sound else None,
    )


@cache
def manifest(folder: Path) -> dict[str, Row]:
    rows = [line.split(" | ") for line in (folder / "MANIFEST.md").read_text().splitlines()]
    return {row[0].removeprefix("| video/"): parsed(row[-1]) for row in rows if row[0].startswith("| video/")}


@pytest.fixture(scope="module")
def films(real_media: Path) -> dict[str, tuple[Row, Probe]]:
    rows = manifest(real_media)
    return {name: (row, probe(real_media / "video" / name, measure=True)) for name, row in rows.items()}


def first_stream(found: Probe, kind: str):
    return next((stream for stream in found.asset.streams if stream.name == f"{kind}:0"), None)


def test_the_manifest_names_every_film_of_the_folder(real_media):
    assert set(manifest(real_media)) == {path.name for path in (real_media / "video").iterdir()}


def test_frame_counts_equal_the_frames_decoded(films):
    counted = {name: first_stream(found, "video").frames for name, (_, found) in films.items()}
    assert counted == {name: row.frames for name, (row, _) in films.items()}


def test_durations_equal_the_manifest_or_the_difference_is_explained(films):
    different = {
        name: found.asset.duration
        for name, (row, found) in films.items()
        if abs(found.asset.duration - row.duration) > 0.005001
    }
    assert different == pytest.approx({name: duration for name, (duration, _) in DURATIONS.items()}, abs=0.0005)


def test_the_fast_look_finds_the_same_durations(films, real_media):
    fast = {name: probe(real_media / "video" / name).asset.duration for name in films}
    assert fast == pytest.approx({name: found.asset.duration for name, (_, found) in films.items()}, abs=1e-9)


def test_rates_and_unevenness_equal_the_manifest(films):
    for name, (row, found) in films.items():
        video = first_stream(found, "video")
        assert video.variable == row.uneven, name
        assert (video.rate == row.rate) != row.uneven, name


def test_sizes_rotations_and_starts_equal_the_manifest(films):
    for name, (row, found) in films.items():
        video = first_stream(found, "video")
        size = row.size[::-1] if video.rotation in (90, 270) else row.size
        assert ((video.width, video.height), video.rotation) == (size, -row.rotation % 360), name
        assert video.start == pytest.approx(row.first, abs=0.0005), name


def test_sound_ends_where_the_samples_decoded_end(films):
    different = {}
    for name, (row, found) in films.items():
        sound = first_stream(found, "audio")
        assert (sound is None) == (row.sound is None), name
        if sound and abs(sound.duration - row.sound) > 0.0101:
            different[name] = sound.duration
    assert different == pytest.approx({name: duration for name, (duration, _) in SOUNDS.items()}, abs=0.0005)


def test_the_header_of_the_clip_in_avi_counts_a_frame_that_is_not_there(films):
    """Its second frame is an empty packet: the first is shown twice as long."""
    _, found = films["sintel_clip.avi"]
    assert [problem.text for problem in found.problems] == ["video:0: the header states 121 frames, 120 were found"]


def test_both_films_in_nasa_have_the_frames_of_their_references(films, real_media):
    _, found = films["nasa_13013.mp4"]
    for name, index in [("video:0", 0), ("video:1", 3)]:
        frames = json.loads((real_media / "annotations" / f"nasa_13013.stream{index}.frames.json").read_text())
        video = next(stream for stream in found.asset.streams if stream.name == name)
        assert (video.index, video.frames) == (index, len(frames))
    assert found.asset.stream("video").name == "video:1"


def test_no_film_has_a_fault(films):
    assert {name: found.fault for name, (_, found) in films.items() if found.fault} == {}
