"""Pages as a browser shows them: searched, filtered, scrolled. Skipped where there is no Chromium."""

import itertools
import time

import pytest

from benchmarks.browser import Browser, browser
from cueline.reports.pages import write_report
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.tracks import LabelTrack

pytestmark = pytest.mark.skipif(browser() is None, reason="no Chromium or Chrome is on the path")
SOUND = Stream("audio:0", "audio", 1, "aac", rate_hz=48000, channels=2)
VIDEO = Stream("video:0", "video", 0, "h264")
NAMES = "Array.from(document.querySelectorAll('.card:not([hidden]) h3'), each => each.textContent)"


@pytest.fixture(scope="module")
def opened():
    with Browser(browser()) as page:
        yield page


def library(store, make_film, make_sound, count):
    """Films of 10 s, 20 s, ...; every third is sound alone, the second has a line of subtitles, the first failed."""
    tracks, pictures = make_film(1, shots=6)
    for number in range(count):
        song = number % 3 == 2
        said = {"subtitles": LabelTrack([[0, 1]], ("Évènement at the harbour",))} if number == 1 else {}
        store.add(
            f"reel {number // 100}/{'song' if song else 'film'} {number}.mp4",
            Asset(f"{number:032x}", 10.0 * (number + 1), (SOUND,) if song else (VIDEO, SOUND), {"show": "Sea"}),
            make_sound() if song else tracks | said,
            pictures={} if song else pictures,
            failed={"words": "no memory"} if number == 0 else None,
        )
    return store


def typed(page, field, text):
    page.value(
        f"(field => {{ field.value = {text!r}; field.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
        f"(document.getElementById({field!r}))"
    )
    return page.value(NAMES)


@pytest.mark.parametrize("count", [6, 210])
def test_files_are_found_by_words_and_by_what_they_have(opened, empty, make_film, make_sound, tmp_path, count):
    opened.open(write_report(library(empty, make_film, make_sound, count), tmp_path, title="x"))
    assert typed(opened, "search", "EVENEMENT harbour") == ["film 1.mp4"]
    assert opened.value("document.getElementById('found').textContent") == f"1 of {count} files"
    assert opened.value("location.hash") == "#q=EVENEMENT+harbour"
    assert typed(opened, "search", '"film 4.mp4" show: sea') == ["film 4.mp4"]
    assert typed(opened, "search", "nothing like it") == []
    typed(opened, "search", "")
    assert typed(opened, "state", "failed") == ["film 0.mp4"]
    typed(opened, "state", "")
    typed(opened, "has", "only-sound")
    assert typed(opened, "to", "0:30") == ["song 2.mp4"]
    typed(opened, "has", "")
    assert typed(opened, "from", "20s") == ["film 1.mp4", "song 2.mp4"]
    assert typed(opened, "order", "seconds") == ["song 2.mp4", "film 1.mp4"]
    assert typed(opened, "class", "silence") == ["song 2.mp4"]
    typed(opened, "class", "")
    assert typed(opened, "track", "subtitles") == ["film 1.mp4"]
    assert opened.value("document.getElementById('from').getAttribute('aria-invalid')") == "false"
    typed(opened, "from", "long")
    assert opened.value("document.getElementById('from').getAttribute('aria-invalid')") == "true"


def test_an_address_keeps_the_question(opened, empty, make_film, make_sound, tmp_path):
    index = write_report(library(empty, make_film, make_sound, 6), tmp_path, title="x")
    opened.open(index)
    opened.value("location.hash = 'q=song&order=seconds'")
    assert opened.value(f"new Promise(done => setTimeout(() => done({NAMES}), 50))") == ["song 5.mp4", "song 2.mp4"]
    assert opened.value("document.getElementById('search').value") == "song"


def test_thousands_of_cards_are_made_where_one_looks(opened, empty, make_film, make_sound, tmp_path):
    opened.open(write_report(library(empty, make_film, make_sound, 240), tmp_path, title="x"))
    tall = opened.value("document.documentElement.scrollHeight")
    opened.value("scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})")
    began = time.monotonic()
    while "song 239.mp4" not in opened.value(NAMES) and time.monotonic() < began + 5:
        time.sleep(0.02)
    assert opened.value(NAMES)[-1] == "song 239.mp4"
    assert len(opened.value(NAMES)) < 40
    assert opened.value("document.documentElement.scrollHeight") == pytest.approx(tall, abs=2)
    shown = "Promise.all([...document.images].map(i => i.decode())).then(() => document.images[0].naturalWidth)"
    assert opened.value(shown) == 64


def test_the_waveform_is_drawn_finer_when_it_is_zoomed(opened, empty, make_sound, tmp_path):
    empty.add("song.flac", Asset("a", 600.0, (SOUND,)), make_sound(600.0))
    write_report(empty, tmp_path, title="x")
    opened.open(tmp_path / "asset-a.html")
    path = "document.querySelector('.wave path').getAttribute('d')"
    opened.value("for (let i = 0; i < 6; i++) document.querySelector('[data-zoom=\"2\"]').click()")
    places = [float(point.split()[0]) for point in opened.value(path).strip("Mz").split("L")]
    assert 9_000 < max(places) < 10_000
    assert min(abs(after - before) for before, after in itertools.pairwise(places)) < 50


def test_rows_are_found_by_name_and_by_time(opened, empty, tmp_path):
    spans = [[10 * row, 10 * row + 5] for row in range(20)]
    empty.add("a.mp4", Asset("a", 200.0), {"subtitles": LabelTrack(spans, tuple(f"line {row}" for row in range(20)))})
    write_report(empty, tmp_path, title="x")
    opened.open(tmp_path / "asset-a.html")
    rows = "Array.from(document.querySelectorAll('tbody tr:not([hidden]) .text'), each => each.textContent)"
    typed(opened, "search", "line 1")
    assert opened.value(rows) == ["line 1", *(f"line {row}" for row in range(10, 20))]
    typed(opened, "search", "1:30")
    assert opened.value(rows) == ["line 9"]
