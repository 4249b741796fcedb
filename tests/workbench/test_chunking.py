"""Files become chunks, once, whatever comes in between."""

import fcntl
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cueline.errors import StoreError
from cueline.timeline.spans import Span
from cueline.workbench.chunk_log import Cutting, Entry, read_log
from cueline.workbench.chunk_plans import plan_chunks
from cueline.workbench.chunking import ChunksJob, cut_file, make_chunks
from tests.media.clips import Silent

RATE = 8000
WAV = Cutting(2.0, 2.0, "wav")


def ramp(path, seconds=5.0):
    """A file whose samples count up, so that each says where it is from."""
    path.parent.mkdir(exist_ok=True, parents=True)
    soundfile.write(path, (np.arange(round(seconds * RATE)) % 30000).astype(np.int16), RATE)
    return path


def cut(paths, out, cutting=WAV, **how):
    return make_chunks(plan_chunks(paths, out, cutting, **how), jobs=1)


def by_hand(path, out, *, mine=False, cutting=WAV):
    """In this process, as a worker does it."""
    out.mkdir(exist_ok=True)
    (out / ".aside").mkdir(exist_ok=True)
    return cut_file(ChunksJob(Entry(path, "begun", path.stem, cutting), out, out / ".aside", mine), Silent())


def files(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_chunks_are_numbered_from_the_end_and_hold_the_very_samples(tmp_path):
    entry = by_hand(ramp(tmp_path / "show.wav"), tmp_path / "out")
    assert [(chunk.name, chunk.span) for chunk in entry.chunks] == [
        ("show_chunk_1.wav", Span(3.0, 5.0)),
        ("show_chunk_2.wav", Span(1.0, 3.0)),
        ("show_chunk_3.wav", Span(0.0, 1.0)),
    ]
    for chunk in entry.chunks:
        samples, _ = soundfile.read(tmp_path / "out" / chunk.name, dtype="int16")
        first, last = (round(time * RATE) for time in chunk.span)
        assert np.array_equal(samples, np.arange(first, last) % 30000)


def test_a_run_cuts_in_workers_and_a_second_one_does_nothing(tmp_path):
    ramp(tmp_path / "in" / "a.wav")
    ramp(tmp_path / "in" / "b" / "a.wav", 3.0)
    (tmp_path / "in" / "broken.mp3").write_bytes(b"no sound at all")
    out = tmp_path / "out"
    found = {entry.file.name + entry.stem: entry for entry in cut([tmp_path / "in"], out)}
    assert {key: entry.state for key, entry in found.items()} == {
        "a.wava": "done",
        "a.wava-2": "done",
        "broken.mp3broken": "failed",
    }
    assert found["broken.mp3broken"].reason == "not a media file, or damaged at its beginning"
    chunks = [f"a-2_chunk_{n}.wav" for n in (1, 2)] + [f"a_chunk_{n}.wav" for n in (1, 2, 3)]
    assert files(out) == [*chunks, "chunks.jsonl"]
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    assert cut([tmp_path / "in"], out) == []
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before
    assert read_log(out).origin("a-2_chunk_2.wav").span == Span(0.0, 1.0)


def test_a_file_that_changed_loses_the_chunks_that_it_has_no_more(tmp_path):
    path, out = ramp(tmp_path / "a.wav"), tmp_path / "out"
    cut([path], out)
    (out / "a_chunk_x.wav").write_bytes(b"somebody's own")
    ramp(path, 3.0)
    os.utime(path, ns=(0, 0))
    cut([path], out)
    assert files(out) == ["a_chunk_1.wav", "a_chunk_2.wav", "a_chunk_x.wav", "chunks.jsonl"]
    assert soundfile.info(out / "a_chunk_1.wav").frames == 2 * RATE


def test_a_file_that_the_log_does_not_know_is_never_written_over(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a_chunk_1.wav").write_bytes(b"somebody's own")
    (entry,) = cut([ramp(tmp_path / "a.wav")], out)
    assert entry.state == "failed"
    assert "'a_chunk_1.wav' is in the folder already, and its log does not know it" in entry.reason
    assert (out / "a_chunk_1.wav").read_bytes() == b"somebody's own"


def test_what_a_killed_run_left_behind_is_owned_and_replaced(tmp_path):
    path, out = ramp(tmp_path / "a.wav"), tmp_path / "out"
    (out / ".cutting-left").mkdir(parents=True)
    plan = plan_chunks([path], out, WAV)
    read_log(out).put(plan.due[0])  # begun, and stopped after its first chunk was in place
    (out / "a_chunk_1.wav").write_bytes(b"half")
    (entry,) = cut([path], out)
    assert entry.state == "done"
    assert soundfile.info(out / "a_chunk_1.wav").frames == 2 * RATE
    assert not list(out.glob(".cutting-*"))


def test_two_runs_do_not_cut_into_one_folder_at_one_time(tmp_path):
    plan = plan_chunks([ramp(tmp_path / "a.wav")], tmp_path, WAV)
    lock = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StoreError, match="another process is cutting into"):
            make_chunks(plan, jobs=1)
    finally:
        os.close(lock)


def test_unreadable_files_are_kept_in_the_log(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "gone.mp3").symlink_to(tmp_path / "nothing")
    cut([tmp_path / "in"], tmp_path / "out")
    (entry,) = read_log(tmp_path / "out").entries.values()
    assert (entry.state, entry.file.name) == ("failed", "gone.mp3")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mp4parse_white.mp4", "there is no sound in it"),
        ("test1_empty.wav", "holds no data"),
        ("mp4parse_short-cenc.mp4", "no sound (of it )?could be decoded"),
        ("bad_audio.mp3", "not a media file"),
    ],
)
@pytest.mark.parametrize("form", ["mp3", "copy"])
def test_malformed_files_are_explained(tmp_path, real_media, name, text, form):
    with pytest.raises(OSError, match=text):
        by_hand(real_media / "malformed" / name, tmp_path / "out", cutting=Cutting(form=form))
    assert not files(tmp_path / "out")


def test_a_file_that_ends_elsewhere_than_it_says_is_cut_from_its_true_end(tmp_path, real_media):
    entry = by_hand(
        real_media / "malformed" / "mutagen_silence-1.wma", tmp_path / "out", cutting=Cutting(2.0, 2.0, "wav")
    )
    end = entry.chunks[0].span.end
    assert end == pytest.approx(3.7547, abs=0.001)  # it says 3.712
    assert soundfile.info(tmp_path / "out" / entry.chunks[0].name).duration == pytest.approx(2.0, abs=0.001)


def test_damage_that_was_survived_is_noted(tmp_path, real_media):
    entry = by_hand(real_media / "malformed" / "mutagen_variable-block.flac", tmp_path / "out")
    assert "1 damaged place, the first at" in entry.reason
    assert "was the file cut off?" in entry.reason


@pytest.mark.parametrize("name", ["audio/both/musanmix.mp3", "audio/unverified/nemo_audio_1.opus", "video/chaplin.mp4"])
@pytest.mark.parametrize("form", ["mp3", "wav", "copy"])
def test_real_chunks_decode_and_are_as_long_as_they_say(tmp_path, real_media, name, form):
    entry = by_hand(real_media / Path(name), tmp_path / "out", cutting=Cutting(10.0, 10.0, form))
    for chunk in entry.chunks:
        made = by_hand(tmp_path / "out" / chunk.name, tmp_path / "again", cutting=Cutting(1000.0, 1000.0, "wav"))
        length = made.chunks[0].span.duration
        assert length == pytest.approx(chunk.heard.duration, abs=0.02)
        assert abs(chunk.heard.duration - chunk.span.duration) < (0.1 if form == "copy" else 0.001)
