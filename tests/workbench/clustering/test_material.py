"""Clips from files and from a library: cut from the end, with their numbers, what is broken told."""

import numpy as np
import pytest
import soundfile

from cueline import Library
from cueline.errors import MediaError, OptionError, TimelineError
from cueline.features.sound import DESCRIPTORS
from cueline.workbench.clustering.material import clips_of_files, clips_of_library
from tests.films import silence
from tests.workbench.sounds import make_sounds


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips") / "sounds"
    make_sounds(folder, each=2, seconds=2.6)
    return folder


@pytest.fixture(scope="module")
def library(sounds):
    made = Library(sounds.with_name("sounds.cue"))
    made.analyze(sounds, wanted=["sound", "silence", "loudness"])
    return made


class TestFiles:
    def test_clips_are_cut_from_the_end(self, sounds):
        found = clips_of_files([sounds], seconds=1.0, jobs=1)
        assert [source.name for source in found.sources] == ["hiss 0.wav", "hiss 1.wav", "hum 0.wav", "hum 1.wav"]
        assert np.allclose(found.spans[:3], [[0, 0.6], [0.6, 1.6], [1.6, 2.6]], atol=1e-4)
        assert len(found) == 12
        assert found.columns == DESCRIPTORS
        assert np.isfinite(found.values).all()
        assert repr(found) == "ClipTable(12 clips of 4 files, 68 numbers)"

    def test_pooled_numbers_are_those_of_all_columns(self, sounds):
        found = clips_of_files([sounds / "hum 0.wav"], features="pooled", jobs=1)
        assert found.values.shape == (1, len(found.columns))
        assert {"sound.mel_0.mean", "sound.mel_0.std"} <= set(found.columns)

    def test_what_is_broken_or_silent_does_not_stop_the_rest(self, sounds, tmp_path):
        (tmp_path / "broken.wav").write_bytes(b"RIFF" + bytes(range(200)))
        (tmp_path / "empty.wav").touch()
        silence(tmp_path / "still.wav", 2.0)
        found = clips_of_files([sounds / "hum 0.wav", tmp_path], seconds=1.0, jobs=1)
        assert [source.name for source in found.sources] == ["hum 0.wav", "still.wav"] or len(found.sources) == 2
        assert {name for name, _ in found.left_out} == {"broken.wav", "empty.wav"}
        assert all(reason for _, reason in found.left_out)
        assert np.isfinite(found.values).all()

    def test_files_of_one_name_are_told_apart_by_their_folders(self, tmp_path):
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            soundfile.write(tmp_path / folder / "x.wav", np.zeros(22050), 22050)
        assert [source.name for source in clips_of_files([tmp_path], jobs=1).sources] == ["a/x.wav", "b/x.wav"]

    def test_chunks_of_one_recording_are_bound(self, tmp_path):
        for number in (1, 2):
            soundfile.write(tmp_path / f"show_chunk_{number}.wav", np.zeros(22050), 22050)
        assert [dict(s.groups) for s in clips_of_files([tmp_path], jobs=1).sources] == [{"source": "show"}] * 2

    def test_nothing_to_cluster_is_refused_with_the_reason(self, tmp_path):
        (tmp_path / "broken.wav").write_bytes(b"no sound")
        with pytest.raises(OptionError, match=r"there is no clip to cluster: broken\.wav: "):
            clips_of_files([tmp_path], jobs=1)
        with pytest.raises(MediaError, match="there is no file or folder"):
            clips_of_files([tmp_path / "nowhere"], jobs=1)
        with pytest.raises(OptionError, match=r"got 'descriptor'\. Did you mean 'descriptors'\?"):
            clips_of_files([tmp_path], features="descriptor", jobs=1)
        with pytest.raises(TimelineError, match="a chunk lasts more than 0 s, got seconds=0"):
            clips_of_files([tmp_path], seconds=0, jobs=1)


class TestLibrary:
    def test_numbers_are_those_of_files(self, sounds, library):
        mine, theirs = clips_of_library(library, seconds=1.0), clips_of_files([sounds], seconds=1.0, jobs=1)
        order = np.argsort([source.name for source in mine.sources])
        assert [mine.sources[place].name for place in order] == [source.name for source in theirs.sources]
        rows = np.concatenate([np.flatnonzero(mine.owner == place) for place in order])
        assert np.allclose(mine.spans[rows], theirs.spans)
        assert np.allclose(mine.values[rows], theirs.values)

    def test_several_tracks_stand_side_by_side(self, library):
        found = clips_of_library(library, tracks=["sound", "loudness"], seconds=1.0)
        assert found.values.shape[1] > len(DESCRIPTORS)
        assert any(name.startswith("loudness.") for name in found.columns)

    def test_clips_are_the_spans_of_a_label_track(self, library, tmp_path):
        table = tmp_path / "kinds.csv"
        table.write_text("file,start,end,name\nhum 0.wav,0,1,a\nhum 0.wav,1,2.5,b\nhum 1.wav,0.5,2,a\n")
        library.bring(table, track="kinds")
        found = clips_of_library(library, over="kinds")
        assert found.spans.tolist() == [[0, 1], [1, 2.5], [0.5, 2]]
        assert {name for name, _ in found.left_out} == {"hiss 0.wav", "hiss 1.wav"}

    def test_what_is_missing_is_told_with_what_to_do(self, library):
        with pytest.raises(OptionError, match=r"no track 'sounds'; `cueline analyze` makes it"):
            clips_of_library(library, tracks=["sounds"])
        with pytest.raises(OptionError, match="name at least one feature track"):
            clips_of_library(library, tracks=[])
        with pytest.raises(OptionError, match="'loudness' is a track of numbers"):
            clips_of_library(library, over="loudness")
