"""Frames of real files: as many as counted, where reference time stamps say, and the same by jumping."""

import dataclasses
import json
import random
import re
import subprocess
import sys

import pytest

import cueline.media.reader as reader
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.timeline.requests import EveryFrame, Instants, Picture
from tests.media.clips import Collect, Silent

TINY = Picture(8, 8, scaling="fast")
LIMIT_SECONDS = 60
ALIKE = ("asl_", "askanything_", "mmaction2_", "cockatoo", "cosmos")  # alike, or slow to jump in
# The manifest counts the frames of the first stream; the chosen one is the default, with more frames a second.
OTHER_STREAM = {"video/nasa_13013.mp4": 390}


def every_frame(path, index=None):
    """Spans of every frame, and the report; of the stream with a number in the file, or of the chosen one."""
    asset = probe(path).asset
    if index is not None:
        asset = dataclasses.replace(asset, streams=tuple(s for s in asset.streams if s.index == index))
    collect = Collect()
    report = read(path, asset, [Consumer("every", EveryFrame(TINY), collect)], progress=Silent())
    assert report.errors == {}
    return collect.spans, report


@pytest.mark.parametrize("index", [0, 3])
def test_time_stamps_equal_the_reference(real_media, index):
    reference = json.loads((real_media / f"annotations/nasa_13013.stream{index}.frames.json").read_text())
    spans, report = every_frame(real_media / "video/nasa_13013.mp4", index)
    assert spans[:, 0].tolist() == pytest.approx([float(frame["pts_time"]) for frame in reference], abs=5.1e-7)
    durations = [float(frame["duration_time"]) for frame in reference]
    assert (spans[:, 1] - spans[:, 0]).tolist() == pytest.approx(durations, abs=5.1e-7)
    assert report.fault_count == 0


def test_as_many_frames_come_as_were_counted(real_media):
    manifest = (real_media / "MANIFEST.md").read_text()
    counted = {
        match[1]: OTHER_STREAM.get(match[1], int(match[2]))
        for match in re.finditer(r"^\| (video/[^|]+?) \|.*decoded (\d+) fr", manifest, re.MULTILINE)
    }
    assert len(counted) > 40
    read_now = {}
    for name in counted:
        spans, report = every_frame(real_media / name)
        assert report.fault_count == 0, name
        read_now[name] = len(spans)
    assert read_now == counted


def test_jumping_gives_what_the_whole_pass_gives(real_media, monkeypatch):
    wrong = []
    for path in sorted((real_media / "video").iterdir()):
        if path.name.startswith(ALIKE):
            continue
        asset = probe(path).asset
        draw, end = random.Random(path.name), asset.stream("video").start + asset.stream("video").duration
        times = tuple(sorted([0.0, end - 0.001, end, *(draw.uniform(0, end) for _ in range(3))]))
        answers = []
        for jump in (True, False):
            monkeypatch.setattr(reader, "worth_seeking", lambda *_, jump=jump: jump)
            collect = Collect()
            read(path, asset, [Consumer("a", Instants(TINY, times=times), collect)], progress=Silent())
            answers.append((collect.spans.tolist(), [picture.tobytes() for picture in collect.pictures]))
        if answers[0] != answers[1]:
            wrong.append(path.name)
    assert wrong == []


READ_ALL = """
import sys
from pathlib import Path
from cueline.errors import MediaError
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.timeline.requests import EveryFrame, Picture, Sound

class Silent:
    def at(self, phase, seconds=0.0):
        pass

for name in sys.argv[1:]:
    path = Path(name)
    try:
        asset = probe(path).asset
        counts = {"video": 0, "audio": 0}
        def count(kind):
            def consume(batches):
                for batch in batches:
                    counts[kind] += len(batch)
            return consume
        wanted = {"video": EveryFrame(Picture(8, 8)), "audio": Sound(8000)}
        consumers = [Consumer(kind, request, count(kind)) for kind, request in wanted.items() if asset.stream(kind)]
        report = read(path, asset, consumers, progress=Silent())
        assert all(isinstance(error, MediaError) for error in report.errors.values()), report.errors
        reasons = " ".join(str(error) for error in report.errors.values())
        print(f"{path.name}|{counts['video']} frames|{counts['audio']} samples|{report.fault_count} faults|{reasons}")
    except MediaError as error:
        print(f"{path.name}|refused|{error}")
"""


def test_every_malformed_file_ends_with_a_report_or_a_reason(real_media):
    files = sorted((real_media / "malformed").iterdir())
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, *map(str, files)],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ended = {line.split("|")[0]: line for line in done.stdout.splitlines() if "|" in line}
    assert set(ended) == {path.name for path in files}
    assert ended["decord_unordered.mov"].startswith("decord_unordered.mov|4 frames")
    assert ended["video_with_failing_audio.mp4"].startswith("video_with_failing_audio.mp4|280 frames")
    assert "cannot read audio" in ended["mutagen_52-overwritten-metadata.flac"]
