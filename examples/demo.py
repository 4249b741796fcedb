"""The main job from end to end: render a film (or take files), analyse, measure, report.

    python examples/demo.py                 a film with known truth, a sound file and a broken file
    python examples/demo.py --media PATH    your own files

Everything lands in the folder `demo`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np

from cueline import Library
from cueline.evaluation.boundaries import transition_scores
from cueline.timeline.spans import boundaries
from film import SOUND_HZ, TAKES, Truth, render

FRAME = 1 / 24


def main() -> None:
    """Run the demo; exit with the code of the analysis, except for the file that is broken on purpose."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--media", type=Path, help="files of yours instead of the rendered film")
    options.add_argument("--out", type=Path, default=Path("demo"), help="where everything lands")
    chosen = options.parse_args()
    chosen.out.mkdir(exist_ok=True)
    truth = None
    if chosen.media is None:
        media = chosen.out / "films"
        truth = make_media(media)
    else:
        media = chosen.media
    library = chosen.out / "films.cue"
    code = cueline("analyze", media, "--library", library)
    cueline("status", library)
    cueline("export", library, "--to", "csv,json,webvtt", "--out", chosen.out / "export")
    if truth is not None:
        measure(Library(library), truth)
    page = Library(library).report(chosen.out / "report")
    print(f"\nThe report: {page.absolute()}")
    expected = 0 if truth is None else 1  # the broken file is there to be named, and it is the only failure
    if code != expected:
        sys.exit(code or 1)


def make_media(folder: Path) -> Truth:
    """Put a film, a sound file and a broken file into a fresh folder; give the truth of the film."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    began = time.perf_counter()
    truth = render(folder / "a day.mp4")
    print(
        f"rendered {truth.duration:.1f} s of film, {len(TAKES)} shots, in {time.perf_counter() - began:.0f} s",
        file=sys.stderr,
    )
    write_tone(folder / "radio.wav")
    (folder / "broken.mp4").write_bytes((folder / "a day.mp4").read_bytes()[:2000])
    return truth


def write_tone(path: Path, seconds: float = 6.0) -> None:
    """Write a sound file: a tone, then silence."""
    times = np.arange(int(seconds * SOUND_HZ)) / SOUND_HZ
    wave = np.where(times < seconds / 2, 0.3 * np.sin(2 * np.pi * 440 * times), 0.0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=SOUND_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray((wave * 32767).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate = SOUND_HZ
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def measure(library: Library, truth: Truth) -> None:
    """Print how well the shots match the truth: exactly, and within one frame."""
    track = library.track("a day.mp4", "shots")
    found = boundaries(track.spans)
    print(f"\nshots found: {len(track)}, in truth: {len(truth.transitions) + 1}")
    for name, tolerance in (("exact frame", FRAME / 2), ("within one frame", 1.5 * FRAME)):
        scores = transition_scores(truth.transitions, found, tolerance=tolerance)
        print(
            f"shot boundaries, {name:>16}: "
            f"precision {scores.precision:.3f}, recall {scores.recall:.3f}, F1 {scores.f1:.3f} "
            f"({scores.matched} of {scores.reference} found, {scores.estimated - scores.matched} false)"
        )


def cueline(*arguments: str | Path) -> int:
    """Run a command as a person would, and give its exit code."""
    print("\n$ cueline", *arguments, file=sys.stderr, flush=True)
    return subprocess.run([sys.executable, "-m", "cueline", *map(str, arguments)], check=False).returncode


if __name__ == "__main__":
    main()
