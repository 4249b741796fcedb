"""Judge the shipped detector of kinds of sound, on recordings that nothing was learned from.

    python -m benchmarks.kinds.judge                    everything
    python -m benchmarks.kinds.judge --only windows     one part: windows, regions, real, speed or leaks
    python -m benchmarks.kinds.judge --only windows --ways 2 --jobs 1    a quick look
    python -m benchmarks.kinds.judge --only speed --hours 1 10           10 hours too

Reads `audio` and `video` of `CUELINE_REAL`. What takes long to make is kept in `build/kinds`. scikit-learn gives the
rivals; silero-vad takes part where it is installed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks.kinds import leaks, real_figures, region_figures, speed_figures, window_figures
from cueline.detectors.sound.network import WEIGHTS

PARTS = ("leaks", "windows", "regions", "real", "speed")


def main() -> None:
    """Judge and print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--ways", type=int, default=4, help="ways that each window is sent, of 8")
    parser.add_argument("--programmes", type=int, default=12, help="of each sort")
    parser.add_argument("--hours", type=float, nargs="+", default=[1 / 6, 1.0, 10.0], help="lengths for memory")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    ours = WEIGHTS.exists()
    if not ours:
        print(f"there are no weights at {WEIGHTS.name}: the rivals alone are judged")
    parts: dict[str, Callable[[], None]] = {
        "leaks": leaks.figures,
        "windows": lambda: window_figures.figures(asked.ways, asked.jobs, ours=ours),
        "regions": lambda: region_figures.figures(asked.programmes, asked.jobs, ours=ours),
        "real": real_figures.figures,
        "speed": lambda: speed_figures.figures(asked.hours, asked.rounds, asked.jobs),
    }
    for name in PARTS:
        if asked.only in (None, name) and (ours or name in ("windows", "regions")):
            print(f"\n## {name}", flush=True)
            parts[name]()


if __name__ == "__main__":
    main()
