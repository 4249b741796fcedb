"""Tests of files from outside: seen with the plug-ins, options and versions of the library, or refused."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from cueline.errors import MediaError, StoreError
from cueline.ports import Outcome, Placed, TaskEnd
from cueline.stores.memory import MemoryStore
from cueline.timeline.assets import Asset, Location
from cueline.timeline.spans import Span
from cueline.workbench.intake import probe_file
from cueline.workbench.likeness import Example, moments_like
from cueline.workbench.passes import AssetJob, analyze_asset
from cueline.workbench.planning import plan
from cueline.workbench.specimens import SpecimenJob, recipe, see, specimen
from tests.films import silence, three_shots

STILL = ("luma_*", "blue_*", "red_*")


class Quiet:
    """Progress that nobody follows."""

    def at(self, phase, seconds=0.0):
        pass


class Here:
    """An engine in this process."""

    version = "1"

    def run(self, tasks, *, watch=None):
        for task in tasks:
            try:
                yield TaskEnd(task, "done", task.function(task.payload, Quiet()))
            except MediaError as error:
                yield TaskEnd(task, "failed", reason=str(error))


def picture(path: Path, film: Path, time: float, *, codec="png", pixels="rgb24") -> Path:
    """A frame of a film as a picture file."""
    with av.open(str(film)) as source:
        frame = next(f for f in source.decode(video=0) if f.time >= time)
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as target:
        stream = target.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pixels
        frame = frame.reformat(format=pixels)
        frame.pts = None
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    return three_shots(tmp_path_factory.mktemp("media") / "film.mp4", seed=3)


def take_in(store, path, folder, steps):
    """Analyse a file and keep it; give its id."""
    told = probe_file(path, Quiet())
    folder.mkdir()
    result = analyze_asset(AssetJob(path, told.asset, steps, {}, folder), Quiet())
    store.put_asset(result.asset)
    store.put_place(Placed(Location.of(path), result.asset.id))
    store.commit(store.begin_run({}), result.outcomes)
    return result.asset.id


@pytest.fixture(scope="module")
def analysed(media, tmp_path_factory):
    """A store with a film in it, and the film's id."""
    store = MemoryStore()
    return store, take_in(store, media, tmp_path_factory.mktemp("spool") / "1", plan(["shots"]))


@pytest.mark.parametrize(
    ("ending", "codec", "pixels"),
    [("png", "png", "rgb24"), ("jpg", "mjpeg", "yuvj420p"), ("webp", "libwebp", "yuv420p")],
)
def test_a_picture_finds_the_shot_that_it_was_taken_from(analysed, media, tmp_path, ending, codec, pixels):
    store, film = analysed
    still = picture(tmp_path / f"still.{ending}", media, 1.8, codec=codec, pixels=pixels)
    found = moments_like(store, Example(still), "color", columns=STILL, engine=Here())
    assert (found[0].asset, found[0].span.start) == (film, 1.2)
    assert found[0].score > 0.9 > found[1].score + 0.3


def test_a_part_of_a_film_from_outside_finds_its_like(analysed, media, tmp_path):
    store, film = analysed
    other = three_shots(tmp_path / "again.mp4", size=(160, 90), seed=3)
    (best, *_) = moments_like(store, Example(other, Span(2.4, 3.6)), "color", columns=STILL, engine=Here())
    assert best.asset == film
    assert best.span.start == pytest.approx(2.4)


def test_a_file_that_is_in_the_library_too_is_known_again_and_left_out(analysed, media):
    store, film = analysed
    found = moments_like(store, Example(media, Span(0.0, 1.0)), "color", engine=Here())
    assert sorted(m.span.start for m in found) == pytest.approx([1.2, 2.4])
    inside = moments_like(store, Example(film, Span(0.0, 1.0)), "color")
    assert [m.span for m in inside] == [m.span for m in found]


def test_a_file_from_outside_is_analysed_in_a_worker(analysed, media):
    store, film = analysed
    seen = specimen(media, recipe(store, film, "color"), "color", columns=("luma",), span=Span(0.0, 1.2))
    inside = store.track(film, "color").crop(Span(0.0, 1.2), place="middle")["luma"]
    np.testing.assert_allclose(seen.vector, [inside.mean(dtype=np.float64)], rtol=1e-3)
    assert seen.asset == film


def test_a_file_that_is_not_there_or_has_nothing_for_the_track_is_refused(analysed, tmp_path):
    steps = recipe(*analysed, "color")
    with pytest.raises(MediaError, match="cannot look at"):
        specimen(tmp_path / "none.png", steps, "color", engine=Here())
    with pytest.raises(MediaError, match="cannot take '.*radio.wav' as an example: it has nothing for 'color'"):
        specimen(silence(tmp_path / "radio.wav"), steps, "color", engine=Here())
    (tmp_path / "text.png").write_text("no picture at all")
    with pytest.raises(MediaError, match="cannot take '.*text.png' as an example: "):
        specimen(tmp_path / "text.png", steps, "color", engine=Here())


def test_a_track_that_finds_nothing_in_a_file_is_told(media, tmp_path):
    job = SpecimenJob(media, plan(["thumbnails.short"]), "thumbnails.short", (), None, 1)
    with pytest.raises(MediaError, match="'thumbnails.short' finds nothing in it"):
        see(job, Quiet())


def test_options_of_the_library_are_taken_over_with_those_of_what_was_needed(media, tmp_path):
    store = MemoryStore()
    steps = plan(
        ["thumbnails.short"], {"thumbnails": {"longest": 2.0}, "shots": {"cut": 0.7}, "thumbnails.short": {"width": 99}}
    )
    film = take_in(store, media, tmp_path / "spool", steps)
    again = recipe(store, film, "thumbnails.short")
    assert {s.name: s.provenance.fingerprint for s in again.steps} == {
        s.name: s.provenance.fingerprint for s in steps.steps
    }


def test_a_track_that_would_come_out_differently_today_is_refused(analysed):
    store, film = analysed
    (outcome,) = (o for o in store.outcomes(film) if o.plugin == "color")
    older = MemoryStore()
    older.put_asset(Asset(film, 3.6))
    made = replace(outcome.provenance, version="0")
    older.commit(
        older.begin_run({}), [Outcome(film, "color", "done", made, tracks={"color": store.track(film, "color")})]
    )
    with pytest.raises(
        StoreError, match=r"made by color version 0, and is made differently by what is installed \(version 1\)"
    ):
        recipe(older, film, "color")


def test_a_shot_of_a_real_film_finds_itself_in_another_encoding_of_it(real_media, tmp_path):
    names = ("sintel_clip.mp4", "sintel_clip.avi", "asl_bird.mkv", "carphone.mp4")
    store, steps = MemoryStore(), plan(["shots"])
    ids = {name: take_in(store, real_media / "video" / name, tmp_path / name, steps) for name in names}
    shot = Span(3.2, 5.0)  # a dark room with a woman, after a cut
    best = moments_like(store, Example(ids["sintel_clip.mp4"], shot), "color", columns=STILL, count=2)
    assert best[0].asset == ids["sintel_clip.avi"]
    assert best[0].span.start == pytest.approx(3.2, abs=0.1)
    assert best[0].score > 0.99 > best[1].score
    still = picture(tmp_path / "still.png", real_media / "video" / names[1], 4.0)
    (first, *_) = moments_like(store, Example(still), "color", columns=STILL, engine=Here())
    assert first.span.start == pytest.approx(3.2, abs=0.1)
