"""Tests of Library: what a person does with a folder of films, from Python."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from cueline import FeatureTrack, LabelTrack, Library
from cueline.engines.local import Local
from cueline.errors import MediaError, StoreError
from cueline.timeline.answers import Answer, Clip, LabelClass, standing
from tests.films import CUTS, DURATION, small_collection


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of films, analysed once; tests only read."""
    place = tmp_path_factory.mktemp("library")
    small_collection(place / "films")
    Library.beside(place / "films").analyze(place / "films", engine=Local(jobs=1))
    return place


@pytest.fixture
def library(place):
    return Library(place / "films.cue")


@pytest.fixture
def mine(place, tmp_path):
    """A folder of films that a test may change, and its library."""
    films = tmp_path / "films"
    shutil.copytree(place / "films", films)
    library = Library.beside(films)
    library.analyze(films, engine=Local(jobs=1))
    return library, films


def test_a_library_lies_beside_its_folder(place):
    assert Library.beside(place / "films").path == place / "films.cue"


def test_tags_come_as_values(library):
    tags = library.tags("shots")
    assert [tag.span.start for tag in tags] == pytest.approx([0.0, *CUTS])
    assert {(tag.track, tag.name) for tag in tags} == {("shots", "shot")}
    assert library.tags("shots", limit=1) == tags[:1]
    assert library.tags("shots", file="a day.mp4") == tags
    assert library.tags("shots", file="radio.wav") == []


def test_tracks_come_by_name_of_file(library, place):
    assert isinstance(library.track("a day.mp4", "shots"), LabelTrack)
    color = library.features(place / "films" / "a day.mp4", "color")
    assert isinstance(color, FeatureTrack)
    np.testing.assert_allclose(color.spans[:, 0], np.arange(90) / 25)


def test_a_wrong_file_or_track_is_refused_with_what_there_is(library):
    with pytest.raises(
        StoreError, match=r"in the library '.*films.cue': no file is called 'a dya.mp4'. Did you mean 'a day.mp4'\?"
    ):
        library.track("a dya.mp4", "shots")
    with pytest.raises(StoreError, match="'shots' of 'a day.mp4' is a label track"):
        library.features("a day.mp4", "shots")
    with pytest.raises(StoreError, match="shotz"):
        library.track("a day.mp4", "shotz")


def test_a_record_holds_tracks_and_who_made_them(library):
    record = library.record("a day.mp4")
    assert record.asset.duration == pytest.approx(DURATION)
    assert record.provenance["shots"].plugin == "shots"
    assert record.provenance["shots"].inputs == {"color": record.provenance["color"].fingerprint}


def test_sql_gives_a_data_frame_and_changes_nothing(library):
    frame = library.sql("select count(*) as shots from tags where track = ?", ["shots"])
    assert frame["shots"].tolist() == [3]
    with pytest.raises(StoreError, match="library"):
        library.sql("delete from tags")


def test_status_tells_what_failed_and_what_each_track_covers(library):
    state = library.status()
    assert (state.assets, state.files, state.done, state.waiting) == (3, 3, 2, 0)
    assert [path.endswith("broken.mp4") for path in state.failed] == [True]
    assert state.tracks["shots"] == 1


def test_every_asset_is_told(library):
    assert sorted(asset.duration for asset in library.assets()) == pytest.approx([0.0, 1.0, DURATION])


def test_what_is_not_there_is_refused_plainly(tmp_path):
    with pytest.raises(StoreError, match=r"nowhere\.cue"):
        Library(tmp_path / "nowhere.cue").status()
    with pytest.raises(MediaError, match="there is no file or folder"):
        Library(tmp_path / "x.cue").analyze(tmp_path / "nowhere")


def test_a_changed_option_makes_anew_what_depends_on_it_and_nothing_else(mine):
    library, films = mine
    before = {name: library.record("a day.mp4").provenance[name].fingerprint for name in ("color", "shots", "black")}
    assert library.analyze(films, engine=Local(jobs=1)).fresh == 0
    again = library.analyze(films, options={"black": {"seconds": 0.25}}, engine=Local(jobs=1))
    after = library.record("a day.mp4").provenance
    assert again.fresh == 2  # the film, and the sound file, which still has nothing black
    assert {name for name in before if after[name].fingerprint != before[name]} == {"black"}


def test_a_moved_file_keeps_its_tracks_and_a_removed_one_is_missing(mine):
    library, films = mine
    (films / "a day.mp4").rename(films / "another day.mp4")
    (films / "radio.wav").unlink()
    assert library.analyze(films, engine=Local(jobs=1)).fresh == 0
    assert len(library.track("another day.mp4", "shots")) == 3
    assert len(library.status().missing) == 2


def test_a_changed_file_is_analysed_anew(mine):
    library, films = mine
    shutil.copy(films / "a day.mp4", films / "radio.wav")
    assert library.analyze(films, engine=Local(jobs=1)).done == 2
    assert len(library.track("radio.wav", "shots")) == 3


def test_content_that_no_file_holds_any_more_is_left_out(mine):
    library, films = mine
    shutil.copy(films / "radio.wav", films / "a day.mp4")
    library.analyze(films, engine=Local(jobs=1))
    assert library.tags("shots") == []
    assert (library.status().assets, library.status().done) == (2, 1)


def test_a_moved_file_is_told_where_it_is_now(mine):
    library, films = mine
    (films / "sub").mkdir()
    (films / "a day.mp4").rename(films / "sub" / "a day.mp4")
    library.analyze(films / "sub", engine=Local(jobs=1))
    (asset,) = {tag.asset for tag in library.tags("shots")}
    assert library.files()[asset] == films / "sub" / "a day.mp4"
    assert library.status().missing == (str(films / "a day.mp4"),)
    paths = library.sql("select distinct path from tags where track = 'shots'")["path"].tolist()
    assert paths == [str(films / "sub" / "a day.mp4")]


def test_names_of_any_kind_are_kept(mine):
    library, films = mine
    names = ["-dash.mp4", "new\nline.mp4", "quo'te\".mp4", "é漢🎬.mp4", "<b>bold<b>.mp4"]
    for name in names:
        shutil.copy(films / "a day.mp4", films / name)
    library.analyze(films, engine=Local(jobs=1))
    assert {path.name for path in map(library.files().get, [library.record(name).asset.id for name in names])}
    assert len(library.assets()) == 3
    page = library.report().read_text()
    assert "<b>bold" not in page


def test_names_are_told_from_the_folder_that_holds_all(mine):
    library, _ = mine
    assert sorted(source.name for source in library.sources()) == ["a day.mp4", "broken.mp4", "radio.wav"]


def test_a_limit_leaves_the_rest_for_the_next_run(tmp_path):
    films = small_collection(tmp_path / "films")
    library = Library(tmp_path / "films.cue")
    first = library.analyze(films, engine=Local(jobs=1), limit=1)
    assert (first.fresh, first.done, first.waiting) == (1, 1, 1)
    assert library.status().waiting == 1
    assert library.analyze(films, engine=Local(jobs=1)).fresh == 1


def test_a_script_without_a_main_guard_works(mine, tmp_path):
    library, films = mine
    script = tmp_path / "script.py"
    script.write_text(
        f"from cueline import Library\nprint(Library({str(library.path)!r}).analyze({str(films)!r}).done)\n"
    )
    ended = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    assert ended.stdout == "2\n"


def test_media_that_come_after_their_labels_are_told(mine):
    library, films = mine
    with library.answers() as book:
        book.put(LabelClass("dog"))
        book.put_clips(Clip("clip-1", "https://example.org/late.wav"))
        book.add(Answer("clip-1", "dog", "yes", "ann"))
    shutil.copy(next(films.glob("*.wav")), films / "late.wav")
    (films / "late.wav").write_bytes((films / "late.wav").read_bytes() + b"\0\0")
    assert library.add(films, engine=Local(jobs=1)).attached == 1
    with library.answers() as book:
        assert {answer.asset for answer in standing(book.answers())}.isdisjoint({"clip-1"})
