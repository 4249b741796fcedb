"""What the pages of a large library cost: to write, to write again, to open and to scroll.

    python -m benchmarks.report                   10,000 made-up films, in the folder for temporary files
    python -m benchmarks.report --films 2000 --in /some/disk
    python -m benchmarks.report --keep build/report       and leave the pages there, to look at

One film in five is sound alone, one in fifty failed, every second one has subtitles; lengths differ, and names are in
several scripts. Writing is timed with everything in the page cache. Opening is timed in a headless Chromium from a
page on disk: first paint and first pictures from the start of navigation (median of five), and the longest and the
median time between two frames while the page is scrolled by a window's height at every frame. Without Chromium these
rows are left out, which is said.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.browser import Browser, browser
from benchmarks.store import table, times
from cueline.ports import Outcome, Placed, Rows
from cueline.reports.pages import write_report
from cueline.stores.library import LibraryStore
from cueline.stores.spool import PictureSpool
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance, Tracks
from cueline.timeline.tracks import FeatureTrack, LabelTrack

WORDS = (
    "sea",
    "storm",
    "harbour",
    "night",
    "lantern",
    "letter",
    "train",
    "window",
    "garden",
    "river",
    "bell",
    "winter",
)
NAMES = ("Interview with the harbour master", "港の記録 第{}話", "مقابلة الميناء", "Évènement d'été", "reel")
PAINTED = """new Promise(done => new PerformanceObserver(list => list.getEntries().forEach(entry => {
if (entry.name === 'first-contentful-paint') done(entry.startTime); })).observe({type: 'paint', buffered: true}))"""
PICTURED = """new Promise(done => { document.querySelector('.cards').scrollIntoView({behavior: 'instant'});
requestAnimationFrame(() => requestAnimationFrame(() => Promise.all([...document.images].map(image => image.decode()))
.then(() => done([performance.now(), document.images.length])))); })"""
SCROLLED = """new Promise(done => { const frames = []; let last = performance.now(), left = 120;
function step(now) { frames.push(now - last); last = now; scrollBy({top: innerHeight, behavior: 'instant'});
if (left--) return requestAnimationFrame(step);
frames.sort((a, b) => a - b); done([frames[frames.length >> 1], frames[frames.length - 1]]); }
requestAnimationFrame(step); })"""
SEARCHED = """(() => { const field = document.getElementById('search'), began = performance.now();
for (const text of ['h', 'ha', 'har', 'harb', 'harbo']) { field.value = text;
field.dispatchEvent(new Event('input', {bubbles: true})); } return (performance.now() - began) / 5; })()"""


def picture(chance: np.random.Generator) -> bytes:
    """A picture of 160 x 90, as large as kept ones are."""
    across, down = np.meshgrid(np.linspace(0, 3, 160), np.linspace(0, 2, 90))
    shift = chance.uniform(0, 6, 6)
    waves = [np.sin(across * shift[i] + down * shift[i + 3] + shift[i]) for i in range(3)]
    pixels = 128 + 90 * np.stack(waves, -1) + chance.normal(0, 9, (90, 160, 3))
    file = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "WEBP", quality=75, method=0)
    return file.getvalue()


def sound(chance: np.random.Generator, duration: float) -> Tracks:
    """Peaks, loudness and silence of made-up sound."""
    count = int(duration / 0.02)
    swell = 0.2 + 0.4 * abs(np.sin(np.arange(count) / chance.uniform(40, 900))) * abs(np.sin(np.arange(count) / 7.3))
    peaks = np.column_stack((-swell, swell * 0.9, swell * 0.35)).astype(np.float16)
    blocks = np.column_stack([-23 + 8 * np.sin(np.arange(count // 5) / width) for width in (9, 40, 9)])
    return {
        "peaks": FeatureTrack(times(count, 0.02), peaks, ("low", "high", "rms"), "audio:0"),
        "loudness.blocks": FeatureTrack(
            times(len(blocks), 0.1), blocks.astype(np.float32), ("momentary", "short_term", "true_peak"), "audio:0"
        ),
        "loudness": FeatureTrack(
            np.array([[0.0, duration]]),
            np.array([[-21.4, 6.1, -0.8, -15.0, -18.2]]),
            ("integrated", "range", "true_peak", "momentary_max", "short_term_max"),
            "audio:0",
        ),
        "silence": LabelTrack(np.array([[1.0, 2.5]]), ("silence",), stream="audio:0"),
    }


def film(store: LibraryStore, run: int, number: int, pictures: list[bytes], chance: np.random.Generator) -> None:
    """Keep one made-up file with all that can be found in it."""
    name, duration = f"{number * 2654435761 % 2**32:08x}{number:024x}", round(float(chance.uniform(20, 120)), 2)
    audio = Stream("audio:0", "audio", 1, "aac", duration=duration, rate_hz=48_000, channels=2)
    video = Stream("video:0", "video", 0, "h264", duration=duration, frames=1000, width=1920, height=1080)
    heard_only, title = number % 5 == 4, NAMES[number % len(NAMES)].format(number)
    path = Path(f"/films/{1960 + number % 60}/{title} {number}.{'flac' if heard_only else 'mp4'}")
    streams = (audio,) if heard_only else (video, audio)
    store.put_asset(Asset(name, duration, streams, {"series": f"Series {number % 200}"}))
    store.put_place(Placed(Location(path, 10_000_000 + number, number), name))
    heard = sound(chance, duration)
    outcomes = [Outcome(name, "loudness", "done", Provenance("loudness", "1"), tracks=heard)]
    if number % 50 == 7:
        outcomes.append(Outcome(name, "text", "failed", Provenance("text", "1"), "no memory left at 12.5 s"))
    elif number % 2:
        lines = tuple(" ".join(chance.choice(WORDS, 5)) for _ in range(12))
        texts = LabelTrack(times(12, duration / 12), lines, stream="audio:0")
        outcomes.append(Outcome(name, "text", "done", Provenance("text", "1"), tracks={"subtitles": texts}))
    aside = store.spool_folder()
    if not heard_only:
        edges = np.unique(np.concatenate(([0.0], chance.uniform(0, duration, 11).round(2), [duration])))
        spans = np.column_stack((edges[:-1], edges[1:]))
        shots = LabelTrack(spans, ("shot",) * len(spans), stream="video:0")
        keys = LabelTrack(np.column_stack((spans[:, 0],) * 2), ("keyframe",) * len(spans), stream="video:0")
        with PictureSpool(aside / "pictures") as kept:
            chosen = tuple(pictures[int(row)] for row in chance.integers(0, len(pictures), len(spans)))
            kept.append(Rows(spans, np.zeros((len(spans), 1)), (), chosen))
        outcomes += [
            Outcome(name, "thumbnails", "done", Provenance("thumbnails", "1"), pictures=aside / "pictures"),
            Outcome(name, "shots", "done", Provenance("shots", "1"), tracks={"shots": shots, "keyframes": keys}),
        ]
    store.commit(run, outcomes)
    shutil.rmtree(aside)


def filled(path: Path, films: int) -> LibraryStore:
    """A library of so many films, made without waiting for the disk."""
    chance = np.random.default_rng(3)
    pictures = [picture(chance) for _ in range(60)]
    wait, os.fsync = os.fsync, lambda handle: None  # noqa: ARG005 - nothing here must outlive a power cut
    try:
        store = LibraryStore(path, create=True)
        run = store.begin_run({"films": films})
        for number in range(films):
            film(store, run, number, pictures, chance)
        store.end_run(run)
    finally:
        os.fsync = wait
    return store


def timed(store: LibraryStore, folder: Path) -> float:
    """Seconds to write the pages."""
    began = time.perf_counter()
    write_report(store, folder, title="Ten thousand films")
    return time.perf_counter() - began


def shown(program: str, page: Path) -> list[tuple[str, str]]:
    """Rows of figures that a browser tells."""
    with Browser(program) as opened:
        paints, pictures = [], []
        for _ in range(5):
            opened.open(page)
            paints.append(opened.value(PAINTED))
            pictures.append(opened.value(PICTURED)[0])
        frames = opened.value(SCROLLED)
        opened.value("scrollTo({top: 0, behavior: 'instant'})")
        return [
            ("first paint, ms", f"{statistics.median(paints):.0f}"),
            ("first pictures, ms", f"{statistics.median(pictures):.0f}"),
            ("a letter typed into the search box, ms", f"{opened.value(SEARCHED):.0f}"),
            ("between frames while scrolling, median, ms", f"{frames[0]:.1f}"),
            ("between frames while scrolling, longest, ms", f"{frames[1]:.1f}"),
            ("elements in the page", str(opened.value("document.getElementsByTagName('*').length"))),
        ]


def main() -> None:
    """Make a library, write its pages twice, open them, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=10_000)
    parser.add_argument("--in", dest="disk", type=Path, help="folder to make the library in")
    parser.add_argument("--keep", type=Path, help="folder for the pages, kept")
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=chosen.disk, prefix="cueline-report-"))
    pages, program = chosen.keep or folder / "report", browser()
    try:
        with filled(folder / "films.cue", chosen.films) as store:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            first, second = timed(store, pages), timed(store, pages)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows = [
            ("write every page, s", f"{first:.1f}"),
            ("... of that an asset, ms", f"{1000 * first / chosen.films:.2f}"),
            ("write again, nothing changed, s", f"{second:.1f}"),
            ("peak memory, MB (before writing)", f"{peak:.0f} ({before:.0f})"),
            ("the library's page, MB", f"{(pages / 'index.html').stat().st_size / 1e6:.2f}"),
            ("all files, MB", f"{sum(file.stat().st_size for file in pages.rglob('*.*')) / 1e6:.0f}"),
        ]
        rows += shown(program, pages / "index.html") if program else [("in a browser", "no Chromium was found")]
        print(table((f"{chosen.films:,} files", ""), rows))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
