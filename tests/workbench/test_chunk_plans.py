"""What is due, and what chunks are called, before any work."""

import os
from pathlib import Path

import pytest

from cueline.errors import FormatError, MediaError, OptionError
from cueline.timeline.spans import Span
from cueline.workbench.chunk_log import Chunk, Cutting, Entry, chunk_name, read_log
from cueline.workbench.chunk_plans import plan_chunks

MP3 = Cutting()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    return tmp_path


def sound(path):
    """Nothing is decoded here: any bytes do."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"sound")
    return path


def plan(folder, cutting=MP3, **how):
    return plan_chunks([folder / "in"], folder / "out", cutting, **how)


def cut_before(folder, path, state="done", cutting=MP3, stem=""):
    """As if an earlier run had cut it."""
    name = chunk_name(stem or path.stem, 1, "mp3")
    facts = path.stat()
    chunks = (Chunk(name, 1, Span(0, 5), Span(0, 5)),) if state == "done" else ()
    if chunks:
        (folder / "out" / name).write_bytes(b"chunk")
    entry = Entry(path, state, stem or path.stem, cutting, "", facts.st_size, facts.st_mtime_ns, chunks)
    read_log(folder / "out").put(entry)
    return entry


def test_a_new_file_is_due_under_its_own_name(folder):
    path = sound(folder / "in" / "show_2020-01-01.mp3")
    (entry,) = plan(folder).due
    assert (entry.file, entry.stem, entry.state, entry.size_bytes) == (path, "show_2020-01-01", "begun", 5)


def test_what_is_done_is_not_due(folder):
    cut_before(folder, sound(folder / "in" / "a.mp3"))
    found = plan(folder)
    assert not found.due
    assert [entry.stem for entry in found.done] == ["a"]
    assert not found.notes


def test_a_stopped_file_is_due_again(folder):
    cut_before(folder, sound(folder / "in" / "a.mp3"), state="begun")
    assert len(plan(folder).due) == 1


def test_a_changed_file_is_due_and_told(folder):
    path = sound(folder / "in" / "a.mp3")
    cut_before(folder, path)
    os.utime(path, ns=(0, 0))
    found = plan(folder)
    assert len(found.due) == 1
    assert "a.mp3: it changed since it was cut" in found.notes[0]


def test_a_file_that_lost_a_chunk_is_due_and_told(folder):
    cut_before(folder, sound(folder / "in" / "a.mp3"))
    (folder / "out" / "a_chunk_1.mp3").unlink()
    found = plan(folder)
    assert len(found.due) == 1
    assert "1 of its chunks are gone, first 'a_chunk_1.mp3'" in found.notes[0]


def test_a_failure_is_tried_again_only_when_asked_or_changed(folder):
    path = sound(folder / "in" / "a.mp3")
    cut_before(folder, path, state="failed")
    assert [entry.stem for entry in plan(folder).failed] == ["a"]
    assert len(plan(folder, retry=True).due) == 1
    os.utime(path, ns=(0, 0))
    assert len(plan(folder).due) == 1


def test_other_options_are_refused_and_explained_and_may_be_insisted_on(folder):
    cut_before(folder, sound(folder / "in" / "a.mp3"))
    with pytest.raises(OptionError, match=r"first of 'a.mp3': chunks of 10 s, as mp3, not chunks of 5 s, as wav"):
        plan(folder, Cutting(5.0, 5.0, "wav"))
    found = plan(folder, Cutting(5.0, 5.0, "wav"), again=True)
    assert len(found.due) == 1
    assert "it was cut into chunks of 10 s, as mp3, and is now cut into chunks of 5 s, as wav" in found.notes[0]


def test_two_files_of_one_stem_are_kept_apart_and_told(folder):
    first, second = sound(folder / "in" / "a" / "x.mp3"), sound(folder / "in" / "b" / "X.wav")
    found = plan(folder)
    assert {entry.file: entry.stem for entry in found.due} == {first: "x", second: "X-2"}
    assert "its chunks are called X-2_chunk_1" in found.notes[0]


def test_a_name_made_to_keep_apart_is_never_that_of_a_third_file(folder):
    for name in ("a/x.mp3", "b/x.mp3", "c/x-2.mp3"):
        sound(folder / "in" / name)
    stems = [entry.stem for entry in plan(folder).due]
    assert sorted(stems) == ["x", "x-2", "x-3"]


def test_a_stem_stays_with_its_file_when_others_come(folder):
    late = sound(folder / "in" / "b" / "x.mp3")
    cut_before(folder, late)
    early = sound(folder / "in" / "a" / "x.mp3")
    (entry,) = plan(folder).due
    assert (entry.file, entry.stem) == (early, "x-2")


def test_chunks_are_not_cut_into_chunks(folder):
    path = sound(folder / "out" / "show.mp3")
    cut_before(folder, path)
    found = plan_chunks([folder / "out"], folder / "out", MP3)
    assert [entry.file.name for entry in found.done] == ["show.mp3"]
    assert not found.due


def test_what_cannot_be_looked_at_is_kept_with_the_reason(folder):
    (folder / "in" / "gone.mp3").symlink_to(folder / "nothing")
    (entry,) = plan(folder).unreadable
    assert (entry.state, entry.file.name) == ("failed", "gone.mp3")
    assert "link to a file that is not there" in entry.reason


@pytest.mark.parametrize(
    ("cutting", "text"),
    [
        (Cutting(0.0), "lasts more than 0 s"),
        (Cutting(10.0, -1.0), "hop between chunks is above 0 s"),
        (Cutting(form="ogg"), "one of copy, mp3, wav, flac, opus, m4a, got 'ogg'"),
        (Cutting(form="mp4"), "Did you mean"),
    ],
)
def test_a_way_to_cut_that_cannot_be_is_refused(folder, cutting, text):
    with pytest.raises(OptionError, match=text):
        plan(folder, cutting)


def test_a_path_that_does_not_exist_and_a_strange_log_are_refused(folder):
    with pytest.raises(MediaError, match="there is no file or folder"):
        plan_chunks([Path("/nowhere/at/all")], folder / "out", MP3)
    (folder / "out" / "chunks.jsonl").write_text("hello\n")
    with pytest.raises(FormatError, match="must be a log of chunks"):
        plan(folder)
