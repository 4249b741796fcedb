"""Runs every benchmark, one after the other: `python -m benchmarks`, or `make bench`."""

from __future__ import annotations

import subprocess
import sys

COMMANDS = (
    "-m benchmarks.main_job --hour",
    "-m benchmarks.one_pass",
    "-m benchmarks.workers",
    "-m benchmarks.store",
    "-m benchmarks.likeness",
    "-m benchmarks.sound --long",
    "-m benchmarks.loudness --long",
    "-m benchmarks.report",
    "-m benchmarks.ranking --large",
    "-m benchmarks.active --rows 1000000 --classes 3",
    "-m benchmarks.labelling",
    "-m benchmarks.kinds.judge",
    "-m benchmarks.youtube8m_reading --all",
    "-m benchmarks.youtube8m",
    "benchmarks/shots/generate.py --split test --out build/shots/test",
    "benchmarks/shots/compare.py build/shots/test",
)

for command in COMMANDS:
    print(f"\n## python {command}", flush=True)
    subprocess.run([sys.executable, *command.split()], check=True)
