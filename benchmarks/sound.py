"""What sound costs: the 68 descriptors beside librosa, each stage, and hours of sound in flat memory.

    python -m benchmarks.sound                    descriptors, the extractor, its stages (librosa 0.11 if installed)
    python -m benchmarks.sound --long             also 1 hour and 10 hours streamed, with the peak of memory (Linux)

The sound is made up: six notes that swell over noise, at 22,050 Hz, one channel. Everything runs in turn within one
process, after one round that is not counted; the best of `--rounds` counts. librosa is called once for each measure, as
the field does it, with the tuning fixed (which we do too) and with its default, an estimate. Both times are told:
wall-clock, and processor time, where threads of the linear algebra count too; set OPENBLAS_NUM_THREADS=1 to see one
core alone, as workers have it. To reach: at most 0.5 of librosa, and 0.1 s of one core for a minute of sound.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from cueline.features.sound import RATE_HZ, SoundFeatures, descriptors
from cueline.features.sound.chroma import chroma
from cueline.features.sound.contrast import peaks_and_valleys
from cueline.features.sound.harmonics import Harmonics
from cueline.features.sound.measures import bank
from cueline.features.sound.mel import log_mel, mel_filters, mfcc
from cueline.features.sound.onsets import flux
from cueline.features.sound.shape import bandwidth, centroid, flatness, rolloff
from cueline.features.sound.spectra import blocks
from cueline.features.sound.waveform import crossing_rate, rms
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import SoundBatch

CLIP_SECONDS = 10
HOURS = (1, 10)


def made(seconds: int) -> np.ndarray:
    """Six notes that swell over noise."""
    dice = np.random.default_rng(0)
    times = np.arange(seconds * RATE_HZ) / RATE_HZ
    notes = sum(0.05 * np.sin(2 * np.pi * hertz * times) for hertz in dice.uniform(80, 4000, 6))
    return (notes * (1 + np.sin(2 * np.pi * times)) + dice.normal(0, 0.01, len(times))).astype(np.float32)


def best(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Least wall-clock and processor seconds of each way, taken in turn."""
    least = dict.fromkeys(ways, (np.inf, np.inf))
    for round_ in range(rounds + 1):
        for name, way in ways.items():
            wall, processor = time.perf_counter(), time.process_time()
            way()
            took = time.perf_counter() - wall, time.process_time() - processor
            if round_:
                least[name] = min(least[name][0], took[0]), min(least[name][1], took[1])
    return least


def by_librosa(samples: np.ndarray, *, tuning: float | None) -> None:
    """One call of librosa for each measure."""
    from librosa import feature

    chroma = {} if tuning is None else {"tuning": tuning}
    curves = (
        feature.mfcc(y=samples, sr=RATE_HZ, n_mfcc=13),
        feature.zero_crossing_rate(samples),
        feature.spectral_contrast(y=samples, sr=RATE_HZ),
        feature.chroma_stft(y=samples, sr=RATE_HZ, **chroma),
        feature.spectral_rolloff(y=samples, sr=RATE_HZ, roll_percent=0.85),
        feature.spectral_centroid(y=samples, sr=RATE_HZ),
        feature.rms(y=samples),
    )
    for curve in curves:
        curve.mean(axis=1)
        curve.std(axis=1)


def compare(rounds: int) -> None:
    """The 68 descriptors of one clip, ours and librosa's."""
    clip = made(CLIP_SECONDS)
    ways: dict[str, Callable[[], object]] = {"cueline": lambda: descriptors(clip, RATE_HZ)}
    if importlib.util.find_spec("librosa"):
        warnings.filterwarnings("ignore", module="librosa")
        ways["librosa, tuning fixed"] = lambda: by_librosa(clip, tuning=0.0)
        ways["librosa, tuning estimated"] = lambda: by_librosa(clip, tuning=None)
    else:
        print("librosa is not installed: pip install librosa==0.11.0 to compare")
    print(f"\n| the 68 descriptors of {CLIP_SECONDS} s | ms | processor ms | of ours |\n|---|---|---|---|")
    least = best(ways, rounds)
    for name, (wall, processor) in least.items():
        print(f"| {name} | {wall * 1e3:.1f} | {processor * 1e3:.1f} | {wall / least['cueline'][0]:.2f} |")


def streamed(extractor: SoundFeatures, minute: np.ndarray, minutes: int = 1) -> int:
    """Run the extractor over a minute again and again, in batches of a second; give the number of rows."""

    def batches() -> Iterator[SoundBatch]:
        for second in range(60 * minutes):
            part = minute[second % 60 * RATE_HZ : (second % 60 + 1) * RATE_HZ, None]
            yield SoundBatch(part, float(second), RATE_HZ)

    asset = Asset("0" * 32, 60.0 * minutes, (Stream("audio:0", "audio", 0, "pcm_f32le"),))
    return sum(len(rows.spans) for rows in extractor.extract(asset, batches()))


def extractor(rounds: int) -> None:
    """The whole extractor on one minute."""
    minute = made(60)
    ways = {
        "sound": lambda: streamed(SoundFeatures(), minute),
        "sound, with harmonics": lambda: streamed(SoundFeatures(harmonics=True), minute),
    }
    print("\n| the extractor, a minute of sound | ms | processor ms |\n|---|---|---|")
    for name, (wall, processor) in best(ways, rounds).items():
        print(f"| {name} | {wall * 1e3:.0f} | {processor * 1e3:.0f} |")


def stages(rounds: int) -> None:
    """Each stage on one minute, from blocks that are there already."""
    samples, filters, mel = made(60), bank(RATE_HZ), mel_filters(RATE_HZ, 64)
    there = list(blocks(samples))
    levels = [log_mel(block.power, filters.mel) for block in there]
    centres = [centroid(block.magnitude, filters.hertz) for block in there]
    ways = {
        "frames, transform, power, magnitude": lambda: deque(blocks(samples), maxlen=0),
        "log-mel, 128 bands": lambda: [log_mel(b.power, filters.mel) for b in there],
        "log-mel, 64 bands": lambda: [log_mel(b.power, mel) for b in there],
        "MFCC of them": lambda: [mfcc(level) for level in levels],
        "flux": lambda: [flux(level, level[0]) for level in levels],
        "spectral contrast": lambda: [peaks_and_valleys(b.magnitude, filters.bands) for b in there],
        "chroma": lambda: [chroma(b.power, filters.chroma) for b in there],
        "rolloff": lambda: [rolloff(b.magnitude, filters.hertz) for b in there],
        "centroid": lambda: [centroid(b.magnitude, filters.hertz) for b in there],
        "bandwidth": lambda: [bandwidth(b.magnitude, filters.hertz, c) for b, c in zip(there, centres, strict=True)],
        "flatness": lambda: [flatness(b.power) for b in there],
        "zero crossings": lambda: [crossing_rate(b) for b in there],
        "RMS": lambda: [rms(b) for b in there],
        "harmonics (off by default)": lambda: _split(there),
    }
    print("\n| stage, a minute of sound | ms |\n|---|---|")
    for name, (wall, _) in best(ways, rounds).items():
        print(f"| {name} | {wall * 1e3:.1f} |")


def _split(there: list) -> None:
    harmonics = Harmonics()
    for block in there:
        harmonics.put(block.magnitude)
    harmonics.end()


def hours() -> None:
    """Hours of sound, each in a process of its own: rows, seconds, peak of memory."""
    print("\n| hours of sound | rows | seconds | peak, MB |\n|---|---|---|---|")
    for length in HOURS:
        command = [sys.executable, "-m", "benchmarks.sound", "--stream", str(length)]
        ended = subprocess.run(command, check=True, capture_output=True, text=True)
        print(ended.stdout.strip(), flush=True)


def stream(length: int) -> None:
    """One run of `hours`, in this process (Linux)."""
    began = time.perf_counter()
    rows = streamed(SoundFeatures(), made(60), 60 * length)
    # Not ru_maxrss: a process inherits that of the one which started it
    (peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(f"| {length} | {rows} | {time.perf_counter() - began:.1f} | {int(peak) / 1024:.0f} |")


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--long", action="store_true", help="also stream hours of sound (about a minute)")
    parser.add_argument("--stream", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.stream:
        stream(asked.stream)
        return
    compare(asked.rounds)
    extractor(asked.rounds)
    stages(asked.rounds)
    if asked.long:
        hours()


if __name__ == "__main__":
    main()
