"""The log of chunks is read as it was written, whatever stopped it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.timeline.spans import Span
from cueline.workbench.chunk_log import Chunk, Cutting, Entry, chunk_name, parse_chunk_name, read_log

CHUNKS = (
    Chunk("show_chunk_1.mp3", 1, Span(5.0, 15.0), Span(5.01, 15.0)),
    Chunk("show_chunk_2.mp3", 2, Span(0.0, 5.0), Span(0.0, 5.01)),
)
DONE = Entry(Path("/radio/show.mp3"), "done", "show", Cutting(), "", 100, 200, CHUNKS)
FAILED = Entry(Path("/radio/b.mp3"), "failed", "b", Cutting(form="copy"), "there is no sound in it", 1, 2)


def test_what_was_put_is_read_again(tmp_path):
    log = read_log(tmp_path)
    log.put(DONE)
    log.put(FAILED)
    again = read_log(tmp_path)
    assert list(again.entries.values()) == [DONE, FAILED]
    assert not again.unread


def test_the_last_line_of_a_file_holds_and_tidying_keeps_only_that(tmp_path):
    log = read_log(tmp_path)
    log.put(FAILED)
    log.put(Entry(DONE.file, "begun", "show", Cutting()))
    log.put(DONE)
    log.tidy()
    assert len(log.path.read_text().splitlines()) == 3
    assert read_log(tmp_path).entries == {DONE.file: DONE, FAILED.file: FAILED}
    assert [path.name for path in tmp_path.iterdir()] == ["chunks.jsonl"]


def test_a_line_that_was_cut_off_costs_itself_alone(tmp_path):
    log = read_log(tmp_path)
    log.put(DONE)
    with log.path.open("a") as file:
        file.write(json.dumps(FAILED.to_json())[:50])
    again = read_log(tmp_path)
    assert list(again.entries) == [DONE.file]
    assert list(again.unread) == [3]


def test_a_line_that_is_put_after_one_that_was_cut_off_is_not_lost(tmp_path):
    log = read_log(tmp_path)
    log.put(DONE)
    with log.path.open("a") as file:
        file.write('{"file": "/radio/b')
    read_log(tmp_path).put(FAILED)
    assert list(read_log(tmp_path).entries) == [DONE.file, FAILED.file]


@pytest.mark.parametrize("name", ["show_chunk_2.mp3", "show_chunk_2", "clips/show_chunk_2.mp3"])
def test_a_name_in_a_label_file_leads_back_to_file_and_span(tmp_path, name):
    log = read_log(tmp_path)
    log.put(DONE)
    origin = read_log(tmp_path).origin(name)
    assert (origin.file, origin.span, origin.number) == (DONE.file, Span(0.0, 5.01), 2)
    assert log.origin("other_chunk_1.mp3") is None


def test_names_of_files_that_are_no_text_come_back(tmp_path):
    odd = Path("/radio/caf\udce9.mp3")
    log = read_log(tmp_path)
    log.put(Entry(odd, "failed", odd.stem, Cutting(), "no"))
    assert list(read_log(tmp_path).entries) == [odd]


def test_something_else_is_refused(tmp_path):
    (tmp_path / "chunks.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(FormatError, match="must be a log of chunks, got '{\"a\": 1}' in line 1"):
        read_log(tmp_path)
    (tmp_path / "chunks.jsonl").write_text('{"log": "cueline.chunks", "version": 9}\n')
    with pytest.raises(FormatError, match="must be a log of version 1, got 9"):
        read_log(tmp_path)


def test_a_state_that_does_not_exist_is_told_by_line(tmp_path):
    log = read_log(tmp_path)
    log.put(DONE)
    log.path.write_text(log.path.read_text().replace('"done"', '"finished"'))
    again = read_log(tmp_path)
    assert not again.entries
    assert "got 'finished'" in again.unread[2]


def test_a_folder_without_a_log_has_an_empty_one(tmp_path):
    assert not read_log(tmp_path / "nowhere").entries


@given(st.text(min_size=1).filter(lambda text: "/" not in text and "\0" not in text), st.integers(1, 10**6))
def test_a_name_is_read_as_it_was_made(stem, number):
    assert parse_chunk_name(chunk_name(stem, number, "mp3")) == (stem, number)


def test_other_names_are_no_chunks():
    for name in ("show.mp3", "show_chunk_.mp3", "show_chunk_0.mp3", "_chunk_1.mp3", "chunks.jsonl"):
        assert parse_chunk_name(name) is None


def test_a_way_to_cut_says_what_it_is():
    assert str(Cutting()) == "chunks of 10 s, as mp3"
    assert str(Cutting(10.0, 5.0, "copy")) == "chunks of 10 s every 5 s, copied"
