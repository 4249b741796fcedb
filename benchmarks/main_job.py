"""What the main job costs: against bare decoding, against PySceneDetect, in memory, in two workers, over 2,000 clips.

    python -m benchmarks.main_job              all but the hour
    python -m benchmarks.main_job --hour       memory of 60 minutes against 5, too
    python -m benchmarks.main_job --only pass  one part: pass, workers, memory, start or clips

Every figure is a ratio within one run; ways are measured in turn, the best of several rounds counts.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # as in the worker processes; read once, by the first import of numpy

import av  # noqa: E402

from benchmarks.media import CACHE, REAL, looped, rewritten  # noqa: E402
from cueline.engines.local import Local  # noqa: E402
from cueline.media.probe import probe  # noqa: E402
from cueline.workbench.analysis import spare_threads  # noqa: E402
from cueline.workbench.inspection import shots_of_files  # noqa: E402
from cueline.workbench.library import Library  # noqa: E402
from cueline.workbench.passes import AssetJob, analyze_asset  # noqa: E402
from cueline.workbench.planning import plan  # noqa: E402

FILM = REAL / "video/bbb_720p.mp4"
FILMS = (FILM, REAL / "video/sintel2_clip.mp4", REAL / "video/psd_testvideo.mp4")  # the last without sound


class Quiet:
    """Progress that nobody hears."""

    def at(self, phase: str, seconds: float = 0.0) -> None:
        """Say nothing."""


def bare(path: Path) -> int:
    """Decode every frame and every sample with PyAV and all threads, and do nothing else; how many frames there are."""
    with av.open(str(path)) as container:
        streams = [container.streams.video[0], *container.streams.audio[:1]]
        streams[0].thread_type = "AUTO"
        return sum(isinstance(frame, av.VideoFrame) for frame in container.decode(*streams))


def main_job(path: Path, threads: int) -> None:
    """All that `cueline analyze` does with one file, in this process: pictures and sound."""
    asset = probe(path).asset
    with tempfile.TemporaryDirectory() as folder:
        result = analyze_asset(AssetJob(path, asset, plan(), {}, Path(folder), threads), Quiet())
    failed = [outcome for outcome in result.outcomes if outcome.state == "failed"]
    if failed:
        raise RuntimeError(f"the main job failed: {failed}")


def adaptive(path: Path) -> None:
    """PySceneDetect's AdaptiveDetector with its defaults, on its own."""
    from scenedetect import AdaptiveDetector, detect

    detect(str(path), AdaptiveDetector())


def best(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The best time of each way in seconds, measured in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            times[name].append(time.perf_counter() - began)
    return {name: min(seconds) for name, seconds in times.items()}


def one_pass(rounds: int, film: Path) -> None:
    """The whole first pass against bare decoding and against PySceneDetect."""
    path = looped(film, 60)
    cores = os.cpu_count() or 1
    seconds = best(
        {
            "bare threaded decoding": lambda: bare(path),
            "main job": lambda: main_job(path, cores),
            "PySceneDetect Adaptive": lambda: adaptive(path),
        },
        rounds,
    )
    frames = bare(path)
    print(f"\n| {film.name}, 60 s | seconds | frames/s | of bare decoding |\n|---|---|---|---|")
    for name, value in seconds.items():
        print(f"| {name} | {value:.2f} | {frames / value:.0f} | {value / seconds['bare threaded decoding']:.2f} |")
    ratio = seconds["PySceneDetect Adaptive"] / seconds["main job"]
    print(f"\nmain job against PySceneDetect Adaptive: {ratio:.2f}x the speed")


def workers(rounds: int) -> None:
    """Two files in two workers against one after the other."""
    paths = [looped(FILM, 60), looped(FILM, 61)]

    def run(jobs: int) -> None:
        found = list(shots_of_files(paths, jobs=jobs))
        if any(answer.reason for answer in found):
            raise RuntimeError(f"shots failed: {found}")

    seconds = best({"one after the other": lambda: run(1), "two workers": lambda: run(2)}, rounds)
    print("\n| two 720p files of 60 s | seconds |\n|---|---|")
    for name, value in seconds.items():
        print(f"| {name} | {value:.2f} |")
    print(f"\ntwo workers: {seconds['one after the other'] / seconds['two workers']:.2f}x the speed")


def memory(minutes: tuple[int, ...]) -> None:
    """Peak memory of a process that analyses one file, by length.

    "peak" is the resident set with everything (ru_maxrss); "private" leaves out mapped files, which the kernel
    takes back when it needs room.
    """
    print("\n| minutes of 720p | peak, MB | private, MB | seconds |\n|---|---|---|---|")
    for length in minutes:
        path = looped(FILM, length * 60)
        command = [sys.executable, "-m", "benchmarks.main_job", "--weigh", str(path)]
        began = time.perf_counter()
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        peak, private = map(float, ended.stdout.split()[-2:])
        print(f"| {length} | {peak:.0f} | {private:.0f} | {time.perf_counter() - began:.1f} |", flush=True)


def weigh(path: Path) -> None:
    """Run the main job on one file in this process; print the peaks of its memory in MB (Linux)."""
    most, stop = [0], threading.Event()

    def look() -> None:
        while not stop.wait(0.05):
            status = Path("/proc/self/status").read_text()
            most[0] = max(most[0], int(status.partition("RssAnon:")[2].split()[0]))

    watcher = threading.Thread(target=look)
    watcher.start()
    main_job(path, spare_threads(1))
    stop.set()
    watcher.join()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, most[0] / 1024)


def start() -> None:
    """What it costs to begin: the import and the first help."""

    def run(*command: str) -> float:
        times = []
        for _ in range(7):
            began = time.perf_counter()
            subprocess.run([sys.executable, *command], capture_output=True, check=True)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    empty = run("-c", "pass")
    print("\n| start | seconds, python itself included | python alone |\n|---|---|---|")
    for name, command in (
        ("import cueline", ("-c", "import cueline")),
        ("cueline --help", ("-m", "cueline", "--help")),
    ):
        print(f"| `{name}` | {run(*command):.3f} | {empty:.3f} |")


def clips(count: int) -> None:
    """Many short clips: what each costs as the library grows, and how many processes were used."""
    folder = CACHE / f"clips-{count}"
    if not folder.exists():
        folder.mkdir(parents=True)
        for number in range(count):
            rewritten(REAL / "video/realshort.mp4", folder / f"clip {number}.mp4", f"clip {number}")
    with tempfile.TemporaryDirectory() as place:
        library = Library(Path(place) / "clips.cue")
        times, children = [], set()
        watcher = threading.Thread(target=_count_children, args=(children, stop := threading.Event()))
        watcher.start()
        began = time.perf_counter()
        library.add(folder, engine=Local())
        added = time.perf_counter() - began
        summary = library.analyze(engine=Local(), told=lambda _: times.append(time.perf_counter()))
        stop.set()
        watcher.join()
    quarter = count // 4
    first, last = times[quarter] - times[0], times[-1] - times[-1 - quarter]
    print(f"\n| {count} clips of 1.2 s | |\n|---|---|")
    print(f"| probing | {1000 * added / count:.1f} ms a clip |")
    print(f"| analysis | {1000 * (times[-1] - times[0]) / (count - 1):.1f} ms a clip |")
    print(f"| last quarter against the first | {last / first:.2f} |")
    print(f"| processes started | {len(children)} |")
    print(f"| done, failed | {summary.done}, {len(summary.failed)} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| peak memory of the parent | {peak:.0f} MB |")


def _count_children(seen: set[int], stop: threading.Event) -> None:
    """Note the process ids of children while the benchmark runs (Linux)."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    while not stop.wait(0.05):
        for task in tasks.iterdir():
            try:
                seen.update(map(int, (task / "children").read_text().split()))
            except OSError:
                continue


def main() -> None:
    """Run what was asked for."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--only", choices=("pass", "workers", "memory", "start", "clips"))
    options.add_argument("--hour", action="store_true", help="measure memory over 60 minutes, too")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--count", type=int, default=2000, help="how many clips")
    options.add_argument("--weigh", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.weigh:
        weigh(chosen.weigh)
        return
    parts: dict[str, Callable[[], object]] = {
        "start": start,
        "pass": lambda: [one_pass(chosen.rounds, film) for film in FILMS],
        "workers": lambda: workers(chosen.rounds),
        "memory": lambda: memory((1, 5, 60) if chosen.hour else (1, 5)),
        "clips": lambda: clips(chosen.count),
    }
    for name, part in parts.items():
        if chosen.only in (None, name):
            part()


if __name__ == "__main__":
    main()
