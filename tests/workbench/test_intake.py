"""Tests of finding files and taking them in."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from cueline.errors import MediaError
from cueline.ports import TaskEnd
from cueline.stores.memory import MemoryStore
from cueline.workbench.finding import find_media, natural
from cueline.workbench.intake import take_in


class Quiet:
    """Progress that nobody hears."""

    def at(self, phase, seconds=0.0):
        """Say nothing."""


@dataclass(frozen=True)
class Here:
    """An engine that runs tasks in this process, one after the other."""

    version: ClassVar[str] = "1"
    ended: tuple[str, ...] = ()

    def run(self, tasks, *, watch=None):
        for task in tasks:
            if Path(task.key).name in self.ended:
                yield TaskEnd(task, "died", None, "the process was ended", "decode")
                continue
            try:
                yield TaskEnd(task, "done", task.function(task.payload, Quiet()))
            except MediaError as error:
                yield TaskEnd(task, "failed", None, str(error))


@pytest.fixture
def folder(tmp_path):
    media = tmp_path / "media"
    media.mkdir()
    return media


def put(folder, *names, data=b"not media"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def found(*paths):
    return [path.name for path in find_media(paths).files]


def test_files_come_in_natural_order():
    assert max([Path("clip 10.mp4"), Path("clip 9.mp4"), Path("Clip 1.mp4")], key=natural).name == "clip 10.mp4"


def test_media_is_known_by_its_ending_and_the_rest_is_counted(folder):
    put(folder, "a.mp4", "deep/er/b.MKV", "a.srt", "notes.pdf", "poster.jpg")
    search = find_media([folder])
    assert [path.name for path in search.files] == ["a.mp4", "b.MKV"]
    assert search.ignored == 2


def test_a_file_given_by_name_is_taken_whatever_its_ending(folder):
    put(folder, "film.dat")
    assert found(folder / "film.dat") == ["film.dat"]


def test_hidden_files_and_libraries_are_left_alone(folder):
    put(folder, "._a.mp4", ".trash/b.mp4", "films.cue/derived/c.mp4", "d.mp4")
    assert found(folder) == ["d.mp4"]


@pytest.mark.parametrize("name", ["with space.mp4", "quo'te\".mp4", "new\nline.mp4", "-dash.mp4", "é漢🎬.mp4"])
def test_any_name_is_found(folder, name):
    put(folder, name)
    assert found(folder) == [name]


def test_a_name_that_is_not_utf8_is_found(folder):
    path = os.fsencode(folder) + b"/caf\xe9.mp4"
    Path(os.fsdecode(path)).write_bytes(b"x")
    assert found(folder) == [os.fsdecode(b"caf\xe9.mp4")]


def test_links_that_lead_round_in_a_circle_end(folder):
    put(folder, "deep/a.mp4")
    (folder / "deep" / "up").symlink_to(folder)
    assert found(folder) == ["a.mp4"]


def test_a_link_to_nothing_and_a_link_to_itself_are_named(folder):
    (folder / "gone.mp4").symlink_to(folder / "nowhere.mp4")
    (folder / "self.mp4").symlink_to(folder / "self.mp4")
    search = find_media([folder])
    assert search.files == ()
    assert {path.name for path in search.unreadable} == {"gone.mp4", "self.mp4"}


def test_a_file_given_twice_is_found_once(folder):
    put(folder, "a.mp4")
    assert found(folder, folder / "a.mp4") == ["a.mp4"]


def test_a_path_that_is_not_there_is_refused(folder):
    with pytest.raises(MediaError, match="there is no file or folder .*nowhere"):
        find_media([folder / "nowhere"])


def test_a_file_that_is_no_media_is_kept_with_the_reason(folder):
    put(folder, "a.mp4")
    store = MemoryStore()
    intake = take_in(store, Here(), store.begin_run({}), [folder])
    (outcome,) = store.outcomes()
    assert (len(intake.assets), intake.added, outcome.plugin, outcome.state) == (1, 1, "probe", "failed")
    assert outcome.reason


def test_a_file_that_ends_its_worker_is_kept_with_the_reason(folder):
    put(folder, "a.mp4")
    store = MemoryStore()
    take_in(store, Here(ended=("a.mp4",)), store.begin_run({}), [folder])
    assert [outcome.reason for outcome in store.outcomes()] == ["the process was ended"]


def test_two_copies_are_one_asset_at_two_places(folder):
    put(folder, "a.mp4", "b/a.mp4")
    store = MemoryStore()
    intake = take_in(store, Here(), store.begin_run({}), [folder])
    assert (len(intake.assets), intake.added, len(store.assets())) == (2, 1, 1)


def test_what_is_known_and_unchanged_is_not_looked_at_again(folder):
    put(folder, "a.mp4")
    store = MemoryStore()
    take_in(store, Here(), store.begin_run({}), [folder])
    again = take_in(store, Here(ended=("a.mp4",)), store.begin_run({}), [folder])
    assert again.added == 0
    assert store.outcomes()[0].reason != "the process was ended"


def test_a_changed_file_is_a_new_asset_and_a_removed_one_is_missing(folder):
    put(folder, "a.mp4", "b.mp4")
    put(folder, "b.mp4", data=b"other")
    store = MemoryStore()
    take_in(store, Here(), store.begin_run({}), [folder])
    put(folder, "a.mp4", data=b"changed since")
    (folder / "b.mp4").unlink()
    intake = take_in(store, Here(), store.begin_run({}), [folder])
    assert intake.added == 1
    assert [path.name for path in intake.missing] == ["b.mp4"]
    assert [placed.missing for placed in store.places()] == [False, True]
    assert len(store.assets()) == 3


def test_a_moved_file_is_the_same_asset_at_another_place(folder):
    put(folder, "a.mp4")
    store = MemoryStore()
    take_in(store, Here(), store.begin_run({}), [folder])
    (folder / "a.mp4").rename(folder / "c.mp4")
    intake = take_in(store, Here(), store.begin_run({}), [folder])
    assert (intake.added, len(store.assets()), len(intake.missing)) == (0, 1, 1)


def test_a_file_that_cannot_be_read_at_all_keeps_its_reason(folder):
    (folder / "gone.mp4").symlink_to(folder / "nowhere.mp4")
    store = MemoryStore()
    intake = take_in(store, Here(), store.begin_run({}), [folder])
    (placed,) = store.places()
    assert placed == replace(placed, asset=None, reason="it is a link to a file that is not there, or to itself")
    assert list(intake.unreadable.values()) == [placed.reason]


def test_without_paths_everything_known_is_looked_at(folder):
    put(folder, "a.mp4", "b.mp4")
    put(folder, "b.mp4", data=b"other")
    store = MemoryStore()
    take_in(store, Here(), store.begin_run({}), [folder])
    (folder / "b.mp4").unlink()
    intake = take_in(store, Here(), store.begin_run({}), [])
    assert [path.name for path in intake.assets] == ["a.mp4"]
    assert [path.name for path in intake.missing] == ["b.mp4"]
