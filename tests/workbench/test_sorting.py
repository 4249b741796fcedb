"""Files sorted into playlists: each heard once, failures kept, nothing heard again without a reason."""

import json
from typing import ClassVar

import pytest

from cueline.datasets.labelfiles import read_labels
from cueline.errors import OptionError
from cueline.learning.clips.choosing import Search
from cueline.timeline.spans import Span
from cueline.workbench.sorting import Heard, sort_files
from cueline.workbench.training_sound import train_sound
from tests.workbench.clips.made import made_material


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "M"
    return train_sound(made_material(), folder, search=Search(("logistic",))).folder


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    for name in ("a.wav", "b.wav", "c d.wav", "broken.wav"):
        (folder / name).write_text(name)
    return folder


class Listener:
    """Says what was written down before, and keeps what it was asked."""

    said: ClassVar = {"a.wav": (0.9, 0.1), "b.wav": (0.2, 0.8), "c d.wav": (0.55, 0.45)}

    def __init__(self):
        self.asked = []

    def __call__(self, paths):
        for path in paths:
            self.asked.append(path.name)
            if path.name in self.said:
                yield Heard(path, Span(50, 60), 60.0, dict(zip(("speech", "music"), self.said[path.name], strict=True)))
            else:
                yield Heard(path, reason="it is no sound")


def sort(media, model, listener, **how):
    return sort_files([media], model=model, folder=media.parent / "lists", listen=listener, **how)


def test_each_class_gets_a_playlist_and_so_do_the_uncertain(media, model):
    found = sort(media, model, Listener())
    assert (dict(found.counts), found.uncertain) == ({"speech": 1, "music": 1}, 1)
    assert list(found.failed.values()) == ["it is no sound"]
    assert not found.ok
    items = read_labels(found.playlists["speech"]).items
    assert [(item.said, item.span) for item in items] == [({"speech": "yes"}, Span(50, 60))]
    assert "c%20d.wav" in found.playlists["uncertain"].read_text()


def test_a_second_run_hears_nothing_again_and_writes_the_same(media, model):
    first = sort(media, model, Listener())
    texts = {path: path.read_bytes() for path in first.playlists.values()}
    listener = Listener()
    second = sort(media, model, listener)
    assert (listener.asked, second.fresh) == ([], 0)
    assert {path: path.read_bytes() for path in second.playlists.values()} == texts
    assert dict(second.failed) == dict(first.failed)


def test_files_of_earlier_calls_stay_in_the_lists_while_they_are_as_they_were(media, model):
    def named(*paths):
        found = sort_files(paths, model=model, folder=media.parent / "lists", listen=Listener())
        return {name: path.read_text().count("#EXTINF") for name, path in found.playlists.items()}

    assert named(media / "a.wav") == {"speech": 1, "music": 0, "uncertain": 0}
    assert named(media / "b.wav") == {"speech": 1, "music": 1, "uncertain": 0}
    (media / "a.wav").unlink()
    assert named(media / "b.wav") == {"speech": 0, "music": 1, "uncertain": 0}


def test_a_file_that_changed_is_heard_again_and_so_are_failures_when_asked_for(media, model):
    sort(media, model, Listener())
    (media / "a.wav").write_text("another")
    listener = Listener()
    sort(media, model, listener, retry=True)
    assert sorted(listener.asked) == ["a.wav", "broken.wav"]


def test_another_model_or_another_part_of_the_files_is_heard_anew(media, model, tmp_path):
    sort(media, model, Listener())
    other = train_sound(made_material(seed=1), tmp_path / "other", search=Search(("logistic",))).folder
    for how in ({"model": other}, {"model": model, "which": "whole"}, {"model": model, "seconds": 5.0}):
        listener = Listener()
        sort(media, how.pop("model"), listener, **how)
        assert len(listener.asked) == 4


def test_another_limit_sorts_anew_and_hears_nothing(media, model):
    sort(media, model, Listener())
    listener = Listener()
    found = sort(media, model, listener, below=0.85)
    assert listener.asked == []
    assert (dict(found.counts), found.uncertain) == ({"speech": 1, "music": 0}, 2)


def test_a_run_that_was_ended_goes_on_where_it_stopped(media, model):
    class Ending(Listener):
        def __call__(self, paths):
            yield from super().__call__(paths[:2])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sort(media, model, Ending())
    listener = Listener()
    sort(media, model, listener)
    assert len(listener.asked) == 2


def test_a_log_that_was_cut_off_loses_its_last_line_alone(media, model):
    sort(media, model, Listener())
    log = media.parent / "lists" / "sorted.jsonl"
    log.write_bytes(log.read_bytes()[:-20])
    listener = Listener()
    sort(media, model, listener)
    assert len(listener.asked) == 1
    assert all(json.loads(line) for line in log.read_text().splitlines()[-1:])
    again = Listener()
    sort(media, model, again)
    assert again.asked == []


def test_a_class_called_uncertain_keeps_a_playlist_of_its_own(media, model):
    class Odd(Listener):
        def __call__(self, paths):
            for path in paths:
                yield Heard(path, Span(0, 5), 5.0, {"uncertain": 0.5, "Uncertain": 0.5})

    found = sort(media, model, Odd())
    assert len(list((media.parent / "lists").glob("*.m3u8"))) == 3
    assert found.uncertain == 4


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"below": 60}, "Is it a percentage"),
        ({"seconds": 0.0}, "an outro lasts more than 0 s"),
        ({"which": "intro"}, "the outro or the whole file, got 'intro'"),
    ],
)
def test_what_cannot_be_is_refused(media, model, how, words):
    with pytest.raises(OptionError, match=words):
        sort(media, model, Listener(), **how)


def test_a_file_where_the_folder_should_be_is_refused(media, model):
    (media.parent / "lists").write_text("x")
    with pytest.raises(OptionError, match="playlists go into a folder"):
        sort(media, model, Listener())
