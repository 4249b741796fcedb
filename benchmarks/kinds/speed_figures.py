"""What kinds of sound cost: an hour against bare decoding, memory by length, features against librosa.

A programme of ten minutes is encoded once as stereo MP3, 44.1 kHz, 128 kbit/s; longer files are its packets again and
again. Each length is measured in a process of its own, with all its workers: the peak is the greatest sum of what
they hold at one time, looked at ten times a second (VmRSS, Linux), beside the peak of the largest one alone (VmHWM).
To reach: 30 s an hour on two cores, 400 MB, as flat at 10 hours as at 10 minutes, and features in half the time of
librosa.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import soxr

from benchmarks import sound
from benchmarks.kinds.programmes import programme
from benchmarks.kinds.regions import judging_cast
from benchmarks.media import CACHE
from cueline.features.sound import RATE_HZ

SOURCE_SECONDS, PART_SECONDS, PART_SEEDS = 600, 60, range(10)
CODED_HZ = 44100
MEASURED_HOURS = 1.0
WATCH_SECONDS = 0.1


def figures(hours: Sequence[float], rounds: int, jobs: int) -> None:
    """Measure and print tables.

    Args:
        hours: Lengths for memory.
        rounds: Of each; the best counts.
        jobs: As for `cueline sound`.
    """
    _against_decoding(rounds, jobs)
    print("\n| hours | seconds | regions | peak of all processes, MB | of the largest, MB |\n|---|---|---|---|---|")
    for length in hours:
        print(_one(length, jobs), flush=True)
    sound.compare(rounds)


def long_file(hours: float) -> Path:
    """An MP3 of some hours; made once and kept."""
    target = CACHE / f"kinds-{hours:.2f}h.mp3"
    if target.exists():
        return target
    source, aside = _source(), target.with_suffix(".part.mp3")
    with av.open(str(aside), "w", format="mp3") as out, av.open(str(source)) as original:
        packets = [packet for packet in original.demux(audio=0) if packet.dts is not None]
        written = out.add_stream_from_template(original.streams.audio[0])
        length = sum(packet.duration for packet in packets)
        starts = [packet.pts - packets[0].pts for packet in packets]
        for turn in range(max(1, round(hours * 3600 / SOURCE_SECONDS))):
            for packet, start in zip(packets, starts, strict=True):
                packet.pts = packet.dts = turn * length + start
                packet.stream = written
                out.mux(packet)
    aside.rename(target)
    return target


def _source() -> Path:
    """Ten minutes, encoded once."""
    target = CACHE / "kinds-source.mp3"
    if target.exists():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".part.mp3")
    with av.open(str(aside), "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=CODED_HZ, layout="stereo")
        stream.bit_rate = 128_000
        cast = replace(judging_cast(), spoil=False)
        for number in PART_SEEDS:
            made = programme(np.random.default_rng([9, number]), cast, PART_SECONDS, (4.0, 30.0)).samples
            sent = soxr.resample(made, RATE_HZ, CODED_HZ).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(np.stack([sent, sent]), format="fltp", layout="stereo")
            frame.rate, frame.pts = CODED_HZ, number * PART_SECONDS * CODED_HZ
            for part in av.AudioResampler("fltp", "stereo", CODED_HZ, 1152).resample(frame):
                out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    aside.rename(target)
    return target


def bare(path: Path) -> int:
    """Decode every sample and do nothing else; how many there are."""
    with av.open(str(path)) as container:
        return sum(frame.samples for frame in container.decode(audio=0))


def _against_decoding(rounds: int, jobs: int) -> None:
    path = long_file(MEASURED_HOURS)
    ways = {
        "decoding alone, one core": lambda: bare(path),
        f"kinds of sound, {jobs} jobs": lambda: _answers(path, jobs),
    }
    least = dict.fromkeys(ways, np.inf)
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            least[name] = min(least[name], time.perf_counter() - began)
    bottom = least["decoding alone, one core"]
    print(f"\n| {MEASURED_HOURS:.0f} hour, best of {rounds} | seconds | of bare decoding |\n|---|---|---|")
    for name, seconds in least.items():
        print(f"| {name} | {seconds:.1f} | {seconds / bottom:.2f} |")


def _answers(path: Path, jobs: int) -> int:
    """Number of regions, through the door that `cueline sound` uses."""
    from cueline.workbench.sounding import sounds_of_files

    (found,) = sounds_of_files([path], jobs=jobs)
    if found.reason:
        raise RuntimeError(f"{path.name} failed: {found.reason}")
    return len(found.regions)


def _one(hours: float, jobs: int) -> str:
    """One row of the table of memory, measured in a process of its own."""
    path = long_file(hours)
    command = [sys.executable, "-m", "benchmarks.kinds.speed_figures", str(path), str(jobs)]
    began = time.perf_counter()
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    regions, together, largest = ended.stdout.split()[-3:]
    return f"| {hours:.2f} | {time.perf_counter() - began:.1f} | {regions} | {together} | {largest} |"


class Memory:
    """Watches this process and all that come from it, while it is entered.

    Attributes:
        together: Greatest sum of resident sets seen, kB.
        largest: Greatest peak of any one of them, kB.
    """

    def __init__(self) -> None:
        self.together, self.largest = 0, 0
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Memory:
        """Begin."""
        self._watcher.start()
        return self

    def __exit__(self, *error: object) -> None:
        """End."""
        self._stop.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._stop.wait(WATCH_SECONDS):
            held = [sizes for each in _family() if (sizes := _sizes(each))]
            self.together = max(self.together, sum(resident for resident, _ in held))
            self.largest = max(self.largest, *(peak for _, peak in held), 0)


def _family() -> list[str]:
    """This process and all that come from it."""
    found = ["self"]
    for each in found:
        for tasks in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += tasks.read_text().split()
            except OSError:  # it ended meanwhile
                continue
    return found


def _sizes(process: str) -> tuple[int, int] | None:
    """Resident set and its peak, kB; None where the process has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    told = {line.partition(":")[0]: line.split()[1] for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return (int(told["VmRSS"]), int(told["VmHWM"])) if len(told) == 2 else None


def main() -> None:
    """One measurement of memory: regions, all processes, the largest, in MB."""
    path, jobs = Path(sys.argv[1]), int(sys.argv[2])
    with Memory() as memory:
        regions = _answers(path, jobs)
    print(regions, round(memory.together / 1024), round(memory.largest / 1024))


if __name__ == "__main__":
    main()
