"""What peaks and loudness cost, and what memory they take: python -m benchmarks.loudness [--long] [FILE ...].

Processor time for a minute of sound, decoding and resampling left out, of the extractors `peaks` and `loudness.blocks`:
for each FILE, else for some of CUELINE_REAL, repeated to a minute, and for white noise, the worst case of the true
peak, and digital silence. The best of `--rounds` counts. To reach: 0.08 s for a minute of loudness in stereo.

With --long: the most memory of a process that streams an hour, and of one that streams ten hours of made sound, and the
time of the pyramid over the peaks of 20 h that lie on disk.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # as in the worker processes

import numpy as np  # noqa: E402  # numpy reads the number of threads once

from benchmarks.media import REAL  # noqa: E402
from cueline.features.loudness import LoudnessBlocks  # noqa: E402
from cueline.features.peaks import COLUMNS, Peaks, coarser, pyramid  # noqa: E402
from cueline.media.probe import probe  # noqa: E402
from cueline.media.reader import Consumer, read  # noqa: E402
from cueline.timeline.assets import Asset, Stream  # noqa: E402
from cueline.timeline.batches import SoundBatch  # noqa: E402
from cueline.timeline.requests import Sound  # noqa: E402
from cueline.timeline.tracks import FeatureTrack  # noqa: E402

STEREO = Asset("0" * 32, 60.0, (Stream("audio:0", "audio", 0, "pcm", rate_hz=48000, channels=2),))
SOUNDS = (
    "audio/music/audiocraft_electro_1.mp3",
    "audio/music/beat_doomed_x15.ogg",
    "audio/music/classical_02_x15.ogg",
    "audio/speech/librivox_en1.mp3",
)
Minute = Callable[[Sound], list[SoundBatch]]


class Silent:
    """Progress that nobody watches."""

    def at(self, phase, seconds=0.0):
        """Say nothing."""


def of_file(path: Path, asset: Asset) -> Minute:
    """A minute of a file, repeated where it is shorter."""

    def minute(request: Sound) -> list[SoundBatch]:
        kept: list[np.ndarray] = []
        consumer = Consumer("minute", request, lambda batches: kept.extend(batch.samples for batch in batches))
        read(path, asset, [consumer], progress=Silent())
        samples = np.concatenate(kept)
        return cut(np.resize(samples, (60 * request.rate_hz, samples.shape[1])), request)

    return minute


def made(second: Callable[[tuple[int, int]], np.ndarray]) -> Minute:
    """A minute of made sound, of which every second is the same."""
    return lambda request: cut(np.tile(second((request.rate_hz, 1 if request.mono else 2)), (60, 1)), request)


def noise(shape: tuple[int, int]) -> np.ndarray:
    """White noise."""
    return np.random.default_rng(0).normal(0, 0.2, shape).astype(np.float32)


def cut(samples: np.ndarray, request: Sound) -> list[SoundBatch]:
    """Batches of a second."""
    rate = request.rate_hz
    return [SoundBatch(samples[i * rate : (i + 1) * rate].copy(), float(i), rate) for i in range(60)]


def cost(extractor, asset: Asset, minute: Minute, rounds: int) -> float:
    """The least processor seconds that a minute took."""
    batches = minute(extractor.wants(asset, {}))
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        for _rows in extractor.extract(asset, iter(batches)):
            pass
        best = min(best, time.process_time() - begin)
    return best


def stream(hours: float) -> None:
    """Stream made sound through both extractors, and say how much memory this process took at most."""

    def endless(request: Sound) -> Iterator[SoundBatch]:
        second = noise((request.rate_hz, 1 if request.mono else 2))
        return (SoundBatch(second, float(i), request.rate_hz) for i in range(round(hours * 3600)))

    rows = 0
    for extractor in (Peaks(), LoudnessBlocks()):
        for part in extractor.extract(STEREO, endless(extractor.wants(STEREO, {}))):
            rows += len(part.spans)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{hours:g} h streamed: {rows} rows, {most:.0f} MiB at most")


def levels() -> None:
    """Time the coarser levels of the peaks of 20 h, memory-mapped."""
    count = 20 * 3600 * 50
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "values.npy")
        np.save(path, np.random.default_rng(0).normal(0, 0.2, (count, 3)).astype(np.float16))
        times = np.arange(count + 1) / 50
        spans = np.column_stack((times[:-1], times[1:]))
        track = FeatureTrack(spans, np.load(path, mmap_mode="r"), COLUMNS)
        for name, make in (("one level", coarser), ("pyramid", pyramid)):
            begin = time.perf_counter()
            make(track)
            print(f"{name} over {count} rows of peaks: {1000 * (time.perf_counter() - begin):.0f} ms")


def main() -> None:
    """Print a line for each sound, and with --long of memory and levels."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--stream", type=float, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.stream:
        stream(asked.stream)
        return
    sounds: list[tuple[str, Asset, Minute]] = [
        ("white noise", STEREO, made(noise)),
        ("digital silence", STEREO, made(lambda shape: np.zeros(shape, np.float32))),
    ]
    for path in asked.files or [REAL / name for name in SOUNDS]:
        asset = probe(path).asset
        sounds.append((path.name, asset, of_file(path, asset)))
    print(f"processor milliseconds for a minute of sound, best of {asked.rounds}")
    for name, asset, minute in sounds:
        peaks, loudness = (1000 * cost(each, asset, minute, asked.rounds) for each in (Peaks(), LoudnessBlocks()))
        channels = asset.stream("audio").channels
        print(f"{name:32} {channels} channels   peaks {peaks:5.1f}   loudness {loudness:6.1f}")
    if asked.long:
        for hours in (1, 10):
            subprocess.run([sys.executable, "-m", "benchmarks.loudness", "--stream", str(hours)], check=True)
        levels()


if __name__ == "__main__":
    main()
