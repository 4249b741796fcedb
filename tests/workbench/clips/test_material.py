"""Labelled rows of files and of a campaign: sounds that are made, labels that are as people leave them."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from cueline import Library
from cueline.errors import OptionError
from cueline.models.clip_rows import clip_rows
from cueline.ports import Outcome, Placed, TaskEnd
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Answer, Campaign, LabelClass, LabelTask
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench.clips.campaigns import material_of_campaign
from cueline.workbench.clips.material import grouped_by, material_of_files
from cueline.workbench.clips.pooling import Cut

RATE = 22050


class Here:
    """An engine that works in this process."""

    version = "1"

    def run(self, tasks, *, watch=None):
        for task in tasks:
            yield TaskEnd(task, result=task.function(task.payload, self))

    def at(self, phase, seconds=0.0):
        """It never stands still."""


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """Two chunks each of six programmes: hums and hisses; and what is no sound."""
    folder = tmp_path_factory.mktemp("sounds")
    chance = np.random.default_rng(0)
    times = np.arange(RATE * 2) / RATE
    for number in range(6):
        for chunk in (1, 2):
            hum = np.sin(2 * np.pi * chance.uniform(80, 400) * times)
            samples = hum if number % 2 else chance.standard_normal(len(times))
            soundfile.write(folder / f"show_2019-03-0{number}_chunk_{chunk}.wav", 0.2 * samples, RATE)
    (folder / "broken_chunk_1.wav").write_bytes(b"no sound")
    return folder


@pytest.fixture
def labels(sounds, tmp_path):
    said = {path.name: "Music" if int(path.name[14]) % 2 else "D" for path in sorted(sounds.glob("show*"))}
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({**said, "broken_chunk_1.wav": "Both", "gone_chunk_1.wav": "Music"}))
    return path


def of_files(sounds, labels, **how):
    return material_of_files([sounds], [labels], engine=Here(), **how)


def test_clips_of_files_have_rows_labels_and_groups(sounds, labels):
    found = of_files(sounds, labels)
    assert len(found.clips) == 12
    assert {clip.label for clip in found.clips} == {"Dialogue", "Music"}
    assert [clip.group for clip in found.clips[:3]] == ["show_2019-03-00", "show_2019-03-00", "show_2019-03-01"]
    assert found.clips[0].span == Span(0.0, 2.0)
    assert found.seconds == 2.0
    assert np.isfinite(found.values).all()
    assert not any("frames" in column for one in found.inputs for column in one.columns)


def test_files_that_cannot_be_read_and_names_that_nobody_knows_are_told_and_the_rest_is_kept(sounds, labels):
    found = of_files(sounds, labels)
    left = dict(found.left_out)
    assert "no file is called" in left["gone_chunk_1.wav"]
    assert any(name.endswith("broken_chunk_1.wav") for name in left)
    assert found.merged.to_json() == {"items": 14, "clips": 13, "duplicates": 0, "contradictions": 0, "left_out": 1}


def test_the_outro_is_the_end_of_the_file_and_parts_are_where_labels_say(sounds, tmp_path):
    name = "show_2019-03-00_chunk_1.wav"
    playlist = tmp_path / "Music.m3u8"
    playlist.write_text(f"#EXTM3U\n{name}#t=0.5,1.5\n{name}\n{name}#t=30,40\n{name}#t=1.5,2.4\n")
    found = material_of_files([sounds], [playlist], cut=Cut(1.0), engine=Here())
    assert [clip.span for clip in found.clips] == [Span(1.0, 2.0), Span(0.5, 1.5), Span(1.5, 2.0)]
    assert "30-40 s lies beyond the end of the file, 2.0 s" in found.left_out[0][1]
    assert len({clip.key for clip in found.clips}) == 3


def test_a_group_is_told_by_a_pattern(sounds, labels):
    assert {clip.group for clip in of_files(sounds, labels, group_by="^([a-z]+)_").clips} == {"show"}
    with pytest.raises(OptionError, match="must be a regular expression"):
        grouped_by("(")
    assert grouped_by("[0-9]{4}")(Path("news_2019_a.mp3")) == "2019"
    assert grouped_by("zzz")(Path("news_2019_a.mp3")) == "news_2019_a"


def test_labels_that_fit_no_file_are_refused_with_the_first_reason(sounds, tmp_path):
    path = tmp_path / "labels.json"
    path.write_text('{"nowhere.mp3": "Music"}')
    with pytest.raises(OptionError, match="got 1 items and 13 files, and none fits; nowhere.mp3: labels.json, item 1"):
        of_files(sounds, path)


@pytest.mark.parametrize("text", ["intro", "-3", "0", "nan"])
def test_a_clip_that_is_none_is_refused(text):
    with pytest.raises(OptionError, match="outro, whole or the seconds"):
        Cut.of(text)


def sound_track(level, seed):
    edges = np.arange(41) / 2
    values = np.random.default_rng(seed).normal(size=(40, 3)) + level
    return FeatureTrack(
        np.column_stack((edges[:-1], edges[1:])), values.astype(np.float32), ("frames", "a", "b"), "audio:0"
    )


@pytest.fixture
def library(tmp_path):
    """Three programmes of twenty seconds, two of one show."""
    store = LibraryStore(tmp_path / "radio.cue", create=True)
    run = store.begin_run({})
    for number, (name, show) in enumerate((("x", "news"), ("y", "news"), ("z", "jazz"))):
        path = tmp_path / f"{name}.wav"
        path.write_text(name)
        store.put_asset(Asset(name * 32, 20.0, groups={"show": show}))
        store.put_place(Placed(Location.of(path), name * 32))
        track = sound_track(number, number)
        store.commit(run, [Outcome(name * 32, "sound", "done", Provenance("sound", "1"), tracks={"sound": track})])
    store.close()
    library = Library(tmp_path / "radio.cue")
    with library.answers() as book:
        for name in ("speech", "music"):
            book.put(LabelClass(name))
        book.put(Campaign("kinds", ("speech", "music"), exclusive=True))
        book.add(
            Answer("x" * 32, "speech", "yes", "ann", span=Span(0, 10), campaign="kinds"),
            Answer("y" * 32, "music", "yes", "ann", span=Span(0, 10), campaign="kinds"),
            Answer("z" * 32, "music", "yes", "ann", campaign="kinds"),
            Answer("z" * 32, "music", "yes", "bob", span=Span(0, 5), campaign="kinds"),
            Answer("z" * 32, "speech", "yes", "bob", span=Span(0, 5), campaign="kinds"),
        )
    return library


def test_clips_of_a_campaign_have_the_class_that_people_agree_on_and_the_groups_of_the_library(library):
    found = material_of_campaign(library, "kinds")
    assert [(clip.name, clip.label, clip.group, clip.whole) for clip in found.clips] == [
        ("x.wav", "speech", "show=news", False),
        ("y.wav", "music", "show=news", False),
        ("z.wav", "music", "show=jazz", True),
    ]
    assert "yes to 2 of its classes" in found.left_out[-1][1]
    assert found.inputs[0].columns == ("a", "b")
    with LibraryStore(library.path, read_only=True) as store:
        expected = clip_rows(found.inputs, {"sound": store.track("x" * 32, "sound")}, as_spans([[0, 10]]))
    np.testing.assert_allclose(found.values[0], expected[0], rtol=1e-6)
    assert "so that the shipped verdict takes no part" in found.notes[0]


def test_a_campaign_that_nobody_answered_is_refused(library):
    with library.answers() as book:
        book.put(Campaign("other", ("speech", "music")))
        book.add_tasks("other", [LabelTask("x" * 32, Span(0, 5))])
    with pytest.raises(OptionError, match="no clip of the campaign 'other' has one class"):
        material_of_campaign(library, "other")
