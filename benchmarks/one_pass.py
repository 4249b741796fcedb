"""What the one pass costs beside bare decoding: python -m benchmarks.one_pass [FILE] [--seconds 60] [--rounds 5].

Decodes every frame of a 720p H.264 film with as many threads as there are cores, alternately bare
(PyAV alone, frames thrown away) and through `cueline.media.reader.read`, for two consumers: every
frame at 64 x 36 and a thumbnail of 320 x 180 each half second. Each is timed `--rounds` times in one
process, the best of each counts. To reach: a ratio of 1.1 or less with "fast".

The film is FILE or media/video/bbb_720p.mp4 of CUELINE_REAL, its packets repeated to `--seconds`. Processor time is
told too: on a machine that does other work it is the steadier of the two.
"""

import argparse
import time
from pathlib import Path

import av

from benchmarks.media import REAL, looped
from cueline.media.containers import opened, video_stream
from cueline.media.reader import Consumer, read
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.requests import EveryFrame, Instants, Picture

THREADS = 0  # one for each core, and one more
SCALINGS = ("fast", "area", "bilinear", "bicubic")


class Silent:
    """Progress that nobody watches."""

    def at(self, phase, seconds=0.0):
        """Say nothing."""


def bare(path: Path) -> int:
    """Decode every frame and throw it away."""
    with opened(path, threads=THREADS) as container:
        return sum(1 for _ in container.decode(video_stream(container)))


def one_pass(path: Path, asset: Asset, scaling: str) -> int:
    """Decode every frame for two consumers that do nothing with it."""

    def use(batches):
        for batch in batches:
            len(batch)

    consumers = [
        Consumer("colour", EveryFrame(Picture(64, 36, scaling=scaling)), use),
        Consumer("thumbnails", Instants(Picture(320, 180, "inside"), every=0.5), use),
    ]
    report = read(path, asset, consumers, progress=Silent(), threads=THREADS)
    if report.errors:
        raise SystemExit(f"a consumer failed: {report.errors}")
    return report.frames


def timed(function, *arguments) -> tuple[float, float, int]:
    """Wall-clock and processor seconds, and what the function gives."""
    wall, cpu = time.perf_counter(), time.process_time()
    frames = function(*arguments)
    return time.perf_counter() - wall, time.process_time() - cpu, frames


def asset_of(path: Path) -> Asset:
    """The video of a file, as far as the reader asks."""
    with opened(path) as container:
        stream = video_stream(container)
        length = container.duration / av.time_base
        return Asset("0" * 32, length, (Stream("video:0", "video", stream.index, "h264", duration=length),))


def main() -> None:
    """Time both ways in turn and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=REAL / "video" / "bbb_720p.mp4")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scaling", nargs="*", default=SCALINGS)
    asked = parser.parse_args()
    path = looped(asked.file, asked.seconds)
    asset = asset_of(path)
    best = dict.fromkeys(("bare", *asked.scaling), (float("inf"), float("inf")))
    frames = 0
    for _ in range(asked.rounds):
        for name in best:
            wall, cpu, frames = timed(bare, path) if name == "bare" else timed(one_pass, path, asset, name)
            best[name] = min(best[name][0], wall), min(best[name][1], cpu)
    print(f"{asked.file.name}, its packets repeated to {asset.duration:.0f} s: {frames} frames, best of {asked.rounds}")
    for name, (wall, cpu) in best.items():
        ratios = f"ratio {wall / best['bare'][0]:.3f}, of processor time {cpu / best['bare'][1]:.3f}"
        print(f"{name:9} {wall:6.2f} s  {frames / wall:5.0f} frames/s  {ratios}")


if __name__ == "__main__":
    main()
